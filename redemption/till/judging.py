"""May this household redeem this basket, and if not, why and what is possible? One judgement for preview and posting.

`gather` reads everything a judgement needs, in a number of statements that does not grow with the basket; `judge` is
pure. At the till both run under the lock of the wallet and the batches, so that what was judged still holds when it
is posted; a preview runs the same two without the lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

import ledger
from ledger import Balance
from pointsbank import accounts
from pointsbank.amounts import format_points
from pointsbank.benefits import Grant, benefits_on, facts_of_rules, granted
from pointsbank.eligibility import (
    StoredRule,
    Verdict,
    evaluate,
    facts_for,
    find_spec,
    more_words,
    rules_on,
    shortest_way,
    spec_of,
)
from pointsbank.people import HouseholdCard
from redemption.errors import (
    BelowMinimum,
    CannotDecide,
    DomainError,
    NoPrice,
    NoSuchGood,
    NotEligible,
    NotEnoughPoints,
    OutOfStock,
    OverLimit,
    Retired,
    SoldOut,
)
from redemption.goods import GoodCard, goods_on, siblings_of
from redemption.shops import Policy, ShopCard, policy_on, shops_under
from redemption.stock import GoodStock, allocate, free_elsewhere, stock_of
from redemption.till.bought import LINE_FACTS, Bought, bought_since, line_facts, line_window
from redemption.till.privileges import Reduced, ceiling_words, month_ceiling, reduced

LINES_MAX = 50
PIECES_MAX = 999
SHOPS_MAX = 50


class Item(NamedTuple):
    sku: str
    quantity: int


@dataclass(frozen=True)
class LineVerdict:
    """One line judged. `possible`: how many pieces the line's own limits let through; `refusal` None: it passes.

    `unit_points`: what a piece costs this household; `reduced`: by which benefit it costs less than others pay.
    """

    index: int
    sku: str
    name: str
    unit: str
    quantity: int
    unit_points: int
    points: int
    possible: int
    refusal: DomainError | None = None
    price_version: int = 0
    rule_version: int | None = None
    reduced: Reduced | None = None
    review_due: StoredRule | None = None  # the limit's rule, past its review day: whoever relies on it is told

    @property
    def full_points(self) -> int:
        """A piece's price without any benefit: what decides whether it is a large good."""
        return self.reduced.full if self.reduced else self.unit_points


@dataclass(frozen=True)
class Judgement:
    """The lines, and what stands against the basket as a whole (minimum, monthly ceiling, points)."""

    lines: tuple[LineVerdict, ...]
    total: int
    balance: Balance
    basket: DomainError | None

    @property
    def refusal(self) -> DomainError | None:
        """The first reason why it cannot be: a line's before the basket's."""
        return next((line.refusal for line in self.lines if line.refusal is not None), self.basket)


@dataclass(frozen=True)
class Facts:
    """Everything read for judging one household at one shop on one day."""

    shop: ShopCard
    on: date
    policy: Policy
    goods: Mapping[str, GoodCard]
    stock: Mapping[str, GoodStock]
    rules: Mapping[str, StoredRule]
    household: dict[str, Any]
    history: Sequence[Bought]
    balance: Balance
    siblings: Mapping[str, dict[str, str]]
    grants: tuple[Grant, ...] = ()  # the household's benefits of the day


def gather(s: Session, shop: ShopCard, household: HouseholdCard, skus: Iterable[str] | None, on: date, *,
           siblings: bool = True) -> Facts:
    """Read for judging these goods (None: the whole list). About fifteen statements, whatever the number of goods."""
    book_id = shop.book_id
    policy = policy_on(s, book_id, shop.code, on)
    goods = goods_on(s, book_id, on, skus)
    rules = rules_on(s, [good.rule_code for good in goods.values() if good.rule_code], on)
    benefits = benefits_on(s, household.place_code, on)
    names = {name for rule in rules.values() for name in rule.rule.facts} | facts_of_rules(benefits)
    names -= LINE_FACTS.keys()
    known = [name for name in names if find_spec(name) is not None]
    facts = facts_for(s, book_id, [household.id], known, on=on)[household.id]
    windows = [line_window(name, on) for rule in rules.values() for name in rule.rule.facts if name in LINE_FACTS]
    history = bought_since(s, book_id, [household.id], min([on.replace(day=1), *windows]), on)
    wallet = accounts.wallet(household.id, household.place_code)
    balance = ledger.balances(s.connection(), book_id, [wallet], today=on)[wallet]
    stock = stock_of(s, book_id, shop.code, on, goods)
    found = Facts(shop, on, policy, goods, stock, rules, facts, history, balance, {},
                  granted(benefits, facts, on))
    short = [good for good in goods.values() if siblings and _free(found, good.sku) == 0]
    return replace(found, siblings=sibling_words(s, shop, short, on))


def judge_basket(s: Session, shop: ShopCard, household: HouseholdCard, items: Sequence[Item], on: date) -> Judgement:
    """The one judgement of a basket, for preview and posting alike."""
    return judge(gather(s, shop, household, {item.sku for item in items}, on), items)


def judge(facts: Facts, items: Sequence[Item]) -> Judgement:
    """Pure: the facts and a basket in, what may be and what may not out."""
    lines = tuple(_line(facts, index, item) for index, item in enumerate(items))
    total = sum(line.points for line in lines)
    return Judgement(lines, total, facts.balance, _basket(facts, lines, total))


# -- one line ----------------------------------------------------------------------------------------------------
def _line(facts: Facts, index: int, item: Item) -> LineVerdict:
    good = facts.goods.get(item.sku)
    if good is None:
        return LineVerdict(index, item.sku, item.sku, "", item.quantity, 0, 0, 0,
                           NoSuchGood(f"items.{index}.sku", given=item.sku[:20]))
    each = good.price.points if good.price else 0
    less = reduced(facts.grants, good, each) if each else None
    each = less.points if less else each
    rule = facts.rules.get(good.rule_code) if good.rule_code else None
    verdict = LineVerdict(index, good.sku, good.name, good.unit, item.quantity, each, each * item.quantity, 0,
                          price_version=good.price.version if good.price else 0,
                          rule_version=rule.version if rule else None, reduced=less,
                          review_due=rule if rule and rule.overdue(facts.on) else None)
    field = f"items.{index}"
    if good.retired_on is not None and good.retired_on <= facts.on:
        return replace(verdict, refusal=Retired(field, good=good.name))
    if good.price is None:
        return replace(verdict, refusal=NoPrice(field, good=good.name))
    if good.rule_code and (rule is None or any(find_spec(name) is None for name in rule.rule.facts)):
        # a limit that cannot be read is no permission
        title = {"zh": rule.title_zh, "en": rule.title_en} if rule else _both(good.rule_code)
        return replace(verdict, refusal=CannotDecide(field, good=good.name, rule=title, missing=_both(good.rule_code)))
    allowed, refusal = _allowed(facts, good, rule, item.quantity, field)
    free = _free(facts, good.sku)
    possible = min(allowed, free)
    if refusal is None and item.quantity > free:
        refusal = _short(facts, good, item.quantity, free, field)
    return replace(verdict, possible=possible, refusal=refusal)


def _allowed(facts: Facts, good: GoodCard, rule: StoredRule | None, quantity: int,
             field: str) -> tuple[int, DomainError | None]:
    """How many pieces rules and the shop's own limit let through, and the refusal when that is too few."""
    most = facts.policy.pieces_per_good
    refusal: DomainError | None = None
    allowed = quantity
    if most is not None and quantity > most:
        allowed = most
        refusal = OverLimit(field, rule={"zh": f"单品每次限 {most} {good.unit}({facts.policy.rule_name['zh']})",
                                         "en": f"at most {most} of a good at a time ({facts.policy.rule_name['en']})"},
                            possible=_possible(most, good), possible_quantity=most)
    if rule is None:
        return allowed, refusal
    verdict = evaluate(rule.rule, facts.household | line_facts(facts.history, good.sku, quantity, facts.on))
    if verdict.outcome is True:
        return allowed, refusal
    title = {"zh": rule.title_zh, "en": rule.title_en}
    if verdict.outcome is None:
        missing = {lang: comma.join(spec_of(name).title(lang) for name in verdict.undecided)
                   for lang, comma in (("zh", "、"), ("en", ", "))}
        return 0, CannotDecide(field, good=good.name, rule=title, missing=missing, rule_code=rule.code,
                               rule_version=rule.version)
    if not any(criterion.fact in LINE_FACTS for criterion in shortest_way(verdict)):
        return 0, NotEligible(field, good=good.name, rule=title, missing=_missing(verdict), rule_code=rule.code,
                              rule_version=rule.version)
    allowed = min(allowed, _most_by_rule(facts, good, rule, quantity - 1))
    return allowed, OverLimit(field, rule=title, possible=_possible(allowed, good), possible_quantity=allowed,
                              rule_code=rule.code, rule_version=rule.version)


def _missing(verdict: Verdict) -> dict[str, str]:
    """'(现有星数还差 1 颗)'; nothing where a figure is private or no amount would help."""
    short = [c for c in shortest_way(verdict) if c.operator in (">=", ">")]
    found = {lang: [words for c in short if (words := more_words(c, lang))] for lang in ("zh", "en")}
    return {lang: opening + comma.join(found[lang]) + closing if found[lang] else ""
            for lang, opening, comma, closing in (("zh", "(", ",", ")"), ("en", " (", ", ", ")"))}


def _most_by_rule(facts: Facts, good: GoodCard, rule: StoredRule, most: int) -> int:
    """The largest number of pieces, at most `most`, that the rule lets through."""
    for quantity in range(min(most, PIECES_MAX), 0, -1):
        counted = line_facts(facts.history, good.sku, quantity, facts.on)
        if evaluate(rule.rule, facts.household | counted).outcome is True:
            return quantity
    return 0


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _possible(pieces: int, good: GoodCard) -> dict[str, str]:
    if pieces > 0:
        return {"zh": f"最多可兑 {pieces} {good.unit}。", "en": f"At most {pieces} possible."}
    return {"zh": "本户现在不能再兑这一样。", "en": "This household cannot redeem it now."}


def _free(facts: Facts, sku: str) -> int:
    stock = facts.stock.get(sku)
    return max(stock.free, 0) if stock else 0


def _short(facts: Facts, good: GoodCard, wanted: int, free: int, field: str) -> DomainError:
    stock = facts.stock.get(good.sku)
    hint = dict(facts.siblings.get(good.sku, {"zh": "", "en": ""}))
    if stock and stock.expired:
        hint["zh"] += f"另有 {stock.expired} {good.unit}已过期,只能报损,不能兑换。"
        hint["en"] += f"{stock.expired} have expired and can only be written off."
    known: dict[str, Any] = {"good": good.name, "unit": {"zh": good.unit, "en": "pcs"}, "shop": facts.shop.name,
                             "held": stock.held if stock else 0, "sibling": hint, "possible_quantity": free}
    if free == 0:
        return SoldOut(field, **known)
    return OutOfStock(field, on_hand=free, wanted=wanted, **known)


def sibling_words(s: Session, shop: ShopCard, goods: Sequence[GoodCard], on: date) -> dict[str, dict[str, str]]:
    """Where goods that are missing here do lie: under a sibling's code in this shop, or in another shop of the town."""
    if not goods:
        return {}
    others = {other.code: other.name for other in shops_under(s, shop.book_id, [shop.place_code[:9]])[:SHOPS_MAX]}
    kin = {good.sku: siblings_of(s, good) for good in goods[:LINES_MAX]}
    wanted = set(kin) | {name for names in kin.values() for name in names}
    free = free_elsewhere(s, shop.book_id, [shop.code, *others], wanted, on)
    cards = goods_on(s, shop.book_id, on, {sku for _, sku in free})
    words: dict[str, dict[str, str]] = {}
    for good in goods[:LINES_MAX]:
        zh, en = [], []
        for (code, sku), pieces in free.items():
            if code == shop.code and sku in kin[good.sku]:
                zh.append(f"{cards[sku].name}({sku})有 {pieces} {cards[sku].unit}")
                en.append(f"{cards[sku].name} ({sku}): {pieces}")
            elif code != shop.code and sku == good.sku:
                zh.append(f"{others[code]}有 {pieces} {good.unit}")
                en.append(f"{others[code]}: {pieces}")
        if zh:
            words[good.sku] = {"zh": "也许记在别处:" + ";".join(zh) + "。",
                               "en": "Perhaps booked elsewhere: " + "; ".join(en) + "."}
    return words


# -- the basket ---------------------------------------------------------------------------------------------------
def _basket(facts: Facts, lines: Sequence[LineVerdict], total: int) -> DomainError | None:
    policy, balance = facts.policy, facts.balance
    # what the points do not reach is refused as such: to somebody who lacks points the minimum is no news
    if 0 < total <= balance.available and total < policy.minimum_points:
        return BelowMinimum("items", minimum=format_points(policy.minimum_points), rule=policy.rule_name,
                            total=format_points(total), available=format_points(balance.available))
    return _over_month(facts, lines) or _not_enough(facts, lines, total)


def _not_enough(facts: Facts, lines: Sequence[LineVerdict], total: int) -> DomainError | None:
    balance = facts.balance
    if total <= balance.available:
        return None
    return NotEnoughPoints("items", need=format_points(total), available=format_points(balance.available),
                           posted=format_points(balance.posted), held=format_points(balance.held),
                           possible=_affordable(facts.policy, lines, balance.available))


def month_left(facts: Facts) -> int | None:
    """Points a household may still redeem this month, its benefits included; None: no ceiling."""
    ceiling = month_ceiling(facts.policy, facts.grants)
    if ceiling is None:
        return None
    spent = sum(row.points for row in facts.history
                if row.day >= facts.on.replace(day=1) and not facts.policy.is_large(row.unit_points))
    return max(ceiling - spent, 0)


def _over_month(facts: Facts, lines: Sequence[LineVerdict]) -> DomainError | None:
    left = month_left(facts)
    counted = sum(line.points for line in lines if not facts.policy.is_large(line.full_points))
    if left is None or counted <= left:
        return None
    return OverLimit(
        "items", rule=ceiling_words(facts.policy, facts.grants),
        possible={"zh": f"本月还可兑 {format_points(left)} 分,这次要 {format_points(counted)} 分。",
                  "en": f"{format_points(left)} left this month, this basket takes {format_points(counted)}."},
        possible_points=left)


def _affordable(policy: Policy, lines: Sequence[LineVerdict], available: int) -> dict[str, str]:
    """What the points would do: pieces of the only good, else what is missing."""
    if available < 0:
        return {"zh": "余额为负,新得的分先补欠分,补足之前不能兑换。",
                "en": "The balance is below zero: new points fill the hole first, nothing can be redeemed before."}
    if len(lines) == 1 and (each := lines[0].unit_points) and (pieces := available // each) \
            and pieces * each >= policy.minimum_points:
        return {"zh": f"最多可换 {pieces} {lines[0].unit}。", "en": f"Enough for {pieces}."}
    missing = format_points(sum(line.points for line in lines) - available)
    words = {"zh": f"还差 {missing} 分。", "en": f"{missing} more needed."}
    if 0 < available < policy.minimum_points:
        minimum, rule = format_points(policy.minimum_points), policy.rule_name
        words["zh"] += f"每次兑换至少 {minimum} 分({rule['zh']})。"
        words["en"] += f" A redemption takes at least {minimum} points ({rule['en']})."
    return words


def plan_batches(facts: Facts, lines: Sequence[LineVerdict]) -> list[list[tuple[Any, int]]]:
    """For each line, the batches that give its pieces, first expired first out."""
    return [allocate(facts.stock.get(line.sku), line.quantity, facts.on) for line in lines]


def shelf_status(facts: Facts) -> dict[str, DomainError | None]:
    """For every good: why this household cannot redeem one piece now, or None.

    The minimum is a basket's business, unless all the points of the wallet stay below it.
    """
    status: dict[str, DomainError | None] = {}
    for sku in facts.goods:
        judged = judge(facts, [Item(sku, 1)])
        basket = _not_enough(facts, judged.lines, judged.total) or judged.basket
        if isinstance(basket, BelowMinimum) and facts.balance.available >= facts.policy.minimum_points:
            basket = None
        status[sku] = judged.lines[0].refusal or basket
    return status
