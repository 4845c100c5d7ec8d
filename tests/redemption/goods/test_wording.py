"""Units and categories in the reader's language."""

from __future__ import annotations

import re

import pytest

from redemption.goods.wording import category_word, each, pieces
from tests.redemption.at_the_till import Browser, open_now


@pytest.fixture
def counter(app, market):
    open_now(market)
    return Browser(app, "clerk")


def test_chinese_keeps_its_units_and_english_counts(app):
    with app.test_request_context("/goods"):
        assert (pieces(3, "块"), each("块"), category_word("粮油·短保")) == ("3 块", "块", "粮油·短保")
    with app.test_request_context("/goods?lang=en"):
        assert pieces(3, "块") == "3" and each("块") != "块"
        assert category_word("绣品·限时") == "绣品·限时"


@pytest.mark.parametrize("path", ["/goods", "/goods/P01", "/till?who=H001&items=P01*2", "/till/sales"])
def test_an_english_page_shows_no_chinese_unit(counter, path):
    counter.post("/till/sales", shop="230199100200", who="H001", items="P01*1 P02*1")
    page = counter.get(path + ("&" if "?" in path else "?") + "lang=en")
    assert "块<" not in page and "/块" not in page and "块 " not in page and "块." not in page
    shown = re.sub(r'placeholder="[^"]*"', "", page.split("<main")[1].split("</main")[0])
    assert "、" not in shown


def test_the_storeroom_counts_in_english_and_leads_to_its_three_jobs(app, counter):
    keeper = Browser(app, "storekeeper")
    assert " 块" not in keeper.get("/stock?lang=en") and " 块" not in keeper.get("/stock/goods/P01?lang=en")
    head = keeper.get("/stock").split("<table")[0]
    assert all(f'href="/stock/{job}' in head for job in ("receive", "count", "write-off"))
