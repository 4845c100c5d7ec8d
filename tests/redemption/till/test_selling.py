"""Selling: points and goods move together or not at all; a refusal says why, what is possible, and changed nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import pytest

from pointsbank.errors import BadInput, KeyReused, NotAllowed
from redemption.errors import (
    AskAgain,
    BelowMinimum,
    CannotDecide,
    NoSuchGood,
    NoSuchHousehold,
    NotEligible,
    NotEnoughPoints,
    OverLimit,
    OwnHousehold,
    ShopClosed,
    SoldOut,
)
from redemption.goods import AddGood, add_good, retire_good
from redemption.shops import AddShop, add_shop
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods
from redemption.till import Item, judge_basket, lunar_month
from tests.redemption.a_shop import NOW, OPENED, TODAY, Market, give_points, later


def refused(market: Market, error, *sale, **more):
    """The refusal of a sale, after seeing that it wrote nothing at all."""
    before = market.rows()
    with pytest.raises(error) as caught:
        market.sell(*sale, **more)
    assert market.rows() == before
    return caught.value


def test_a_sale_takes_points_and_pieces_in_one_transaction_and_the_slip_shows_it(market):
    receipt = market.sell("H001", ("P01", 1), ("P13", 1))
    assert (receipt.before, receipt.points, receipt.after, receipt.short) == (14600, 4300, 10300, "0001")
    assert (market.points("H001"), market.pieces("P01"), market.pieces("P13")) == (10300, 119, 59)
    market.sound()


def test_the_second_sale_of_a_card_that_was_not_scanned_anew_is_refused_with_what_is_left(market):  # C06
    market.sell("H007", ("P07", 2))
    refusal = refused(market, NotEnoughPoints, "H007", ("P10", 1))
    assert "可用 4.00 分" in refusal.sentence() and "未扣分" in refusal.sentence()
    assert "4.00 available" in refusal.sentence("en")


def test_a_wallet_is_spent_to_the_last_hundredth(market):  # C07
    give_points(market.s, market.village, "H022", 26739 - 1800, "first")
    give_points(market.s, market.village, "H022", 89, "second")
    add_good(market.s, AddGood("Q01", "礼包", "份", "日用", 26828, 26800, OPENED.date()), by=market.system, at=OPENED)
    receive_goods(market.s, ReceiveGoods(uuid.uuid4(), market.shop.code, "opening", (GoodsIn("Q01", 1),)),
                  by=market.system, at=OPENED)
    receipt = market.sell("H022", ("Q01", 1))
    assert (receipt.before, receipt.points, receipt.after) == (26828, 26828, 0)


def test_what_the_points_cannot_buy_whole_is_not_given_in_part_and_the_possible_is_named(market):  # C09
    give_points(market.s, market.village, "H023", 800, "to three")  # −5 + 8 = 3
    refusal = refused(market, NotEnoughPoints, "H023", ("P09", 2))
    assert "最多可换 1 袋" in refusal.sentence()
    receipt = market.sell("H023", ("P09", 1))
    assert (receipt.points, receipt.after) == (200, 100)
    with pytest.raises(BadInput):
        market.sell("H001", ("P09", 1.5))


def test_a_household_in_the_red_redeems_nothing(market):
    assert "余额为负" in refused(market, NotEnoughPoints, "H023", ("P09", 1)).sentence()


def test_the_minimum_is_enforced_and_named_with_its_version(market):  # C12
    market.rules(minimum_points=500)
    give_points(market.s, market.village, "H022", 499 - 1800, "down")
    refusal = refused(market, BelowMinimum, "H022", ("P01", 1))
    assert "5.00" in refusal.sentence() and "第 2 版" in refusal.sentence() and "4.99" in refusal.sentence()
    short = refused(market, NotEnoughPoints, "H022", ("P03", 1)).sentence()
    assert "还差 0.01 分" in short and "至少 5.00 分" in short and "第 2 版" in short
    assert "最多可换" not in refused(market, NotEnoughPoints, "H022", ("P01", 2)).sentence()  # one is below it
    give_points(market.s, market.village, "H022", 1, "up")
    assert market.sell("H022", ("P03", 1)).after == 0
    refused(market, BelowMinimum, "H001", ("P01", 1))


def test_an_empty_wallet_lacks_points_whatever_the_minimum(market):
    market.rules(minimum_points=500)
    give_points(market.s, market.village, "H022", -1800, "to nothing")
    assert "还差 6.00 分" in refused(market, NotEnoughPoints, "H022", ("P01", 2)).sentence()
    assert "还差 3.00 分" in refused(market, NotEnoughPoints, "H022", ("P01", 1)).sentence()


def test_sixty_points_a_month_with_large_goods_counted_apart(market):
    market.rules(month_points=6000, large_points=10000)
    market.sell("H010", ("P22", 1))  # 120 points, a large good
    market.sell("H001", ("P13", 1))
    refusal = refused(market, OverLimit, "H001", ("P07", 1))
    assert "本月还可兑 20.00 分" in refusal.sentence()
    market.sell("H001", ("P16", 1))
    december = datetime(2026, 12, 25, 2, 0, tzinfo=UTC)
    assert market.sell("H001", ("P07", 1), at=december).points == 2500


def test_two_pieces_of_a_good_and_no_more(market):
    market.rules(pieces_per_good=2)
    refusal = refused(market, OverLimit, "H001", ("P01", 3))
    assert "限 2 块" in refusal.sentence() and "最多可兑 2 块" in refusal.sentence()
    refused(market, OverLimit, "H001", ("P01", 2), ("P01", 1))  # two lines of one good are one line


def test_one_blood_pressure_meter_in_three_years(market):  # P22
    market.sell("H010", ("P22", 1))
    give_points(market.s, market.village, "H010", 50000, "more")
    refusal = refused(market, OverLimit, "H010", ("P22", 1), at=later(minutes=30))
    assert "每户 3 年限 1 台" in refusal.sentence() and "不能再兑" in refusal.sentence()
    just = datetime(2029, 11, 25, 2, 0, tzinfo=UTC)
    refused(market, OverLimit, "H010", ("P22", 1), at=just)
    assert market.sell("H010", ("P22", 1), at=datetime(2029, 12, 25, 2, 0, tzinfo=UTC)).points == 12000
    assert market.pieces("P22") == 3


def test_asking_for_two_where_one_is_allowed_says_that_one_is_possible(market):
    give_points(market.s, market.village, "H010", 50000, "more")
    refusal = refused(market, OverLimit, "H010", ("P22", 2))
    assert refusal.facts["possible_quantity"] == 1 and "最多可兑 1 台" in refusal.sentence()


def test_school_things_go_to_families_with_minors_and_the_refusal_names_the_rule_not_the_family(market):  # P19
    market.sell("H003", ("P19", 1))
    refusal = refused(market, NotEligible, "H007", ("P19", 1))
    assert "有未满 18 周岁成员的家庭可兑" in refusal.sentence()
    assert "独居" not in refusal.sentence() and "0 人" not in refusal.sentence()


def test_spring_couplets_only_in_the_twelfth_lunar_month(market):  # P20
    assert lunar_month(date(2027, 1, 25)) == 12
    refused(market, NotEligible, "H001", ("P20", 1))
    assert market.sell("H001", ("P20", 1), at=datetime(2027, 1, 25, 2, 0, tzinfo=UTC)).points == 1000


def test_a_fact_nobody_gave_decides_nothing_and_is_named(market):
    from pointsbank.eligibility import PublishRule, publish_rule
    from redemption.goods import bind_rule
    publish_rule(market.s, PublishRule(uuid.uuid4(), "goods.P15", "三星以上可兑", "three stars or more", "stars >= 3",
                                       TODAY), by=market.system, at=NOW)
    bind_rule(market.s, "P15", "goods.P15", by=market.system, at=NOW)
    refusal = refused(market, CannotDecide, "H001", ("P15", 1))
    assert "三星以上可兑" in refusal.sentence() and "星" in refusal.sentence()


def test_a_rule_that_cannot_be_found_is_no_permission(market):
    from redemption.goods import bind_rule
    bind_rule(market.s, "P15", "goods.lost", by=market.system, at=NOW)
    refused(market, CannotDecide, "H001", ("P15", 1))


def test_the_same_key_again_shows_the_first_receipt_and_moves_nothing(market):  # C22
    key = uuid.uuid4()
    first = market.sell("H001", ("P01", 1), key=key)
    again = market.sell("H001", ("P01", 1), key=key, at=later(days=3))  # the shop is closed by then
    assert again.replay and (again.id, again.short, again.at, again.after) == (first.id, "0001", first.at, 14300)
    assert market.points("H001") == 14300
    with pytest.raises(KeyReused):
        market.sell("H001", ("P01", 2), key=key)


def test_the_same_basket_minutes_later_asks_again_at_whichever_till(market):  # C67
    market.sell("H007", ("P01", 2))
    refusal = refused(market, AskAgain, "H007", ("P01", 2), at=later(minutes=2, seconds=15))
    assert "2 分 15 秒" in refusal.sentence() and "0001" in refusal.sentence()
    refused(market, AskAgain, "H007", ("P01", 2), at=later(minutes=2, seconds=15), by=market.clerk2)
    assert market.sell("H007", ("P01", 2), at=later(minutes=3), confirm_again=True).after == 5400 - 1200
    market.sell("H007", ("P01", 1), at=later(minutes=3))
    market.sell("H007", ("P01", 1), at=later(minutes=9))


def test_closed_says_when_it_opens_next(market):
    refusal = refused(market, ShopClosed, "H001", ("P01", 1), at=later(hours=3))
    assert "下次开门:11月28日(周六)09:00–11:30" in refusal.sentence()


def test_nobody_serves_their_own_household(market):
    refused(market, OwnHousehold, "H019", ("P01", 1), by=market.clerk)
    assert market.sell("H019", ("P01", 1), by=market.clerk2).points == 300


def test_only_clerks_sell_and_only_to_their_own_village(market):
    refused(market, NotAllowed, "H001", ("P01", 1), by=market.storekeeper)
    from pointsbank.people import AddHousehold, add_household
    other = add_household(market.s, AddHousehold("230199100201", "H001", 1, TODAY))
    market.village.households["X"] = other
    refused(market, NoSuchHousehold, "X", ("P01", 1))


def test_an_empty_shelf_says_sold_out_and_where_the_sibling_lies(market, s):  # C29
    add_good(s, AddGood("P31", "香皂(100g)", "块", "日用", 300, 280, TODAY), by=market.system, at=NOW)
    refusal = refused(market, SoldOut, "H001", ("P31", 1))
    assert "香皂(100g)" in refusal.sentence() and "向阳村爱心超市" in refusal.sentence()
    assert "香皂(125g)(P01)有 120 块" in refusal.sentence()


def test_an_empty_shop_says_which_other_shop_has_it(market, s):  # C29, the other store
    add_shop(s, AddShop("230199100200", "向阳村二店", TODAY, code="230199100200-2"), by=market.system, at=NOW)
    receive_goods(s, ReceiveGoods(uuid.uuid4(), "230199100200-2", "opening", (GoodsIn("P22", 3),)), by=market.system,
                  at=NOW)
    give_points(s, market.village, "H001", 100000, "rich")
    for code in ("H001", "H010"):
        market.sell(code, ("P22", 1))
    from redemption.stock import Leaving, WriteOff, stock_of, write_off
    batch = stock_of(s, market.village.book_id, market.shop.code, TODAY, ["P22"])["P22"].batches[0]
    write_off(s, WriteOff(uuid.uuid4(), market.shop.code, "damaged", (Leaving(batch.id, 3),)), by=market.storekeeper,
              second=market.supervisor, at=NOW)
    refusal = refused(market, SoldOut, "H020", ("P22", 1))
    assert "向阳村二店有 3 台" in refusal.sentence()


def test_an_unknown_and_a_retired_good_are_refused(market, s):
    refused(market, NoSuchGood, "H001", ("P99", 1))
    retire_good(s, "P01", by=market.storekeeper, at=NOW)
    from redemption.errors import Retired
    refused(market, Retired, "H001", ("P01", 1))


def test_preview_and_posting_judge_alike(market):
    market.rules(pieces_per_good=2, minimum_points=500, month_points=6000)
    items = [Item("P01", 3), Item("P19", 1), Item("P09", 1)]
    judged = judge_basket(market.s, market.shop, market.village.households["H007"], items, TODAY)
    assert [type(line.refusal) for line in judged.lines] == [OverLimit, NotEligible, type(None)]
    assert judged.total == 900 + 2000 + 200
    posted = refused(market, OverLimit, "H007", *items)
    assert posted.sentence() == judged.refusal.sentence()


def test_a_price_is_the_one_of_its_day(market, s):
    from redemption.goods import SetPrice, set_price
    set_price(s, SetPrice("P01", 450, 400, date(2026, 11, 28)), by=market.storekeeper, at=NOW)
    assert market.sell("H001", ("P01", 1)).points == 300
    assert market.sell("H001", ("P01", 1), at=datetime(2026, 11, 28, 2, 0, tzinfo=UTC)).points == 450


def test_receipts_count_by_shop_and_day(market):
    assert [market.sell(code, ("P01", 1)).short for code in ("H001", "H002")] == ["0001", "0002"]
    assert market.sell("H001", ("P01", 1), at=datetime(2026, 11, 28, 2, 0, tzinfo=UTC)).receipt == "20261128-0001"
