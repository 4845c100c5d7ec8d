"""Table of places. Grows with places only, hence its simple key."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import db

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
