"""The stored schedule: one row a version of a rule, written once and never changed (triggers refuse it).

Grows with rules, not with activity, hence its simple key. A new version ends the one before it, and a `retired` row
ends the last: when a version stopped being in force is computed from the rows after it, never written into it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db


class StoredRule(db.Model):  # type: ignore[name-defined, misc]
    """A published version, or (retired, empty body) the end of a rule."""

    __tablename__ = "rule_version"
    __table_args__ = (UniqueConstraint("place_code", "code", "version", name="uq_rule_version_number"),
                      UniqueConstraint("scope", "key", name="uq_rule_version_key"),
                      {"info": {"grows_with_places": True}})
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12), ForeignKey("place.code"))
    code: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer)
    retired: Mapped[bool] = mapped_column(Boolean)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    adopted_minutes: Mapped[str] = mapped_column(Text)  # the assembly's minutes: which meeting, when
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
    published_by: Mapped[UUID | None] = mapped_column(Uuid)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
