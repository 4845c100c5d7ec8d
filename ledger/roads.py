"""The roads behind the door, shortest first; `ledger.posting` is the door and the reference they are all held to.

`plain_road` posts entries of which every one is plain (see `ledger.plain`), or hands over, having written nothing.
`shortest_road` takes whatever comes: sums where sums are enough, `Plan.take` where not. `reference_road` is the slow
and obvious one. A test drives all of them with the same input.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ledger import plain_postgres, plain_sqlite, posting_function
from ledger.planning import Plan
from ledger.quick import QuickPlan
from ledger.records import Entry, Outcome
from ledger.store import Store
from ledger.stores import store_for

Road = Callable[[Connection, int, int], tuple[Store, type[Plan]]]
_road: ContextVar[Road | None] = ContextVar("ledger_road", default=None)


def chosen() -> Road | None:
    """The road that `by_road` prescribes, if it does."""
    return _road.get()


@contextmanager
def by_road(road: Road) -> Iterator[None]:
    """Everything posted meanwhile takes this road: for whoever compares them."""
    token = _road.set(road)
    try:
        yield
    finally:
        _road.reset(token)


def reference_road(connection: Connection, book_id: int, _number: int) -> tuple[Store, type[Plan]]:
    """The slow and obvious one, which the others are held to by a test."""
    return store_for(connection, book_id), Plan


def shortest_road(connection: Connection, book_id: int, number: int) -> tuple[Store, type[Plan]]:
    """The quick arithmetic; batches by COPY on PostgreSQL, single postings on SQLite by the driver's own cursor."""
    store = store_for(connection, book_id, copying=number > 1)
    return store.directly() if number == 1 else store, QuickPlan


def plain_road(connection: Connection, book_id: int, entries: Sequence[Entry],
               recorded_at: datetime) -> list[Outcome] | None:
    """Post entries that are plain; None, with nothing written, where one is not."""
    if not entries:
        return []
    if connection.dialect.name == "sqlite":
        with uncollected(len(entries)):
            return plain_sqlite.post_plain(connection, book_id, entries, recorded_at)
    if connection.dialect.driver != "psycopg":
        return None
    if len(entries) == 1:
        return posting_function.post_one(connection, book_id, entries[0], recorded_at)
    with whole(connection), uncollected(len(entries)):
        return plain_postgres.post_plain(connection, book_id, entries, recorded_at)


def whole(connection: Connection) -> AbstractContextManager[Any]:
    """On a connection in autocommit mode several statements need a transaction of their own; elsewhere the caller's."""
    driver: Any = connection.connection.driver_connection
    return driver.transaction() if getattr(driver, "autocommit", False) is True else nullcontext()


@contextmanager
def uncollected(number: int) -> Iterator[None]:
    """A batch makes rows by the ten thousand and no circles: the collector would walk them again and again."""
    pause = number >= 100 and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()
