"""The list of erasures: which subjects, when, by whom; nothing about the person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class Erasure(db.Model):  # type: ignore[name-defined, misc]
    """One erased subject. `reason`: one of a list, never free text, which could tell what was to be forgotten."""

    __tablename__ = "erasure"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_erasure_key"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))  # person | household
    reason: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
