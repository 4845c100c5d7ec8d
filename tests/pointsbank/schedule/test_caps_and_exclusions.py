"""Limits across several deeds: who shares a cap, which window counts, what shuts what out, what a reversal frees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from time import process_time

import pytest

from pointsbank.amounts import Points
from pointsbank.schedule import (
    Cap,
    RuleBook,
    Standing,
    UsageKey,
    Used,
    affected_by,
    explain,
    regain,
    usage_needed,
    value,
    value_many,
    window_of,
)
from pointsbank.schedule.errors import NoRuleInForce
from pointsbank.schedule.rules import Window
from tests.pointsbank.schedule.a_village import BOOK, DESHUN, E03, GUILAN, LI, V01, WANG, XIULAN, a_deed

MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def points_of(*facts, usage=None, book=BOOK):
    return [award.points for award in value_many(book, facts, usage)]


def test_a_person_earns_four_points_of_general_service_a_day_whoever_else_works():
    deeds = [a_deed(minutes=180), a_deed(minutes=120), a_deed(minutes=60), a_deed(minutes=180, person=XIULAN),
             a_deed(minutes=180, day=date(2026, 3, 6))]
    assert points_of(*deeds) == [300, 100, 0, 300, 300]


def test_what_was_awarded_before_the_batch_counts():
    deed = a_deed(minutes=180)
    day = UsageKey(("V01",), "person", DESHUN, deed.service_on, deed.service_on)
    month = UsageKey(("V01",), "household", WANG, *MARCH)
    assert usage_needed(BOOK, [deed]) == {day, month}
    assert points_of(deed, usage={day: Used(250, 1), month: Used(3000, 9)}) == [150]
    assert points_of(deed, usage={day: Used(250, 1), month: Used(3980, 9)}) == [20]
    award = value(V01, deed, {day: Used(250, 1), month: Used(3980, 9)})
    assert explain(award)[1:] == ["每人每日上限 4.00(已计 2.50) → 1.50,削减 1.50",
                                  "每户每月上限 40.00(已计 39.80) → 0.20,削减 1.30"]


def test_the_window_is_that_of_the_deed_not_of_the_typing():
    late = [a_deed("E03", day=date(2026, 2, 28)), *[a_deed("E03") for _ in range(5)],
            a_deed("E03", day=date(2026, 2, 27))]
    assert points_of(*late) == [500, 500, 500, 500, 500, 0, 500]


@pytest.mark.parametrize(("window", "day", "first", "last"), [
    ("day", date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 5)),
    ("month", date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
    ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ("quarter", date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
    ("quarter", date(2026, 4, 1), date(2026, 4, 1), date(2026, 6, 30)),
    ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
    ("year", date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 31)),
    ("ever", date(2026, 1, 1), date.min, date.max)])
def test_a_window_runs_from_its_first_to_its_last_day(window: Window, day: date, first: date, last: date):
    assert window_of(window, day) == (first, last)


def test_one_family_shares_the_monthly_cap_and_the_next_family_has_its_own():
    deeds = [a_deed("E03", quantity=3), a_deed("E03", quantity=2, person=XIULAN),
             a_deed("E03", household=LI, person=GUILAN)]
    assert points_of(*deeds) == [1500, 500, 500]


def test_a_cap_by_number_pays_the_times_that_are_left():
    awards = value_many(BOOK, [a_deed("V04", quantity=2), a_deed("V04", quantity=2), a_deed("V04")])
    assert [(award.points, award.times) for award in awards] == [(400, 2), (200, 1), (0, 0)]
    assert explain(awards[1])[1] == "每户每月最多 3 次(已计 2) → 2.00,削减 2.00"


def test_a_child_enters_university_once_in_this_book():
    assert points_of(a_deed("L03", day=date(2025, 8, 1)), a_deed("L03", day=date(2029, 8, 1)),
                     a_deed("L03", person=XIULAN)) == [1000, 0, 1000]


def test_excellent_and_good_yard_shut_each_other_out_within_the_month():
    april = date(2026, 4, 25)
    awards = value_many(BOOK, [a_deed("E02"), a_deed("E01"), a_deed("E01", day=april), a_deed("E02", day=april)])
    assert [award.points for award in awards] == [500, 0, 1000, 0]
    assert explain(awards[1])[-1] == "与 E02 互斥,每户每月已计 5.00 → 0.00,削减 10.00"


def test_of_one_cause_only_the_highest_honour_counts_whatever_the_order():
    model, fire = {"cause": "2026 年度模范"}, {"cause": "扑火"}
    up = points_of(a_deed("A01", level="镇", **model), a_deed("A01", level="市", **model),
                   a_deed("A01", level="县", **model), a_deed("A01", level="村", **fire))
    assert up == [1000, 1000, 0, 500]
    assert sum(points_of(a_deed("A01", level="市", **model), a_deed("A01", level="镇", **model))) == 2000


def test_a_year_of_donations_stops_at_forty():
    deeds = [a_deed("B01", amount_fen=180_000, person=None) for _ in range(3)]
    assert points_of(*deeds) == [1800, 1800, 400]


def test_a_cap_may_span_several_rules():
    both = Cap("household", "month", points=Points(800), rules=("E03", "E04"))
    one, other = replace(E03, caps=(both,)), replace(E03, code="E04", points=Points(300), caps=(both,))
    book = RuleBook((one, other))
    assert points_of(a_deed("E03"), a_deed("E04"), a_deed("E04"), book=book) == [500, 300, 0]
    award = value_many(book, [a_deed("E03"), a_deed("E03")])[1]
    assert explain(award)[-1] == "E03、E04 合计每户每月上限 8.00(已计 5.00) → 3.00,削减 2.00"


def test_a_change_of_the_cap_at_midsummer_judges_each_deed_by_its_own_day():
    # L01-like: 8.00 a month until June, 6.00 from July; the year is one window for both.
    year = Cap("household", "year", points=Points(1300))
    old = replace(E03, caps=(Cap("household", "month", points=Points(800)), year), valid_to=date(2026, 6, 30))
    new = replace(old, version=2, caps=(Cap("household", "month", points=Points(600)), year),
                  valid_from=date(2026, 7, 1), valid_to=None)
    book = RuleBook((new, old))
    june, july = date(2026, 6, 30), date(2026, 7, 1)
    awards = value_many(book, [a_deed("E03", day=day, quantity=2) for day in (june, july)])
    assert [(award.points, award.version) for award in awards] == [(800, 1), (500, 2)]
    with pytest.raises(NoRuleInForce, match="2024-12-31"):
        book.pick("E03", date(2024, 12, 31))


def standing(*facts, book=BOOK, usage=None):
    return [Standing(fact, Used(award.points, award.times))
            for fact, award in zip(facts, value_many(book, facts, usage), strict=True)]


def usage_of(siblings, book=BOOK):
    """What stands, summed the slow way: every award into every bucket it belongs to."""
    keys = usage_needed(book, [one.fact for one in siblings])
    usage = {}
    for key in keys:
        inside = [one.awarded for one in siblings
                  if one.fact.rule in key.rules and key.start <= one.fact.service_on <= key.end
                  and key.who == (one.fact.household if key.subject == "household" else one.fact.person)
                  and key.cause in (None, one.fact.cause)]
        usage[key] = Used(sum(used.points for used in inside), sum(used.times for used in inside))
    return usage


def test_when_a_record_is_reversed_its_siblings_regain_what_the_cap_had_cut():
    # 3 + 2 + 1 h in one day pay 3.00 + 1.00 + 0.00; without the first: 2.00 + 1.00, so 1.00 and 1.00 come back.
    first, *rest = standing(a_deed(minutes=180), a_deed(minutes=120), a_deed(minutes=60))
    gains = regain(BOOK, rest, usage_of(rest))
    assert [(gain.points, gain.minutes) for _, gain in gains] == [(100, 0), (100, 0)]
    assert explain(gains[0][1])[-1] == "更正后有余量:原已计 1.00,恢复 1.00"
    assert {affected.bucket for affected in affected_by(BOOK, first.fact)} == usage_needed(BOOK, [first.fact])


def test_siblings_never_regain_more_than_the_cap_leaves_and_nobody_is_cut():
    _, *rest = standing(a_deed("E03", quantity=2), a_deed("E03", quantity=2), a_deed("E03"), a_deed("E03"))
    assert [one.awarded.points for one in rest] == [1000, 0, 0]
    gains = regain(BOOK, rest, usage_of(rest))
    assert [(one is sibling, gain.points) for one, (sibling, gain) in zip(rest[1:], gains, strict=True)] == [
        (True, 500), (True, 500)]


def test_a_partly_paid_sibling_is_filled_up_to_the_cap_and_the_next_gets_what_is_left():
    # Paid 3.00 + 1.00 + 0.00 of 3 + 4 + 4 h; without the first only 4.00 fit: the second gets all, the third nothing.
    _, *rest = standing(a_deed(minutes=180), a_deed(minutes=240), a_deed(minutes=240))
    assert [(one is rest[0], gain.points) for one, gain in regain(BOOK, rest, usage_of(rest))] == [(True, 300)]


def test_what_was_never_cut_regains_nothing():
    _, *rest = standing(a_deed(minutes=60), a_deed(minutes=60))
    assert regain(BOOK, rest, usage_of(rest)) == []


def test_times_and_exclusions_are_given_back_too():
    _, *rest = standing(a_deed("V04", quantity=3), a_deed("V04", quantity=2))
    assert [(gain.points, gain.times) for _, gain in regain(BOOK, rest, usage_of(rest))] == [(400, 2)]
    good, *yard = standing(a_deed("E02"), a_deed("E01"))
    assert ("E01", WANG) in {(affected.rule, affected.bucket.who) for affected in affected_by(BOOK, good.fact)}
    assert [gain.points for _, gain in regain(BOOK, yard, usage_of(yard))] == [1000]


def test_a_lower_honour_comes_back_when_the_higher_one_was_an_error():
    _, *rest = standing(a_deed("A01", level="市", cause="m"), a_deed("A01", level="镇", cause="m"))
    assert [gain.points for _, gain in regain(BOOK, rest, usage_of(rest))] == [1000]


def test_a_sibling_regains_under_the_version_of_then():
    lower = replace(V01, version=2, caps=(Cap("person", "day", points=Points(100)),))
    book = RuleBook((replace(V01, valid_to=date(2026, 3, 31)), replace(lower, valid_from=date(2026, 4, 1))))
    facts = [a_deed(minutes=240, version=1), a_deed(minutes=120, version=1)]
    _, *rest = standing(*facts, book=book)
    assert [gain.points for _, gain in regain(book, rest, usage_of(rest, book))] == [200]


def test_five_thousand_deeds_are_valued_within_a_second():
    start = date(2026, 1, 1)
    facts = [a_deed(("V01", "V02", "E03", "B01", "E01")[i % 5], day=start + timedelta(days=i % 300), minutes=90,
                    amount_fen=15_000, household=(WANG, LI)[i % 2]) for i in range(5000)]
    before = process_time()
    assert len(value_many(BOOK, facts, dict.fromkeys(usage_needed(BOOK, facts), Used()))) == 5000
    assert process_time() - before < 1
