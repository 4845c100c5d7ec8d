"""The pages and the API of the room, with real sign-ins: what each person is offered, and what is said when refused."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import AppUser, actor_of_user, issue_token, system_actor
from pointsbank.database import db
from pointsbank.records import (
    ActivityFacts,
    DecideMany,
    RecordFacts,
    SubmitMany,
    decide_many,
    post_due_notices,
    submit_many,
)
from pointsbank.schedule import load_demo_rules
from redemption.demo.people import Village, data, load_village
from tests import databases
from tests.conftest import LOADERS
from tests.factor import go_on

STAFF = data("staff.json")
COUNTY = "230199000000"


def village_with_rules(s: Session) -> Village:
    """The demo village with its rules in force for a year."""
    at = clock.now() - timedelta(days=366)
    loaded = load_village(s, at=at)
    rules = Path(str(resources.files("redemption.demo") / "data" / "rules.json"))
    load_demo_rules(s, COUNTY, rules, by=system_actor(loaded.book_id, "test"), at=at, valid_from=clock.to_day(at))
    return loaded


LOADERS["ruled"] = village_with_rules


@pytest.fixture
def ruled(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return databases.prepared(database_kind, village_with_rules)[1]


class Person:
    """Somebody at a browser: reads pages, fills forms with the tokens the page gave."""

    def __init__(self, app: Flask, login: str, password: str = STAFF["password"], kind: str = "staff") -> None:
        self.client: FlaskClient = app.test_client()
        answer = go_on(self.client, self.client.post("/login", data={
            "kind": kind, "login": login, "password": password}))
        assert answer.status_code == 303, answer.text

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, page: str, path: str, **fields: Any) -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))
        assert token
        return self.client.post(path, data={"csrf_token": token[1], "key": str(uuid.uuid4()), **fields})


def actor(login: str) -> Any:
    user = db.session.query(AppUser).filter_by(login=login).one()
    return actor_of_user(db.session(), user)


def head(ruled: Village, code: str) -> uuid.UUID:
    return next(member.id for member in ruled.members[code] if member.is_head)


def cleaned(ruled: Village, rule: str = "V01", count: int = 3, title: str = "清扫主街") -> list[uuid.UUID]:
    """Records of one activity yesterday, submitted by the recorder."""
    today = clock.today() - timedelta(days=1)
    codes = [code for code in ruled.households if code not in ("H001", "H003", "H010", "H015")][:count]
    rows = tuple(RecordFacts(ruled.households[code].id, rule, today, head(ruled, code),
                             minutes=120 if rule == "V01" else 0, activity=ActivityFacts(title)) for code in codes)
    outcome = submit_many(db.session(), SubmitMany(uuid.uuid4(), rows), by=actor("recorder"), at=clock.now())
    assert not outcome.problems, outcome.problems
    return [one.id for one in outcome.recorded]


def test_a_worker_enters_a_deed_and_sees_its_number(app: Flask, ruled: Village):
    worker = Person(app, "recorder")
    assert "做了哪一项" in worker.get("/records/new")
    assert "做了多久" in worker.get("/records/new?rule=V01")
    answer = worker.post("/records/new?rule=V01", "/records/new", rule="V01", household="h002", person="李桂兰",
                         service_on=clock.today().isoformat(), duration="1.5小时", started="08:30", activity="送餐")
    assert answer.status_code == 303
    page = worker.get(answer.location)
    assert "已记录,编号" in page and "1 小时 30 分" in page and "08:30–10:00" in page and "× 1.00 = 1.50" in page


def test_a_refused_form_keeps_what_was_typed_and_says_what_would_be_right(app: Flask, ruled: Village):
    worker = Person(app, "recorder")
    typed = {"rule": "V01", "household": "H002", "person": "李桂兰", "service_on": clock.today().isoformat(),
             "activity": "送餐到户"}
    for wrong, said in (({"duration": "25:00"}, "一天最多 24 小时"), ({"duration": "-30分钟"}, "大于 0"),
                        ({"duration": "2", "household": "H999"}, "没有这个户号"),
                        ({"duration": "2", "person": "王五"}, "没有叫这个名字的成员")):
        answer = worker.post("/records/new?rule=V01", "/records/new", **{**typed, **wrong})
        assert answer.status_code in (422, 409) and said in answer.text and "送餐到户" in answer.text


def test_pressing_the_button_twice_shows_the_first_record(app: Flask, ruled: Village):
    worker, key = Person(app, "recorder"), str(uuid.uuid4())
    fields = {"rule": "V01", "household": "H002", "person": "李桂兰", "service_on": clock.today().isoformat(),
              "duration": "2", "key": key}
    first = worker.post("/records/new?rule=V01", "/records/new", **fields)
    again = worker.post("/records/new?rule=V01", "/records/new", **fields)
    assert first.location == again.location
    assert "已经记录过" in worker.get(again.location)


def test_the_committee_approves_an_activity_at_once(app: Flask, ruled: Village):
    cleaned(ruled)
    member = Person(app, "committee")
    page = member.get("/committee/approvals")
    assert "有 3 条等您审,分 1 堆" in page and "清扫主街" in page and "+6.00" in page
    assert "签到签退+活动记录" in page and "2 小时 × 1.00 = 2.00" in page
    group = re.search(r'name="group" value="([^"]+)"', page)
    upto = re.search(r'name="upto" value="([^"]+)"', page)
    assert group and upto
    answer = member.post("/committee/approvals", "/committee/approvals/heap", group=group[1], upto=upto[1])
    assert answer.status_code == 303
    page = member.get(answer.location)
    assert "通过 3 条,其中入账 3 条" in page and "都审完了" in page


def test_what_one_must_step_aside_from_is_shown_locked_with_the_reason(app: Flask, ruled: Village):
    home = ruled.households["H001"]  # the committee member's own
    rows = (RecordFacts(home.id, "V01", clock.today(), head(ruled, "H001"), minutes=60),)
    record, = submit_many(db.session(), SubmitMany(uuid.uuid4(), rows), by=actor("recorder"), at=clock.now()).recorded
    member, other = Person(app, "committee"), Person(app, "committee2")
    page = member.get("/committee/approvals")
    assert "这条涉及您本户,须回避" in page and "/committee/approvals/heap" not in page
    refused = member.post("/committee/approvals", f"/records/{record.id}/decision", decision="approve")
    assert refused.status_code == 403 and "须回避" in refused.text
    done = other.post("/committee/approvals", f"/committee/approvals/{record.id}", decision="approve")
    assert done.status_code == 303
    assert "已入账" in other.get(f"/records/{record.id}")


def test_returning_needs_a_reason_which_the_maker_reads(app: Flask, ruled: Village):
    record = cleaned(ruled, count=1)[0]
    member, worker = Person(app, "committee"), Person(app, "recorder")
    path = f"/records/{record}"
    assert member.post(path, f"{path}/decision", decision="return").status_code == 422
    assert member.post(path, f"{path}/decision", decision="return", reason="缺签到表").status_code == 303
    page = worker.get(path)
    assert "缺签到表" in page and "改后重报" in page
    assert "退回理由:缺签到表" in worker.get(f"{path}/edit")
    code = re.search(r'name="household"[^>]*value="([^"]+)"', worker.get(f"{path}/edit"))
    name = re.search(r'name="person"[^>]*value="([^"]+)"', worker.get(f"{path}/edit"))
    assert code and name
    done = worker.post(f"{path}/edit", f"{path}/edit", rule="V01", household=code[1], person=name[1], duration="1:30",
                       service_on=clock.today().isoformat())
    assert done.status_code == 303 and "待审核" in worker.get(path)


def on_notice(ruled: Village) -> uuid.UUID:
    record = cleaned(ruled, "D01", 1, "拾金不昧")[0]
    decide_many(db.session(), DecideMany(uuid.uuid4(), (record,)), by=actor("reviewer"), at=clock.now())
    return record


def test_everybody_reads_the_notices_with_masked_names(app: Flask, client: FlaskClient, ruled: Village):
    record = on_notice(ruled)
    page = client.get("/public/notices").text
    assert "正在公示 1 条" in page and "李*兰" in page and "李桂兰" not in page
    one = client.get(f"/public/notices/{record}").text
    assert "登录后提出异议" in one and "李桂兰" not in one
    assert client.get("/public/notices/" + str(uuid.uuid4())).status_code == 404
    assert client.post(f"/public/notices/{record}/objection", data={"text": "不对", "key": str(uuid.uuid4())}
                       ).status_code == 303  # to sign in


def test_a_villager_objects_and_another_member_answers(app: Flask, ruled: Village):
    record = on_notice(ruled)
    villager = Person(app, "H004", STAFF["household_pin"], "household")
    path = f"/public/notices/{record}"
    assert villager.post(path, f"{path}/objection", text="钱包是别人捡的").status_code == 303
    assert "已有人提出异议,正在复核" in villager.get(path)
    assert "钱包是别人捡的" not in villager.get(path)
    member = Person(app, "committee")
    assert "有异议,等复核" in member.get("/committee/approvals") and "还剩" in member.get("/committee/approvals")
    page = member.get(f"/records/{record}")
    answer = re.search(r'action="(/records/[^"]+/answer)"', page)
    assert "钱包是别人捡的" in page and answer
    post_due_notices(db.session(), ruled.book_id, at=clock.now() + timedelta(days=20))
    assert member.post(f"/records/{record}", answer[1], upheld="1", reason="失主确认另有其人").status_code == 303
    assert "未通过" in member.get(f"/records/{record}")


def test_a_correction_is_shown_with_its_reversal(app: Flask, ruled: Village):
    record = cleaned(ruled, count=1)[0]
    decide_many(db.session(), DecideMany(uuid.uuid4(), (record,)), by=actor("committee"), at=clock.now())
    member = Person(app, "committee2")
    path = f"/records/{record}"
    assert member.post(path, f"{path}/void", reason="本人当天不在村里").status_code == 303
    page = member.get(path)
    assert "已更正作废" in page and "已更正冲回" in page and "本人当天不在村里" in page


def test_a_household_reads_its_own_record_and_nobody_elses(app: Flask, ruled: Village):
    mine, other = cleaned(ruled, count=2)
    villager = Person(app, "H002", STAFF["household_pin"], "household")
    assert "李桂兰" in villager.get(f"/records/{mine}")
    assert villager.client.get(f"/records/{other}").status_code == 404


def test_the_list_is_filtered_by_its_address(app: Flask, ruled: Village):
    cleaned(ruled)
    worker = Person(app, "recorder")
    assert "清扫主街" in worker.get("/records?status=waiting&rule=V01&household=H002")
    assert "没有找到" in worker.get("/records?status=posted")
    assert "没有这个户号" in worker.get("/records?household=H999")
    assert "写法不对" in worker.get("/records?start=yesterday")
    assert "pager" in worker.get("/records?limit=2")


@pytest.mark.parametrize("path", ["/records/new", "/records/new?rule=A01", "/records/new?rule=G02", "/records",
                                  "/committee/approvals", "/public/notices"])
def test_every_page_stands_in_english_and_in_large_type(app: Flask, ruled: Village, path: str):
    login = "committee" if "committee" in path else "recorder"
    assert '<html lang="en"' in Person(app, login).get(path + ("&" if "?" in path else "?") + "lang=en")


def api(app: Flask, login: str) -> Any:
    _, token = issue_token(db.session(), login, "test", at=clock.now())
    client = app.test_client()

    def call(method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return client.open("/api/v1/records" + path, method=method, json=body, headers=headers)

    return call


def test_the_api_tells_the_same_story(app: Flask, ruled: Village):
    worker, member = api(app, "recorder"), api(app, "committee")
    deed = {"household": "H002", "person": "李桂兰", "rule": "V01", "service_on": clock.today().isoformat(),
            "duration": "3小时"}
    key = str(uuid.uuid4())
    assert worker("POST", "", deed).json["code"] == "idempotency_key_missing"
    made = worker("POST", "", deed, key)
    assert made.status_code == 201 and not made.json["replay"]
    assert worker("POST", "", deed, key).json == {**made.json, "replay": True}
    assert worker("POST", "", {**deed, "duration": "1:00"}, key).json["code"] == "key_reused"
    wrong = worker("POST", "", {**deed, "duration": "26小时"}, str(uuid.uuid4()))
    assert (wrong.status_code, wrong.json["field"], wrong.json["code"]) == (422, "duration", "bad_duration")
    assert member("GET", "/waiting").json[0]["count"] == 1
    record = made.json["id"]
    assert worker("POST", f"/{record}/decisions", {}, str(uuid.uuid4())).status_code == 403
    decided = member("POST", f"/{record}/decisions", {"decision": "approve"}, str(uuid.uuid4()))
    assert decided.json["passed"][0]["status"] == "posted"
    story = member("GET", f"/{record}").json
    assert story["row"]["points"] == 300 and story["awards"][0]["explanation"][0] == "3 小时 × 1.00 = 3.00"
    assert member("GET", "?status=posted").json["rows"][0]["id"] == record
    villager = api(app, f"{ruled.place_code}/H002")
    raised = villager("POST", f"/{record}/objections", {"text": "不是我"}, str(uuid.uuid4()))
    assert raised.status_code == 201
    answered = api(app, "committee2")("POST", f"/objections/{raised.json['objection_id']}/answer",
                                      {"upheld": True, "reason": "本人否认"}, str(uuid.uuid4()))
    assert answered.json["status"] == "voided"
    assert member("POST", f"/{record}/void", {"reason": "再次"}, str(uuid.uuid4())).json["code"] == "not_waiting"


def test_a_batch_by_the_api_names_its_bad_rows(app: Flask, ruled: Village):
    worker, member = api(app, "recorder"), api(app, "committee")
    good = {"household": "H002", "person": "李桂兰", "rule": "V01", "service_on": clock.today().isoformat(),
            "minutes": 60, "external_no": "LJ-1"}
    rows = [good, {**good, "external_no": "LJ-2", "started": "08:00", "rule": "Z99"}]
    answer = worker("POST", "/batch", {"rows": rows, "source_system": "龙江志愿"}, str(uuid.uuid4())).json
    assert len(answer["recorded"]) == 1 and answer["problems"][0]["index"] == 1
    again = worker("POST", "/batch", {"rows": [good], "source_system": "龙江志愿"}, str(uuid.uuid4())).json
    assert len(again["already"]) == 1 and not again["recorded"]
    ids = [row["id"] for row in answer["recorded"]]
    assert len(member("POST", "/decisions", {"record_ids": ids}, str(uuid.uuid4())).json["passed"]) == 1


def test_the_api_is_in_the_document(app: Flask, client: FlaskClient):
    paths = client.get("/api/openapi.json").json["paths"]
    assert {"/api/v1/records", "/api/v1/records/{record_id}/decisions",
            "/api/v1/records/{record_id}/void"} <= set(paths)


def test_a_wallets_line_is_told_in_words(app: Flask, ruled: Village):
    import ledger
    from pointsbank import accounts
    from pointsbank.records import story_of_transaction
    from pointsbank.wallets import narrate

    record = cleaned(ruled, count=1)[0]
    outcome = decide_many(db.session(), DecideMany(uuid.uuid4(), (record,)), by=actor("committee"), at=clock.now())
    home = ruled.households["H002"]
    wallet = accounts.wallet(home.id, ruled.place_code)
    lines = ledger.lines(db.session().connection(), ruled.book_id, wallet)
    assert list(narrate(db.session(), ruled.book_id, lines, "zh").values()) == [
        "清扫主街(一般志愿服务(清扫、秩序、陪伴等)) · 2 小时"]
    with app.test_request_context():
        told = story_of_transaction(db.session(), ruled.book_id, outcome.passed[0].transaction_id)
    assert told and told.objection_url and "2 小时 × 1.00 = 2.00" in told.steps
    assert any("村级审核:通过" in line for line in told.confirmations)
