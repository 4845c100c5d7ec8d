"""Tables of roster uploads and of what is wrong with their rows. Contents and findings are sealed for the upload."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

UPLOADED, CHECKING, CHECKED, IMPORTING = "uploaded", "checking", "checked", "importing"
DONE, FAILED, DISCARDED = "done", "failed", "discarded"
OVER = (DONE, DISCARDED)


class RosterFile(db.Model):  # type: ignore[name-defined, misc]
    """One upload. `done` is the number of rows dealt with: it moves in the same transaction as what they became."""

    __tablename__ = "roster_file"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_roster_file_key"),
                      Index("ix_roster_file_place", "book_id", "place_code", "id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    place_code: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    about: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed: the file's name
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)  # columns, sheet, hidden rows, take_alike
    status: Mapped[str] = mapped_column(String(12))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RosterContent(db.Model):  # type: ignore[name-defined, misc]
    """The file itself, sealed, in a row of its own: the mark of progress is updated without rewriting megabytes."""

    __tablename__ = "roster_content"
    __table_args__ = (ForeignKeyConstraint(["book_id", "file_id"], ["roster_file.book_id", "roster_file.id"],
                                           name="fk_roster_content_file"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    file_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class RosterFindings(db.Model):  # type: ignore[name-defined, misc]
    """What is wrong with one portion of rows, sealed: a file of 100,000 bad rows is never in memory at once."""

    __tablename__ = "roster_findings"
    __table_args__ = (ForeignKeyConstraint(["book_id", "file_id"], ["roster_file.book_id", "roster_file.id"],
                                           name="fk_roster_findings_file"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    file_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    portion: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
