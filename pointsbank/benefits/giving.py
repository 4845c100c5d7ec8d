"""What a benefit gives, as data: a reduced price, a higher ceiling, a letter to a bank, a turn before others, a gift.

    >>> gift = read_giving("discount", {"percent_off": 20, "goods": ["P21"]})
    >>> gift.price(1000), gift.price(333), gift.covers("P21", "服务"), gift.covers("P01", "日用")
    (800, 266, True, False)
    >>> read_giving("quota", {"month_points": 2000}).words("zh")
    '每月多兑 20.00 分'

Reading refuses unknown names and kinds, so a slip of the pen is found when a benefit is written, not at the till.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointsbank.amounts import format_points
from pointsbank.errors import BadInput

KINDS = ("priority", "discount", "quota", "letter", "welfare")
KIND_ZH = {"priority": "优先", "discount": "折扣", "quota": "额度", "letter": "利率优惠函", "welfare": "村级福利"}
KIND_EN = {"priority": "priority", "discount": "discount", "quota": "quota", "letter": "interest-rate letter",
           "welfare": "village welfare"}
NAMES = {"priority": {"gives_zh", "gives_en"}, "welfare": {"gives_zh", "gives_en"},
         "discount": {"percent_off", "goods", "categories", "gives_zh", "gives_en"}, "quota": {"month_points"},
         "letter": {"bank", "gives_zh", "gives_en"}}
TEXT_MAX, LIST_MAX = 200, 50
POINTS_MAX = 10_000_000


@dataclass(frozen=True)
class Giving:
    """One benefit's content. `percent_off`: of a price; `goods`/`categories`: which (none named: all)."""

    kind: str
    gives_zh: str = ""
    gives_en: str = ""
    percent_off: int = 0
    goods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    month_points: int = 0
    bank: str = ""

    def covers(self, sku: str, category: str) -> bool:
        """Whether a discount is for this good; '粮油·短保' belongs to 粮油."""
        if self.kind != "discount":
            return False
        named = sku in self.goods or category in self.categories or category.split("·")[0] in self.categories
        return named or not (self.goods or self.categories)

    def price(self, points: int) -> int:
        """The reduced price of a piece in hundredths: multiplied first, rounded once, half up; never below 0.01."""
        return max((points * (100 - self.percent_off) + 50) // 100, 1)

    def words(self, lang: str) -> str:
        """What is given, in a few words: '每月多兑 20.00 分'."""
        english = lang.startswith("en")
        if self.gives_zh:
            return self.gives_en if english else self.gives_zh
        if self.kind == "discount":
            what = "、".join((*self.categories, *self.goods))
            if english:
                return f"{self.percent_off}% off {what.replace('、', ', ') or 'everything'}"
            return f"兑换{what or '所有商品'}减 {self.percent_off}%"
        points = format_points(self.month_points)
        return f"{points} points more a month" if english else f"每月多兑 {points} 分"


def kind_words(kind: str, lang: str) -> str:
    """The kind in words: '折扣'."""
    return (KIND_EN if lang.startswith("en") else KIND_ZH)[kind]


def _wrong(field: str, zh: str, en: str) -> BadInput:
    return BadInput(f"body.{field}", zh, en)


def _whole(body: dict[str, Any], name: str, low: int, high: int) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise _wrong(name, f"{name} 要写 {low} 到 {high} 的整数。", f"{name} is a whole number from {low} to {high}.")
    return value


def _texts(body: dict[str, Any], name: str) -> tuple[str, ...]:
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > LIST_MAX or not all(
            isinstance(one, str) and 1 <= len(one) <= 20 for one in value):
        raise _wrong(name, f"{name} 要写成短词的清单。", f"{name} is a list of short words.")
    return tuple(value)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= TEXT_MAX:
        raise _wrong(name, f"{name} 要写 1 到 {TEXT_MAX} 个字。", f"{name} has 1 to {TEXT_MAX} characters.")
    return value.strip()


def read_giving(kind: str, body: dict[str, Any]) -> Giving:
    """The content of a version's body. Raises BadInput that names what is wrong."""
    if kind not in KINDS:
        raise BadInput("kind", f"没有“{kind}”这种福利。", f"There is no benefit of the kind “{kind}”.")
    if unknown := set(body) - NAMES[kind]:
        name = sorted(unknown)[0]
        raise _wrong(name, f"这种福利没有“{name}”这一项。", f"This kind of benefit has no “{name}”.")
    if kind == "discount":
        own = ("gives_zh" in body) or ("gives_en" in body)  # names of goods instead of their codes: in both languages
        return Giving(kind, _text(body, "gives_zh") if own else "", _text(body, "gives_en") if own else "",
                      percent_off=_whole(body, "percent_off", 1, 99), goods=_texts(body, "goods"),
                      categories=_texts(body, "categories"))
    if kind == "quota":
        return Giving(kind, month_points=_whole(body, "month_points", 1, POINTS_MAX))
    bank = _text(body, "bank") if kind == "letter" else ""
    return Giving(kind, _text(body, "gives_zh"), _text(body, "gives_en"), bank=bank)
