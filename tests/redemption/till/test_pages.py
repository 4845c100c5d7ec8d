"""The till's pages, without JavaScript: plain forms do everything."""

from __future__ import annotations

import re
import uuid

import pytest

from pointsbank import clock
from pointsbank.database import db
from pointsbank.people import card_token
from tests.redemption.a_shop import market_in
from tests.redemption.at_the_till import Browser, open_now


@pytest.fixture
def counter(app, market):
    open_now(market)
    return Browser(app, "clerk")


def now_at(app):
    return market_in(db.session())


def test_a_card_swaps_who_a_barcode_adds_one_a_minus_takes_one_away(counter, market):
    token = card_token(market.s, market.village.book_id, market.household("H001"))
    page = counter.get("/till", code=token.lower())
    assert "王*顺" in page and "146.00" in page and "账面" in page and "冻结" in page
    assert "王德顺" not in page
    page = counter.get("/till", who="H001", code="012345678905\r")
    assert 'name="items" value="P01*1"' in page
    page = counter.get("/till", who="H001", items="P01*1", code="P01")
    assert 'value="P01*2"' in page and "140.00 分" in page
    assert 'value="P01*1"' in counter.get("/till", who="H001", items="P01*2", last="P01", code="-")
    assert 'name="who" value="H002"' in counter.get("/till", who="H001", items="P01*2", code="h002")
    assert 'value="P01*2"' not in counter.get("/till", who="H001", items="P01*2", code="h002")


def test_initials_find_a_good_and_what_cannot_be_understood_says_so(counter):
    assert 'value="P15*1"' in counter.get("/till", who="H001", code="nsp")
    for unknown in ("qqq9", "H999"):
        assert f"没有“{unknown.upper()}”这个户号,也没有这个商品" in counter.get("/till", who="H001", code=unknown)


def test_selling_leads_to_the_slip_and_a_resubmit_says_it_was_recorded_already(counter, app):  # C22
    form = {"shop": "230199100200", "who": "H001", "items": "P01*1 P13*1", "key": str(uuid.uuid4())}
    first = counter.post("/till/sales", **form)
    assert first.status_code == 303 and first.location.endswith("done=1")
    slip = counter.get(first.location)
    for figure in ("146.00", "−43.00", "103.00", "0001"):
        assert figure in slip
    again = counter.post("/till/sales", **form)
    assert again.location.endswith("done=again")
    assert "已经办过,小票 0001,没有再扣分" in counter.get(again.location)
    assert now_at(app).points("H001") == 10300


def test_a_refusal_speaks_in_the_line_it_concerns_and_keeps_the_basket(counter, app, market):
    answer = counter.post("/till/sales", shop="230199100200", who="H007", items="P01*1 P19*1")
    assert answer.status_code == 409
    line = answer.text.split('cart-line wrong')[1]
    assert "学生文具套装" in line[:400] and "有未满 18 周岁成员的家庭可兑" in line
    assert 'value="P01*1 P19*1"' in answer.text
    assert now_at(app).points("H007") == 5400


def test_the_same_basket_again_is_asked_before_it_is_sold(counter, app):  # C67
    form = {"shop": "230199100200", "who": "H007", "items": "P01*2"}
    counter.post("/till/sales", **form)
    asked = counter.post("/till/sales", **form)
    assert asked.status_code == 409 and "刚兑过同样的东西(小票 0001)" in asked.text and "是,再兑一次" in asked.text
    assert counter.post("/till/sales", confirm_again="1", **form).status_code == 303
    assert now_at(app).points("H007") == 5400 - 1200


def test_the_script_gets_the_zones_alone_and_the_green_answer(counter):
    zones = counter.client.get("/till?who=H001&items=P01*1", headers={"X-Till": "1"}).text
    assert zones.lstrip().startswith('<div class="till-zones"') and "<html" not in zones
    answer = counter.post("/till/sales", script=True, shop="230199100200", who="H001", items="P01*1")
    assert answer.status_code == 201 and "data-answer" in answer.text and "143.00" in answer.text


def test_the_till_names_what_a_household_may_not_have_today_and_why(counter):
    page = counter.get("/till", who="H007")
    bars = re.search(r"今天不能兑的 (\d+) 样", page)
    assert bars and "有未满 18 周岁成员的家庭可兑" in page
    assert "独居" not in page


def test_today_is_listed_and_a_line_goes_back_from_the_page(counter, app):
    location = counter.post("/till/sales", shop="230199100200", who="H001", items="P01*2 P13*1").location
    sale = location.split("/")[-1].split("?")[0]
    assert "王*顺" in counter.get("/till/sales")
    number = f"{clock.today():%Y%m%d}-0001"
    assert number in counter.get("/till/sales", household="H001")  # several days: the day stands with the number
    assert "没有找到“H999”" in counter.get("/till/sales", household="H999")
    page = counter.get(f"/till/sales/{sale}/return")
    assert "还可退 2" in page
    form = {"lines-0-line_no": "1", "lines-0-pieces": "1", "lines-0-to": "shelf", "lines-1-line_no": "2",
            "lines-1-pieces": "0", "lines-1-to": "shelf"}
    assert counter.post(f"/till/sales/{sale}/return", **form).status_code == 303
    assert now_at(app).points("H001") == 14600 - 4300
    damaged = counter.post(f"/till/sales/{sale}/return", **{**form, "lines-0-to": "damaged"})
    assert damaged.status_code == 409 and "两个人" in damaged.text
    done = counter.post(f"/till/sales/{sale}/return", **{**form, "lines-0-to": "damaged"},
                        second_login="supervisor", second_password="xiangyang2026")
    assert done.status_code == 303 and now_at(app).pieces("P01") == 119
    nothing = counter.post(f"/till/sales/{sale}/return", **{**form, "lines-0-pieces": "0"})
    assert nothing.status_code == 422 and "要退几件" in nothing.text


def test_a_proxy_is_put_on_file_sealed_and_offered_at_the_till(counter, s):
    from sqlalchemy import text
    form = {"shop": "230199100200", "who": "H007", "name": "孙小梅", "relation": "女儿"}
    assert counter.post("/till/proxies/H007", **form).status_code == 303
    assert "女儿" in counter.get("/till", who="H007", items="P01*1")
    assert "孙小梅".encode() not in bytes(s.execute(text("SELECT sealed FROM proxy")).scalar_one())


def test_a_storekeeper_sees_sales_but_does_not_sell_or_take_back(app, market, counter):
    location = counter.post("/till/sales", shop="230199100200", who="H001", items="P01*1").location
    keeper = Browser(app, "storekeeper")
    assert "退货" not in keeper.get(location.split("?")[0]).split("</article>")[1].split("<footer")[0]
    assert keeper.client.get("/till").status_code == 403
    assert keeper.post("/till/sales", shop="230199100200", who="H001", items="P01*1").status_code == 403


def test_strange_addresses_are_answered_calmly(counter):
    for query in ({"who": "x" * 300}, {"items": "P01*0 ;-- P01*x P99*1", "who": "H001"}, {"code": "%" * 200},
                  {"add": "NOPE", "who": "H001"}, {"key": "no", "code": "-"}):
        counter.get("/till", **query)
    assert counter.client.get("/till?shop=230199100201").status_code == 404
    assert counter.client.get(f"/till/slips/{uuid.uuid4()}").status_code == 404
    counter.get("/till/sales", day="yesterday", before="-1")


@pytest.mark.parametrize("path", ["/till", "/till?who=H001&items=P01*1", "/till/sales", "/goods", "/goods/P22",
                                  "/stock"])
def test_every_page_stands_in_english_too(counter, path):
    assert '<html lang="en"' in counter.get(path + ("&" if "?" in path else "?") + "lang=en")
