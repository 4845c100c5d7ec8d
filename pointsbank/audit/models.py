"""The trail's tables: the events, and the log that seals them, made like the ledger's own (`ledger.sealing_tables`).

Events, leaves and checkpoints are only ever added: triggers refuse the rest on both databases.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from ledger.sealing_tables import LogTables
from pointsbank.database import UtcDateTime, db


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
    why: Mapped[bytes | None] = mapped_column(LargeBinary)  # the reason given, sealed for whom it is about
    why_subject: Mapped[UUID | None] = mapped_column(Uuid)


class AuditWaiting(db.Model):  # type: ignore[name-defined, misc]
    """An event that has no leaf yet; written with it."""

    __tablename__ = "audit_unsealed"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class AuditLeaf(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "audit_leaf"
    __table_args__ = (UniqueConstraint("book_id", "event_id", name="uq_audit_leaf_event"),)
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(Uuid)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditTile(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "audit_tile"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditLog(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "audit_log"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    profile: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpoint(db.Model):  # type: ignore[name-defined, misc]
    __tablename__ = "audit_checkpoint"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)


def _table(model: Any) -> Table:
    return cast(Table, model.__table__)


TRAIL = LogTables(_table(AuditWaiting), _table(AuditLeaf), _table(AuditTile), _table(AuditLog), "event_id")
CHECKPOINT = _table(AuditCheckpoint)
