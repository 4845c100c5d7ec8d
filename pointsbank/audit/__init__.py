"""The audit trail: who did what to what, when, in which role, from where.

An event is written inside the unit of work it is about and never changed.

`subject` is a random id or a code ('record:0198…', 'sale:…'), never a name; `detail` holds plain figures only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pointsbank.database import UtcDateTime, db, new_id

__all__ = ["AuditEvent", "events_of", "record"]


class Doer(Protocol):
    """What the trail needs to know of an actor."""

    @property
    def book_id(self) -> int: ...
    @property
    def user_id(self) -> UUID | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def place_code(self) -> str: ...
    @property
    def roles(self) -> str: ...
    @property
    def origin(self) -> str: ...


class AuditEvent(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "book_id", "subject"),
                      Index("ix_audit_event_at", "book_id", "at"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[UUID | None] = mapped_column(Uuid)
    scope: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(100))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    role: Mapped[str | None] = mapped_column(String(60))  # in which roles, where one stood, from where
    place_code: Mapped[str | None] = mapped_column(String(12))
    origin: Mapped[str | None] = mapped_column(String(80))


def record(s: Session, by: Doer, action: str, subject: str, *, at: datetime, **detail: Any) -> None:
    """Add one event to the running unit of work."""
    s.add(AuditEvent(book_id=by.book_id, id=new_id(), at=at, user_id=by.user_id, scope=by.scope[:80], action=action,
                     subject=subject[:100], detail=detail, role=by.roles[:60] or None, place_code=by.place_code,
                     origin=by.origin[:80] or None))


def events_of(s: Session, book_id: int, subject: str) -> list[AuditEvent]:
    """All events about one subject, oldest first."""
    return list(s.scalars(select(AuditEvent).where(AuditEvent.book_id == book_id, AuditEvent.subject == subject)
                          .order_by(AuditEvent.at, AuditEvent.id)))
