"""0002_ledger_append_only: refuse UPDATE, DELETE, REPLACE and TRUNCATE on transactions and transfers, whoever connects.

Why: law 2. On SQLite INSERT OR REPLACE and ON CONFLICT DO UPDATE can slip past UPDATE and DELETE triggers, so a BEFORE
INSERT trigger aborts when the key exists, SQLite's own rowid included. Rows touched: none.
Locks: the two tables, briefly. Forward only.
"""

from __future__ import annotations

from alembic import op

revision, down_revision = "0002_ledger_append_only", "0001_ledger"

TABLES = ("ledger_transaction", "ledger_transfer")
SAME_KEY = {
    "ledger_transaction": """
        SELECT 1 FROM ledger_transaction WHERE book_id = NEW.book_id AND id = NEW.id
        UNION ALL
        SELECT 1 FROM ledger_transaction WHERE book_id = NEW.book_id AND scope = NEW.scope AND key = NEW.key
        UNION ALL
        SELECT 1 FROM ledger_transaction WHERE rowid = NEW.rowid""",
    "ledger_transfer": """
        SELECT 1 FROM ledger_transfer
        WHERE book_id = NEW.book_id AND transaction_id = NEW.transaction_id AND line = NEW.line
        UNION ALL
        SELECT 1 FROM ledger_transfer
        WHERE book_id = NEW.book_id AND debit_account = NEW.debit_account AND debit_seq = NEW.debit_seq
        UNION ALL
        SELECT 1 FROM ledger_transfer
        WHERE book_id = NEW.book_id AND credit_account = NEW.credit_account AND credit_seq = NEW.credit_seq
        UNION ALL
        SELECT 1 FROM ledger_transfer WHERE rowid = NEW.rowid""",
}


def on_sqlite(table: str) -> list[str]:
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({SAME_KEY[table]}) "
        f"BEGIN {refuse}; END",
    ]


def on_postgresql(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()",
    ]


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$")
    for table in TABLES:
        for statement in (on_postgresql if dialect == "postgresql" else on_sqlite)(table):
            op.execute(statement)
