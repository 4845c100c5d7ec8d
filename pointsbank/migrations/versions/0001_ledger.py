"""0001_ledger: the double-entry tables. `book_id` leads every primary, unique and foreign key.

Why: laws 1, 4, 10 and the place for holds, periods and seals. Rows touched: none. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001_ledger", None


def upgrade() -> None:
    accounts()
    transactions()
    transfers()
    derived()
    later()


def _book() -> sa.Column[int]:
    return sa.Column("book_id", sa.Integer(), nullable=False, autoincrement=False)


def _instant(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def accounts() -> None:
    op.create_table(
        "ledger_book", _book(),
        sa.Column("lapses", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_ledger_book"),
    )
    op.create_table(
        "ledger_commodity", _book(),
        sa.Column("code", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "code", name="pk_ledger_commodity"),
    )
    op.create_table(
        "ledger_account", _book(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commodity", sa.String(40), nullable=False),
        sa.Column("code", sa.String(120), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("floor", sa.BigInteger()),
        sa.Column("expires_to", sa.Uuid()),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_ledger_account"),
        sa.UniqueConstraint("book_id", "commodity", "code", name="uq_ledger_account_code"),
    )


def transactions() -> None:
    op.create_table(
        "ledger_transaction", _book(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        _instant("recorded_at"),
        sa.Column("household", sa.Uuid()),
        sa.Column("person", sa.Uuid()),
        sa.Column("rule", sa.String(80)),
        sa.Column("place", sa.String(12)),
        sa.Column("reverses", sa.Uuid()),
        sa.Column("may_go_below", sa.Boolean(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_ledger_transaction"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_ledger_transaction_key"),
    )
    for column, rest in (("household", ["id"]), ("person", ["id"]), ("reverses", [])):
        present = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_ledger_transaction_{column}", "ledger_transaction", ["book_id", column, *rest],
                        sqlite_where=present, postgresql_where=present)


def transfers() -> None:
    op.create_table(
        "ledger_transfer", _book(),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("debit_account", sa.Uuid(), nullable=False),
        sa.Column("credit_account", sa.Uuid(), nullable=False),
        sa.Column("commodity", sa.String(40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("debit_seq", sa.BigInteger()),
        sa.Column("debit_after", sa.BigInteger()),
        sa.Column("credit_seq", sa.BigInteger()),
        sa.Column("credit_after", sa.BigInteger()),
        sa.Column("reverses_line", sa.Integer()),
        sa.PrimaryKeyConstraint("book_id", "transaction_id", "line", name="pk_ledger_transfer"),
        sa.UniqueConstraint("book_id", "debit_account", "debit_seq", name="uq_ledger_transfer_debit"),
        sa.UniqueConstraint("book_id", "credit_account", "credit_seq", name="uq_ledger_transfer_credit"),
        sa.ForeignKeyConstraint(["book_id", "transaction_id"],
                                ["ledger_transaction.book_id", "ledger_transaction.id"],
                                name="fk_ledger_transfer_transaction"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_transfer_amount"),
        sa.CheckConstraint("debit_account <> credit_account", name="ck_ledger_transfer_two_accounts"),
        sa.CheckConstraint("debit_seq IS NOT NULL OR credit_seq IS NOT NULL",
                           name="ck_ledger_transfer_has_member"),
        sa.CheckConstraint("(debit_seq IS NULL) = (debit_after IS NULL)", name="ck_ledger_transfer_debit"),
        sa.CheckConstraint("(credit_seq IS NULL) = (credit_after IS NULL)", name="ck_ledger_transfer_credit"),
    )


def derived() -> None:
    op.create_table(
        "ledger_balance", _book(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("out_total", sa.BigInteger(), nullable=False),
        sa.Column("last_due_on", sa.Date()),
        sa.Column("last_effective_on", sa.Date()),
        sa.Column("last_lapse_on", sa.Date()),
        sa.PrimaryKeyConstraint("book_id", "account_id", name="pk_ledger_balance"),
        sa.ForeignKeyConstraint(["book_id", "account_id"], ["ledger_account.book_id", "ledger_account.id"],
                                name="fk_ledger_balance_account"),
        sa.CheckConstraint("held >= 0", name="ck_ledger_balance_held"),
    )
    op.create_table(
        "ledger_due", _book(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "account_id", "due_on", name="pk_ledger_due"),
    )
    op.create_table(
        "ledger_unsealed", _book(),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "transaction_id", name="pk_ledger_unsealed"),
    )


def later() -> None:
    """Holds, closed months, leaves and checkpoints: their place is kept, nothing writes them yet."""
    op.create_table(
        "ledger_hold", _book(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _instant("reserved_at"),
        _instant("lapses_at"),
        _instant("ended_at", nullable=True),
        sa.Column("ended_as", sa.String(20)),
        sa.Column("captured_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("book_id", "id", name="pk_ledger_hold"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_ledger_hold_key"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_hold_amount"),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index("ix_ledger_hold_open", "ledger_hold", ["book_id", "account_id"],
                    sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "ledger_period", _book(),
        sa.Column("month", sa.Date(), nullable=False),
        _instant("closed_at"),
        sa.Column("closed_by", sa.Text(), nullable=False),
        _instant("reopened_at", nullable=True),
        sa.Column("reopened_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("book_id", "month", "closed_at", name="pk_ledger_period"),
    )
    op.create_table(
        "ledger_leaf", _book(),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        _instant("sealed_at"),
        sa.PrimaryKeyConstraint("book_id", "position", name="pk_ledger_leaf"),
        sa.UniqueConstraint("book_id", "transaction_id", name="uq_ledger_leaf_transaction"),
    )
    op.create_table(
        "ledger_checkpoint", _book(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        _instant("signed_at"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "size", name="pk_ledger_checkpoint"),
    )
