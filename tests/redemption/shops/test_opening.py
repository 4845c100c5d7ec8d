"""When a shop is open: Saturdays, the 25th, special days; the closing minute is closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from pointsbank.errors import BadInput
from redemption.shops import Policy, SetPolicy, SetShopDay, is_open, read_policy, set_policy, set_shop_day
from redemption.shops.opening import Span, SpecialDay, opening_at
from tests.redemption.a_shop import NOW, OPENING, TODAY

RULES = read_policy({"opening": OPENING})


def village_time(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour - 8, minute, tzinfo=UTC)


@pytest.mark.parametrize(("at", "open_"), [
    (village_time(28, 9), True), (village_time(28, 11, 29), True), (village_time(28, 11, 30), False),
    (village_time(28, 8, 59), False), (village_time(25, 10), True), (village_time(26, 10), False)])
def test_saturdays_and_the_25th_from_nine_to_half_past_eleven(at, open_):
    assert opening_at(RULES, at, {}).is_open is open_


def test_the_next_opening_is_named_with_day_and_hours():
    assert opening_at(RULES, village_time(25, 12), {}).sentence() == "下次开门:11月28日(周六)09:00–11:30。"
    assert opening_at(RULES, village_time(25, 12), {}).sentence("en") == "Opens next on Sat 2026-11-28, 09:00–11:30."
    assert opening_at(Policy(()), village_time(25, 12), {}).sentence() == "还没有定下次开门的日子。"


def test_a_special_day_opens_or_closes_whatever_the_rule_says(market, s):
    special = {date(2026, 11, 26): SpecialDay(Span(time(13), time(15))), date(2026, 11, 28): SpecialDay(None)}
    assert opening_at(RULES, village_time(26, 14), special).is_open
    assert opening_at(RULES, village_time(28, 10), special).next_day == date(2026, 12, 5)
    set_shop_day(s, SetShopDay(market.shop.code, TODAY, open=False, reason="盘点"), by=market.storekeeper, at=NOW)
    assert not is_open(s, market.shop, NOW).is_open
    with pytest.raises(BadInput):
        set_shop_day(s, SetShopDay(market.shop.code, date(2026, 11, 24)), by=market.storekeeper, at=NOW)


@pytest.mark.parametrize("body", [{"minimum": 5}, {"minimum_points": "500"}, {"minimum_points": -1},
                                  {"minimum_points": True}, {"opening": [{"weekday": 8, "opens": "09:00",
                                                                          "closes": "11:30"}]},
                                  {"opening": [{"opens": "11:30", "closes": "09:00"}]}, {"opening": "always"}])
def test_rules_that_cannot_be_read_are_refused_when_they_are_written(market, s, body):
    with pytest.raises(BadInput):
        set_policy(s, SetPolicy(market.shop.code, TODAY, body), by=market.system, at=NOW)


def test_every_version_of_the_rules_stays_and_the_newest_of_its_day_holds(market, s):
    first = set_policy(s, SetPolicy(market.shop.code, TODAY, {"minimum_points": 500}), by=market.system, at=NOW)
    assert (first.version, first.minimum_points) == (2, 500)
    assert set_policy(s, SetPolicy(market.shop.code, TODAY, {}), by=market.system, at=NOW).version == 3
