"""Households split, merge, move and lose their head: past stays, where a closed household went, the log of changes.

Why: who lived where on an earlier day must stay known. Rows touched: none (new columns are empty). Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0018_households_change", "0017_rating_cycles"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.add_column("household", sa.Column("merged_into", sa.Uuid))
    op.add_column("person", sa.Column("left_why", sa.String(12)))
    op.add_column("person", sa.Column("merged_into", sa.Uuid))
    op.create_table(
        "past_stay", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("was_head", sa.Boolean, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("until_on", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                name="fk_past_stay_person"),
    )
    op.create_index("ix_past_stay_household", "past_stay", ["book_id", "household_id", "until_on"])
    op.create_index("ix_past_stay_person", "past_stay", ["book_id", "person_id"])
    op.create_table(
        "household_change", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("other_id", sa.Uuid),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("ix_household_change_household", "household_change", ["book_id", "household_id"])
    op.create_index("ix_household_change_other", "household_change", ["book_id", "other_id"])
