"""The rule editor through its pages: checked, completed, tried on a household and on last year, published."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from pointsbank import clock
from pointsbank.database import db
from pointsbank.eligibility import rule_on
from pointsbank.eligibility.showing import as_markdown
from pointsbank.ratings import scheme_on
from redemption.demo.people import Village as DemoVillage
from tests.pointsbank.ratings import village as making
from tests.pointsbank.ratings.test_pages import bank, signed_in, tokens  # noqa: F401  the fixture
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
