"""0037_trail_sealed: the trail's own Merkle log, and the reason of a deed, sealed for whom it is about.

Why: triggers stop the application, not the owner of the database; a signed log names what somebody edited past them.
Rows touched: every event so far goes into the queue and is sealed by the server within seconds. Locks: audit_event,
briefly. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0037_trail_sealed", "0036_number_claims"

SAME_KEY = {
    "audit_leaf": """
        SELECT 1 FROM audit_leaf WHERE book_id = NEW.book_id AND position = NEW.position
        UNION ALL
        SELECT 1 FROM audit_leaf WHERE book_id = NEW.book_id AND event_id = NEW.event_id
        UNION ALL
        SELECT 1 FROM audit_leaf WHERE rowid = NEW.rowid""",
    "audit_checkpoint": """
        SELECT 1 FROM audit_checkpoint WHERE book_id = NEW.book_id AND size = NEW.size
        UNION ALL
        SELECT 1 FROM audit_checkpoint WHERE rowid = NEW.rowid""",
}


def number(name: str, kind: type[sa.types.TypeEngine[int]] = sa.BigInteger) -> sa.Column[int]:
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.add_column("audit_event", sa.Column("why", sa.LargeBinary))
    op.add_column("audit_event", sa.Column("why_subject", sa.Uuid))
    op.create_table("audit_unsealed", number("book_id", sa.Integer), sa.Column("event_id", sa.Uuid, primary_key=True))
    op.create_table(
        "audit_leaf", number("book_id", sa.Integer), number("position"),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("book_id", "event_id", name="uq_audit_leaf_event"),
    )
    op.create_table("audit_tile", number("book_id", sa.Integer), number("level", sa.Integer), number("position"),
                    sa.Column("hash", sa.LargeBinary(32), nullable=False))
    op.create_table("audit_log", number("book_id", sa.Integer),
                    sa.Column("profile", sa.String(20), nullable=False),
                    sa.Column("size", sa.BigInteger, nullable=False),
                    sa.Column("frontier", sa.LargeBinary, nullable=False))
    op.create_table(
        "audit_checkpoint", number("book_id", sa.Integer), number("size"),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO audit_unsealed (book_id, event_id) SELECT book_id, id FROM audit_event")
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
