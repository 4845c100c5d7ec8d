"""The course of a rating, in the words of the village: put up, objected to, awarded, watched.

Worked by hand, by the ten-star scheme (5 bronze, 8 silver, 10 gold):
    H001  S01 (4 talks) S02 S03 (nothing against them) S06 (8.00 to start with) S07 (promise) S10 (20 h)
          S04 S05 S09 (jury 9.00), no yard              -> 9, silver
    H002  S02 S03 S06, jury S04 S05                     -> 5, bronze     (S09 got 7.00)
    H003  S02 S03 S06, jury S04                         -> 4, none
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.honours import (
    AnswerObjection,
    AwardHonours,
    DecideMeasure,
    HonourView,
    ObjectTo,
    ProposeMeasure,
    PublishNotice,
    answer_objection,
    award_honours,
    decide_measure,
    honour_view,
    honours_of_cycle,
    object_to,
    propose_measure,
    publish_notice,
)
from pointsbank.honours.queries import HonourRow
from pointsbank.ratings import (
    ConfirmCycle,
    FreezeCycle,
    RunEvaluation,
    confirm_cycle,
    cycle_view,
    freeze_cycle,
    run_evaluation,
)
from tests.pointsbank.ratings.village import BOOK, Village, found_village, someone

DAY = date(2026, 3, 5)


def noon(day: date) -> datetime:
    """Eight in the evening in the village is noon in UTC."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class Course:
    """The village, its cycle, and the people who take the steps: never one person two of them."""

    bank: Village
    cycle: UUID
    deeds: dict[str, list[UUID]]
    chair: Actor = field(default_factory=lambda: someone("committee"))       # confirms
    clerk: Actor = field(default_factory=lambda: someone("committee"))       # publishes, proposes
    town: Actor = field(default_factory=lambda: someone("office"))           # awards
    watch: Actor = field(default_factory=lambda: someone("supervisor"))      # answers, second person
    villager: Actor = field(default_factory=lambda: someone("volunteer"))

    @property
    def s(self) -> Session:
        return self.bank.s

    def confirm(self) -> Course:
        freeze_cycle(self.s, FreezeCycle(uuid4(), self.cycle), by=self.clerk, at=noon(date(2026, 12, 10)))
        confirm_cycle(self.s, ConfirmCycle(self.cycle), by=self.chair, at=noon(date(2026, 12, 15)))
        return self

    def publish(self, day: date = date(2026, 12, 16)) -> None:
        publish_notice(self.s, PublishNotice(uuid4(), self.cycle), by=self.clerk, at=noon(day))

    def rows(self) -> dict[str, HonourRow]:
        return {row.card.code: row for row in honours_of_cycle(self.s, cycle_view(self.s, BOOK, self.cycle))}

    def view(self, code: str) -> HonourView:
        return honour_view(self.s, BOOK, self.rows()[code].id)

    def object(self, code: str, day: date, star: str | None = None, by: Actor | None = None) -> UUID:
        object_to(self.s, ObjectTo(uuid4(), self.rows()[code].id, "听说去年违反过承诺", star), by=by or self.villager,
                  at=noon(day))
        return self.view(code).objections[-1].id

    def answer(self, objection: UUID, upheld: bool, day: date, by: Actor | None = None) -> str:
        return answer_objection(self.s, AnswerObjection(uuid4(), objection, upheld, "查了记录,答复如下"),
                                by=by or self.watch, at=noon(day))

    def award(self, day: date = date(2026, 12, 22), by: Actor | None = None) -> Any:
        return award_honours(self.s, AwardHonours(uuid4(), self.cycle), by=by or self.town, at=noon(day))

    def awarded(self) -> Course:
        self.publish()
        self.award()
        return self

    def measure(self, code: str, kind: str, day: date, **more: Any) -> str:
        """Proposed by one, agreed by another."""
        made = propose_measure(self.s, ProposeMeasure(uuid4(), self.rows()[code].id, kind, "经核查属实", **more),
                               by=self.clerk, at=noon(day))
        return decide_measure(self.s, DecideMeasure(uuid4(), made, True), by=self.watch, at=noon(day))


def rated_village(s: Session, *, confirmed: bool = True) -> Course:
    bank = found_village(s)
    deeds = {"S01": bank.deed("H001", "L01", DAY, 200, times=4), "S07": bank.deed("H001", "C02", DAY, 1000),
             "S10": bank.deed("H001", "V01", DAY, 2000, minutes=1200)}
    bank.judged("H001")
    for code, star, score in (("H002", "S04", 900), ("H002", "S05", 900), ("H002", "S09", 700), ("H003", "S04", 800),
                              ("H003", "S05", 790), ("H003", "S09", 0)):
        bank.score(code, star, score)
    course = Course(bank, bank.cycle(), deeds)
    if confirmed:
        course.confirm()
    else:
        run_evaluation(s, RunEvaluation(uuid4(), course.cycle), by=course.clerk, at=noon(date(2026, 12, 9)))
    return course
