"""Writers and sealers killed with signal 9 at work, on both databases: nothing acknowledged is lost.

LONG=1: 200 writers for each database.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger import Transfer
from tests.faults.books import (
    acknowledged_is_there,
    asked_again_once,
    findings,
    posted,
    read_journal,
    unknown_is_whole_or_absent,
)
from tests.faults.nursery import Nursery
from tests.ledger.house import DONOR, SHELF, earn, entry, wallet
from tests.ledger.sealed import SealedBook

KILLS = 200 if os.environ.get("LONG") else 20
WRITERS, SEALERS = 2, 2


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> SealedBook:
    made = SealedBook(engine, tmp_path / "seal-keys")
    made.post(*(earn(5_000, "2026-03-01", "2026-12-31", to=wallet(f"w{number}")) for number in range(6)))
    made.post(entry("receipt", "2026-03-01", Transfer(DONOR, SHELF, 100)))
    return made


def test_whoever_is_killed_while_writing_or_sealing_loses_nothing(
        book: SealedBook, nursery: Nursery, database_urls: tuple[str, str], tmp_path: Path) -> None:
    chance, kept, unknown, there, done = random.Random(5), [], 0, 0, 0
    for turn in range(KILLS // WRITERS):
        names = [f"{turn}-{number}" for number in range(WRITERS)]
        journals = [tmp_path / f"{name}.journal" for name in names]
        writers = [nursery.fork("write", database_urls[0], journal, name)
                   for name, journal in zip(names, journals, strict=True)]
        sealers = [nursery.fork("seal", database_urls[0], tmp_path / "none", f"{turn}-{number}")
                   for number in range(SEALERS if turn % 3 else 0)]  # every third turn nobody seals
        wait_for_some(journals, writers)
        time.sleep(chance.random() / 20)
        for one in chance.sample([*writers, *sealers], len(writers) + len(sealers)):
            nursery.kill(one)
        found = posted(book.engine)
        for journal in map(read_journal, journals):
            acknowledged_is_there(journal, found)
            there += unknown_is_whole_or_absent(journal, found)
            asked_again_once(book.engine, journal)
            kept.append(journal)
            unknown, done = unknown + len(journal.unknown), done + len(journal.done)
    found = posted(book.engine)
    for journal in kept:
        acknowledged_is_there(journal, found)
    assert findings(book.engine) == []
    assert done >= KILLS and unknown
    everything_is_sealed_once(book)
    print(f"{KILLS} writers killed: {done} acknowledged, {unknown} unknown, of these {there} there")


def wait_for_some(journals: list[Path], writers: list[int]) -> None:
    """Until each writer has had an answer, so that it is killed at work and not on its way there."""
    deadline = time.monotonic() + 60
    while not all(path.exists() and path.read_bytes().count(b"\n") >= 4 for path in journals):
        assert time.monotonic() < deadline, f"{writers} do not get on"
        time.sleep(0.002)


def everything_is_sealed_once(book: SealedBook) -> None:
    """Leaves 0 … n-1, one for each transaction, and the signature over them."""
    book.sign()
    leaves = book.leaves()
    assert [position for position, _ in leaves] == list(range(len(leaves)))
    verdict = book.verify()
    assert (verdict.faults, verdict.waiting, verdict.size) == ([], 0, len({one for _, one in leaves}))
