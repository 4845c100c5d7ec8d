"""Objections to a notice, answered within seven working days by somebody else than who objected or published.

Dismissed, the row's notice runs on for the days that were left. Upheld, what was objected to is turned round (a star
given is taken, one refused is given, or the whole row is struck), written down as a decision with the answer as its
reason, and the row is put up anew for the full number of days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import NotFound
from pointsbank.honours.errors import HasObjection, NeedsAPerson, OwnObjection, WrongState
from pointsbank.honours.locking import cycle_of, lock_honour, must_be, note, reason_of, scheme_of, step_aside
from pointsbank.honours.models import NOTICE, OBJECTED, Honour, HonourNotice, HonourObjection
from pointsbank.honours.notice import last_day
from pointsbank.honours.words import HONOUR_STATES
from pointsbank.places import covers
from pointsbank.ratings.decisions import settle_star
from pointsbank.records.keys import claim, settle
from pointsbank.records.policy import working_days_after

WORKING_DAYS = 7


@dataclass(frozen=True)
class ObjectTo:
    """`star_code`: the star it is about; None: the whole row."""

    key: UUID
    honour_id: UUID
    text: str
    star_code: str | None = None


@dataclass(frozen=True)
class AnswerObjection:
    key: UUID
    objection_id: UUID
    upheld: bool
    reason: str


def object_to(s: Session, cmd: ObjectTo, *, by: Actor, at: datetime) -> date:
    """Object; returns the day it will be answered by. Anybody of the place may, signed in. Same key again: the first.

    Raises: NeedsAPerson, NotAllowed, NotFound, WrongState, HasObjection, WriteWhy, KeyReused.
    """
    with unit_of_work(s):
        if by.user_id is None:
            raise NeedsAPerson()
        honour = lock_honour(s, by, cmd.honour_id, None)
        near = (by.place_code, *(grant[1] for grant in by.grants))
        if not can(by, "honours.object") or not any(covers(place, honour.place_code) for place in near):
            raise NotFound("honour")
        if (first := claim(s, cmd, "honour_object", by, at)) is not None:
            return date.fromisoformat(first["answer_by"])
        text, today = reason_of(cmd.text, "text"), to_day(at)
        if honour.state == OBJECTED:
            raise HasObjection("honour", day=_open(s, honour).answer_by)
        must_be(honour, NOTICE)
        if today > honour.notice_until:
            raise WrongState("honour", state={"zh": "公示已经期满", "en": "past its notice"})
        if cmd.star_code is not None and scheme_of(s, cycle_of(s, honour)).star(cmd.star_code) is None:
            raise NotFound("star")
        answer_by = working_days_after(today, WORKING_DAYS)
        s.add(HonourObjection(
            book_id=by.book_id, id=new_id(), honour_id=honour.id, star_code=cmd.star_code,
            sealed=seal_json(s, by.book_id, honour.household_id, {"text": text}, "honour_objection"),
            raised_by=by.user_id, raised_person=by.person_id, raised_at=at, answer_by=answer_by,
            days_left=(honour.notice_until - today).days, outcome="open", answer=None, resolved_by=None,
            resolved_at=None))
        honour.state = OBJECTED
        note(s, by, "objected", honour, at, text, star=cmd.star_code)
        settle(s, cmd, by, {"answer_by": str(answer_by)})
        s.flush()
        return answer_by


def _open(s: Session, honour: Honour) -> HonourObjection:
    return s.scalars(select(HonourObjection).where(
        HonourObjection.book_id == honour.book_id, HonourObjection.honour_id == honour.id,
        HonourObjection.outcome == "open")).one()


def answer_objection(s: Session, cmd: AnswerObjection, *, by: Actor, at: datetime) -> str:
    """Answer with a written reason; returns 'upheld' or 'dismissed'. Same key again: the first answer.

    Raises: NotAllowed, NotFound, WrongState (answered already), OwnObjection, StepAside, WriteWhy, KeyReused.
    """
    with unit_of_work(s):
        row = s.get(HonourObjection, (by.book_id, cmd.objection_id))
        if row is None:
            raise NotFound("objection")
        honour = lock_honour(s, by, row.honour_id, "honours.answer", "objection")
        if (first := claim(s, cmd, "honour_answer", by, at)) is not None:
            return str(first["outcome"])
        s.refresh(row)
        must_be(honour, OBJECTED)
        if row.outcome != "open":
            raise WrongState("honour", state=HONOUR_STATES[honour.state])
        if refusal := answer_aside(s, row, honour, by):
            raise refusal
        step_aside(s, by, honour)
        reason, today = reason_of(cmd.reason), to_day(at)
        row.outcome = "upheld" if cmd.upheld else "dismissed"
        row.answer = seal_json(s, by.book_id, honour.household_id, {"text": reason}, "honour_answer")
        row.resolved_by, row.resolved_at = by.user_id, at
        honour.state = NOTICE
        if cmd.upheld:
            _turn_round(s, honour, row.star_code, reason, by, at)
            honour.notice_until = last_day(today, scheme_of(s, cycle_of(s, honour)).terms.notice_days)
        else:
            honour.notice_until = today + timedelta(days=row.days_left)
        note(s, by, f"objection_{row.outcome}", honour, at, reason, star=row.star_code)
        settle(s, cmd, by, {"outcome": row.outcome})
        s.flush()
        return row.outcome


def answer_aside(s: Session, row: HonourObjection, honour: Honour, by: Actor) -> OwnObjection | None:
    """Why this person may not answer: the objection or the notice is their own."""
    notice = s.get_one(HonourNotice, (honour.book_id, honour.cycle_id))
    own = (by.user_id is None or by.user_id in (row.raised_by, notice.published_by)
           or (by.person_id is not None and by.person_id == row.raised_person))
    return OwnObjection() if own else None


def _turn_round(s: Session, honour: Honour, star_code: str | None, reason: str, by: Actor, at: datetime) -> None:
    cycle = cycle_of(s, honour)
    scheme, held = scheme_of(s, cycle), set(honour.stars)
    changed = {star_code} if star_code is not None else held
    for code in sorted(changed):
        settle_star(s, cycle, honour.household_id, code, code not in held, reason, by=by, at=at)
    stars = held ^ changed
    band = scheme.band(len(stars))
    honour.stars, honour.level = sorted(stars), band.code if band else None
