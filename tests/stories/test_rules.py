"""The rule editor in a browser: it checks and completes as one types; and a family's "why" page on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank import clock
from pointsbank.database import db
from pointsbank.ratings import publish_scheme, scheme_from_json
from redemption.demo.people import Village as DemoVillage
from tests.pointsbank.ratings import village as making
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in

STAFF, PIN = "xiangyang2026", "202611"


def bank_of(village: DemoVillage, app: Flask) -> making.Village:
    s = db.session()
    scheme = publish_scheme(s, scheme_from_json(making.scheme_data(), key=uuid4(), place_code=making.COUNTY),
                            by=making.SYSTEM, at=making.AT)
    heads = {code: some[0] for code, some in village.members.items()}
    return making.Village(s, scheme, dict(village.households), heads)


def test_the_editor_checks_completes_and_tries_while_one_types(village: DemoVillage, app: Flask, address: str,
                                                               new_page: Callable[..., Page]) -> None:
    bank = bank_of(village, app)
    year = clock.today().year - 1
    bank.deed("H002", "V01", date(year, 3, 5), 2000, minutes=20 * 60)
    bank.deed("H003", "V01", date(year, 3, 5), 700, minutes=7 * 60)
    for size, name in ((DESKTOP, "rule-editor-1280"), (PHONE, "rule-editor-390")):
        page = new_page(size)
        sign_in(page, "admin", STAFF)
        page.goto("/criteria/star.S10")
        box = page.locator("textarea[name=text]")
        box.fill("")
        box.press_sequentially("hou")
        page.locator(".rule-words button", has_text="hours 本年志愿服务时长").first.click()
        box.press_sequentially(" >= 5 and hours <= 12")
        expect(page.locator("#said")).to_contain_text("不少于 5 小时,并且本年志愿服务时长不超过 12 小时")
        box.press_sequentially(" and strs > 2")
        expect(page.locator("#said mark")).to_have_text("s")
        expect(page.locator("#said")).to_contain_text("是不是“stars”")
        box.fill("hours >= 5 and hours <= 12")
        page.get_by_role("button", name=f"用 {year} 年试").click()
        expect(page.locator("#year")).to_contain_text("会多得:1 户;会失去:1 户")
        picture(page, name)
    page.goto("/criteria/facts")
    picture(page, "facts-390")


def test_a_family_reads_on_a_phone_why_it_has_a_star_or_not(village: DemoVillage, app: Flask, address: str,
                                                            new_page: Callable[..., Page]) -> None:
    bank = bank_of(village, app)
    year = clock.today().year
    first, = bank.deed("H012", "V01", date(year, 1, 5), 1700, minutes=17 * 60)
    bank.deed("H012", "L01", date(year, 1, 6), 200, times=4)
    bank.cycle(year)
    making.run_evaluation(bank.s, making.RunEvaluation(uuid4(), bank.cycle(year)), by=making.SYSTEM, at=clock.now())
    page = new_page(PHONE)
    sign_in(page, "H012", PIN, kind="household")
    page.goto("/ratings/mine")
    expect(page.locator("#S10")).to_contain_text("现在 17 小时,还差 3 小时(12 月 31 日前)")
    expect(page.locator("#S04")).to_contain_text("还没有“群众评议均分”")
    picture(page, "why-390")
    page.locator("#S10 .more a").click()
    expect(page.locator("main")).to_contain_text("服务时长")
    picture(page, "why-star-390")
    bank.take_back(first, clock.to_day(making.AT))
    committee = new_page(DESKTOP)
    sign_in(committee, "committee", STAFF)
    committee.goto(f"/committee/ratings/{bank.cycle(year)}/H012/then-and-now")
    expect(committee.locator("main")).to_contain_text("一字不差")
    picture(committee, "then-and-now-1280")
