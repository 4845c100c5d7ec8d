"""Stars a household holds now: its newest evaluation, with the committee's decisions laid over it.

What became of an award since (suspended, revoked, put right) is known to the honours, a higher room, which registers
how to ask for it: `register_standing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.ratings.models import (
    CONFIRMED,
    RatingCycle,
    RatingDecision,
    RatingEvaluation,
    RatingScheme,
    RatingVerdict,
)

FEW = 5_000
# (session, book, households) -> {(cycle, household): the stars that still stand}; absent where nothing was touched
Standing = Callable[[Session, int, Sequence[UUID]], Mapping[tuple[UUID, UUID], frozenset[str]]]
_standing: dict[str, Standing] = {}


def register_standing(name: str, find: Standing) -> None:
    """Registering the same name again replaces it."""
    _standing[name] = find


class Held(NamedTuple):
    """`outcomes`: {star: awarded, refused, or None for cannot decide yet}, decisions included."""

    cycle_id: UUID
    evaluation_id: UUID
    year: int
    as_of: date
    scheme_code: str
    scheme_version: int
    outcomes: Mapping[str, bool | None]
    earned: int
    spent: int
    confirmed: bool  # the committee stands by it: nothing changes any more
    period: str

    @property
    def stars(self) -> int:
        return sum(1 for outcome in self.outcomes.values() if outcome)

    @property
    def undecided(self) -> int:
        return sum(1 for outcome in self.outcomes.values() if outcome is None)


def decided(s: Session, book_id: int, cycle_ids: Sequence[UUID],
            household_ids: Sequence[UUID] | None = None) -> dict[tuple[UUID, UUID, str], RatingDecision]:
    """The newest decision of each (cycle, household, star); one statement."""
    query = select(RatingDecision).where(RatingDecision.book_id == book_id, RatingDecision.cycle_id.in_(cycle_ids))
    if household_ids is not None and len(household_ids) <= FEW:
        query = query.where(RatingDecision.household_id.in_(household_ids))
    rows = s.scalars(query.order_by(RatingDecision.decided_at, RatingDecision.id))
    return {(row.cycle_id, row.household_id, row.star_code): row for row in rows}


def stars_held(s: Session, book_id: int, household_ids: Sequence[UUID], *,
               until: date | None = None) -> dict[UUID, Held]:
    """What each household holds; absent when it was never evaluated. `until`: by evaluations that look no further than
    this day. Two statements, and one for each standing.
    """
    newest = (select(RatingVerdict.household_id, func.max(RatingEvaluation.run_at).label("run_at"))
              .join(RatingEvaluation, (RatingEvaluation.book_id == RatingVerdict.book_id)
                    & (RatingEvaluation.id == RatingVerdict.evaluation_id))
              .join(RatingCycle, (RatingCycle.book_id == RatingEvaluation.book_id)
                    & (RatingCycle.id == RatingEvaluation.cycle_id))
              .join(RatingScheme, (RatingScheme.code == RatingCycle.scheme_code)
                    & (RatingScheme.version == RatingCycle.scheme_version))
              .where(RatingVerdict.book_id == book_id, RatingScheme.kind == "stars")
              .group_by(RatingVerdict.household_id))
    if len(household_ids) <= FEW:
        newest = newest.where(RatingVerdict.household_id.in_(household_ids))
    if until is not None:
        newest = newest.where(RatingEvaluation.as_of <= until)
    last = newest.subquery("last")
    rows = s.execute(
        select(RatingVerdict, RatingEvaluation, RatingCycle)
        .join(RatingEvaluation, (RatingEvaluation.book_id == RatingVerdict.book_id)
              & (RatingEvaluation.id == RatingVerdict.evaluation_id))
        .join(RatingCycle, (RatingCycle.book_id == RatingEvaluation.book_id)
              & (RatingCycle.id == RatingEvaluation.cycle_id))
        .join(RatingScheme, (RatingScheme.code == RatingCycle.scheme_code)
              & (RatingScheme.version == RatingCycle.scheme_version))
        .join(last, (last.c.household_id == RatingVerdict.household_id)
              & (last.c.run_at == RatingEvaluation.run_at))
        .where(RatingVerdict.book_id == book_id, RatingScheme.kind == "stars")
        .order_by(RatingEvaluation.number)).all()
    decisions = decided(s, book_id, sorted({cycle.id for _, _, cycle in rows}), household_ids) if rows else {}
    wanted = set(household_ids)
    standing = {key: stars for find in _standing.values() for key, stars in find(s, book_id, household_ids).items()}
    found = {}
    for verdict, evaluation, cycle in rows:
        if verdict.household_id in wanted:
            outcomes = overlaid(verdict, cycle.id, decisions)
            if (left := standing.get((cycle.id, verdict.household_id))) is not None:
                outcomes = {star: star in left for star in outcomes}
            found[verdict.household_id] = Held(cycle.id, evaluation.id, cycle.year, evaluation.as_of,
                                               cycle.scheme_code, cycle.scheme_version, outcomes, verdict.earned,
                                               verdict.spent, cycle.status == CONFIRMED, cycle.period)
    return found


def overlaid(verdict: RatingVerdict, cycle_id: UUID,
             decisions: Mapping[tuple[UUID, UUID, str], RatingDecision]) -> dict[str, bool | None]:
    """The verdict's outcomes where nobody decided otherwise."""
    return {star: decision.awarded if (decision := decisions.get((cycle_id, verdict.household_id, star))) else outcome
            for star, outcome in verdict.outcomes.items()}
