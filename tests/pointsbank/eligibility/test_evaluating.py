"""Verdicts: yes, no and cannot decide, with figures worked by hand."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pointsbank.eligibility import as_json, criterion_sentence, evaluate, explain, from_json, parse, shortest_way
from pointsbank.eligibility.tree import All, Compare, Constant, Either, Flag, Node

TRI = (True, False, None)
WORLDS: dict[str, list[Any]] = {"t_veto": [True, False], "t_stars": [0, 1, 2], "t_hours": [0, 60],
                                "t_spent": [0, 2], "t_earned": [1]}


@pytest.mark.parametrize(("hours", "outcome", "distance"),
                         [(1199, False, 1), (1200, True, 0), (1201, True, 0), (0, False, 1200)])
def test_the_threshold_itself_is_enough_and_a_minute_less_is_not(hours: int, outcome: bool, distance: int) -> None:
    verdict = evaluate(parse("t_hours >= 20"), {"t_hours": hours})
    assert (verdict.outcome, verdict.criteria[0].distance) == (outcome, distance)


@pytest.mark.parametrize("arrived", ["9", "100", "", None, True, {"a": 1}, [20]])
def test_c65_a_fact_of_the_wrong_type_or_none_decides_nothing_and_is_named(arrived: Any) -> None:
    verdict = evaluate(parse("t_stars >= 20"), {"t_stars": arrived})
    assert verdict.outcome is None
    assert verdict.undecided == ("t_stars",)
    assert verdict.criteria[0].problem == ("missing" if arrived is None else "wrong_type")
    assert evaluate(parse("t_stars >= 20"), {}).outcome is None
    assert explain(verdict)[0].startswith("暂不能判定:")


def test_a_number_does_not_pass_as_a_yes_or_a_text() -> None:
    assert evaluate(parse("t_veto"), {"t_veto": 1}).outcome is None
    assert evaluate(parse('t_tag == "5"'), {"t_tag": 5}).outcome is None


@pytest.mark.parametrize("a", TRI)
@pytest.mark.parametrize("b", TRI)
def test_and_or_not_follow_kleenes_tables(a: bool | None, b: bool | None) -> None:
    facts = {"t_veto": a, "t_stars": None if b is None else int(b)}
    both = evaluate(parse("t_veto and t_stars == 1"), facts).outcome
    either = evaluate(parse("t_veto or t_stars == 1"), facts).outcome
    assert both == (False if False in (a, b) else None if None in (a, b) else True)
    assert either == (True if True in (a, b) else None if None in (a, b) else False)
    assert evaluate(parse("not t_veto"), facts).outcome == (None if a is None else not a)


def nodes() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["t_veto", "t_stars >= 2", "t_stars == 1", "t_hours < 1", "t_spent <= t_earned", "true",
                            "false"])
    return st.recursive(leaf, lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"), st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})")), max_leaves=8)


def slow(text: str, facts: dict[str, Any]) -> bool | None:
    """The obvious model: try every value the missing facts could have had."""
    free = [name for name in WORLDS if facts.get(name) is None]
    answers = set()
    for values in itertools.product(*(WORLDS[name] for name in free)):
        full = {**facts, **dict(zip(free, values, strict=True))}
        python = text.replace("true", "True").replace("false", "False").replace("t_hours < 1", "t_hours < 60")
        answers.add(bool(eval(python, {}, full)))
    return answers.pop() if len(answers) == 1 else None


@given(text=nodes(), facts=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in WORLDS.items()}),
       hidden=st.sets(st.sampled_from(["t_veto", "t_stars", "t_hours", "t_spent"])))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_decided_verdict_is_the_one_every_possible_world_gives(text: str, facts: dict[str, Any],
                                                                 hidden: set[str]) -> None:
    if len(text) > 400:
        return
    full = evaluate(parse(text), facts).outcome
    assert full == slow(text, facts)
    partly = evaluate(parse(text), {**facts, **dict.fromkeys(hidden)}).outcome
    if partly is not None:  # Kleene may know less than all worlds together, never something else
        assert partly == slow(text, {**facts, **dict.fromkeys(hidden)})


def test_a_criterion_says_figure_threshold_and_what_is_missing() -> None:
    criterion = evaluate(parse("t_hours >= 20"), {"t_hours": 17 * 60}).criteria[0]
    assert criterion_sentence(criterion, "zh") == "服务时长不少于 20 小时:现在 17 小时,还差 3 小时。"
    assert criterion_sentence(criterion, "en") == "hours of service at least 20 h: now 17 h, 3 h more needed."
    last = date(2026, 12, 31)
    assert criterion_sentence(criterion, "zh", last).endswith(":现在 17 小时,还差 3 小时(12 月 31 日前)。")
    assert criterion_sentence(criterion, "en", last).endswith("now 17 h, 3 h more needed until 31 December.")
    missing = evaluate(parse("t_score >= 8"), {}).criteria[0]
    assert criterion_sentence(missing, "zh") == "评议分不少于 8.00 分:暂不能判定,还没有“评议分”。"


def test_english_counts_one_and_many() -> None:
    one, many = (evaluate(parse("t_stars >= 3"), {"t_stars": had}).criteria[0] for had in (2, 1))
    assert criterion_sentence(one, "en") == "stars at least 3 stars: now 2 stars, 1 star more needed."
    assert criterion_sentence(many, "en") == "stars at least 3 stars: now 1 star, 2 stars more needed."
    served = evaluate(parse("volunteers >= 2"), {"volunteers": 1}).criteria[0]
    assert criterion_sentence(served, "en").endswith("at least 2 people: now 1 person, 1 person more needed.")


def test_a_private_figure_is_never_spoken() -> None:
    criterion = evaluate(parse('t_tag == "学生户"'), {"t_tag": "低保户"}).criteria[0]
    assert "低保" not in criterion_sentence(criterion, "zh")


def test_the_shortest_way_takes_the_alternative_with_fewest_steps() -> None:
    verdict = evaluate(parse("t_hours >= 20 or (t_hours >= 10 and t_stars >= 1)"), {"t_hours": 540, "t_stars": 0})
    assert [(c.fact, c.distance) for c in shortest_way(verdict)] == [("t_hours", 660)]  # one step: 9 h -> 20 h


def test_a_verdict_survives_being_stored() -> None:
    rule = parse("t_veto or (t_hours >= 20 and t_score >= 8)", code="star.S10", version=3)
    verdict = evaluate(rule, {"t_hours": 60, "t_veto": "x"})
    assert from_json(as_json(verdict)) == verdict


def test_node_types_are_closed() -> None:
    assert set(Node.__args__) == {Compare, Flag, Constant, All, Either}  # type: ignore[attr-defined]
