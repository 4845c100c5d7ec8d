"""0024_returns: an index of what came back to an account.

Why: the sweep of a hundred thousand wallets asks of each what returns it had, and nothing else of its history. Few
lines are returns, so the index is small and a posting seldom touches it. Rows touched: none. Locks: the transfers,
while the index is built. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0024_returns", "0023_sign_in"


def upgrade() -> None:
    returns = sa.text("reverses_line IS NOT NULL")
    op.create_index("ix_ledger_transfer_returns", "ledger_transfer", ["book_id", "credit_account"],
                    sqlite_where=returns, postgresql_where=returns)
