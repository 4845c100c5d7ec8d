"""Goods: codes in their one form, prices as versions."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

import pytest

from pointsbank.eligibility import PublishRule, publish_rule
from pointsbank.errors import BadInput, NotAllowed
from redemption.errors import CodeTaken, GoodElsewhereToo, NoSuchGood, PriceInThePast
from redemption.goods import SetPrice, add_barcode, goods_on, is_barcode, prices_of, set_price, sku_of
from redemption.goods.service import bind_rule, retire_good
from redemption.shops import AddShop, add_shop
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods
from tests.redemption.a_shop import NOW, OPENED, TODAY


@pytest.mark.parametrize(("scanned", "sku"), [
    ("0012345678905", "P01"), ("012345678905", "P01"), ("012345678905\r", "P01"), ("6901234567892\t", "P02"),
    ("6901234567892\r\n", "P02"), ("６９０１２３４５６７８９２", "P02"), ("p01", "P01"), (" P22 ", "P22")])
def test_a_scanned_code_finds_its_good_in_every_form(market, s, scanned, sku):  # C34
    assert sku_of(s, market.shop.book_id, scanned) == sku


def test_a_code_with_and_without_its_leading_zero_is_one_code(market, s):  # C34
    add_barcode(s, "P01", "012345678905", by=market.storekeeper, at=NOW)
    assert goods_on(s, market.shop.book_id, TODAY, ["P01"])["P01"].barcodes == ("0012345678905",)
    with pytest.raises(CodeTaken):
        add_barcode(s, "P02", "0012345678905", by=market.storekeeper, at=NOW)
    with pytest.raises(NoSuchGood):
        sku_of(s, market.shop.book_id, "6900000000000")


def test_a_misread_barcode_is_not_bound(market, s):
    assert is_barcode("6901234567892") and not is_barcode("6901234567893") and is_barcode("96385074")
    with pytest.raises(BadInput):
        add_barcode(s, "P01", "6901234567893", by=market.storekeeper, at=NOW)


def test_a_new_price_holds_from_its_day_and_the_old_days_keep_theirs(market, s):
    book = market.shop.book_id
    set_price(s, SetPrice("P01", 350, 320, date(2026, 12, 1)), by=market.storekeeper, at=NOW)
    assert [goods_on(s, book, day, ["P01"])["P01"].price.points for day in (TODAY, date(2026, 12, 1))] == [300, 350]
    set_price(s, SetPrice("P01", 360, 320, date(2026, 12, 1)), by=market.storekeeper, at=NOW)
    assert goods_on(s, book, date(2026, 12, 2), ["P01"])["P01"].price.points == 360
    assert [price.version for price in prices_of(s, book, "P01")] == [3, 2, 1]


def test_a_price_never_starts_in_the_past_is_never_nothing_and_is_the_storekeepers(market, s):
    for error, cmd, by in ((PriceInThePast, SetPrice("P01", 350, 320, date(2026, 11, 24)), market.storekeeper),
                           (BadInput, SetPrice("P01", 0, 320, TODAY), market.storekeeper),
                           (NotAllowed, SetPrice("P01", 350, 320, TODAY), market.clerk),
                           (NoSuchGood, SetPrice("P99", 350, 320, TODAY), market.storekeeper)):
        with pytest.raises(error):
            set_price(s, cmd, by=by, at=NOW)


def test_saying_the_same_price_again_makes_no_new_version(market, s):
    first = set_price(s, SetPrice("P01", 350, 320, TODAY), by=market.storekeeper, at=NOW)
    assert set_price(s, SetPrice("P01", 350, 320, TODAY), by=market.storekeeper, at=NOW) == first


def test_a_storekeeper_edits_only_goods_of_the_shops_at_their_place(market, s):
    there = add_shop(s, AddShop("230199100201", "邻村超市", OPENED.date()), by=market.system, at=OPENED)
    lines = (GoodsIn("P02", 5),)
    receive_goods(s, ReceiveGoods(uuid.uuid4(), there.code, "opening", lines), by=market.system, at=OPENED)
    here = market.storekeeper
    neighbour = replace(here, grants=frozenset({("storekeeper", there.place_code)}))
    town = replace(here, grants=frozenset({("storekeeper", "230199100000")}))
    set_price(s, SetPrice("P01", 350, 320, TODAY), by=here, at=NOW)
    set_price(s, SetPrice("P02", 350, 320, TODAY), by=town, at=NOW)
    before = prices_of(s, here.book_id, "P01"), prices_of(s, here.book_id, "P02")
    for sku, by in (("P02", here), ("P02", neighbour), ("P01", neighbour)):
        with pytest.raises(GoodElsewhereToo):
            set_price(s, SetPrice(sku, 999, 320, TODAY), by=by, at=NOW)
        with pytest.raises(GoodElsewhereToo):
            add_barcode(s, sku, "96385074", by=by, at=NOW)
        with pytest.raises(GoodElsewhereToo):
            bind_rule(s, sku, None, by=by, at=NOW)
        with pytest.raises(GoodElsewhereToo):
            retire_good(s, sku, by=by, at=NOW)
    assert (prices_of(s, here.book_id, "P01"), prices_of(s, here.book_id, "P02")) == before


def test_the_shops_desk_writes_rules_of_goods_and_none_of_the_stars(market, s):
    for code, by, fine in (("star.S10", market.storekeeper, False), ("goods.P01", market.storekeeper, True),
                           ("goods.P02", market.clerk, False)):
        cmd = PublishRule(uuid.uuid4(), code, "试", "a try", "stars >= 1", TODAY)
        if fine:
            assert publish_rule(s, cmd, by=by, at=NOW).code == code
        else:
            with pytest.raises(NotAllowed):
                publish_rule(s, cmd, by=by, at=NOW)
