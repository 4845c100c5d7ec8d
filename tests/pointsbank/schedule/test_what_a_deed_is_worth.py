"""Prices worked by hand: units, awkward ratios, ladders, slices, levels, coefficients, rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pointsbank.amounts import Points
from pointsbank.schedule import Cap, Coefficient, RuleVersion, Tier, explain, value
from pointsbank.schedule.errors import BadFact
from tests.pointsbank.schedule.a_village import A01, B01, N01, V01, V02, a_deed, a_rule


def points_of(rule: RuleVersion, **deed: object) -> int:
    return value(rule, a_deed(rule.code, **deed)).points


def tier(start: str, points: int, per: str | None = None) -> Tier:
    return Tier(Decimal(start), Points(points), None if per is None else Decimal(per))


def test_three_hours_of_professional_service_earn_four_and_a_half():
    award = value(V02, a_deed("V02", minutes=180))
    assert (award.points, award.score, award.minutes) == (450, 450, 180)
    assert explain(award) == ["3 小时 × 1.50 = 4.50"]


def test_a_day_over_the_cap_pays_the_cap_and_explains_it():
    # V02: 5 h × 1.50 = 7.50; at most 6.00 a day -> 6.00, so 1.50 is not paid. The hours stand in full.
    award = value(V02, a_deed("V02", minutes=300))
    assert (award.points, award.minutes, award.capped_off) == (600, 300, 150)
    assert award.steps[-1].capped_off == 150
    assert explain(award) == ["5 小时 × 1.50 = 7.50", "每人每日上限 6.00 → 6.00,削减 1.50"]
    assert explain(award, "en")[-1] == "per person per day at most 6.00 → 6.00, cut by 1.50"


def test_a_hundred_minutes_are_multiplied_first_and_rounded_once():
    # 100/60 × 1.50 = 2.5 exactly; rounding the hours first (1.67) would give 2.51.
    assert points_of(V02, minutes=100) == 250
    # 50/60 × 1.00 = 0.8333… -> 0.83 half up; 50 minutes "down" the same, 100 min at 1.00 -> 1.67 or 1.66.
    assert points_of(V01, minutes=50) == 83
    assert points_of(V01, minutes=100) == 167
    assert points_of(a_rule(rounding="down"), minutes=100) == 166


def test_rounding_is_told_when_it_changed_the_figure():
    assert explain(value(V01, a_deed(minutes=100))) == [
        "1 小时 40 分 × 1.00 = 1.67", "精确值 1.6666…,四舍五入到 0.01 分 → 1.67"]


def test_two_hours_make_one_point_where_the_village_says_so():
    rule = a_rule(per=Decimal(2))  # 黄岩: 2 hours = 1 point
    assert [points_of(rule, minutes=m) for m in (60, 120, 150)] == [50, 100, 125]
    whole = a_rule(per=Decimal(2), rounding="whole_units")
    assert [points_of(whole, minutes=m) for m in (60, 119, 120, 239, 240)] == [0, 0, 100, 100, 200]


def test_one_hour_makes_ten_points_where_the_village_says_so():
    assert points_of(a_rule(points=1000), minutes=402) == 6700  # 曲阜: 6.7 h = 67 points


@pytest.mark.parametrize(("fen", "points"), [(999, 0), (1000, 10), (9900, 90), (9999, 90), (1, 0)])
def test_small_donations_earn_a_tenth_for_every_full_ten_yuan(fen: int, points: int):
    rule = a_rule("B02", "donation_yuan", 10, per=Decimal(10), rounding="whole_units")
    assert points_of(rule, amount_fen=fen) == points


@pytest.mark.parametrize(("fen", "points"), [(9999, 0), (10000, 100), (15000, 100), (19999, 100), (20000, 200)])
def test_each_full_hundred_yuan_earns_one_point(fen: int, points: int):
    # C08: 150 and 199.99 yuan give 1.00 each, and the explanation prints the rounding.
    award = value(B01, a_deed("B01", amount_fen=fen))
    assert award.points == points
    assert "只计整份,不足一份不计" in explain(award)[0]


def test_the_whole_hundreds_of_a_donation_read_as_a_sentence():
    assert explain(value(B01, a_deed("B01", amount_fen=19999))) == [
        "199.99 元,每满 100 元计 1.00(只计整份,不足一份不计):1 份 = 1.00"]


def test_a_single_donation_stops_at_twenty():
    award = value(B01, a_deed("B01", amount_fen=300_000))
    assert (award.points, award.full) == (2000, 3000)
    assert explain(award)[1] == "单次封顶 20.00 → 20.00,削减 10.00"


LADDER = a_rule("V09", points=None, tiers=(
    tier("10", 200), tier("20", 500), tier("50", 1000), tier("80", 1500), tier("100", 2000), tier("150", 2500),
    tier("200", 3000), tier("250", 4000), tier("300", 5000)), unit="person_day")


@pytest.mark.parametrize(("figure", "points"), [
    ("1", 0), ("9.99", 0), ("10", 200), ("19.99", 200), ("20", 500), ("49", 500), ("50", 1000), ("299.5", 4000),
    ("300", 5000), ("5000", 5000)])
def test_a_ladder_gives_the_figure_of_the_step_reached(figure: str, points: int):
    award = value(LADDER, a_deed("V09", quantity=Decimal(figure)))
    assert award.points == points


def test_below_the_lowest_step_nothing_is_earned_and_the_step_is_named():
    assert explain(value(LADDER, a_deed("V09", quantity=Decimal("9.99")))) == [
        "9.99 人·日,未到最低一档(满 10 人·日)= 0.00"]
    assert explain(value(LADDER, a_deed("V09", quantity=20))) == ["20 人·日,达到“满 20 人·日”一档 = 5.00"]


WHOLE = a_rule("B03", "donation_yuan", None, rounding="whole_units",
               tiers=(tier("1000", 100, "1000"), tier("100000", 200, "1000")))


@pytest.mark.parametrize(("yuan", "points"), [
    ("0.01", 0), ("999.99", 0), ("1000", 100), ("99999.99", 9900), ("100000", 20000), ("100001", 20000)])
def test_in_whole_amount_mode_the_step_reached_prices_everything(yuan: str, points: int):
    # C60: from 1,000: 1 per 1,000; from 100,000: 2 per 1,000 on the whole amount.
    award = value(WHOLE, a_deed("B03", amount_fen=int(Decimal(yuan) * 100)))
    assert award.points == points


# 文登: 100–1000 each 100 +1; –5000 each 400 +1; –10000 each 500 +1; above each 1000 +1; below 100 each 10 +0.1.
WENDENG = a_rule("B04", "donation_yuan", None, rounding="whole_units", tier_mode="slice", tiers=(
    tier("0", 10, "10"), tier("100", 100, "100"), tier("1000", 100, "400"), tier("5000", 100, "500"),
    tier("10000", 100, "1000")), caps=(Cap("household", "year", points=Points(4000)),))


@pytest.mark.parametrize(("yuan", "points"), [
    ("9", 0), ("10", 10), ("99", 90), ("99.99", 90), ("100", 100), ("101", 100), ("199.99", 100), ("999", 900),
    ("1000", 1000), ("1001", 1000), ("1400", 1100), ("4999", 1900), ("5000", 2000), ("5001", 2000), ("9999", 2900),
    ("10000", 3000), ("10001", 3000), ("11000", 3100), ("25000", 4000)])
def test_in_slice_mode_each_part_is_priced_by_its_own_step(yuan: str, points: int):
    award = value(WENDENG, a_deed("B04", amount_fen=int(Decimal(yuan) * 100)))
    assert award.points == points


def test_slices_are_told_one_by_one():
    assert explain(value(WENDENG, a_deed("B04", amount_fen=140_000))) == [
        "0–100 元一段:每 10 元计 0.10,100 元合 10 份,累计 1.00",
        "100–1000 元一段:每 100 元计 1.00,900 元合 9 份,累计 10.00",
        "1000–1400 元一段:每 400 元计 1.00,400 元合 1 份,累计 11.00"]


def test_flat_slices_add_up_as_they_are_reached():
    rule = a_rule("V09", "person_day", None, tier_mode="slice", tiers=(tier("10", 200), tier("20", 500)))
    assert [points_of(rule, quantity=q) for q in (9, 10, 19, 20)] == [0, 200, 200, 700]


@pytest.mark.parametrize(("level", "points"), [
    ("村", 500), ("镇", 1000), ("县", 1500), ("市", 2000), ("省", 3000), ("国家", 5000)])
def test_honours_pay_by_the_level_that_gave_them(level: str, points: int):
    assert points_of(A01, level=level, cause="2026 模范") == points


def test_a_level_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(BadFact, match="村、镇、县、市、省、国家"):
        value(A01, a_deed("A01", level="乡", cause="x"))
    with pytest.raises(BadFact, match="请写明事由"):
        value(A01, a_deed("A01", level="村"))


def test_coefficients_multiply_before_the_one_rounding():
    # 50 min × 1.00/h × 1.2 × 1.5 = 1.5 exactly; rounding 0.83 first would give 1.49.
    rule = a_rule(coefficients=(Coefficient("专业", Decimal("1.2")), Coefficient("高风险", Decimal("1.5"))))
    assert points_of(rule, minutes=50, coefficients=("高风险", "专业")) == 150
    assert points_of(rule, minutes=50, coefficients=("专业",)) == 100
    with pytest.raises(BadFact, match="没有“夜间”"):
        value(rule, a_deed(minutes=50, coefficients=("夜间",)))


def test_only_whole_pieces_count_where_half_a_piece_does_not_exist():
    # The kind of C09: one and a half activities are one activity.
    award = value(a_rule("V04", "time", 200), a_deed("V04", quantity=Decimal("1.5")))
    assert (award.points, award.times) == (200, 1)
    assert explain(award)[0] == "1.5 次只计整数:1 次"
    assert points_of(a_rule("G02", "person_day", 800), quantity=Decimal("0.5")) == 400


def test_a_deduction_is_negative_in_points_and_score():
    award = value(N01, a_deed("N01"))
    assert (award.points, award.score, award.full) == (-500, -500, -500)
    assert explain(award) == ["1 次 × 5.00 = 5.00", "扣分项,记 −5.00"]


def test_the_awkward_sums_of_the_shop_stay_exact():
    # C07: 267.39 then 0.89 is 268.28 and nothing beside it.
    hourly = a_rule("V07", "person_day", 89)
    assert points_of(hourly, quantity=1) + points_of(a_rule("V08", "person_day", 26739), quantity=1) == 26828


@pytest.mark.parametrize("minutes", [0, -30, 1441, 1500])
def test_a_day_has_no_more_than_twenty_four_hours(minutes: int):
    with pytest.raises(BadFact, match="1 分钟到 24 小时"):
        value(V01, a_deed(minutes=minutes))


def test_hours_need_somebody_they_belong_to():
    with pytest.raises(BadFact, match="请写明是谁"):
        value(V01, a_deed(minutes=60, person=None))
