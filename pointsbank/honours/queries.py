"""Reads of honours: a cycle's rows, one honour with all that became of it, and the work that waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.errors import NotFound
from pointsbank.honours.models import (
    AWARDED,
    DRAFT,
    NOTICE,
    OBJECTED,
    Honour,
    HonourCorrection,
    HonourMeasure,
    HonourNotice,
    HonourObjection,
    HonourRecheck,
)
from pointsbank.people import HouseholdCard
from pointsbank.ratings import CycleView, cycle_view, subject_cards
from pointsbank.ratings.scheme import Band, Scheme


class HonourRow(NamedTuple):
    """One honour as lists show it."""

    id: UUID
    card: HouseholdCard
    stars: tuple[str, ...]
    proposed: tuple[str, ...]
    level: Band | None
    state: str
    notice_until: date
    number: str | None
    awarded_on: date | None
    warnings: int
    suspended_until: date | None
    plaque: str
    plaque_on: date | None
    cycle_id: UUID
    evaluation_id: UUID


class NoticeView(NamedTuple):
    starts_on: date
    ends_on: date
    published_at: datetime
    published_by: UUID | None
    awarded_at: datetime | None
    awarded_by: UUID | None


class ObjectionView(NamedTuple):
    """`text` and `answer` are for those who answer, and for the household; None after erasure."""

    id: UUID
    honour_id: UUID
    star_code: str | None
    text: str | None
    answer: str | None
    raised_at: datetime
    answer_by: date
    outcome: str
    row: HonourObjection


class MeasureView(NamedTuple):
    id: UUID
    honour_id: UUID
    kind: str
    state: str
    reason: str | None
    said: str | None
    stars: tuple[str, ...] | None
    until_on: date | None
    proposed_at: datetime
    proposed_by: UUID | None
    proposed_person: UUID | None
    decided_at: datetime | None


class RecheckView(NamedTuple):
    """`lost`: stars that today's figures no longer give. `verdicts`: how today's figures judge, as stored."""

    id: UUID
    honour_id: UUID
    undone: UUID
    cause: UUID
    stars: tuple[str, ...]
    lost: tuple[str, ...]
    state: str
    kept: bool | None
    found_at: datetime
    checked_at: datetime | None
    verdicts: Mapping[str, Any]
    why: str | None


class CorrectionView(NamedTuple):
    id: UUID
    honour_id: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    state: str
    decided: bool
    drafted_at: datetime
    published_at: datetime | None
    shown_until: date | None


class HonourView(NamedTuple):
    """One honour, and what became of it, oldest first."""

    row: HonourRow
    cycle: CycleView
    notice: NoticeView
    objections: tuple[ObjectionView, ...]
    measures: tuple[MeasureView, ...]
    rechecks: tuple[RecheckView, ...]
    corrections: tuple[CorrectionView, ...]


def band_of(scheme: Scheme, code: str | None) -> Band | None:
    return next((band for band in scheme.bands if band.code == code), None)


def rows_of(s: Session, book_id: int, scheme: Scheme, honours: Sequence[Honour]) -> list[HonourRow]:
    """By household code; the cards cost three statements."""
    cards = subject_cards(s, book_id, scheme, [row.household_id for row in honours])
    found = [HonourRow(row.id, cards[row.household_id], tuple(row.stars), tuple(row.proposed),
                       band_of(scheme, row.level), row.state, row.notice_until, row.number, row.awarded_on,
                       row.warnings, row.suspended_until, row.plaque, row.plaque_on, row.cycle_id, row.evaluation_id)
             for row in honours]
    return sorted(found, key=lambda row: row.card.code)


def honours_of_cycle(s: Session, cycle: CycleView) -> list[HonourRow]:
    """Everybody of the outcome, by code. One statement and the cards."""
    return rows_of(s, cycle.book_id, cycle.scheme, s.scalars(select(Honour).where(
        Honour.book_id == cycle.book_id, Honour.cycle_id == cycle.id)).all())


def notice_of(s: Session, book_id: int, cycle_id: UUID) -> NoticeView | None:
    row = s.get(HonourNotice, (book_id, cycle_id))
    return NoticeView(row.starts_on, row.ends_on, row.published_at, row.published_by, row.awarded_at,
                      row.awarded_by) if row else None


def honours_held(s: Session, book_id: int, household_ids: Sequence[UUID]) -> list[Honour]:
    """Every honour of these households, newest first. One statement."""
    return list(s.scalars(select(Honour).where(Honour.book_id == book_id, Honour.household_id.in_(household_ids))
                          .order_by(Honour.id.desc())))


def honour_view(s: Session, book_id: int, honour_id: UUID) -> HonourView:
    """Everything about one honour. Raises NotFound. About twelve statements."""
    row = s.get(Honour, (book_id, honour_id))
    if row is None:
        raise NotFound("honour")
    cycle = cycle_view(s, book_id, row.cycle_id)
    notice = notice_of(s, book_id, row.cycle_id)
    assert notice is not None
    return HonourView(rows_of(s, book_id, cycle.scheme, [row])[0], cycle, notice,
                      tuple(objections_of(s, book_id, [row])), tuple(measures_of(s, book_id, [row])),
                      tuple(rechecks_of(s, book_id, [row])), tuple(corrections_of(s, book_id, [row])))


def objections_of(s: Session, book_id: int, honours: Sequence[Honour], *,
                  open_only: bool = False) -> list[ObjectionView]:
    whose = {row.id: row.household_id for row in honours}
    query = select(HonourObjection).where(HonourObjection.book_id == book_id, HonourObjection.honour_id.in_(whose))
    if open_only:
        query = query.where(HonourObjection.outcome == "open")
    rows = s.scalars(query.order_by(HonourObjection.raised_at, HonourObjection.id)).all()
    texts = open_many(s, book_id, [(whose[row.honour_id], row.sealed) for row in rows], "honour_objection")
    answers = open_many(s, book_id, [(whose[row.honour_id], row.answer) for row in rows], "honour_answer")
    return [ObjectionView(row.id, row.honour_id, row.star_code, (text or {}).get("text"), (answer or {}).get("text"),
                          row.raised_at, row.answer_by, row.outcome, row)
            for row, text, answer in zip(rows, texts, answers, strict=True)]


def measures_of(s: Session, book_id: int, honours: Sequence[Honour], *, state: str | None = None) -> list[MeasureView]:
    whose = {row.id: row.household_id for row in honours}
    query = select(HonourMeasure).where(HonourMeasure.book_id == book_id, HonourMeasure.honour_id.in_(whose))
    if state is not None:
        query = query.where(HonourMeasure.state == state)
    rows = s.scalars(query.order_by(HonourMeasure.proposed_at, HonourMeasure.id)).all()
    opened = open_many(s, book_id, [(whose[row.honour_id], row.sealed) for row in rows], "honour_measure")
    return [MeasureView(row.id, row.honour_id, row.kind, row.state, (facts or {}).get("reason"),
                        (facts or {}).get("said"), tuple(row.stars) if row.stars is not None else None, row.until_on,
                        row.proposed_at, row.proposed_by, row.proposed_person, row.decided_at)
            for row, facts in zip(rows, opened, strict=True)]


def rechecks_of(s: Session, book_id: int, honours: Sequence[Honour], *,
                states: Sequence[str] = ()) -> list[RecheckView]:
    whose = {row.id: row.household_id for row in honours}
    query = select(HonourRecheck).where(HonourRecheck.book_id == book_id, HonourRecheck.honour_id.in_(whose))
    if states:
        query = query.where(HonourRecheck.state.in_(states))
    rows = s.scalars(query.order_by(HonourRecheck.found_at, HonourRecheck.id)).all()
    opened = open_many(s, book_id, [(whose[row.honour_id], row.sealed) for row in rows], "honour_recheck")
    return [RecheckView(row.id, row.honour_id, row.undone, row.cause, tuple(row.stars), tuple(row.lost), row.state,
                        row.kept, row.found_at, row.checked_at, (facts or {}).get("verdicts", {}),
                        (facts or {}).get("why")) for row, facts in zip(rows, opened, strict=True)]


def corrections_of(s: Session, book_id: int, honours: Sequence[Honour], *,
                   drafts_only: bool = False) -> list[CorrectionView]:
    query = select(HonourCorrection).where(HonourCorrection.book_id == book_id,
                                           HonourCorrection.honour_id.in_([row.id for row in honours]))
    if drafts_only:
        query = query.where(HonourCorrection.state == DRAFT)
    return [CorrectionView(row.id, row.honour_id, row.before, row.after, row.state, row.measure_id is not None,
                           row.drafted_at, row.published_at, row.shown_until)
            for row in s.scalars(query.order_by(HonourCorrection.drafted_at, HonourCorrection.id))]


def levels_of(rows: Sequence[HonourRow], scheme: Scheme) -> list[tuple[Band, int]]:
    """How many hold each level now, or would by the notice."""
    held = Counter(row.level.code for row in rows if row.level and row.state in (NOTICE, OBJECTED, AWARDED))
    return [(band, held[band.code]) for band in scheme.bands]
