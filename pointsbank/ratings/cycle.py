"""A rating cycle: opened for a village and a year, evaluated over all its households (confirmed: see confirming).

An evaluation reads the facts of all households at once, judges every star, and keeps verdicts beside a sealed snapshot
of what they rested on. Running it again makes the next evaluation; the earlier ones stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.clock import to_day
from pointsbank.crypto import seal_many
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import Window, as_json, evaluate, facts_for
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.people import Household
from pointsbank.places import book_of
from pointsbank.ratings.errors import CycleClosed
from pointsbank.ratings.facts import KINDS, star_facts
from pointsbank.ratings.models import CONFIRMED, EVALUATED, OPEN, RatingCycle, RatingEvaluation, RatingVerdict
from pointsbank.ratings.scheme import Scheme, scheme_on, scheme_version

CONTEXT = "rating_verdict"
SHOWN = ("earned", "spent")  # stand beside every verdict: spending changes none of it


@dataclass(frozen=True)
class OpenCycle:
    key: UUID
    place_code: str
    year: int


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
    """Open a year's rating of a village under the scheme that holds; the one already open is returned.

    Raises: NotAllowed, NoScheme, KeyReused, BadInput for a year ahead.
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
            if (first.place_code, first.year) != (cmd.place_code, cmd.year):
                raise KeyReused("key")
            return first.id
        scheme = scheme_on(s, cmd.place_code, min(today, date(cmd.year, 12, 31)))
        found = s.scalar(select(RatingCycle).where(
            RatingCycle.book_id == book_id, RatingCycle.place_code == cmd.place_code, RatingCycle.year == cmd.year,
            RatingCycle.scheme_code == scheme.code))
        if found is not None:
            return found.id
        row = RatingCycle(book_id=book_id, id=new_id(), place_code=cmd.place_code, year=cmd.year,
                          scheme_code=scheme.code, scheme_version=scheme.version, status=OPEN, opened_at=at,
                          opened_by=by.user_id, confirmed_at=None, confirmed_by=None, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "ratings.opened", f"cycle:{row.id}", at=at, year=cmd.year)
        s.flush()
        return row.id


def window_of(year: int, as_of: date) -> Window:
    return Window(date(year, 1, 1), as_of)


def facts_of(s: Session, book_id: int, households: Sequence[UUID], scheme: Scheme, window: Window,
             ) -> dict[UUID, dict[str, Any]]:
    """Every fact the scheme's rules speak of, and what was earned and spent. A constant number of statements."""
    names = sorted({name for star in scheme.stars for name in star.rule.facts} | set(SHOWN))
    own = [name for name in names if name.startswith(KINDS)]
    known: Mapping[str, Mapping[UUID, Any]] = star_facts(s, book_id, households, window.end, window, own, scheme)
    return facts_for(s, book_id, households, names, on=window.end, window=window, known=known)


def run_evaluation(s: Session, cmd: RunEvaluation, *, by: Actor, at: datetime) -> Evaluation:
    """Judge all households of the cycle's village, in one unit of work.

    Statements: constant in the number of households, but for one look-up of keys per 500.
    Same key again: the first run, marked as a replay. Raises: NotAllowed, NotFound, CycleClosed, KeyReused, BadInput.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require(by, "ratings.run", at_place=cycle.place_code)
        first = s.scalar(select(RatingEvaluation).where(
            RatingEvaluation.book_id == by.book_id, RatingEvaluation.scope == by.scope,
            RatingEvaluation.key == cmd.key))
        if first is not None:
            if first.cycle_id != cmd.cycle_id or cmd.as_of not in (None, first.as_of):
                raise KeyReused("key")
            return _record(cycle, first, replay=True)
        if cycle.status == CONFIRMED:
            raise CycleClosed("cycle")
        last_day = min(to_day(at), date(cycle.year, 12, 31))
        as_of = cmd.as_of or last_day
        if not date(cycle.year, 1, 1) <= as_of <= last_day:
            raise BadInput("as_of", "截止日要在评定年度以内,不能晚于今天。", "The day must lie in the year, not ahead.")
        scheme = scheme_version(s, cycle.scheme_code, cycle.scheme_version)
        households = list(s.scalars(select(Household.id).where(
            Household.book_id == by.book_id, Household.place_code == cycle.place_code, Household.opened_on <= as_of,
            or_(Household.closed_on.is_(None), Household.closed_on > as_of)).order_by(Household.id)))
        number = (s.scalar(select(func.max(RatingEvaluation.number)).where(
            RatingEvaluation.book_id == by.book_id, RatingEvaluation.cycle_id == cycle.id)) or 0) + 1
        row = RatingEvaluation(book_id=by.book_id, id=new_id(), cycle_id=cycle.id, number=number, as_of=as_of,
                               known_at=at, households=len(households), run_by=by.user_id, scope=by.scope, key=cmd.key)
        s.add(row)
        s.flush()
        facts = facts_of(s, by.book_id, households, scheme, window_of(cycle.year, as_of))
        verdicts = _judge_all(s, by.book_id, row.id, households, scheme, facts)
        if verdicts:
            s.execute(insert(RatingVerdict), verdicts)
        cycle.status = EVALUATED
        audit.record(s, by, "ratings.evaluated", f"cycle:{cycle.id}", at=at, number=number, households=len(households))
        s.flush()
        return _record(cycle, row)


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
