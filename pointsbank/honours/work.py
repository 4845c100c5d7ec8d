"""What waits for people about the honours of a place: objections, second words, rechecks, corrections, plaques.

Each line leads to one honour; who must step aside, and why, is shown and not offered.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.errors import DomainError
from pointsbank.honours.errors import SameHand
from pointsbank.honours.models import (
    CHECKED,
    DRAFT,
    OBJECTED,
    PROPOSED,
    QUEUED,
    SUSPENDED,
    TO_HANG,
    TO_TAKE_DOWN,
    Honour,
    HonourCorrection,
    HonourMeasure,
    HonourObjection,
    HonourRecheck,
)
from pointsbank.honours.objecting import answer_aside
from pointsbank.honours.rechecking import undone_behind
from pointsbank.people import HouseholdCard, relatives_of
from pointsbank.ratings import CycleView, cycle_view, home_of, subject_cards
from pointsbank.ratings.errors import StepAside

SHOWN = 200


class Job(NamedTuple):
    """One thing to do. `kind`: objection, measure, recheck, correction, plaque, over. `why`: not this person's."""

    kind: str
    honour_id: UUID
    code: str
    name: str
    masked: str
    what: str  # a code: the measure's kind, the plaque's state; '' where the kind says it all
    until: date | None
    why: DomainError | None
    cycle: CycleView


class Work(NamedTuple):
    """`undone`: reversals behind honours that no recheck knows yet."""

    jobs: list[Job]
    undone: int

    def of(self, kind: str) -> list[Job]:
        return [job for job in self.jobs if job.kind == kind]

    @property
    def mine(self) -> int:
        return sum(job.why is None for job in self.jobs)


def work_of(s: Session, by: Actor, place_code: str, today: date) -> Work:
    """Everything that waits at a village. About ten statements, and four for each cycle concerned."""
    found = [*_of(s, by, place_code, HonourObjection, HonourObjection.outcome == "open", "objection"),
             *_of(s, by, place_code, HonourMeasure, HonourMeasure.state == PROPOSED, "measure"),
             *_of(s, by, place_code, HonourRecheck, HonourRecheck.state.in_((QUEUED, CHECKED)), "recheck"),
             *_of(s, by, place_code, HonourCorrection,
                  (HonourCorrection.state == DRAFT) & HonourCorrection.measure_id.is_not(None), "correction")]
    rest = s.scalars(select(Honour).where(
        Honour.book_id == by.book_id, Honour.place_code == place_code,
        or_(Honour.plaque.in_((TO_HANG, TO_TAKE_DOWN)),
            (Honour.state == SUSPENDED) & (Honour.suspended_until < today))).limit(SHOWN))
    for honour in rest:
        if honour.plaque in (TO_HANG, TO_TAKE_DOWN):
            found.append(("plaque", honour, None))
        if honour.state == SUSPENDED and honour.suspended_until is not None and honour.suspended_until < today:
            found.append(("over", honour, None))
    return Work(_jobs(s, by, found), len(undone_behind(s, by.book_id, place_code)))


Found = tuple[str, Honour, HonourObjection | HonourMeasure | HonourRecheck | HonourCorrection | None]


def _of(s: Session, by: Actor, place_code: str, table: Any, wanted: Any, kind: str) -> list[Found]:
    rows = s.execute(select(Honour, table).join(
        table, (table.book_id == Honour.book_id) & (table.honour_id == Honour.id)).where(
        Honour.book_id == by.book_id, Honour.place_code == place_code, wanted)
        .order_by(table.id).limit(SHOWN)).all()
    seen, found = set(), list[Found]()
    for honour, row in rows:
        if kind != "recheck" or honour.id not in seen:  # several undone deeds of one honour are one look
            found.append((kind, honour, row))
        seen.add(honour.id)
    return found


def _jobs(s: Session, by: Actor, found: list[Found]) -> list[Job]:
    cycles = {honour.cycle_id: cycle_view(s, by.book_id, honour.cycle_id)
              for honour in {honour.cycle_id: honour for _, honour, _ in found}.values()}
    cards: dict[UUID, HouseholdCard] = {}
    for cycle_id, cycle in cycles.items():
        cards |= subject_cards(s, by.book_id, cycle.scheme,
                               [honour.household_id for _, honour, _ in found if honour.cycle_id == cycle_id])
    aside, jobs = relatives_of(s, by.book_id, by.person_id), []
    for kind, honour, row in found:
        cycle, card = cycles[honour.cycle_id], cards[honour.household_id]
        relative = kind not in ("plaque", "over") and home_of(s, by.book_id, cycle.scheme, card.id) in aside
        why = StepAside("household") if relative else _own_hand(s, row, honour, by)
        jobs.append(Job(kind, honour.id, card.code, card.head_name, card.masked_name, _what(kind, honour, row),
                        row.answer_by if isinstance(row, HonourObjection) else honour.suspended_until, why, cycle))
    return jobs


def _own_hand(s: Session, row: object, honour: Honour, by: Actor) -> DomainError | None:
    if isinstance(row, HonourObjection) and honour.state == OBJECTED:
        return answer_aside(s, row, honour, by)
    if isinstance(row, HonourMeasure) and by.user_id == row.proposed_by:
        return SameHand("measure")
    return None


def _what(kind: str, honour: Honour, row: object) -> str:
    if isinstance(row, HonourMeasure):
        return row.kind
    if isinstance(row, HonourRecheck):
        return row.state
    return honour.plaque if kind == "plaque" else ""


def may_do(by: Actor, place_code: str) -> dict[str, bool]:
    """The powers a page asks for."""
    return {name: can(by, power, place_code) for name, power in (
        ("run", "ratings.run"), ("answer", "honours.answer"), ("award", "honours.award"),
        ("propose", "honours.propose"), ("second", "honours.second"), ("jury", "ratings.jury"))}
