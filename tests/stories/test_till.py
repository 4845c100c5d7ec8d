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


def test_escape_clears_and_never_leaves_the_till(till: Page):
    till.goto("/goods")
    till.locator('a[href="/till"]').first.click()  # there is a page of ours to go back to
    till.wait_for_url("**/till")
    scan(till, "H007", "P01")
    in_basket(till, "H007", "P01*1")
    till.keyboard.type("xia")
    for _ in range(4):
        till.keyboard.press("Escape")
    expect(till.locator(".who-ask")).to_be_visible()
    till.wait_for_timeout(PAUSE_MS)
    assert till.url.endswith("/till")
    expect(till.locator("#code")).to_be_focused()
    scan(till, "H007", "P01")
    in_basket(till, "H007", "P01*1")
    till.wait_for_timeout(PAUSE_MS)
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_be_visible()
    till.keyboard.press("Escape")
    expect(till.locator("[data-answer]")).to_be_hidden()
    assert till.url.endswith("/till")


def test_an_unknown_code_is_acknowledged_before_enter_sells_again(till: Page, market: Market):
    scan(till, "H007", "P01")
    in_basket(till, "H007", "P01*1")
    till.keyboard.type("zzz")
    expect(till.locator(".tile:visible")).to_have_count(22)
    till.keyboard.press("Enter")
    refusal = till.locator(".till-notice")
    expect(refusal).to_contain_text("没有“ZZZ”这个户号,也没有这个商品")
    expect(till.locator("#code")).to_have_value("")
    expect(till.locator(".tile:visible")).to_have_count(22)
    picture(till, "till-unknown")
    scan(till, "P01")
    in_basket(till, "H007", "P01*2")
    expect(refusal).to_be_visible()  # a good scan does not wipe away what nobody has read
    till.wait_for_timeout(PAUSE_MS)
    till.keyboard.press("Enter")
    expect(refusal).to_be_hidden()
    market.s.rollback()
    assert market.rows()["sale"] == 0
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("−6.00")


def test_once_more_has_the_enter_but_not_the_scanners(till: Page, market: Market):  # C67
    for _ in range(2):
        scan(till, "H007", "P01")
        in_basket(till, "H007", "P01*1")
        till.wait_for_timeout(PAUSE_MS)
        till.keyboard.press("Enter")
        till.wait_for_selector("[data-answer], #till-again")
    yes = till.locator("#till-again [name=confirm_again]")
    expect(yes).to_be_focused()
    till.keyboard.press("Enter")  # a scanner's second line end
    till.wait_for_timeout(PAUSE_MS)
    market.s.rollback()
    assert market.rows()["sale"] == 1
    expect(yes).to_be_focused()
    till.keyboard.press("Enter")
    expect(till.locator("[data-answer]")).to_contain_text("48.00")
    market.s.rollback()
    assert market.rows()["sale"] == 2


def test_a_name_is_found_and_stays_out_of_addresses(till: Page):
    asked: list[str] = []
    till.on("request", lambda request: asked.append(request.url))
    scan(till, "王德顺")
    expect(till.locator('.till-zones[data-who="H001"]')).to_be_attached()
    assert asked and not [url for url in asked if "%E7" in url or "王" in url]


def test_an_ended_session_leads_to_the_staff_form_and_back(till: Page):
    till.context.clear_cookies()
    scan(till, "H007")
    till.wait_for_url("**/login?kind=staff&next=%2Ftill")
    expect(till.locator("main")).to_contain_text("没有办成")


def test_no_name_of_a_good_is_cut_at_the_till(till: Page, market: Market):
    open_now(market, minimum_points=500, month_points=6000, large_points=10000)
    cut = ("all => all.filter(name => name.scrollHeight > name.clientHeight + 8 "
           "|| name.scrollWidth > name.clientWidth + 1).map(name => name.textContent)")
    for code, name in (("H001", "till-shelf"), ("H023", "till-red")):
        scan(till, code)
        expect(till.locator(f'.till-zones[data-who="{code}"]')).to_be_attached()
        picture(till, name)
        assert till.locator(".tile-name").evaluate_all(cut) == []
        assert till.evaluate("(z => z.scrollHeight - z.clientHeight)(document.querySelector('.zone.shelf'))") <= 1
    till.set_viewport_size(PHONE)
    till.locator('[data-go="who"]').click()
    picture(till, "till-phone-red")


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
