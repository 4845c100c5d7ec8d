"""Then and now: a verdict made again from what was frozen, and the same household judged by today's rules and facts.

    reproduced(s, cycle, household_id)    both texts of the verdicts, as stored and as made again: equal to the byte
    judged_now(s, cycle, household_id, day)   star by star: then, now, and why they differ (facts, rule, both)

What was frozen is sealed with the household's own key: after erasure nothing can be made again, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.eligibility import Verdict, as_json, evaluate, from_json
from pointsbank.errors import NotFound
from pointsbank.ratings.cycle import CONTEXT, facts_of, window_of
from pointsbank.ratings.errors import ErasedVerdict
from pointsbank.ratings.models import RatingEvaluation, RatingVerdict
from pointsbank.ratings.queries import CycleView, evaluation_of
from pointsbank.ratings.scheme import Star, newest_version


@dataclass(frozen=True)
class Reproduced:
    """The verdicts as stored and as judged again from the frozen facts; `checkpoint`: the ledger's position then."""

    stored: str
    made_again: str
    checkpoint: Mapping[str, Any]

    @property
    def same(self) -> bool:
        return self.stored == self.made_again


class ThenAndNow(NamedTuple):
    """One star. `why`: None when nothing of it differs; 'facts', 'rule' or 'both'."""

    star: Star
    then: Verdict
    now: Verdict
    why: str | None


def canonical(verdicts: Mapping[str, Verdict]) -> str:
    """Verdicts as text: always the same for the same verdicts, to the byte."""
    return json.dumps({code: as_json(verdict) for code, verdict in verdicts.items()}, ensure_ascii=False,
                      sort_keys=True, separators=(",", ":"))


def _frozen(s: Session, cycle: CycleView, household_id: UUID, number: int | None) -> tuple[dict[str, Any], Any]:
    evaluation = evaluation_of(cycle, number)
    row = s.get(RatingVerdict, (cycle.book_id, evaluation.id, household_id))
    if row is None:
        raise NotFound("household")
    snapshot = open_many(s, cycle.book_id, [(household_id, row.sealed)], CONTEXT)[0]
    if snapshot is None:
        raise ErasedVerdict("household")
    return snapshot, s.get_one(RatingEvaluation, (cycle.book_id, evaluation.id))


def reproduced(s: Session, cycle: CycleView, household_id: UUID, number: int | None = None) -> Reproduced:
    """Judge what was frozen by the rules of then. Three statements. Raises NotFound, ErasedVerdict."""
    snapshot, run = _frozen(s, cycle, household_id, number)
    stored = json.dumps(snapshot["verdicts"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    again = canonical({star.code: evaluate(star.rule, snapshot["facts"]) for star in cycle.scheme.stars})
    return Reproduced(stored, again, run.checkpoint or {})


def judged_now(s: Session, cycle: CycleView, household_id: UUID, today: date,
               number: int | None = None) -> list[ThenAndNow]:
    """The same days judged by what the books say of them today, under the scheme's newest version that holds.

    Raises NotFound, ErasedVerdict.
    """
    snapshot, run = _frozen(s, cycle, household_id, number)
    scheme = newest_version(s, cycle.scheme.code, today)
    facts = facts_of(s, cycle.book_id, [household_id], scheme, window_of(cycle.year, run.as_of, cycle.period),
                     cycle.id)[household_id]
    found = []
    for star in cycle.scheme.stars:
        fresh = scheme.star(star.code)
        if fresh is None:
            continue
        then, now = from_json(snapshot["verdicts"][star.code]), evaluate(fresh.rule, facts)
        rule = fresh.rule.text != star.rule.text
        figures = any(snapshot["facts"].get(name) != facts.get(name) for name in star.rule.facts)
        found.append(ThenAndNow(star, then, now, "both" if rule and figures else "rule" if rule else
                                "facts" if figures else None))
    return found
