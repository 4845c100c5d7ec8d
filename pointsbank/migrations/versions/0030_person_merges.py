"""The log of persons merged.

Why: the same person is sometimes registered twice; a merge is logged so that it can be split again. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0030_person_merges", "0029_openings"


def upgrade() -> None:
    op.create_table(
        "person_merge",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("keep_id", sa.Uuid, nullable=False),
        sa.Column("lose_id", sa.Uuid, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Uuid),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_person_merge_keep", "person_merge", ["book_id", "keep_id"])
    op.create_index("ix_person_merge_lose", "person_merge", ["book_id", "lose_id"])
