"""Table of honours from above. What a decision says is sealed: under the household, or a subject of its own."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, Date, Index, Integer, LargeBinary, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class ReviewResult(db.Model):  # type: ignore[name-defined, misc]
    """One result of a joint review. `household_id` None: the honour is the place's.

    `sealed`: title, who decided, document number, who took part in the review, note. `granted` False: reviewed and not
    awarded. An honour that was taken back keeps its row, with the day and the sealed document of that.
    """

    __tablename__ = "review_result"
    __table_args__ = (Index("ix_review_result_place", "book_id", "place_code", "decided_on"),
                      Index("ix_review_result_household", "book_id", "household_id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(12))
    level: Mapped[str] = mapped_column(String(10))
    granted: Mapped[bool] = mapped_column(Boolean)
    decided_on: Mapped[date] = mapped_column(Date)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_by: Mapped[UUID | None] = mapped_column(Uuid)
    withdrawn_on: Mapped[date | None] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[UUID | None] = mapped_column(Uuid)
    withdrawn_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
