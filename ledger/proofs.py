"""Proofs from the stored log: that a transaction is in it, and that one state of it continues another.

    proof = inclusion(connection, book_id, transaction_id, size)       # a leaf and its path to the root
    path = consistency(connection, book_id, old_size, size)

A proof reads a few hundred hashes whatever the log's size, because the root of every 256 (65,536 …) leaves is kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, select

from ledger.errors import UnknownTransaction
from ledger.merkle import (
    PROFILE,
    TILE_LEVELS,
    consistency_path,
    empty_root,
    inclusion_path,
    node_hash,
    split,
)
from ledger.sealing_tables import TRANSACTIONS, LogTables
from ledger.tables import leaf


class Inclusion(NamedTuple):
    """Leaf `position` of the first `size` leaves, its hash, and the path to their root."""

    position: int
    size: int
    leaf: bytes
    path: list[bytes]


class MissingHashes(Exception):
    """Leaves or tiles that should be there are not."""


class StoredTree:
    """A subtree reader over the rows of one book. Remembers what it read, so that many proofs share their hashes."""

    def __init__(self, connection: Connection, book_id: int, profile: str = PROFILE,
                 tables: LogTables = TRANSACTIONS) -> None:
        self.connection, self.book_id, self.profile, self.tables = connection, book_id, profile, tables
        self.known: dict[tuple[int, int], bytes] = {}

    def subtree(self, start: int, end: int) -> bytes:
        """The root over leaves start … end-1."""
        width = end - start
        if width == 0:
            return empty_root(self.profile)
        if width & (width - 1) or start % width:
            middle = start + split(width)
            return node_hash(self.subtree(start, middle), self.subtree(middle, end), self.profile)
        if (start, width) not in self.known:
            self.known[start, width] = self.perfect(start, width)
        return self.known[start, width]

    def perfect(self, start: int, width: int) -> bytes:
        level = (width.bit_length() - 1) // TILE_LEVELS * TILE_LEVELS
        nodes = self.stored(level, start >> level, (start + width) >> level)
        while len(nodes) > 1:
            nodes = [node_hash(nodes[at], nodes[at + 1], self.profile) for at in range(0, len(nodes), 2)]
        return nodes[0]

    def stored(self, level: int, first: int, end: int) -> list[bytes]:
        query: Select[Any]
        leaf, tile = self.tables.leaf, self.tables.tile
        if level == 0:
            query = select(leaf.c.hash).where(leaf.c.book_id == self.book_id, leaf.c.position >= first,
                                              leaf.c.position < end).order_by(leaf.c.position)
        else:
            query = select(tile.c.hash).where(tile.c.book_id == self.book_id, tile.c.level == level,
                                              tile.c.position >= first, tile.c.position < end).order_by(
                                                  tile.c.position)
        found = [bytes(value) for value in self.connection.scalars(query)]
        if len(found) != end - first:
            raise MissingHashes(f"{len(found)} hashes of level {level} where {end - first} should be, "
                                f"from number {first}")
        return found

    def root(self, size: int) -> bytes:
        return self.subtree(0, size)


def position_of(connection: Connection, book_id: int, transaction_id: UUID) -> tuple[int, bytes] | None:
    """The transaction's place in the log and its leaf hash; None while it waits for its seal."""
    row = connection.execute(select(leaf.c.position, leaf.c.hash).where(
        leaf.c.book_id == book_id, leaf.c.transaction_id == transaction_id)).one_or_none()
    return None if row is None else (row.position, bytes(row.hash))


def inclusion(connection: Connection, book_id: int, transaction_id: UUID, size: int,
              tree: StoredTree | None = None) -> Inclusion:
    """The proof that the transaction is among the first `size` leaves.

    Raises UnknownTransaction when it is not (not posted, not sealed yet, or sealed later).
    """
    found = position_of(connection, book_id, transaction_id)
    if found is None or found[0] >= size:
        raise UnknownTransaction(str(transaction_id))
    tree = tree or StoredTree(connection, book_id)
    return Inclusion(found[0], size, found[1], inclusion_path(tree.subtree, found[0], size))


def consistency(connection: Connection, book_id: int, old: int, size: int) -> list[bytes]:
    """The proof that the first `old` leaves begin the first `size` leaves."""
    return consistency_path(StoredTree(connection, book_id).subtree, old, size)
