"""Tables of service records: the fact, who decided what, objections, what was awarded, and places' policies.

A record is never changed once posted: what was awarded stands in `award`, its reversal beside it. Free texts exist only
sealed; titles of activities under the activity's own random subject, since they belong to nobody alone.
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
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

# The states a record can be in; see pointsbank.records.states for what leads where.
WAITING, APPROVED, ON_NOTICE, OBJECTED, POSTED = "waiting", "approved", "on_notice", "objected", "posted"
RETURNED, REJECTED, WITHDRAWN, VOIDED = "returned", "rejected", "withdrawn", "voided"
DEAD = (REJECTED, WITHDRAWN, VOIDED)


class Activity(db.Model):  # type: ignore[name-defined, misc]
    """What brought several people together on a day; records are grouped by it. `sealed`: its title."""

    __tablename__ = "record_activity"
    __table_args__ = (UniqueConstraint("book_id", "place_code", "held_on", "title_hash", name="uq_record_activity"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    held_on: Mapped[date] = mapped_column(Date)
    title_hash: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    started: Mapped[int | None] = mapped_column(Integer)  # minute of the day
    minutes: Mapped[int | None] = mapped_column(Integer)  # planned length: nobody serves longer than it lasts


class ServiceRecord(db.Model):  # type: ignore[name-defined, misc]
    """One deed of one household (and person), from its submission to its end.

    `quantity` is in hundredths of the rule's unit; `started` is the minute of the day. `chain` holds the steps of the
    rule's version of then. `sealed`: note, evidence, cause, why it is late. `round` counts submissions after a return,
    `revision` postings after a reversal.
    """

    __tablename__ = "service_record"
    __table_args__ = (
        UniqueConstraint("book_id", "source_system", "external_no", name="uq_service_record_external"),
        Index("ix_service_record_waiting", "book_id", "status", "waiting_for", "place_code"),
        Index("ix_service_record_place", "book_id", "place_code", "id"),
        Index("ix_service_record_household", "book_id", "household_id", "service_on"),
        Index("ix_service_record_person", "book_id", "person_id", "service_on"),
        Index("ix_service_record_activity", "book_id", "activity_id"),
        Index("ix_service_record_import", "book_id", "import_id"),
        Index("ix_service_record_content", "book_id", "content_hash"),
        Index("ix_service_record_team", "book_id", "team_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    rule_code: Mapped[str] = mapped_column(String(12))
    rule_version: Mapped[int] = mapped_column(Integer)
    chain: Mapped[str] = mapped_column(String(160))
    service_on: Mapped[date] = mapped_column(Date)
    started: Mapped[int | None] = mapped_column(Integer)
    minutes: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    level: Mapped[str | None] = mapped_column(String(40))
    coefficients: Mapped[list[str]] = mapped_column(JSON)
    cause_key: Mapped[str | None] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(20))
    source_system: Mapped[str | None] = mapped_column(String(40))
    external_no: Mapped[str | None] = mapped_column(String(80))
    activity_id: Mapped[UUID | None] = mapped_column(Uuid)
    import_id: Mapped[UUID | None] = mapped_column(Uuid)
    team_id: Mapped[UUID | None] = mapped_column(Uuid)  # with which team; see pointsbank.records.teams
    timing: Mapped[str] = mapped_column(String(10))  # timed | typed | unclosed
    late: Mapped[bool] = mapped_column(Boolean)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(12))
    step_index: Mapped[int] = mapped_column(Integer)
    waiting_for: Mapped[str | None] = mapped_column(String(20))
    round: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    submitted_by: Mapped[UUID | None] = mapped_column(Uuid)
    submitted_person: Mapped[UUID | None] = mapped_column(Uuid)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    notice_from: Mapped[date | None] = mapped_column(Date)
    notice_until: Mapped[date | None] = mapped_column(Date)
    post_on: Mapped[date | None] = mapped_column(Date)  # the first day on which the daily job may go on with it
    transaction_id: Mapped[UUID | None] = mapped_column(Uuid)


class RecordDecision(db.Model):  # type: ignore[name-defined, misc]
    """One event of a record's way: a step decided, or withdrawn, resubmitted, put on notice, voided."""

    __tablename__ = "record_decision"
    __table_args__ = (Index("ix_record_decision_record", "book_id", "record_id"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(Uuid)
    round: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(12))
    user_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed for the record's household
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Objection(db.Model):  # type: ignore[name-defined, misc]
    """异议. `sealed` and `answer` are sealed for the record's household; `answer_by` is seven working days away."""

    __tablename__ = "record_objection"
    __table_args__ = (Index("ix_record_objection_record", "book_id", "record_id"),
                      Index("ix_record_objection_open", "book_id", "outcome", "answer_by"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(Uuid)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    raised_by: Mapped[UUID | None] = mapped_column(Uuid)
    raised_person: Mapped[UUID | None] = mapped_column(Uuid)
    raised_household: Mapped[UUID | None] = mapped_column(Uuid)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer_by: Mapped[date] = mapped_column(Date)
    days_left: Mapped[int | None] = mapped_column(Integer)  # of the notice it stopped
    outcome: Mapped[str] = mapped_column(String(12))  # open | upheld | dismissed
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    resolved_by: Mapped[UUID | None] = mapped_column(Uuid)
    resolved_person: Mapped[UUID | None] = mapped_column(Uuid)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Award(db.Model):  # type: ignore[name-defined, misc]
    """What one posting gave: the caps are counted from here, by the day of the deed. Points are signed hundredths.

    A record has one award a revision, and one more for each regain; `cause_record_id` names what made room for it.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index("ix_award_record", "book_id", "record_id"),
        Index("ix_award_household", "book_id", "household_id", "rule_code", "service_on"),
        Index("ix_award_person", "book_id", "person_id", "rule_code", "service_on"),
        Index("ix_award_transaction", "book_id", "transaction_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    record_id: Mapped[UUID] = mapped_column(Uuid)
    revision: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(12))  # earned | deducted | regained
    rule_code: Mapped[str] = mapped_column(String(12))
    rule_version: Mapped[int] = mapped_column(Integer)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    service_on: Mapped[date] = mapped_column(Date)
    cause_key: Mapped[str | None] = mapped_column(String(64))
    points: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[int] = mapped_column(BigInteger)
    minutes: Mapped[int] = mapped_column(Integer)
    times: Mapped[int] = mapped_column(Integer)
    capped_off: Mapped[int] = mapped_column(BigInteger)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    transaction_id: Mapped[UUID | None] = mapped_column(Uuid)
    cause_record_id: Mapped[UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reversed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reversal_id: Mapped[UUID | None] = mapped_column(Uuid)


class RecordCommand(db.Model):  # type: ignore[name-defined, misc]
    """The idempotency keys of this room: what was asked (keyed hash) and the answer that was given."""

    __tablename__ = "record_command"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    verb: Mapped[str] = mapped_column(String(20))
    asked: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlacePolicy(db.Model):  # type: ignore[name-defined, misc]
    """A place's own say on late entries, length of a day and expiry; holds for everything below it."""

    __tablename__ = "record_policy"
    __table_args__ = {"info": {"grows_with_places": True}}
    place_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    begins_on: Mapped[date | None] = mapped_column(Date)
    late_days: Mapped[int] = mapped_column(Integer)
    day_minutes: Mapped[int] = mapped_column(Integer)
    day_minutes_by_rule: Mapped[dict[str, int]] = mapped_column(JSON)
    expiry: Mapped[str] = mapped_column(String(24))
    expiry_months: Mapped[int] = mapped_column(Integer)
    carry_most: Mapped[int | None] = mapped_column(BigInteger)
    carry_percent: Mapped[int | None] = mapped_column(Integer)
    carry_since: Mapped[date | None] = mapped_column(Date)  # the day the cap was set: no year that was over by then


class CarryCapDone(db.Model):  # type: ignore[name-defined, misc]
    """A place's wallets have all been capped for that last day of a year: the job does not look again."""

    __tablename__ = "record_carry_cap"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    cut_off: Mapped[date] = mapped_column(Date, primary_key=True)
    done_at: Mapped[datetime] = mapped_column(UtcDateTime)
