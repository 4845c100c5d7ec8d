"""The till in a real browser: a scanner faster than the line, an answer that got lost, a screen without scrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy.orm import Session

from tests.conftest import LOADERS
from tests.redemption.a_shop import Market, load_market, market_in
from tests.redemption.at_the_till import open_now
from tests.stories.conftest import PHONE, picture, sign_in

LOADERS["market"] = load_market
PASSWORD = "xiangyang2026"
PAUSE_MS = 600  # a hand on Enter is slower than a scanner


@pytest.fixture
def market(s: Session) -> Market:
    return market_in(s)


@pytest.fixture
def till(market: Market, new_page: Callable[..., Page]) -> Page:
    """The clerk's screen, ready."""
    open_now(market)
    page = new_page()
    sign_in(page, "clerk", PASSWORD)
    page.goto("/till")
    return page


def scan(page: Page, *codes: str) -> None:
    """As a scanner types: at once, an Enter after each code."""
    for code in codes:
        page.keyboard.type(code, delay=0)
        page.keyboard.press("Enter")


def in_basket(page: Page, household: str, items: str) -> None:
    expect(page.locator(f'.till-zones[data-who="{household}"][data-items="{items}"]')).to_be_attached()


def test_a_scanner_faster_than_the_line_loses_nothing_and_the_answer_is_large_and_green(till: Page, market: Market):
    scan(till, "H007", "P01", "P01", "012345678905", "P09")
    till.keyboard.press("Enter")  # the second line end of a scanner: no sale
    in_basket(till, "H007", "P01*3 P09*1")
    till.keyboard.press("-")
    in_basket(till, "H007", "P01*3")
    assert till.evaluate("document.querySelector('.till-zones').getBoundingClientRect().bottom") <= 720
    assert till.evaluate("(z => z.scrollHeight - z.clientHeight)(document.querySelector('.zone.shelf'))") <= 1
    picture(till, "till-basket")
    till.wait_for_timeout(PAUSE_MS)
    till.keyboard.press("Enter")
    answer = till.locator("[data-answer]")
    for figure in ("54.00", "−9.00", "45.00", "0001"):
        expect(answer).to_contain_text(figure)
    picture(till, "till-answer")
    expect(answer).to_be_hidden(timeout=6000)
    expect(till.locator("#code")).to_be_focused()
    market.s.rollback()
    assert market.points("H007") == 4500


def test_an_answer_that_got_lost_is_asked_for_again_and_charged_once(till: Page, market: Market):  # C22
    scan(till, "H001", "P13")
    in_basket(till, "H001", "P13*1")
    till.wait_for_timeout(PAUSE_MS)

    def lose(route: Route) -> None:
        route.fetch()  # the sale reaches the bank, its answer does not come back
        route.abort()

    till.route("**/till/sales", lose)
    till.keyboard.press("Enter")
    expect(till.locator(".till-said")).to_contain_text("不会重复扣分")
    till.unroute("**/till/sales")
    till.keyboard.press("Enter")
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("已经办过,没有再扣分")
    market.s.rollback()
    assert (market.points("H001"), market.rows()["sale"]) == (14600 - 4000, 1)


def test_a_refusal_stands_in_its_line_and_the_confirm_button_waits(till: Page):
    scan(till, "H007", "P01", "P19")
    wrong = till.locator(".cart-line.wrong")
    expect(wrong).to_contain_text("有未满 18 周岁成员的家庭可兑")
    expect(till.locator("#till-confirm")).to_be_disabled()
    till.keyboard.press("Escape")
    expect(till.locator(".who-ask")).to_be_visible()


def test_on_a_phone_the_three_zones_are_three_steps(market: Market, new_page: Callable[..., Page]):
    open_now(market)
    page = new_page(PHONE)
    sign_in(page, "clerk", PASSWORD)
    page.goto("/till")
    expect(page.locator(".zone.shelf")).to_be_hidden()
    picture(page, "till-phone-who")
    scan(page, "H001")
    expect(page.locator(".zone.shelf")).to_be_visible()
    picture(page, "till-phone-shelf")
    page.locator('.tile[data-sku="P01"]').click()
    expect(page.locator(".zone.what")).to_be_visible()
    picture(page, "till-phone-confirm")
    page.locator("#till-confirm").click()
    expect(page.locator("[data-answer]")).to_contain_text("143.00")
