"""A shop's own rules, as data: opening times, minimum, monthly ceiling, pieces per good, warnings.

    >>> rules = read_policy({"opening": [{"weekday": 6, "opens": "09:00", "closes": "11:30"}, {"day": 25,
    ...     "opens": "09:00", "closes": "11:30"}], "minimum_points": 500})
    >>> rules.minimum_points, rules.opening[0].weekday, rules.month_points is None
    (500, 6, True)

A rule that is left out does not hold. Points are hundredths. Reading refuses unknown names, so a slip of the pen in a
rule is found when it is written, not at the till.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pointsbank.errors import BadInput

WHOLE = ("minimum_points", "month_points", "large_points", "pieces_per_good", "again_minutes", "near_expiry_days",
         "low_stock_pieces")


@dataclass(frozen=True)
class Opening:
    """Open on a weekday (1 Monday … 7 Sunday), on a day of the month, or every day (both None)."""

    opens: time
    closes: time
    weekday: int | None = None
    day: int | None = None

    def on(self, day: date) -> bool:
        return (self.weekday is None or day.isoweekday() == self.weekday) and (self.day is None or day.day == self.day)


@dataclass(frozen=True)
class Policy:
    """One version of a shop's rules, read. None: no such rule."""

    opening: tuple[Opening, ...]
    minimum_points: int = 0  # a redemption below it is refused
    month_points: int | None = None  # per household and calendar month, large goods not counted
    large_points: int | None = None  # a piece of at least this much is a large good
    pieces_per_good: int | None = None  # per household and sale
    again_minutes: int = 5
    near_expiry_days: int = 60
    low_stock_pieces: int = 5
    version: int = 0
    valid_from: date = date.min

    def is_large(self, unit_points: int) -> bool:
        return self.large_points is not None and unit_points >= self.large_points

    @property
    def rule_name(self) -> dict[str, str]:
        """How a refusal names this version."""
        return {"zh": f"超市规则第 {self.version} 版,{self.valid_from.isoformat()} 起",
                "en": f"shop rules version {self.version}, from {self.valid_from.isoformat()}"}


def _wrong(field: str, zh: str, en: str) -> BadInput:
    return BadInput(f"body.{field}", zh, en)


def read_time(text: Any, field: str) -> time:
    """'09:00' -> time(9). Raises BadInput."""
    if not isinstance(text, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise _wrong(field, "时间要写成 09:00 这样。", "A time is written like 09:00.")
    return time(int(text[:2]), int(text[3:]))


def _opening(entry: Any) -> Opening:
    if not isinstance(entry, dict) or set(entry) - {"weekday", "day", "opens", "closes"}:
        raise _wrong("opening", "开市时间写法不对。", "An opening rule is malformed.")
    opens, closes = read_time(entry.get("opens"), "opening"), read_time(entry.get("closes"), "opening")
    weekday, day = entry.get("weekday"), entry.get("day")
    good = (weekday is None or weekday in range(1, 8)) and (day is None or day in range(1, 32)) and opens < closes
    if not good:
        raise _wrong("opening", "开市的日子或钟点不对。", "An opening rule names no such day or hour.")
    return Opening(opens, closes, weekday, day)


def read_policy(body: dict[str, Any], version: int = 0, valid_from: date = date.min) -> Policy:
    """The rules in a version's body. Raises BadInput that names what is wrong."""
    if unknown := set(body) - set(WHOLE) - {"opening"}:
        name = sorted(unknown)[0]
        raise _wrong(name, f"没有“{name}”这种规则。", f"There is no rule “{name}”.")
    numbers: dict[str, Any] = {}
    for name in WHOLE:
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10**9:
            raise _wrong(name, f"{name} 要写不小于 0 的整数。", f"{name} must be a whole number of at least 0.")
        numbers[name] = value
    opening = body.get("opening", [])
    if not isinstance(opening, list) or len(opening) > 50:
        raise _wrong("opening", "开市时间要写成清单。", "Opening rules form a list.")
    return Policy(tuple(_opening(entry) for entry in opening), version=version, valid_from=valid_from, **numbers)
