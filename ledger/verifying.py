"""`verify`: every leaf hashed again from its rows, the tree rebuilt, every signed checkpoint held against it.

What is compared: rows with leaves, leaves with the tiles, the roots with every stored checkpoint, with checkpoints
kept elsewhere and with the signer's memory, the accounts with the signed map, the balances with the lines. Each fault
names its leaf, transaction or account; where rows and leaf were changed together, the range between two checkpoints.
Reads each row once, in the order of its key. A clean book gives no fault.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger.checkpoints import State, stored
from ledger.leaves import HEAD, LINE, Posted, Row, column, columns, leaf_bytes, run
from ledger.merkle import Frontier, leaf_hash
from ledger.records import account_id
from ledger.sealing_accounts import AccountMap, recomputed
from ledger.sealing_tables import TRANSACTIONS, LogTables
from ledger.store import Store
from ledger.stores import store_for
from ledger.tables import leaf, transaction
from ledger.verifier import Checkpoint, Key, Wrong, open_note

READ = 2_000
FAULTS_MAX = 1_000
ZERO, LAST = "0" * 32, "f" * 32


class Fault(NamedTuple):
    """One thing that does not hold. `leaf` is where in the log, as far as known."""

    law: str
    leaf: int | None
    transaction: str | None
    account: str | None
    message: str


class Verdict(NamedTuple):
    """What was verified, and the faults in the order of the log; none for a clean book."""

    size: int
    waiting: int
    checkpoints: int
    faults: list[Fault]


Progress = Callable[[int], None]


def verify(connection: Connection, book_id: int, key: Key | None, *, kept: Sequence[Checkpoint] = (),
           remembered: State | None = None, progress: Progress = lambda _: None) -> Verdict:
    """Verify a book as `connection` sees it; on PostgreSQL give a REPEATABLE READ one. `progress` gets transactions.

    `key` judges the stored checkpoints; None when the book has never been signed. `kept` are checkpoints kept
    elsewhere, `remembered` is the signer's memory.
    """
    store = store_for(connection, book_id)
    notes = stored(connection, book_id)
    signed, faults = opened(connection, notes, key)
    roots = {one.size: one.root for one in (*signed, *kept)}
    sizes = sorted({*roots, *([remembered.size] if remembered else ())})
    size, found = tree_faults(store, sizes, [*signed, *kept], remembered)
    faults += found
    faults += islice_faults(row_faults(store, progress))
    faults += missing_rows(store)
    newest = max(signed, key=lambda one: one.size, default=None)
    for one in {one.size: one for one in (*kept, *([newest] if newest else ())) if one.map_root}.values():
        if one.size <= size:
            faults += map_faults(one, recomputed(connection, book_id, one.size))
    faults += balance_faults(store)
    waiting = len(run(store, "SELECT 1 FROM ledger_unsealed WHERE book_id = ?", book_id))
    faults.sort(key=lambda one: (one.leaf is None, one.leaf or 0))
    return Verdict(size, waiting, len(notes), faults)


def islice_faults(found: Iterator[Fault]) -> list[Fault]:
    """The first FAULTS_MAX: a book that was written over from end to end need not be listed whole."""
    return [fault for _, fault in zip(range(FAULTS_MAX), found, strict=False)]


def opened(connection: Connection, notes: dict[int, str], key: Key | None) -> tuple[list[Checkpoint], list[Fault]]:
    """The stored checkpoints whose signature holds."""
    signed: list[Checkpoint] = []
    faults: list[Fault] = []
    for size, note in notes.items():
        try:
            if key is None:
                raise Wrong("there is no key to check its signature with")
            one = open_note(note, key)
            if one.size != size:
                raise Wrong(f"it is signed for size {one.size}")
            signed.append(one)
        except Wrong as wrong:
            faults.append(Fault("checkpoint", size - 1, None, None, f"the checkpoint of size {size}: {wrong}"))
    return signed, faults


# -- the tree ----------------------------------------------------------------------------------------------------------
def tree_faults(store: Store, sizes: Sequence[int], signed: Sequence[Checkpoint], remembered: State | None,
                tables: LogTables = TRANSACTIONS) -> tuple[int, list[Fault]]:
    """Leaves 0 to n-1 without a gap, their tiles, the log's own row, and the root at every size that was signed."""
    faults: list[Fault] = []
    tree, wanted, roots = Frontier(), set(sizes), {}
    tile, log = tables.tile, tables.log
    tiles = {(row.level, row.position): bytes(row.hash) for row in store.connection.execute(
        select(tile.c.level, tile.c.position, tile.c.hash).where(tile.c.book_id == store.book_id))}
    for position, hashed in all_leaves(store, tables):
        if position != tree.size:
            faults.append(Fault("leaves", tree.size, None, None, f"leaf {tree.size} is missing: {position} follows"))
            break
        for level, place, made in tree.append(bytes(hashed)):
            if tiles.pop((level, place), None) != made:
                faults.append(Fault("tiles", place << level, None, None,
                                    f"tile {place} of level {level} is not what its leaves give"))
        if tree.size in wanted:
            roots[tree.size] = tree.root()
    if tiles and not faults:
        faults.append(Fault("tiles", tree.size, None, None, f"{len(tiles)} tiles stand for no leaves"))
    faults += root_faults(tree.size, roots, signed, remembered)
    row = store.connection.execute(select(log).where(log.c.book_id == store.book_id)).one_or_none()
    if (row.size, bytes(row.frontier)) != (tree.size, tree.packed()) if row else tree.size:
        faults.append(Fault("log", tree.size, None, None, "the log's own row does not say where its leaves end"))
    return tree.size, faults


def all_leaves(store: Store, tables: LogTables) -> Iterator[Row]:
    """(position, hash) of every leaf in order."""
    first = 0
    while rows := run(store, f"SELECT position, hash FROM {tables.leaf.name} WHERE book_id = ? AND position >= ? "
                             f"ORDER BY position LIMIT {READ}", store.book_id, first):
        yield from rows
        first = rows[-1][0] + 1


def root_faults(size: int, roots: dict[int, bytes], signed: Sequence[Checkpoint],
                remembered: State | None) -> Iterator[Fault]:
    """Every signed root against the tree; a changed range is named between two that hold."""
    states = [(one.size, one.root, f"the checkpoint of size {one.size}") for one in signed]
    if remembered:
        states.append((remembered.size, remembered.root, f"the signer's memory of size {remembered.size}"))
    good = 0
    for end, root, name in sorted(states):
        if end > size:
            yield Fault("truncated", size, None, None, f"{name} covers leaves {size} to {end - 1}: they are missing")
        elif end and roots.get(end) != root:
            yield Fault("root", good, None, None, f"{name} does not hold: among leaves {good} to {end - 1} one is "
                                                  "not what was signed")
            return
        else:
            good = end


# -- rows against leaves -----------------------------------------------------------------------------------------------
def row_faults(store: Store, progress: Progress) -> Iterator[Fault]:
    """Each transaction's leaf again from its rows, in the order of ids; two statements per READ transactions."""
    heads = (f"SELECT {columns(store, 't', HEAD)}, l.position, l.hash, u.transaction_id IS NOT NULL "
             "FROM ledger_transaction t "
             "LEFT JOIN ledger_leaf l ON l.book_id = t.book_id AND l.transaction_id = t.id "
             "LEFT JOIN ledger_unsealed u ON u.book_id = t.book_id AND u.transaction_id = t.id "
             f"WHERE t.book_id = ? AND t.id > {as_id(store)} ORDER BY t.id LIMIT {READ}")
    lines = (f"SELECT {columns(store, 'f', ('transaction_id', *LINE))} FROM ledger_transfer f WHERE f.book_id = ? "
             f"AND f.transaction_id > {as_id(store)} AND f.transaction_id <= {as_id(store)} "
             "ORDER BY f.transaction_id, f.line")
    last = ZERO
    while page := run(store, heads, store.book_id, last):
        moved: dict[str, list[Row]] = {}
        for row in run(store, lines, store.book_id, last, page[-1][0]):
            moved.setdefault(row[0], []).append(row[1:])
        for row in page:
            yield from row_fault(store.book_id, row, moved.pop(row[0], []))
        for orphan in moved:
            yield Fault("rows", None, orphan, None, "transfers without their transaction")
        last = page[-1][0]
        progress(len(page))
    for row in run(store, f"SELECT DISTINCT {column(store, 'f', 'transaction_id')} FROM ledger_transfer f "
                          f"WHERE f.book_id = ? AND f.transaction_id > {as_id(store)}", store.book_id, last):
        yield Fault("rows", None, row[0], None, "transfers without their transaction")


def as_id(store: Store) -> str:
    return "?::uuid" if store.connection.dialect.name == "postgresql" else "?"


def row_fault(book_id: int, row: Row, lines: list[Row]) -> Iterator[Fault]:
    *head, position, hashed, waits = row
    name = head[0]
    if position is None:
        if not waits:
            yield Fault("unsealed", None, name, None, "posted past the door: it has no leaf and waits for none")
        return
    if leaf_hash(leaf_bytes(book_id, Posted(head, lines))) != bytes(hashed):
        yield Fault("changed", position, name, None,
                    f"leaf {position}: the transaction or one of its {len(lines)} transfers was changed, added or "
                    "taken away after it was sealed")
    if waits:
        yield Fault("queue", position, name, None, f"leaf {position} is sealed and stands in the queue again")


def missing_rows(store: Store) -> Iterator[Fault]:
    """Leaves and queue rows whose transaction is gone."""
    for table, said in ((leaf, "leaf {}: its transaction was deleted"),
                        (None, "it waited for its seal and was deleted")):
        name = "ledger_leaf" if table is leaf else "ledger_unsealed"
        place = "l.position" if table is leaf else "NULL"
        for position, gone in run(store, f"""
                SELECT {place}, {column(store, 'l', 'transaction_id')} FROM {name} l
                LEFT JOIN ledger_transaction t ON t.book_id = l.book_id AND t.id = l.transaction_id
                WHERE l.book_id = ? AND t.id IS NULL ORDER BY 1 LIMIT {FAULTS_MAX}""", store.book_id):
            yield Fault("deleted", position, gone, None, said.format(position))


# -- accounts ----------------------------------------------------------------------------------------------------------
def map_faults(one: Checkpoint, found: AccountMap) -> Iterator[Fault]:
    """The signed account map against what the sealed lines give."""
    if gaps := [entry for entry in found.entries if entry.last_seq < 0]:
        yield Fault("accounts", one.size - 1, None, gaps[0].code, "its numbers have a gap")
    if (len(found), found.root) != (one.accounts, one.map_root):
        yield Fault("accounts", one.size - 1, None, None,
                    f"the account map of the checkpoint of size {one.size} is not what the lines and floors give")


def balance_faults(store: Store) -> Iterator[Fault]:
    """Each balance row against its lines, each account's id against its name."""
    rows = run(store, f"""
        SELECT {column(store, 'a', 'id')}, a.commodity, a.code, a.is_member, b.posted, b.last_seq,
               coalesce(s.posted, 0), coalesce(s.last, 0), coalesce(s.lines, 0)
        FROM ledger_account a
        LEFT JOIN ledger_balance b ON b.book_id = a.book_id AND b.account_id = a.id
        LEFT JOIN (SELECT account, sum(amount) AS posted, max(seq) AS last, count(*) AS lines FROM (
            SELECT debit_account AS account, debit_seq AS seq, -amount AS amount FROM ledger_transfer
            WHERE book_id = ? AND debit_seq IS NOT NULL
            UNION ALL
            SELECT credit_account, credit_seq, amount FROM ledger_transfer
            WHERE book_id = ? AND credit_seq IS NOT NULL) AS side GROUP BY account) AS s ON s.account = a.id
        WHERE a.book_id = ? ORDER BY a.code""", store.book_id, store.book_id, store.book_id)
    for name, commodity, code, is_member, posted, last_seq, given, last, lines in rows:
        if uuid.UUID(name) != account_id(commodity, code):
            yield Fault("account", None, None, code, "its id belongs to another commodity or code: it was renamed")
        if bool(is_member) != (posted is not None):
            yield Fault("account", None, None, code, "it was made a member account, or its balance row was deleted")
        elif is_member and (posted, last_seq, lines) != (int(given), last, last):
            yield Fault("balance", None, None, code,
                        f"balance {posted} after number {last_seq}; its {lines} lines give {given} after number {last}")


def transactions_to_read(connection: Connection, book_id: int) -> int:
    """For a progress bar."""
    return connection.scalar(select(func.count()).select_from(transaction)
                             .where(transaction.c.book_id == book_id)) or 0
