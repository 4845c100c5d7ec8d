"""Honours of a place or a household, opened; and the fact that rules may speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.eligibility import Window, register_fact
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard, household_cards
from pointsbank.places import stem_of
from pointsbank.reviews.models import ReviewResult as Result
from pointsbank.reviews.service import CONTEXT

FEW = 5_000


class ResultView(NamedTuple):
    """One result. The texts are empty when the household's data was erased."""

    id: UUID
    place_code: str
    household: HouseholdCard | None
    kind: str
    level: str
    granted: bool
    title: str
    decided_by: str
    decided_on: date
    document_no: str
    reviewers: str
    note: str
    entered_at: datetime
    withdrawn_on: date | None
    withdrawn_document: str
    withdrawn_why: str


def results_of_place(s: Session, book_id: int, place_code: str, *, until: date | None = None,
                     limit: int = 500) -> list[ResultView]:
    """Of a place and all below it, newest first. Five statements."""
    query = select(Result).where(Result.book_id == book_id, Result.place_code.like(f"{stem_of(place_code)}%"))
    if until is not None:
        query = query.where(Result.decided_on <= until)
    return _views(s, book_id, s.scalars(query.order_by(Result.decided_on.desc(), Result.id.desc()).limit(limit)).all())


def results_of_household(s: Session, book_id: int, household_id: UUID) -> list[ResultView]:
    """Of one household, newest first."""
    rows = s.scalars(select(Result).where(Result.book_id == book_id, Result.household_id == household_id)
                     .order_by(Result.decided_on.desc(), Result.id.desc())).all()
    return _views(s, book_id, rows)


def result_by_id(s: Session, book_id: int, result_id: UUID) -> ResultView:
    """Raises NotFound."""
    row = s.get(Result, (book_id, result_id))
    if row is None:
        raise NotFound("result")
    return _views(s, book_id, [row])[0]


def _views(s: Session, book_id: int, rows: Sequence[Result]) -> list[ResultView]:
    told = open_many(s, book_id, [(row.subject_id, row.sealed) for row in rows], CONTEXT)
    gone = [row for row in rows if row.withdrawn_sealed is not None]
    why = dict(zip((row.id for row in gone), open_many(
        s, book_id, [(row.subject_id, row.withdrawn_sealed or b"") for row in gone], CONTEXT), strict=True))
    cards = household_cards(s, book_id, {row.household_id for row in rows if row.household_id})
    views = []
    for row, opened in zip(rows, told, strict=True):
        text, back = opened or {}, why.get(row.id) or {}
        views.append(ResultView(
            row.id, row.place_code, cards.get(row.household_id) if row.household_id else None, row.kind, row.level,
            row.granted, text.get("title", ""), text.get("decided_by", ""), row.decided_on,
            text.get("document_no", ""), text.get("reviewers", ""), text.get("note", ""), row.entered_at,
            row.withdrawn_on, back.get("document_no", ""), back.get("reason", "")))
    return views


def standing_by_level(s: Session, book_id: int, place_code: str, kind: str, on: date) -> Counter[str]:
    """How many honours of a kind stand on a day at a place and below, by level. One statement."""
    rows = s.execute(select(Result.level, func.count()).where(
        Result.book_id == book_id, Result.place_code.like(f"{stem_of(place_code)}%"), Result.kind == kind,
        Result.granted, Result.decided_on <= on, or_(Result.withdrawn_on.is_(None), Result.withdrawn_on > on))
        .group_by(Result.level))
    return Counter({level: int(count) for level, count in rows})


def _held(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window) -> dict[UUID, int]:
    query = select(Result.household_id, func.count()).where(
        Result.book_id == book_id, Result.household_id.is_not(None), Result.granted, Result.decided_on <= on,
        or_(Result.withdrawn_on.is_(None), Result.withdrawn_on > on)).group_by(Result.household_id)
    if len(ids) <= FEW:
        query = query.where(Result.household_id.in_(ids))
    found = {household_id: int(count) for household_id, count in s.execute(query)}
    return {household_id: found.get(household_id, 0) for household_id in ids}


def register_result_facts() -> None:
    """Offer `higher_honours` to every rule: how many honours from above a household holds."""
    register_fact("higher_honours", "whole", "现有上级荣誉", "honours held from levels above", _held, unit_zh="项",
                  unit_en="honours")
