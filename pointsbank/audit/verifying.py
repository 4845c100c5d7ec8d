"""`verify` for the trail: every event hashed again, the tree rebuilt, every signed checkpoint held against it.

A fault names its event: what was done to what, and when. Where an event and its leaf were changed together, it is the
range between two checkpoints. A clean book gives none. Reads each event once, in the order of ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from ledger.checkpoints import State, named_key_line, stored
from ledger.leaves import Row, column, run
from ledger.store import Store
from ledger.stores import store_for
from ledger.verifier import Checkpoint, Key, read_key
from ledger.verifying import FAULTS_MAX, READ, ZERO, Fault, Verdict, as_id, islice_faults, opened, tree_faults
from pointsbank.audit.leaves import FIELDS, columns, event_hash
from pointsbank.audit.models import CHECKPOINT, TRAIL
from pointsbank.audit.sealing import log_name

ACTION, SUBJECT, AT = (FIELDS.index(name) for name in ("action", "subject", "at"))


def trail_key(key: Key, book_id: int) -> Key:
    """The same public key under the name of the trail's log."""
    return read_key(named_key_line(log_name(book_id), key.public))


def verify(connection: Connection, book_id: int, key: Key | None, *, kept: Sequence[Checkpoint] = (),
           remembered: State | None = None) -> Verdict:
    """Verify a book's trail as `connection` sees it; on PostgreSQL give a REPEATABLE READ one."""
    store = store_for(connection, book_id)
    notes = stored(connection, book_id, CHECKPOINT)
    signed, faults = opened(connection, notes, trail_key(key, book_id) if key else None)
    sizes = sorted({*(one.size for one in (*signed, *kept)), *([remembered.size] if remembered else ())})
    size, found = tree_faults(store, sizes, [*signed, *kept], remembered, TRAIL)
    faults += found
    faults += islice_faults(row_faults(store))
    faults += missing_rows(store)
    waiting = len(run(store, "SELECT 1 FROM audit_unsealed WHERE book_id = ?", book_id))
    faults.sort(key=lambda one: (one.leaf is None, one.leaf or 0))
    return Verdict(size, waiting, len(notes), faults)


def row_faults(store: Store) -> Iterator[Fault]:
    """Each event's leaf again from its row."""
    query = (f"SELECT {columns(store, 'e')}, l.position, l.hash, u.event_id IS NOT NULL FROM audit_event e "
             "LEFT JOIN audit_leaf l ON l.book_id = e.book_id AND l.event_id = e.id "
             "LEFT JOIN audit_unsealed u ON u.book_id = e.book_id AND u.event_id = e.id "
             f"WHERE e.book_id = ? AND e.id > {as_id(store)} ORDER BY e.id LIMIT {READ}")
    last = ZERO
    while page := run(store, query, store.book_id, last):
        for row in page:
            yield from row_fault(store.book_id, row)
        last = page[-1][0]


def row_fault(book_id: int, row: Row) -> Iterator[Fault]:
    *fields, position, hashed, waits = row
    name = f"event {fields[0]} ({fields[ACTION]} {fields[SUBJECT]} at {fields[AT]})"
    if position is None:
        if not waits:
            yield fault("unsealed", None, f"{name}: written past the door: it has no leaf and waits for none")
        return
    if event_hash(book_id, fields) != bytes(hashed):
        yield fault("changed", position, f"leaf {position}: {name} was changed after it was sealed")
    if waits:
        yield fault("queue", position, f"leaf {position}: {name} is sealed and stands in the queue again")


def missing_rows(store: Store) -> Iterator[Fault]:
    """Leaves and queue rows whose event is gone."""
    for table, place in ((TRAIL.leaf.name, "l.position"), (TRAIL.queue.name, "NULL")):
        for position, gone in run(store, f"""
                SELECT {place}, {gone_id(store)} FROM {table} l
                LEFT JOIN audit_event e ON e.book_id = l.book_id AND e.id = l.event_id
                WHERE l.book_id = ? AND e.id IS NULL ORDER BY 1 LIMIT {FAULTS_MAX}""", store.book_id):
            where = f"leaf {position}: its event" if position is not None else "an event that waited for its seal,"
            yield fault("deleted", position, f"{where} {gone} was deleted")


def gone_id(store: Store) -> str:
    return column(store, "l", "transaction_id").replace("transaction_id", "event_id")


def fault(law: str, leaf: Any, message: str) -> Fault:
    return Fault(law, leaf, None, None, message)
