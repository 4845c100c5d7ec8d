"""Tables of rating schemes, cycles, entries, evaluations, verdicts, jury scores, vetoes, bars and decisions.

Published schemes and finished evaluations are never changed: a second evaluation is a new one beside the first. What a
verdict rested on stands sealed under the household's own key; after erasure it can no longer be recomputed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
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

OPEN, EVALUATED, CONFIRMED = "open", "evaluated", "confirmed"


class RatingScheme(db.Model):  # type: ignore[name-defined, misc]
    """One version of a scheme (评星办法) of a place and all below it. `body`: bands, jury, vetoes, its terms.

    `kind`: 'stars' is what a household holds (asked by the till and shown on /me), 'title' an honour beside it.
    """

    __tablename__ = "rating_scheme"
    __table_args__ = (UniqueConstraint("scope", "key", name="uq_rating_scheme_key"),)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place_code: Mapped[str] = mapped_column(String(12))
    title_zh: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12), server_default="stars")
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_on: Mapped[date] = mapped_column(Date)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)


class RatingStar(db.Model):  # type: ignore[name-defined, misc]
    """One star of a scheme's version: the rule it is given by, and where its own score comes from."""

    __tablename__ = "rating_star"
    scheme_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    scheme_version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    title_zh: Mapped[str] = mapped_column(String(40))
    title_en: Mapped[str] = mapped_column(String(60))
    rule_code: Mapped[str] = mapped_column(String(40))
    rule_version: Mapped[int] = mapped_column(Integer)
    base: Mapped[int | None] = mapped_column(Integer)  # hundredths
    adjusted_by: Mapped[list[str]] = mapped_column(JSON)  # rules of the points schedule that add and take
    vetoes: Mapped[list[str]] = mapped_column(JSON)
    jury: Mapped[bool] = mapped_column(Boolean)


class RatingCycle(db.Model):  # type: ignore[name-defined, misc]
    """One period's rating of one village under one version of a scheme.

    `apply_until`: the last day to put one's name down. `frozen_run`: the evaluation that holds the frozen facts; later
    ones take them from there, and only the jury's figures anew.
    """

    __tablename__ = "rating_cycle"
    __table_args__ = (UniqueConstraint("book_id", "place_code", "year", "scheme_code", "period",
                                       name="uq_rating_cycle"),
                      UniqueConstraint("book_id", "scope", "key", name="uq_rating_cycle_key"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    year: Mapped[int] = mapped_column(Integer)
    scheme_code: Mapped[str] = mapped_column(String(40))
    scheme_version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(12))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[UUID | None] = mapped_column(Uuid)
    period: Mapped[str] = mapped_column(String(4), server_default="Y")
    start_on: Mapped[date] = mapped_column(Date, server_default="2000-01-01")
    end_on: Mapped[date] = mapped_column(Date, server_default="2000-12-31")
    apply_until: Mapped[date | None] = mapped_column(Date)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_by: Mapped[UUID | None] = mapped_column(Uuid)
    frozen_run: Mapped[UUID | None] = mapped_column(Uuid)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)


class RatingEvaluation(db.Model):  # type: ignore[name-defined, misc]
    """One run over all who take part: facts as of a day, as known at a moment and at a position of the sealed log."""

    __tablename__ = "rating_evaluation"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                             name="fk_rating_evaluation_cycle"),
        UniqueConstraint("book_id", "cycle_id", "number", name="uq_rating_evaluation_number"),
        UniqueConstraint("book_id", "scope", "key", name="uq_rating_evaluation_key"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    cycle_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[date] = mapped_column(Date)
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    households: Mapped[int] = mapped_column(Integer)
    run_at: Mapped[datetime] = mapped_column(UtcDateTime, server_default="2000-01-01 00:00:00+00:00")
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # {"size": leaves sealed, "root": hex}
    run_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)


class RatingVerdict(db.Model):  # type: ignore[name-defined, misc]
    """What one evaluation says of one household: {star: true, false or null}. `sealed`: facts and every criterion."""

    __tablename__ = "rating_verdict"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "evaluation_id"], ["rating_evaluation.book_id", "rating_evaluation.id"],
                             name="fk_rating_verdict_evaluation"),
        Index("ix_rating_verdict_household", "book_id", "household_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    evaluation_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    outcomes: Mapped[dict[str, bool | None]] = mapped_column(JSON)
    stars: Mapped[int] = mapped_column(Integer)
    undecided: Mapped[int] = mapped_column(Integer)
    earned: Mapped[int] = mapped_column(BigInteger)  # hundredths, in the year: shown beside, never judged by spent
    spent: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class JuryScore(db.Model):  # type: ignore[name-defined, misc]
    """One juror's score of one household for one star. `juror` is a keyed hash: one voice each, but no names."""

    __tablename__ = "rating_jury_score"
    __table_args__ = (ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                           name="fk_rating_jury_score_cycle"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cycle_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    star_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    juror: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    score: Mapped[int] = mapped_column(Integer)  # hundredths, 0 to 1000
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RatingVeto(db.Model):  # type: ignore[name-defined, misc]
    """一票否决: stands from `happened_on` until the day before `ends_on` (none: until lifted). Grounds are sealed."""

    __tablename__ = "rating_veto"
    __table_args__ = (Index("ix_rating_veto_household", "book_id", "household_id"),
                      UniqueConstraint("book_id", "scope", "key", name="uq_rating_veto_key"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    veto_code: Mapped[str] = mapped_column(String(12))
    happened_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[UUID | None] = mapped_column(Uuid)
    lifted_on: Mapped[date | None] = mapped_column(Date)
    lifted_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)


class RatingEntry(db.Model):  # type: ignore[name-defined, misc]
    """A household that put its name down (自我认星), or somebody for it. `claimed`: the stars it thinks it has."""

    __tablename__ = "rating_entry"
    __table_args__ = (ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                                           name="fk_rating_entry_cycle"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    cycle_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    state: Mapped[str] = mapped_column(String(12))  # applied, withdrawn
    claimed: Mapped[list[str]] = mapped_column(JSON)
    on_behalf: Mapped[bool] = mapped_column(Boolean)  # entered by the committee
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # a word of their own
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_user: Mapped[UUID | None] = mapped_column(Uuid)


class RatingBar(db.Model):  # type: ignore[name-defined, misc]
    """禁评: may not take part in a scheme from a day until the day before `until_on`. `cause`: the revocation."""

    __tablename__ = "rating_bar"
    __table_args__ = (Index("ix_rating_bar_household", "book_id", "household_id"),
                      UniqueConstraint("book_id", "cause", name="uq_rating_bar_cause"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    scheme_code: Mapped[str] = mapped_column(String(40))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    cause: Mapped[UUID] = mapped_column(Uuid)


class RatingDecision(db.Model):  # type: ignore[name-defined, misc]
    """What people decided of one household's star, beside the verdict. The newest holds; reasons are sealed."""

    __tablename__ = "rating_decision"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "cycle_id"], ["rating_cycle.book_id", "rating_cycle.id"],
                             name="fk_rating_decision_cycle"),
        Index("ix_rating_decision_household", "book_id", "cycle_id", "household_id", "star_code"),
        UniqueConstraint("book_id", "scope", "key", name="uq_rating_decision_key"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    cycle_id: Mapped[UUID] = mapped_column(Uuid)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    star_code: Mapped[str] = mapped_column(String(12))
    evaluation_id: Mapped[UUID] = mapped_column(Uuid)
    awarded: Mapped[bool] = mapped_column(Boolean)
    departs: Mapped[bool] = mapped_column(Boolean)  # from the verdict
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
