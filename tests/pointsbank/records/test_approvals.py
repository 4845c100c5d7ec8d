"""The approvals page: heaps count what the person can pass, an import is one act, a stale tab is told the news."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.database import db
from pointsbank.records import ActivityFacts, RecordFacts, ServiceRecord, SubmitMany, submit_many
from pointsbank.records.chain import decider, is_aside, why_not
from pointsbank.records.models import RecordDecision
from redemption.demo.people import Village
from tests.pointsbank.records.test_pages import Person, actor, cleaned, head


def seen_heap(page: str) -> dict[str, str]:
    """What the page's first heap would send."""
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("group", "upto", "seen")}
    return {name: match[1] for name, match in found.items() if match}


def test_a_heap_counts_only_what_the_person_can_pass_and_names_the_rest(app: Flask, ruled: Village):
    today = clock.today() - timedelta(days=1)
    rows = tuple(RecordFacts(ruled.households[code].id, "V01", today, head(ruled, code), minutes=120,
                             activity=ActivityFacts("清扫主街")) for code in ("H001", "H002", "H004", "H005"))
    submit_many(db.session(), SubmitMany(uuid.uuid4(), rows), by=actor("recorder"), at=clock.now())
    member, other = Person(app, "committee"), Person(app, "committee2")
    page = member.get("/committee/approvals")
    assert "有 3 条等您审,分 1 堆" in page and "全部通过(3 条)" in page and "+6.00" in page and "+8.00" not in page
    assert "另 1 条须回避,由别人审。" in page
    assert "全部通过(4 条)" in other.get("/committee/approvals") and "+8.00" in other.get("/committee/approvals")
    answer = member.post("/committee/approvals", "/committee/approvals/heap", **seen_heap(page))
    page = member.get(answer.location)
    assert "通过 3 条,其中入账 3 条" in page and "没有通过" not in page and "眼下没有要您审的" in page
    assert "全部通过(1 条)" in other.get("/committee/approvals")  # a heap of one is approved like any other


def test_a_stale_tab_says_what_became_of_the_heap(app: Flask, ruled: Village):
    cleaned(ruled)
    member, other = Person(app, "committee"), Person(app, "committee2")
    stale = seen_heap(member.get("/committee/approvals"))
    other.post("/committee/approvals", "/committee/approvals/heap", **seen_heap(other.get("/committee/approvals")))
    answer = member.post("/committee/approvals", "/committee/approvals/heap", **stale)
    assert answer.status_code == 303
    assert "这些刚才已经办过了。现在:已入账 3 条。" in member.get(answer.location)


def test_the_same_press_twice_is_one_approval(app: Flask, ruled: Village):
    cleaned(ruled)
    member = Person(app, "committee")
    form = {**seen_heap(member.get("/committee/approvals")), "key": str(uuid.uuid4())}
    for _ in range(2):
        answer = member.post("/committee/approvals", "/committee/approvals/heap", **form)
        assert answer.status_code == 303
    assert "现在:已入账 3 条。" in member.get(answer.location)


def test_all_heaps_of_one_import_are_approved_in_one_act(app: Flask, ruled: Village):
    today, upload = clock.today() - timedelta(days=1), uuid.uuid4()
    rows = tuple(RecordFacts(ruled.households[code].id, "V01", today, head(ruled, code), minutes=60, started=start,
                             activity=ActivityFacts(title))
                 for title, start in (("清扫主街", 480), ("清雪", 600)) for code in ("H001", "H002", "H004"))
    outcome = submit_many(db.session(), SubmitMany(uuid.uuid4(), rows, import_id=upload), by=actor("recorder"),
                          at=clock.now())
    cleaned(ruled, title="另一个活动", count=1)
    member = Person(app, "committee")
    page = member.get("/committee/approvals")
    assert "按这次导入全部通过(4 条)" in page and "另 2 条须回避,由别人审。" in page
    assert "凭据:导入的表格" in page
    assert "导入的表格" in member.get(f"/records/{outcome.recorded[1].id}")
    form = {name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
            for name in ("import_id", "upto", "seen")}
    answer = member.post("/committee/approvals", "/committee/approvals/import", **form)
    page = member.get(answer.location)
    assert "通过 4 条,其中入账 4 条" in page and "另一个活动" in page and "按这次导入" not in page
    answer = member.post("/committee/approvals", "/committee/approvals/import", **form)
    assert "现在:已入账 4 条。" in member.get(answer.location)


def test_the_count_of_what_one_steps_aside_from_is_the_same_rule_that_refuses(app: Flask, ruled: Village):
    s = db.session()
    facts = [RecordFacts(ruled.households[code].id, "V01", clock.today(), head(ruled, code), minutes=60)
             for code in ("H001", "H010", "H002", "H004", "H005")]  # own, a relative's, three neighbours'
    made = submit_many(s, SubmitMany(uuid.uuid4(), tuple(facts)), by=actor("recorder"), at=clock.now()).recorded
    s.get_one(ServiceRecord, (ruled.book_id, made[2].id)).submitted_by = actor("committee").user_id
    s.add(RecordDecision(book_id=ruled.book_id, id=uuid.uuid4(), record_id=made[3].id, round=1, step="grid_check",
                         decision="approve", user_id=actor("committee").user_id, at=clock.now()))
    s.flush()
    waiting = s.query(ServiceRecord).filter_by(status="waiting").all()
    for by, number in ((actor("committee"), 4), (actor("committee2"), 0), (system_actor(ruled.book_id, "test"), 5)):
        who = decider(s, by, [record.id for record in waiting])
        refused = sum(why_not(record, who) is not None for record in waiting)
        counted = s.scalar(select(func.sum(is_aside(who))).where(ServiceRecord.status == "waiting"))
        assert (counted, refused) == (number, number)


def test_the_templates_do_not_glue_words_with_a_mark_of_one_language():
    for file in Path("pointsbank").glob("*/templates/**/*.html"):
        if file.parts[1] in ("records", "ratings", "committee", "me"):
            assert not re.search(r"\}\}[:(;,]\{\{", file.read_text("utf-8")), file
