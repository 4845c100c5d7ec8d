"""Honours from above: registered with who decided, when, by which document; shown with the household and the place."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor, AppUser, actor_of_user, sign_in
from pointsbank.access.web import COOKIE
from pointsbank.database import db
from pointsbank.eligibility import facts_for
from pointsbank.errors import BadInput, KeyReused, NotAllowed, NotFound
from pointsbank.reviews import (
    RegisterResult,
    WithdrawResult,
    register_result,
    results_of_household,
    results_of_place,
    standing_by_level,
    withdraw_result,
)
from pointsbank.reviews.errors import NotDecidedYet, NotWithdrawable
from redemption.demo.people import Village, data
from tests.factor import whole

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
DECIDED = date(2026, 5, 20)


def officer(s: Session, login: str = "committee") -> Actor:
    return actor_of_user(s, s.query(AppUser).filter_by(login=login).one())


def a_family(village: Village, **more: object) -> RegisterResult:
    cmd = RegisterResult(uuid.uuid4(), village.place_code, "family", "county", "县文明家庭", "演示县文明办", DECIDED,
                         "演文明〔2026〕3号", household="H001", reviewers="妇联、民政、纪检")
    return replace(cmd, **more)  # type: ignore[arg-type]


def held(s: Session, village: Village, on: date) -> int:
    home = village.households["H001"].id
    return int(facts_for(s, village.book_id, [home], ["higher_honours"], on=on)[home]["higher_honours"])


def test_a_result_is_shown_with_the_household_and_its_place(s, village):
    register_result(s, a_family(village), by=officer(s), at=AT)
    (one,) = results_of_household(s, village.book_id, village.households["H001"].id)
    assert (one.title, one.decided_by, one.decided_on, one.document_no, one.reviewers) == (
        "县文明家庭", "演示县文明办", DECIDED, "演文明〔2026〕3号", "妇联、民政、纪检")
    for place in (village.place_code, "230199100000", "230199000000"):
        assert [view.id for view in results_of_place(s, village.book_id, place)] == [one.id]
    assert results_of_place(s, village.book_id, "230199100201") == []


def test_rules_may_ask_for_honours_from_the_day_they_were_decided(s, village):
    register_result(s, a_family(village), by=officer(s), at=AT)
    register_result(s, a_family(village, granted=False, title="省文明家庭"), by=officer(s), at=AT)
    assert (held(s, village, DECIDED - timedelta(days=1)), held(s, village, DECIDED)) == (0, 1)
    assert standing_by_level(s, village.book_id, village.place_code, "family", DECIDED) == {"county": 1}


def test_an_honour_taken_back_stays_on_file_and_counts_no_longer(s, village):
    by, honour = officer(s), register_result(s, a_family(village), by=officer(s), at=AT)
    cmd = WithdrawResult(uuid.uuid4(), honour, date(2026, 5, 30), "演文明〔2026〕9号", "复查不合格")
    withdraw_result(s, cmd, by=by, at=AT)
    assert withdraw_result(s, cmd, by=by, at=AT) == honour  # the same key again
    (one,) = results_of_household(s, village.book_id, village.households["H001"].id)
    assert (one.withdrawn_on, one.withdrawn_document) == (date(2026, 5, 30), "演文明〔2026〕9号")
    assert (held(s, village, date(2026, 5, 29)), held(s, village, date(2026, 5, 30))) == (1, 0)
    with pytest.raises(NotWithdrawable):
        withdraw_result(s, replace(cmd, key=uuid.uuid4()), by=by, at=AT)


def test_what_was_decided_lies_sealed(s, village):
    register_result(s, a_family(village), by=officer(s), at=AT)
    (sealed,) = s.execute(text("SELECT sealed FROM review_result")).scalars().all()
    assert "文明".encode() not in bytes(sealed)


def test_the_same_key_registers_once_and_never_something_else(s, village):
    cmd, by = a_family(village), officer(s)
    assert register_result(s, cmd, by=by, at=AT) == register_result(s, cmd, by=by, at=AT)
    with pytest.raises(KeyReused):
        register_result(s, replace(cmd, document_no="别的文件"), by=by, at=AT)
    assert len(results_of_place(s, village.book_id, village.place_code)) == 1


@pytest.mark.parametrize(("change", "refusal"), [
    ({"household": None}, BadInput), ({"kind": "village"}, BadInput), ({"kind": "medal"}, BadInput),
    ({"document_no": " "}, BadInput), ({"decided_on": date(2026, 6, 2)}, NotDecidedYet),
    ({"household": "H999"}, NotFound), ({"place_code": "230199100201"}, NotAllowed)])
def test_a_result_that_cannot_be_is_refused_and_leaves_nothing(s, village, change, refusal):
    with pytest.raises(refusal):
        register_result(s, a_family(village, **change), by=officer(s), at=AT)
    assert results_of_place(s, village.book_id, village.place_code) == []


def test_who_only_watches_registers_nothing(s, village):
    with pytest.raises(NotAllowed):
        register_result(s, a_family(village), by=officer(s, "auditor"), at=AT)


def test_the_committee_registers_through_the_page_and_the_family_reads_it(app: Flask, village: Village) -> None:
    def browser(login: str, password: str):  # type: ignore[no-untyped-def]
        signed = whole(db.session(), sign_in(db.session(), login, password, at=clock.now()))
        client = app.test_client()
        client.set_cookie(COOKIE, signed.token)
        return client, {"csrf_token": signed.csrf, "key": str(uuid.uuid4())}

    client, tokens = browser("committee", data("staff.json")["password"])
    form = {**tokens, "place": village.place_code, "kind": "family", "household": "h001", "level": "county",
            "title": "县文明家庭", "result": "granted", "decided_by": "演示县文明办",
            "document_no": "演文明〔2026〕3号"}
    refused = client.post("/reviews/new", data=form)  # the day is missing
    assert refused.status_code == 422 and "演文明〔2026〕3号" in refused.text
    assert client.post("/reviews/new", data={**form, "decided_on": str(clock.today())}).status_code == 303
    assert "演文明〔2026〕3号" in client.get("/reviews").text
    home, _tokens = browser(f"{village.place_code}/H001", data("staff.json")["household_pin"])
    assert "县文明家庭" in home.get("/me").text and "演文明〔2026〕3号" in home.get("/reviews/mine").text
