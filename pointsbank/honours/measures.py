"""动态管理: a warning, a suspension, its end, a revocation, a correction. One person proposes with a written reason,
another decides; relatives of the household do neither.

    propose_measure(s, ProposeMeasure(key, honour_id, "revoke", "…"), by=committee, at=now)
    decide_measure(s, DecideMeasure(key, measure_id, True), by=supervisor, at=now)

A revocation bars the household for as long as the scheme says. What changes for others to see drafts a correction
notice. The plaque is another matter: what no longer counts *ought* to come down, until somebody notes that it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.honours.corrections import draft_correction, shape
from pointsbank.honours.errors import MeasureWaiting, SameHand, WrongState
from pointsbank.honours.locking import cycle_of, lock_honour, must_be, note, reason_of, scheme_of, step_aside
from pointsbank.honours.models import (
    AWARDED,
    HUNG,
    IN_FORCE,
    LAPSED,
    NONE,
    PROPOSED,
    REFUSED,
    REVOKED,
    SUSPENDED,
    TAKEN_DOWN,
    TO_HANG,
    TO_TAKE_DOWN,
    Honour,
    HonourMeasure,
)
from pointsbank.honours.rechecking import settle_all
from pointsbank.honours.words import MEASURE_STATES
from pointsbank.ratings import bar_household
from pointsbank.records.keys import claim, settle

FROM = {"warn": (AWARDED,), "suspend": (AWARDED,), "reinstate": (SUSPENDED,), "revoke": (AWARDED, SUSPENDED),
        "correct": (AWARDED, SUSPENDED)}
CONTEXT = "honour_measure"


@dataclass(frozen=True)
class ProposeMeasure:
    """`until_on`: a suspension's last day, if it has one. `stars`: those that stay, of a correction."""

    key: UUID
    honour_id: UUID
    kind: str
    reason: str
    until_on: date | None = None
    stars: tuple[str, ...] | None = None
    recheck_id: UUID | None = None


@dataclass(frozen=True)
class DecideMeasure:
    key: UUID
    measure_id: UUID
    agreed: bool
    reason: str = ""


def propose_measure(s: Session, cmd: ProposeMeasure, *, by: Actor, at: datetime) -> UUID:
    """Propose; nothing changes yet. Same key again: the first answer.

    Raises: NotAllowed, NotFound, StepAside, WrongState, MeasureWaiting, WriteWhy, BadInput, KeyReused.
    """
    with unit_of_work(s):
        honour = lock_honour(s, by, cmd.honour_id, "honours.propose")
        if (first := claim(s, cmd, "honour_propose", by, at)) is not None:
            return UUID(hex=first["measure"])
        step_aside(s, by, honour)
        if cmd.kind not in FROM:
            raise BadInput("kind", "没有这种处理。", "There is no such measure.")
        must_be(honour, *FROM[cmd.kind])
        reason = reason_of(cmd.reason)
        if s.scalar(select(HonourMeasure.id).where(
                HonourMeasure.book_id == by.book_id, HonourMeasure.honour_id == honour.id,
                HonourMeasure.state == PROPOSED)) is not None:
            raise MeasureWaiting("honour")
        _check(cmd, honour, to_day(at))
        row = HonourMeasure(
            book_id=by.book_id, id=new_id(), honour_id=honour.id, kind=cmd.kind, state=PROPOSED,
            sealed=seal_json(s, by.book_id, honour.household_id, {"reason": reason}, CONTEXT),
            stars=sorted(cmd.stars) if cmd.stars is not None else None, until_on=cmd.until_on,
            recheck_id=cmd.recheck_id, proposed_at=at, proposed_by=by.user_id, proposed_person=by.person_id,
            decided_at=None, decided_by=None)
        s.add(row)
        note(s, by, "proposed", honour, at, reason, kind=cmd.kind)
        settle(s, cmd, by, {"measure": row.id.hex})
        s.flush()
        return row.id


def _check(cmd: ProposeMeasure, honour: Honour, today: date) -> None:
    if cmd.kind == "correct" and (cmd.stars is None or not set(cmd.stars) < set(honour.stars)):
        raise BadInput("stars", "请选更正以后还保留的星,要比现在少。", "Choose the stars that stay: fewer than now.")
    if cmd.until_on is not None and (cmd.kind != "suspend" or cmd.until_on <= today):
        raise BadInput("until_on", "只有暂停可以写到哪天为止,而且要晚于今天。",
                       "Only a suspension has a last day, and it lies ahead.")


def decide_measure(s: Session, cmd: DecideMeasure, *, by: Actor, at: datetime) -> str:
    """The second person's word; returns the measure's state. Same key again: the first answer.

    Raises: NotAllowed, NotFound, SameHand, StepAside, WrongState, WriteWhy (to refuse), KeyReused.
    """
    with unit_of_work(s):
        row = s.get(HonourMeasure, (by.book_id, cmd.measure_id))
        if row is None:
            raise NotFound("measure")
        honour = lock_honour(s, by, row.honour_id, "honours.second", "measure")
        if (first := claim(s, cmd, "honour_decide", by, at)) is not None:
            return str(first["state"])
        s.refresh(row)
        if row.state != PROPOSED:
            raise WrongState("measure", state=MEASURE_STATES[row.state])
        if by.user_id is None or by.user_id == row.proposed_by or (
                by.person_id is not None and by.person_id == row.proposed_person):
            raise SameHand("measure")
        step_aside(s, by, honour)
        must_be(honour, *FROM[row.kind])
        said = cmd.reason.strip() if cmd.agreed else reason_of(cmd.reason)
        facts = open_many(s, by.book_id, [(honour.household_id, row.sealed)], CONTEXT)[0] or {}
        row.sealed = seal_json(s, by.book_id, honour.household_id, {**facts, "said": said}, CONTEXT)
        row.state, row.decided_at, row.decided_by = IN_FORCE if cmd.agreed else REFUSED, at, by.user_id
        if cmd.agreed:
            _carry_out(s, row, honour, by, at)
        note(s, by, f"measure_{row.state}", honour, at, said or facts.get("reason", ""), kind=row.kind)
        settle(s, cmd, by, {"state": row.state})
        s.flush()
        return row.state


def _carry_out(s: Session, row: HonourMeasure, honour: Honour, by: Actor, at: datetime) -> None:
    before, today = shape(honour), to_day(at)
    if row.kind == "warn":
        honour.warnings += 1
        return
    scheme = scheme_of(s, cycle_of(s, honour))
    if row.kind == "suspend":
        honour.state, honour.suspended_until = SUSPENDED, row.until_on
    elif row.kind == "reinstate":
        honour.state, honour.suspended_until = AWARDED, None
    elif row.kind == "revoke":
        honour.state = REVOKED
        bar_household(s, honour.book_id, honour.household_id, scheme, row.id, today)
    else:
        band = scheme.band(len(row.stars or ()))
        honour.stars, honour.level = list(row.stars or ()), band.code if band else None
        honour.state = honour.state if band else LAPSED
    if scheme.terms.plaque:
        _plaque_follows(honour, today, exchanged=before["level"] != honour.level)
    if row.recheck_id is not None:
        settle_all(s, honour, kept=False, by=by, at=at)
    draft_correction(s, honour, before, measure_id=row.id, recheck_id=row.recheck_id, at=at)


def _plaque_follows(honour: Honour, today: date, *, exchanged: bool) -> None:
    """What ought to be on the wall now. A plaque of another level comes down before the right one is hung."""
    counts = honour.state == AWARDED
    if honour.plaque == HUNG and (not counts or exchanged):
        honour.plaque, honour.plaque_on = TO_TAKE_DOWN, today
    elif honour.plaque == TO_HANG and not counts:
        honour.plaque, honour.plaque_on = NONE, today
    elif counts and honour.plaque in (TO_TAKE_DOWN, TAKEN_DOWN, NONE) and not exchanged:
        honour.plaque = HUNG if honour.plaque == TO_TAKE_DOWN else TO_HANG
        honour.plaque_on = today
