"""The rule editor through its pages: checked, completed, tried on a household and on last year, published."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank import clock
from pointsbank.database import db
from pointsbank.eligibility import rule_on
from pointsbank.eligibility.showing import as_markdown
from pointsbank.ratings import publish_scheme, scheme_from_json, scheme_on
from redemption.demo.people import Village as DemoVillage
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.test_pages import bank, signed_in, tokens  # noqa: F401  the fixture
from tests.pointsbank.ratings.test_schemes import data as nomination
from tests.pointsbank.ratings.village import VILLAGE

PAGE = "/criteria/star.S10"
MINUTES = "村民代表会议纪要 2026-11-20 第 7 号"


def send(client: FlaskClient, do: str, **fields: str) -> tuple[int, str]:
    answer = client.post(PAGE, data={**tokens(client.get(PAGE).text), "do": do, **fields})
    return answer.status_code, answer.text


@pytest.fixture
def admin(app: Flask, village: DemoVillage, bank: making.Village) -> FlaskClient:  # noqa: F811
    return signed_in(app, "admin")


def test_a_draft_is_read_and_said_in_two_languages_or_refused_with_its_place(admin: FlaskClient) -> None:
    page = admin.get(PAGE).text
    token = tokens(page)["csrf_token"]
    assert "本年志愿服务时长不少于 20 小时" in page and 'data-fact="hours"' in page
    good = admin.post("/criteria/check", data={"csrf_token": token, "text": "hours >= 10 and not veto_S05"}).text
    assert "这样写是对的" in good and "本年志愿服务时长不少于 10 小时,并且没有一票否决情形" in good
    assert "service hours this year at least 10 h, and no veto stands" in good
    bad = admin.post("/criteria/check", data={"csrf_token": token, "text": "hours >= 10 and hour > 3"}).text
    assert "第 17 个字符处" in bad and "<mark>h</mark>our &gt; 3" in bad and "是不是“hours”" in bad
    hostile = admin.post("/criteria/check", data={"csrf_token": token, "text": 'stars =~ "^(a+)+$"'}).text
    assert "这里不能用" in hostile
    status, page = send(admin, "check", text="hours >= 9")   # the same by the button, without a script
    assert status == 200 and "这样写是对的" in page and ">hours &gt;= 9</textarea>" in page


def test_a_draft_is_tried_on_any_household_beside_the_version_that_holds(admin: FlaskClient,
                                                                         bank: making.Village) -> None:  # noqa: F811
    today = clock.today()
    bank.deed("H002", "V01", date(today.year, 1, 5), 700, minutes=7 * 60)
    status, page = send(admin, "household", text="hours >= 8", household="h002", place=VILLAGE)
    assert status == 200
    assert "按这样写:不符合条件" in page and "还差 1 小时" in page and "按现在执行的第 1 版:不符合条件" in page
    status, page = send(admin, "household", text="hours >= 8", household="H999", place=VILLAGE)
    assert status == 404 and ">hours &gt;= 8</textarea>" in page


def test_last_year_says_who_would_gain_and_who_would_lose(admin: FlaskClient, bank: making.Village) -> None:  # noqa: F811
    year = clock.today().year - 1
    bank.deed("H002", "V01", date(year, 3, 5), 2000, minutes=20 * 60)
    bank.deed("H003", "V01", date(year, 3, 5), 700, minutes=7 * 60)
    bank.deed("H005", "E01", date(year, 3, 25), 1000)
    status, page = send(admin, "year", text="hours >= 5 and hours <= 12")
    assert status == 200 and "会多得:1 户;会失去:1 户" in page
    gain, lose = page.split("会多得</summary>")[1].split("会失去</summary>")
    assert "H003" in gain and "H002" in lose and "H005" not in page.split("id=\"year\"")[1].split("</fieldset>")[0]


def test_a_version_is_published_with_its_minutes_and_the_next_rating_takes_it(admin: FlaskClient,
                                                                              bank: making.Village) -> None:  # noqa: F811
    today = clock.today()
    fields = {"text": "hours >= 30", "title_zh": "热心公益星", "title_en": "Public spirit",
              "effective_on": today.isoformat(), "review_on": today.isoformat()}
    status, page = send(admin, "publish", **fields)
    assert status == 422 and "adopted_by" in page                       # no minutes, no rule
    assert rule_on(db.session(), "star.S10", today).version == 1
    status, page = send(admin, "publish", adopted_by=MINUTES, **fields)
    assert status == 303, re.findall('<[^>]*error[^>]*>.*', page)
    rule = rule_on(db.session(), "star.S10", today)
    assert (rule.version, rule.rule.text, rule.adopted_by) == (2, "hours >= 30", MINUTES)
    scheme = scheme_on(db.session(), VILLAGE, today)
    star = scheme.star("S10")
    assert scheme.version == 2 and star is not None and (star.rule.version, star.rule.text) == (2, "hours >= 30")
    other = scheme.star("S01")
    assert other is not None and other.rule.version == 1
    page = admin.get(PAGE).text
    assert MINUTES in page and "执行中" in page and "hours &gt;= 20 or" in page     # the old version still stands


def test_the_minutes_and_the_day_are_asked_for_and_a_refusal_names_field_and_reason(
        admin: FlaskClient, bank: making.Village) -> None:  # noqa: F811
    today = clock.today()
    page = admin.get(PAGE).text
    for name in ("title_zh", "title_en", "adopted_by", "effective_on"):
        label = page.split(f'<label for="{name}">')[1].split("</label>")[0]
        assert "可不填" not in label and re.search(f'name="{name}" required', page), name
    assert "可不填" in page.split('<label for="review_on">')[1].split("</label>")[0]
    assert re.search(r'formnovalidate[^>]* name="do" value="household"', page)      # trying asks for none of them
    good = {"text": "hours >= 30", "title_zh": "热心公益星", "title_en": "Public spirit", "adopted_by": MINUTES,
            "effective_on": today.isoformat(), "review_on": ""}
    for wrong, said in (({"adopted_by": " "}, "adopted_by"), ({"effective_on": ""}, "effective_on"),
                        ({"effective_on": (today - timedelta(days=1)).isoformat()}, "不能早于今天"),
                        ({"review_on": (today - timedelta(days=1)).isoformat()}, "复核的日子不能早于执行的日子")):
        status, page = send(admin, "publish", **{**good, **wrong})
        field = next(iter(wrong))
        assert status == 422 and said in page and f'id="{field}-error"' in page, wrong
    assert rule_on(db.session(), "star.S10", today).version == 1
    assert send(admin, "publish", **good)[0] == 303


def test_the_shops_desk_publishes_limits_of_goods_and_no_rating_rule(app: Flask, village: DemoVillage,
                                                                     bank: making.Village) -> None:  # noqa: F811
    keeper = signed_in(app, "storekeeper")
    assert "发布新的一版" not in keeper.get(PAGE).text
    page = keeper.get("/criteria/new").text
    assert "编码这样开头:goods.。" in page
    fields = {**tokens(page), "do": "publish", "title_zh": "三星以上", "title_en": "three stars", "text": "stars >= 3",
              "adopted_by": MINUTES, "effective_on": clock.today().isoformat()}
    for code in ("star.S10", "entry.ten-stars", "benefit.230199100200.B01", "anything"):
        answer = keeper.post("/criteria/new", data={**fields, "code": code})
        assert answer.status_code == 403 and "没有这项权限" in answer.text, code
    assert keeper.post(PAGE, data=fields).status_code == 403
    assert rule_on(db.session(), "star.S10", clock.today()).version == 1
    assert keeper.post("/criteria/new", data={**fields, "code": "goods.P22"}).status_code == 303
    assert rule_on(db.session(), "goods.P22", clock.today()).rule.text == "stars >= 3"


def test_a_prerequisite_published_anew_is_what_the_next_cycle_asks(admin: FlaskClient,
                                                                   bank: making.Village) -> None:  # noqa: F811
    today = clock.today()
    publish_scheme(bank.s, scheme_from_json({**nomination("civilized-family"), "effective_on": f"{today.year}-01-01"},
                                            key=uuid4(), place_code=making.COUNTY), by=making.SYSTEM, at=making.AT)
    page = admin.get("/criteria/entry.civilized-family").text
    answer = admin.post("/criteria/entry.civilized-family", data={
        **tokens(page), "do": "publish", "text": "stars >= 9", "title_zh": "参评条件", "title_en": "entry",
        "adopted_by": MINUTES, "effective_on": today.isoformat()})
    assert answer.status_code == 303, answer.text
    scheme = scheme_on(db.session(), VILLAGE, today, "civilized-family")
    assert scheme.entry is not None
    assert (scheme.version, scheme.entry.text, scheme.entry.version) == (2, "stars >= 9", 2)


def test_whom_it_is_no_business_of_may_read_rules_but_not_try_or_publish(app: Flask, bank: making.Village) -> None:  # noqa: F811
    client = signed_in(app, "H002", "household")
    page = client.get(PAGE).text
    assert "本年志愿服务时长不少于 20 小时" in page and "<textarea" not in page
    token = tokens(client.get("/me").text)["csrf_token"]
    for do in ("household", "year", "publish"):
        answer = client.post(PAGE, data={"csrf_token": token, "key": "01a21308-a6d5-7162-a8dd-00a0a1e059d7", "do": do,
                                         "text": "hours >= 1", "household": "H003", "place": VILLAGE, "title_zh": "x",
                                         "title_en": "x", "effective_on": "2026-11-25", "adopted_by": MINUTES})
        assert answer.status_code == 403, do


def test_the_catalogue_is_a_page_and_a_document_made_from_what_is_registered(admin: FlaskClient) -> None:
    page = admin.get("/criteria/facts").text
    for name in ("hours", "count_", "streak_", "jury_", "vetoed_", "stars", "pupils", "redemptions_this_year"):
        assert f"<code>{name}</code>" in page
    written = (Path(__file__).resolve().parents[3] / "docs" / "facts.md").read_text("utf-8")
    made = [line for line in as_markdown().splitlines() if not line.startswith("| `t_")]
    assert written.splitlines() == made, "run python tools/facts.py"
