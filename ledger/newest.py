"""The newest lines of a member account, whatever else stands in the book.

Its numbers have no gaps, so the newest 50 are those above the last one less 50: two short walks of an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.records import Account
from ledger.stores import store_for

SIDE = """
    SELECT f.{side}_seq, f.transaction_id, f.line, f.effective_on, t.kind, {sign}f.amount, f.{side}_after
    FROM ledger_transfer f JOIN ledger_transaction t ON t.book_id = f.book_id AND t.id = f.transaction_id
    WHERE f.book_id = ? AND f.{side}_account = ? AND f.{side}_seq > ? AND f.{side}_seq <= ?"""
NEWEST = f"{SIDE.format(side='debit', sign='-')} UNION ALL {SIDE.format(side='credit', sign='')} ORDER BY 1 DESC"


class NewLine(NamedTuple):
    """A line in the order it was posted: `amount` signed, `balance` right after it."""

    seq: int
    transaction_id: UUID
    line: int
    effective_on: date
    kind: str
    amount: int
    balance: int


def newest_lines(connection: Connection, book_id: int, owner: Account, count: int = 50,
                 before: int | None = None) -> Sequence[NewLine]:
    """The last `count` lines, newest first; `before` is the number of the last one of the page before. Statements: 2.

    Raises ValueError for a system account, which has no sequence.
    """
    if not owner.is_member:
        raise ValueError(f"{owner.code}: a system account has no sequence of its own")
    store = store_for(connection, book_id)
    if before is None:
        found = store.balances([owner.id], locked=False)
        before = found[0].last_seq + 1 if found else 1
    mine = store.value(owner.id), before - 1 - count, before - 1
    return [NewLine(row[0], store.uuid(row[1]), row[2], store.day(row[3]), *row[4:])  # type: ignore[arg-type]
            for row in store.run(NEWEST, book_id, *mine, book_id, *mine)]
