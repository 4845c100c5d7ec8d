"""The same parsed rule in memory and inside the database: one answer, criterion by criterion, whatever arrives."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from pointsbank.database import new_id
from pointsbank.eligibility import Rule, Verdict, evaluate, parse
from pointsbank.eligibility.asking import Ask
from pointsbank.eligibility.compiling import finding, truth, verdict_of
from pointsbank.eligibility.finding import closure, layers
from pointsbank.eligibility.turnovers import kept
from pointsbank.eligibility.windows import Window
from tests.databases import KINDS, fresh

BOOK, ON = 230199, date(2026, 11, 25)
YEAR = Window(date(2026, 1, 1), ON)

LEAVES = ["t_veto", "not t_veto", "t_veto == false", "t_stars >= 2", "t_stars == 1", "t_stars != 1", "3 > t_stars",
          "t_hours < 1", "t_hours >= 20", "t_score > 7.25", "t_spent <= t_earned", "t_spent > t_earned",
          "t_spent != t_earned", 't_tag == "低保户"', 't_tag != "a:b%c"', "true", "false"]


def texts() -> st.SearchStrategy[str]:
    return st.recursive(st.sampled_from(LEAVES), lambda inner: st.one_of(
        inner.map(lambda a: f"not ({a})"), st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})")), max_leaves=9).filter(lambda text: len(text) <= 400)


WRONG = st.sampled_from(["", "9", "100", "true", 1.5, [20], {"a": 1}, 10**18, -10**18, 10**400,
                         float("nan"), "\x00", "\ud800"])
NUMBERS = st.one_of(st.integers(-3, 3), st.sampled_from([59, 60, 1199, 1200, 725, 726, 10**18 - 1, 1 - 10**18]))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{name: st.one_of(NUMBERS, st.none(), st.booleans(), WRONG)
       for name in ("t_hours", "t_score", "t_stars", "t_spent", "t_earned")},
    "t_veto": st.one_of(st.booleans(), st.none(), st.integers(0, 1), WRONG),
    "t_tag": st.one_of(st.sampled_from(["低保户", "a:b%c", 'quo"te', "back\\slash", "it's", "𬭎", "null"]), st.none(),
                       WRONG)}


def in_database(s: Session, rule: Rule, facts: dict[UUID, dict[str, Any]]) -> dict[UUID, tuple[bool | None, Verdict]]:
    """{household: (truth, verdict)} as the database judges them."""
    ask = Ask(s, BOOK, list(facts), ON, YEAR, kept(BOOK))
    named = closure(ask, rule.facts)
    found = layers(ask, named, {name: {home: mine.get(name) for home, mine in facts.items()} for name in named})
    rows = s.execute(select(found.homes.c.id, truth(rule.tree, found.columns), finding(rule.tree, found.columns)
                            ).select_from(found.joined))
    return {home: (None if outcome is None else bool(outcome), verdict_of(rule, json.loads(text)))
            for home, outcome, text in rows}


@pytest.fixture(scope="module", params=KINDS)
def held(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
         keys: Any) -> Any:
    """A session kept through all examples."""
    from pointsbank.database import engine_for
    from tests.databases import drop

    urls = fresh(request.param, tmp_path_factory.mktemp("rules"))
    engine: Engine = engine_for(urls[0])
    with Session(engine) as s:
        yield s
    engine.dispose()
    drop(urls[1])


@given(text=texts(), arrived=st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=6))
@example(text="t_tag == \"低保户\"", arrived=[{"t_tag": "低保户"}, {"t_tag": "\ud800"}])
@example(text="(t_veto) or (t_stars >= 2)", arrived=[{"t_veto": None, "t_stars": 2}, {"t_veto": None, "t_stars": 1}])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rule_gives_the_same_verdict_in_memory_and_in_the_database(held: Session, text: str,
                                                                     arrived: list[dict[str, Any]]) -> None:
    rule = parse(text, code="star.X", version=2)
    facts = {new_id(): mine for mine in arrived}
    found = in_database(held, rule, facts)
    assert found.keys() == facts.keys()
    for home, mine in facts.items():
        verdict = evaluate(rule, mine)
        assert found[home] == (verdict.outcome, verdict)


def test_kleenes_tables_hold_in_the_database_too(held: Session) -> None:
    homes = {(a, b): new_id() for a in (True, False, None) for b in (True, False, None)}
    facts = {home: {"t_veto": a, "t_stars": None if b is None else int(b)} for (a, b), home in homes.items()}
    both = in_database(held, parse("t_veto and t_stars == 1"), facts)
    either = in_database(held, parse("t_veto or t_stars == 1"), facts)
    for (a, b), home in homes.items():
        assert both[home][0] == (False if False in (a, b) else None if None in (a, b) else True)
        assert either[home][0] == (True if True in (a, b) else None if None in (a, b) else False)


def test_a_wrong_type_is_named_by_the_database_as_in_memory(held: Session) -> None:
    home = new_id()
    (_, verdict), = in_database(held, parse("t_stars >= 3"), {home: {"t_stars": "9"}}).values()
    assert verdict.outcome is None and verdict.undecided == ("t_stars",)
    assert verdict.criteria[0].problem == "wrong_type"
