"""What a rule counts in, and how its figure is rounded: two small tables that everything else reads.

    >>> UNITS["hour"].zh, UNITS["hour"].measure, UNITS["person_time"].whole
    ('小时', 'minutes', True)
    >>> ROUNDINGS["down"].apply(Fraction(2505, 10))
    250

A unit says which figure of a fact is counted (pieces, minutes or fen) and whether only whole ones exist: nobody
organises 1.5 activities, but half a day of labour is half a day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

PLURAL = re.compile(r"((?:(?<![\d.,–])\d[\d.]* )?)([a-z-]+)\(s\)")
Measure = Literal["quantity", "minutes", "amount"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of counting. `scale` is how many of the fact's own figure (minutes, fen) make one unit."""

    code: str
    zh: str
    en: str
    measure: Measure = "quantity"
    whole: bool = True
    scale: int = 1


UNITS: dict[str, Unit] = {unit.code: unit for unit in (
    Unit("hour", "小时", "h", measure="minutes", whole=False, scale=60),
    Unit("donation_yuan", "元", "yuan", measure="amount", whole=False, scale=100),
    Unit("person_day", "人·日", "person-day(s)", whole=False),
    Unit("time", "次", "time(s)"),
    Unit("order", "单", "order(s)"),
    Unit("piece", "件", "case(s)"),
    Unit("item", "条", "item(s)"),
    Unit("session", "场", "session(s)"),
    Unit("person", "人", "person(s)"),
    Unit("person_time", "人·次", "person-time(s)"),
    Unit("month", "月", "month(s)"),
    Unit("quarter", "季", "quarter(s)"),
    Unit("year", "年", "year(s)"),
    Unit("household_month", "户·月", "household-month(s)"),
    Unit("household_quarter", "户·季", "household-quarter(s)"),
    Unit("household_year", "户·年", "household-year(s)"),
)}


def plurals(text: str) -> str:
    """English with its numbers in mind: '1 time(s)' -> '1 time', '3 time(s)' -> '3 times', 'time(s)' -> 'times'."""
    return PLURAL.sub(lambda found: f"{found[1]}{found[2]}" + ("" if found[1].strip() == "1" else "s"), text)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an exact figure in hundredths of a point becomes whole hundredths; `grid` is the step kept."""

    code: str
    zh: str
    en: str
    grid: int = 1
    half_up: bool = False
    whole_units: bool = False

    def apply(self, exact: Fraction) -> int:
        """Round a figure >= 0 once. The sign of a deduction is put on afterwards, so −2.5 and 2.5 round alike."""
        steps = exact / self.grid
        whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator) if self.half_up \
            else steps.numerator // steps.denominator
        return whole * self.grid


ROUNDINGS: dict[str, Rounding] = {rounding.code: rounding for rounding in (
    Rounding("half_up", "四舍五入到 0.01 分", "half up to 0.01", half_up=True),
    Rounding("down", "舍去不足 0.01 分的部分", "down to 0.01"),
    Rounding("half_up_tenth", "四舍五入到 0.1 分", "half up to 0.1", grid=10, half_up=True),
    Rounding("down_tenth", "舍去不足 0.1 分的部分", "down to 0.1", grid=10),
    Rounding("half_up_point", "四舍五入到 1 分", "half up to a whole point", grid=100, half_up=True),
    Rounding("down_point", "舍去不足 1 分的部分", "down to a whole point", grid=100),
    Rounding("whole_units", "只计整份,不足一份不计", "only whole steps count, the rest is left out", whole_units=True),
)}
