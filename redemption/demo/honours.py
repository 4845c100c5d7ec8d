"""The demo's finished cycle: five-star families of the last half-year, from putting names down to plaques on gates.

    course = HalfYear(office, today)
    course.live(day)            # on every day of the past; does what that day brings, through the services

The days are counted from the half-year's last day. Nobody takes two steps that two people must take: one committee
member confirms, the other publishes, the town's office awards, the supervisor answers and is the second person.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from pointsbank.access import Actor
from pointsbank.honours import (
    AnswerObjection,
    AwardHonours,
    DecideMeasure,
    ObjectTo,
    ProposeMeasure,
    PublishNotice,
    SetPlaque,
    answer_objection,
    award_honours,
    decide_measure,
    honour_view,
    honours_of_cycle,
    object_to,
    propose_measure,
    publish_notice,
    set_plaque,
)
from pointsbank.honours.models import AWARDED, HUNG
from pointsbank.honours.queries import HonourRow
from pointsbank.people import relatives_of
from pointsbank.ratings import (
    ConfirmCycle,
    DecideStar,
    FreezeCycle,
    OpenCycle,
    PutDown,
    RunEvaluation,
    confirm_cycle,
    cycle_view,
    decide_star,
    freeze_cycle,
    matrix,
    open_cycle,
    put_down,
    run_evaluation,
)
from pointsbank.ratings.periods import days_of, period_on
from redemption.demo.office import Office, moment
from redemption.demo.rating import score_all
from redemption.demo.village_data import key

SCHEME, JURY = "five-stars", ("W1", "W2")
STRICT = (600, 650, 700, 750, 800, 850)  # five stars are rare
APPLIED = ("H001", "H010", "H014")
STEPS = 28  # days from the half-year's end until everything of it is done
SHORT_OF = 3  # stars of the family that the committee gives one more, against the figures


def last_half(today: date) -> tuple[int, str]:
    """The newest half-year whose rating is over by a day.

    >>> last_half(date(2026, 11, 25)), last_half(date(2027, 1, 20)), last_half(date(2027, 2, 1))
    ((2026, 'H1'), (2026, 'H1'), (2026, 'H2'))
    """
    day = today - timedelta(days=STEPS)
    if period_on("half", day) == "H2":
        return day.year, "H1"
    return day.year - 1, "H2"


@dataclass
class HalfYear:
    """One cycle. `todo`: what is done so many days after the half-year's end."""

    office: Office
    today: date
    end: date = field(init=False)
    cycle: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.year, self.period = last_half(self.today)
        self.end = days_of(self.year, self.period)[1]
        self.todo: dict[int, Callable[[date], None]] = {
            -10: self.open, 8: self.freeze, 9: self.judge, 10: self.confirm, 12: self.object, 13: self.answer,
            18: self.award, 19: self.hang, 24: self.propose, 25: self.second}

    def live(self, day: date) -> None:
        step = self.todo.get((day - self.end).days)
        if step is not None:
            step(day)

    @property
    def staff(self) -> dict[str, Actor]:
        return self.office.staff

    def key(self, *what: object) -> UUID:
        return key("half-year", self.year, self.period, *what)

    def open(self, day: date) -> None:
        """The cycle is opened; three families put their names down on their phones."""
        s, place = self.office.s, self.office.village.place_code
        self.cycle = open_cycle(s, OpenCycle(self.key("open"), place, self.year, SCHEME, self.period, self.end),
                                by=self.staff["committee"], at=moment(day, 8))
        for minute, code in enumerate(APPLIED):
            put_down(s, PutDown(self.key("enter", code), self.cycle, self.office.village.households[code].id,
                                ("W2", "W4")), by=self.office.family(code), at=moment(day, 19, minute))

    def freeze(self, day: date) -> None:
        freeze_cycle(self.office.s, FreezeCycle(self.key("freeze"), self.cycle, self.end),
                     by=self.staff["committee"], at=moment(day, 9))

    def judge(self, day: date) -> None:
        """The jury scores, its figures are taken in; one star is given against the figures, with the reason."""
        s = self.office.s
        score_all(self.office, self.cycle, JURY, random.Random(self.end.toordinal()), moment(day, 9), seen=STRICT)
        run_evaluation(s, RunEvaluation(self.key("run"), self.cycle), by=self.staff["committee"], at=moment(day, 15))
        view = cycle_view(s, self.office.village.book_id, self.cycle)
        assert view.last is not None
        aside = self.aside("committee")
        short = next((row for row in matrix(s, view, view.last).rows if row.stars == SHORT_OF
                      and row.outcomes["W5"] is False and row.card.id not in aside), None)
        if short is not None:
            decide_star(s, DecideStar(self.key("decide"), self.cycle, short.card.id, "W5", True,
                                      "家里老人行动不便,夜校笔记由孙女代记,评议会一致同意"),
                        by=self.staff["committee"], at=moment(day, 16))

    def confirm(self, day: date) -> None:
        confirm_cycle(self.office.s, ConfirmCycle(self.cycle), by=self.staff["committee"], at=moment(day, 9))
        publish_notice(self.office.s, PublishNotice(self.key("publish"), self.cycle), by=self.staff["committee2"],
                       at=moment(day, 10))

    def rows(self) -> list[HonourRow]:
        """Those with a level, by code."""
        s, book_id = self.office.s, self.office.village.book_id
        return [row for row in honours_of_cycle(s, cycle_view(s, book_id, self.cycle)) if row.level is not None]

    def aside(self, *logins: str) -> set[UUID]:
        s = self.office.s
        return {home for login in logins
                for home in relatives_of(s, self.staff[login].book_id, self.staff[login].person_id)}

    def object(self, day: date) -> None:
        """A neighbour objects to the first family that the one who answers has nothing to do with."""
        aside = self.aside("supervisor", "reviewer2")
        row = next((row for row in self.rows() if row.card.id not in aside), None)
        if row is not None:
            object_to(self.office.s, ObjectTo(self.key("object"), row.id, "五月门前堆过柴草,请核实卫生星", "W4"),
                      by=self.staff["reviewer2"], at=moment(day, 20))

    def answer(self, day: date) -> None:
        s, book_id = self.office.s, self.office.village.book_id
        for row in self.rows():
            for one in honour_view(s, book_id, row.id).objections:
                answer_objection(s, AnswerObjection(self.key("answer"), one.id, False,
                                                    "查了每月评比表和照片,柴草当天已清走,评比结果不变"),
                                 by=self.staff["supervisor"], at=moment(day, 10))

    def award(self, day: date) -> None:
        award_honours(self.office.s, AwardHonours(self.key("award"), self.cycle), by=self.staff["office"],
                      at=moment(day, 9))

    def hang(self, day: date) -> None:
        """Plaques go up; the last family's waits for its gate to be painted."""
        awarded = [row for row in self.rows() if row.state == AWARDED]
        for minute, row in enumerate(awarded[:-1]):
            set_plaque(self.office.s, SetPlaque(self.key("plaque", row.card.code), row.id, HUNG),
                       by=self.staff["committee"], at=moment(day, 14, minute))

    def warned(self) -> HonourRow | None:
        aside = self.aside("committee", "supervisor")
        return next((row for row in reversed(self.rows()) if row.state == AWARDED and row.card.id not in aside), None)

    def propose(self, day: date) -> None:
        """动态管理: one family is to be warned."""
        if (row := self.warned()) is not None:
            propose_measure(self.office.s, ProposeMeasure(self.key("warn"), row.id, "warn",
                                                          "门前堆放杂物,提醒后三日内才清走"),
                            by=self.staff["committee"], at=moment(day, 10))

    def second(self, day: date) -> None:
        s, row = self.office.s, self.warned()
        for one in honour_view(s, self.office.village.book_id, row.id).measures if row is not None else ():
            decide_measure(s, DecideMeasure(self.key("warned"), one.id, True, "情况属实,同意警示提醒"),
                           by=self.staff["supervisor"], at=moment(day, 10))
