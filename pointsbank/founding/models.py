"""Opening balances from paper passbooks, entered by one person and confirmed by another."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

WAITING, POSTED, WITHDRAWN = "waiting", "posted", "withdrawn"


class OpeningSheet(db.Model):  # type: ignore[name-defined, misc]
    """One list. `lines`: household ids, hundredths of a point and last days, no names; `figures`: its sums."""

    __tablename__ = "opening_sheet"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_opening_sheet_key"),
                      Index("ix_opening_sheet_place", "book_id", "place_code", "id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(12))
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    made_person: Mapped[UUID | None] = mapped_column(Uuid)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[UUID | None] = mapped_column(Uuid)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
