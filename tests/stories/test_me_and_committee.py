"""A family reads its passbook and says "this was not me"; the committee finds it waiting. In a real browser.

Every page of both is held to the design: nothing sticks out, nothing is too small, nothing grave for a screen reader.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from pointsbank import clock
from pointsbank.database import db
from pointsbank.ratings import OpenCycle, RunEvaluation, open_cycle, publish_scheme, run_evaluation, scheme_from_json
from pointsbank.records import Decide, RecordFacts, SubmitRecord, decide, submit_record
from redemption.demo.people import Village
from tests import databases
from tests.conftest import LOADERS
from tests.pointsbank.me.passbook import Passbook
from tests.pointsbank.ratings.village import COUNTY, SYSTEM, scheme_data
from tests.pointsbank.records.test_pages import actor, cleaned, village_with_rules
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in
from tests.stories.test_design import SMALL_PRINT, STICKS_OUT, TOO_SMALL

LOADERS["ruled"] = village_with_rules
pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
NEXT_MARCH = date(TODAY.year + 1, 3, 31)
STAFF, PIN = "xiangyang2026", "202611"
LOOKS = [(view, lang) for view in ("normal", "elder") for lang in ("zh", "en")]


@pytest.fixture
def ruled(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return databases.prepared(database_kind, village_with_rules)[1]


@pytest.fixture
def living(app: Flask, ruled: Village) -> Village:
    """A year of one family, a few deeds that wait, and a first rating."""
    book, s, at = Passbook(ruled, "H002"), db.session(), clock.now()
    for weeks in range(1, 40, 3):
        book.earned(600, TODAY - timedelta(weeks=weeks), NEXT_MARCH, minutes=360)
        book.shopped(TODAY - timedelta(weeks=weeks), 150, 100)
    deed = RecordFacts(ruled.households["H002"].id, "V01", TODAY - timedelta(days=1), ruled.person("H002", "李桂兰").id,
                       minutes=120)
    done = submit_record(s, SubmitRecord(uuid.uuid4(), deed), by=actor("recorder"), at=at)
    decide(s, Decide(uuid.uuid4(), done.id), by=actor("committee2"), at=at)
    own = RecordFacts(ruled.households["H001"].id, "V01", TODAY - timedelta(days=1), ruled.person("H001", "王德顺").id,
                      minutes=120)
    submit_record(s, SubmitRecord(uuid.uuid4(), own), by=actor("recorder"), at=at)
    cleaned(ruled)
    publish_scheme(s, scheme_from_json(scheme_data(), key=uuid.uuid4(), place_code=COUNTY), by=SYSTEM,
                   at=at - timedelta(days=400))
    cycle = open_cycle(s, OpenCycle(uuid.uuid4(), ruled.place_code, TODAY.year), by=actor("committee"), at=at)
    run_evaluation(s, RunEvaluation(uuid.uuid4(), cycle), by=actor("committee"), at=at)
    s.rollback()
    return ruled


def hold_to_the_design(page: Page, name: str, address: str, looks: list[tuple[str, str]]) -> None:
    for view, lang in looks:
        page.context.add_cookies([{"name": "pb_view", "value": view, "url": address},
                                  {"name": "pb_lang", "value": lang, "url": address}])
        page.reload()
        said = f"{name}-{view}-{lang}"
        assert page.evaluate(STICKS_OUT) == [], said
        assert page.evaluate(TOO_SMALL, 60 if view == "elder" else 48) == [], said
        assert page.evaluate(SMALL_PRINT, 24 if view == "elder" else 16) == [], said
        picture(page, said)
    found = Axe().run(page).response["violations"]
    assert not {f"{item['id']}: {node['html'][:160]}" for item in found if item["impact"] in ("serious", "critical")
                for node in item["nodes"]}, name
    page.context.add_cookies([{"name": "pb_view", "value": "normal", "url": address},
                              {"name": "pb_lang", "value": "zh", "url": address}])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_the_family_keeps_to_the_design(living: Village, address: str, new_page: Callable[..., Page],
                                                      size: dict[str, int]):
    page, width = new_page(size), size["width"]
    sign_in(page, "H002", PIN, "household")
    page.goto("/me")
    entry = page.locator(".entries a").first.get_attribute("href")
    for name, path in (("me", "/me"), ("me-code", "/me/code"), ("me-entry", str(entry))):
        page.goto(path)
        hold_to_the_design(page, f"{name}-{width}", address, LOOKS if name == "me" else LOOKS[::3])


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_committees_home_keeps_to_the_design(living: Village, address: str, new_page: Callable[..., Page],
                                                 size: dict[str, int]):
    page = new_page(size)
    sign_in(page, "committee", STAFF)
    assert page.url.endswith("/committee")
    hold_to_the_design(page, f"committee-{size['width']}", address, LOOKS)


def test_this_was_not_me_reaches_the_committee(living: Village, address: str, new_page: Callable[..., Page]):
    family, member = new_page(PHONE), new_page(DESKTOP)
    sign_in(family, "H002", PIN, "household")
    assert family.locator(".sentence").first.inner_text().startswith("李桂兰家可用")
    family.locator(".entries a").first.click()
    family.get_by_role("link", name="这不是我做的").click()
    family.get_by_label("哪里不对").fill("那天我在镇上看病。")
    family.get_by_role("button", name="提出异议").click()
    family.get_by_text("异议已收到").wait_for()
    sign_in(member, "committee", STAFF)
    member.get_by_text("还剩 7 个工作日").wait_for()
    assert "1 件异议等您答复" in member.locator(".sentence").first.inner_text()
    assert member.get_by_text("这条涉及您本户,须回避。").is_visible()
    member.get_by_role("link", name="清扫主街").click()
    member.get_by_role("button", name="全部通过").click()
    member.get_by_text("通过 3 条").wait_for()


def test_the_code_alone_is_on_the_screen(living: Village, address: str, new_page: Callable[..., Page]):
    page = new_page(PHONE)
    sign_in(page, "H002", PIN, "household")
    page.goto("/me/code")
    box = page.locator(".code-picture").bounding_box()
    assert box and box["width"] >= 330 and box["y"] + box["height"] <= PHONE["height"]
    assert not page.locator(".tabs").is_visible() and not page.locator(".strip").is_visible()
    page.get_by_role("link", name="收起").click()
    page.wait_for_url("**/me")
