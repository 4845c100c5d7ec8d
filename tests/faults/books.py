"""What the journals say against what the book says."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, text

import ledger
from ledger import BelowFloor
from pointsbank.database import write_connection
from tests.faults.writer import HELD, SCOPE, do, entries_of
from tests.ledger.house import BOOK


class Journal(NamedTuple):
    """What one writer noted: the ids of what was acknowledged, what was refused, and what nobody knows."""

    done: dict[str, list[str]]
    refused: set[str]
    unknown: set[str]


def read_journal(path: Path) -> Journal:
    done: dict[str, list[str]] = {}
    refused, tried = set(), set()
    for line in path.read_bytes().decode().split("\n")[:-1]:  # a line that was cut off says nothing
        what, key, *ids = line.split(" ")
        if what == "try":
            tried.add(key)
        elif what == "refused":
            refused.add(key)
        else:
            done[key] = ids
    return Journal(done, refused, tried - refused - done.keys())


def posted(engine: Engine) -> dict[str, tuple[str, int]]:
    """{key: (id, number of lines)} of everything the writers have in the book, and their holds' keys."""
    # one statement, one state of the book: what a killed client had sent may still be committed while we read
    with engine.connect() as connection:
        return {key: (str(found).replace("-", ""), lines) for key, found, lines in connection.execute(text(
            "SELECT t.key, t.id, count(f.line) FROM ledger_transaction t LEFT JOIN ledger_transfer f "
            "ON f.book_id = t.book_id AND f.transaction_id = t.id WHERE t.scope = :scope GROUP BY t.key, t.id "
            "UNION ALL SELECT key, id, 0 FROM ledger_hold WHERE scope = :scope"), {"scope": SCOPE})}


def acknowledged_is_there(journal: Journal, found: dict[str, tuple[str, int]]) -> None:
    """Every acknowledged posting stands there, with all its lines, under the id that was given for it."""
    for key, ids in journal.done.items():
        entries = entries_of(key)
        assert [found.get(entry.key) for entry in entries] == [
            (one.replace("-", ""), len(entry.transfers)) for one, entry in zip(ids, entries, strict=True)], key


def unknown_is_whole_or_absent(journal: Journal, found: dict[str, tuple[str, int]]) -> int:
    """Of a key nobody knows, everything stands there or nothing; how many were there."""
    there = 0
    for key in journal.unknown | journal.refused:
        entries = entries_of(key)
        have = [found[entry.key][1] == len(entry.transfers) if entry.key in found else None for entry in entries]
        if entries[0].kind == "captured":
            have.append(f"{HELD}{key}" in found or None)
        assert set(have) in ({True}, {None}), (key, have)
        assert have[0] is None or key in journal.unknown
        there += have[0] is True
    return there


def asked_again_once(engine: Engine, journal: Journal) -> None:
    """The same key again: the first result where it was posted, else this one; never a second effect."""
    before = posted(engine)
    for key in sorted(journal.unknown):
        try:
            with write_connection(engine) as connection:
                ids = [one.replace("-", "") for one in do(connection, key)]
        except BelowFloor:
            assert entries_of(key)[0].key not in before
            continue
        now = posted(engine)
        assert [now[entry.key][0] for entry in entries_of(key)] == ids
        assert all(now[entry.key] == before.get(entry.key, now[entry.key]) for entry in entries_of(key))
    with engine.connect() as connection:
        for key in sorted(journal.unknown):
            assert connection.scalar(text("SELECT count(*) FROM ledger_transaction WHERE key = :key"),
                                     {"key": key}) <= 1


def findings(engine: Engine) -> list[ledger.Finding]:
    with engine.connect() as connection:
        return ledger.check(connection, BOOK)
