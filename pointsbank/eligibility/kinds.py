"""The five kinds of facts: how each is stored, written in a rule, and shown.

A rule is written as people speak; figures are stored in the smallest unit, and nothing is ever a binary fraction:

    kind        stored as            written in a rule       shown
    whole       a whole number       stars >= 3              3 颗
    hundredths  1/100 point          score >= 8   (= 800)    8.00 分
    minutes     whole minutes        hours >= 20  (= 1200)   20 小时
    boolean     yes or no            promise / not promise   是 / 否
    text        characters           place == "230199100200"

    >>> to_stored("minutes", Decimal("1.5")), to_stored("hundredths", Decimal("7.25")), to_stored("whole", Decimal(3))
    (90, 725, 3)
    >>> to_stored("minutes", Decimal("0.01")) is None      # not a whole number of minutes
    True
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pointsbank.amounts import format_hours, format_points

Kind = Literal["whole", "hundredths", "minutes", "boolean", "text"]
Value = int | bool | str
KINDS: tuple[Kind, ...] = ("whole", "hundredths", "minutes", "boolean", "text")
NUMBERS: tuple[Kind, ...] = ("whole", "hundredths", "minutes")
BEYOND = 10**18  # no figure of a book is as large; the databases' integers hold it, and the gap of two
SCALE: dict[str, int] = {"whole": 1, "hundredths": 100, "minutes": 60}


def to_stored(kind: Kind, written: Decimal) -> int | None:
    """The stored figure of a number as written in a rule; None when the kind has no such figure."""
    scaled = written * SCALE[kind]
    return int(scaled) if scaled == scaled.to_integral_value() else None


def fits(kind: Kind, value: Any) -> bool:
    """Whether a value is of the kind: text "9" is no number, True is not 1, and nothing is beyond what can be stored.

    >>> fits("whole", 9), fits("whole", "9"), fits("whole", True), fits("whole", 10**18), fits("text", "村\\x00")
    (True, False, False, False, False)
    """
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "text":
        return isinstance(value, str) and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < BEYOND


def show(kind: Kind, value: Value, unit: str, lang: str) -> str:
    """A figure with its unit: '20 小时', '8.00 分', '3 颗'."""
    if kind == "boolean":
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if kind == "text":
        return f"“{value}”"
    number = int(value)
    text = {"hundredths": format_points, "minutes": format_hours}.get(kind, str)(number)
    return f"{text} {unit}".strip()
