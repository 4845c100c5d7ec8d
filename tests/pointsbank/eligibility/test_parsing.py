"""A rule's text: what it means, and everything it must not be able to do."""

from __future__ import annotations

import pytest

from pointsbank.eligibility import BadRule, UnknownFact, describe, parse
from pointsbank.eligibility.tree import All, Compare, Either, Flag


def test_a_rule_is_written_as_people_speak_and_kept_in_the_smallest_unit() -> None:
    assert parse("t_hours >= 20").tree == Compare("t_hours", ">=", 1200)  # 20 h = 1,200 min
    assert parse("t_hours >= 1.5").tree == Compare("t_hours", ">=", 90)
    assert parse("t_score >= 8").tree == Compare("t_score", ">=", 800)
    assert parse("t_score < 7.25").tree == Compare("t_score", "<", 725)
    assert parse("t_earned >= -5").tree == Compare("t_earned", ">=", -500)
    assert parse("3 <= t_stars").tree == Compare("t_stars", ">=", 3)
    assert parse("t_spent <= t_earned").tree == Compare("t_spent", "<=", other="t_earned")


def test_a_not_reaches_the_single_criteria() -> None:
    tree = parse("not (t_veto or t_hours < 20 or not (t_stars == 3))").tree
    assert tree == All((Flag("t_veto", False), Compare("t_hours", ">=", 1200), Compare("t_stars", "==", 3)))
    assert parse("t_veto == false").tree == parse("t_veto != true").tree == Flag("t_veto", False)


def test_or_binds_weaker_than_and() -> None:
    tree = parse("t_hours >= 20 or t_hours >= 10 and t_stars >= 1").tree
    assert isinstance(tree, Either) and isinstance(tree.parts[1], All)


def test_a_rule_reads_as_a_sentence_in_two_languages() -> None:
    rule = parse("not t_veto and (t_hours >= 20 or t_stars > 2)")
    assert describe(rule, "zh") == "没有一票否决,并且(服务时长不少于 20 小时,或者星数多于 2 颗)"
    assert describe(rule, "en") == "no veto, and (hours of service at least 20 h, or stars more than 2 stars)"


@pytest.mark.parametrize(("text", "at"), [
    ("t_tag > 3", 1),                       # text against a number
    ('t_hours >= "20"', 1),                 # and the other way round: refused when saved, not when judged
    ("t_hours", 1), ("not t_score", 5), ("t_veto > true", 1), ("t_hours == t_score", 12),
    ("t_hours >= 0.001", 1), ("t_score >= 8.005", 1), ("t_stars >= 2.5", 1),
    ('t_tag =~ "^(a+)+$"', 7), ("t_stars in $range(100000000)", 9), ("t_stars >= [1][0]", 12),
    ("t_stars >= 9**9", 13), ("t_stars >= 1/0", 13), ("t_stars + 1 > 2", 9), ("t_tag.length > 3", 6),
    ("t_hours >= inf", 12), ("t_hours == null", 12), ("t_hours >= 1e9", 13), ("t_hours >= 0x10", 13),
    ("t_hours > 3 > 2", 13), ("(t_hours > 3", 12), ("t_hours > 3)", 12), ("t_hours >", 9), ("", 0),
    ("t_hours >= 1234567890123", 12), ("t_stars >= 1 ? t_veto : t_veto", 14), ('d"2020" == t_tag', 2),
    ("1 > 2 and", 9), ("t_stars == t_stars", 1), ("t_hours >= 20 # x", 15), ("t_hours ≥ 20", 9),
    ("hours__nope >= 1", 1), ("months_E01__ever >= 1", 1), ("minors__12m >= 1", 1), ("t_hours__12m >= 1", 1),
])
def test_what_is_no_rule_is_refused_with_place_and_reason(text: str, at: int) -> None:
    with pytest.raises((BadRule, UnknownFact)) as refusal:
        parse(text)
    assert refusal.value.sentence("zh") and refusal.value.sentence("en")
    assert refusal.value.facts["at"] in (at, 0), refusal.value.facts


def test_an_unknown_fact_is_named_with_its_place_and_the_nearest_name() -> None:
    with pytest.raises(UnknownFact) as refusal:
        parse("t_veto or t_hour >= 3")
    assert refusal.value.facts["at"] == 11
    assert "t_hour" in refusal.value.sentence("zh") and "t_hours" in refusal.value.sentence("zh")
