"""Months close: nothing can become effective in one any more, and its trial balance is kept. Law 9.

    close_period(connection, 230199, date(2026, 3, 1), by="user:7", recorded_at=now)
    reopen_period(connection, 230199, date(2026, 3, 1), asked_by="user:7", agreed_by="user:9", reason=its_id,
                  recorded_at=now)

The closed months are one run without gaps: they close one after another and are reopened last one first, so one day
(`ledger_book.closed_until`) says it all. `post` reads it under the members' lock; a closing waits for every posting
under way and lets none begin meanwhile, so nothing slips into a month whose balance is being taken.

A late fact is posted on an open day and says in its meta which day it is about. What a closing kept is never changed:
a month that was reopened and closed again has two, and a paper printed from the first one stands as known then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, func, insert, literal, select, update
from sqlalchemy import union_all as union
from sqlalchemy.sql.selectable import Subquery

from ledger.days import ONE_DAY, month_of, shanghai_day
from ledger.errors import PeriodNotClosed, PeriodNotOver, PeriodOutOfOrder, SecondPersonNeeded
from ledger.folding import whole_book
from ledger.holding import expire_holds
from ledger.reading import of_transfer
from ledger.records import TrialRow
from ledger.stores import store_for
from ledger.sweep import expire
from ledger.tables import Instant, account, period, period_balance, transaction, transfer


class Period(NamedTuple):
    """One closing. `month` is the month's first day; with `reopened_at` it does not stand any more."""

    month: date
    closed_at: datetime
    closed_by: str
    reopened_at: datetime | None
    reopened_by: str | None
    reopened_with: str | None
    reason: str | None


def close_period(connection: Connection, book_id: int, month: date, *, by: str, recorded_at: datetime) -> Period:
    """Close a month that is over, in order (the first one: that of the book's earliest day). Again: the first closing.

    What had timed out or lapsed by its end is posted first. Raises PeriodNotOver, PeriodOutOfOrder. Posting waits
    meanwhile. Cost: the transfers of that month, once; never the whole book.
    """
    first, last = first_day(month), last_day(month)
    if last >= shanghai_day(recorded_at):
        raise PeriodNotOver("month", month=month_of(first), first_day=(last + ONE_DAY).isoformat())
    wait_for_postings(connection)
    standing = standing_periods(connection, book_id)
    if found := next((one for one in standing if one.month == first), None):
        return found
    if (expected := next_to_close(connection, book_id, standing)) not in (None, first):
        raise PeriodOutOfOrder("month", month=month_of(first), expected=month_of(expected or first))
    while expire_holds(connection, book_id, recorded_at):
        pass
    while expire(connection, book_id, today=last + ONE_DAY, recorded_at=recorded_at):
        pass
    connection.execute(insert(period).values(book_id=book_id, month=first, closed_at=recorded_at, closed_by=by))
    with whole_book(connection):
        keep_trial_balance(connection, book_id, first, last, recorded_at)
    set_closed_until(connection, book_id, last)
    return Period(first, recorded_at, by, None, None, None, None)


def reopen_period(connection: Connection, book_id: int, month: date, *, asked_by: str, agreed_by: str, reason: str,
                  recorded_at: datetime) -> Period:
    """Reopen the last closed month. It takes two different persons; `reason` is an id of what they gave as one.

    Again with the same persons and reason, while it is open: the same. Raises SecondPersonNeeded, PeriodNotClosed,
    PeriodOutOfOrder. The closing and its trial balance stay on record.
    """
    if asked_by == agreed_by:
        raise SecondPersonNeeded("agreed_by")
    if not 0 < len(reason) <= 80:
        raise ValueError("a reason's id is 1 to 80 characters long")
    first = first_day(month)
    wait_for_postings(connection)
    standing = standing_periods(connection, book_id)
    found = next((one for one in standing if one.month == first), None)
    if found is None:
        for one in reversed(periods(connection, book_id, month=first)):
            if (one.reopened_by, one.reopened_with, one.reason) == (asked_by, agreed_by, reason):
                return one
        raise PeriodNotClosed("month", month=month_of(first))
    if found != standing[-1]:
        raise PeriodOutOfOrder("month", month=month_of(first), expected=month_of(standing[-1].month))
    connection.execute(update(period).where(
        period.c.book_id == book_id, period.c.month == first, period.c.closed_at == found.closed_at).values(
        reopened_at=recorded_at, reopened_by=asked_by, reopened_with=agreed_by, reason=reason))
    set_closed_until(connection, book_id, first - ONE_DAY if len(standing) > 1 else None)
    return found._replace(reopened_at=recorded_at, reopened_by=asked_by, reopened_with=agreed_by, reason=reason)


# -- reads ----------------------------------------------------------------------------------------------------------
def periods(connection: Connection, book_id: int, *, month: date | None = None) -> list[Period]:
    """Every closing there was, by month and time, those that were reopened too; one statement."""
    query = select(*(period.c[name] for name in Period._fields)).where(period.c.book_id == book_id)
    if month is not None:
        query = query.where(period.c.month == first_day(month))
    return [Period(*row) for row in connection.execute(query.order_by(period.c.month, period.c.closed_at))]


def standing_periods(connection: Connection, book_id: int) -> list[Period]:
    return [one for one in periods(connection, book_id) if one.reopened_at is None]


def closed_until(connection: Connection, book_id: int) -> date | None:
    """The last day on which nothing can become effective any more; one statement."""
    return store_for(connection, book_id).closed_until()


def closed_balance(connection: Connection, book_id: int, closing: Period) -> list[TrialRow]:
    """The trial balance a closing kept: what moved in the month, and each balance at its end. One statement.

    Accounts that did not move in the month are left out; theirs is the balance of the closing before.
    """
    kept = period_balance
    rows = connection.execute(
        select(account.c.commodity, account.c.code, account.c.is_member, kept.c.debits, kept.c.credits, kept.c.balance)
        .join(account, and_(account.c.book_id == kept.c.book_id, account.c.id == kept.c.account_id))
        .where(kept.c.book_id == book_id, kept.c.month == closing.month, kept.c.closed_at == closing.closed_at)
        .order_by(account.c.commodity, account.c.code))
    return [TrialRow(*row) for row in rows]


# -- how ------------------------------------------------------------------------------------------------------------
def first_day(month: date) -> date:
    return month.replace(day=1)


def last_day(month: date) -> date:
    return (month.replace(day=28) + 4 * ONE_DAY).replace(day=1) - ONE_DAY


def month(connection: Connection, day: ColumnElement[date]) -> ColumnElement[str]:
    """'2026-03', on either database."""
    if connection.dialect.name == "postgresql":
        return func.to_char(day, "YYYY-MM")
    return func.strftime("%Y-%m", day)


def wait_for_postings(connection: Connection) -> None:
    """Every posting holds a member's row from before it reads the closed months to its end. On SQLite there is one
    writer, and it is us.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE ledger_balance IN EXCLUSIVE MODE")


def next_to_close(connection: Connection, book_id: int, standing: list[Period]) -> date | None:
    """The month whose turn it is; None where nothing is closed and nothing was ever posted."""
    if standing:
        return last_day(standing[-1].month) + ONE_DAY
    earliest = connection.execute(select(func.min(transfer.c.effective_on, type_=Date())).where(
        transfer.c.book_id == book_id)).scalar()
    return first_day(earliest) if earliest else None


def moved(book_id: int, first: date, last: date, *by: ColumnElement[str]) -> Select[Any]:
    """account (and month, with one in `by`), debits, credits of the transfers effective from `first` to `last`."""
    def side(mine: Any, debits: Any, credits: Any) -> Select[Any]:
        return select(mine.label("account"), *(one.label("month") for one in by), debits.label("debits"),
                      credits.label("credits")).where(
            transfer.c.book_id == book_id, transfer.c.effective_on >= first, transfer.c.effective_on <= last)

    sides = union(side(transfer.c.debit_account, transfer.c.amount, literal(0)),
                  side(transfer.c.credit_account, literal(0), transfer.c.amount)).subquery("sides")
    keys = [sides.c.account, *(sides.c.month for _ in by)]
    return select(*keys, func.sum(sides.c.debits).label("debits"),
                  func.sum(sides.c.credits).label("credits")).group_by(*keys)


def keep_trial_balance(connection: Connection, book_id: int, first: date, last: date, closed_at: datetime) -> None:
    """One statement: the month's turnovers, and the balance of the last standing closing carried on."""
    now, before, closing = moved(book_id, first, last).subquery("now"), period_balance.alias("before"), period
    latest = (select(before.c.balance)
              .join(closing, and_(closing.c.book_id == before.c.book_id, closing.c.month == before.c.month,
                                  closing.c.closed_at == before.c.closed_at, closing.c.reopened_at.is_(None)))
              .where(before.c.book_id == book_id, before.c.account_id == now.c.account, before.c.month < first)
              .order_by(before.c.month.desc()).limit(1).correlate(now).scalar_subquery())
    rows = select(literal(book_id), literal(first, Date()), literal(closed_at, Instant()), now.c.account, now.c.debits,
                  now.c.credits, func.coalesce(latest, 0) + now.c.credits - now.c.debits)
    connection.execute(insert(period_balance).from_select(
        ["book_id", "month", "closed_at", "account_id", "debits", "credits", "balance"], rows))


def set_closed_until(connection: Connection, book_id: int, day: date | None) -> None:
    store = store_for(connection, book_id)
    connection.exec_driver_sql(store.sql(
        "INSERT INTO ledger_book (book_id, lapses, closed_until) VALUES (?, ?, ?) "
        "ON CONFLICT (book_id) DO UPDATE SET closed_until = excluded.closed_until"), (book_id, True, store.value(day)))


class BrokenClosing(NamedTuple):
    """An account whose standing closing of a month does not say what the transfers say, and what came in after it."""

    code: str | None
    account_id: UUID
    message: str
    since: tuple[UUID, ...] = ()


def broken_closings(connection: Connection, book_id: int) -> Iterator[BrokenClosing]:
    """Statements: 3, and 1 for each account and month that is broken."""
    standing = {month_of(one.month): one for one in standing_periods(connection, book_id)}
    if not standing:
        return
    its_month = month(connection, period_balance.c.month).label("month")
    kept = (select(period_balance.c.account_id.label("account"), its_month, period_balance.c.debits,
                   period_balance.c.credits, period_balance.c.balance)
            .join(period, and_(period.c.book_id == period_balance.c.book_id, period.c.month == period_balance.c.month,
                               period.c.closed_at == period_balance.c.closed_at, period.c.reopened_at.is_(None)))
            .where(period_balance.c.book_id == book_id).subquery("kept"))
    running = func.sum(kept.c.credits - kept.c.debits).over(partition_by=kept.c.account, order_by=kept.c.month)
    chain = select(kept, running.label("ought")).subquery("chain")
    for row in connection.execute(with_code(book_id, chain).where(chain.c.balance != chain.c.ought)):
        yield BrokenClosing(row.code, row.account,
                            f"{row.month} was closed at {row.balance}, its months give {row.ought}")
    now = moved(book_id, min(one.month for one in standing.values()),
                last_day(max(one.month for one in standing.values())), month(connection, transfer.c.effective_on))
    both = union(now, select(kept.c.account, kept.c.month, -kept.c.debits, -kept.c.credits)).subquery("both")
    sums = (select(both.c.account, both.c.month, func.sum(both.c.debits).label("debits"),
                   func.sum(both.c.credits).label("credits")).group_by(both.c.account, both.c.month)
            .having((func.sum(both.c.debits) != 0) | (func.sum(both.c.credits) != 0)).subquery("sums"))
    for row in connection.execute(with_code(book_id, sums)).all():
        if one := standing.get(row.month):
            yield BrokenClosing(row.code, row.account, f"{row.month} was closed without {row.debits} debits and "
                                f"{row.credits} credits", entries_since(connection, book_id, row.account, one))


def with_code(book_id: int, what: Subquery) -> Select[Any]:
    """The rows with the code of their account, by code and month."""
    return (select(what, account.c.code).outerjoin(account, and_(account.c.book_id == book_id,
                                                                 account.c.id == what.c.account))
            .order_by(account.c.code, what.c.month))


def entries_since(connection: Connection, book_id: int, account_id: UUID, one: Period) -> tuple[UUID, ...]:
    """The account's transactions effective in a month and recorded after it was closed, in order of posting."""
    query = (select(transaction.c.id).distinct().join(transfer, of_transfer())
             .where(transaction.c.book_id == book_id, transaction.c.recorded_at > one.closed_at,
                    transfer.c.effective_on >= one.month, transfer.c.effective_on <= last_day(one.month),
                    (transfer.c.debit_account == account_id) | (transfer.c.credit_account == account_id))
             .order_by(transaction.c.id))
    return tuple(row.id for row in connection.execute(query))
