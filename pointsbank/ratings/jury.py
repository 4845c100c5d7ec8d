"""Jury scores (群众评议): one voice per juror, household and star; anonymous; extremes cut; relatives step aside.

The average is the trimmed mean: from `jury_trim_from` scores on, one highest and one lowest are left out. It is cut,
never rounded up, to 0.01, so that 7.999 is not 8. Where nobody scored there is no average, and nothing can be decided.

    >>> trimmed_mean([1000, 800, 800, 700, 0], trim_from=5)
    766
    >>> trimmed_mean([700, 900], trim_from=5), trimmed_mean([], trim_from=5)
    (800, None)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.amounts import format_points
from pointsbank.crypto import keyed_hash
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotAllowed, NotFound
from pointsbank.people import Household, relatives_of
from pointsbank.ratings.errors import CycleClosed, NotJudged, StepAside
from pointsbank.ratings.models import CONFIRMED, JuryScore, RatingCycle
from pointsbank.ratings.scheme import Scheme, scheme_version
from pointsbank.records.keys import claim, settle

FEW = 5_000
SCORES_MAX = 1_000  # of one sheet


class Mark(NamedTuple):
    """One score of a sheet, in hundredths."""

    household_id: UUID
    star_code: str
    score: int


@dataclass(frozen=True)
class RecordJuryScores:
    """A juror's sheet. Handing it in again replaces the juror's own scores of these households and stars."""

    key: UUID
    cycle_id: UUID
    marks: tuple[Mark, ...]


def trimmed_mean(scores: Sequence[int], trim_from: int) -> int | None:
    """The average in hundredths, one highest and one lowest left out when there are enough; None without scores."""
    kept = sorted(scores)
    if len(kept) >= max(trim_from, 3):
        kept = kept[1:-1]
    return sum(kept) // len(kept) if kept else None


def juror_mark(cycle_id: UUID, user_id: UUID) -> bytes:
    """Who scored, as something only this installation's key can make: the same for one juror and cycle."""
    return keyed_hash("juror", f"{cycle_id}|{user_id}")


def record_jury_scores(s: Session, cmd: RecordJuryScores, *, by: Actor, at: datetime) -> int:
    """Keep a juror's sheet, whole or not at all; returns how many scores it held. The same key twice is once: a
    sheet that was sent again late does not undo a newer one.

    Raises: NotAllowed, NotFound, CycleClosed, StepAside (own household, relatives), NotJudged, BadInput, KeyReused.
    """
    if by.user_id is None:
        raise NotAllowed(None, power="ratings.jury")
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.jury", at_place=cycle.place_code, what="cycle")
        if (first := claim(s, cmd, "jury_scores", by, at)) is not None:
            return int(first["scores"])
        if cycle.status == CONFIRMED:
            raise CycleClosed("cycle")
        scheme = scheme_version(s, cycle.scheme_code, cycle.scheme_version)
        aside = relatives_of(s, by.book_id, by.person_id)
        homes = set(s.scalars(select(Household.id).where(Household.book_id == by.book_id,
                                                         Household.place_code == cycle.place_code)))
        if not 0 < len(cmd.marks) <= SCORES_MAX:
            raise BadInput("marks", "请至少给一户打分。", "Score at least one household.")
        for mark in cmd.marks:
            star = scheme.star(mark.star_code)
            if star is None or not star.jury:
                raise NotJudged("star", star=mark.star_code if star is None else {"zh": star.title_zh,
                                                                                  "en": star.title_en})
            if mark.household_id not in homes:
                raise NotFound("household")
            if mark.household_id in aside:
                raise StepAside("household")
            if not 0 <= mark.score <= scheme.full:
                raise BadInput("score", f"分数在 0 到 {format_points(scheme.full)} 之间。",
                               f"A score lies between 0 and {format_points(scheme.full)}.")
        juror = juror_mark(cycle.id, by.user_id)
        before = {(row.household_id, row.star_code): row for row in s.scalars(select(JuryScore).where(
            JuryScore.book_id == by.book_id, JuryScore.cycle_id == cycle.id, JuryScore.juror == juror))}
        for mark in {(mark.household_id, mark.star_code): mark for mark in cmd.marks}.values():
            row = before.get((mark.household_id, mark.star_code))
            if row is None:
                s.add(JuryScore(book_id=by.book_id, cycle_id=cycle.id, household_id=mark.household_id,
                                star_code=mark.star_code, juror=juror, score=mark.score, at=at))
            elif row.score != mark.score:
                row.score, row.at = mark.score, at
        audit.record(s, by, "ratings.jury_scored", f"cycle:{cycle.id}", at=at, scores=len(cmd.marks))
        settle(s, cmd, by, {"scores": len(cmd.marks)})
        s.flush()
        return len(cmd.marks)


def own_scores(s: Session, cycle_id: UUID, by: Actor) -> dict[tuple[UUID, str], int]:
    """What this juror has given so far; one statement."""
    if by.user_id is None:
        return {}
    rows = s.execute(select(JuryScore.household_id, JuryScore.star_code, JuryScore.score).where(
        JuryScore.book_id == by.book_id, JuryScore.cycle_id == cycle_id,
        JuryScore.juror == juror_mark(cycle_id, by.user_id)))
    return {(household_id, star): score for household_id, star, score in rows}


def jurors_of(s: Session, book_id: int, cycle_id: UUID) -> int:
    """How many have scored."""
    return s.scalar(select(func.count(JuryScore.juror.distinct())).where(
        JuryScore.book_id == book_id, JuryScore.cycle_id == cycle_id)) or 0


def averages(s: Session, book_id: int, household_ids: Sequence[UUID], scheme: Scheme, *, on: date | None = None,
             cycle_id: UUID | None = None) -> dict[str, dict[UUID, int]]:
    """{star: {household: average}} of one cycle, or of the scheme's cycle the day lies in; absent where nobody scored.
    One statement.
    """
    query = (select(JuryScore.star_code, JuryScore.household_id, JuryScore.score)
             .join(RatingCycle, (RatingCycle.book_id == JuryScore.book_id) & (RatingCycle.id == JuryScore.cycle_id))
             .where(JuryScore.book_id == book_id, RatingCycle.scheme_code == scheme.code))
    if cycle_id is not None:
        query = query.where(JuryScore.cycle_id == cycle_id)
    if on is not None:
        query = query.where(RatingCycle.start_on <= on, RatingCycle.end_on >= on)
    if len(household_ids) <= FEW:
        query = query.where(JuryScore.household_id.in_(household_ids))
    given: dict[tuple[str, UUID], list[int]] = {}
    for star, household_id, score in s.execute(query):
        given.setdefault((star, household_id), []).append(score)
    found: dict[str, dict[UUID, int]] = {}
    for (star, household_id), scores in given.items():
        average = trimmed_mean(scores, scheme.jury_trim_from)
        if average is not None:
            found.setdefault(star, {})[household_id] = average
    return found
