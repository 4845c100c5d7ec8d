"""Tables of households, persons, consents, declared relatives and member cards."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
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


class Household(db.Model):  # type: ignore[name-defined, misc]
    """户. `sealed` holds tags and notes (context 'household'): sensitive, never on lists or in refusals."""

    __tablename__ = "household"
    __table_args__ = (UniqueConstraint("book_id", "place_code", "code", name="uq_household_code"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(20))
    group_no: Mapped[int] = mapped_column(Integer)
    head_person_id: Mapped[UUID | None] = mapped_column(Uuid)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    merged_into: Mapped[UUID | None] = mapped_column(Uuid)  # where its people and balances went; its code still leads


class Person(db.Model):  # type: ignore[name-defined, misc]
    """A member of a household. `sealed` (context 'person'): name, phone, id_no, born_on, relation."""

    __tablename__ = "person"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "household_id"], ["household.book_id", "household.id"],
                             name="fk_person_household"),
        Index("ix_person_household", "book_id", "household_id"),
        Index("ix_person_name_hash", "book_id", "name_hash"),
        Index("ix_person_phone_hash", "book_id", "phone_hash"),
        UniqueConstraint("book_id", "id_hash", name="uq_person_id_hash"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    is_head: Mapped[bool] = mapped_column(Boolean)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    id_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    joined_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)
    left_why: Mapped[str | None] = mapped_column(String(12))  # died | moved | merged | erased
    merged_into: Mapped[UUID | None] = mapped_column(Uuid)  # the same person's record that goes on


class PastStay(db.Model):  # type: ignore[name-defined, misc]
    """A person's stay in a household that is over: who lived where, and who was head, on any earlier day."""

    __tablename__ = "past_stay"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"], name="fk_past_stay_person"),
        Index("ix_past_stay_household", "book_id", "household_id", "until_on"),
        Index("ix_past_stay_person", "book_id", "person_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    household_id: Mapped[UUID] = mapped_column(Uuid)
    was_head: Mapped[bool] = mapped_column(Boolean)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)  # the first day on which it is over


class Consent(db.Model):  # type: ignore[name-defined, misc]
    """A guardian's consent for a minor (14–18 以法定代理人同意为前提; below 14 sensitive data, PIPL 28, 31)."""

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"], name="fk_consent_person"),
        Index("ix_consent_person", "book_id", "person_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    guardian_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[str] = mapped_column(String(20))
    given_on: Mapped[date] = mapped_column(Date)
    withdrawn_on: Mapped[date | None] = mapped_column(Date)


class Kinship(db.Model):  # type: ignore[name-defined, misc]
    """A declared relative's household: whoever is related steps aside (回避)."""

    __tablename__ = "kinship"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    declared_on: Mapped[date] = mapped_column(Date)


class MemberCard(db.Model):  # type: ignore[name-defined, misc]
    """A household's card: the token itself is never stored, it is derived from the keys and this serial."""

    __tablename__ = "member_card"
    __table_args__ = (UniqueConstraint("book_id", "token_hash", name="uq_member_card_token"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    household_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    serial: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
