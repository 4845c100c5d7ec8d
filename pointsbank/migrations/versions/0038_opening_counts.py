"""0038_opening_counts: a shop's opening stock as two persons counted it.

Why: goods that lay there before the book began come onto the shelf by two counts. Rows touched: none. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0038_opening_counts", "0037_trail_sealed"


def upgrade() -> None:
    op.create_table(
        "opening_count",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("shop_code", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.Column("again", sa.JSON),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_person", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_by", sa.Uuid),
        sa.Column("second_at", sa.DateTime(timezone=True)),
        sa.Column("paper_id", sa.Uuid),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_opening_count_key"),
    )
    op.create_index("ix_opening_count_shop", "opening_count", ["book_id", "shop_code", "id"])
