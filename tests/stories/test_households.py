"""A household splits, one goes into another, one moves to the next village, a head dies. In a real browser.

Last year's statements and verdicts are read before and after: not a figure differs, and they name the head of then.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts, clock, sealing
from pointsbank.database import db, unit_of_work
from pointsbank.places import AddPlace, add_place
from redemption.demo.loading import load_demo, open_today
from redemption.demo.office import moment
from redemption.demo.people import Village
from tests import databases
from tests.conftest import LOADERS
from tests.demo_today import Api
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in

STAFF = "xiangyang2026"
pytestmark = pytest.mark.usefixtures("day_of_the_test")
TODAY = clock.today()
LAST_YEAR = (date(TODAY.year - 1, 1, 1), date(TODAY.year - 1, 12, 31))
NEXT_VILLAGE = "230199100201"


def since_last_year(s: Session) -> Village:
    """The bare village, its balances carried over last year, and a village beside it."""
    village = load_demo(s, today=TODAY, now=moment(date(TODAY.year - 1, 3, 2), 8), bare=True, out=io.StringIO())
    add_place(s, AddPlace(NEXT_VILLAGE, "village", "前进村"))
    open_today(s, at=clock.now())
    day = TODAY - timedelta(days=20)
    with unit_of_work(s):
        ledger.post(s.connection(), village.book_id, [ledger.Entry(
            "test", code, "earned", day, (ledger.Transfer(accounts.budget(home.place_code), accounts.wallet(
                home.id, home.place_code), 3000, due_on=TODAY + timedelta(days=100)),), ledger.Party(home.id),
            rule="V01", place=home.place_code) for code, home in village.households.items()], recorded_at=clock.now())
    return village


LOADERS["old_village"] = since_last_year


@pytest.fixture
def old_village(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return databases.prepared(database_kind, since_last_year)[1]


def figures(page: Page, path: str) -> list[str]:
    """Every figure a paper shows, in order, and the names on it."""
    page.goto(path)
    return re.findall(r"[−+]?\d[\d.,]*", page.locator("main").inner_text())


def papers(auditor: Page, committee: Page, cycle: str, codes: list[str], known: str) -> dict[str, list[str]]:
    read = {}
    for code in codes:
        query = f"from={LAST_YEAR[0]}&to={LAST_YEAR[1]}&place=230199100200"
        read[f"statement {code}"] = figures(auditor, f"/audit/statements/{code}?{query}&known_at={known}")
        read[f"statement now {code}"] = figures(auditor, f"/audit/statements/{code}?{query}")[:8]
        read[f"verdict {code}"] = figures(committee, f"/committee/ratings/{cycle}/{code}")
    return read


def change(page: Page, home: str, link: str, button: str, **typed: str) -> None:
    page.goto(f"/households/{home}")
    page.get_by_role("link", name=link, exact=True).click()
    for name, value in typed.items():
        field = page.locator(f"[name={name}]").first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("[name=reason]").fill("双方自愿,有协议")
    page.get_by_role("button", name=button).click()
    page.get_by_text("已办好").wait_for()


def test_households_change_and_last_years_papers_stay(app: Flask, old_village: Village,
                                                      new_page: Callable[..., Page]):
    homes, codes = old_village.households, ["H003", "H005", "H007", "H011"]
    ids = {code: str(homes[code].id) for code in codes}
    api = Api(app, "committee")
    cycle = api.done("/ratings/cycles", {"place": old_village.place_code, "year": TODAY.year - 1})["id"]
    api.done(f"/ratings/cycles/{cycle}/evaluations", {"as_of": str(LAST_YEAR[1])})
    auditor, member, office = new_page(DESKTOP), new_page(DESKTOP), new_page(DESKTOP)
    sign_in(auditor, "auditor", STAFF)
    sign_in(member, "committee2", STAFF)
    sign_in(office, "office", STAFF)
    with app.app_context():
        sealing.seal_waiting(db.engine, old_village.book_id)  # as the server does every second
    known = clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    before = papers(auditor, member, cycle, codes, known)
    assert any("146" in figure or "." in figure for figure in before["statement H003"])

    child = next(p for p in old_village.members["H003"] if not p.is_head and p.name == "宋晓燕")
    member.goto("/households")
    picture(member, "households-1280")
    member.goto(f"/households/{ids['H003']}/split")
    member.get_by_label(child.name).check()
    member.locator("[name=head]").select_option(str(child.id))
    member.locator("[name=points]").fill("9999999")
    member.locator("[name=code]").fill("H101")
    member.locator("[name=reason]").fill("儿子成家另过")
    member.get_by_role("button", name="分户").click()
    assert "分不出" in member.locator(".notice.bad").inner_text()
    assert member.locator("[name=code]").input_value() == "H101"
    picture(member, "household-split-refused-1280")
    member.locator("[name=points]").fill("10.50")
    member.get_by_role("button", name="分户").click()
    member.get_by_text("已办好").wait_for()
    picture(member, "household-split-1280")
    change(member, ids["H005"], "并入另一户", "并户", into_code="H006")
    member.set_viewport_size(PHONE)
    picture(member, "household-merged-390")
    change(office, ids["H007"], "迁到另一村", "迁移", place_code=NEXT_VILLAGE, code="Q007")
    picture(office, "household-moved-1280")
    head, heir = homes["H011"], next(p for p in old_village.members["H011"] if not p.is_head)
    change(member, ids["H011"], "登记去世", "登记", person=str(head.head_id), head=str(heir.id))
    picture(member, "household-death-390")

    assert papers(auditor, member, cycle, codes, known) == before
    auditor.goto(f"/audit/statements/H011?from={LAST_YEAR[0]}&to={LAST_YEAR[1]}")
    assert head.head_name in auditor.locator("main").inner_text()
    auditor.goto("/audit/statements/H101")
    assert "分户,从 H003 转来" in auditor.locator("main").inner_text()
    picture(auditor, "household-statement-after-1280")
    with db.engine.connect() as connection:
        assert ledger.check(connection, old_village.book_id) == []
