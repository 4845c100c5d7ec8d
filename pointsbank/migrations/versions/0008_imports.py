"""Uploads of service hours, sealed, and remembered column choices.

Why: a sheet is checked before it is imported, and its columns are asked for once. Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0008_imports", "0007_records"


def upgrade() -> None:
    op.create_table(
        "import_file",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("scope", sa.String(80), nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("content", sa.LargeBinary),
        sa.Column("about", sa.LargeBinary),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_import_file_key"),
    )
    op.create_index("ix_import_file_place", "import_file", ["book_id", "place_code", "id"])
    op.create_index("ix_import_file_digest", "import_file", ["book_id", "digest"])
    op.create_table(
        "import_column_choice",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place_code", sa.String(12), primary_key=True),
        sa.Column("header_digest", sa.String(64), primary_key=True),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
