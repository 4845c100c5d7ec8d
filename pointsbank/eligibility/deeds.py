"""What stands in the ledger of the deeds of a window: sums and counts per household and rule, net of corrections.

A deed counts in the month it was done. A correction takes it out of *that* month, whenever the correction itself was
made: reading month's turnovers would leave March's deed standing when it was voided in May. So each award is netted
with its own reversals first and counted after; one statement, grouped in the database.

    deeds(connection, book_id, SCORE, ids, window, rules=("E01", "E02"))  →  [Deeds(household, rule, month, …)]
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, case, extract, func, select, true

from ledger.tables import transaction, transfer
from pointsbank.eligibility.asking import of_codes
from pointsbank.eligibility.turnovers import FEW, REGAINED
from pointsbank.eligibility.windows import Window


class Deeds(NamedTuple):
    """One group. `amount` is signed, in the commodity's smallest unit; `times` is the number of deeds that stand."""

    household: UUID
    rule: str | None
    month: int
    person: UUID | None
    amount: int
    times: int


def deeds(connection: Connection, book_id: int, commodity: str, households: Sequence[UUID], window: Window, *,
          rules: Collection[str] = (), kinds: Collection[str] = (), by_person: bool = False,
          known_at: datetime | None = None) -> list[Deeds]:
    """Deeds of these households in the window. `rules` and `kinds` narrow them; one statement.

    `known_at`: as the record stood then (default: all that is known).
    """
    if not households:
        return []
    net = _net(book_id, commodity, households, window, rules, kinds, known_at).subquery("net")
    keys: list[Any] = [net.c.household, net.c.rule, net.c.month]
    if by_person:
        keys.append(net.c.person)
    standing = case(((net.c.amount != 0) & (net.c.kind != REGAINED), 1), else_=0)
    rows = connection.execute(select(*keys, func.sum(net.c.amount).label("amount"),
                                     func.sum(standing).label("times")).group_by(*keys))
    wanted = set(households)
    return [Deeds(row.household, row.rule, int(row.month), row.person if by_person else None, int(row.amount),
                  int(row.times)) for row in rows if row.household in wanted]


def _net(book_id: int, commodity: str, households: Sequence[UUID], window: Window, rules: Collection[str],
         kinds: Collection[str], known_at: datetime | None) -> Select[Any]:
    """One row per transaction that is no reversal: its signed amount, and that less what was taken back of it."""
    posted = _sums(book_id, commodity, households, known_at).where(
        transaction.c.reverses.is_(None), transaction.c.effective_on >= window.start,
        transaction.c.effective_on <= window.end)
    if rules:
        posted = posted.where(of_codes(transaction.c.rule, sorted(rules)))
    if kinds:
        posted = posted.where(transaction.c.kind.in_(sorted(kinds)))
    first = posted.add_columns(
        transaction.c.id, transaction.c.household, transaction.c.rule, transaction.c.person, transaction.c.kind,
        transaction.c.effective_on).group_by(
        transaction.c.id, transaction.c.household, transaction.c.rule, transaction.c.person, transaction.c.kind,
        transaction.c.effective_on).cte("first")
    back = _sums(book_id, commodity, households, known_at).where(transaction.c.reverses.is_not(None)).add_columns(
        transaction.c.reverses).group_by(transaction.c.reverses).cte("back")
    return select(first.c.id, first.c.household, first.c.rule, first.c.person, first.c.kind, first.c.effective_on,
                  extract("month", first.c.effective_on).label("month"), first.c.signed.label("posted"),
                  (first.c.signed + func.coalesce(back.c.signed, 0)).label("amount")
                  ).outerjoin_from(first, back, back.c.reverses == first.c.id)


def _sums(book_id: int, commodity: str, households: Sequence[UUID], known_at: datetime | None) -> Select[Any]:
    """signed: credits less debits of the member's side, per group to be named. A reversal inherits the party."""
    signed = case((transfer.c.credit_seq.is_not(None), transfer.c.amount), else_=-transfer.c.amount)
    query = (select(func.sum(signed).label("signed"))
             .join_from(transaction, transfer, (transfer.c.book_id == transaction.c.book_id)
                        & (transfer.c.transaction_id == transaction.c.id))
             .where(transaction.c.book_id == book_id, transaction.c.household.is_not(None),
                    transfer.c.book_id == book_id, transfer.c.commodity == commodity,
                    _known(transaction.c.recorded_at, known_at)))
    if len(households) <= FEW:
        query = query.where(transaction.c.household.in_(households))
    return query


def _known(column: ColumnElement[Any], known_at: datetime | None) -> ColumnElement[bool]:
    return true() if known_at is None else column <= known_at


class DeedLine(NamedTuple):
    """One transaction behind a figure; `amount` is what still stands of it."""

    transaction_id: UUID
    effective_on: date
    rule: str | None
    kind: str
    person: UUID | None
    amount: int
    taken_back: int


def deed_lines(connection: Connection, book_id: int, household: UUID, commodity: str, window: Window, *,
               rules: Collection[str] = (), kinds: Collection[str] = (),
               known_at: datetime | None = None) -> list[DeedLine]:
    """The transactions of one household behind a figure, oldest first, also those wholly taken back. One statement."""
    lines = _net(book_id, commodity, [household], window, rules, kinds, known_at).subquery("lines")
    rows = connection.execute(select(lines).order_by(lines.c.effective_on, lines.c.id))
    return [DeedLine(row.id, row.effective_on, row.rule, row.kind, row.person, int(row.amount),
                     int(row.posted) - int(row.amount)) for row in rows]
