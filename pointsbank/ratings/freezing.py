"""Freezing a cycle's facts: registration ends, and everything but the jury's figures is taken at one position of the
sealed log.

    freeze_cycle(s, FreezeCycle(key, cycle_id), by=by, at=at)     # an evaluation of its own; the next ones rest on it

Frozen, a late posting changes nothing of the cycle: what it would change is found by the recheck after the award.
Freezing again, before the committee confirms, replaces the frozen facts; the trail keeps both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.ratings.cycle import Evaluation, RunEvaluation, run_evaluation
from pointsbank.ratings.models import RatingCycle


@dataclass(frozen=True)
class FreezeCycle:
    """`as_of`: the last day that counts (default: today, or the period's last day when that is over)."""

    key: UUID
    cycle_id: UUID
    as_of: date | None = None


def freeze_cycle(s: Session, cmd: FreezeCycle, *, by: Actor, at: datetime) -> Evaluation:
    """End registration, freeze the facts and judge by them, in one unit of work.

    Same key again: the first answer, marked as a replay. Raises: NotAllowed, NotFound, CycleClosed, KeyReused,
    BadInput.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.run", at_place=cycle.place_code, what="cycle")
        before = cycle.frozen_run
        cycle.frozen_run = None
        done = run_evaluation(s, RunEvaluation(cmd.key, cmd.cycle_id, cmd.as_of), by=by, at=at)
        if done.replay:
            cycle.frozen_run = before
            return done
        cycle.frozen_run, cycle.frozen_at, cycle.frozen_by = done.id, at, by.user_id
        audit.record(s, by, "ratings.frozen", f"cycle:{cycle.id}", at=at, number=done.number, again=before is not None)
        s.flush()
        return done
