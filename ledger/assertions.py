"""Dated assertions: a person says what an account held at the end of a day; `ledger check` judges it by dates.

    assert_balance(connection, 230199, wallet, date(2026, 3, 25), 5400, by="user:7", recorded_at=now)

That the passbook shows 54.00 on 25 March is a fact from outside. When an entry recorded later becomes effective by that
day, the balance of the day changes and the check names that entry; when the two never agreed, it says by how much.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, and_, case, func, insert, select, update
from sqlalchemy import union_all as union

from ledger.days import shanghai_day
from ledger.drafts import as_json
from ledger.errors import FutureDay, UnknownAssertion
from ledger.posting import open_accounts
from ledger.reading import of_transfer
from ledger.records import ACCOUNT_NAMESPACE, Account, check_day
from ledger.stores import store_for
from ledger.tables import account, assertion, transaction, transfer


class Assertion(NamedTuple):
    """What somebody said an account held at the end of a day."""

    id: UUID
    account: Account
    on: date
    amount: int
    asserted_by: str
    asserted_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None


class Broken(NamedTuple):
    """An assertion the book contradicts: the balance of the day as it is now, as it was when the assertion was made,
    and the transactions recorded since then that are effective by the day.
    """

    assertion: Assertion
    balance: int
    balance_then: int
    since: tuple[UUID, ...]


def assert_balance(connection: Connection, book_id: int, owner: Account, on: date, amount: int, *, by: str,
                   recorded_at: datetime) -> Assertion:
    """Record what an account held at the end of a day. It need not be true: `ledger check` says whether it is.

    The same person saying the same again gives the first one. Raises FutureDay. Statements: at most 7.
    """
    check_day(on)
    if type(amount) is not int:
        raise ValueError(f"an amount is a whole number, not {amount!r}")
    if on > shanghai_day(recorded_at):
        raise FutureDay(on, shanghai_day(recorded_at))
    open_accounts(store_for(connection, book_id), [owner])
    key = uuid.uuid5(ACCOUNT_NAMESPACE, as_json(["assertion", owner.id, on, amount, by]))
    found = assertions(connection, book_id, ids=key)
    if not found:
        connection.execute(insert(assertion).values(
            book_id=book_id, id=key, account_id=owner.id, on_day=on, amount=amount, asserted_by=by,
            asserted_at=recorded_at))
        found = assertions(connection, book_id, ids=key)
    return found[0]


def withdraw_assertion(connection: Connection, book_id: int, assertion_id: UUID, *, by: str,
                       recorded_at: datetime) -> Assertion:
    """Take back what was said by mistake; it stays on record and is judged no more. Raises UnknownAssertion."""
    connection.execute(update(assertion).where(
        assertion.c.book_id == book_id, assertion.c.id == assertion_id, assertion.c.withdrawn_at.is_(None)).values(
        withdrawn_by=by, withdrawn_at=recorded_at))
    found = assertions(connection, book_id, ids=assertion_id)
    if not found:
        raise UnknownAssertion(assertion_id)
    return found[0]


def assertions(connection: Connection, book_id: int, owner: Account | None = None, *,
               ids: UUID | None = None) -> list[Assertion]:
    """What was asserted, by day; one statement."""
    query = (select(assertion, account.c.commodity, account.c.code, account.c.is_member, account.c.floor)
             .join(account, and_(account.c.book_id == assertion.c.book_id, account.c.id == assertion.c.account_id))
             .where(assertion.c.book_id == book_id).order_by(assertion.c.on_day, assertion.c.id))
    if owner is not None:
        query = query.where(assertion.c.account_id == owner.id)
    if ids is not None:
        query = query.where(assertion.c.id == ids)
    return [view_of(row) for row in connection.execute(query)]


def view_of(row: Any) -> Assertion:
    return Assertion(row.id, Account(row.commodity, row.code, row.is_member, row.floor), row.on_day, row.amount,
                     row.asserted_by, row.asserted_at, row.withdrawn_by, row.withdrawn_at)


def broken_assertions(connection: Connection, book_id: int) -> Iterator[Broken]:
    """Every assertion that is not true, with the entries that broke it. Statements: 2, and 1 for each broken one."""
    both = union(*(
        select(assertion.c.id, signed.label("amount"),
               case((transaction.c.recorded_at <= assertion.c.asserted_at, signed), else_=0).label("then"))
        .join(transfer, and_(transfer.c.book_id == assertion.c.book_id, mine == assertion.c.account_id,
                             transfer.c.effective_on <= assertion.c.on_day))
        .join(transaction, of_transfer())
        .where(assertion.c.book_id == book_id, assertion.c.withdrawn_at.is_(None))
        for mine, signed in ((transfer.c.debit_account, -transfer.c.amount),
                             (transfer.c.credit_account, transfer.c.amount)))).subquery("both")
    sums = {row.id: (int(row.amount), int(row.then)) for row in connection.execute(
        select(both.c.id, func.sum(both.c.amount).label("amount"), func.sum(both.c.then).label("then"))
        .group_by(both.c.id))}
    for one in assertions(connection, book_id):
        now, then = sums.get(one.id, (0, 0))
        if one.withdrawn_at is None and now != one.amount:
            yield Broken(one, now, then, entries_since(connection, book_id, one))


def entries_since(connection: Connection, book_id: int, one: Assertion) -> tuple[UUID, ...]:
    """The transactions of the account effective by the day and recorded after the assertion, in order of posting."""
    query = (select(transaction.c.id).distinct().join(transfer, of_transfer())
             .where(transaction.c.book_id == book_id, transaction.c.recorded_at > one.asserted_at,
                    transfer.c.effective_on <= one.on,
                    (transfer.c.debit_account == one.account.id) | (transfer.c.credit_account == one.account.id))
             .order_by(transaction.c.id))
    return tuple(row.id for row in connection.execute(query))
