"""Databases and books to measure in: accounts that can pay, entries, and books filled row by row."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

import ledger
from ledger import Account, Entry, Transfer
from ledger.planning import new_id
from ledger.posting import open_accounts
from ledger.stores import store_for
from pointsbank.database import engine_for, write_connection
from tests import databases

BOOK, DAY, AT = 230199, date(2026, 11, 25), datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
OPENING, SPENT = ledger.system("POINT", "opening:bench"), ledger.system("POINT", "spent:bench")
EXPIRED = ledger.system("POINT", "expired:bench")
LAPSED_ON, LATER = DAY - timedelta(days=30), DAY + timedelta(days=300)
FILL = 5_000


class House:
    """One fresh migrated database: the application's engine, and the owner's address for the references' tables."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        urls = databases.fresh(kind, folder)
        self.engine, self.owner_url = engine_for(urls[0]), urls[1]
        self.owner = engine_for(urls[1])

    def close(self) -> None:
        self.engine.dispose()
        self.owner.dispose()
        databases.drop(self.owner_url)

    def settle(self) -> None:
        """Statistics as they are in a book that has been in use for a while."""
        with self.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE" if self.kind == "postgresql" else "ANALYZE")


@contextmanager
def house(kind: str, folder: Path) -> Iterator[House]:
    made = House(kind, folder / uuid.uuid4().hex)
    try:
        yield made
    finally:
        made.close()


def wallets(count: int, expiring: bool = False) -> list[Account]:
    return [ledger.member("POINT", f"wallet:{number}", expires_to=EXPIRED if expiring else None)
            for number in range(count)]


def funded(engine: Engine, accounts: list[Account]) -> None:
    """Enough in every account for any number of transfers; by the door."""
    for start in range(0, len(accounts), FILL):
        post(engine, [entry("open", Transfer(OPENING, one, 10**9)) for one in accounts[start:start + FILL]])


def entry(scope: str, *transfers: Transfer) -> Entry:
    return Entry(scope, uuid.uuid4().hex, "bench", DAY, transfers)


def pairs(accounts: list[Account], count: int, scope: str = "bench") -> list[Entry]:
    """Transfers between random accounts."""
    return [entry(scope, Transfer(*random.sample(accounts, 2), 100)) for _ in range(count)]


def post(engine: Engine, entries: list[Entry]) -> int:
    with write_connection(engine) as connection:
        ledger.post(connection, BOOK, entries, recorded_at=AT)
    return len(entries)


def fill(engine: Engine, owners: list[Account], lines: int, half_due: bool = False) -> int:
    """Rows as the door would have written them, by the door's own store: each owner gets so many transfers, three of
    four coming in. With `half_due` every other owner's credits have lapsed. Every row is lawful; nothing is checked.
    """
    done = 0
    for start in range(0, len(owners), max(1, FILL // lines)):
        part = owners[start:start + max(1, FILL // lines)]
        with write_connection(engine) as connection:
            done += fill_part(connection, part, start, lines, half_due)
    return done


def fill_part(connection: Connection, owners: list[Account], start: int, lines: int, half_due: bool) -> int:
    store = store_for(connection, BOOK, copying=True)
    open_accounts(store, [*owners, OPENING, SPENT])
    transactions: list[tuple[Any, ...]] = []
    transfers: list[tuple[Any, ...]] = []
    balances: list[tuple[Any, ...]] = []
    dues: list[tuple[uuid.UUID, date, int]] = []
    day, content = LAPSED_ON - timedelta(days=60), bytes(32)
    for number, owner in enumerate(owners, start):
        due = (LAPSED_ON if number % 2 == 0 else LATER) if half_due else None
        posted = out = 0
        for seq in range(1, lines + 1):
            key, leaving = new_id(), seq % 4 == 0
            posted += -50 if leaving else 100
            out += 50 if leaving else 0
            transactions.append((key, "fill", f"{owner.code}:{seq}", "bench", content, day, None, None, None, None,
                                 None, False, "{}"))
            if leaving:
                transfers.append((key, 1, owner.id, SPENT.id, "POINT", 50, day, None, seq, posted, None, None, None))
            else:
                transfers.append((key, 1, OPENING.id, owner.id, "POINT", 100, day, due, None, None, seq, posted, None))
        balances.append((owner.id, posted, 0, lines, out, due or date.max, day, None))
        if due is not None:
            dues.append((owner.id, due, posted + out))
    store.insert_rows(transactions, transfers, AT)
    store.add_due(dues)
    store.update_balances(balances)
    return len(transactions)
