"""Reads of whole transactions: one by id or key, many by filter, newest first, page by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, func, or_, select

from ledger.errors import UnknownTransaction
from ledger.reading import among
from ledger.records import Account, Party, TransactionView, TransferView
from ledger.tables import account, transaction, transfer


def transaction_by_id(connection: Connection, book_id: int, transaction_id: UUID) -> TransactionView:
    """One transaction with its transfers and what reversed it; three statements. Raises UnknownTransaction."""
    found = viewed(connection, book_id, heads(book_id).where(transaction.c.id == transaction_id))
    if not found:
        raise UnknownTransaction(transaction_id)
    return found[0]


def find_by_key(connection: Connection, book_id: int, scope: str, key: str) -> TransactionView | None:
    """What was posted under a key; three statements."""
    found = viewed(connection, book_id, heads(book_id).where(transaction.c.scope == scope, transaction.c.key == key))
    return found[0] if found else None


def transactions(connection: Connection, book_id: int, *, kinds: Iterable[str] | None = None,
                 household: UUID | None = None, person: UUID | None = None, place: str | None = None,
                 rule: str | None = None, reverses: UUID | None = None, owner: Account | None = None,
                 start: date | None = None, end: date | None = None, before: UUID | None = None,
                 ids: Sequence[UUID] | None = None, amount: int | None = None,
                 commodity: str | None = None, limit: int = 50) -> list[TransactionView]:
    """Transactions that match, newest first. `before` is the id of the last one of the page before.

    Statements: three, whatever the number; at most 1,000 transactions a page.
    """
    query = heads(book_id)
    for column, value in ((transaction.c.household, household), (transaction.c.person, person),
                          (transaction.c.place, place), (transaction.c.rule, rule),
                          (transaction.c.reverses, reverses)):
        if value is not None:
            query = query.where(column == value)
    if kinds is not None:
        query = query.where(transaction.c.kind.in_(list(kinds)))
    if start is not None:
        query = query.where(transaction.c.effective_on >= start)
    if end is not None:
        query = query.where(transaction.c.effective_on <= end)
    if before is not None:
        query = query.where(transaction.c.id < before)
    if ids is not None:
        query = query.where(among(connection, transaction.c.id, ids))
    if amount is not None:  # one of its transfers moves exactly so much
        moved = select(transfer.c.transaction_id).where(transfer.c.book_id == book_id, transfer.c.amount == amount)
        if commodity is not None:
            moved = moved.where(transfer.c.commodity == commodity)
        query = query.where(transaction.c.id.in_(moved))
    if owner is not None:
        query = query.where(transaction.c.id.in_(select(transfer.c.transaction_id).where(
            transfer.c.book_id == book_id,
            or_(transfer.c.debit_account == owner.id, transfer.c.credit_account == owner.id))))
    return viewed(connection, book_id, query.order_by(transaction.c.id.desc()).limit(min(limit, 1_000)))


def heads(book_id: int) -> Select[Any]:
    return select(transaction).where(transaction.c.book_id == book_id)


def viewed(connection: Connection, book_id: int, query: Select[Any], *,
           with_reversals: bool = True) -> list[TransactionView]:
    """Records of the rows of a query over `heads`; without reversals, `reversed_by` stays empty."""
    rows = connection.execute(query).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    reversals = reversals_of(connection, book_id, ids) if with_reversals else ()
    taken: dict[tuple[UUID, int], int] = {}
    for row in reversals:
        taken[row.reverses, row.reverses_line] = taken.get((row.reverses, row.reverses_line), 0) + int(row.amount)
    lines: dict[UUID, list[TransferView]] = {}
    for row in transfers_of(connection, book_id, ids):
        lines.setdefault(row.transaction_id, []).append(view_of(row, taken.get((row.transaction_id, row.line), 0)))
    undone: dict[UUID, dict[UUID, None]] = {}
    for row in reversals:
        undone.setdefault(row.reverses, {})[row.id] = None
    return [TransactionView(
        book_id, row.id, row.scope, row.key, row.kind, row.effective_on, row.recorded_at,
        Party(row.household, row.person), row.rule, row.place, row.reverses, row.may_go_below, row.meta,
        tuple(lines.get(row.id, ())), tuple(undone.get(row.id, ()))) for row in rows]


def reversals_of(connection: Connection, book_id: int, ids: Sequence[UUID]) -> Sequence[Any]:
    """What was taken back of these, line by line. The few that reverse are found first: left to itself, SQLite reads
    every transfer of the book to find them.
    """
    back = (select(transaction.c.id, transaction.c.reverses)
            .where(transaction.c.book_id == book_id, transaction.c.reverses.is_not(None),
                   among(connection, transaction.c.reverses, ids)).cte("back").prefix_with("MATERIALIZED"))
    return connection.execute(
        select(back.c.reverses, back.c.id, transfer.c.reverses_line, func.sum(transfer.c.amount).label("amount"))
        .select_from(back.outerjoin(transfer, (transfer.c.book_id == book_id)
                                    & (transfer.c.transaction_id == back.c.id)))
        .group_by(back.c.reverses, back.c.id, transfer.c.reverses_line)
        .order_by(back.c.id)).all()


def transfers_of(connection: Connection, book_id: int, ids: Sequence[UUID]) -> Sequence[Any]:
    debit, credit = account.alias("debit"), account.alias("credit")
    return connection.execute(
        select(transfer, debit.c.code.label("from_code"), debit.c.is_member.label("from_member"),
               debit.c.floor.label("from_floor"), credit.c.code.label("to_code"),
               credit.c.is_member.label("to_member"), credit.c.floor.label("to_floor"))
        .join(debit, (debit.c.book_id == transfer.c.book_id) & (debit.c.id == transfer.c.debit_account))
        .join(credit, (credit.c.book_id == transfer.c.book_id) & (credit.c.id == transfer.c.credit_account))
        .where(transfer.c.book_id == book_id, among(connection, transfer.c.transaction_id, ids))
        .order_by(transfer.c.transaction_id, transfer.c.line)).all()


def view_of(row: Any, reversed_amount: int) -> TransferView:
    return TransferView(
        row.line, Account(row.commodity, row.from_code, row.from_member, row.from_floor),
        Account(row.commodity, row.to_code, row.to_member, row.to_floor), row.amount, row.due_on, row.debit_seq,
        row.debit_after, row.credit_seq, row.credit_after, row.reverses_line, reversed_amount)
