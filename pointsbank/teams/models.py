"""Tables of teams and their members, volunteers' profiles, civilised units and their pairings."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import db


class Team(db.Model):  # type: ignore[name-defined, misc]
    """队伍 of a place of any level. Its name is no person's."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("book_id", "place_code", "name", name="uq_team_name"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(12))  # chief | standing | special
    field: Mapped[str | None] = mapped_column(String(20))  # of a standing team: one of the eight
    name: Mapped[str] = mapped_column(String(60))
    founded_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)


class TeamMember(db.Model):  # type: ignore[name-defined, misc]
    """One stay of a person in a team."""

    __tablename__ = "team_member"
    __table_args__ = (
        ForeignKeyConstraint(["book_id", "team_id"], ["team.book_id", "team.id"], name="fk_team_member_team"),
        ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"], name="fk_team_member_person"),
        Index("ix_team_member_team", "book_id", "team_id"),
        Index("ix_team_member_person", "book_id", "person_id"),
    )
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    team_id: Mapped[UUID] = mapped_column(Uuid)
    person_id: Mapped[UUID] = mapped_column(Uuid)
    is_leader: Mapped[bool] = mapped_column(Boolean)
    joined_on: Mapped[date] = mapped_column(Date)
    left_on: Mapped[date | None] = mapped_column(Date)


class Volunteer(db.Model):  # type: ignore[name-defined, misc]
    """A volunteer's profile. `sealed` (for the person, context 'volunteer'): skills, languages, times, note."""

    __tablename__ = "volunteer"
    __table_args__ = (ForeignKeyConstraint(["book_id", "person_id"], ["person.book_id", "person.id"],
                                           name="fk_volunteer_person"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class CivilUnit(db.Model):  # type: ignore[name-defined, misc]
    """文明单位. Its credit code stands sealed (for the unit, context 'civil_unit') and is found by its keyed hash."""

    __tablename__ = "civil_unit"
    __table_args__ = (UniqueConstraint("book_id", "code_hash", name="uq_civil_unit_code"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[str] = mapped_column(String(12))  # nation | province | city | county
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    named_on: Mapped[date | None] = mapped_column(Date)


class Pairing(db.Model):  # type: ignore[name-defined, misc]
    """结对共建: a unit and a village, for a period, so many activities a year."""

    __tablename__ = "pairing"
    __table_args__ = (ForeignKeyConstraint(["book_id", "unit_id"], ["civil_unit.book_id", "civil_unit.id"],
                                           name="fk_pairing_unit"), Index("ix_pairing_place", "book_id", "place_code"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(Uuid)
    place_code: Mapped[str] = mapped_column(String(12))
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date] = mapped_column(Date)
    times_a_year: Mapped[int] = mapped_column(Integer)
    ended_on: Mapped[date | None] = mapped_column(Date)
