"""0028_ledger_turnover: months of each account, kept as the log grows, and how far in the log they go.

Why: laws 10 and 11: a balance or a report reads months, not transfers. Both can be made again (`ledger rebuild`).
Rows touched: none. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0028_ledger_turnover", "0027_reviews_packs"


def upgrade() -> None:
    op.create_table(
        "ledger_turnover",
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(80), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("debits", sa.BigInteger(), nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "account_id", "month", "kind", "rule", name="pk_ledger_turnover"),
    )
    op.create_table(
        "ledger_turned",
        sa.Column("book_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_ledger_turned"),
    )
