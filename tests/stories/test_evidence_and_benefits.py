"""An officer makes a pack, follows a figure to its transactions, registers what the county decided; a benefit shows up.

In a real browser, on a desk and on a phone; the pack also without script, by reloading.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.benefits import PublishBenefit, publish_benefit
from pointsbank.database import db
from redemption.demo.people import Village
from tests.reports.packs.test_packs import deed
from tests.reports.papers import text_of
from tests.stories.conftest import DESKTOP, PHONE, picture, sign_in

STAFF, PIN = "xiangyang2026", "202611"


def living(village: Village) -> None:
    """A talk and three hours of service last week; whoever earned ten points has a benefit."""
    s, day = db.session(), clock.today() - timedelta(days=7)
    deed(s, village, "H001", "L01", day, 200, at=clock.now())
    deed(s, village, "H001", "V01", day, 1000, minutes=180, at=clock.now())
    publish_benefit(s, PublishBenefit(
        uuid.uuid4(), village.place_code, "B05", "welfare", "春节慰问礼包", "A parcel",
        {"gives_zh": "领一份米面油", "gives_en": "rice and oil"}, "earned >= 10", day, "纪要第 5 号"),
        by=system_actor(village.book_id, "test"), at=clock.now())


def test_from_a_figure_on_paper_back_to_its_transaction(app: Flask, village: Village,
                                                        new_page: Callable[..., Page]) -> None:
    living(village)
    page = new_page(DESKTOP)
    sign_in(page, "committee", STAFF)
    page.goto("/packs")
    page.select_option("select[name=kind]", "family")
    page.get_by_role("button", name="生成").click()
    expect(page.locator("[role=alert]").first).to_contain_text("户号")  # kept, and told what is missing
    page.fill("input[name=household]", "H001")
    page.fill("input[name=start]", str(clock.today() - timedelta(days=30)))
    page.get_by_role("button", name="生成").click()
    expect(page.get_by_role("link", name="打印 PDF")).to_be_visible(timeout=60_000)
    picture(page, "pack-1280")
    address = page.url
    assert "文明家庭推荐证据包" in text_of(page.request.get(f"{address}.pdf").body())
    page.locator("a[href$='/figures/F51']").click()
    expect(page.locator("main")).to_contain_text("时长账")
    expect(page.locator("main")).not_to_contain_text("MINUTE")
    expect(page.get_by_text("两个数一样。")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/reviews/new")
    page.fill("input[name=household]", "H001")
    page.fill("input[name=title]", "县文明家庭")
    page.fill("input[name=decided_by]", "演示县文明办")
    page.fill("input[name=decided_on]", str(clock.today()))
    page.fill("input[name=document_no]", "演文明〔2026〕3号")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("演文明〔2026〕3号")).to_be_visible()
    page.goto("/benefits/B05")
    expect(page.get_by_text("本年获得积分不少于 10.00 分:现在 12.00 分,符合。")).to_be_visible()
    picture(page, "benefit-1280")

    phone = new_page(PHONE)
    sign_in(phone, "H001", PIN, "household")
    expect(phone.get_by_text("县文明家庭")).to_be_visible()
    phone.goto("/benefits/mine")
    expect(phone.get_by_text("王德顺家现在享有 1 项福利和优惠。")).to_be_visible()
    picture(phone, "my-benefits-390")
    for path, name in (("/reviews/mine", "my-reviews-390"), ("/me", "me-with-benefits-390")):
        phone.goto(path)
        picture(phone, name)

    officer = new_page(PHONE)
    sign_in(officer, "auditor", STAFF)
    for path, name in (("/packs", "packs-390"), ("/benefits?place=230199100200", "benefits-390"),
                       (address, "pack-390"), (f"{address}/figures/F51", "figure-390")):
        officer.goto(path)
        picture(officer, name)
