"""Rechecks: a posting behind an honour was reversed, so the honour is judged anew; people decide what follows.

    queue_rechecks(s, book_id, at=now)     # finds them; `undone_behind` lists what was undone without writing
    run_rechecks(s, book_id, at=now)       # today's figures by the rules of then; drafts the correction notice
    settle_recheck(s, SettleRecheck(key, recheck_id, "…"), by=committee, at=now)     # it is kept, with a reason

The daily job does the first two; the committee's page has a button for now. The frozen verdict is not touched: it
says what was known then, and still prints so. To follow the recheck, a correction is proposed (see measures).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ledger.tables import transaction
from pointsbank import audit
from pointsbank.access import Actor, system_actor
from pointsbank.crypto import open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import as_json, evaluate
from pointsbank.errors import NotFound
from pointsbank.honours.corrections import draft_for_lost, drop_draft
from pointsbank.honours.errors import WrongState
from pointsbank.honours.locking import lock_honour, note, reason_of, step_aside
from pointsbank.honours.models import (
    AWARDED,
    CHECKED,
    NOTICE,
    OBJECTED,
    QUEUED,
    SETTLED,
    SUSPENDED,
    Honour,
    HonourRecheck,
)
from pointsbank.honours.words import RECHECKS
from pointsbank.ratings import CycleView, cycle_view, decisions_of
from pointsbank.ratings.cycle import CONTEXT as VERDICT
from pointsbank.ratings.cycle import facts_of, window_of
from pointsbank.ratings.evidence import SERVICE, rules_behind
from pointsbank.ratings.models import RatingCycle, RatingEvaluation, RatingVerdict
from pointsbank.ratings.scheme import Star
from pointsbank.records.keys import claim, settle

LIVE = (NOTICE, OBJECTED, AWARDED, SUSPENDED)
CONTEXT = "honour_recheck"


class Undone(NamedTuple):
    """A reversal of something an honour rests on, not queued yet."""

    honour_id: UUID
    cycle_id: UUID
    cause: UUID
    undone: UUID
    rule: str | None
    effective_on: date
    stars: tuple[str, ...]


@dataclass(frozen=True)
class SettleRecheck:
    """The honour stays as it is, and why."""

    key: UUID
    recheck_id: UUID
    reason: str


def counts_in(star: Star, rule: str | None) -> bool:
    """Whether a deed of this rule moves the star's figures."""
    return (rule is not None and rule in rules_behind(star)) or bool(set(star.rule.facts) & set(SERVICE))


def undone_behind(s: Session, book_id: int, place_code: str | None = None) -> list[Undone]:
    """Reversals recorded after a verdict, of deeds it counted, which no recheck knows yet. One statement, and the
    schemes of the cycles concerned.
    """
    back, deed = transaction.alias("back"), transaction.alias("deed")
    query = (select(Honour.id, Honour.cycle_id, back.c.id, deed.c.id, deed.c.rule, deed.c.effective_on)
             .join(RatingEvaluation, (RatingEvaluation.book_id == Honour.book_id)
                   & (RatingEvaluation.id == Honour.evaluation_id))
             .join(RatingCycle, (RatingCycle.book_id == Honour.book_id) & (RatingCycle.id == Honour.cycle_id))
             .join(deed, (deed.c.book_id == Honour.book_id)
                   & or_(deed.c.household == Honour.household_id, deed.c.person == Honour.household_id)
                   & (deed.c.effective_on <= RatingEvaluation.as_of))
             .join(back, (back.c.book_id == deed.c.book_id) & (back.c.reverses == deed.c.id)
                   & (back.c.recorded_at > RatingEvaluation.known_at))
             .outerjoin(HonourRecheck, (HonourRecheck.book_id == Honour.book_id)
                        & (HonourRecheck.honour_id == Honour.id) & (HonourRecheck.cause == back.c.id))
             .where(Honour.book_id == book_id, Honour.state.in_(LIVE), HonourRecheck.id.is_(None),
                    deed.c.recorded_at <= RatingEvaluation.known_at)
             .order_by(Honour.id, back.c.recorded_at, back.c.id))
    if place_code is not None:
        query = query.where(Honour.place_code == place_code)
    views: dict[UUID, CycleView] = {}
    found = []
    for honour_id, cycle_id, cause, undone, rule, day in s.execute(query):
        if cycle_id not in views:
            views[cycle_id] = cycle_view(s, book_id, cycle_id)
        view = views[cycle_id]
        stars = tuple(star.code for star in view.scheme.stars if counts_in(star, rule)
                      and (day >= view.start_on or "hours_ever" in star.rule.facts))
        if stars:
            found.append(Undone(honour_id, cycle_id, cause, undone, rule, day, stars))
    return found


def queue_rechecks(s: Session, book_id: int, *, at: datetime, place_code: str | None = None) -> int:
    """Queue one recheck for each reversal behind an honour. Running it twice changes nothing more."""
    with unit_of_work(s):
        found = undone_behind(s, book_id, place_code)
        for one in found:
            s.add(HonourRecheck(book_id=book_id, id=new_id(), honour_id=one.honour_id, cause=one.cause,
                                undone=one.undone, stars=list(one.stars), found_at=at, state=QUEUED, lost=[],
                                checked_at=None, sealed=None, kept=None, settled_at=None, settled_by=None))
        if found:
            audit.record(s, system_actor(book_id, "recheck-honours"), "honours.recheck_queued", f"book:{book_id}",
                         at=at, rechecks=len(found))
        s.flush()
        return len(found)


def run_rechecks(s: Session, book_id: int, *, at: datetime, place_code: str | None = None) -> int:
    """Judge every queued honour by today's figures and the rules of its cycle; returns how many would lose a star."""
    with unit_of_work(s):
        query = select(HonourRecheck, Honour).join(
            Honour, (Honour.book_id == HonourRecheck.book_id) & (Honour.id == HonourRecheck.honour_id)).where(
            HonourRecheck.book_id == book_id, HonourRecheck.state == QUEUED)
        if place_code is not None:
            query = query.where(Honour.place_code == place_code)
        queued: dict[UUID, list[HonourRecheck]] = defaultdict(list)
        honours: dict[UUID, Honour] = {}
        for recheck, honour in s.execute(query.order_by(HonourRecheck.found_at, HonourRecheck.id)):
            queued[honour.id].append(recheck)
            honours[honour.id] = honour
        by_cycle: dict[UUID, list[Honour]] = defaultdict(list)
        for honour in honours.values():
            by_cycle[honour.cycle_id].append(honour)
        losing = 0
        for cycle_id, some in by_cycle.items():
            losing += _judge(s, cycle_view(s, book_id, cycle_id), some, queued, at)
        s.flush()
        return losing


def _judge(s: Session, cycle: CycleView, honours: list[Honour], queued: dict[UUID, list[HonourRecheck]],
           at: datetime) -> int:
    losing = 0
    runs = {run.id: run for run in cycle.evaluations}
    for honour in honours:
        run = runs[honour.evaluation_id]
        window = window_of(cycle.year, run.as_of, cycle.period)
        facts = facts_of(s, cycle.book_id, [honour.household_id], cycle.scheme, window, cycle.id)[honour.household_id]
        facts = _frozen_jury(s, cycle, honour, facts)
        verdicts = {star.code: evaluate(star.rule, facts) for star in cycle.scheme.stars}
        chosen = {code for code, made in decisions_of(s, cycle.book_id, cycle.id, honour.household_id).items()
                  if made.departs and made.awarded}  # people gave it against the figures: figures do not take it
        lost = {code for code in honour.stars if verdicts[code].outcome is not True and code not in chosen}
        sealed = seal_json(s, cycle.book_id, honour.household_id, {
            "facts": facts, "verdicts": {code: as_json(verdict) for code, verdict in verdicts.items()}}, CONTEXT)
        for recheck in queued[honour.id]:
            recheck.state, recheck.checked_at, recheck.sealed = CHECKED, at, sealed
            recheck.lost = sorted(lost)
            if not lost:
                recheck.state, recheck.kept, recheck.settled_at = SETTLED, True, at
        if lost:
            losing += 1
            draft_for_lost(s, honour, lost, queued[honour.id][-1].id, at)
    return losing


def _frozen_jury(s: Session, cycle: CycleView, honour: Honour, facts: dict[str, Any]) -> dict[str, Any]:
    """The jury scored what it knew; its figures stay those of the verdict."""
    row = s.get_one(RatingVerdict, (cycle.book_id, honour.evaluation_id, honour.household_id))
    snapshot = open_many(s, cycle.book_id, [(honour.household_id, row.sealed)], VERDICT)[0]
    then = snapshot["facts"] if snapshot else {}
    return {**facts, **{name: value for name, value in then.items() if name.startswith("jury_")}}


def settle_recheck(s: Session, cmd: SettleRecheck, *, by: Actor, at: datetime) -> str:
    """The committee keeps the honour as it is although the figures fell, and says why; returns the state.

    Same key again: the first answer. Raises: NotAllowed, NotFound, StepAside, WrongState, WriteWhy, KeyReused.
    """
    with unit_of_work(s):
        row = s.get(HonourRecheck, (by.book_id, cmd.recheck_id))
        if row is None:
            raise NotFound("recheck")
        honour = lock_honour(s, by, row.honour_id, "ratings.run", "recheck")
        if (first := claim(s, cmd, "honour_recheck", by, at)) is not None:
            return str(first["state"])
        step_aside(s, by, honour)
        s.refresh(row)
        if row.state != CHECKED:
            raise WrongState("recheck", state=RECHECKS[row.state])
        reason = reason_of(cmd.reason)
        facts = open_many(s, by.book_id, [(honour.household_id, row.sealed)], CONTEXT)[0] or {}
        row.sealed = seal_json(s, by.book_id, honour.household_id, {**facts, "why": reason}, CONTEXT)
        drop_draft(s, honour)
        settle_all(s, honour, kept=True, by=by, at=at)
        note(s, by, "recheck_kept", honour, at, reason)
        settle(s, cmd, by, {"state": SETTLED})
        s.flush()
        return SETTLED


def settle_all(s: Session, honour: Honour, *, kept: bool, by: Actor, at: datetime) -> None:
    """One look, one outcome: whatever had been undone when people looked is settled with it."""
    for row in s.scalars(select(HonourRecheck).where(
            HonourRecheck.book_id == honour.book_id, HonourRecheck.honour_id == honour.id,
            HonourRecheck.state == CHECKED)):
        row.state, row.kept, row.settled_at, row.settled_by = SETTLED, kept, at, by.user_id
    s.flush()


def recheck_book(s: Session, book_id: int, at: datetime) -> str:
    """For pointsbank.jobs."""
    queued = queue_rechecks(s, book_id, at=at)
    return f"queued {queued}, would lose a star {run_rechecks(s, book_id, at=at)}"
