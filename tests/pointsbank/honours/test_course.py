"""From the committee's word to the plaque: notice, objections, award; who may take which step."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from pointsbank.honours import ObjectTo, PublishNotice, SetPlaque, object_to, publish_notice, set_plaque
from pointsbank.honours.errors import (
    AlreadyOnNotice,
    HasObjection,
    NeedsAPerson,
    NoticeRunning,
    OwnObjection,
    SameHand,
    WriteWhy,
    WrongState,
)
from pointsbank.ratings import decisions_of, stars_held
from pointsbank.ratings.errors import StepAside
from tests.pointsbank.honours.course import Course, noon
from tests.pointsbank.ratings.village import BOOK, SYSTEM, someone


def held(course: Course, code: str) -> int:
    home = course.bank.home(code).id
    return stars_held(course.s, BOOK, [home])[home].stars


def test_a_notice_runs_its_days_and_what_nobody_objected_to_is_awarded_and_numbered(course: Course) -> None:
    course.publish(date(2026, 12, 16))
    rows = course.rows()
    assert {code: (len(row.stars), row.level and row.level.code) for code, row in rows.items()} == {
        "H001": (9, "silver"), "H002": (5, "bronze"), "H003": (4, None)}
    assert {row.notice_until for row in rows.values()} == {date(2026, 12, 21)}   # 16 + 5 days
    with pytest.raises(NoticeRunning):
        course.award(date(2026, 12, 21))                                        # its last day is not over yet
    done = course.award(date(2026, 12, 22))
    assert (done.awarded, done.without, done.waiting) == (2, 1, 0)
    rows = course.rows()
    assert {code: (row.state, row.number, row.plaque) for code, row in rows.items()} == {
        "H001": ("awarded", "100200-2026-0001", "to_hang"), "H002": ("awarded", "100200-2026-0002", "to_hang"),
        "H003": ("not_awarded", None, "none")}
    assert (held(course, "H001"), held(course, "H003")) == (9, 4)


def test_whoever_confirmed_or_published_does_not_award_and_nothing_is_published_twice(course: Course) -> None:
    course.publish()
    with pytest.raises(AlreadyOnNotice):
        publish_notice(course.s, PublishNotice(uuid4(), course.cycle), by=course.chair, at=noon(date(2026, 12, 17)))
    for own in (course.chair, course.clerk, SYSTEM):
        with pytest.raises(SameHand):
            course.award(by=own)
    assert course.award().awarded == 2


def test_a_dismissed_objection_lets_the_notice_run_the_days_that_were_left(course: Course) -> None:
    course.publish(date(2026, 12, 16))                       # to the 21st
    objection = course.object("H001", date(2026, 12, 18))    # 3 days left; answer by 29 December: 7 working days
    assert course.view("H001").objections[0].answer_by == date(2026, 12, 29)
    with pytest.raises(HasObjection):
        course.object("H001", date(2026, 12, 18))
    assert course.award(date(2026, 12, 22)).waiting == 1     # the others go on
    course.answer(objection, False, date(2026, 12, 24))
    assert course.rows()["H001"].notice_until == date(2026, 12, 27)   # 24 + 3
    assert course.award(date(2026, 12, 28)).awarded == 1
    assert course.rows()["H001"].number == "100200-2026-0002"


def test_an_upheld_objection_turns_the_star_round_with_the_answer_as_reason_and_the_row_is_put_up_anew(
        course: Course) -> None:
    course.publish(date(2026, 12, 16))
    objection = course.object("H002", date(2026, 12, 17), star="S05")
    assert course.answer(objection, True, date(2026, 12, 18)) == "upheld"
    row = course.rows()["H002"]
    assert (row.stars, row.level, row.state) == (("S02", "S03", "S04", "S06"), None, "notice")  # 5 - 1 = 4: no bronze
    assert row.notice_until == date(2026, 12, 23)            # 18 + 5, anew
    decision = decisions_of(course.s, BOOK, course.cycle, row.card.id)["S05"]
    assert (decision.awarded, decision.departs, decision.reason) == (False, True, "查了记录,答复如下")
    done = course.award(date(2026, 12, 24))
    assert (done.awarded, done.without) == (1, 2)            # H001; H002 and H003 without a level
    assert held(course, "H002") == 4


def test_a_household_left_out_may_object_too_and_win_its_star(course: Course) -> None:
    course.publish(date(2026, 12, 16))
    objection = course.object("H003", date(2026, 12, 17), star="S05")
    course.answer(objection, True, date(2026, 12, 18))
    row = course.rows()["H003"]
    assert (len(row.stars), row.level and row.level.code) == (5, "bronze")


def test_an_objection_is_answered_by_somebody_who_has_no_hand_in_it(course: Course) -> None:
    course.publish()
    objection = course.object("H001", date(2026, 12, 17), by=course.watch)
    relative = someone("committee", person=course.bank.people["H001"])
    for by, refusal in ((course.watch, OwnObjection), (course.clerk, OwnObjection), (relative, StepAside)):
        with pytest.raises(refusal):
            course.answer(objection, True, date(2026, 12, 18), by=by)
    assert course.answer(objection, False, date(2026, 12, 18), by=course.chair) == "dismissed"
    with pytest.raises(WrongState):
        course.answer(objection, True, date(2026, 12, 18), by=course.town)


def test_objecting_needs_a_person_a_reason_and_a_running_notice(course: Course) -> None:
    course.publish(date(2026, 12, 16))
    honour = course.rows()["H001"].id
    with pytest.raises(NeedsAPerson):
        object_to(course.s, ObjectTo(uuid4(), honour, "不公平,请再查"), by=SYSTEM, at=noon(date(2026, 12, 17)))
    with pytest.raises(WriteWhy):
        object_to(course.s, ObjectTo(uuid4(), honour, "不"), by=course.villager, at=noon(date(2026, 12, 17)))
    with pytest.raises(WrongState):
        course.object("H001", date(2026, 12, 22))
    key = uuid4()
    first = object_to(course.s, ObjectTo(key, honour, "不公平,请再查"), by=course.villager, at=noon(date(2026, 12, 21)))
    assert object_to(course.s, ObjectTo(key, honour, "不公平,请再查"), by=course.villager,
                     at=noon(date(2026, 12, 30))) == first
    assert len(course.view("H001").objections) == 1


def test_a_plaque_has_a_state_of_its_own(course: Course) -> None:
    row = course.awarded().rows()["H001"]

    def plaque(state: str, reason: str = "") -> str:
        return set_plaque(course.s, SetPlaque(uuid4(), row.id, state, reason), by=course.clerk,
                          at=noon(date(2026, 12, 25)))

    with pytest.raises(WriteWhy):
        plaque("withheld")
    assert plaque("withheld", "家中有人服刑,评上不挂牌") == "withheld"
    assert course.rows()["H001"].state == "awarded"          # held, though nothing hangs at the gate
    assert plaque("hung") == "hung"
