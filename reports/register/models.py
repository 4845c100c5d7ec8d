"""Table of printed documents. `figures` holds integers and short codes only, nothing personal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class ReportDocument(db.Model):  # type: ignore[name-defined, misc]
    """One print. The code itself is only on the paper; the table knows its hash."""

    __tablename__ = "report_document"
    __table_args__ = (Index("ix_report_document_household", "book_id", "household_id", "made_at"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    place_code: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[UUID | None] = mapped_column(Uuid)
    start_on: Mapped[date | None] = mapped_column(Date)
    end_on: Mapped[date] = mapped_column(Date)
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
