"""Where the ledger stood: what a paper names so that its figures can be found again years later.

    position = position_now(s, book_id, at=now)        # seals what waits, so that a sale of a minute ago is in
    position_words(position, "zh")                     # '账本第 1284 条(含),根 3f9a…'

A figure "as of a position" counts the transactions whose leaf lies below its size and nothing else, so the same
question gets the same answer for ever, whatever commits late.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

import ledger
from pointsbank.database import unit_of_work
from pointsbank.words import words


class Position(NamedTuple):
    """The first `size` leaves of a book's log, and the root over them in hexadecimal."""

    size: int
    root: str


def position_now(s: Session, book_id: int, *, at: datetime) -> Position:
    """Seal what waits in the book and say where its log stands."""
    with unit_of_work(s):
        sealed = ledger.seal_now(s.connection(), book_id, at=at)
    return Position(sealed.size, sealed.root.hex())


def position_words(position: Position, lang: str) -> str:
    _ = words(lang)
    return _("封存记录前 %(size)s 条,校验根 %(root)s", size=position.size, root=position.root[:16])
