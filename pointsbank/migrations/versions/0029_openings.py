"""Opening balances from paper passbooks: entered by one person, confirmed by another.

Why: a village begins with what its passbooks say. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0029_openings", "0028_ledger_turnover"


def upgrade() -> None:
    op.create_table(
        "opening_sheet",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_person", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_opening_sheet_key"),
    )
    op.create_index("ix_opening_sheet_place", "opening_sheet", ["book_id", "place_code", "id"])
