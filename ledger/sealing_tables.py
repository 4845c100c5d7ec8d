"""The sealer's own tables, in the ledger's MetaData: where the log stands, and the roots of its full tiles.

Both are derived: they follow from the leaves, `verify` recomputes them, and a lost row is made again.

`TRANSACTIONS` names the four tables of the ledger's log. Rows of another kind can have a log of the same kind: give the
functions of `sealing`, `proofs`, `checkpoints` and `verifying` that take `tables` the four of that one.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from ledger.tables import leaf, metadata, unsealed

log = Table(
    "ledger_log", metadata,  # one row per book; locked by whoever seals
    Column("book_id", Integer, nullable=False, autoincrement=False),
    Column("profile", String(20), nullable=False),  # the hash of this log, by name
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # roots of the perfect subtrees, largest first
    PrimaryKeyConstraint("book_id", name="pk_ledger_log"),
)

tile = Table(
    "ledger_tile", metadata,  # the root of every 2^level leaves, for levels 8, 16, 24 …
    Column("book_id", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("book_id", "level", "position", name="pk_ledger_tile"),
)


class LogTables(NamedTuple):
    """A log: what waits, the leaves, their tiles, where it stands; and the column that says what a leaf is of."""

    queue: Table
    leaf: Table
    tile: Table
    log: Table
    row: str


TRANSACTIONS = LogTables(unsealed, leaf, tile, log, "transaction_id")
