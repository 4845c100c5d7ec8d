"""What a place decides for itself as data: late entries, the length of a day, when points expire.

    >>> POLICY.due_on(date(2026, 11, 25))          # points of a year can be spent until 31 March of the next
    datetime.date(2027, 3, 31)

A place without a policy of its own follows the nearest place above it; without any, `policy.json` holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from importlib import resources

from lunar_python.util import HolidayUtil
from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.places import ancestors
from pointsbank.records.models import PlacePolicy

EXPIRIES = ("never", "year_end", "year_end_with_grace", "rolling_months")
SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Policy:
    """How a place keeps its records. `late_days`: older deeds need the late mark (补录) and a reason.

    `day_minutes` is the longest day of service of one person; `day_minutes_by_rule` lets single rules (emergencies)
    go further. `expiry` with `expiry_months`: never, year_end, year_end_with_grace, rolling_months. `carry_most` points
    or `carry_percent` of what there is, whichever is less, go on after 31 December; both None: all of it. A cap holds
    from the day it was set, `carry_since`.
    """

    begins_on: date | None
    late_days: int
    day_minutes: int
    day_minutes_by_rule: dict[str, int] = field(hash=False)
    expiry: str
    expiry_months: int
    carry_most: int | None = None
    carry_percent: int | None = None
    carry_since: date | None = None

    @property
    def caps(self) -> bool:
        return self.carry_most is not None or self.carry_percent is not None

    def minutes_a_day(self, rule_code: str) -> int:
        return self.day_minutes_by_rule.get(rule_code, self.day_minutes)

    def due_on(self, day: date) -> date | None:
        """The last day on which points for a deed of that day can be spent; None: for ever."""
        if self.expiry == "never":
            return None
        if self.expiry == "year_end":
            return date(day.year, 12, 31)
        if self.expiry == "year_end_with_grace":
            return end_of_month(date(day.year, 12, 31), self.expiry_months)
        return same_day(day, self.expiry_months)


def end_of_month(day: date, months: int) -> date:
    """The last day of the month so many months after the day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + months + 1, 12)
    return date(year, month + 1, 1) - ONE_DAY


def same_day(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    last = end_of_month(day, months)
    return min(last, last.replace(day=min(day.day, last.day)))


def _default() -> Policy:
    return Policy(**json.loads(resources.files(__package__).joinpath("policy.json").read_text("utf-8")))


POLICY = _default()


@dataclass(frozen=True)
class SetPolicy:
    place_code: str
    late_days: int = POLICY.late_days
    day_minutes: int = POLICY.day_minutes
    day_minutes_by_rule: tuple[tuple[str, int], ...] = tuple(POLICY.day_minutes_by_rule.items())
    expiry: str = POLICY.expiry
    expiry_months: int = POLICY.expiry_months
    begins_on: date | None = None
    carry_most: int | None = None  # hundredths of a point
    carry_percent: int | None = None


def set_policy(s: Session, cmd: SetPolicy, *, by: Actor, at: datetime) -> Policy:
    """Set a place's own policy; holds for what is recorded and posted from now on. Raises NotAllowed, BadInput."""
    if cmd.expiry not in EXPIRIES:
        raise BadInput("expiry", "没有这种有效期办法。", "There is no such way to expire.")
    if not 0 <= cmd.expiry_months <= 120 or not 0 <= cmd.late_days <= 3660:
        raise BadInput("expiry_months", "月数或天数超出范围。", "The number of months or days is out of range.")
    if (cmd.carry_most or 0) < 0 or not 0 <= (cmd.carry_percent or 0) <= 100:
        raise BadInput("carry_most", "结转上限不能是负数,比例是 0 到 100。",
                       "A carry-over cap is not below zero, a share is 0 to 100.")
    with unit_of_work(s):
        require(by, "schedule.publish", at_place=cmd.place_code)
        row = s.get(PlacePolicy, cmd.place_code)
        if row is None:
            row = PlacePolicy(place_code=cmd.place_code)
            s.add(row)
        row.begins_on, row.late_days, row.day_minutes = cmd.begins_on, cmd.late_days, cmd.day_minutes
        row.day_minutes_by_rule = dict(cmd.day_minutes_by_rule)
        row.expiry, row.expiry_months = cmd.expiry, cmd.expiry_months
        if (row.carry_most, row.carry_percent) != (cmd.carry_most, cmd.carry_percent):
            row.carry_most, row.carry_percent, row.carry_since = cmd.carry_most, cmd.carry_percent, to_day(at)
        s.flush()
        audit.record(s, by, "records.policy", f"place:{cmd.place_code}", at=at, expiry=cmd.expiry,
                     expiry_months=cmd.expiry_months, late_days=cmd.late_days, day_minutes=cmd.day_minutes,
                     carry_most=cmd.carry_most, carry_percent=cmd.carry_percent)
        return _typed(row)


def policies(s: Session, place_codes: Iterable[str]) -> dict[str, Policy]:
    """The policy in force at each place. One statement."""
    wanted = set(place_codes)
    lines = {code: ancestors(code) for code in wanted}
    rows = {row.place_code: row for row in s.scalars(select(PlacePolicy).where(
        PlacePolicy.place_code.in_({above for line in lines.values() for above in line})))}
    return {code: next((_typed(rows[above]) for above in line if above in rows), POLICY)
            for code, line in lines.items()}


def policy_of(s: Session, place_code: str) -> Policy:
    return policies(s, [place_code])[place_code]


def _typed(row: PlacePolicy) -> Policy:
    return Policy(row.begins_on, row.late_days, row.day_minutes, dict(row.day_minutes_by_rule), row.expiry,
                  row.expiry_months, row.carry_most, row.carry_percent, row.carry_since)


def is_working_day(day: date) -> bool:
    """A day of work by the State Council's yearly notice (moved days included); else Monday to Friday."""
    holiday = HolidayUtil.getHoliday(day.isoformat())
    return bool(holiday.isWork()) if holiday is not None else day.weekday() < SATURDAY


def working_days_after(day: date, count: int) -> date:
    """The last of so many working days after a day: by when an objection is to be answered."""
    while count:
        day += ONE_DAY
        count -= is_working_day(day)
    return day


def working_days_left(today: date, until: date) -> int:
    """Working days after today up to the day itself; negative: so many have passed since.

        >>> working_days_left(date(2026, 11, 25), date(2026, 12, 2))        # Wednesday to Wednesday
        5
    """
    first, last = sorted((today, until))
    count = sum(is_working_day(date.fromordinal(day)) for day in range(first.toordinal() + 1, last.toordinal() + 1))
    return count if until >= today else -count
