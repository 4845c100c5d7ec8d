"""Table of evidence packs: who asked for what, how far it is, where the ledger stood, and the sealed files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Index, Integer, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from pointsbank.database import UtcDateTime, db

WAITING, RUNNING, DONE, FAILED, DISCARDED = "waiting", "running", "done", "failed", "discarded"


class EvidencePack(db.Model):  # type: ignore[name-defined, misc]
    """One pack. `size` and `root`: the position of the log its figures were counted at. `figures`: {code: number}.

    The files are sealed for `subject_id`: the head of a family's household, whom its pack names, so that erasing the
    person erases them; else a random subject of the pack's own.
    """

    __tablename__ = "evidence_pack"
    __table_args__ = (UniqueConstraint("book_id", "scope", "key", name="uq_evidence_pack_key"),
                      Index("ix_evidence_pack_place", "book_id", "place_code", "id"))
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    place_code: Mapped[str] = mapped_column(String(12))
    household_id: Mapped[UUID | None] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(12))
    start_on: Mapped[date] = mapped_column(Date)
    end_on: Mapped[date] = mapped_column(Date)
    lang: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(12))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[str] = mapped_column(String(64))
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary)
    xlsx: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[UUID | None] = mapped_column(Uuid)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scope: Mapped[str] = mapped_column(String(80))
    key: Mapped[UUID] = mapped_column(Uuid)
