"""一票否决: entering, lifting and finding vetoes. They bar stars only; no statutory benefit ever hangs on one.

A veto stands from its day for as many months as the scheme says (on the same day of the month the family is free
again), or until it is lifted. Its grounds are sealed for the household and seen only with the power `ratings.veto`;
everybody else reads that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import months_back
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.people import household_cards, relatives_of
from pointsbank.ratings.errors import StepAside
from pointsbank.ratings.models import RatingVeto
from pointsbank.ratings.scheme import scheme_on

CONTEXT = "rating_veto"
FEW = 5_000


@dataclass(frozen=True)
class EnterVeto:
    key: UUID
    household_id: UUID
    veto_code: str
    happened_on: date
    grounds: str
    document: str = ""


@dataclass(frozen=True)
class LiftVeto:
    veto_id: UUID
    reason: str


class VetoView(NamedTuple):
    """One veto. `grounds` and `document` are None for who may not read them, or after erasure."""

    id: UUID
    household_id: UUID
    veto_code: str
    happened_on: date
    ends_on: date | None
    lifted_on: date | None
    grounds: str | None
    document: str | None

    def stands(self, on: date) -> bool:
        return (self.happened_on <= on and (self.ends_on is None or on < self.ends_on)
                and (self.lifted_on is None or on < self.lifted_on))


def enter_veto(s: Session, cmd: EnterVeto, *, by: Actor, at: datetime) -> VetoView:
    """Enter a veto with its grounds. Raises NotAllowed, NotFound, BadInput, StepAside, KeyReused."""
    with unit_of_work(s):
        card = household_cards(s, by.book_id, [cmd.household_id]).get(cmd.household_id)
        if card is None:
            raise NotFound("household")
        require_seen(by, "ratings.veto", at_place=card.place_code, what="household")
        if cmd.household_id in relatives_of(s, by.book_id, by.person_id):
            raise StepAside("household")
        first = s.scalar(select(RatingVeto).where(RatingVeto.book_id == by.book_id, RatingVeto.scope == by.scope,
                                                  RatingVeto.key == cmd.key))
        if first is not None:
            if (first.household_id, first.veto_code, first.happened_on) != (
                    cmd.household_id, cmd.veto_code, cmd.happened_on):
                raise KeyReused("key")
            return _views(s, by.book_id, [first], True)[0]
        kind = scheme_on(s, card.place_code, to_day(at)).veto(cmd.veto_code)
        if kind is None:
            raise BadInput("veto_code", "评星办法里没有这一项否决。", "The scheme has no such veto.")
        if not 2 <= len(cmd.grounds.strip()) <= 500 or cmd.happened_on > to_day(at):
            raise BadInput("grounds", "请写明事实依据,日期不能晚于今天。",
                           "State the grounds; the day cannot lie ahead.")
        ends = None if kind.months is None else months_back(cmd.happened_on, -kind.months)
        row = RatingVeto(
            book_id=by.book_id, id=new_id(), household_id=cmd.household_id, veto_code=cmd.veto_code,
            happened_on=cmd.happened_on, ends_on=ends, entered_at=at, entered_by=by.user_id, lifted_on=None,
            lifted_by=None, scope=by.scope, key=cmd.key,
            sealed=seal_json(s, by.book_id, cmd.household_id,
                             {"grounds": cmd.grounds.strip(), "document": cmd.document.strip()}, CONTEXT))
        s.add(row)
        audit.record(s, by, "ratings.veto_entered", f"veto:{row.id}", at=at, why=cmd.grounds.strip(),
                     about=row.household_id, code=cmd.veto_code)
        s.flush()
        return _views(s, by.book_id, [row], True)[0]


def lift_veto(s: Session, cmd: LiftVeto, *, by: Actor, at: datetime) -> VetoView:
    """Lift a veto from today on; the past keeps it. Twice is once. Raises NotAllowed, NotFound, StepAside, BadInput."""
    if len(cmd.reason.strip()) < 2:
        raise BadInput("reason", "请写明解除的理由。", "Say why it is lifted.")
    with unit_of_work(s):
        row = s.get(RatingVeto, (by.book_id, cmd.veto_id), with_for_update=True)
        card = household_cards(s, by.book_id, [row.household_id]).get(row.household_id) if row else None
        if row is None or card is None:
            raise NotFound("veto")
        require_seen(by, "ratings.veto", at_place=card.place_code, what="veto")
        if row.household_id in relatives_of(s, by.book_id, by.person_id):
            raise StepAside("household")
        if row.lifted_on is None:
            facts = open_many(s, by.book_id, [(row.household_id, row.sealed)], CONTEXT)[0] or {}
            row.sealed = seal_json(s, by.book_id, row.household_id, {**facts, "lifted": cmd.reason.strip()}, CONTEXT)
            row.lifted_on, row.lifted_by = to_day(at), by.user_id
            audit.record(s, by, "ratings.veto_lifted", f"veto:{row.id}", at=at, why=cmd.reason.strip(),
                         about=row.household_id, code=row.veto_code)
        s.flush()
        return _views(s, by.book_id, [row], True)[0]


def _views(s: Session, book_id: int, rows: Sequence[RatingVeto], see: bool) -> list[VetoView]:
    opened = (open_many(s, book_id, [(row.household_id, row.sealed) for row in rows], CONTEXT) if see
              else [None] * len(rows))
    return [VetoView(row.id, row.household_id, row.veto_code, row.happened_on, row.ends_on, row.lifted_on,
                     (facts or {}).get("grounds"), (facts or {}).get("document"))
            for row, facts in zip(rows, opened, strict=True)]


def vetoes_of(s: Session, book_id: int, household_ids: Sequence[UUID], *, see_grounds: bool = False) -> list[VetoView]:
    """All vetoes ever entered for these households, newest first; one statement (two with the grounds)."""
    rows = s.scalars(select(RatingVeto).where(RatingVeto.book_id == book_id,
                                              RatingVeto.household_id.in_(household_ids))
                     .order_by(RatingVeto.happened_on.desc(), RatingVeto.id)).all()
    return _views(s, book_id, rows, see_grounds)


def standing_vetoes(s: Session, book_id: int, household_ids: Sequence[UUID], on: date) -> dict[UUID, set[str]]:
    """{household: codes of the vetoes that stand on the day}; one statement."""
    query = select(RatingVeto.household_id, RatingVeto.veto_code).where(
        RatingVeto.book_id == book_id, RatingVeto.happened_on <= on,
        or_(RatingVeto.ends_on.is_(None), RatingVeto.ends_on > on),
        or_(RatingVeto.lifted_on.is_(None), RatingVeto.lifted_on > on))
    if len(household_ids) <= FEW:
        query = query.where(RatingVeto.household_id.in_(household_ids))
    found: dict[UUID, set[str]] = {}
    for household_id, code in s.execute(query):
        found.setdefault(household_id, set()).add(code)
    return found
