"""Decisions: the engine proposes, people decide.

Departing from a verdict needs a written reason, and relatives step aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import KeyReused, NotFound
from pointsbank.people import relatives_of
from pointsbank.ratings.errors import CycleClosed, NeedsReason, NotEvaluated, StepAside
from pointsbank.ratings.models import CONFIRMED, RatingCycle, RatingDecision, RatingEvaluation, RatingVerdict
from pointsbank.ratings.scheme import scheme_version
from pointsbank.ratings.subjects import home_of

CONTEXT = "rating_decision"
REASON_MIN, REASON_MAX = 5, 500


@dataclass(frozen=True)
class DecideStar:
    key: UUID
    cycle_id: UUID
    household_id: UUID
    star_code: str
    awarded: bool
    reason: str = ""


class DecisionView(NamedTuple):
    star_code: str
    awarded: bool
    departs: bool
    reason: str | None
    decided_at: datetime


def decide_star(s: Session, cmd: DecideStar, *, by: Actor, at: datetime) -> DecisionView:
    """Award or refuse one star by the committee, against the newest evaluation.

    A verdict of "cannot decide" counts as departed from, whatever is decided. Same key again: the first decision.
    Raises: NotAllowed, NotFound, CycleClosed, NotEvaluated, StepAside, NeedsReason, KeyReused.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.run", at_place=cycle.place_code, what="cycle")
        first = s.scalar(select(RatingDecision).where(
            RatingDecision.book_id == by.book_id, RatingDecision.scope == by.scope, RatingDecision.key == cmd.key))
        if first is not None:
            if (first.household_id, first.star_code, first.awarded) != (cmd.household_id, cmd.star_code, cmd.awarded):
                raise KeyReused("key")
            return _view(s, by.book_id, first)
        if cycle.status == CONFIRMED:
            raise CycleClosed("cycle")
        scheme = scheme_version(s, cycle.scheme_code, cycle.scheme_version)
        if home_of(s, by.book_id, scheme, cmd.household_id) in relatives_of(s, by.book_id, by.person_id):
            raise StepAside("household")
        verdict = s.scalar(select(RatingVerdict).join(
            RatingEvaluation, (RatingEvaluation.book_id == RatingVerdict.book_id)
            & (RatingEvaluation.id == RatingVerdict.evaluation_id)).where(
            RatingVerdict.book_id == by.book_id, RatingEvaluation.cycle_id == cycle.id,
            RatingVerdict.household_id == cmd.household_id).order_by(RatingEvaluation.number.desc()).limit(1))
        if verdict is None:
            raise NotEvaluated("household")
        if cmd.star_code not in verdict.outcomes:
            raise NotFound("star")
        departs = verdict.outcomes[cmd.star_code] is not cmd.awarded
        reason = cmd.reason.strip()[:REASON_MAX]
        if departs and len(reason) < REASON_MIN:
            raise NeedsReason("reason")
        row = RatingDecision(
            book_id=by.book_id, id=new_id(), cycle_id=cycle.id, household_id=cmd.household_id,
            star_code=cmd.star_code, evaluation_id=verdict.evaluation_id, awarded=cmd.awarded, departs=departs,
            sealed=seal_json(s, by.book_id, cmd.household_id, {"reason": reason}, CONTEXT) if reason else None,
            decided_at=at, decided_by=by.user_id, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "ratings.decided", f"cycle:{cycle.id}", at=at, why=reason, about=cmd.household_id,
                     star=cmd.star_code, awarded=cmd.awarded, departs=departs)
        s.flush()
        return _view(s, by.book_id, row)


def settle_star(s: Session, cycle: RatingCycle, household_id: UUID, star_code: str, awarded: bool, reason: str, *,
                by: Actor, at: datetime) -> None:
    """A decision after the committee confirmed: an objection to the notice was upheld. In the caller's unit of work."""
    run = s.execute(select(RatingVerdict.evaluation_id, RatingVerdict.outcomes).join(
        RatingEvaluation, (RatingEvaluation.book_id == RatingVerdict.book_id)
        & (RatingEvaluation.id == RatingVerdict.evaluation_id)).where(
        RatingVerdict.book_id == cycle.book_id, RatingEvaluation.cycle_id == cycle.id,
        RatingVerdict.household_id == household_id).order_by(RatingEvaluation.number.desc()).limit(1)).one()
    made = new_id()
    s.add(RatingDecision(
        book_id=cycle.book_id, id=made, cycle_id=cycle.id, household_id=household_id, star_code=star_code,
        evaluation_id=run.evaluation_id, awarded=awarded, departs=run.outcomes.get(star_code) is not awarded,
        sealed=seal_json(s, cycle.book_id, household_id, {"reason": reason}, CONTEXT), decided_at=at,
        decided_by=by.user_id, scope=by.scope, key=made))
    s.flush()


def _view(s: Session, book_id: int, row: RatingDecision) -> DecisionView:
    facts = open_many(s, book_id, [(row.household_id, row.sealed)], CONTEXT)[0] or {}
    return DecisionView(row.star_code, row.awarded, row.departs, facts.get("reason"), row.decided_at)


def decisions_of(s: Session, book_id: int, cycle_id: UUID, household_id: UUID) -> dict[str, DecisionView]:
    """The newest decision of each star of a household, with its reason. Two statements."""
    rows = list(s.scalars(select(RatingDecision).where(
        RatingDecision.book_id == book_id, RatingDecision.cycle_id == cycle_id,
        RatingDecision.household_id == household_id).order_by(RatingDecision.decided_at, RatingDecision.id)))
    opened = open_many(s, book_id, [(row.household_id, row.sealed) for row in rows], CONTEXT)
    return {row.star_code: DecisionView(row.star_code, row.awarded, row.departs, (facts or {}).get("reason"),
                                        row.decided_at) for row, facts in zip(rows, opened, strict=True)}
