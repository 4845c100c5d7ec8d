"""0035_carry_caps: a place's policy says how much of a wallet goes on into the new year, and where that was done.

Why: the ledger can cap what is carried on; a place can now ask for it, and the daily job does it once a year. Rows
touched: none; every policy stays without a cap. Locks: `record_policy`, briefly. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0035_carry_caps", "0034_transfer_requests"


def upgrade() -> None:
    op.add_column("record_policy", sa.Column("carry_most", sa.BigInteger))
    op.add_column("record_policy", sa.Column("carry_percent", sa.Integer))
    op.add_column("record_policy", sa.Column("carry_since", sa.Date))
    op.create_table(
        "record_carry_cap", sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place_code", sa.String(12), primary_key=True), sa.Column("cut_off", sa.Date, primary_key=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False))
