"""Checkpoints: signed states of a book's log, in the open C2SP formats tlog-checkpoint and signed-note.

    pointsbank/230199
    1284
    uFQvoxO3…=                                the root over the first 1284 leaves
    accounts 96 q1bVq0sA…=                    how many member accounts, and the root of the account map
    lost 1100 1190 Zk3…=                      only after an acknowledged loss: from leaf, signed size, signed root

    — pointsbank/230199 8pN2…=                Ed25519

A checkpoint is drawn from committed rows only, on a connection of its own: every leaf since the last one is hashed
again from its rows, the new root is shown to continue the old one, and no balance is taken on trust. Then the signer
signs; who that is and what it remembers is not the ledger's business (see `pointsbank/sealing.py`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, Table, insert, select

from ledger.leaves import HEAD, columns, leaf_bytes, run, with_lines
from ledger.merkle import HASH_BYTES, consistency_holds, consistency_path, leaf_hash
from ledger.proofs import MissingHashes, StoredTree
from ledger.sealing import standing
from ledger.sealing_accounts import current
from ledger.sealing_errors import HistoryChanged, HistoryShrank, NothingSealed, RowsChanged
from ledger.sealing_tables import TRANSACTIONS, LogTables
from ledger.store import Store
from ledger.stores import store_for
from ledger.tables import checkpoint

READ = 1_000


class Signer(Protocol):
    """Holds the key. `public` is the raw Ed25519 public key."""

    public: bytes

    def sign(self, message: bytes) -> bytes: ...


class State(NamedTuple):
    """What a signer remembers: the newest size it signed, and the root."""

    size: int
    root: bytes


class Draft(NamedTuple):
    """A checkpoint before it is signed."""

    book_id: int
    size: int
    root: bytes
    text: str


def origin(book_id: int) -> str:
    """The name of a book's log, and of the key that signs it."""
    return f"pointsbank/{book_id}"


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]


def key_line(book_id: int, public: bytes) -> str:
    """The public key as auditors keep it."""
    return named_key_line(origin(book_id), public)


def named_key_line(name: str, public: bytes) -> str:
    return f"{name}+{key_id(name, public).hex()}+{b64(bytes([1]) + public)}"


def signed(draft: Draft, signer: Signer) -> str:
    """The signed note."""
    name = draft.text.partition("\n")[0]
    signature = key_id(name, signer.public) + signer.sign(draft.text.encode())
    return f"{draft.text}\n\u2014 {name} {b64(signature)}\n"


def draw(connection: Connection, book_id: int, remembered: State | None, lost: Sequence[str] = ()) -> Draft:
    """Draw the state of the log for signing. `connection` sees committed rows, all as of one moment.

    Raises NothingSealed, HistoryShrank, HistoryChanged, RowsChanged, NotSettled; then nothing must be signed.
    """
    size, root = standing(connection, book_id)
    since = remembered.size if remembered else 0
    if size == 0 and not remembered:
        raise NothingSealed(book=book_id)
    if remembered is not None:
        must_continue(connection, book_id, remembered, size, root)
    store = store_for(connection, book_id)
    for first in range(since, size, READ):
        must_match(store, first, min(first + READ, size))
    if stored_root(connection, book_id, size) != root:
        raise HistoryChanged(book=book_id, signed=since)
    accounts = current(connection, book_id)
    lines = [origin(book_id), str(size), b64(root), f"accounts {len(accounts)} {b64(accounts.root)}",
             *(f"lost {one}" for one in lost)]
    return Draft(book_id, size, root, "\n".join(lines) + "\n")


def stored_root(connection: Connection, book_id: int, size: int, tables: LogTables = TRANSACTIONS) -> bytes | None:
    """The root over the stored leaves; None when some of them are missing."""
    try:
        return StoredTree(connection, book_id, tables=tables).root(size)
    except MissingHashes:
        return None


def must_continue(connection: Connection, book_id: int, remembered: State, size: int, root: bytes,
                  tables: LogTables = TRANSACTIONS, name: object = None) -> None:
    """The signer's own memory against the log as it stands. `name` is what a refusal calls the log."""
    name = name or book_id
    if size < remembered.size:
        raise HistoryShrank(book=name, size=size, signed=remembered.size, last=remembered.size - 1)
    try:
        path = consistency_path(StoredTree(connection, book_id, tables=tables).subtree, remembered.size, size)
    except MissingHashes:
        raise HistoryChanged(book=name, signed=remembered.size) from None
    if not consistency_holds(remembered.size, remembered.root, size, root, path):
        raise HistoryChanged(book=name, signed=remembered.size)


def must_match(store: Store, first: int, end: int) -> None:
    """Leaves first … end-1 are what their rows give: a row changed since it was sealed is never signed."""
    rows = run(store, f"SELECT {columns(store, 't', HEAD)}, l.position, l.hash FROM ledger_leaf l "
                      "JOIN ledger_transaction t ON t.book_id = l.book_id AND t.id = l.transaction_id "
                      "WHERE l.book_id = ? AND l.position >= ? AND l.position < ? ORDER BY l.position",
               store.book_id, first, end)
    for at, (row, posted) in enumerate(zip(rows, with_lines(store, rows), strict=True), first):
        if row[-2] != at or leaf_hash(leaf_bytes(store.book_id, posted)) != bytes(row[-1]):
            refuse_leaf(store, at)
    if len(rows) != end - first:
        refuse_leaf(store, first + len(rows))


def refuse_leaf(store: Store, position: int) -> None:
    raise RowsChanged(book=store.book_id, what={"zh": f"第 {position} 条", "en": f"leaf {position}"})


def keep(connection: Connection, draft: Draft, note: str, *, at: datetime, checkpoint: Table = checkpoint) -> None:
    """Store a signed checkpoint; one of the same size that is stored already stays."""
    same = checkpoint.c.book_id == draft.book_id, checkpoint.c.size == draft.size
    if connection.scalar(select(checkpoint.c.size).where(*same)) is None:
        assert len(draft.root) == HASH_BYTES
        connection.execute(insert(checkpoint).values(book_id=draft.book_id, size=draft.size, root=draft.root,
                                                     signed_at=at, note=note))


def newest(connection: Connection, book_id: int, checkpoint: Table = checkpoint) -> str | None:
    """The newest stored checkpoint; None before the first."""
    return connection.scalar(select(checkpoint.c.note).where(checkpoint.c.book_id == book_id)
                             .order_by(checkpoint.c.size.desc()).limit(1))


def stored(connection: Connection, book_id: int, checkpoint: Table = checkpoint) -> dict[int, str]:
    """Every stored checkpoint by its size."""
    rows = connection.execute(select(checkpoint.c.size, checkpoint.c.note)
                              .where(checkpoint.c.book_id == book_id).order_by(checkpoint.c.size))
    return {row.size: row.note for row in rows}
