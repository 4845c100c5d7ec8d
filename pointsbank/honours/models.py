"""Tables of notices, honours, objections, measures, rechecks and corrections.

What the engine found and what people decided stays in the ratings, unchanged; here stands what became of it. Everything
that is said about a household is sealed under its own key.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

# Of an honour
NOTICE, OBJECTED, NOT_AWARDED = "notice", "objected", "not_awarded"
AWARDED, SUSPENDED, REVOKED, LAPSED = "awarded", "suspended", "revoked", "lapsed"
# Of its plaque
NONE, TO_HANG, HUNG, TO_TAKE_DOWN, TAKEN_DOWN, WITHHELD = ("none", "to_hang", "hung", "to_take_down", "taken_down",
                                                            "withheld")
# Of a measure
PROPOSED, IN_FORCE, REFUSED = "proposed", "in_force", "refused"
# Of a recheck, and of a correction
QUEUED, CHECKED, SETTLED = "queued", "checked", "settled"
DRAFT, PUBLISHED, DROPPED = "draft", "published", "dropped"


def of_honour(table: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["book_id", "honour_id"], ["honour.book_id", "honour.id"], name=f"fk_{table}_honour")


class HonourNotice(db.Model):  # type: ignore[name-defined, misc]
    """A cycle's outcome put up for everybody to see: when, for how many days, by whom."""

    __tablename__ = "honour_notice"
    __table_args__ = (ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                           name="fk_honour_notice_cycle"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cycle_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)  # of rows nobody objected to
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    awarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the first award
    awarded_by: Mapped[UUID | None] = mapped_column(Uuid)


class Honour(db.Model):  # type: ignore[name-defined, misc]
    """What one household (or volunteer) has of one cycle. `stars` and `level` are what stands now.

    Every one of the outcome has a row, also who got no level: they may object too. `plaque` is a thing on a wall with
    a state of its own: an honour may be held without it, and it may still hang after the honour is gone.
    """

    __tablename__ = "honour"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "cycle_id"], ["honour_notice.book_id", "honour_notice.cycle_id"],
                             name="fk_honour_notice"),
        UniqueConstraint("book_id", "cycle_id", "household_id", name="uq_honour_household"),
        UniqueConstraint("book_id", "number", name="uq_honour_number"),
        Index("ix_honour_household", "book_id", "household_id"),
        Index("ix_honour_place", "book_id", "place_code", "state"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    cycle_id: Mapped[UUID] = mapped_column(Uuid)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    place_code: Mapped[str] = mapped_column(String(12))
    evaluation_id: Mapped[UUID] = mapped_column(Uuid)
    proposed: Mapped[list[str]] = mapped_column(JSON)  # the stars put on notice first
    stars: Mapped[list[str]] = mapped_column(JSON)
    level: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    notice_until: Mapped[date] = mapped_column(Date)
    number: Mapped[str | None] = mapped_column(String(40))
    awarded_on: Mapped[date | None] = mapped_column(Date)
    warnings: Mapped[int] = mapped_column(Integer)
    suspended_until: Mapped[date | None] = mapped_column(Date)
    plaque: Mapped[str] = mapped_column(String(14))
    plaque_on: Mapped[date | None] = mapped_column(Date)


class HonourObjection(db.Model):  # type: ignore[name-defined, misc]
    """An objection to one household's row: to one star, or to the whole of it."""

    __tablename__ = "honour_objection"
    __table_args__ = (of_honour("honour_objection"), Index("ix_honour_objection", "book_id", "honour_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    honour_id: Mapped[UUID] = mapped_column(Uuid)
    star_code: Mapped[str | None] = mapped_column(String(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    raised_by: Mapped[UUID | None] = mapped_column(Uuid)
    raised_person: Mapped[UUID | None] = mapped_column(Uuid)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[date] = mapped_column(Date)
    days_left: Mapped[int] = mapped_column(Integer)  # of the notice, when it stopped
    outcome: Mapped[str] = mapped_column(String(12))  # open, upheld, dismissed
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    resolved_by: Mapped[UUID | None] = mapped_column(Uuid)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HonourMeasure(db.Model):  # type: ignore[name-defined, misc]
    """动态管理: a warning, suspension, reinstatement, revocation or correction. One proposes, another decides."""

    __tablename__ = "honour_measure"
    __table_args__ = (of_honour("honour_measure"), Index("ix_honour_measure", "book_id", "honour_id"),
                      Index("ix_honour_measure_state", "book_id", "state"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    honour_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # reason, and the decider's word
    stars: Mapped[list[str] | None] = mapped_column(JSON)  # what stays, of a correction
    until_on: Mapped[date | None] = mapped_column(Date)  # of a suspension
    recheck_id: Mapped[UUID | None] = mapped_column(Uuid)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by: Mapped[UUID | None] = mapped_column(Uuid)
    proposed_person: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)


class HonourRecheck(db.Model):  # type: ignore[name-defined, misc]
    """A posting behind an honour was reversed: `cause` took back `undone`. Found by the job, judged anew, settled by
    people.
    """

    __tablename__ = "honour_recheck"
    __table_args__ = (of_honour("honour_recheck"),
                      UniqueConstraint("book_id", "honour_id", "cause", name="uq_honour_recheck_cause"),
                      Index("ix_honour_recheck_state", "book_id", "state"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    honour_id: Mapped[UUID] = mapped_column(Uuid)
    cause: Mapped[UUID] = mapped_column(Uuid)
    undone: Mapped[UUID] = mapped_column(Uuid)
    stars: Mapped[list[str]] = mapped_column(JSON)  # whose figures the deed had counted in
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12))
    lost: Mapped[list[str]] = mapped_column(JSON)  # stars that no longer hold by today's figures
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # today's facts and verdicts; why it was kept
    kept: Mapped[bool | None] = mapped_column(Boolean)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[UUID | None] = mapped_column(Uuid)


class HonourCorrection(db.Model):  # type: ignore[name-defined, misc]
    """A correction notice: drafted by the recheck or the measure, published by people. Plain codes only."""

    __tablename__ = "honour_correction"
    __table_args__ = (of_honour("honour_correction"), Index("ix_honour_correction", "book_id", "honour_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    honour_id: Mapped[UUID] = mapped_column(Uuid)
    recheck_id: Mapped[UUID | None] = mapped_column(Uuid)
    measure_id: Mapped[UUID | None] = mapped_column(Uuid)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)  # {"stars": […], "level": …, "state": …}
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12))
    drafted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    shown_until: Mapped[date | None] = mapped_column(Date)
