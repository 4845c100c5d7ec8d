"""Reversals: the only correction. A reversal reads the posted entry, never today's rule or price.

It names what it reverses, inherits due days, rule, party and place, and goes through the same door. A transfer is never
reversed twice or for more than its amount; a reversal and a lapse are never reversed (post the fact anew).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.drafts import Draft, DraftLine, as_json, hash_of
from ledger.errors import AlreadyReversed, MoreThanPosted, NotReversible, UnknownTransaction
from ledger.expiry import LAPSED_KIND
from ledger.posting import lock, write
from ledger.records import Account, Outcome, Party, check_amount, check_day, check_names
from ledger.stores import store_for
from ledger.tables import account, transaction, transfer

REVERSAL_KIND = "reversal"


class PostedLine(NamedTuple):
    line: int
    debit: Account
    credit: Account
    amount: int
    due_on: date | None


def reverse(connection: Connection, book_id: int, transaction_id: UUID, *, scope: str, key: str,
            recorded_at: datetime, effective_on: date, parts: Mapping[int, int] | None = None,
            claw_back: bool = False, meta: Mapping[str, Any] | None = None,
            kind: str = REVERSAL_KIND) -> Outcome:
    """Take a transaction back: `parts` is {line: amount}; without it, everything that is still left of it.

    `claw_back` is the right to take credits back that are already spent, below the floor. Where the reversed credit had
    lapsed, the lapse is given back in the same call. Lines are taken back last one first.
    Same key again: the first result, as a replay. Raises UnknownTransaction, NotReversible, AlreadyReversed,
    MoreThanPosted, BelowFloor, FutureDay, KeyReused, NotPositive. Statements: at most 23.
    """
    check_day(effective_on)
    check_names(scope, key, kind)
    for amount in (parts or {}).values():
        check_amount(amount)
    head = connection.execute(select(transaction).where(
        transaction.c.book_id == book_id, transaction.c.id == transaction_id)).one_or_none()
    if head is None:
        raise UnknownTransaction(transaction_id)
    if head.reverses is not None or head.kind == LAPSED_KIND:
        raise NotReversible()
    lines = posted_lines(connection, book_id, transaction_id)
    store = store_for(connection, book_id)
    lock(store, {side.id for line in lines for side in (line.debit, line.credit) if side.is_member})
    text = as_json(dict(meta or {}))
    asked = None if parts is None else sorted(parts.items())
    content = hash_of("reversal", transaction_id, kind, effective_on, asked, claw_back, text)
    if store.keys([(scope, key)]):
        chosen = {line.line: line.amount for line in lines}  # a replay: what is left does not matter, the hash does
    else:
        chosen = choose(connection, book_id, transaction_id, lines, parts)
    draft = Draft(
        scope=scope, key=key, kind=kind, content_hash=content, effective_on=effective_on,
        lines=tuple(DraftLine(line.credit, line.debit, chosen[line.line], line.due_on, line.line)
                    for line in reversed(lines) if line.line in chosen),
        party=Party(head.household, head.person), rule=head.rule, place=head.place, meta=text,
        may_go_below=claw_back, reverses=transaction_id)
    return write(connection, book_id, [draft], recorded_at=recorded_at, each=False)[0]


def posted_lines(connection: Connection, book_id: int, transaction_id: UUID) -> list[PostedLine]:
    """The transaction's lines with their accounts as the book knows them; one statement."""
    debit, credit = account.alias("debit"), account.alias("credit")
    rows = connection.execute(
        select(transfer.c.line, transfer.c.amount, transfer.c.due_on, transfer.c.commodity,
               debit.c.code, debit.c.is_member, debit.c.floor,
               credit.c.code.label("to_code"), credit.c.is_member.label("to_member"),
               credit.c.floor.label("to_floor"))
        .join(debit, (debit.c.book_id == transfer.c.book_id) & (debit.c.id == transfer.c.debit_account))
        .join(credit, (credit.c.book_id == transfer.c.book_id) & (credit.c.id == transfer.c.credit_account))
        .where(transfer.c.book_id == book_id, transfer.c.transaction_id == transaction_id)
        .order_by(transfer.c.line))
    return [PostedLine(row.line, Account(row.commodity, row.code, row.is_member, row.floor),
                       Account(row.commodity, row.to_code, row.to_member, row.to_floor), row.amount, row.due_on)
            for row in rows]


def choose(connection: Connection, book_id: int, transaction_id: UUID, lines: list[PostedLine],
           parts: Mapping[int, int] | None) -> dict[int, int]:
    """{line: amount} to take back, judged under the members' lock against what earlier reversals took."""
    earlier = connection.execute(
        select(transfer.c.reverses_line, func.sum(transfer.c.amount))
        .join(transaction, (transaction.c.book_id == transfer.c.book_id)
              & (transaction.c.id == transfer.c.transaction_id))
        .where(transaction.c.book_id == book_id, transaction.c.reverses == transaction_id)
        .group_by(transfer.c.reverses_line)).all()
    taken = {line: int(amount) for line, amount in earlier}
    left = {line.line: line.amount - taken.get(line.line, 0) for line in lines}
    if parts is None:
        chosen = {line: amount for line, amount in left.items() if amount > 0}
        if not chosen:
            raise first_reversal(connection, book_id, transaction_id)
        return chosen
    if not parts:
        raise ValueError("parts name at least one line")
    posted = {line.line: line.amount for line in lines}
    for line, amount in parts.items():
        if amount > posted.get(line, 0):
            raise MoreThanPosted("parts", line=line, posted=posted.get(line, 0), asked=amount)
        if amount > left[line]:
            raise first_reversal(connection, book_id, transaction_id, line)
    return dict(parts)


def first_reversal(connection: Connection, book_id: int, transaction_id: UUID,
                   line: int | None = None) -> AlreadyReversed:
    """The refusal that names the first reversal (of the line, if one is given)."""
    query = (select(transaction.c.id, transaction.c.recorded_at)
             .join(transfer, (transfer.c.book_id == transaction.c.book_id)
                   & (transfer.c.transaction_id == transaction.c.id))
             .where(transaction.c.book_id == book_id, transaction.c.reverses == transaction_id)
             .order_by(transaction.c.id).limit(1))
    if line is not None:
        query = query.where(transfer.c.reverses_line == line)
    row = connection.execute(query).one()
    return AlreadyReversed(row.id, row.recorded_at, line)
