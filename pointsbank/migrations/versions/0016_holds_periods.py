"""0016_holds_periods: holds with what was captured of them, closed months with their trial balances, dated assertions.

Why: laws 6 and 9. The two tables whose place 0001 kept were never written, so they are made anew. What a transaction
took out of a hold, and the trial balance of a closing, are append-only like the transfers they speak of.
Rows touched: none. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0016_holds_periods", "0015_sealing"

SAME_KEY = {
    "ledger_capture": """
        SELECT 1 FROM ledger_capture WHERE book_id = NEW.book_id AND transaction_id = NEW.transaction_id
        AND account_id = NEW.account_id
        UNION ALL
        SELECT 1 FROM ledger_capture WHERE rowid = NEW.rowid""",
    "ledger_period_balance": """
        SELECT 1 FROM ledger_period_balance WHERE book_id = NEW.book_id AND month = NEW.month
        AND closed_at = NEW.closed_at AND account_id = NEW.account_id
        UNION ALL
        SELECT 1 FROM ledger_period_balance WHERE rowid = NEW.rowid""",
}


def upgrade() -> None:
    op.add_column("ledger_book", sa.Column("closed_until", sa.Date()))
    op.drop_table("ledger_hold")
    op.drop_table("ledger_period")
    holds()
    periods()
    assertions()
    append_only()


def _column(name: str, kind: sa.types.TypeEngine[object], nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable)


def _book() -> sa.Column[int]:
    return sa.Column("book_id", sa.Integer(), nullable=False, autoincrement=False)


def _instant(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def holds() -> None:
    op.create_table(
        "ledger_hold", _book(),
        _column("id", sa.Uuid()), _column("scope", sa.String(120)), _column("key", sa.String(200)),
        _column("kind", sa.String(40)), _column("content_hash", sa.LargeBinary(32)), _column("account_id", sa.Uuid()),
        _column("amount", sa.BigInteger()), _column("captured", sa.BigInteger()),
        _instant("reserved_at"), _instant("lapses_at", True), _instant("ended_at", True),
        _column("ended_as", sa.String(20), True),
        _column("since_seq", sa.BigInteger()), _column("until_seq", sa.BigInteger(), True),
        _column("household", sa.Uuid(), True), _column("person", sa.Uuid(), True),
        _column("place", sa.String(12), True), _column("meta", sa.JSON()),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_ledger_hold"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_ledger_hold_key"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_hold_amount"),
        sa.CheckConstraint("captured >= 0 AND captured <= amount", name="ck_ledger_hold_captured"),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index("ix_ledger_hold_account", "ledger_hold", ["book_id", "account_id", "ended_at"])
    op.create_index("ix_ledger_hold_timeout", "ledger_hold", ["book_id", "lapses_at"],
                    sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "ledger_capture", _book(),
        _column("transaction_id", sa.Uuid()), _column("account_id", sa.Uuid()), _column("hold_id", sa.Uuid()),
        _column("amount", sa.BigInteger()), _column("since_seq", sa.BigInteger()),
        sa.PrimaryKeyConstraint("book_id", "transaction_id", "account_id", name="pk_ledger_capture"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_capture_amount"),
    )
    op.create_index("ix_ledger_capture_hold", "ledger_capture", ["book_id", "hold_id"])


def periods() -> None:
    op.create_table(
        "ledger_period", _book(),
        _column("month", sa.Date()), _instant("closed_at"), _column("closed_by", sa.String(120)),
        _instant("reopened_at", True), _column("reopened_by", sa.String(120), True),
        _column("reopened_with", sa.String(120), True), _column("reason", sa.String(80), True),
        sa.PrimaryKeyConstraint("book_id", "month", "closed_at", name="pk_ledger_period"),
    )
    op.create_table(
        "ledger_period_balance", _book(),
        _column("month", sa.Date()), _instant("closed_at"), _column("account_id", sa.Uuid()),
        _column("debits", sa.BigInteger()), _column("credits", sa.BigInteger()), _column("balance", sa.BigInteger()),
        sa.PrimaryKeyConstraint("book_id", "month", "closed_at", "account_id", name="pk_ledger_period_balance"),
        sa.ForeignKeyConstraint(["book_id", "month", "closed_at"],
                                ["ledger_period.book_id", "ledger_period.month", "ledger_period.closed_at"],
                                name="fk_ledger_period_balance_period"),
    )
    op.create_index("ix_ledger_period_balance_account", "ledger_period_balance", ["book_id", "account_id", "month"])


def assertions() -> None:
    op.create_table(
        "ledger_assertion", _book(),
        _column("id", sa.Uuid()), _column("account_id", sa.Uuid()), _column("on_day", sa.Date()),
        _column("amount", sa.BigInteger()), _column("asserted_by", sa.String(120)), _instant("asserted_at"),
        _column("withdrawn_by", sa.String(120), True), _instant("withdrawn_at", True),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_ledger_assertion"),
    )


def append_only() -> None:
    for table, same_key in SAME_KEY.items():
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                       "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()")
            op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                       "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()")
            continue
        refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END")
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({same_key}) "
                   f"BEGIN {refuse}; END")
