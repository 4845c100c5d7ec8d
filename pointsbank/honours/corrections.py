"""Correction notices (更正公示): drafted when what was announced no longer holds, published by people, never rewritten.

A draft says in codes what stood before and what stands after; the sentence is made from them when it is read, with the
household's masked name. The notice it corrects, and the certificate that was printed, stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import NotFound
from pointsbank.honours.errors import WrongState
from pointsbank.honours.locking import cycle_of, lock_honour, note, scheme_of, step_aside
from pointsbank.honours.models import DRAFT, DROPPED, LAPSED, PUBLISHED, Honour, HonourCorrection
from pointsbank.honours.notice import last_day
from pointsbank.records.keys import claim, settle

STATES = {PUBLISHED: {"zh": "已经发布", "en": "published"}, DROPPED: {"zh": "已经作废", "en": "dropped"},
          DRAFT: {"zh": "更正还没有决定", "en": "not decided yet"}}


@dataclass(frozen=True)
class PublishCorrection:
    key: UUID
    correction_id: UUID


def shape(honour: Honour) -> dict[str, Any]:
    """What a notice says of an honour."""
    return {"stars": list(honour.stars), "level": honour.level, "state": honour.state}


def draft_correction(s: Session, honour: Honour, before: dict[str, Any], *, at: datetime,
                     after: dict[str, Any] | None = None, measure_id: UUID | None = None,
                     recheck_id: UUID | None = None) -> HonourCorrection:
    """One draft for an honour at a time: a later cause rewrites what is not published yet. In the caller's work."""
    row = s.scalar(select(HonourCorrection).where(
        HonourCorrection.book_id == honour.book_id, HonourCorrection.honour_id == honour.id,
        HonourCorrection.state == DRAFT))
    if row is None:
        row = HonourCorrection(book_id=honour.book_id, id=new_id(), honour_id=honour.id, before=before, state=DRAFT,
                               drafted_at=at, published_at=None, published_by=None, shown_until=None)
        s.add(row)
    row.after = after or shape(honour)
    row.measure_id, row.recheck_id = measure_id or row.measure_id, recheck_id or row.recheck_id
    s.flush()
    return row


def draft_for_lost(s: Session, honour: Honour, lost: set[str], recheck_id: UUID, at: datetime) -> None:
    """What the notice would say if the committee follows the recheck."""
    scheme = scheme_of(s, cycle_of(s, honour))
    left = sorted(set(honour.stars) - lost)
    band = scheme.band(len(left))
    after = {"stars": left, "level": band.code if band else None, "state": honour.state if band else LAPSED}
    draft_correction(s, honour, shape(honour), after=after, recheck_id=recheck_id, at=at)


def drop_draft(s: Session, honour: Honour) -> None:
    """The recheck was settled without a change: its draft is not needed."""
    for row in s.scalars(select(HonourCorrection).where(
            HonourCorrection.book_id == honour.book_id, HonourCorrection.honour_id == honour.id,
            HonourCorrection.state == DRAFT, HonourCorrection.measure_id.is_(None))):
        row.state = DROPPED
    s.flush()


def publish_correction(s: Session, cmd: PublishCorrection, *, by: Actor, at: datetime) -> str:
    """Put the correction up for as long as a notice runs. Only what was decided: a recheck's own draft waits.

    Same key again: the first answer. Raises: NotAllowed, NotFound, StepAside, WrongState, KeyReused.
    """
    with unit_of_work(s):
        row = s.get(HonourCorrection, (by.book_id, cmd.correction_id))
        if row is None:
            raise NotFound("correction")
        honour = lock_honour(s, by, row.honour_id, "ratings.run", "correction")
        if (first := claim(s, cmd, "honour_correction", by, at)) is not None:
            return str(first["until"])
        step_aside(s, by, honour)
        s.refresh(row)
        if row.state != DRAFT or row.measure_id is None:
            raise WrongState("correction", state=STATES[row.state])
        row.state, row.published_at, row.published_by = PUBLISHED, at, by.user_id
        row.shown_until = last_day(to_day(at), scheme_of(s, cycle_of(s, honour)).terms.notice_days)
        note(s, by, "corrected", honour, at)
        settle(s, cmd, by, {"until": str(row.shown_until)})
        s.flush()
        return str(row.shown_until)
