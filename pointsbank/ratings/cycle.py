"""A rating cycle: opened for a village and a period, evaluated over all who take part (then: see confirming).

An evaluation reads the facts of all at once, judges every star, and keeps verdicts beside a sealed snapshot of what
they rested on, with the position of the sealed log. Running it again makes the next evaluation; the earlier ones stay
as they were. Once a cycle's facts are frozen (see freezing), a run takes them from the frozen evaluation and reads
only the jury's figures anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ledger.sealing import seal_now
from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import open_many, seal_many
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import Window, as_json, evaluate, facts_for
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.places import book_of
from pointsbank.ratings.entering import keep_out, taking_part
from pointsbank.ratings.errors import CycleClosed
from pointsbank.ratings.jury import averages
from pointsbank.ratings.models import CONFIRMED, EVALUATED, OPEN, RatingCycle, RatingEvaluation, RatingVerdict
from pointsbank.ratings.periods import YEAR, days_of, period_of, periods_of
from pointsbank.ratings.scheme import Scheme, scheme_on, scheme_version
from pointsbank.ratings.subjects import person_facts

CONTEXT = "rating_verdict"
SHOWN = ("earned", "spent")  # stand beside every verdict: spending changes none of it


@dataclass(frozen=True)
class OpenCycle:
    """`scheme_code`: which scheme (default: the one of the household's stars). `period`: of its rhythm, as 'Q1'
    (default: the one that runs, or the last of a year that is over).
    """

    key: UUID
    place_code: str
    year: int
    scheme_code: str | None = None
    period: str | None = None
    apply_until: date | None = None


@dataclass(frozen=True)
class RunEvaluation:
    """`as_of`: the last day that counts (default: today, or the year's last day when that is over)."""

    key: UUID
    cycle_id: UUID
    as_of: date | None = None


@dataclass(frozen=True)
class Evaluation:
    """A finished run."""

    id: UUID
    cycle_id: UUID
    place_code: str
    year: int
    number: int
    as_of: date
    known_at: datetime
    households: int
    replay: bool = False


def open_cycle(s: Session, cmd: OpenCycle, *, by: Actor, at: datetime) -> UUID:
    """Open a period's rating of a village under the scheme that holds; the one already open is returned.

    Raises: NotAllowed, NoScheme, KeyReused, BadInput for a period ahead or of another rhythm.
    """
    require(by, "ratings.run", at_place=cmd.place_code)
    today = to_day(at)
    if not 2000 <= cmd.year <= today.year:
        raise BadInput("year", "评定年度不能晚于今年。", "The year cannot lie ahead.")
    with unit_of_work(s):
        book_id = book_of(cmd.place_code)
        first = s.scalar(select(RatingCycle).where(RatingCycle.book_id == book_id, RatingCycle.scope == by.scope,
                                                   RatingCycle.key == cmd.key))
        if first is not None:
            if ((first.place_code, first.year) != (cmd.place_code, cmd.year)
                    or cmd.period not in (None, first.period)):
                raise KeyReused("key")
            return first.id
        scheme = scheme_on(s, cmd.place_code, min(today, date(cmd.year, 12, 31)), cmd.scheme_code)
        period = cmd.period or period_of(scheme.terms.rhythm, cmd.year, today)
        if period not in periods_of(scheme.terms.rhythm):
            raise BadInput("period", "这个办法不按这样的周期评定。", "The scheme does not rate by this period.")
        start_on, end_on = days_of(cmd.year, period)
        if start_on > today:
            raise BadInput("period", "这一期还没有开始。", "The period has not begun yet.")
        found = s.scalar(select(RatingCycle).where(
            RatingCycle.book_id == book_id, RatingCycle.place_code == cmd.place_code, RatingCycle.year == cmd.year,
            RatingCycle.scheme_code == scheme.code, RatingCycle.period == period))
        if found is not None:
            return found.id
        row = RatingCycle(book_id=book_id, id=new_id(), place_code=cmd.place_code, year=cmd.year, period=period,
                          start_on=start_on, end_on=end_on, apply_until=cmd.apply_until,
                          scheme_code=scheme.code, scheme_version=scheme.version, status=OPEN, opened_at=at,
                          opened_by=by.user_id, confirmed_at=None, confirmed_by=None, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "ratings.opened", f"cycle:{row.id}", at=at, year=cmd.year, period=period)
        s.flush()
        return row.id


def window_of(year: int, as_of: date, period: str = YEAR) -> Window:
    return Window(days_of(year, period)[0], as_of)


def facts_of(s: Session, book_id: int, households: Sequence[UUID], scheme: Scheme, window: Window,
             cycle_id: UUID | None = None) -> dict[UUID, dict[str, Any]]:
    """Every fact the scheme's rules speak of, and what was earned and spent. A constant number of statements.

    `cycle_id`: whose jury is asked; without it, that of the scheme's cycle the window ends in.
    """
    rules = [star.rule for star in scheme.stars] + ([scheme.entry] if scheme.entry else [])
    names = sorted({name for rule in rules for name in rule.facts} | set(SHOWN))
    if scheme.terms.subject == "person":
        return person_facts(s, book_id, households, window, names)
    return facts_for(s, book_id, households, names, on=window.end, window=window,
                     using={"scheme": scheme, "cycle_id": cycle_id})


def run_evaluation(s: Session, cmd: RunEvaluation, *, by: Actor, at: datetime) -> Evaluation:
    """Judge all households of the cycle's village, in one unit of work.

    Statements: constant in the number of households, but for one look-up of keys per 500.
    Same key again: the first run, marked as a replay. Raises: NotAllowed, NotFound, CycleClosed, KeyReused, BadInput.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.run", at_place=cycle.place_code, what="cycle")
        first = s.scalar(select(RatingEvaluation).where(
            RatingEvaluation.book_id == by.book_id, RatingEvaluation.scope == by.scope,
            RatingEvaluation.key == cmd.key))
        if first is not None:
            if first.cycle_id != cmd.cycle_id or cmd.as_of not in (None, first.as_of):
                raise KeyReused("key")
            return _record(cycle, first, replay=True)
        if cycle.status == CONFIRMED:
            raise CycleClosed("cycle")
        return _record(cycle, _run(s, cmd, cycle, by, at))


def _run(s: Session, cmd: RunEvaluation, cycle: RatingCycle, by: Actor, at: datetime) -> RatingEvaluation:
    scheme = scheme_version(s, cycle.scheme_code, cycle.scheme_version)
    frozen = s.get(RatingEvaluation, (cycle.book_id, cycle.frozen_run)) if cycle.frozen_run else None
    if frozen is not None:
        as_of, known_at, checkpoint = frozen.as_of, frozen.known_at, frozen.checkpoint
        facts = frozen_facts(s, cycle, frozen.id, scheme)
    else:
        as_of, known_at = _as_of(cycle, cmd, at), at
        sealed = seal_now(s.connection(), cycle.book_id, at=at)
        checkpoint = {"size": sealed.size, "root": sealed.root.hex()}
        subjects = taking_part(s, cycle, scheme, as_of)
        facts = facts_of(s, cycle.book_id, subjects, scheme, window_of(cycle.year, as_of, cycle.period), cycle.id)
        facts = keep_out(s, cycle, scheme, facts, by=by, at=at)
    number = (s.scalar(select(func.max(RatingEvaluation.number)).where(
        RatingEvaluation.book_id == cycle.book_id, RatingEvaluation.cycle_id == cycle.id)) or 0) + 1
    row = RatingEvaluation(book_id=cycle.book_id, id=new_id(), cycle_id=cycle.id, number=number, as_of=as_of,
                           known_at=known_at, run_at=at, checkpoint=checkpoint, households=len(facts),
                           run_by=by.user_id, scope=by.scope, key=cmd.key)
    s.add(row)
    s.flush()
    verdicts = _judge_all(s, cycle.book_id, row.id, sorted(facts), scheme, facts)
    if verdicts:
        s.execute(insert(RatingVerdict), verdicts)
    cycle.status = EVALUATED
    audit.record(s, by, "ratings.evaluated", f"cycle:{cycle.id}", at=at, number=number, households=len(facts),
                 log=checkpoint["size"] if checkpoint else None)
    s.flush()
    return row


def _as_of(cycle: RatingCycle, cmd: RunEvaluation, at: datetime) -> date:
    last_day = min(to_day(at), cycle.end_on)
    as_of = cmd.as_of or last_day
    if not cycle.start_on <= as_of <= last_day:
        raise BadInput("as_of", "截止日要在这一期以内,不能晚于今天。", "The day must lie in the year, not ahead.")
    return as_of


def frozen_facts(s: Session, cycle: RatingCycle, run: UUID, scheme: Scheme) -> dict[UUID, dict[str, Any]]:
    """What the frozen evaluation rested on, with the jury's figures of now. Who was erased since is left out."""
    rows = s.execute(select(RatingVerdict.household_id, RatingVerdict.sealed).where(
        RatingVerdict.book_id == cycle.book_id, RatingVerdict.evaluation_id == run)
        .order_by(RatingVerdict.household_id)).all()
    opened = open_many(s, cycle.book_id, [(row.household_id, row.sealed) for row in rows], CONTEXT)
    found = {row.household_id: dict(snapshot["facts"]) for row, snapshot in zip(rows, opened, strict=True) if snapshot}
    scored = averages(s, cycle.book_id, list(found), scheme, cycle_id=cycle.id)
    for star in scheme.stars:
        name = f"jury_{star.code}"
        if name not in star.rule.facts:
            continue
        for household_id, facts in found.items():
            facts.pop(name, None)
            if household_id in scored.get(star.code, {}):
                facts[name] = scored[star.code][household_id]
    return found


def _judge_all(s: Session, book_id: int, evaluation_id: UUID, households: Sequence[UUID], scheme: Scheme,
               facts: Mapping[UUID, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of all households: outcomes open, what they rest on sealed."""
    rows, snapshots = [], []
    for household_id in households:
        mine = facts[household_id]
        verdicts = {star.code: evaluate(star.rule, mine) for star in scheme.stars}
        outcomes = {code: verdict.outcome for code, verdict in verdicts.items()}
        snapshots.append((household_id, {"facts": dict(mine),
                                         "verdicts": {code: as_json(verdict) for code, verdict in verdicts.items()}}))
        rows.append({"book_id": book_id, "evaluation_id": evaluation_id, "household_id": household_id,
                     "outcomes": outcomes, "stars": sum(1 for outcome in outcomes.values() if outcome),
                     "undecided": sum(1 for outcome in outcomes.values() if outcome is None),
                     "earned": mine.get("earned", 0), "spent": mine.get("spent", 0)})
    sealed = seal_many(s, book_id, snapshots, CONTEXT)
    return [{**row, "sealed": blob} for row, blob in zip(rows, sealed, strict=True)]


def _record(cycle: RatingCycle, row: RatingEvaluation, *, replay: bool = False) -> Evaluation:
    return Evaluation(row.id, cycle.id, cycle.place_code, cycle.year, row.number, row.as_of, row.known_at,
                      row.households, replay)
