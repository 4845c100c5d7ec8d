"""0015_sealing: where each book's log stands, the roots of its tiles, and no change ever to a leaf or a checkpoint.

Why: law 11. As for transactions, SQLite needs a BEFORE INSERT trigger too, because INSERT OR REPLACE slips past the
others. Rows touched: none. Locks: the two tables, briefly. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0015_sealing", "0014_jobs"

SAME_KEY = {
    "ledger_leaf": """
        SELECT 1 FROM ledger_leaf WHERE book_id = NEW.book_id AND position = NEW.position
        UNION ALL
        SELECT 1 FROM ledger_leaf WHERE book_id = NEW.book_id AND transaction_id = NEW.transaction_id
        UNION ALL
        SELECT 1 FROM ledger_leaf WHERE rowid = NEW.rowid""",
    "ledger_checkpoint": """
        SELECT 1 FROM ledger_checkpoint WHERE book_id = NEW.book_id AND size = NEW.size
        UNION ALL
        SELECT 1 FROM ledger_checkpoint WHERE rowid = NEW.rowid""",
}


def upgrade() -> None:
    op.create_table(
        "ledger_log",
        sa.Column("book_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("profile", sa.String(20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_ledger_log"),
    )
    op.create_table(
        "ledger_tile",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "level", "position", name="pk_ledger_tile"),
    )
    dialect = op.get_bind().dialect.name
    for table, same_key in SAME_KEY.items():
        for statement in on_postgresql(table) if dialect == "postgresql" else on_sqlite(table, same_key):
            op.execute(statement)


def on_sqlite(table: str, same_key: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({same_key}) BEGIN {refuse}; END",
    ]


def on_postgresql(table: str) -> list[str]:
    """The function stands since 0002."""
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()",
    ]
