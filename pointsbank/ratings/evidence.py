"""The transactions behind a star: which awards and deductions its figures were counted from.

Read from the ledger as it was known when the evaluation ran, so that the list fits the figures even after corrections.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank.amounts import MINUTE, SCORE
from pointsbank.eligibility import DeedLine, deed_lines, find_spec
from pointsbank.ratings.cycle import window_of
from pointsbank.ratings.facts import PROMISE
from pointsbank.ratings.queries import CycleView, EvaluationView
from pointsbank.ratings.scheme import Star

SERVICE = ("hours", "volunteers")


class Evidence(NamedTuple):
    """`lines`: in hundredths of score, `service`: in minutes."""

    lines: tuple[DeedLine, ...]
    service: tuple[DeedLine, ...]


def rules_behind(star: Star) -> tuple[str, ...]:
    """The rules of the points schedule that the star's figures are counted from."""
    return tuple(sorted(set(star.adjusted_by) | set(_codes(star.rule.facts))))


def _codes(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        spec = find_spec(name)
        if name == "promise":
            yield PROMISE
        elif spec is not None and not name.startswith(("star_", "jury_", "veto_")):
            yield from spec.codes


def evidence_of(s: Session, cycle: CycleView, evaluation: EvaluationView, household_id: UUID, star: Star) -> Evidence:
    """At most two statements."""
    window = window_of(cycle.year, evaluation.as_of, cycle.period)
    rules = rules_behind(star)
    lines = deed_lines(s.connection(), cycle.book_id, household_id, SCORE, window, rules=rules,
                       known_at=evaluation.known_at) if rules else []
    service = deed_lines(s.connection(), cycle.book_id, household_id, MINUTE, window,
                         known_at=evaluation.known_at) if set(star.rule.facts) & set(SERVICE) else []
    return Evidence(tuple(lines), tuple(service))
