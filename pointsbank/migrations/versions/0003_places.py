"""The tree of places and the subjects' wrapped keys.

Why: every other table hangs on a place; personal data is sealed from the first row on. Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003_places", "0002_ledger_append_only"


SQLITE = ["""
CREATE TRIGGER book_stays_what_it_is BEFORE UPDATE OF is_demo ON book WHEN NEW.is_demo IS NOT OLD.is_demo
BEGIN SELECT RAISE(ABORT, 'a book stays what it was opened as'); END"""]
POSTGRESQL = ["""
CREATE FUNCTION book_stays_what_it_is() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a book stays what it was opened as'; END $$""", """
CREATE TRIGGER book_stays_what_it_is BEFORE UPDATE ON book FOR EACH ROW
WHEN (NEW.is_demo IS DISTINCT FROM OLD.is_demo) EXECUTE FUNCTION book_stays_what_it_is()"""]


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("code", sa.String(12), primary_key=True),
        sa.Column("parent_code", sa.String(12), sa.ForeignKey("place.code")),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("body", sa.String(80)),
        sa.Column("path", sa.String(80), nullable=False),
    )
    op.create_index("ix_place_parent_code", "place", ["parent_code"])
    op.create_index("ix_place_path", "place", ["path"])
    op.create_table(
        "subject_key",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject_id", sa.Uuid, primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "book",
        sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("is_demo", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
