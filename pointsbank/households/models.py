"""The log of what happened to households: split, merge, move, death of a member, a new head."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

SPLIT, MERGE, MOVE, AWAY, DEATH, HEAD = "split", "merge", "move", "away", "death", "head"
TRANSFER = "transfer"
ASKED, AGREED, REFUSED, WITHDRAWN = "asked", "agreed", "refused", "withdrawn"


class HouseholdChange(db.Model):  # type: ignore[name-defined, misc]
    """One change. `other_id`: the household on the other side. `detail`: ids and plain figures only; `sealed`: why."""

    __tablename__ = "household_change"
    __table_args__ = (Index("ix_household_change_household", "book_id", "household_id"),
                      Index("ix_household_change_other", "book_id", "other_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[UUID] = mapped_column(Uuid)
    other_id: Mapped[UUID | None] = mapped_column(Uuid)
    effective_on: Mapped[date] = mapped_column(Date)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class PersonMerge(db.Model):  # type: ignore[name-defined, misc]
    """`keep` goes on, `lose` leads there. `sealed` (for `keep`): both records as they were."""

    __tablename__ = "person_merge"
    __table_args__ = (Index("ix_person_merge_keep", "book_id", "keep_id"),
                      Index("ix_person_merge_lose", "book_id", "lose_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    keep_id: Mapped[UUID] = mapped_column(Uuid)
    lose_id: Mapped[UUID] = mapped_column(Uuid)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by: Mapped[UUID | None] = mapped_column(Uuid)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TransferRequest(db.Model):  # type: ignore[name-defined, misc]
    """A village asks another for a person. `sealed` (for the person): how they consented; `answer`: the old place's."""

    __tablename__ = "transfer_request"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                             name="fk_transfer_request_person"),
        Index("ix_transfer_request_from", "book_id", "from_place", "status"),
        Index("ix_transfer_request_to", "book_id", "to_place", "status"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    from_place: Mapped[str] = mapped_column(String(12))
    to_place: Mapped[str] = mapped_column(String(12))
    to_household: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(12))  # asked | agreed | refused | withdrawn
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    points: Mapped[int] = mapped_column(BigInteger)  # what went along, in hundredths
    asked_by: Mapped[UUID | None] = mapped_column(Uuid)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NumberClaim(db.Model):  # type: ignore[name-defined, misc]
    """A number whose check digit is wrong on the real card. `sealed` (for the person): the number, who saw what."""

    __tablename__ = "number_claim"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"], name="fk_number_claim_person"),
        Index("ix_number_claim_person", "book_id", "person_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(12))  # asked | agreed | refused
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
