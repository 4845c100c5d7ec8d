"""Honours: notices, who holds what, objections, measures, rechecks, corrections.

Why: a rating does not end with the committee's word. It is put up, objected to, awarded, watched, and taken back when
what it rested on is undone; each of these is a row of its own, and the verdict stays as it was. Forward only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0019_honours", "0018_households_change"


def column(name: str, kind: sa.types.TypeEngine[object], nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, kind, nullable=nullable)


def book() -> sa.Column[int]:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def key(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid, primary_key=True)


def instant(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def of_honour(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["book_id", "honour_id"], ["honour.book_id", "honour.id"], name=f"fk_{table}_honour")


def upgrade() -> None:
    honours()
    objections()
    watching()


def honours() -> None:
    op.create_table(
        "honour_notice", book(), key("cycle_id"), column("place_code", sa.String(12)), column("starts_on", sa.Date()),
        column("ends_on", sa.Date()), instant("published_at"), column("published_by", sa.Uuid(), True),
        instant("awarded_at", True), column("awarded_by", sa.Uuid(), True),
        sa.ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                name="fk_honour_notice_cycle"),
    )
    op.create_table(
        "honour", book(), key("id"), column("cycle_id", sa.Uuid()), column("household_id", sa.Uuid()),
        column("place_code", sa.String(12)), column("evaluation_id", sa.Uuid()), column("proposed", sa.JSON()),
        column("stars", sa.JSON()), column("level", sa.String(12), True), column("state", sa.String(12)),
        column("notice_until", sa.Date()), column("number", sa.String(40), True), column("awarded_on", sa.Date(), True),
        column("warnings", sa.Integer()), column("suspended_until", sa.Date(), True), column("plaque", sa.String(14)),
        column("plaque_on", sa.Date(), True),
        sa.ForeignKeyConstraint(["book_id", "cycle_id"], ["honour_notice.book_id", "honour_notice.cycle_id"],
                                name="fk_honour_notice"),
        sa.UniqueConstraint("book_id", "cycle_id", "household_id", name="uq_honour_household"),
        sa.UniqueConstraint("book_id", "number", name="uq_honour_number"),
    )
    op.create_index("ix_honour_household", "honour", ["book_id", "household_id"])
    op.create_index("ix_honour_place", "honour", ["book_id", "place_code", "state"])


def objections() -> None:
    op.create_table(
        "honour_objection", book(), key("id"), column("honour_id", sa.Uuid()), column("star_code", sa.String(12), True),
        column("sealed", sa.LargeBinary()), column("raised_by", sa.Uuid(), True),
        column("raised_person", sa.Uuid(), True), instant("raised_at"), column("answer_by", sa.Date()),
        column("days_left", sa.Integer()), column("outcome", sa.String(12)), column("answer", sa.LargeBinary(), True),
        column("resolved_by", sa.Uuid(), True), instant("resolved_at", True), of_honour("honour_objection"),
    )
    op.create_index("ix_honour_objection", "honour_objection", ["book_id", "honour_id"])


def watching() -> None:
    op.create_table(
        "honour_measure", book(), key("id"), column("honour_id", sa.Uuid()), column("kind", sa.String(12)),
        column("state", sa.String(12)), column("sealed", sa.LargeBinary()), column("stars", sa.JSON(), True),
        column("until_on", sa.Date(), True), column("recheck_id", sa.Uuid(), True), instant("proposed_at"),
        column("proposed_by", sa.Uuid(), True), column("proposed_person", sa.Uuid(), True),
        instant("decided_at", True), column("decided_by", sa.Uuid(), True), of_honour("honour_measure"),
    )
    op.create_index("ix_honour_measure", "honour_measure", ["book_id", "honour_id"])
    op.create_index("ix_honour_measure_state", "honour_measure", ["book_id", "state"])
    op.create_table(
        "honour_recheck", book(), key("id"), column("honour_id", sa.Uuid()), column("cause", sa.Uuid()),
        column("undone", sa.Uuid()), column("stars", sa.JSON()), instant("found_at"), column("state", sa.String(12)),
        column("lost", sa.JSON()), instant("checked_at", True), column("sealed", sa.LargeBinary(), True),
        column("kept", sa.Boolean(), True), instant("settled_at", True), column("settled_by", sa.Uuid(), True),
        of_honour("honour_recheck"),
        sa.UniqueConstraint("book_id", "honour_id", "cause", name="uq_honour_recheck_cause"),
    )
    op.create_index("ix_honour_recheck_state", "honour_recheck", ["book_id", "state"])
    op.create_table(
        "honour_correction", book(), key("id"), column("honour_id", sa.Uuid()), column("recheck_id", sa.Uuid(), True),
        column("measure_id", sa.Uuid(), True), column("before", sa.JSON()), column("after", sa.JSON()),
        column("state", sa.String(12)), instant("drafted_at"), instant("published_at", True),
        column("published_by", sa.Uuid(), True), column("shown_until", sa.Date(), True), of_honour("honour_correction"),
    )
    op.create_index("ix_honour_correction", "honour_correction", ["book_id", "honour_id"])
