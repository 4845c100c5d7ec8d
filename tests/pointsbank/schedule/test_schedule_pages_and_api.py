"""What people see of the schedule, and what programs are told: the same figures, from the same functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank import clock
from pointsbank.access import AddUser, add_user, issue_token, system_actor
from pointsbank.database import db
from pointsbank.places import AddPlace, add_place
from pointsbank.schedule import load_demo_rules, rules_in_force

AT = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
RULES = Path(__file__).parents[3] / "redemption" / "demo" / "data" / "rules.json"
COUNTY, VILLAGE, ELSEWHERE = "230199000000", "230199100200", "230199100201"
BODY = {"category": "环境卫生", "item": "门前清雪", "kind": "earning", "unit": "time", "points": "2"}


@pytest.fixture
def place(app: Flask) -> str:
    """A village with a clerk, its county with an administrator; nothing published yet."""
    s = db.session()
    for code, level, name in (("230000000000", "province", "黑龙江省"), ("230100000000", "city", "哈尔滨市"),
                              (COUNTY, "county", "演示县"), ("230199100000", "town", "安和镇"),
                              (VILLAGE, "village", "向阳村"), (ELSEWHERE, "village", "永丰村")):
        add_place(s, AddPlace(code, level, name))
    for login, at_place in (("clerk", VILLAGE), ("admin", COUNTY)):
        add_user(s, AddUser(login, "staff", at_place, "only-a-test-2026", ((login, at_place),)), at=AT)
    return VILLAGE


@pytest.fixture
def published(place: str) -> None:
    load_demo_rules(db.session(), COUNTY, RULES, by=system_actor(230199, "test"), at=AT)


@pytest.fixture
def reader(client: FlaskClient, published: None) -> FlaskClient:
    """The village's clerk, with the demo's rules in force."""
    client.environ_base["HTTP_AUTHORIZATION"] = bearer("clerk")["Authorization"]
    return client


@pytest.fixture
def token(published: None) -> dict[str, str]:
    return bearer("clerk")


def bearer(login: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(db.session(), login, 'test', at=clock.now())[1]}"}


def test_everybody_who_is_signed_in_reads_the_rules_in_force(reader: FlaskClient):
    page = reader.get("/schedule?on=2026-03-05").text
    assert "34 项" in page and "一般志愿服务" in page and "每人每日上限 4.00 分" in page
    assert "−5.00 分 / 次" in page and "村(站)审核 → 匿名公示 5 天 → 入账" in page
    found = reader.get("/schedule?q=拾金").text
    assert "D01" in found and "E05</span>" not in found
    assert "没有找到" in reader.get("/schedule?q=无此项").text


def test_in_english_units_are_counted_and_levels_and_categories_have_words(reader: FlaskClient):
    page = reader.get("/schedule?lang=en").text
    assert "(s)" not in page and "at most 1 time" in page and "at most 4 times" in page and "1.00 pts / h" in page
    for code in ("V04", "E01", "A01", "B01", "G02"):
        assert "(s)" not in reader.get(f"/schedule/{code}?lang=en&quantity=2&yuan=300&on=2026-03-05").text, code


def test_a_visitor_is_asked_to_sign_in(client: FlaskClient):
    assert client.get("/schedule").status_code == 303


def test_before_anything_is_published_the_page_says_what_will_stand_there(client: FlaskClient, place: str):
    clerk = bearer("clerk")
    assert "这里还没有积分细则" in client.get("/schedule", headers=clerk).text
    assert client.get("/schedule/V01", headers=clerk).status_code == 404


def test_the_calculator_shows_every_step(reader: FlaskClient):
    page = reader.get("/schedule/V01", query_string={"hours": "5", "on": "2026-03-05", "used-0": "1.5"}).text
    assert "+2.50" in page
    for sentence in ("5 小时 × 1.00 = 5.00", "每人每日上限 4.00(已计 1.50) → 2.50,削减 2.50",
                     "每户每月上限 40.00 → 2.50,未超"):
        assert sentence in page
    assert "此前已计(每人每日上限 4.00 分)" in page


def test_a_wrong_question_keeps_what_was_typed_and_says_what_would_be_right(reader: FlaskClient):
    for query, sentence in (
            ({"hours": "25"}, "一天最多 24 小时"), ({"hours": ""}, "请写成"),
            ({"hours": "1", "on": "昨天"}, "请填有效的日期"), ({"hours": "1", "used-0": "-1"}, "请填 0 或更大的数"),
            ({"hours": "1", "on": "2024-12-31"}, "没有生效的细则 V01")):
        answer = reader.get("/schedule/V01", query_string=query)
        assert (answer.status_code, sentence in answer.text) == (422, True), query
        assert f'value="{query["hours"]}"' in answer.text


def test_each_kind_of_rule_asks_for_what_it_counts(reader: FlaskClient):
    for code, query, points in (
            ("A01", {"level": "省"}, "+30.00"), ("B01", {"yuan": "199.99"}, "+1.00"),
            ("V04", {"quantity": "1.5"}, "+2.00"), ("N01", {"quantity": "1"}, "−5.00"),
            ("V02", {"hours": "100分钟"}, "+2.50"), ("E01", {"used-1": "5"}, "0.00")):
        page = reader.get(f"/schedule/{code}", query_string=query | {"on": "2026-03-05"})
        assert (page.status_code, points in page.text) == (200, True), code


def test_a_level_must_be_chosen(reader: FlaskClient):
    answer = reader.get("/schedule/A01", query_string={"quantity": "1", "level": ""})
    assert answer.status_code == 422 and "请选择级别" in answer.text


def test_the_rules_page_speaks_english_too(reader: FlaskClient):
    assert "5 h × 1.00 = 5.00" in reader.get("/schedule/V01?hours=5&on=2026-03-05&lang=en").text


def test_a_preview_promises_what_the_posting_will_pay(client: FlaskClient, token):
    # C08: 150 and 199.99 yuan are worth 1.00 in preview and posting; the explanation prints the rounding.
    for fen in (15_000, 19_999):
        answer = client.post("/api/v1/rules/B01/value", json={"amount_fen": fen, "on": "2026-03-05"}, headers=token)
        assert answer.status_code == 200
        assert (answer.json["points"], answer.json["score"], answer.json["version"]) == (100, 100, 1)
        assert "只计整份" in answer.json["steps"][0]["sentence"]


def test_the_api_lists_rules_with_the_names_of_their_limits(client: FlaskClient, token):
    rules = client.get("/api/v1/rules?on=2026-03-05", headers=token).json
    assert len(rules) == 34
    one = next(rule for rule in rules if rule["code"] == "V01")
    assert one["body"]["points"] == "1" and one["limits"] == [{"name": "used-0", "counts": "points"},
                                                              {"name": "used-1", "counts": "points"}]
    answer = client.post("/api/v1/rules/V01/value", headers=token,
                         json={"minutes": 300, "on": "2026-03-05", "used": {"used-0": 150}})
    assert (answer.json["points"], answer.json["capped_off"], answer.json["minutes"]) == (250, 250, 300)
    assert client.get("/api/v1/rules/V01", headers=token).json[0]["version"] == 1


def test_a_wrong_question_is_a_problem_document_with_its_field(client: FlaskClient, token):
    answer = client.post("/api/v1/rules/V01/value", json={"minutes": 1500}, headers=token)
    assert (answer.status_code, answer.json["field"]) == (422, "minutes")
    answer = client.post("/api/v1/rules/A01/value", json={}, headers=token)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (422, "bad_fact", "level")
    assert client.get(f"/api/v1/rules?place={ELSEWHERE}", headers=token).status_code == 403


def test_publishing_by_the_api_works_once_per_key_and_only_for_who_may(client: FlaskClient, token):
    asked = {"place": COUNTY, "code": "E09", "body": BODY, "valid_from": "2026-01-01", "adopted_minutes": "会议纪要"}
    key = {"Idempotency-Key": str(uuid4())}
    assert client.post("/api/v1/rules", json=asked, headers=token | key).status_code == 403
    admin = bearer("admin") | key
    first = client.post("/api/v1/rules", json=asked, headers=admin)
    again = client.post("/api/v1/rules", json=asked, headers=admin)
    assert (first.status_code, first.json) == (201, again.json)
    other = client.post("/api/v1/rules", json=asked | {"body": BODY | {"points": "3"}}, headers=admin)
    assert (other.status_code, other.json["code"]) == (409, "key_reused")
    assert rules_in_force(db.session(), COUNTY, date(2026, 3, 5))["E09"].points == 200
    bad = client.post("/api/v1/rules", headers=bearer("admin") | {"Idempotency-Key": str(uuid4())}, json=asked | {
        "code": "N09", "body": BODY | {"kind": "deduction", "points": "-2", "item": "越级上访"}})
    assert (bad.status_code, bad.json["code"], bad.json["field"]) == (422, "forbidden_ground", "item")
    wrong = client.post("/api/v1/rules", headers=bearer("admin") | {"Idempotency-Key": str(uuid4())},
                        json=asked | {"code": "E10", "body": BODY | {"points": 1.5}})
    assert (wrong.status_code, wrong.json["field"]) == (422, "body.points")
