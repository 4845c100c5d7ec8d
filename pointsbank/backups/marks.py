"""What a database holds, in figures: per book the number of transactions, the oldest and the newest one; rows a table.

A mark of each book is kept outside the data, in `KEYS_DIR/last-known/<book>.json`, and only ever moves forward. The
ledger is append-only, so a database that lacks the marked transaction is an older copy, whatever its files look like.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, func, inspect, select

from ledger.tables import transaction
from pointsbank import clock
from pointsbank.backups.disk import read_json, write_json
from pointsbank.places.models import Book
from pointsbank.sealing import LEDGER, Log, recall

FOLDER = "last-known"


class Mark(NamedTuple):
    """How far a book has come. Ids are in order of creation, so the newest is the last one."""

    book: int
    demo: bool
    transactions: int
    first: UUID | None
    newest: UUID | None
    recorded_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        return {"book": self.book, "demo": self.demo, "transactions": self.transactions,
                "first": self.first and str(self.first), "newest": self.newest and str(self.newest),
                "recorded_at": self.recorded_at and self.recorded_at.isoformat()}


def mark_from(stored: dict[str, Any]) -> Mark:
    """Raises KeyError, TypeError or ValueError when it is no mark."""
    return Mark(int(stored["book"]), bool(stored["demo"]), int(stored["transactions"]),
                UUID(stored["first"]) if stored["first"] else None,
                UUID(stored["newest"]) if stored["newest"] else None,
                datetime.fromisoformat(stored["recorded_at"]) if stored["recorded_at"] else None)


def marks_of(connection: Connection) -> list[Mark]:
    """The mark of every book; none in an empty database. Four statements a book, at any revision of the schema."""
    tables = set(inspect(connection).get_table_names())
    if not {"book", "ledger_transaction"} <= tables:
        return []
    books = connection.execute(select(Book.book_id, Book.is_demo).order_by(Book.book_id)).all()
    return [mark_of(connection, book_id, demo) for book_id, demo in books]


def mark_of(connection: Connection, book_id: int, demo: bool, until: UUID | None = None) -> Mark:
    """The mark of one book, or of what it had up to a transaction."""
    mine = transaction.c.book_id == book_id
    if until is not None:
        mine &= transaction.c.id <= until
    rows = select(transaction.c.id, transaction.c.recorded_at).where(mine)
    count = connection.scalar(select(func.count()).select_from(transaction).where(mine)) or 0
    first = connection.execute(rows.order_by(transaction.c.id).limit(1)).first()
    last = connection.execute(rows.order_by(transaction.c.id.desc()).limit(1)).first()
    return Mark(book_id, demo, count, first.id if first else None, last.id if last else None,
                last.recorded_at if last else None)


def known_marks(keys_dir: Path) -> list[Mark]:
    """The marks kept beside the keys. A mark that cannot be read is passed over: it proves nothing."""
    found = []
    for path in sorted((keys_dir / FOLDER).glob("*.json")):
        try:
            found.append(mark_from(read_json(path)))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def keep_marks(keys_dir: Path, marks: Iterable[Mark]) -> None:
    for mark in marks:
        write_json(keys_dir / FOLDER / f"{mark.book}.json",
                   {**mark.as_json(), "marked_at": clock.now().isoformat("T", "seconds")})


def signed_size(keys_dir: Path, book_id: int, log: Log = LEDGER) -> int:
    """How many rows of a book's log the signer remembers to have signed; 0 when it has signed nothing."""
    try:
        state = recall(keys_dir, book_id, log).state
    except (OSError, RuntimeError):  # a damaged memory is the signer's own business: it refuses to sign
        return 0
    return state.size if state else 0


def row_counts(connection: Connection) -> dict[str, int]:
    """Rows of every table, by name."""
    quote = connection.dialect.identifier_preparer.quote
    return {name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()
            for name in sorted(inspect(connection).get_table_names())}
