"""The sealer: takes posted transactions out of the queue and makes them leaves of their book's log.

    seal_now(connection, book_id, at=now)       # everything that waits, in the caller's transaction

The queue is a table written with each transaction; what is taken is what *stands in it*, never "everything after the
last one", so a transaction that commits late, whatever its id, is sealed later and never missed. One transaction
inserts the leaves, empties the queue and moves the log on: killed anywhere, all of it or nothing happened. The log's
row is the sealers' lock; two of them take turns. Leaves are hashed from the rows as stored, never from what the
poster held in memory. A batch costs O(batch + log n): the frontier is kept. Moments of the log never step back, and no
two batches share one: a moment stands for one position for ever, whatever the clock does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from ledger.leaves import HEAD, Row, columns, ids_in, leaf_bytes, run, with_lines
from ledger.merkle import HASH_BYTES, PROFILE, Frontier, leaf_hash
from ledger.proofs import StoredTree
from ledger.sealing_tables import TRANSACTIONS, LogTables
from ledger.store import Store
from ledger.store_sqlite import SqliteStore
from ledger.stores import store_for

BATCH = 1_000
INSTANT = timedelta(microseconds=1)
Moment = datetime | Callable[[], datetime]  # a clock is asked when the log is ours


class Sealed(NamedTuple):
    """Where a book's log stands: how many leaves, and the root over them."""

    size: int
    root: bytes


def seal_now(connection: Connection, book_id: int, *, at: Moment) -> Sealed:
    """Seal everything that waits in the book, in the caller's transaction; waits for another sealer at work.

    Statements, reports and verdicts call it first, so that they stand on a position of the log.
    """
    while seal_batch(connection, book_id, at=at) == BATCH:
        pass
    return standing(connection, book_id)


def standing(connection: Connection, book_id: int, tables: LogTables = TRANSACTIONS) -> Sealed:
    """Where the log stands; reads one row."""
    row = connection.execute(select(tables.log).where(tables.log.c.book_id == book_id)).one_or_none()
    tree = Frontier() if row is None else Frontier.unpacked(row.size, bytes(row.frontier), row.profile)
    return Sealed(tree.size, tree.root())


def books(connection: Connection, tables: LogTables = TRANSACTIONS) -> list[int]:
    """The books that have a log."""
    return list(connection.scalars(select(tables.log.c.book_id).order_by(tables.log.c.book_id)))


def waiting_books(connection: Connection, tables: LogTables = TRANSACTIONS) -> list[int]:
    """The books with something in their queue."""
    book = tables.queue.c.book_id
    return list(connection.scalars(select(book).distinct().order_by(book)))


def waiting(connection: Connection, book_id: int, tables: LogTables = TRANSACTIONS) -> int:
    """How many rows wait for their seal."""
    queue = tables.queue
    return connection.scalar(select(func.count()).select_from(queue).where(queue.c.book_id == book_id)) or 0


def seal_batch(connection: Connection, book_id: int, *, at: Moment, limit: int = BATCH, wait: bool = True) -> int:
    """Seal at most `limit` waiting transactions; how many. With `wait=False`, 0 while another sealer is at work.

    Fewer than `limit` means that all that was committed when the batch began is sealed.
    Statements: at most 8, and 3 more to begin a log.
    """
    store = store_for(connection, book_id)
    tree = locked_tree(store, wait)
    if tree is None:
        return 0
    return append(store, tree, [(one.id, leaf_hash(leaf_bytes(book_id, one), PROFILE))
                                for one in with_lines(store, waiting_heads(store, limit))], at)


def append(store: Store, tree: Frontier, hashed: Sequence[tuple[str, bytes]], at: Moment,
           tables: LogTables = TRANSACTIONS) -> int:
    """Make these (hex id, leaf hash) leaves of a locked log and take them off its queue; how many."""
    if not hashed:
        return 0
    first, leaves, tiles = tree.size, [], []
    for name, one in hashed:
        leaves.append((tree.size, name, one))
        tiles += tree.append(one)
    insert_leaves(store, leaves, moment_after(store, first, at() if callable(at) else at, tables), tables)
    insert_tiles(store, tiles, tables)
    run(store, f"DELETE FROM {tables.queue.name} WHERE book_id = ? AND {tables.row} {{ids}} RETURNING 1",
        store.book_id, ids_in(store, [name for name, _ in hashed]))
    log = tables.log
    moved = store.connection.execute(log.update().where(log.c.book_id == store.book_id, log.c.size == first).values(
        size=tree.size, frontier=tree.packed()))
    assert moved.rowcount == 1, "the log moved under its lock"
    return len(hashed)


def waiting_heads(store: Store, limit: int) -> Sequence[Row]:
    """The oldest of the queue. What is sealed already, or was never posted, stays there for `verify` to name."""
    return run(store, f"""
        SELECT {columns(store, 't', HEAD)} FROM ledger_unsealed u
        JOIN ledger_transaction t ON t.book_id = u.book_id AND t.id = u.transaction_id
        LEFT JOIN ledger_leaf l ON l.book_id = u.book_id AND l.transaction_id = u.transaction_id
        WHERE u.book_id = ? AND l.transaction_id IS NULL ORDER BY u.transaction_id LIMIT ?""", store.book_id, limit)


def locked_tree(store: Store, wait: bool, tables: LogTables = TRANSACTIONS) -> Frontier | None:
    """The book's log, its row locked to the end of the transaction; None when somebody else has it."""
    locking = "" if isinstance(store, SqliteStore) else "FOR UPDATE" if wait else "FOR UPDATE SKIP LOCKED"
    name = tables.log.name
    query = f"SELECT profile, size, frontier FROM {name} WHERE book_id = ? {locking}"
    rows = run(store, query, store.book_id)
    if not rows and run(store, f"SELECT 1 FROM {name} WHERE book_id = ?", store.book_id):
        return None
    if not rows:  # a new book, or a row somebody dropped: the leaves say where it stands
        tree = tree_of_leaves(store.connection, store.book_id, tables)
        run(store, f"INSERT INTO {name} (book_id, profile, size, frontier) VALUES (?, ?, ?, ?) "
                   "ON CONFLICT (book_id) DO NOTHING RETURNING 1", store.book_id, PROFILE, tree.size, tree.packed())
        rows = run(store, query, store.book_id)
    return Frontier.unpacked(rows[0][1], bytes(rows[0][2]), rows[0][0]) if rows else None


def tree_of_leaves(connection: Connection, book_id: int, tables: LogTables = TRANSACTIONS) -> Frontier:
    """The frontier that the stored leaves and tiles give."""
    leaf = tables.leaf
    last = connection.scalar(select(leaf.c.position).where(leaf.c.book_id == book_id)
                             .order_by(leaf.c.position.desc()).limit(1))
    size = 0 if last is None else last + 1
    tree, hashes, start = StoredTree(connection, book_id, tables=tables), [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            hashes.append(tree.subtree(start, start + (1 << level)))
            start += 1 << level
    return Frontier(size, hashes)


def moment_after(store: Store, size: int, at: datetime, tables: LogTables) -> datetime:
    """`at`, or where the clock has not moved on since the last leaf, the instant after that one's."""
    leaf = tables.leaf
    last: datetime | None = store.connection.scalar(select(leaf.c.sealed_at).where(
        leaf.c.book_id == store.book_id, leaf.c.position == size - 1))
    return at if last is None or last < at else last + INSTANT


def insert_leaves(store: Store, leaves: Sequence[tuple[int, str, bytes]], at: datetime, tables: LogTables) -> None:
    into = f"INSERT INTO {tables.leaf.name} (book_id, position, {tables.row}, hash, sealed_at) "
    if isinstance(store, SqliteStore):
        store.many(into + "VALUES (?, ?, ?, ?, ?)", [(store.book_id, *one, at) for one in leaves])
        return
    positions, ids, hashes = (list(one) for one in zip(*leaves, strict=True))
    insert(store, into + "SELECT %s, given.*, %s FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[]) AS given",
           store.book_id, at, positions, ids, hashes)


def insert_tiles(store: Store, tiles: Sequence[tuple[int, int, bytes]], tables: LogTables) -> None:
    if not tiles:
        return
    rows = [(store.book_id, *one) for one in tiles]
    assert all(len(row[3]) == HASH_BYTES for row in rows)
    mark = "?" if isinstance(store, SqliteStore) else "%s"
    store.connection.exec_driver_sql(f"INSERT INTO {tables.tile.name} (book_id, level, position, hash) "
                                     f"VALUES ({', '.join([mark] * 4)})", rows)


def insert(store: Store, statement: str, *parameters: Any) -> None:
    store.connection.exec_driver_sql(statement, parameters)
