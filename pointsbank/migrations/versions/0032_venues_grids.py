"""Venues at any level, grids with their worker and households, and sheets of the tree kept between dry run and import.

Why: squares, points and bases stand beside centres, offices and stations; a village is walked grid by grid.
Rows touched: none. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0032_venues_grids", "0031_place_validity"


def upgrade() -> None:
    op.create_table(
        "venue",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), sa.ForeignKey("place.code"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.UniqueConstraint("place_code", "kind", "name", name="uq_venue_name"),
    )
    op.create_table(
        "grid",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("worker_id", sa.Uuid),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.UniqueConstraint("book_id", "place_code", "code", name="uq_grid_code"),
    )
    op.create_table(
        "grid_household",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("grid_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "grid_id"], ["grid.book_id", "grid.id"], name="fk_grid_household_grid"),
        sa.ForeignKeyConstraint(["book_id", "household_id"], ["household.book_id", "household.id"],
                                name="fk_grid_household_household"),
    )
    op.create_index("ix_grid_household_grid", "grid_household", ["book_id", "grid_id"])
    op.create_table(
        "tree_file",
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
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_tree_file_key"),
    )
    op.create_index("ix_tree_file_place", "tree_file", ["book_id", "place_code", "id"])
