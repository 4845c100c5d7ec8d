"""From what was typed to transactions. Receipt numbers belong to the shop, which registers how to find one:

    register_finder(find_receipt)        # find(s, by, text) -> transaction ids, newest first
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import TransactionView
from pointsbank import accounts
from pointsbank.access import Actor
from pointsbank.amounts import POINT
from pointsbank.errors import DomainError
from reports.audit.searching import Typed
from reports.statements.queries import household_for

PAGE = 50
Finder = Callable[[Session, Actor, str], list[UUID]]
_finders: list[Finder] = []


def register_finder(find: Finder) -> None:
    if find not in _finders:
        _finders.append(find)


def find(s: Session, by: Actor, typed: Typed, *, before: UUID | None = None) -> list[TransactionView]:
    """Transactions the text may mean: an exact number first, else all of the day, else all of the amount."""
    conn, exact = s.connection(), exact_ids(s, by, typed)
    if exact:
        return ledger.transactions(conn, by.book_id, ids=exact, limit=PAGE)
    if typed.day is not None:
        return ledger.transactions(conn, by.book_id, start=typed.day, end=typed.day, before=before, limit=PAGE)
    if typed.amount is not None:
        return ledger.transactions(conn, by.book_id, amount=typed.amount, commodity=POINT,
                                   before=before, limit=PAGE)
    return []


def exact_ids(s: Session, by: Actor, typed: Typed) -> list[UUID]:
    """By the transaction's own id, a statement's line number, or a receipt's number."""
    if typed.transaction_id is not None:
        return [typed.transaction_id]
    if typed.household is not None and typed.seq is not None:
        return line_ids(s, by, typed.household, typed.seq)
    return [id_ for finder in _finders for id_ in finder(s, by, typed.receipt)]


def line_ids(s: Session, by: Actor, household: str, seq: int) -> list[UUID]:
    """'H011-17': the seventeenth movement of H011's wallet."""
    try:
        home = household_for(s, by, household)
    except DomainError:
        return []
    lines = ledger.lines(s.connection(), by.book_id, accounts.wallet(home.id, home.place_code))
    return [line.transaction_id for line in lines if line.seq == seq]
