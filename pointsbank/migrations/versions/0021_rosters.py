"""Rosters of households and members as uploads, imported in portions.

Why: a village or a county begins with its list. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0021_rosters", "0020_turnovers"


def upgrade() -> None:
    op.create_table(
        "roster_file",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("about", sa.LargeBinary),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_roster_file_key"),
    )
    op.create_index("ix_roster_file_place", "roster_file", ["book_id", "place_code", "id"])
    op.create_table(
        "roster_content",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "file_id"], ["roster_file.book_id", "roster_file.id"],
                                name="fk_roster_content_file"),
    )
    op.create_table(
        "roster_findings",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column("portion", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "file_id"], ["roster_file.book_id", "roster_file.id"],
                                name="fk_roster_findings_file"),
    )
