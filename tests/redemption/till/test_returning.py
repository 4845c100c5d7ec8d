"""Taking back: points and goods return together, once, as they were posted."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from redemption.errors import AlreadyReturned, NeedsSecond, OwnHousehold, StocktakeBetween
from redemption.goods import SetPrice, set_price
from redemption.stock import Counted, CountStock, count_stock, movements, papers_of
from redemption.till import ReturnItem, ReturnSale, Settlement, sale_by_id, settle, take_back
from tests.redemption.a_shop import NOW, TODAY, Market, later


def back(market: Market, sale, *lines: tuple, at=NOW, second=None, by=None, key=None, **more):
    cmd = ReturnSale(key or uuid.uuid4(), sale.id, tuple(ReturnItem(*line) for line in lines), **more)
    return take_back(market.s, cmd, by=by or market.clerk, at=at, second=second)


def refused(market: Market, error, *args, **more):
    before = market.rows()
    with pytest.raises(error) as caught:
        back(market, *args, **more)
    assert market.rows() == before
    return caught.value


def test_everything_comes_back_once_and_the_second_return_names_the_first(market):  # C01
    sale = market.sell("H001", ("P01", 1), ("P13", 1))
    returned = back(market, sale)
    assert (returned.before, returned.points, returned.after) == (10300, 4300, 14600)
    assert (market.points("H001"), market.pieces("P01"), market.pieces("P13")) == (14600, 120, 60)
    assert returned.receipt in refused(market, AlreadyReturned, sale).sentence()
    assert sale_by_id(market.s, sale.book_id, sale.id).points_kept == 0
    market.sound()


def test_the_price_of_then_comes_back_not_todays(market, s):
    sale = market.sell("H001", ("P01", 2))
    set_price(s, SetPrice("P01", 900, 900, TODAY), by=market.storekeeper, at=NOW)
    assert back(market, sale).points == 600


def test_one_piece_back_then_the_rest_never_more_than_was_sold(market):  # C69
    start = market.pieces("P15")
    sale = market.sell("H001", ("P15", 3))
    assert back(market, sale, (1, 1)).points == 3000
    assert market.pieces("P15") == start - 2
    refused(market, AlreadyReturned, sale, (1, 3))
    assert back(market, sale).points == 6000
    assert (market.pieces("P15"), market.points("H001")) == (start, 14600)
    market.sound()


def test_a_damaged_piece_goes_to_the_write_offs_and_the_points_keep_step(market):  # C69
    start = market.pieces("P15")
    sale = market.sell("H001", ("P15", 3))
    refused(market, NeedsSecond, sale, (1, 1, "damaged"))
    back(market, sale, (1, 1, "damaged"), second=market.supervisor)
    back(market, sale)
    assert (market.pieces("P15"), market.points("H001")) == (start - 1, 14600)
    moved = movements(market.s, market.shop.book_id, market.shop.code, "P15")
    assert (moved.sold, moved.returned, moved.written_off, moved.on_hand) == (3, 3, 1, start - 1)
    assert [paper.reason for paper in papers_of(market.s, market.shop.book_id, market.shop.code, "write_off")] == [
        "damaged"]
    market.sound()


def test_the_same_key_again_shows_the_first_return(market):
    sale, key = market.sell("H001", ("P01", 2)), uuid.uuid4()
    first = back(market, sale, (1, 1), key=key)
    assert replace(back(market, sale, (1, 1), key=key), replay=False) == first
    assert market.points("H001") == 14300


def test_after_its_day_a_return_takes_a_second_person_and_never_the_clerk_twice(market):
    sale = market.sell("H001", ("P01", 1))
    refused(market, NeedsSecond, sale, at=later(days=1))
    refused(market, NeedsSecond, sale, at=later(days=1), second=market.clerk)
    refused(market, NeedsSecond, sale, at=later(days=1), second=market.clerk2)  # may not countersign
    assert back(market, sale, at=later(days=1), second=market.supervisor).after == 14600


def test_a_clerk_takes_nothing_back_for_the_own_household(market):
    sale = market.sell("H019", ("P01", 1), by=market.clerk2)
    refused(market, OwnHousehold, sale, by=market.clerk)


def test_what_came_back_does_not_count_for_limits(market):
    market.rules(month_points=6000, large_points=10000)
    sale = market.sell("H001", ("P14", 1))
    back(market, sale)
    assert market.sell("H001", ("P14", 1), at=later(minutes=10)).points == 6000


def counted(market: Market, sku: str, pieces: int, at) -> None:
    count_stock(market.s, CountStock(uuid.uuid4(), market.shop.code, at, (Counted(sku, pieces),)),
                by=market.storekeeper, second=market.supervisor, at=at)


def test_a_correction_across_a_stocktake_asks_whether_the_goods_moved_or_the_paper_was_wrong(market):  # C30
    sale = market.sell("H001", ("P01", 3))  # written 3, in truth 2 were taken: 118 lie there
    counted(market, "P01", 118, later(minutes=30))
    assert market.pieces("P01") == 118
    refused(market, StocktakeBetween, sale, (1, 1), at=later(days=1), second=market.supervisor)
    back(market, sale, (1, 1, "paper"), at=later(days=1), second=market.supervisor)
    assert (market.pieces("P01"), market.points("H001")) == (118, 14600 - 600)  # the count had found it already
    market.sound()


def test_goods_that_really_came_back_after_a_stocktake_are_on_the_shelf_again(market):  # C30
    sale = market.sell("H001", ("P01", 3))
    counted(market, "P01", 117, later(minutes=30))
    back(market, sale, (1, 1), at=later(days=1), second=market.supervisor, stocktake_seen=True)
    assert market.pieces("P01") == 118


def test_wrong_paper_without_a_stocktake_simply_goes_back(market):
    sale = market.sell("H001", ("P01", 3))
    back(market, sale, (1, 1, "paper"), second=market.supervisor)
    assert market.pieces("P01") == 118


def test_the_settlement_counts_points_pieces_and_yuan_net_of_returns_and_agrees_with_the_ledger(market):  # C32
    sale = market.sell("H001", ("P01", 2), ("P12", 1))
    market.sell("H002", ("P01", 1))
    back(market, sale, (1, 1))
    found: Settlement = settle(market.s, market.shop, TODAY, TODAY)
    assert (found.sales, found.returns, found.households, found.points) == (2, 1, 2, 300 * 2 + 2200)
    assert [(good.sku, good.pieces, good.points, good.value_fen) for good in found.goods] == [
        ("P01", 2, 600, 600), ("P12", 1, 2200, 2400)]
    assert found.agrees and found.ledger_points == 2800
    assert settle(market.s, market.shop, date(2026, 10, 1), date(2026, 10, 31)).points == 0


def test_a_return_counts_in_the_settlement_of_its_own_day(market):
    sale = market.sell("H001", ("P01", 2))
    back(market, sale, at=datetime(2026, 12, 1, 2, 0, tzinfo=UTC), second=market.supervisor)
    assert settle(market.s, market.shop, TODAY, TODAY).points == 600
    december = settle(market.s, market.shop, date(2026, 12, 1), date(2026, 12, 31))
    assert (december.points, december.agrees) == (-600, True)
