"""What a household has redeemed: the figures that limits count by, and the facts that rules speak of.

Limits count by the day of the sale, and what was taken back does not count. Two kinds of facts are registered:

    of the basket's line   good_3_years_with_this  good_year_with_this  good_month_with_this  good_today_with_this
                           — they include what is in the basket now; outside the till they are missing, never 0
    of household and day   points_spent_this_month  points_spent_this_year  minors  lunar_month
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from lunar_python import Solar
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.eligibility import FactSpec, Window, months_back, register_fact, register_facts
from pointsbank.people import Person, age_on
from redemption.till.models import Sale, SaleLine, SaleReturn, SaleReturnLine

CHUNK = 500
ADULT = 18
LINE_FACTS = {  # name -> (words, how many months back the window reaches; 0 the month, -1 the day, -12 the year)
    "good_3_years_with_this": ("近 3 年兑换此物(含本次)", "pieces in 3 years with this sale"),
    "good_year_with_this": ("今年兑换此物(含本次)", "pieces this year with this sale"),
    "good_month_with_this": ("本月兑换此物(含本次)", "pieces this month with this sale"),
    "good_today_with_this": ("今天兑换此物(含本次)", "pieces today with this sale"),
}


class Bought(NamedTuple):
    """Pieces of a good that a household kept of one day's sales, and their points.

    `unit_points`: a piece's full price, whatever a benefit made of it: a large good stays one.
    """

    household_id: UUID
    sku: str
    day: date
    unit_points: int
    pieces: int
    points: int


def line_window(name: str, on: date) -> date:
    """The first day a line fact looks at."""
    return {"good_3_years_with_this": months_back(on, 36), "good_year_with_this": date(on.year, 1, 1),
            "good_month_with_this": on.replace(day=1), "good_today_with_this": on}[name]


def bought_since(s: Session, book_id: int, household_ids: Sequence[UUID], start: date, end: date) -> list[Bought]:
    """What households kept of their sales in a span of days, returns taken off. One statement for every 500."""
    back = (select(SaleReturn.sale_id, SaleReturnLine.line_no, func.sum(SaleReturnLine.pieces).label("pieces"))
            .join(SaleReturnLine, (SaleReturnLine.book_id == SaleReturn.book_id)
                  & (SaleReturnLine.return_id == SaleReturn.id))
            .where(SaleReturn.book_id == book_id).group_by(SaleReturn.sale_id, SaleReturnLine.line_no).subquery())
    kept = SaleLine.quantity - func.coalesce(back.c.pieces, 0)
    full = func.coalesce(SaleLine.full_points, SaleLine.unit_points)
    found: list[Bought] = []
    for first in range(0, len(household_ids), CHUNK):
        rows = s.execute(
            select(Sale.household_id, SaleLine.sku, Sale.day, full, func.sum(kept),
                   func.sum(kept * SaleLine.unit_points))
            .join(SaleLine, (SaleLine.book_id == Sale.book_id) & (SaleLine.sale_id == Sale.id))
            .outerjoin(back, (back.c.sale_id == Sale.id) & (back.c.line_no == SaleLine.line_no))
            .where(Sale.book_id == book_id, Sale.day.between(start, end),
                   Sale.household_id.in_(household_ids[first:first + CHUNK]))
            .group_by(Sale.household_id, SaleLine.sku, Sale.day, full))
        found += [Bought(household, sku, day, each, int(pieces), int(points))
                  for household, sku, day, each, pieces, points in rows if pieces]
    return found


def line_facts(history: Sequence[Bought], sku: str, quantity: int, on: date) -> dict[str, int]:
    """The facts of one basket line: what was bought before in each window, with what is asked for now."""
    return {name: quantity + sum(row.pieces for row in history
                                 if row.sku == sku and line_window(name, on) <= row.day <= on)
            for name in LINE_FACTS}


def _spent(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
           names: Sequence[str]) -> Mapping[str, Mapping[UUID, int]]:
    month = dict.fromkeys(ids, 0)
    year = dict.fromkeys(ids, 0)
    for row in bought_since(s, book_id, list(ids), date(on.year, 1, 1), on):
        year[row.household_id] += row.points
        if row.day >= on.replace(day=1):
            month[row.household_id] += row.points
    return {"points_spent_this_month": month, "points_spent_this_year": year}


def _minors(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> Mapping[UUID, int]:
    """Members under 18. A household where a member's birth date is not known and no known one is a minor has none."""
    minors: dict[UUID, int] = dict.fromkeys(ids, 0)
    unknown: set[UUID] = set()
    for first in range(0, len(ids), CHUNK):
        people = list(s.scalars(select(Person).where(
            Person.book_id == book_id, Person.household_id.in_(ids[first:first + CHUNK]), Person.left_on.is_(None))))
        opened = open_many(s, book_id, [(person.id, person.sealed) for person in people], "person")
        for person, facts in zip(people, opened, strict=True):
            born = (facts or {}).get("born_on")
            if not born:
                unknown.add(person.household_id)
            elif age_on(date.fromisoformat(born), on) < ADULT:
                minors[person.household_id] += 1
    return {household: count for household, count in minors.items() if count or household not in unknown}


def lunar_month(on: date) -> int:
    """The month of the farmers' calendar: 12 is 腊月; a leap month counts as its namesake.

    >>> lunar_month(date(2027, 1, 20)), lunar_month(date(2026, 11, 25))
    (12, 10)
    """
    return abs(int(Solar.fromYmd(on.year, on.month, on.day).getLunar().getMonth()))


def register_redemption_facts() -> None:
    """Offer this room's facts to every rule. Registering again replaces them."""
    register_facts([FactSpec(name, "whole", zh, en, "件", "pieces") for name, (zh, en) in LINE_FACTS.items()], None)
    register_facts((
        FactSpec("points_spent_this_month", "hundredths", "本月已兑换积分", "points spent this month"),
        FactSpec("points_spent_this_year", "hundredths", "今年已兑换积分", "points spent this year")), _spent)
    register_fact("minors", "whole", "家里未满 18 周岁的成员", "members under 18", _minors, unit_zh="人",
                  unit_en="people", private=True)
    register_fact("lunar_month", "whole", "农历月份", "month of the lunar calendar",
                  lambda s, book_id, ids, on, window: dict.fromkeys(ids, lunar_month(on)), unit_zh="月")
