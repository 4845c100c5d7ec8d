"""The committee's home: what waits for the person, what they must step aside from, and the year of the village."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.committee.waiting import waiting_for, working_days_left
from pointsbank.committee.year import code_prefix, first_month, in_hand, months_since, year_of
from pointsbank.database import db
from pointsbank.ratings import OpenCycle, RunEvaluation, open_cycle, publish_scheme, run_evaluation, scheme_from_json
from pointsbank.records import (
    Decide,
    RaiseObjection,
    RecordFacts,
    SubmitRecord,
    VoidRecord,
    decide,
    raise_objection,
    submit_record,
    void_record,
)
from redemption.demo.people import Village
from tests.pointsbank.me.passbook import Passbook
from tests.pointsbank.me.test_my_wallet import counted, words
from tests.pointsbank.ratings.village import COUNTY, SYSTEM, scheme_data
from tests.pointsbank.records.a_village import NEXT, VILLAGE, Hamlet
from tests.pointsbank.records.conftest import hamlet  # noqa: F401  the fixture
from tests.pointsbank.records.test_pages import Person, actor, cleaned, head

pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()


def submitted(ruled: Village, code: str, rule: str = "V01", **more: object) -> UUID:
    """A deed of the head of a household, yesterday, by the recorder."""
    minutes = 120 if rule == "V01" else 0
    facts = RecordFacts(ruled.households[code].id, rule, TODAY - timedelta(days=1), head(ruled, code),
                        minutes=minutes, **more)  # type: ignore[arg-type]
    return submit_record(db.session(), SubmitRecord(uuid.uuid4(), facts), by=actor("recorder"), at=clock.now()).id


def approved(record: UUID, *logins: str) -> str:
    status = ""
    for login in logins or ("committee2",):
        status = decide(db.session(), Decide(uuid.uuid4(), record), by=actor(login),
                        at=clock.now()).passed[0].status
    return status


def test_what_waits_is_named_by_activity_with_its_count_and_leads_there(app: Flask, ruled: Village):
    cleaned(ruled)
    member = Person(app, "committee")
    page = member.get("/committee")
    assert "3 条记录等您审。" in words(page) and "清扫主街 3 条" in words(page)
    heap = re.search(r'href="(/committee/approvals\?group=[^"]+)"', page)
    assert heap and "清扫主街" in member.get(heap[1])
    assert member.client.get("/").location == "/committee"


def test_with_nothing_waiting_the_page_says_so_and_shows_the_empty_year(app: Flask, ruled: Village):
    page = words(Person(app, "committee").get("/committee"))
    assert "眼下没有等您办的。" in page and "都审完了" in page and "没有没答复的异议" in page
    assert "本月发出 0.00 分" in page and "还没有评定" in page


def test_ones_own_and_a_relatives_records_are_shown_locked_with_the_reason_and_not_counted(
        app: Flask, ruled: Village):
    for code in ("H001", "H010", "H002"):  # 王德顺's own, his declared relative's, a neighbour's
        submitted(ruled, code)
    page = words(Person(app, "committee").get("/committee"))
    assert "1 条记录等您审。" in page and "其中 2 条您要回避" in page
    assert "这条涉及您本户,须回避。" in page and "这条涉及您登记的亲属户,须回避。" in page
    other = words(Person(app, "committee2").get("/committee"))
    assert "3 条记录等您审。" in other and "回避" not in other


def test_working_days_count_without_weekends_and_holidays():
    wednesday = date(2026, 11, 25)
    assert working_days_left(wednesday, date(2026, 12, 2)) == 5
    assert working_days_left(wednesday, wednesday) == 0
    assert working_days_left(date(2026, 11, 27), date(2026, 11, 30)) == 1  # Friday to Monday
    assert working_days_left(date(2026, 11, 30), date(2026, 11, 27)) == -1
    assert working_days_left(date(2025, 9, 30), date(2025, 10, 9)) == 1  # the National Day week


def test_objections_stand_with_their_working_days_and_locks(app: Flask, ruled: Village):
    record = submitted(ruled, "H002")
    assert approved(record, "committee") == "posted"
    raise_objection(db.session(), RaiseObjection(uuid.uuid4(), record, "那天没有看见他。"), by=actor("supervisor"),
                    at=clock.now())
    page = words(Person(app, "committee").get("/committee"))  # approved it: somebody else judges
    assert "还剩 7 个工作日" in page and "件异议等您答复" not in page and "须由别人审核" in page
    other = words(Person(app, "committee2").get("/committee"))
    assert "1 件异议等您答复" in other and "还剩 7 个工作日" in other
    assert "那天没有看见他" not in other


def test_running_notices_are_counted_by_their_last_day(app: Flask, ruled: Village):
    record = submitted(ruled, "H005", "D01", quantity=100)
    assert approved(record, "reviewer") == "on_notice"
    waiting = waiting_for(db.session(), actor("committee"), ruled.place_code, TODAY)
    assert [one.notices for one in waiting.endings] == [1] and waiting.endings[0].day > TODAY
    assert "期满 1 条" in words(Person(app, "committee").get("/committee"))


def test_points_in_and_out_by_month_are_net_of_corrections(app: Flask, ruled: Village):
    book, january = Passbook(ruled, "H002"), date(TODAY.year, 1, 1)
    Passbook(ruled, "H003").earned(400, first_month(TODAY), rule="E01")
    Passbook(ruled, "H004").carried(7000, TODAY)  # from the paper passbook: no issue of the year
    book.earned(1000, TODAY)
    book.taken_back(book.earned(300, TODAY), TODAY)
    book.shopped(TODAY, 150, 50)
    book.deducted(60, TODAY)
    year = year_of(db.session(), ruled.book_id, ruled.place_code, TODAY)
    assert year.flows[-1] == (TODAY.replace(day=1), 1000, 200) and year.flows[0].earned >= 400
    assert (year.this_month, year.redeemed, year.deducted) == (1000, 200, 60)
    assert year.issued == 1000 + (400 if first_month(TODAY) >= january else 0)
    assert dict(year.categories) == {"志愿服务": 1000, "环境卫生": 400}
    hand = in_hand(db.session(), ruled.book_id, ruled.place_code, TODAY)
    assert (hand.points, hand.households, hand.in_the_red) == (1000 - 200 - 60 + 400 + 7000, 24, 0)
    page = words(Person(app, "committee").get("/committee"))
    assert "本月发出 10.00 分" in page and "今年兑换 2.00 分" in page and "各户手里还有 81.40 分 24 户" in page


def test_the_year_is_the_twelve_months_up_to_today_of_the_place_and_below():
    assert months_since(first_month(date(2026, 3, 31))) == [
        *(date(2025, month, 1) for month in range(4, 13)), *(date(2026, month, 1) for month in range(1, 4))]
    assert [code_prefix(code) for code in ("230199000000", "230199100000", "230199100200")] == [
        "230199", "230199100", "230199100200"]


def test_a_record_taken_back_of_late_is_told_with_its_reason(app: Flask, ruled: Village):
    record = submitted(ruled, "H002")
    approved(record)
    void_record(db.session(), VoidRecord(uuid.uuid4(), record, "核查签到表,当天不在场"), by=actor("committee"),
                at=clock.now())
    page = words(Person(app, "committee").get("/committee"))
    assert "近来的更正" in page and "核查签到表,当天不在场" in page and "−2.00 分" in page


def test_a_tap_on_a_star_leads_to_its_verdict(app: Flask, ruled: Village):
    s, at = db.session(), clock.now()
    publish_scheme(s, scheme_from_json(scheme_data(), key=uuid.uuid4(), place_code=COUNTY), by=SYSTEM,
                   at=at - timedelta(days=400))
    cycle = open_cycle(s, OpenCycle(uuid.uuid4(), ruled.place_code, TODAY.year), by=actor("committee"), at=at)
    run_evaluation(s, RunEvaluation(uuid.uuid4(), cycle), by=actor("committee"), at=at)
    member = Person(app, "committee")
    page = member.get("/committee")
    cells = re.findall(r'href="(/committee/ratings/[0-9a-f-]+/H[0-9]{3}#S[0-9]{2})"', page)
    assert len(cells) == 24 * 10 and "群众评议打分" in words(page)
    path, _, star = cells[17].partition("#")
    assert f'id="{star}"' in member.get(path)


@pytest.mark.parametrize("login", ["recorder", "reviewer", "clerk", "storekeeper", "auditor", "admin"])
def test_others_have_no_business_here(app: Flask, ruled: Village, login: str):
    answer = Person(app, login).client.get("/committee")
    assert answer.status_code == 403 and "<main" in answer.text


def test_the_town_sees_the_sums_and_its_villages_without_names_of_stars(app: Flask, ruled: Village):
    Passbook(ruled, "H002").earned(1000, TODAY)
    page = words(Person(app, "office").get("/committee"))
    assert "本月发出 10.00 分" in page and "各村" in page and "向阳村" in page and "各户手里还有" not in page


def test_the_next_village_sees_nothing_of_this_one(hamlet: Hamlet):  # noqa: F811
    hamlet.submit("V01", "H002", 0)
    when = date(2026, 3, 10)
    assert waiting_for(hamlet.s, hamlet.staff["committee"], VILLAGE, when).to_approve == 1
    theirs = waiting_for(hamlet.s, hamlet.staff["next_village"], NEXT, when)
    assert (theirs.heaps, theirs.aside, theirs.objections, theirs.endings) == ([], [], [], [])


def count(s: Session, by: object) -> int:
    s.rollback()
    with counted() as seen:
        waiting_for(s, by, "230199100200", TODAY)  # type: ignore[arg-type]
    return len(seen)


def test_what_waits_costs_the_same_for_many_records(app: Flask, ruled: Village):
    submitted(ruled, "H001")
    cleaned(ruled, count=1)
    by = actor("committee")
    few = count(db.session(), by)
    for activity in range(3):
        cleaned(ruled, count=18, title=f"第{activity}次清雪")
    assert count(db.session(), by) == few


def test_the_api_tells_the_same(app: Flask, ruled: Village):
    cleaned(ruled)
    submitted(ruled, "H001")
    told = Person(app, "committee").client.get("/api/v1/committee").get_json()
    assert told["to_approve"] == 3 and sum(heap["locked"] for heap in told["heaps"]) == 1
    assert len(told["months"]) == 12 and told["objections"] == [] and told["issued"] == 0


def test_the_page_speaks_both_languages_and_both_sizes(app: Flask, ruled: Village):
    cleaned(ruled)
    member = Person(app, "committee")
    assert 'lang="en"' in member.get("/committee?lang=en")
    member.client.set_cookie("pb_view", "elder")
    assert 'data-view="elder"' in member.get("/committee")


def test_in_english_the_year_names_what_points_were_earned_for_in_english(app: Flask, ruled: Village):
    record = submitted(ruled, "H005")
    assert approved(record) == "posted"
    page = Person(app, "committee").get("/committee?lang=en")
    assert "Volunteering" in page and "志愿服务" not in page
