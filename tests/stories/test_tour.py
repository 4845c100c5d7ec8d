"""The tour of the README, walked in a real browser through the living demo village; its six pictures are taken here.

    PICTURES=docs/pictures .venv/bin/python -m pytest tests/stories/test_tour.py     # take them anew

On SQLite only: what a screen looks like does not depend on the database. The pictures are of one screen each, in few
colours, so that the README stays light.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from pointsbank import clock
from pointsbank.database import db
from pointsbank.settings import Settings
from tests import databases
from tests.demo_today import the_lived_village
from tests.stories.conftest import DESKTOP, PHONE, ROOT, serve_in_thread, sign_in
from wsgi import create_app

STAFF, PIN = "xiangyang2026", "202611"
MOST_BYTES = 150_000


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[str]:
    """The living village, served."""
    folder = tmp_path_factory.mktemp("tour")
    urls = databases.fresh("sqlite", folder / "data", the_lived_village)
    settings = Settings(host="127.0.0.1", port=0, data_dir=folder / "data", keys_dir=keys, database_url=urls[0],
                        migrate_url=urls[1], tls_cert=None, tls_key=None, font_fallback=None)
    app = create_app(settings)
    url, stop = serve_in_thread(app, settings)
    yield url
    stop()
    with app.app_context():
        db.engine.dispose()


def take(page: Page, name: str) -> None:
    """What is on the screen, in few colours."""
    folder = ROOT / os.environ.get("PICTURES", "test-results")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as full:
        full.convert("RGB").quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size <= MOST_BYTES


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """visit(login, size) is that person, signed in at their own device."""
    contexts = []

    def make(login: str, size: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(viewport=size, base_url=address, locale="zh-CN",  # type: ignore[arg-type]
                                      timezone_id="Asia/Shanghai")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        household = login.startswith("H")
        sign_in(page, login, PIN if household else STAFF, "household" if household else "staff")
        return page

    yield make
    for context in contexts:
        context.close()


def a_sheet(folder: Path) -> Path:
    """Hours of last week: four good rows and three that are wrong in different ways."""
    day = clock.today() - timedelta(days=6)
    rows = [("H001", "王德顺", "V01", day, "2", "村道清扫"), ("H002", "李桂兰", "V01", day, "1.5", "村道清扫"),
            ("H015", "吴丽娟", "V01", day, "2", "村道清扫"), ("H013", "于海波", "V01", day, "2", "村道清扫"),
            ("H099", "王德顺", "V01", day, "2", "村道清扫"), ("H001", "王德顺", "V01", day, "25", "村道清扫"),
            ("H003", "张玉峰", "V01", "1899-12-31", "2", "村道清扫")]
    path = folder / "服务时长.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([("户号", "姓名", "细则编码", "服务日期", "时长(小时)", "活动名称"), *rows])
    return path


def test_hours_come_in_and_every_bad_row_is_named(visit, tmp_path):
    page = visit("recorder")
    page.goto("/imports")
    page.locator("input[type=file]").set_input_files(a_sheet(tmp_path))
    page.locator("main form button").first.click()
    page.wait_for_url("**/columns")
    page.get_by_role("button", name="试算").click()
    page.wait_for_url(lambda url: not url.endswith("/columns"))
    for said in ("H099", "24 小时", "1899"):
        expect(page.locator("main")).to_contain_text(said)
    page.evaluate("scrollTo(0, 0)")
    take(page, "1-import")


def test_the_committee_sees_what_waits_with_the_evidence(visit):
    page = visit("committee")
    page.goto("/committee/approvals")
    expect(page.locator("main")).to_contain_text("等您审")
    take(page, "2-approvals")


def test_a_household_reads_its_page_on_a_phone(visit):
    page = visit("H011", PHONE)
    page.goto("/me")
    expect(page.locator("main")).to_contain_text("可用")
    take(page, "3-me")


def test_a_clerk_fills_a_basket(visit):
    page = visit("clerk")
    page.goto("/till")
    for code in ("H011", "P01", "P09"):
        page.keyboard.type(code, delay=0)
        page.keyboard.press("Enter")
    expect(page.locator('.till-zones[data-who="H011"]')).to_be_attached()
    expect(page.locator('.till-zones[data-items*="P09"]')).to_be_attached()
    take(page, "4-till")


def test_the_stars_of_the_village_stand_side_by_side(visit):
    page = visit("committee")
    page.goto("/committee/ratings")
    expect(page.locator("main")).to_contain_text("H011")
    page.get_by_text("各户星级").last.evaluate("(t) => scrollTo(0, t.getBoundingClientRect().top + scrollY - 80)")
    page.wait_for_timeout(300)
    take(page, "5-stars")


def test_the_auditor_follows_an_entry_from_the_deed_to_the_books(visit):
    page = visit("auditor")
    page.goto("/audit/search?q=H011")
    page.locator("main table a").first.click()
    page.wait_for_url("**/transactions/**")
    expect(page.locator("main")).to_contain_text("来龙去脉")
    take(page, "6-audit")
