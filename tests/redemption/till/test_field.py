"""The till's one field: what a scan or a typed word does, what it says when it cannot, and what never enters a URL."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from pointsbank.access.web import COOKIE
from pointsbank.people import AddHousehold, AddPerson, add_household, add_person
from tests.redemption.a_shop import TODAY, give_points
from tests.redemption.at_the_till import Browser, open_now, words


@pytest.fixture
def counter(app, market):
    open_now(market, minimum_points=500, month_points=6000, large_points=10000)
    return Browser(app, "clerk")


def typed(counter: Browser, **form: str) -> str:
    """What the page shows after a word in the field, without the script."""
    answer = counter.post("/till", **form)
    if answer.status_code == 303:
        return counter.get(answer.location)
    assert answer.status_code == 200
    return words(answer.text)


def field(page: str) -> str:
    found = re.search(r'<input class="scan-input"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("given", ["zzz", "P99", "H999", "无此物"])
def test_what_is_neither_household_nor_good_gets_one_sentence_and_an_empty_field(counter, given):
    page = typed(counter, who="H001", items="P01*2", code=given)
    assert f"没有“{given.upper()}”这个户号,也没有这个商品" in page
    assert field(page) == "" and 'name="items" value="P01*2"' in page and 'value="H001"' in page


def test_several_matches_keep_the_word_to_choose_from(counter):
    assert field(typed(counter, who="H001", code="洗")) == "洗"


@pytest.mark.parametrize("form", [{"code": "P01"}, {"code": "nsp"}, {"add": "P01"}])
def test_goods_before_a_household_are_not_lost_silently(counter, form):
    page = typed(counter, **form)
    assert "先扫户码" in page.split("till-notice")[1] and "没有放进篮子" in page
    assert 'name="items" value=""' in page


def test_a_person_is_found_by_name_and_the_name_stays_out_of_addresses(counter):
    answer = counter.post("/till", code="王德顺")
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.location).query)["who"] == ["H001"]
    assert "王" not in answer.location and "%E7" not in answer.location
    by_script = counter.post("/till", script=True, code="王德顺")
    assert by_script.status_code == 200 and 'data-who="H001"' in by_script.text
    assert 'data-who="H001"' not in counter.get("/till", code="王德顺")


def test_two_households_of_one_name_are_told_apart_by_their_codes(counter, market):
    place = market.village.place_code
    home = add_household(market.s, AddHousehold(place, "H901", 1, TODAY))
    add_person(market.s, AddPerson(home.book_id, home.id, "王德顺", TODAY, is_head=True))
    page = typed(counter, code="王德顺")
    assert "不止一户" in page and "H001、H901" in page


def test_an_empty_wallet_lacks_points_on_every_tile_it_cannot_pay(counter, market):
    give_points(market.s, market.village, "H022", -1800, "to nothing")
    page = counter.get("/till", who="H022")
    tiles = page.split('<button class="tile')[1:]
    assert len(tiles) == 22 and all(tile.startswith(" no") for tile in tiles)
    assert sum("积分不够" in tile for tile in tiles) == 20  # couplets and school things have a reason of their own
    assert "还差 6.00 分" in counter.get("/till", who="H022", items="P01*2")


def test_in_the_red_everything_is_grey_and_says_that_new_points_fill_the_hole_first(counter):
    page = counter.get("/till", who="H023")
    tiles = page.split('<button class="tile')[1:]
    assert all(tile.startswith(" no") and "新分先补欠分" in tile for tile in tiles)
    assert "新得的分先补上欠的 5.00 分" in page


def test_the_month_says_that_large_goods_are_outside_it(counter):
    page = counter.get("/till", who="H001")
    assert "本月还可兑</span> 60.00" in page and "100.00 分以上的大件不算" in page


def test_after_a_session_has_ended_the_till_leads_to_the_staff_form(counter):
    counter.client.delete_cookie(COOKIE)
    form = {"who": "H001", "items": "P01*2", "shop": "230199100200"}
    answer = counter.post("/till/sales", **form)
    assert (answer.status_code, answer.location) == (303, "/login?kind=staff&next=%2Ftill")
    assert "没有办成" in counter.get(answer.location)
    assert counter.client.get("/till/sales").location == "/login?kind=staff&next=%2Ftill%2Fsales"
    asked = counter.post("/till/sales", script=True, **form)
    assert (asked.status_code, asked.headers["X-Till-Go"]) == (401, "/login?kind=staff&next=%2Ftill")
