"""The trail's sealer, and its checkpoints before they are signed.

Like the ledger's: what is sealed is what stands in the queue that is written with each event, one transaction a batch.
A checkpoint's note is of the log `pointsbank/<book>/trail` and names the state of the ledger it was signed beside:

    pointsbank/230199/trail
    512
    pQ1x…=                                    the root over the first 512 events
    ledger 1284 uFQvoxO3…=                    where the ledger stood
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from ledger.checkpoints import Draft, State, b64, must_continue, origin, stored_root
from ledger.leaves import Row, run
from ledger.sealing import BATCH, Moment, append, locked_tree, standing
from ledger.sealing_errors import HistoryChanged, NothingSealed, RowsChanged
from ledger.store import Store
from ledger.stores import store_for
from pointsbank.audit.leaves import columns, event_hash
from pointsbank.audit.models import TRAIL

READ = 1_000


def log_name(book_id: int) -> str:
    """What the trail's log and the key that signs it are called."""
    return f"{origin(book_id)}/trail"


def called(book_id: int) -> dict[str, str]:
    """The log in a refusal's sentence."""
    return {"zh": f"{book_id} 的操作留痕", "en": f"{book_id} (its trail)"}


def seal_batch(connection: Connection, book_id: int, *, at: Moment, limit: int = BATCH, wait: bool = True) -> int:
    """Seal at most `limit` waiting events; how many. With `wait=False`, 0 while another sealer is at work."""
    store = store_for(connection, book_id)
    tree = locked_tree(store, wait, TRAIL)
    if tree is None:
        return 0
    rows = run(store, f"""
        SELECT {columns(store, 'e')} FROM audit_unsealed u
        JOIN audit_event e ON e.book_id = u.book_id AND e.id = u.event_id
        LEFT JOIN audit_leaf l ON l.book_id = u.book_id AND l.event_id = u.event_id
        WHERE u.book_id = ? AND l.event_id IS NULL ORDER BY u.event_id LIMIT ?""", book_id, limit)
    return append(store, tree, [(row[0], event_hash(book_id, row)) for row in rows], at, TRAIL)


def draw(connection: Connection, book_id: int, remembered: State | None, lost: Sequence[str] = ()) -> Draft:
    """Draw the state of the trail for signing, as `ledger.checkpoints.draw` does.

    Raises NothingSealed, HistoryShrank, HistoryChanged, RowsChanged; then nothing must be signed.
    """
    size, root = standing(connection, book_id, TRAIL)
    since = remembered.size if remembered else 0
    if size == 0 and not remembered:
        raise NothingSealed(book=called(book_id))
    if remembered is not None:
        must_continue(connection, book_id, remembered, size, root, TRAIL, called(book_id))
    store = store_for(connection, book_id)
    for first in range(since, size, READ):
        must_match(store, first, min(first + READ, size))
    if stored_root(connection, book_id, size, TRAIL) != root:
        raise HistoryChanged(book=called(book_id), signed=since)
    ledger = standing(connection, book_id)
    lines = [log_name(book_id), str(size), b64(root), f"ledger {ledger.size} {b64(ledger.root)}",
             *(f"lost {one}" for one in lost)]
    return Draft(book_id, size, root, "\n".join(lines) + "\n")


def must_match(store: Store, first: int, end: int) -> None:
    """Leaves first … end-1 are what their events give."""
    rows: Sequence[Row] = run(store, f"""
        SELECT {columns(store, 'e')}, l.position, l.hash FROM audit_leaf l
        JOIN audit_event e ON e.book_id = l.book_id AND e.id = l.event_id
        WHERE l.book_id = ? AND l.position >= ? AND l.position < ? ORDER BY l.position""", store.book_id, first, end)
    for at, row in enumerate(rows, first):
        if row[-2] != at or event_hash(store.book_id, row) != bytes(row[-1]):
            refuse(store.book_id, at)
    if len(rows) != end - first:
        refuse(store.book_id, first + len(rows))


def refuse(book_id: int, position: int) -> None:
    raise RowsChanged(book=called(book_id), what={"zh": f"第 {position} 条", "en": f"leaf {position}"})
