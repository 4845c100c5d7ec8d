"""Table of published rules. A version is written once and never changed: verdicts of years ago rest on it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Integer, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class EligibilityRule(db.Model):  # type: ignore[name-defined, misc]
    """One version of one rule. Grows with rules only, hence its simple key.

    `adopted_by`: the meeting's minutes that adopted it (number and day, no names). `review_on`: past this day whoever
    relies on the rule is warned that it is due for review.
    """

    __tablename__ = "eligibility_rule"
    __table_args__ = (UniqueConstraint("scope", "key", name="uq_eligibility_rule_key"),)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title_zh: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(500))
    effective_on: Mapped[date] = mapped_column(Date)
    review_on: Mapped[date | None] = mapped_column(Date)
    adopted_by: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
