"""What a household's benefits change at the till: a reduced price, a higher monthly ceiling. Pure.

The grants come from the bank's benefits, judged by the same engine as every limit; here they only meet prices. A
reduced price is never added to another one: the best for the household holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pointsbank.amounts import format_points
from pointsbank.benefits import Grant
from redemption.goods import GoodCard
from redemption.shops import Policy


class Reduced(NamedTuple):
    """A piece's price by a benefit, beside the full one; both in hundredths."""

    points: int
    full: int
    grant: Grant

    @property
    def sentence(self) -> dict[str, str]:
        """What the cart's line and the slip say."""
        percent, full = self.grant.benefit.giving.percent_off, format_points(self.full)
        both = self.grant.benefit.both
        return {"zh": f"原价 {full} 分,按“{both['zh']}”减 {percent}%",
                "en": f"{full} reduced by {percent}% (“{both['en']}”)"}


def reduced(grants: Sequence[Grant], good: GoodCard, full: int) -> Reduced | None:
    """The best reduced price of a piece; None where no benefit covers the good or none makes it cheaper."""
    offers = [Reduced(grant.benefit.giving.price(full), full, grant) for grant in grants
              if grant.benefit.giving.covers(good.sku, good.category)]
    best = min(offers, key=lambda offer: (offer.points, offer.grant.benefit.code), default=None)
    return best if best is not None and best.points < full else None


def raising(grants: Sequence[Grant]) -> list[Grant]:
    """The benefits that raise the monthly ceiling."""
    return [grant for grant in grants if grant.benefit.kind == "quota"]


def month_ceiling(policy: Policy, grants: Sequence[Grant]) -> int | None:
    """Points a household may redeem in a month: the shop's ceiling and what its benefits add; None: no ceiling."""
    if policy.month_points is None:
        return None
    return policy.month_points + sum(grant.benefit.giving.month_points for grant in raising(grants))


def ceiling_words(policy: Policy, grants: Sequence[Grant]) -> dict[str, str]:
    """'每户每月最多兑换 80.00 分(60.00 分,另按“…”多 20.00 分;大件不计;超市规则第 1 版…)'."""
    whole, own = format_points(month_ceiling(policy, grants) or 0), format_points(policy.month_points or 0)
    zh, en = "", ""
    if added := raising(grants):
        zh = f"{own} 分,另" + "、".join(
            f"按“{grant.benefit.title_zh}”多 {format_points(grant.benefit.giving.month_points)} 分"
            for grant in added) + ";"
        en = f"{own}, and by " + ", ".join(
            f"“{grant.benefit.title_en}” {format_points(grant.benefit.giving.month_points)} more"
            for grant in added) + "; "
    return {"zh": f"每户每月最多兑换 {whole} 分({zh}大件不计;{policy.rule_name['zh']})",
            "en": f"at most {whole} points per household and month, large goods apart ({en}{policy.rule_name['en']})"}
