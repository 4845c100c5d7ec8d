"""Rating schemes, cycles, evaluations, verdicts, jury scores, vetoes, decisions.

Why: the engine proposes, people decide, and both are kept. Schemes grow with rules only; all else is keyed by book.
Forward only.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0010_ratings", "0009_eligibility"


def book() -> sa.Column:
    return sa.Column("book_id", sa.Integer, primary_key=True, autoincrement=False)


def key() -> tuple[sa.Column, sa.Column]:
    return sa.Column("scope", sa.String(80), nullable=False), sa.Column("key", sa.Uuid, nullable=False)


def instant(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def cycle_of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                   name=f"fk_{table}_cycle")


def upgrade() -> None:
    schemes()
    cycles()
    op.create_table(
        "rating_verdict", book(),
        sa.Column("evaluation_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("outcomes", sa.JSON, nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("undecided", sa.Integer, nullable=False),
        sa.Column("earned", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["book_id", "evaluation_id"], ["rating_evaluation.book_id", "rating_evaluation.id"],
                                name="fk_rating_verdict_evaluation"),
    )
    op.create_index("ix_rating_verdict_household", "rating_verdict", ["book_id", "household_id"])
    people()


def schemes() -> None:
    op.create_table(
        "rating_scheme",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("title_zh", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(80), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        instant("published_at"),
        sa.Column("published_by", sa.Uuid),
        *key(),
        sa.UniqueConstraint("scope", "key", name="uq_rating_scheme_key"),
    )
    op.create_table(
        "rating_star",
        sa.Column("scheme_code", sa.String(40), primary_key=True),
        sa.Column("scheme_version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(12), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title_zh", sa.String(40), nullable=False),
        sa.Column("title_en", sa.String(60), nullable=False),
        sa.Column("rule_code", sa.String(40), nullable=False),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("base", sa.Integer),
        sa.Column("adjusted_by", sa.JSON, nullable=False),
        sa.Column("vetoes", sa.JSON, nullable=False),
        sa.Column("jury", sa.Boolean, nullable=False),
    )


def cycles() -> None:
    op.create_table(
        "rating_cycle", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("place_code", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("scheme_code", sa.String(40), nullable=False),
        sa.Column("scheme_version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        instant("opened_at"),
        sa.Column("opened_by", sa.Uuid),
        instant("confirmed_at", nullable=True),
        sa.Column("confirmed_by", sa.Uuid),
        *key(),
        sa.UniqueConstraint("book_id", "place_code", "year", "scheme_code", name="uq_rating_cycle"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_rating_cycle_key"),
    )
    op.create_table(
        "rating_evaluation", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cycle_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        instant("known_at"),
        sa.Column("households", sa.Integer, nullable=False),
        sa.Column("run_by", sa.Uuid),
        *key(),
        cycle_of("rating_evaluation"),
        sa.UniqueConstraint("book_id", "cycle_id", "number", name="uq_rating_evaluation_number"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_rating_evaluation_key"),
    )


def people() -> None:
    """What people add to the figures: scores, vetoes, decisions."""
    op.create_table(
        "rating_jury_score", book(),
        sa.Column("cycle_id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, primary_key=True),
        sa.Column("star_code", sa.String(12), primary_key=True),
        sa.Column("juror", sa.LargeBinary, primary_key=True),
        sa.Column("score", sa.Integer, nullable=False),
        instant("at"),
        cycle_of("rating_jury_score"),
    )
    op.create_table(
        "rating_veto", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("veto_code", sa.String(12), nullable=False),
        sa.Column("happened_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        instant("entered_at"),
        sa.Column("entered_by", sa.Uuid),
        sa.Column("lifted_on", sa.Date),
        sa.Column("lifted_by", sa.Uuid),
        *key(),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_rating_veto_key"),
    )
    op.create_index("ix_rating_veto_household", "rating_veto", ["book_id", "household_id"])
    op.create_table(
        "rating_decision", book(),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("cycle_id", sa.Uuid, nullable=False),
        sa.Column("household_id", sa.Uuid, nullable=False),
        sa.Column("star_code", sa.String(12), nullable=False),
        sa.Column("evaluation_id", sa.Uuid, nullable=False),
        sa.Column("awarded", sa.Boolean, nullable=False),
        sa.Column("departs", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        instant("decided_at"),
        sa.Column("decided_by", sa.Uuid),
        *key(),
        cycle_of("rating_decision"),
        sa.UniqueConstraint("book_id", "scope", "key", name="uq_rating_decision_key"),
    )
    op.create_index("ix_rating_decision_household", "rating_decision",
                    ["book_id", "cycle_id", "household_id", "star_code"])
