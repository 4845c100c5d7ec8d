"""What a household sees of its own stars: how many it holds, and in one sentence what the next one takes.

    stars_now(s, book_id, household_id)            → StarsNow(stars=7, of=10, …) or None before the first evaluation
    str(next_star(s, book_id, household_id, day))  → '再服务 3 小时,12 月 31 日前完成,可得“热心公益星”。'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.eligibility import Criterion, evaluate, more_words, share_missing, shortest_way
from pointsbank.people import household_cards
from pointsbank.ratings.cycle import facts_of, window_of
from pointsbank.ratings.errors import NoScheme
from pointsbank.ratings.facts import KINDS
from pointsbank.ratings.holding import stars_held
from pointsbank.ratings.models import CONFIRMED, RatingCycle
from pointsbank.ratings.periods import YEAR, days_of, period_on, period_words
from pointsbank.ratings.queries import CycleView
from pointsbank.ratings.scheme import Band, Star, scheme_on, scheme_version
from pointsbank.ratings.wording import criterion_words, in_period
from pointsbank.web.viewer import language

JOIN = {"zh": ",", "en": ", "}


class StarsNow(NamedTuple):
    """Stars held by the newest evaluation. `codes`: those awarded; `undecided`: how many cannot be decided yet."""

    stars: int
    of: int
    undecided: int
    band: Band | None
    year: int
    as_of: date
    codes: tuple[str, ...]
    confirmed: bool  # by the committee: this is the period's result
    period: str = YEAR

    def words(self, lang: str = "zh") -> str:
        """'2026 年度'."""
        return period_words(self.year, self.period, lang)


def stars_now(s: Session, book_id: int, household_id: UUID) -> StarsNow | None:
    """None when the household was never evaluated. Four statements."""
    held = stars_held(s, book_id, [household_id]).get(household_id)
    if held is None:
        return None
    scheme = scheme_version(s, held.scheme_code, held.scheme_version)
    return StarsNow(held.stars, len(held.outcomes), held.undecided, scheme.band(held.stars), held.year, held.as_of,
                    tuple(code for code, outcome in held.outcomes.items() if outcome), held.confirmed, held.period)


def _is_a_deed(criterion: Criterion) -> bool:
    return bool(more_words(criterion)) and not criterion.fact.startswith(KINDS)


def with_deadline(cycle: CycleView, today: date) -> Callable[[Criterion, str], str]:
    """A criterion's sentence, with the last day where a deed can still make up what is missing."""
    ended = cycle.status == CONFIRMED or cycle.frozen_at is not None or today > cycle.end_on

    def sentence(criterion: Criterion, lang: str) -> str:
        until = cycle.end_on if not ended and _is_a_deed(criterion) else None
        return criterion_words(criterion, lang, cycle.period, until)

    return sentence


@dataclass(frozen=True)
class NextStar:
    """The star that is nearest, as parts: what is still to be done, by when, for which star."""

    star: Star
    todo: tuple[Criterion, ...]
    until: date
    period: str = YEAR

    def parts(self, lang: str) -> list[str]:
        return [in_period(more_words(criterion, lang), self.period, lang) for criterion in self.todo]

    def sentence(self, lang: str = "zh") -> str:
        what = JOIN["en" if lang.startswith("en") else "zh"].join(self.parts(lang))
        if lang.startswith("en"):
            return f"{what} by {self.until.isoformat()} earns the star “{self.star.title_en}”."
        return f"{what},{self.until.month} 月 {self.until.day} 日前完成,可得“{self.star.title_zh}”。"

    def __str__(self) -> str:
        return self.sentence(language())


def next_star(s: Session, book_id: int, household_id: UUID, on: date) -> NextStar | None:
    """The nearest star that deeds of this year can still earn, judged live on the day; None when there is none.

    None too when the year's rating has been confirmed: no deed changes it then.

    Only what a household can do counts: a jury's opinion or a veto is no to-do. A constant number of statements.
    """
    card = household_cards(s, book_id, [household_id]).get(household_id)
    if card is None:
        return None
    try:
        scheme = scheme_on(s, card.place_code, on)
    except NoScheme:
        return None
    period = period_on(scheme.terms.rhythm, on)
    settled = s.scalar(select(RatingCycle.id).where(
        RatingCycle.book_id == book_id, RatingCycle.place_code == card.place_code, RatingCycle.year == on.year,
        RatingCycle.scheme_code == scheme.code, RatingCycle.status == CONFIRMED, RatingCycle.period == period))
    if settled is not None:
        return None
    facts = facts_of(s, book_id, [household_id], scheme, window_of(on.year, on, period))[household_id]
    found = []
    for star in scheme.stars:
        verdict = evaluate(star.rule, facts)
        todo = shortest_way(verdict)
        if verdict.outcome is False and todo and all(map(_is_a_deed, todo)):
            found.append((len(todo), share_missing(todo), star.code, NextStar(
                star, todo, days_of(on.year, period)[1], period)))
    return min(found, key=lambda each: each[:3])[3] if found else None
