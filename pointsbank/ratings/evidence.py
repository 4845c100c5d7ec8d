"""The transactions behind a star: which awards and deductions its figures were counted from.

Read from the ledger as it was known when the evaluation ran, so that the list fits the figures even after corrections.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.tables import transaction
from pointsbank.amounts import MINUTE, SCORE
from pointsbank.eligibility import DeedLine, Window, deed_lines, find_spec
from pointsbank.ratings.cycle import window_of
from pointsbank.ratings.facts import PROMISE
from pointsbank.ratings.queries import CycleView, EvaluationView
from pointsbank.ratings.scheme import Star
from pointsbank.ratings.subjects import home_of

SERVICE = ("hours", "volunteers", "hours_ever")
FIRST_DAY = date(1990, 1, 1)


class Evidence(NamedTuple):
    """`lines`: in hundredths of score, `service`: in minutes. `undone`: what was taken back since, and when: the
    verdict stands as it was, but it no longer rests on these.
    """

    lines: tuple[DeedLine, ...]
    service: tuple[DeedLine, ...]
    undone: Mapping[UUID, date] = {}


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


def evidence_of(s: Session, cycle: CycleView, evaluation: EvaluationView, subject_id: UUID, star: Star) -> Evidence:
    """At most four statements. Of a volunteer: the person's own service alone."""
    window = window_of(cycle.year, evaluation.as_of, cycle.period)
    home, rules = home_of(s, cycle.book_id, cycle.scheme, subject_id), rules_behind(star)
    lines = deed_lines(s.connection(), cycle.book_id, home, SCORE, window, rules=rules,
                       known_at=evaluation.known_at) if rules else []
    if "hours_ever" in star.rule.facts:
        window = Window(FIRST_DAY, window.end)
    service = deed_lines(s.connection(), cycle.book_id, home, MINUTE, window,
                         known_at=evaluation.known_at) if set(star.rule.facts) & set(SERVICE) else []
    if home != subject_id:
        service = [line for line in service if line.person == subject_id]
    return Evidence(tuple(lines), tuple(service), undone_since(s, cycle.book_id, evaluation.known_at,
                                                               [line.transaction_id for line in (*lines, *service)]))


def undone_since(s: Session, book_id: int, known_at: datetime, deeds: Sequence[UUID]) -> dict[UUID, date]:
    """Of these transactions, those taken back after a moment: the day on which. One statement."""
    if not deeds:
        return {}
    rows = s.execute(select(transaction.c.reverses, func.max(transaction.c.effective_on)).where(
        transaction.c.book_id == book_id, transaction.c.reverses.in_(sorted(set(deeds))),
        transaction.c.recorded_at > known_at).group_by(transaction.c.reverses))
    return {row.reverses: row[1] for row in rows}
