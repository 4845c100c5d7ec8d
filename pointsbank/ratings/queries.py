"""Reads of ratings: cycles, the matrix, one household's ten stars with every criterion, and what the next star takes.

Records out, with the statements each costs; the caller's place is asked for by the pages and the API.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.eligibility import Verdict, evaluate, from_json
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard
from pointsbank.ratings.cycle import CONTEXT
from pointsbank.ratings.decisions import DecisionView, decisions_of
from pointsbank.ratings.holding import decided, overlaid
from pointsbank.ratings.models import RatingCycle, RatingDecision, RatingEvaluation, RatingScheme, RatingVerdict
from pointsbank.ratings.periods import YEAR, period_words
from pointsbank.ratings.scheme import Band, Scheme, Star, scheme_version
from pointsbank.ratings.subjects import subject_cards


class EvaluationView(NamedTuple):
    id: UUID
    number: int
    as_of: date
    known_at: datetime
    households: int
    run_at: datetime
    checkpoint: Mapping[str, Any] | None


class CycleView(NamedTuple):
    """A cycle with its scheme and evaluations, newest first."""

    book_id: int
    id: UUID
    place_code: str
    year: int
    status: str
    scheme: Scheme
    evaluations: tuple[EvaluationView, ...]
    period: str = YEAR
    start_on: date = date.min
    end_on: date = date.max
    apply_until: date | None = None
    frozen_at: datetime | None = None
    frozen_run: UUID | None = None
    confirmed_by: UUID | None = None

    def words(self, lang: str = "zh") -> str:
        """'2026 年第一季度'."""
        return period_words(self.year, self.period, lang)

    @property
    def last(self) -> EvaluationView | None:
        return self.evaluations[0] if self.evaluations else None


class HouseholdRow(NamedTuple):
    """A row of the matrix. `outcomes`: decisions laid over the verdict; `changed`: stars that people decided."""

    card: HouseholdCard
    outcomes: Mapping[str, bool | None]
    stars: int
    undecided: int
    band: Band | None
    changed: frozenset[str]


class Matrix(NamedTuple):
    rows: tuple[HouseholdRow, ...]
    bands: tuple[tuple[Band, int], ...]
    stars_each: Mapping[str, int]
    undecided: int  # households with at least one star that cannot be decided yet
    rare: Band | None  # the highest band when more than the scheme's share of households hold it


class Changes(NamedTuple):
    """Stars whose verdict a run changed: to yes, from yes to no, from open to no, back to open."""

    gained: int
    lost: int
    refused: int
    reopened: int


class StarView(NamedTuple):
    """One star of one household: what the engine says, what people decided, and what holds."""

    star: Star
    verdict: Verdict
    decision: DecisionView | None
    before: bool | None  # the outcome of the evaluation before; None also when there was none
    had_before: bool

    @property
    def outcome(self) -> bool | None:
        return self.decision.awarded if self.decision else self.verdict.outcome


class HouseholdRating(NamedTuple):
    card: HouseholdCard
    cycle: CycleView
    evaluation: EvaluationView
    stars: tuple[StarView, ...]
    earned: int
    spent: int
    erased: bool  # the household's key is gone: what the verdict rested on cannot be shown or recomputed

    @property
    def awarded(self) -> int:
        return sum(1 for view in self.stars if view.outcome)

    @property
    def band(self) -> Band | None:
        return self.cycle.scheme.band(self.awarded)


def cycles_of(s: Session, book_id: int, place_code: str, kind: str | None = None) -> list[CycleView]:
    """The village's cycles, newest first; of one kind of scheme when asked. Two statements, and two for each version of
    a scheme.
    """
    query = select(RatingCycle).where(RatingCycle.book_id == book_id, RatingCycle.place_code == place_code)
    if kind is not None:
        query = query.join(RatingScheme, (RatingScheme.code == RatingCycle.scheme_code)
                           & (RatingScheme.version == RatingCycle.scheme_version)).where(RatingScheme.kind == kind)
    rows = s.scalars(query.order_by(RatingCycle.year.desc(), RatingCycle.start_on.desc(),
                                    RatingCycle.opened_at.desc())).all()
    return _views(s, book_id, list(rows))


def cycle_view(s: Session, book_id: int, cycle_id: UUID) -> CycleView:
    """Raises NotFound."""
    row = s.get(RatingCycle, (book_id, cycle_id))
    if row is None:
        raise NotFound("cycle")
    return _views(s, book_id, [row])[0]


def _views(s: Session, book_id: int, rows: list[RatingCycle]) -> list[CycleView]:
    runs: dict[UUID, list[EvaluationView]] = {row.id: [] for row in rows}
    for run in s.scalars(select(RatingEvaluation).where(
            RatingEvaluation.book_id == book_id, RatingEvaluation.cycle_id.in_(list(runs)))
            .order_by(RatingEvaluation.number.desc())):
        runs[run.cycle_id].append(EvaluationView(run.id, run.number, run.as_of, run.known_at, run.households,
                                                run.run_at, run.checkpoint))
    schemes = {(row.scheme_code, row.scheme_version): scheme_version(s, row.scheme_code, row.scheme_version)
               for row in {(row.scheme_code, row.scheme_version): row for row in rows}.values()}
    return [CycleView(book_id, row.id, row.place_code, row.year, row.status,
                      schemes[(row.scheme_code, row.scheme_version)], tuple(runs[row.id]), row.period,
                      row.start_on, row.end_on, row.apply_until, row.frozen_at, row.frozen_run, row.confirmed_by)
            for row in rows]


def evaluation_of(cycle: CycleView, number: int | None = None) -> EvaluationView:
    """The newest run, or the numbered one. Raises NotFound."""
    found = next((run for run in cycle.evaluations if number in (None, run.number)), None)
    if found is None:
        raise NotFound("evaluation")
    return found


def matrix(s: Session, cycle: CycleView, evaluation: EvaluationView) -> Matrix:
    """Households × stars of one run, in order of their codes. Two statements and the households' cards."""
    rows = s.scalars(select(RatingVerdict).where(RatingVerdict.book_id == cycle.book_id,
                                                 RatingVerdict.evaluation_id == evaluation.id)).all()
    decisions = decided(s, cycle.book_id, [cycle.id])
    cards = subject_cards(s, cycle.book_id, cycle.scheme, [row.household_id for row in rows])
    changed = _changed(decisions)
    found = []
    for row in rows:
        outcomes = overlaid(row, cycle.id, decisions)
        stars = sum(1 for outcome in outcomes.values() if outcome)
        found.append(HouseholdRow(cards[row.household_id], outcomes, stars,
                                  sum(1 for outcome in outcomes.values() if outcome is None),
                                  cycle.scheme.band(stars), frozenset(changed.get(row.household_id, ()))))
    found.sort(key=lambda row: row.card.code)
    return _matrix(cycle.scheme, tuple(found))


def _changed(decisions: Mapping[Any, RatingDecision]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for (_, household_id, star), decision in decisions.items():
        if decision.departs:
            found.setdefault(household_id, set()).add(star)
    return found


def _matrix(scheme: Scheme, rows: tuple[HouseholdRow, ...]) -> Matrix:
    held = Counter(row.band.code for row in rows if row.band)
    each = Counter(code for row in rows for code, outcome in row.outcomes.items() if outcome)
    top = scheme.bands[0] if scheme.bands else None
    rare = top if top and held[top.code] * 100 > scheme.rarity_percent * len(rows) else None
    return Matrix(rows, tuple((band, held[band.code]) for band in scheme.bands), dict(each),
                  sum(1 for row in rows if row.undecided), rare)


def changes(s: Session, cycle: CycleView, number: int) -> Changes | None:
    """What the numbered run changed against the one before; None for the first. Households in both. One statement."""
    runs = {run.number: run for run in cycle.evaluations}
    now, before = runs.get(number), runs.get(number - 1)
    if now is None or before is None:
        return None
    outcomes: dict[UUID, dict[UUID, Mapping[str, bool | None]]] = {now.id: {}, before.id: {}}
    for run, household_id, found in s.execute(
            select(RatingVerdict.evaluation_id, RatingVerdict.household_id, RatingVerdict.outcomes).where(
                RatingVerdict.book_id == cycle.book_id, RatingVerdict.evaluation_id.in_(list(outcomes)))):
        outcomes[run][household_id] = found
    steps = Counter((was.get(star), outcome) for household_id, was in outcomes[before.id].items()
                    for star, outcome in outcomes[now.id].get(household_id, {}).items() if was.get(star) != outcome)
    return Changes(steps[(False, True)] + steps[(None, True)], steps[(True, False)], steps[(None, False)],
                   steps[(True, None)] + steps[(False, None)])


def household_rating(s: Session, cycle: CycleView, household_id: UUID,
                     number: int | None = None) -> HouseholdRating:
    """One household's stars with every criterion, from the sealed snapshot. At most seven statements.

    Raises NotFound when the run did not include it.
    """
    evaluation = evaluation_of(cycle, number)
    rows = {row.evaluation_id: row for row in s.scalars(
        select(RatingVerdict).join(RatingEvaluation, (RatingEvaluation.book_id == RatingVerdict.book_id)
                                   & (RatingEvaluation.id == RatingVerdict.evaluation_id))
        .where(RatingVerdict.book_id == cycle.book_id, RatingVerdict.household_id == household_id,
               RatingEvaluation.cycle_id == cycle.id))}
    row = rows.get(evaluation.id)
    if row is None:
        raise NotFound("household")
    earlier = next((rows[run.id] for run in cycle.evaluations if run.number < evaluation.number and run.id in rows),
                   None)
    snapshot = open_many(s, cycle.book_id, [(household_id, row.sealed)], CONTEXT)[0]
    decisions = decisions_of(s, cycle.book_id, cycle.id, household_id)
    views = [StarView(star, from_json(snapshot["verdicts"][star.code]), decisions.get(star.code),
                      earlier.outcomes.get(star.code) if earlier else None, earlier is not None)
             for star in cycle.scheme.stars] if snapshot else []
    card = subject_cards(s, cycle.book_id, cycle.scheme, [household_id])[household_id]
    return HouseholdRating(card, cycle, evaluation, tuple(views), row.earned, row.spent, snapshot is None)


def recomputed(s: Session, cycle: CycleView, household_id: UUID, number: int | None = None) -> bool:
    """Whether judging the frozen facts again by the frozen rules gives the stored verdicts, criterion by criterion.

    Raises NotFound, also when the household's data was erased: then nothing can be recomputed.
    """
    evaluation = evaluation_of(cycle, number)
    row = s.get(RatingVerdict, (cycle.book_id, evaluation.id, household_id))
    snapshot = open_many(s, cycle.book_id, [(household_id, row.sealed)], CONTEXT)[0] if row else None
    if snapshot is None:
        raise NotFound("snapshot")
    return all(evaluate(star.rule, snapshot["facts"]) == from_json(snapshot["verdicts"][star.code])
               for star in cycle.scheme.stars)

