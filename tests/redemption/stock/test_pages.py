"""The storeroom's pages: two persons at one screen, forms that keep what was typed."""

from __future__ import annotations

import re

import pytest

from pointsbank.clock import SHANGHAI, now
from pointsbank.database import db
from tests.redemption.a_shop import market_in
from tests.redemption.at_the_till import Browser, open_now

SHOP = "230199100200"
SECOND = {"second_login": "committee", "second_password": "xiangyang2026"}


@pytest.fixture
def keeper(app, market):
    open_now(market)
    return Browser(app, "storekeeper")


def test_a_village_without_a_shop_is_told_so_and_whom_to_ask(app, village):
    answer = Browser(app, "storekeeper").client.get("/stock")
    assert answer.status_code == 404 and "还没有爱心超市" in answer.text and "联系镇街所管理员" in answer.text


def pieces(sku: str) -> int:
    return market_in(db.session()).pieces(sku)


def test_goods_are_taken_in_by_barcode_and_the_receipt_prints_with_its_value(keeper):
    answer = keeper.post("/stock/receive", **{
        "shop": SHOP, "source": "donation", "source_name": "北方化工厂", "lines-0-sku": "012345678905",
        "lines-0-pieces": "10", "lines-0-market": "3.50", "lines-1-sku": "P02", "lines-1-pieces": "5",
        "lines-1-use_by": "2030-01-01", "valuation": "donor"})
    assert answer.status_code == 303
    paper = keeper.get(answer.location)
    assert "北方化工厂" in paper and "35.00" in paper and "捐赠人申报" in paper and pieces("P01") == 130


def test_a_refused_receipt_keeps_what_was_typed_and_shows_the_wrong_line(keeper):
    answer = keeper.post("/stock/receive", **{"shop": SHOP, "source": "donation", "source_name": "北方化工厂",
                                              "lines-0-sku": "P77", "lines-0-pieces": "10"})
    assert answer.status_code == 404 and "没有编码为“P77”" in answer.text and 'value="P77"' in answer.text
    empty = keeper.post("/stock/receive", shop=SHOP, source="donation", source_name="北方化工厂")
    assert empty.status_code == 422 and "至少填一行" in empty.text


def test_a_count_is_booked_with_the_second_persons_own_sign_in(keeper):
    at = f"{now().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    form = {"shop": SHOP, "counted_at": at, "reason": "spot", "lines-0-sku": "P01", "lines-0-counted": "118",
            "lines-1-sku": "P02"}
    alone = keeper.post("/stock/count", **form)
    assert alone.status_code == 409 and "两个人" in alone.text and 'value="118"' in alone.text
    wrong = keeper.post("/stock/count", **form, second_login="committee", second_password="wrong-one")
    assert wrong.status_code == 401
    done = keeper.post("/stock/count", **form, **SECOND)
    assert done.status_code == 303 and "−2" in keeper.get(done.location) and pieces("P01") == 118


def test_write_off_and_found_stock_from_the_pages(keeper, app):
    page = keeper.get("/stock/write-off")
    batch = re.search(r'name="lines-0-batch" value="([0-9a-f-]{36})"', page)
    assert batch
    done = keeper.post("/stock/write-off", **{"shop": SHOP, "reason": "damaged", "lines-0-batch": batch[1],
                                              "lines-0-pieces": "2"}, **SECOND)
    assert done.status_code == 303
    clerk = Browser(app, "clerk")
    back = clerk.post("/stock/found", shop=SHOP, sku="P16", pieces="3", who="H001", items="P16*2", **SECOND)
    assert back.status_code == 303 and "who=H001" in back.location and pieces("P16") == 33


def test_a_good_shows_where_its_figure_comes_from(keeper):
    page = keeper.get("/stock/goods/P01")
    assert "由每一笔进出加总" in page and "+120" in page and "对不上" not in page


@pytest.mark.parametrize("path", ["/stock", "/stock/receive", "/stock/count", "/stock/write-off", "/stock/found",
                                  "/stock/papers", "/stock/papers?kind=receipt", "/stock/goods/P12", "/goods/P12"])
def test_every_page_of_the_storeroom_opens_in_both_languages(keeper, path):
    keeper.get(path)
    assert '<html lang="en"' in keeper.get(path + ("&" if "?" in path else "?") + "lang=en")


def test_a_new_price_from_the_page(keeper):
    day = f"{now().astimezone(SHANGHAI):%Y-%m-%d}"
    assert keeper.post("/goods/P01/prices", points="3.5", market="3.2", valid_from=day).status_code == 303
    assert "3.50 分/块" in keeper.get("/goods")
    assert keeper.post("/goods/P01/prices", points="-1", market="3", valid_from=day).status_code == 422
    assert keeper.post("/goods/P01/prices", points="1", market="3", valid_from="2020-01-01").status_code == 422
