"""动态管理 after the award: two people, the two years' bar, and what happens when a deed behind it was undone."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

import ledger
from pointsbank.database import new_id, unit_of_work
from pointsbank.honours import (
    DecideMeasure,
    ProposeMeasure,
    PublishCorrection,
    SetPlaque,
    SettleRecheck,
    decide_measure,
    propose_measure,
    publish_correction,
    queue_rechecks,
    run_rechecks,
    set_plaque,
    settle_recheck,
    work_of,
)
from pointsbank.honours.errors import MeasureWaiting, SameHand, WriteWhy, WrongState
from pointsbank.ratings import (
    DecideStar,
    OpenCycle,
    PutDown,
    RunEvaluation,
    bars_on,
    cycle_view,
    decide_star,
    matrix,
    open_cycle,
    put_down,
    recomputed,
    run_evaluation,
    stars_held,
)
from pointsbank.ratings.errors import Barred, StepAside
from tests.pointsbank.honours.course import DAY, Course, noon, rated_village
from tests.pointsbank.ratings.village import BOOK, SYSTEM, VILLAGE, someone


def held(course: Course, code: str) -> int:
    home = course.bank.home(code).id
    return stars_held(course.s, BOOK, [home])[home].stars


def test_one_proposes_another_decides_and_relatives_do_neither(course: Course) -> None:
    honour = course.awarded().rows()["H001"].id
    command = ProposeMeasure(uuid4(), honour, "suspend", "正在核查有关情况")
    with pytest.raises(StepAside):
        propose_measure(course.s, command, by=someone("committee", person=course.bank.people["H001"]),
                        at=noon(date(2027, 3, 1)))
    with pytest.raises(WriteWhy):
        propose_measure(course.s, ProposeMeasure(uuid4(), honour, "suspend", "查"), by=course.clerk,
                        at=noon(date(2027, 3, 1)))
    measure = propose_measure(course.s, command, by=course.clerk, at=noon(date(2027, 3, 1)))
    assert held(course, "H001") == 9                         # proposed is not decided
    with pytest.raises(MeasureWaiting):
        propose_measure(course.s, ProposeMeasure(uuid4(), honour, "revoke", "一样的情况"), by=course.chair,
                        at=noon(date(2027, 3, 1)))
    with pytest.raises(SameHand):
        decide_measure(course.s, DecideMeasure(uuid4(), measure, True), by=course.clerk, at=noon(date(2027, 3, 2)))
    with pytest.raises(StepAside):
        decide_measure(course.s, DecideMeasure(uuid4(), measure, True),
                       by=someone("supervisor", person=course.bank.people["H001"]), at=noon(date(2027, 3, 2)))
    with pytest.raises(WriteWhy):
        decide_measure(course.s, DecideMeasure(uuid4(), measure, False), by=course.watch, at=noon(date(2027, 3, 2)))
    assert decide_measure(course.s, DecideMeasure(uuid4(), measure, False, "证据不足,不同意"), by=course.watch,
                          at=noon(date(2027, 3, 2))) == "refused"
    assert held(course, "H001") == 9


def test_a_warning_is_counted_a_suspension_takes_the_stars_for_a_while_and_the_plaque_apart(course: Course) -> None:
    course.awarded()
    course.measure("H001", "warn", date(2027, 2, 1))
    assert (course.rows()["H001"].warnings, held(course, "H001")) == (1, 9)
    set_plaque(course.s, SetPlaque(uuid4(), course.rows()["H001"].id, "hung"), by=course.clerk,
               at=noon(date(2027, 2, 2)))
    course.measure("H001", "suspend", date(2027, 3, 1), until_on=date(2027, 6, 1))
    row = course.rows()["H001"]
    assert (row.state, row.plaque, held(course, "H001")) == ("suspended", "to_take_down", 0)
    assert [job.kind for job in work_of(course.s, course.clerk, VILLAGE, date(2027, 6, 2)).jobs if job.code == "H001"
            ] == ["correction", "plaque", "over"]            # its time is over: people are reminded, nothing by itself
    set_plaque(course.s, SetPlaque(uuid4(), row.id, "taken_down"), by=course.clerk, at=noon(date(2027, 3, 3)))
    course.measure("H001", "reinstate", date(2027, 6, 2))
    row = course.rows()["H001"]
    assert (row.state, row.plaque, held(course, "H001")) == ("awarded", "to_hang", 9)


def test_a_revoked_household_takes_no_part_for_two_years_to_the_day(course: Course) -> None:
    """Domain scenario 16: revoked on 15 January 2027, barred until 15 January 2029."""
    course.awarded()
    set_plaque(course.s, SetPlaque(uuid4(), course.rows()["H001"].id, "hung"), by=course.clerk,
               at=noon(date(2026, 12, 28)))
    course.measure("H001", "revoke", date(2027, 1, 15))
    home, row = course.bank.home("H001"), course.rows()["H001"]
    assert (row.state, row.plaque, held(course, "H001")) == ("revoked", "to_take_down", 0)
    assert bars_on(course.s, BOOK, [home.id], date(2029, 1, 14)) == {home.id: date(2029, 1, 15)}
    assert bars_on(course.s, BOOK, [home.id], date(2029, 1, 15)) == {}
    for year, part in ((2027, ["H002", "H003"]), (2028, ["H002", "H003"]), (2029, ["H001", "H002", "H003"])):
        at = noon(date(year, 12, 20))
        cycle = open_cycle(course.s, OpenCycle(new_id(), VILLAGE, year), by=SYSTEM, at=at)
        if year == 2028:
            with pytest.raises(Barred):
                put_down(course.s, PutDown(uuid4(), cycle, home.id), by=course.clerk, at=at)
        run_evaluation(course.s, RunEvaluation(new_id(), cycle), by=SYSTEM, at=at)
        view = cycle_view(course.s, BOOK, cycle)
        assert view.last is not None
        assert [one.card.code for one in matrix(course.s, view, view.last).rows] == part


def undone(course: Course, star: str, at: datetime) -> None:
    """The committee finds in January that the hours were made up."""
    with unit_of_work(course.s):
        for deed in course.deeds[star]:
            ledger.reverse(course.s.connection(), BOOK, deed, scope="test", key=str(uuid4()), recorded_at=at,
                           effective_on=at.date(), claw_back=True)


def test_undoing_a_deed_after_the_award_queues_a_recheck_and_drafts_the_correction(course: Course) -> None:
    """Domain scenario 10: 20 h were made up. H001 9 -> 8 stars (S10 lost), still silver; the old verdict stands."""
    course.awarded()
    before = course.bank.rating("H001")
    undone(course, "S10", noon(date(2027, 1, 10)))
    assert work_of(course.s, course.clerk, VILLAGE, date(2027, 1, 10)).undone == 1
    assert queue_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11))) == 1
    assert queue_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11))) == 0
    assert run_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11))) == 1
    view = course.view("H001")
    recheck, draft = view.rechecks[0], view.corrections[0]
    assert (recheck.undone, recheck.lost, recheck.state) == (course.deeds["S10"][0], ("S10",), "checked")
    assert len(view.row.stars) == 9                          # nothing changes before people decide
    assert (draft.state, draft.decided) == ("draft", False)
    assert (len(draft.after["stars"]), draft.after["level"]) == (8, "silver")
    with pytest.raises(WrongState):
        publish_correction(course.s, PublishCorrection(uuid4(), draft.id), by=course.clerk, at=noon(date(2027, 1, 12)))
    course.measure("H001", "correct", date(2027, 1, 12), stars=tuple(draft.after["stars"]), recheck_id=recheck.id)
    publish_correction(course.s, PublishCorrection(uuid4(), draft.id), by=course.clerk, at=noon(date(2027, 1, 13)))
    view = course.view("H001")
    assert (len(view.row.stars), view.row.level and view.row.level.code, view.row.state) == (8, "silver", "awarded")
    assert (view.rechecks[0].state, view.rechecks[0].kept) == ("settled", False)
    assert (view.corrections[0].state, view.corrections[0].shown_until) == ("published", date(2027, 1, 18))
    assert held(course, "H001") == 8
    after = course.bank.rating("H001")
    assert after.stars == before.stars and after.earned == before.earned   # the verdict still prints as it was
    assert recomputed(course.s, cycle_view(course.s, BOOK, course.cycle), course.bank.home("H001").id)


def test_a_correction_to_another_level_means_another_plaque(course: Course) -> None:
    """Four talks, the promise and the service of H001 undone: 9 - S01 - S07 - S10 = 6, bronze."""
    course.awarded()
    row = course.rows()["H001"]
    set_plaque(course.s, SetPlaque(uuid4(), row.id, "hung"), by=course.clerk, at=noon(date(2026, 12, 28)))
    for star in ("S01", "S07", "S10"):
        undone(course, star, noon(date(2027, 1, 10)))
    assert queue_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11))) == 6      # four talks, a promise, a service
    run_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11)))
    view = course.view("H001")
    assert {recheck.lost for recheck in view.rechecks} == {("S01", "S07", "S10")}
    assert view.corrections[0].after == {"level": "bronze", "state": "awarded",
                                         "stars": ["S02", "S03", "S04", "S05", "S06", "S09"]}
    course.measure("H001", "correct", date(2027, 1, 12), stars=("S02", "S03", "S04", "S05", "S06", "S09"),
                   recheck_id=view.rechecks[-1].id)
    row = course.rows()["H001"]
    assert (row.level and row.level.code, row.plaque) == ("bronze", "to_take_down")


def test_people_may_keep_the_star_with_a_reason(course: Course) -> None:
    course.awarded()
    undone(course, "S10", noon(date(2027, 1, 10)))
    queue_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11)))
    run_rechecks(course.s, BOOK, at=noon(date(2027, 1, 11)))
    recheck = course.view("H001").rechecks[0]
    settle_recheck(course.s, SettleRecheck(uuid4(), recheck.id, "另有 20 小时有签到为证,补录在办"), by=course.clerk,
                   at=noon(date(2027, 1, 12)))
    view = course.view("H001")
    assert (view.rechecks[0].kept, view.corrections[0].state, held(course, "H001")) == (True, "dropped", 9)


def test_figures_do_not_take_a_star_that_people_gave_against_them(s: Session) -> None:
    """H002 got S10 by the committee's word without an hour of service: undoing its one deed changes nothing."""
    course = rated_village(s, confirmed=False)
    deed = course.bank.deed("H002", "V01", DAY, 100, minutes=60)
    decide_star(s, DecideStar(uuid4(), course.cycle, course.bank.home("H002").id, "S10", True, "长年照看邻居老人"),
                by=course.chair, at=noon(date(2026, 12, 14)))
    course.confirm().awarded()
    assert len(course.rows()["H002"].stars) == 6
    course.deeds["H002"] = deed
    undone(course, "H002", noon(date(2027, 1, 10)))
    assert queue_rechecks(s, BOOK, at=noon(date(2027, 1, 11))) == 1
    assert run_rechecks(s, BOOK, at=noon(date(2027, 1, 11))) == 0
    view = course.view("H002")
    assert (view.rechecks[0].state, view.rechecks[0].kept, view.corrections) == ("settled", True, ())
