"""Through the pages: a deed behind an honour is undone by its real record, and everybody sees what follows."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

from flask import Flask

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.database import db
from pointsbank.honours import PublishNotice, publish_notice
from pointsbank.ratings import (
    ConfirmCycle,
    FreezeCycle,
    OpenCycle,
    confirm_cycle,
    freeze_cycle,
    open_cycle,
    publish_scheme,
    scheme_from_json,
)
from redemption.demo.people import Village
from tests.api_writes import World
from tests.api_writes_honours import SCHEME, honour_in
from tests.demo_today import bare_today  # noqa: F401
from tests.visitor import Visitor

HELPER = {**SCHEME, "code": "helpers", "terms": {"kind": "title", "rhythm": "year"},
          "bands": [{"code": "helper", "name": {"zh": "热心户", "en": "helpers"}, "stars": 1}],
          "stars": [{"code": "E1", "name": {"zh": "一小时星", "en": "One hour"}, "rule": "hours >= 1"}]}


def awarded_for_an_hour(w: World) -> tuple[str, str, str]:
    """(record, cycle, honour): H005 served an hour and was awarded for it."""
    record, s = w.approved("H005", minutes=60), db.session()
    by, at = system_actor(w.village.book_id, "test"), clock.now()
    publish_scheme(s, scheme_from_json(HELPER, key=uuid4(), place_code="230199000000"), by=by, at=at)
    cycle = open_cycle(s, OpenCycle(uuid4(), w.place, w.today.year, "helpers"), by=by, at=at)
    freeze_cycle(s, FreezeCycle(uuid4(), cycle), by=by, at=at)
    confirm_cycle(s, ConfirmCycle(cycle), by=by, at=at)
    publish_notice(s, PublishNotice(uuid4(), cycle), by=by, at=at - timedelta(days=10))
    w.by("committee2").done(f"/honours/cycles/{cycle}/award")
    return record, str(cycle), honour_in(w, str(cycle), "H005")


def verdict_on(page: str) -> list[str]:
    """The sentence and criteria of a star's page."""
    return re.findall(r'<p class="sentence">.*?</p>|<li class="criterion.*?</li>', page, re.S)


def test_a_voided_record_marks_the_evidence_and_the_old_verdict_reads_as_before(
        app: Flask, bare_today: Village) -> None:  # noqa: F811
    w = World(app, bare_today)
    record, cycle, honour = awarded_for_an_hour(w)
    committee = Visitor(app, "committee")
    why = f"/committee/ratings/{cycle}/H005/E1"
    before = committee.page(why)
    assert "评定以后已更正" not in before and len(verdict_on(before)) == 2
    w.by("committee2").done(f"/records/{record}/void", {"reason": "签到表是假的"})
    after = committee.page(why)
    assert "评定以后已更正" in after and verdict_on(after) == verdict_on(before)
    assert "有 1 笔荣誉的依据被更正了" in committee.page("/committee")
    assert "现在复核" in committee.page("/committee/honours")
    assert w.by("committee").done("/honours/rechecks") == {"queued": 1, "losing": 1}
    desk = committee.page("/committee/honours")
    assert "依据被更正,要复核" in desk and f"/committee/honours/{honour}" in desk
    page = committee.page(f"/committee/honours/{honour}")
    assert "按现在的账,不再符合" in page and "还差 1 小时" in page and "更正公示(草稿)" in page
    assert "更正经两人决定以后才能发布" in page and "1 颗星" in page


def test_the_committee_follows_the_recheck_with_two_people_and_the_correction_hangs_out(
        app: Flask, bare_today: Village) -> None:  # noqa: F811
    w = World(app, bare_today)
    record, cycle, honour = awarded_for_an_hour(w)
    w.by("committee2").done(f"/records/{record}/void", {"reason": "签到表是假的"})
    w.by("committee").done("/honours/rechecks")
    committee, supervisor = Visitor(app, "committee"), Visitor(app, "supervisor")
    path = f"/committee/honours/{honour}"
    committee.send(committee.form(path, f"{path}/measures"))            # as the page proposes it: the figures' stars
    assert "这是您提出的" in committee.page(path)
    form = supervisor.form(path, f"{path}/measures/")
    supervisor.send(form, agreed="true")
    page = committee.page(path)
    assert "更正后不再符合" in page and "已按复核更正" in page
    committee.send(committee.form(path, f"{path}/corrections/"))
    public = app.test_client().get(f"/public/honours?place={w.place}").text
    assert "原公布 1 颗星、热心户" in public and "更正后不再符合" in public
    head = w.village.households["H005"].head_name
    assert head not in public                                    # masked for everybody
    assert UUID(cycle)


def test_the_notice_and_the_certificate_print_for_whom_they_are(app: Flask, bare_today: Village) -> None:  # noqa: F811
    w = World(app, bare_today)
    _, cycle, honour = awarded_for_an_hour(w)
    family, neighbour, committee = (Visitor(app, "H005"), Visitor(app, "H006"), Visitor(app, "committee"))
    assert family.client.get(f"/honours/{honour}/certificate.pdf").data.startswith(b"%PDF")
    assert neighbour.client.get(f"/honours/{honour}/certificate.pdf").status_code == 404
    assert committee.client.get(f"/committee/honours/cycles/{cycle}/notice.pdf").data.startswith(b"%PDF")
    assert "热心户" in family.page("/honours/mine") and "证书编号" in family.page("/honours/mine")
    assert committee.client.get(f"/honours/{honour_in(w, cycle, 'H006')}/certificate.pdf").status_code == 409
