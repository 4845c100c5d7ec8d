"""A PostgreSQL server killed with signal 9 under load, again and again; what it had acknowledged is there afterwards.

LONG=1: 20 times.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from ledger import Transfer
from pointsbank.database import engine_for
from tests.faults.books import (
    acknowledged_is_there,
    asked_again_once,
    findings,
    posted,
    read_journal,
    unknown_is_whole_or_absent,
)
from tests.faults.nursery import Nursery
from tests.faults.own_postgresql import OwnServer
from tests.faults.test_killed_processes import everything_is_sealed_once
from tests.ledger.house import DONOR, SHELF, earn, entry, wallet
from tests.ledger.sealed import SealedBook

KILLS = 20 if os.environ.get("LONG") else 3
WRITERS = 3


@pytest.mark.parametrize("kind", ["postgresql"])
def test_a_server_killed_under_load_keeps_every_acknowledged_posting(
        own_server: OwnServer, nursery: Nursery, tmp_path: Path, kind: str) -> None:
    engine, chance, unknown = engine_for(own_server.url), random.Random(7), 0
    book = SealedBook(engine, tmp_path / "seal-keys")
    book.post(*(earn(5_000, "2026-03-01", "2026-12-31", to=wallet(f"w{number}")) for number in range(6)))
    book.post(entry("receipt", "2026-03-01", Transfer(DONOR, SHELF, 100)))
    journals = [tmp_path / f"{number}.journal" for number in range(WRITERS)]
    for number, journal in enumerate(journals):
        nursery.fork("write", own_server.url, journal, f"w{number}")
    nursery.fork("seal", own_server.url, tmp_path / "none", "sealer")
    workers = nursery.living[-WRITERS - 1:]
    for _ in range(KILLS):
        engine.dispose()
        wait_until_all_get_on(journals)
        time.sleep(chance.random() / 5)
        own_server.kill()
        before = [read_journal(path) for path in journals]
        unknown += sum(len(journal.unknown) for journal in before)
        own_server.start()
        found = posted(engine)
        for journal in before:
            acknowledged_is_there(journal, found)
    wait_until_all_get_on(journals)
    for worker in workers:
        nursery.kill(worker)
    found = posted(engine)
    for journal in map(read_journal, journals):
        acknowledged_is_there(journal, found)
        unknown_is_whole_or_absent(journal, found)
        asked_again_once(engine, journal)
        assert len(journal.done) > KILLS
    assert findings(engine) == [] and unknown
    everything_is_sealed_once(book)
    print(f"{KILLS} times killed: {sum(len(read_journal(path).done) for path in journals)} acknowledged, "
          f"{unknown} unknown at the time")
    engine.dispose()


def wait_until_all_get_on(journals: list[Path]) -> None:
    """Until each writer has had answers since now."""
    start = [path.read_bytes().count(b"\n") if path.exists() else 0 for path in journals]
    deadline = time.monotonic() + 60
    while not all(path.exists() and path.read_bytes().count(b"\n") >= was + 8
                  for path, was in zip(journals, start, strict=True)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
