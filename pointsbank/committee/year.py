"""The year of a place, from the ledger's turnovers: points given out and redeemed, what for, what is still out there.

A correction counts against what it corrects, in the month it was made. Balances carried over from paper are no issue
of the year. One statement a figure, whatever the number of households.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from ledger import Turnover
from pointsbank import accounts
from pointsbank.amounts import POINT
from pointsbank.crypto import open_many
from pointsbank.people import Household
from pointsbank.places.queries import PARTS
from pointsbank.records import Award, ServiceRecord
from pointsbank.records.models import RecordDecision
from pointsbank.records.queries import RecordRow, below, rows_of
from pointsbank.records.sets import among
from pointsbank.schedule import rules_in_force
from pointsbank.web.charts import CategorySum, MonthFlow

MONTHS = 12
CORRECTIONS_SHOWN = 6
CORRECTIONS_SINCE = timedelta(days=90)
FOR_EVER = 9999


class Year(NamedTuple):
    """Twelve months up to today. `issued` and `redeemed` are this calendar year's, `this_month` what was issued in it.

    `lapsed` and `deducted` left the households without goods, in the twelve months.
    """

    flows: list[MonthFlow]
    categories: list[CategorySum]
    this_month: int
    issued: int
    redeemed: int
    lapsed: int
    deducted: int


class InHand(NamedTuple):
    """What the households of a village could still redeem: the shop's debt to them."""

    points: int
    households: int
    in_the_red: int
    next_due: tuple[date, int] | None


class Correction(NamedTuple):
    """A posted record that was taken back: what, why, and how many points went back."""

    row: RecordRow
    at: datetime
    reason: str
    points: int


def code_prefix(place_code: str) -> str:
    """The digits that a place shares with everything below it: '230199100000' -> '230199100'."""
    return place_code[:next((n for n in PARTS if place_code[n:] == "0" * (12 - n)), 12)]


def first_month(today: date) -> date:
    number = today.year * 12 + today.month - MONTHS
    return date(number // 12, number % 12 + 1, 1)


def months_since(start: date) -> list[date]:
    number = start.year * 12 + start.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number, number + MONTHS)]


def year_of(s: Session, book_id: int, place_code: str, today: date) -> Year:
    """Five statements."""
    start, prefix = first_month(today), code_prefix(place_code)

    def turned(name: str, *by: str) -> list[Turnover]:
        return ledger.turnovers(s.connection(), book_id, POINT, f"{name}:{prefix}", start, today, by=by)

    given, redeemed = turned("budget", "rule", "month"), turned("spent", "month")
    into = {month: -sum(_net(given, month)) for month in months_since(start)}
    out = {month: sum(_net(redeemed, month)) for month in months_since(start)}
    names = {code: rule.category for code, rule in rules_in_force(s, place_code, today).items()}
    sums: dict[str, int] = {}
    for row in given:
        name = names.get(row.rule or "", row.rule or "")
        sums[name] = sums.get(name, 0) + row.debits - row.credits
    january = date(today.year, 1, 1)
    return Year(
        [MonthFlow(month, max(0, into[month]), max(0, out[month])) for month in into],
        [CategorySum(name, points) for name, points in sums.items() if points > 0],
        into[today.replace(day=1)], sum(points for month, points in into.items() if month >= january),
        sum(points for month, points in out.items() if month >= january),
        _sum(turned("expired", "kind")), _sum(turned("penalty", "kind")))


def _net(rows: Iterable[Turnover], month: date) -> Iterable[int]:
    return (row.credits - row.debits for row in rows if row.month == f"{month:%Y-%m}")


def _sum(rows: Iterable[Turnover]) -> int:
    return sum(row.credits - row.debits for row in rows)


def in_hand(s: Session, book_id: int, place_code: str, today: date) -> InHand:
    """The points in the wallets of a village's open households. Seven statements."""
    rows = s.execute(select(Household.id, Household.place_code).where(
        Household.book_id == book_id, Household.place_code == place_code, Household.closed_on.is_(None)))
    wallets = [accounts.wallet(household, code) for household, code in rows]
    if not wallets:
        return InHand(0, 0, 0, None)
    found = ledger.balances(s.connection(), book_id, wallets, today=today)
    due: dict[date, int] = {}
    for some in ledger.expiring_many(s.connection(), book_id, wallets, today).values():
        for day, points in some:
            due[day] = due.get(day, 0) + points
    next_due = min((day for day in due if day.year < FOR_EVER), default=None)
    return InHand(sum(max(0, one.available) for one in found.values()), len(wallets),
                  sum(one.posted < 0 for one in found.values()), (next_due, due[next_due]) if next_due else None)


def corrections(s: Session, book_id: int, place_code: str, now: datetime) -> list[Correction]:
    """What was taken back of late, newest first. About ten statements."""
    rows = s.execute(select(RecordDecision, ServiceRecord).join(
        ServiceRecord, (ServiceRecord.book_id == RecordDecision.book_id)
        & (ServiceRecord.id == RecordDecision.record_id))
        .where(RecordDecision.book_id == book_id, RecordDecision.decision == "void",
               RecordDecision.at >= now - CORRECTIONS_SINCE, below(ServiceRecord.place_code, place_code))
        .order_by(RecordDecision.at.desc()).limit(CORRECTIONS_SHOWN)).all()
    if not rows:
        return []
    records = {record.id: record for _, record in rows}
    told = {row.id: row for row in rows_of(s, book_id, list(records.values()))}
    taken = {row[0]: int(row[1]) for row in s.execute(
        select(Award.record_id, func.sum(Award.points)).where(
            Award.book_id == book_id, Award.reversed_at.is_not(None), among(s, Award.record_id, records))
        .group_by(Award.record_id))}
    reasons = open_many(s, book_id, [(record.household_id, one.reason) for one, record in rows], "record_decision")
    return [Correction(told[record.id], one.at, (said or {}).get("reason", ""), -taken.get(record.id, 0))
            for (one, record), said in zip(rows, reasons, strict=True)]
