"""What a household has redeemed: the figures that limits count by, and the facts that rules speak of.

Limits count by the day of the sale, and what was taken back does not count. Two kinds of facts are registered:

    of the basket's line   good_3_years_with_this  good_year_with_this  good_month_with_this  good_today_with_this
                           — they include what is in the basket now; outside the till they are missing, never 0
    of household and day   points_spent_this_month  points_spent_this_year  redemptions_this_year  days_since_redeemed
                           pieces_<sku>: pieces_P22 of a good (several: pieces_P01_P02) in the window asked
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from lunar_python import Solar
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.eligibility import FactSpec, Window, months_back, register_facts, spec_of
from redemption.till.models import Sale, SaleLine, SaleReturn, SaleReturnLine

FEW = 5_000  # households named one by one in a statement
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
    """What households kept of their sales in a span of days, returns taken off. One statement."""
    back = (select(SaleReturn.sale_id, SaleReturnLine.line_no, func.sum(SaleReturnLine.pieces).label("pieces"))
            .join(SaleReturnLine, (SaleReturnLine.book_id == SaleReturn.book_id)
                  & (SaleReturnLine.return_id == SaleReturn.id))
            .where(SaleReturn.book_id == book_id).group_by(SaleReturn.sale_id, SaleReturnLine.line_no).subquery())
    kept = SaleLine.quantity - func.coalesce(back.c.pieces, 0)
    full = func.coalesce(SaleLine.full_points, SaleLine.unit_points)
    query = (
        select(Sale.household_id, SaleLine.sku, Sale.day, full, func.sum(kept),
               func.sum(kept * SaleLine.unit_points))
        .join(SaleLine, (SaleLine.book_id == Sale.book_id) & (SaleLine.sale_id == Sale.id))
        .outerjoin(back, (back.c.sale_id == Sale.id) & (back.c.line_no == SaleLine.line_no))
        .where(Sale.book_id == book_id, Sale.day.between(start, end))
        .group_by(Sale.household_id, SaleLine.sku, Sale.day, full))
    if len(household_ids) <= FEW:
        query = query.where(Sale.household_id.in_(household_ids))
    wanted = set(household_ids)
    return [Bought(household, sku, day, each, int(pieces), int(points))
            for household, sku, day, each, pieces, points in s.execute(query) if pieces and household in wanted]


def line_facts(history: Sequence[Bought], sku: str, quantity: int, on: date) -> dict[str, int]:
    """The facts of one basket line: what was bought before in each window, with what is asked for now."""
    return {name: quantity + sum(row.pieces for row in history
                                 if row.sku == sku and line_window(name, on) <= row.day <= on)
            for name in LINE_FACTS}


def _spent(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
           names: Sequence[str]) -> Mapping[str, Mapping[UUID, int]]:
    month, year = dict.fromkeys(ids, 0), dict.fromkeys(ids, 0)
    last: dict[UUID, date] = {}
    days: dict[UUID, set[date]] = defaultdict(set)
    start = months_back(on, 36) if "days_since_redeemed" in names else date(on.year, 1, 1)
    for row in bought_since(s, book_id, list(ids), min(start, date(on.year, 1, 1)), on):
        last[row.household_id] = max(row.day, last.get(row.household_id, row.day))
        if row.day.year == on.year:
            year[row.household_id] += row.points
            days[row.household_id].add(row.day)
        if row.day >= on.replace(day=1):
            month[row.household_id] += row.points
    return {"points_spent_this_month": month, "points_spent_this_year": year,
            "redemptions_this_year": {household: len(days[household]) for household in ids},
            "days_since_redeemed": {household: (on - day).days for household, day in last.items()}}


def _pieces(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
            names: Sequence[str]) -> Mapping[str, Mapping[UUID, int]]:
    found = {name: dict.fromkeys(ids, 0) for name in names}
    for row in bought_since(s, book_id, list(ids), window.start, window.end):
        for name in names:
            if row.sku in spec_of(name).codes:
                found[name][row.household_id] += row.pieces
    return found


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
        FactSpec("points_spent_this_year", "hundredths", "今年已兑换积分", "points spent this year"),
        FactSpec("redemptions_this_year", "whole", "今年来兑换的天数", "days with a redemption this year", "天",
                 "days"),
        FactSpec("days_since_redeemed", "whole", "距上次兑换的天数", "days since the last redemption", "天", "days",
                 note_zh="三年内没有兑换过,就是“还没有”", note_en="missing when there was none in three years")),
        _spent)
    register_facts((FactSpec("pieces_", "whole", "“{name}”本年兑换件数", "pieces of “{name}” redeemed this year",
                             "件", "pieces", note_zh="下划线后写商品编码",
                             note_en="the good's code behind the underscore"),), _pieces)
