"""Benefits at the till: a reduced price and a higher ceiling, judged once for preview, posting, slip and return."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from pointsbank import clock
from pointsbank.benefits import PublishBenefit, publish_benefit
from redemption.errors import OverLimit
from redemption.till import Item, ReturnSale, judge_basket, sale_by_id, take_back
from tests.redemption.a_shop import NOW, OPENED, TODAY, Market
from tests.redemption.at_the_till import Browser, open_now, program


def offer(market: Market, code: str, kind: str, body: dict[str, Any], rule: str = "balance >= 100") -> None:
    publish_benefit(market.s, PublishBenefit(
        uuid.uuid4(), market.shop.place_code, code, kind, f"福利{code}", f"benefit {code}", body, rule, OPENED.date(),
        "纪要第 5 号"), by=market.system, at=OPENED)


def judged(market: Market, code: str, *items: tuple[str, int]) -> Any:
    return judge_basket(market.s, market.shop, market.village.households[code], [Item(*item) for item in items], TODAY)


def test_a_reduced_price_is_previewed_posted_and_printed_alike(market):
    offer(market, "B02", "discount", {"percent_off": 20, "categories": ["日用"]})
    preview = judged(market, "H001", ("P01", 2), ("P09", 1))  # soap 3.00 less 20% = 2.40; salt 2.00 is 粮油
    assert [line.points for line in preview.lines] == [480, 200] and preview.total == 680
    assert preview.lines[0].reduced.sentence["zh"] == "原价 3.00 分,按“福利B02”减 20%"
    sale = market.sell("H001", ("P01", 2), ("P09", 1))
    assert (sale.before, sale.points, sale.after) == (14_600, 680, 13_920)
    soap, salt = sale.lines
    assert (soap.unit_points, soap.full_points, soap.benefit["code"], soap.benefit["rule_version"]) == (
        240, 300, "B02", 1)
    assert (salt.full_points, salt.benefit) == (None, None)
    market.sound()


def test_who_has_no_such_benefit_pays_the_full_price(market):
    offer(market, "B02", "discount", {"percent_off": 20})
    assert market.sell("H007", ("P01", 2)).points == 600  # 54 points: below the 100 that the rule asks for


def test_a_benefit_that_cannot_be_decided_changes_nothing_and_stops_nobody(market):
    offer(market, "B02", "discount", {"percent_off": 20}, rule="stars >= 8")
    assert market.sell("H001", ("P01", 2)).points == 600


def test_of_two_reduced_prices_the_better_one_holds_and_they_never_add_up(market):
    offer(market, "B02", "discount", {"percent_off": 20})
    offer(market, "B07", "discount", {"percent_off": 50, "goods": ["P01"]})
    line, = judged(market, "H001", ("P01", 1)).lines
    assert (line.points, line.reduced.grant.benefit.code) == (150, "B07")


def test_what_was_sold_for_less_comes_back_for_what_was_paid(market):
    offer(market, "B02", "discount", {"percent_off": 20})
    sale = market.sell("H001", ("P01", 2))
    back = take_back(market.s, ReturnSale(uuid.uuid4(), sale.id), by=market.clerk, at=NOW)
    assert (back.points, market.points("H001")) == (480, 14_600)
    market.sound()


def test_a_sale_keeps_its_price_when_the_benefit_is_over(market):
    offer(market, "B02", "discount", {"percent_off": 20})
    sale = market.sell("H001", ("P01", 2))
    offer(market, "B02", "discount", {"percent_off": 1}, rule="balance >= 1000")
    again = sale_by_id(market.s, sale.book_id, sale.id)
    assert (again.points, again.lines[0].benefit["zh"]) == (480, "福利B02")
    assert judged(market, "H001", ("P01", 1)).total == 300


def test_a_raised_ceiling_lets_more_through_and_the_refusal_says_by_how_much(market):
    market.rules(month_points=6000, large_points=10_000)
    offer(market, "B03", "quota", {"month_points": 2000})
    assert judged(market, "H001", ("P13", 1), ("P15", 1)).refusal is None  # 40 + 30 = 70 of 60 + 20
    over = judged(market, "H001", ("P13", 2), ("P01", 1)).refusal  # 83
    assert isinstance(over, OverLimit)
    assert "每户每月最多兑换 80.00 分(60.00 分,另按“福利B03”多 20.00 分;大件不计" in over.sentence("zh")
    assert "本月还可兑 80.00 分,这次要 83.00 分" in over.sentence("zh")
    with pytest.raises(OverLimit):
        market.sell("H003", ("P13", 1), ("P15", 1))  # 97 points: no such benefit, so 60 is the end
    assert market.sell("H001", ("P13", 1), ("P15", 1)).points == 7000
    assert judged(market, "H001", ("P01", 4)).refusal is not None  # 76 points left: the benefit is gone with them


def test_a_large_good_stays_large_at_a_reduced_price(market):
    market.rules(month_points=1000, large_points=10_000)
    offer(market, "B02", "discount", {"percent_off": 50, "goods": ["P22"]})
    assert market.sell("H001", ("P22", 1)).points == 6000  # 120.00 at half price, not counted in the month
    assert judged(market, "H001", ("P01", 1)).refusal is None


def test_the_clerk_sees_the_benefit_and_the_reduced_price_and_so_does_the_api(market, app):
    open_now(market)
    offer(market, "B02", "discount", {"percent_off": 20, "goods": ["P01"]})
    clerk = Browser(app, "clerk")
    page = clerk.get("/till", who="H001", items="P01*2")
    assert "享有的福利 1 项" in page and "原价 3.00 分,按“福利B02”减 20%" in page
    call, basket = program(app, "clerk"), {"shop": market.shop.code, "household": "H001",
                                           "items": [{"sku": "P01", "quantity": 2}]}
    line, = call("POST", "/sales/preview", basket).json["lines"]
    assert (line["points"], line["full_points"], line["benefit"]) == (480, 300, "原价 3.00 分,按“福利B02”减 20%")
    sold = call("POST", "/sales", basket, str(uuid.uuid4())).json
    assert (sold["points"], sold["lines"][0]["benefit"]["code"]) == (480, "B02")
    assert "按“福利B02”减" in clerk.get(f"/till/slips/{sold['id']}")


def test_the_committee_reads_who_has_what_and_a_family_its_own(market, app):
    offer(market, "B02", "discount", {"percent_off": 20, "goods": ["P01"]})
    committee = Browser(app, "committee")
    assert "福利B02" in committee.get("/benefits")
    page = committee.get("/benefits/B02")
    assert "H001" in page and "可用积分不少于 100.00 分:现在 146.00 分,符合。" in page and "H007" not in page
    rolls = program(app, "committee")("GET", "/benefits/B02").json
    assert [row["household"] for row in rolls["entitled"]] == [
        code for code in sorted(market.village.households) if market.points(code) >= 10_000]
    assert rolls["effective_on"] <= str(clock.today())
