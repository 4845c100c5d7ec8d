"""Reads across accounts: turnovers by code, rule, kind, month and party; the trial balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, literal, select
from sqlalchemy import union_all as union

from ledger.days import ONE_DAY
from ledger.folding import whole_book
from ledger.reading import as_known, counted, known, like, of_transfer
from ledger.records import TrialRow, Turnover
from ledger.tables import account, balance, transaction, transfer
from ledger.turnover_keeping import SUMS, turned_until, young

GROUPS = ("code", "rule", "kind", "month", "household", "person", "place")


def turnovers(connection: Connection, book_id: int, commodity: str, prefix: str, start: date | None = None,
              end: date | None = None, by: Sequence[str] = ("code", "rule", "kind", "month"), *,
              known_at: datetime | None = None, position: int | None = None) -> list[Turnover]:
    """Sums of the transfers of accounts whose code starts with `prefix`, by effective day, grouped.

    A reversal keeps the rule and the party of what it reverses, so `credits - debits` by rule is net of corrections.
    By whole months and without parties it reads the kept months and what is younger, else the transfers. One
    statement; one or two more to see how.
    """
    if unknown := set(by) - set(GROUPS):
        raise ValueError(f"turnovers are grouped by {GROUPS}, not {sorted(unknown)}")
    if not (set(by) & {"household", "person", "place"} or known_at or position is not None) and (
            kept := turned_until(connection, book_id)) and whole_months(connection, book_id, start, end):
        return by_months(connection, book_id, kept, commodity, prefix, start, end, by)
    position = as_known(connection, book_id, known_at, position)
    sides = union(*(side(connection, book_id, commodity, prefix, start, end, position, credit=credit)
                    for credit in (True, False))).subquery("sides")
    keys = [sides.c[name] for name in by]
    rows = connection.execute(
        select(*keys, func.sum(sides.c.credits).label("credits"), func.sum(sides.c.debits).label("debits"),
               func.count().label("transfers")).group_by(*keys).order_by(*keys))
    return [turnover_of(row, by) for row in rows]


def turnover_of(row: Any, by: Sequence[str]) -> Turnover:
    names = dict.fromkeys(GROUPS) | {name: getattr(row, name) for name in by}
    return Turnover(**names, credits=int(row.credits), debits=int(row.debits), count=int(row.transfers))


def whole_months(connection: Connection, book_id: int, start: date | None, end: date | None) -> bool:
    """Whether the days asked for are whole months, or go to the book's last day: nothing is effective after it."""
    if start is not None and start.day != 1:
        return False
    if end is None or (end + ONE_DAY).day == 1:
        return True
    latest = connection.scalar(select(func.max(balance.c.last_effective_on)).where(balance.c.book_id == book_id))
    return latest is None or latest <= end


def by_months(connection: Connection, book_id: int, kept_until: int, commodity: str, prefix: str,
              start: date | None, end: date | None, by: Sequence[str]) -> list[Turnover]:
    months = young(connection, book_id, kept_until)
    kept = {"code": account.c.code, "kind": months.c.kind, "rule": func.nullif(months.c.rule, ""),
            "month": func.substr(cast(months.c.month, String), 1, 7)}
    query = (select(*(kept[name].label(name) for name in by), *(func.sum(months.c[name]).label(name) for name in SUMS))
             .select_from(account.join(months, months.c.account_id == account.c.id))
             .where(account.c.book_id == book_id, account.c.commodity == commodity,
                    account.c.code.like(like(prefix), escape="\\")))
    if start is not None:
        query = query.where(months.c.month >= start)
    if end is not None:
        query = query.where(months.c.month <= end)
    keys = [kept[name] for name in by]
    return [turnover_of(row, by) for row in connection.execute(query.group_by(*keys).order_by(*keys))]


def side(connection: Connection, book_id: int, commodity: str, prefix: str, start: date | None, end: date | None,
         position: int | None, *, credit: bool) -> Select[Any]:
    mine = transfer.c.credit_account if credit else transfer.c.debit_account
    query = (
        select(account.c.code, transaction.c.rule, transaction.c.kind, month(connection).label("month"),
               transaction.c.household, transaction.c.person, transaction.c.place,
               (transfer.c.amount if credit else literal(0)).label("credits"),
               (literal(0) if credit else transfer.c.amount).label("debits"))
        .select_from(account)
        .join(transfer, (transfer.c.book_id == account.c.book_id) & (mine == account.c.id))
        .join(transaction, of_transfer())
        .where(account.c.book_id == book_id, account.c.commodity == commodity,
               account.c.code.like(like(prefix), escape="\\")))
    if start is not None:
        query = query.where(transfer.c.effective_on >= start)
    if end is not None:
        query = query.where(transfer.c.effective_on <= end)
    return known(query, position)


def month(connection: Connection) -> ColumnElement[str]:
    """'2026-03', on either database."""
    if connection.dialect.name == "postgresql":
        return func.to_char(transfer.c.effective_on, "YYYY-MM")
    return func.strftime("%Y-%m", transfer.c.effective_on)


def trial_balance(connection: Connection, book_id: int, on: date | None = None,
                  known_at: datetime | None = None, position: int | None = None) -> list[TrialRow]:
    """Every account with its debits, credits and balance, by commodity and code; per commodity balances sum to 0.

    One statement (two with `known_at`), and two that set PostgreSQL's planner. It reads the transfers, so it proves the
    balance rows rather than repeating them.
    """
    position = as_known(connection, book_id, known_at, position)
    sides = union(*(
        counted(select(mine.label("account"), debits.label("debits"), credits.label("credits"))
                .where(transfer.c.book_id == book_id), on, position)
        for mine, debits, credits in ((transfer.c.debit_account, transfer.c.amount, literal(0)),
                                      (transfer.c.credit_account, literal(0), transfer.c.amount)))).subquery("sides")
    query = (
        select(account.c.commodity, account.c.code, account.c.is_member,
               func.coalesce(func.sum(sides.c.debits), 0).label("debits"),
               func.coalesce(func.sum(sides.c.credits), 0).label("credits"))
        .select_from(account.outerjoin(sides, sides.c.account == account.c.id))
        .where(account.c.book_id == book_id)
        .group_by(account.c.commodity, account.c.code, account.c.is_member)
        .order_by(account.c.commodity, account.c.code))
    with whole_book(connection):
        rows = connection.execute(query).all()
    return [TrialRow(row.commodity, row.code, row.is_member, int(row.debits), int(row.credits),
                     int(row.credits) - int(row.debits)) for row in rows]
