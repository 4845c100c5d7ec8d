"""The list of erased subjects.

Why: a person's data is erased by destroying a key; that it was done, and why, must be on record. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0025_erasures", "0024_returns"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_erasure_key"),
    )
