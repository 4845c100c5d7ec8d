"""Table of places. Grows with places only, hence its simple key."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

LEVELS = ("province", "city", "county", "town", "village")


class Place(db.Model):  # type: ignore[name-defined, misc]
    """One node of the tree. `path` is the codes from the top, joined by '/', so that 'below' is a prefix."""

    __tablename__ = "place"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(String(12), ForeignKey("place.code"), index=True)
    level: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    body: Mapped[str | None] = mapped_column(String(80))  # the centre, office or station that stands there
    path: Mapped[str] = mapped_column(String(80), index=True)
    valid_from: Mapped[date | None] = mapped_column(Date)  # codes are given out, merged and abolished
    valid_until: Mapped[date | None] = mapped_column(Date)  # the last day
    replaced_by: Mapped[str | None] = mapped_column(String(12))


class Book(db.Model):  # type: ignore[name-defined, misc]
    """One county-level centre's book. A book once marked as a demo stays one: the database refuses the change."""

    __tablename__ = "book"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place_code: Mapped[str] = mapped_column(String(12))
    is_demo: Mapped[bool] = mapped_column(Boolean)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
