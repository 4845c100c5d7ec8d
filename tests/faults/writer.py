"""What a process does until it is killed: post, and note outside the database what was acknowledged.

What a key stands for follows from the key alone, so whoever finds it unknown can ask for the same again. The journal's
lines: `try KEY`, then `done KEY id…` (on the disk before the next one is tried), `refused KEY`, or nothing: unknown.
"""

from __future__ import annotations

import os
import random
import time
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

import ledger
from ledger import BelowFloor, Entry, Hold, Transfer
from ledger.sealing import seal_batch
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import BOOK, BUDGET, DONOR, GIVEN, SCORED, SERVED, SHELF, SPENT, day, hours, noon, score, wallet

ON = day("2026-03-05")
AT = noon(ON)
SCOPE = "killed"
HELD = "held-"  # a hold's key is its capture's with this before it


def entries_of(key: str) -> list[Entry]:
    """The transactions of a key, posted together: a service, a sale of goods, a move, or several at once."""
    chance = random.Random(key)
    one, other = (wallet(f"w{number}") for number in chance.sample(range(6), 2))

    def entry(part: str, kind: str, *transfers: Transfer) -> Entry:
        return Entry(SCOPE, f"{key}{part}", kind, ON, transfers)

    earned = entry("", "earned", Transfer(SERVED, hours("p"), 60),
                   Transfer(BUDGET, one, chance.randint(100, 400), day("2026-12-31")),
                   Transfer(SCORED, score("s"), 100))
    kinds = {
        "earned": [earned],
        "sale": [entry("", "sale", Transfer(one, SPENT, chance.randint(1, 300)), Transfer(SHELF, GIVEN, 1))],
        "move": [entry("", "moved", Transfer(one, other, chance.randint(1, 200)))],
        "held": [entry("", "captured", Transfer(one, SPENT, chance.randint(1, 200)))],
        "many": [earned, *(entry(f"/{number}", "receipt", Transfer(DONOR, SHELF, 2)) for number in range(3))],
    }
    return kinds[chance.choice([*kinds, "earned"])]


def do(connection: Connection, key: str) -> list[str]:
    """Post what the key stands for, or find that it was posted; the ids. Raises BelowFloor."""
    entries = entries_of(key)
    if entries[0].kind != "captured":
        return [str(one.transaction_id) for one in ledger.post(connection, BOOK, entries, recorded_at=AT)]
    move = entries[0].transfers[0]
    made = ledger.hold(connection, BOOK, Hold(SCOPE, f"{HELD}{key}", move.debit, move.amount + 1), recorded_at=AT)
    return [str(ledger.capture(connection, BOOK, made.hold.id, entries[0], recorded_at=AT).transaction_id)]


def write_until_killed(url: str, journal: Path, name: str) -> None:
    """A lost connection leaves its key unknown; the same key is sent again until somebody answers."""
    engine = engine_for(url)
    with open(journal, "ab", buffering=0) as file:
        for number in count():
            key = f"{name}-{number}"
            file.write(f"try {key}\n".encode())
            file.write(f"{answer(engine, key)}\n".encode())
            os.fsync(file.fileno())


def answer(engine: Engine, key: str) -> str:
    while True:
        try:
            with write_connection(engine) as connection:
                ids = do(connection, key)
            return f"done {key} {' '.join(ids)}"
        except BelowFloor:
            return f"refused {key}"
        except DBAPIError as lost:
            if not lost.connection_invalidated and engine.dialect.name == "sqlite":
                raise
            engine.dispose()
            time.sleep(0.01)


def seal_until_killed(url: str, journal: Path, name: str) -> None:
    engine, chance = engine_for(url), random.Random(name)
    while True:
        try:
            with write_connection(engine) as connection:
                seal_batch(connection, BOOK, at=AT, limit=chance.choice((1, 3, 50)), wait=chance.random() < 0.5)
        except DBAPIError:
            engine.dispose()
        time.sleep(chance.random() / 200)


WORK = {"write": write_until_killed, "seal": seal_until_killed}
