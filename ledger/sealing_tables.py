"""The sealer's own tables, in the ledger's MetaData: where the log stands, and the roots of its full tiles.

Both are derived: they follow from the leaves, `verify` recomputes them, and a lost row is made again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from ledger.tables import metadata

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
