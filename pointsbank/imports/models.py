"""Tables of uploads and of the column choices that were made before. Contents and findings are sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

UPLOADED, CHECKING, CHECKED, IMPORTING = "uploaded", "checking", "checked", "importing"
DONE, FAILED, DISCARDED = "done", "failed", "discarded"
OVER = (DONE, DISCARDED)


class ImportFile(db.Model):  # type: ignore[name-defined, misc]
    """One upload. `content` and `about` (file name, findings) are sealed for `subject_id`, whose key goes with them."""

    __tablename__ = "import_file"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_import_file_key"),
                      Index("ix_import_file_place", "book_id", "place_code", "id"),
                      Index("ix_import_file_digest", "book_id", "digest"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    place_code: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))  # keyed: the same file is recognised, nothing can be guessed
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    about: Mapped[bytes | None] = mapped_column(LargeBinary)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)  # sheet, columns, unit, rule, hidden rows
    status: Mapped[str] = mapped_column(String(12))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)  # good, bad, already; after the import: recorded
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ColumnChoice(db.Model):  # type: ignore[name-defined, misc]
    """What the columns of a sheet with this header meant last time, in this place."""

    __tablename__ = "import_column_choice"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    header_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
