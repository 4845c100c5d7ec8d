"""Reads of accounts: balances now and as of a day, lines, what expires when. Records out, never rows.

Two times: `on` is the effective day; what is known of it is a `position`: the first so many leaves of the sealed log. A
moment, `known_at`, stands for the last leaf sealed by then. What commits late can still say that it was recorded before
a moment, but it becomes a later leaf: the same question gets the same answer for ever. (`recorded_by` goes by what rows
say of themselves, sealed or not: for counting what lay on a shelf a minute ago.)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Connection, Select, Uuid, and_, any_, bindparam, func, select
from sqlalchemy import union_all as union

from ledger.expiry import remaining
from ledger.planning import Member, Plan
from ledger.posting import load_dues, load_moves, member_of
from ledger.records import Account, Balance, Line, Party
from ledger.store import AccountRow, BalanceRow
from ledger.stores import store_for
from ledger.tables import account, balance, due, leaf, transaction, transfer, turnover
from ledger.turnover_keeping import turned_until, young


def among(connection: Connection, column: ColumnElement[UUID], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """`column` is one of `ids`, however many: one parameter on either database."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(ids), type_=ARRAY(Uuid())))
    listed = func.json_each(json.dumps([key.hex for key in ids])).table_valued("value")
    return column.in_(select(listed.c.value))


def like(prefix: str) -> str:
    """A prefix as a LIKE pattern; its own % and _ stand for themselves (escape character: backslash)."""
    return prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def balances(connection: Connection, book_id: int, accounts: Iterable[Account], *, on: date | None = None,
             known_at: datetime | None = None, position: int | None = None, recorded_by: datetime | None = None,
             today: date | None = None) -> dict[Account, Balance]:
    """Balances of accounts; an account nobody opened has 0. Statements: at most 3 (5 with `today`).

    Without `on`, `known_at`, `position` and `recorded_by`: as it stands now, with what is held. With `today`, what has
    lapsed by then but is not posted yet is told apart and not available. With them: at the end of the day `on`, as
    known then.
    """
    wanted = {one.id: one for one in accounts}
    found = {one: Balance(0, 0, 0) for one in wanted.values()}
    if not wanted:
        return found
    members = [key for key, one in wanted.items() if one.is_member]
    then = any(one is not None for one in (on, known_at, position, recorded_by))
    position = as_known(connection, book_id, known_at, position)
    summed = list(wanted) if then else [key for key, one in wanted.items() if not one.is_member]
    if members and not then:
        rows = current_members(connection, book_id, [wanted[key] for key in members], today)
        found.update(rows)
    if summed:
        kept = 0 if then else turned_until(connection, book_id)
        for row in connection.execute(by_months(connection, book_id, summed, kept) if kept else
                                      sums(connection, book_id, summed, on, position, recorded_by)):
            posted = int(row.posted)
            found[wanted[row.account]] = Balance(posted, 0, posted)
    return found


def current_members(connection: Connection, book_id: int, accounts: Sequence[Account],
                    today: date | None) -> dict[Account, Balance]:
    by_id = {one.id: one for one in accounts}
    rows = connection.execute(select(balance, account.c.floor, account.c.expires_to).join(
        account, (account.c.book_id == balance.c.book_id) & (account.c.id == balance.c.account_id)).where(
        balance.c.book_id == book_id, among(connection, balance.c.account_id, by_id))).all()
    lapsed: dict[UUID, int] = {}
    if today is not None:
        lapsed = lapsed_by(connection, book_id, [copy_of(by_id[row.account_id], row) for row in rows
                                                 if row.expires_to is not None], today)
    found = {}
    for row in rows:
        gone = lapsed.get(row.account_id, 0)
        found[by_id[row.account_id]] = Balance(row.posted, row.held, row.posted - row.held - gone, gone)
    return found


def copy_of(owner: Account, row: Any) -> Member:
    stored = BalanceRow(row.account_id, row.posted, row.held, row.last_seq, row.out_total, row.last_due_on,
                        row.last_effective_on, row.last_lapse_on)
    return member_of(owner, AccountRow(row.account_id, True, row.floor, row.expires_to), stored)


def lapsed_by(connection: Connection, book_id: int, members: Sequence[Member], today: date) -> dict[UUID, int]:
    """What lapsed before `today` and is not posted yet, per account; at most three statements."""
    store = store_for(connection, book_id)
    load_dues(store, members)
    behind = [member for member in members if member.overdue(today) > 0]
    plan = Plan({}, today, True)
    load_moves(store, plan, behind)
    return {member.account_id: plan.lapse(member, today) for member in behind}


def by_months(connection: Connection, book_id: int, ids: Sequence[UUID], kept: int) -> Select[Any]:
    """As `sums`, from the kept months and what is younger: a hot account costs its months, not its transfers."""
    months = young(connection, book_id, kept, among(connection, turnover.c.account_id, ids))
    return (select(months.c.account_id.label("account"),
                   func.sum(months.c.credits - months.c.debits).label("posted"))
            .where(among(connection, months.c.account_id, ids)).group_by(months.c.account_id))


def sums(connection: Connection, book_id: int, ids: Sequence[UUID], on: date | None, position: int | None = None,
         recorded_by: datetime | None = None) -> Select[Any]:
    """account, posted: credits less debits of the transfers that count."""
    sides = union(*(
        counted(select(column.label("account"), signed.label("amount"))
                .where(transfer.c.book_id == book_id, among(connection, column, ids)), on, position, recorded_by)
        for column, signed in ((transfer.c.debit_account, -transfer.c.amount),
                               (transfer.c.credit_account, transfer.c.amount)))).subquery("sides")
    return select(sides.c.account, func.sum(sides.c.amount).label("posted")).group_by(sides.c.account)


def counted(query: Select[Any], on: date | None, position: int | None,
            recorded_by: datetime | None = None) -> Select[Any]:
    """Only transfers effective by `on` and known then."""
    if on is not None:
        query = query.where(transfer.c.effective_on <= on)
    if recorded_by is not None:
        query = query.join(transaction, of_transfer()).where(transaction.c.recorded_at <= recorded_by)
    return known(query, position)


def known(query: Select[Any], position: int | None) -> Select[Any]:
    """A query over transfers, less what is not among the first so many leaves."""
    if position is not None:
        query = query.join(leaf, and_(leaf.c.book_id == transfer.c.book_id,
                                      leaf.c.transaction_id == transfer.c.transaction_id,
                                      leaf.c.position < position))
    return query


def as_known(connection: Connection, book_id: int, known_at: datetime | None, position: int | None) -> int | None:
    """The position that answers for a moment, a position, or (whichever is earlier) both; None: all there is."""
    if known_at is None:
        return position
    then = position_at(connection, book_id, known_at)
    return then if position is None else min(then, position)


def position_at(connection: Connection, book_id: int, at: datetime) -> int:
    """How many leaves were sealed by a moment: the position that stands for it; one statement."""
    last = connection.scalar(select(leaf.c.position).where(leaf.c.book_id == book_id, leaf.c.sealed_at <= at)
                             .order_by(leaf.c.position.desc()).limit(1))
    return 0 if last is None else last + 1


def of_transfer() -> ColumnElement[bool]:
    return and_(transaction.c.book_id == transfer.c.book_id, transaction.c.id == transfer.c.transaction_id)


def balances_by_prefix(connection: Connection, book_id: int, commodity: str, prefix: str) -> dict[str, Balance]:
    """{code: Balance} of the member accounts whose code starts with `prefix`; one statement."""
    rows = connection.execute(
        select(account.c.code, balance.c.posted, balance.c.held)
        .join(balance, (balance.c.book_id == account.c.book_id) & (balance.c.account_id == account.c.id))
        .where(account.c.book_id == book_id, account.c.commodity == commodity,
               account.c.code.like(like(prefix), escape="\\")).order_by(account.c.code))
    return {row.code: Balance(row.posted, row.held, row.posted - row.held) for row in rows}


def lines(connection: Connection, book_id: int, owner: Account, start: date | None = None, end: date | None = None,
          known_at: datetime | None = None, position: int | None = None) -> list[Line]:
    """An account's lines of the days `start` to `end`, in effective order, with the balance after each.

    The balance of the first line carries everything before `start`. Statements: 2 (3 with `known_at`), whatever the
    length.
    """
    opening, position = 0, as_known(connection, book_id, known_at, position)
    if start is not None:
        before = start.fromordinal(start.toordinal() - 1)
        row = connection.execute(sums(connection, book_id, [owner.id], before, position)).one_or_none()
        opening = int(row.posted) if row else 0
    found: list[Line] = []
    for row in connection.execute(line_query(book_id, owner.id, start, end, position)):
        opening += row.amount
        found.append(Line(row.seq or 0, row.transaction_id, row.line, row.effective_on, row.recorded_at, row.kind,
                          row.rule, row.amount, opening, row.due_on, row.reverses,
                          Party(row.household, row.person), row.meta, row.place, row.other))
    return found


def line_query(book_id: int, account_id: UUID, start: date | None, end: date | None,
               position: int | None) -> Select[Any]:
    def side(mine: Any, theirs: Any, seq: Any, signed: Any) -> Select[Any]:
        query = (select(seq.label("seq"), transfer.c.transaction_id, transfer.c.line, transfer.c.effective_on,
                        transaction.c.recorded_at, transaction.c.kind, transaction.c.rule, signed.label("amount"),
                        transfer.c.due_on, transaction.c.reverses, transaction.c.household, transaction.c.person,
                        transaction.c.meta, transaction.c.place, account.c.code.label("other"))
                 .join(transaction, of_transfer())
                 .join(account, (account.c.book_id == transfer.c.book_id) & (account.c.id == theirs))
                 .where(transfer.c.book_id == book_id, mine == account_id))
        if start is not None:
            query = query.where(transfer.c.effective_on >= start)
        if end is not None:
            query = query.where(transfer.c.effective_on <= end)
        return known(query, position)

    both = union(side(transfer.c.debit_account, transfer.c.credit_account, transfer.c.debit_seq, -transfer.c.amount),
                 side(transfer.c.credit_account, transfer.c.debit_account, transfer.c.credit_seq,
                      transfer.c.amount)).subquery("sides")
    return select(both).order_by(both.c.effective_on, both.c.seq, both.c.transaction_id, both.c.line)


def expiring(connection: Connection, book_id: int, owner: Account, today: date) -> list[tuple[date, int]]:
    """[(last day, amount)]: what of the balance lapses when, first things first. Statements: at most 5.

    What lapsed already (posted or not) and what is held are left out; what a return handed back after its day lapses
    after `today`. Empty while expiry is switched off for the book.
    """
    return expiring_many(connection, book_id, [owner], today)[owner]


def expiring_many(connection: Connection, book_id: int, owners: Iterable[Account],
                  today: date) -> dict[Account, list[tuple[date, int]]]:
    """`expiring` for many accounts, in the same number of statements."""
    by_id = {one.id: one for one in owners}
    found: dict[Account, list[tuple[date, int]]] = {one: [] for one in by_id.values()}
    rows = connection.execute(select(balance, account.c.floor, account.c.expires_to).join(
        account, (account.c.book_id == balance.c.book_id) & (account.c.id == balance.c.account_id)).where(
        balance.c.book_id == book_id, account.c.expires_to.is_not(None),
        among(connection, balance.c.account_id, by_id))).all()
    members = [copy_of(by_id[row.account_id], row) for row in rows]
    if not members or not store_for(connection, book_id).lapses_on():
        return found
    lapsed_by(connection, book_id, members, today)  # the copies now stand as if it were posted
    for member in members:
        merged: dict[date, int] = {}
        for day, amount in remaining(member.dues, member.out_total + member.held):
            day = max(day, today)
            merged[day] = merged.get(day, 0) + amount
        found[member.account] = sorted(merged.items())
    return found


def overdue(connection: Connection, book_id: int, today: date, limit: int | None = None) -> list[tuple[str, int]]:
    """[(account code, at most so much)] where something lapsed before `today` and is not posted; one statement.

    Value handed back by a return of `today` is in the figure though it can still be spent; the sweep tells them apart.
    """
    rows = connection.execute(overdue_query(book_id, today, limit))
    return [(row.code, int(row.credits) - row.out_total - row.held) for row in rows]


def overdue_query(book_id: int, today: date, limit: int | None, after: UUID | None = None) -> Select[Any]:
    before = select(due.c.account_id, func.sum(due.c.credits).label("credits")).where(
        due.c.book_id == book_id, due.c.due_on < today)
    if after is not None:
        before = before.where(due.c.account_id > after)
    late = before.group_by(due.c.account_id).subquery("late")
    query = (
        select(account.c.id, account.c.commodity, account.c.code, account.c.floor, late.c.credits, balance.c.out_total,
               balance.c.held)
        .join(late, late.c.account_id == account.c.id)
        .join(balance, (balance.c.book_id == account.c.book_id) & (balance.c.account_id == account.c.id))
        .where(account.c.book_id == book_id, account.c.expires_to.is_not(None),
               late.c.credits > balance.c.out_total + balance.c.held)
        .order_by(account.c.id).limit(limit))
    return query if after is None else query.where(account.c.id > after)


__all__ = ["among", "balances", "balances_by_prefix", "expiring", "expiring_many", "like", "lines",
           "overdue", "position_at"]
