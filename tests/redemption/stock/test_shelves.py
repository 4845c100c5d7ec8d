"""Shelves: what comes in, what is counted, what leaves; the figure is the ledger's and nothing else."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import text

import ledger
from pointsbank.errors import BadInput, KeyReused, NotAllowed
from redemption.errors import CountedLater, CountImpossible, ExpiredGoods, NeedsSecond, NotOnShelf, OutOfStock, SoldOut
from redemption.stock import (
    Counted,
    CountStock,
    FoundStock,
    GoodsIn,
    Leaving,
    ReceiveGoods,
    WriteOff,
    count_stock,
    found_stock,
    movements,
    near_expiry,
    papers_of,
    receive_goods,
    source_names,
    stock_of,
    write_off,
)
from tests.redemption.a_shop import NOW, TODAY, Market, give_points, later


def receive(market: Market, *lines: GoodsIn, source="donation", name="北方化工厂", key=None, at=NOW):
    return receive_goods(market.s, ReceiveGoods(key or uuid.uuid4(), market.shop.code, source, lines, name), at=at,
                         by=market.storekeeper)


def count(market: Market, sku: str, pieces: int, counted_at, at=None, second=None):
    cmd = CountStock(uuid.uuid4(), market.shop.code, counted_at, (Counted(sku, pieces),))
    return count_stock(market.s, cmd, by=market.storekeeper, second=second or market.supervisor, at=at or counted_at)


def stock(market: Market, sku: str, on: date = TODAY):
    return stock_of(market.s, market.shop.book_id, market.shop.code, on, [sku])[sku]


def test_a_donation_becomes_a_batch_with_its_number_day_and_value(market):  # C32
    paper = receive(market, GoodsIn("P01", 50, date(2027, 6, 30), 350, "donor"))
    assert paper.number == "JS2026-0002" and market.pieces("P01") == 170
    batch = stock(market, "P01").batches[0]
    assert (batch.number, batch.market_fen, batch.valuation, batch.use_by) == (
        "JS2026-0002/1", 350, "donor", date(2027, 6, 30))
    market.sound()


def test_a_donors_name_stands_nowhere_in_the_clear_and_is_found_again(market, s):
    first, second = receive(market, GoodsIn("P01", 1)), receive(market, GoodsIn("P02", 1))
    assert first.source_id == second.source_id
    assert source_names(s, market.shop.book_id, {first.source_id}) == {first.source_id: "北方化工厂"}
    stored = s.execute(text("SELECT sealed, name_hash FROM goods_source")).one()
    assert "北方化工厂".encode() not in b"".join(bytes(part) for part in stored)


def test_the_same_receipt_twice_is_one_receipt(market):
    key = uuid.uuid4()
    first = receive(market, GoodsIn("P01", 50), key=key)
    again = receive(market, GoodsIn("P01", 50), key=key)
    assert again.replay and again.number == first.number and market.pieces("P01") == 170
    with pytest.raises(KeyReused):
        receive(market, GoodsIn("P01", 51), key=key)


def test_expired_goods_are_not_taken_in_and_only_the_storekeeper_takes_goods_in(market, s):
    with pytest.raises(ExpiredGoods):
        receive(market, GoodsIn("P12", 1, TODAY - timedelta(days=1)))
    with pytest.raises(NotAllowed):
        receive_goods(s, ReceiveGoods(uuid.uuid4(), market.shop.code, "donation", (GoodsIn("P01", 1),), "某"),
                      by=market.clerk, at=NOW)


def test_first_expired_goes_first_whatever_came_first(market):
    receive(market, GoodsIn("P12", 3, date(2026, 12, 1)))
    market.sell("H001", ("P12", 4))
    left = {batch.use_by: batch.posted for batch in stock(market, "P12").batches}
    assert left == {date(2026, 12, 1): 0, date(2026, 12, 20): 39}


def test_expired_eggs_are_not_sold_but_written_off_by_two_persons(market, s):  # C33
    day_after = later(days=30)  # 25 December: use-by 20 December
    with pytest.raises(SoldOut) as refusal:
        market.sell("H001", ("P12", 1), at=day_after)
    assert "40 盘已过期" in refusal.value.sentence() and market.points("H001") == 14600
    batch = stock(market, "P12").batches[0]
    cmd = WriteOff(uuid.uuid4(), market.shop.code, "expired", (Leaving(batch.id, 3),))
    for nobody in (None, market.storekeeper, market.clerk):
        with pytest.raises(NeedsSecond):
            write_off(s, cmd, by=market.storekeeper, second=nobody, at=day_after)
    paper = write_off(s, cmd, by=market.storekeeper, second=market.committee, at=day_after)
    assert paper.number == "BS2026-0001" and market.pieces("P12") == 37
    with pytest.raises(NotOnShelf):
        write_off(s, WriteOff(uuid.uuid4(), market.shop.code, "expired", (Leaving(batch.id, 38),)),
                  by=market.storekeeper, second=market.committee, at=day_after)
    market.sound()


def test_the_use_by_day_itself_is_still_good_and_the_warning_comes_in_time(market):
    goods = stock_of(market.s, market.shop.book_id, market.shop.code, TODAY)
    assert [batch.sku for batch in near_expiry(goods.values(), TODAY, 60)] == ["P12"]
    assert stock(market, "P12", date(2026, 12, 20)).free == 40
    assert stock(market, "P12", date(2026, 12, 21)).free == 0


@pytest.mark.parametrize(("minutes", "counted"), [(5, 40), (20, 30)])
def test_a_count_is_judged_by_the_book_of_its_own_moment(market, minutes, counted):  # C57
    give_points(market.s, market.village, "H001", 100000, "rich")
    market.sell("H001", ("P12", 10), at=later(minutes=10))  # the other till, while people count
    paper = count(market, "P12", counted, later(minutes=minutes), at=later(minutes=30))
    line = paper.lines[0]
    assert (line.pieces, line.counted, line.moved_since) == (0, counted, -10 if minutes == 5 else 0)
    assert paper.transaction_id is None and market.pieces("P12") == 30


def test_what_is_missing_and_what_is_too_much_is_booked_as_a_stocktake(market):
    assert count(market, "P01", 118, later(minutes=1)).lines[0].pieces == -2
    assert market.pieces("P01") == 118
    assert count(market, "P01", 121, later(minutes=2)).lines[0].pieces == 3
    assert market.pieces("P01") == 121
    market.sound()


def test_a_shortage_larger_than_one_batch_is_laid_on_several(market):
    receive(market, GoodsIn("P12", 3, date(2026, 12, 1)))
    paper = count(market, "P12", 38, later(minutes=1))
    assert [line.pieces for line in paper.lines] == [-3, -2] and market.pieces("P12") == 38


def test_a_count_that_would_push_the_shelf_below_zero_is_to_be_counted_again(market):
    give_points(market.s, market.village, "H001", 1000000, "rich")
    market.sell("H001", ("P12", 39), at=later(minutes=10))
    with pytest.raises(CountImpossible):
        count(market, "P12", 30, later(minutes=5), at=later(minutes=30))
    assert market.pieces("P12") == 1


def test_an_older_count_does_not_undo_a_newer_one(market):
    count(market, "P01", 118, later(minutes=10))
    with pytest.raises(CountedLater):
        count(market, "P01", 120, later(minutes=5), at=later(minutes=20))
    with pytest.raises(BadInput):
        count(market, "P01", 118, later(minutes=50), at=later(minutes=20))
    with pytest.raises(NeedsSecond):
        count_stock(market.s, CountStock(uuid.uuid4(), market.shop.code, later(minutes=20), (Counted("P01", 1),)),
                    by=market.storekeeper, second=None, at=later(minutes=20))


def test_found_stock_lets_the_sale_through(market, s):  # C58
    give_points(market.s, market.village, "H001", 100000, "rich")
    count(market, "P16", 2, later(minutes=1))
    with pytest.raises(OutOfStock) as refusal:
        market.sell("H001", ("P16", 5), at=later(minutes=2))
    assert "只剩 2 把" in refusal.value.sentence()
    found = FoundStock(uuid.uuid4(), market.shop.code, "P16", 3)
    with pytest.raises(NeedsSecond):
        found_stock(s, found, by=market.clerk, second=market.clerk2, at=later(minutes=3))
    paper = found_stock(s, found, by=market.clerk, second=market.committee, at=later(minutes=3))
    assert paper.number == "PY2026-0001"
    market.sell("H001", ("P16", 5), at=later(minutes=4))
    assert market.pieces("P16") == 0
    market.sound()


@pytest.mark.parametrize("receipts", [30, pytest.param(300, marks=pytest.mark.long)])
def test_on_hand_is_the_sum_of_movements_wherever_one_looks(market, receipts):  # C31
    whole = 0
    for number in range(receipts):
        pieces = 14 + number * 2
        whole += pieces
        receive(market, GoodsIn("P09", pieces))
    market.sell("H001", ("P09", 7))
    shelf = stock(market, "P09").posted
    moved = movements(market.s, market.shop.book_id, market.shop.code, "P09")
    by_prefix = ledger.balances_by_prefix(market.s.connection(), market.shop.book_id, "P09",
                                          f"shelf:{market.shop.code}:")
    assert shelf == moved.on_hand == sum(row.posted for row in by_prefix.values()) == 200 + whole - 7
    assert (moved.received, moved.sold) == (200 + whole, 7)
    market.sound()


def test_papers_are_numbered_by_kind_and_year_and_listed_newest_first(market):
    receive(market, GoodsIn("P01", 1))
    receive(market, GoodsIn("P01", 1), source="purchase", name="供销社")
    numbers = [paper.number for paper in papers_of(market.s, market.shop.book_id, market.shop.code, "receipt")]
    assert numbers == ["JS2026-0003", "JS2026-0002", "JS2026-0001"]
