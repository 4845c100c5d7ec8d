"""C59 through the pages: a household that spends nearly everything keeps its stars, and its limits follow the stars."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from pointsbank import clock
from pointsbank.access import system_actor
from pointsbank.eligibility import PublishRule, publish_edited, publish_rule
from pointsbank.people import persons_of_household
from pointsbank.ratings import publish_scheme, scheme_from_json
from pointsbank.ratings.facts import register_rating_facts
from redemption.demo.people import data
from tests.pointsbank.ratings import village as making
from tests.redemption.a_shop import Market
from tests.redemption.at_the_till import Browser, open_now, words

PIN = data("staff.json")["household_pin"]


@pytest.fixture
def bank(app: Flask, market: Market) -> making.Village:
    """The market's village with its ten stars, and the real fact of stars held."""
    register_rating_facts()
    open_now(market)
    today = clock.today()
    body = {**making.scheme_data(), "effective_on": date(today.year, 1, 1).isoformat()}
    scheme = publish_scheme(market.s, scheme_from_json(body, key=uuid.uuid4(), place_code=making.COUNTY),
                            by=system_actor(market.village.book_id, "test"), at=clock.now())
    heads = {code: persons_of_household(market.s, home.book_id, home.id)[0]
             for code, home in market.village.households.items()}
    return making.Village(market.s, scheme, dict(market.village.households), heads)


def rate(committee: Browser) -> None:
    answer = committee.post("/committee/ratings", place=making.VILLAGE, year=str(clock.today().year))
    assert answer.status_code == 303, answer.text[:300]


def family(app: Flask, code: str) -> str:
    client = app.test_client()
    client.post("/login", data={"kind": "household", "login": code, "password": PIN, "key": str(uuid.uuid4())})
    return words(client.get("/ratings/mine").text)


def stars_of(page: str) -> str:
    return page.split("年度得 ")[1].split(" 颗星")[0]


def test_c59_a_household_that_spends_150_of_158_keeps_every_star(app: Flask, market: Market,
                                                                 bank: making.Village) -> None:
    day = date(clock.today().year, 1, 5)
    bank.deed("H010", "V01", day, 15800, minutes=20 * 60)            # earned 158.00 this year, 20 h
    clerk, committee = Browser(app, "clerk"), Browser(app, "committee")
    meter = {"shop": market.shop.code, "who": "H010", "items": "P22*1"}
    limit = PublishRule(uuid.uuid4(), "goods.P22", "三星以上,每户三年限一台", "three stars, one in three years",
                        "stars >= 3 and good_3_years_with_this <= 1", clock.today())
    publish_rule(market.s, limit, by=market.system, at=clock.now())
    refused = clerk.post("/till/sales", **meter)                     # nobody has been rated: the limit cannot be judged
    assert refused.status_code == 409 and "现有星数" in refused.text
    rate(committee)
    before = family(app, "H010")
    assert stars_of(before) == "4"                                   # S02 S03 S06 by their base, S10 by 20 h
    sold = clerk.post("/till/sales", **meter)                        # 120.00: three stars and more, one in three years
    assert sold.status_code == 303
    assert clerk.post("/till/sales", **{**meter, "items": "P15*1"}).status_code == 303    # 30.00
    twice = clerk.post("/till/sales", **meter)
    assert twice.status_code == 409 and "现在不能再兑这一样" in twice.text
    rate(committee)
    after = family(app, "H010")
    assert stars_of(after) == stars_of(before)
    assert "获得 158.00 分,兑换 150.00 分" in after and "兑换多少不影响" in after


def test_past_its_review_day_a_rule_still_holds_and_everybody_who_relies_on_it_is_told(app: Flask, market: Market,
                                                                                      bank: making.Village) -> None:
    today = clock.today()
    limit = PublishRule(uuid.uuid4(), "goods.P22", "每户三年限一台", "one in three years",
                        "good_3_years_with_this <= 1", date(today.year - 1, 1, 1),
                        review_on=date(today.year - 1, 12, 31), adopted_by="纪要 1 号")
    publish_rule(market.s, limit, by=market.system, at=clock.now())
    star = PublishRule(uuid.uuid4(), "star.S01", "爱党爱国星", "Love of country", "count_L01_L02 >= 4", today,
                       review_on=today - timedelta(days=1), adopted_by="纪要 2 号")
    publish_edited(market.s, star, by=system_actor(market.village.book_id, "test"), at=clock.now())
    till = Browser(app, "clerk").get("/till", who="H010", items="P22*1")
    assert "规则“每户三年限一台”定在" in till and "照旧按它办" in till
    committee = Browser(app, "committee")
    rate(committee)
    for page in (committee.get("/committee/ratings"), family(app, "H010")):
        assert "规则“爱党爱国星”定在" in page and "评定照旧按它算" in page
