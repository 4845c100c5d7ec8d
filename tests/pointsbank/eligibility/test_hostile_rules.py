"""Rules written to do harm: refused with place and reason, or judged at once, in memory and inside the database.

How long something takes is the thread's own time on the processor, so that a busy machine makes no difference.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from pointsbank.database import new_id
from pointsbank.eligibility import BadRule, Rule, UnknownFact, describe, evaluate, facts_for, parse, trial
from pointsbank.eligibility.parsing import TEXT_MAX
from pointsbank.eligibility.windows import Window
from tests.pointsbank.eligibility.test_in_the_database import BOOK, ON, YEAR, held, in_database  # noqa: F401

SECONDS = 2
FULL = {"t_hours": 60, "t_score": 800, "t_stars": 3, "t_veto": True, "t_tag": "x", "t_spent": 1, "t_earned": 2}


def read(text: str) -> Rule | None:
    """The rule, or None where it is refused as documented. Anything else, or taking longer, is an error."""
    started = time.thread_time()
    try:
        rule = parse(text)
    except (BadRule, UnknownFact) as refusal:
        said = refusal.sentence("zh") + refusal.sentence("en")
        assert 0 <= refusal.facts["at"] <= len(text) + 1 and said.encode() and "\x00" not in said
        return None
    else:
        assert (describe(rule, "zh") + describe(rule, "en")).encode()
        assert evaluate(rule, {}).outcome in (True, False, None)
        assert evaluate(rule, FULL).outcome in (True, False)
        return rule
    finally:
        assert time.thread_time() - started < SECONDS, text


REFUSED: list[tuple[str, int]] = [  # the text, and the character it is refused for
    ("lambda: t_veto", 7), ("(t_stars := 3) > 2", 10), ('f"{t_stars}" == t_tag', 2), ("t_veto # and", 8),
    ("t_veto -- and", 8), ("t_veto; t_veto", 7), ("/* */ t_veto", 1), ("__import__", 1), ("t_tag.__class__", 6),
    ('t_tag.__len__() > 3', 6), ("getattr(t_tag, 1)", 14), ("t_stars >= 9**9**9**9", 13),
    ('t_tag == "a" * 999999999', 14),
    ("t_stars >= 1 / 0", 14), ("t_stars % 0 == 1", 9), ("t_stars // 0 > 1", 9), ("t_stars >= 9999999999999", 12),
    ("t_stars in [" + "1, " * 150 + "1]", 9), ("t_stars >= 1_000", 13), ("t_stars >= ３", 12), ("t_stars >= ٣", 12),
    ("ｔ_stars >= 3", 1), ("t_st\u0430rs >= 3", 5), ("t_stars\u00a0>= 3", 8), ("t_stars >= 3\u200b", 13),
    ("t_stars >= 3\x00", 13), ('t_tag == "a\x00b"', 12), ('t_tag == "\u202e"', 11), ('t_tag == "\ud800"', 11),
    ("t_tag == '\u2028'", 11), ("\ud800", 1), ("\ufeff t_veto", 1), ('t_tag == "a\\nb"', 10), ("t_veto\x0b", 7),
    ("@t_veto", 1), ("`t_veto`", 1), ("t_veto ? true : false", 8), ("[t_veto for t_veto in t_tag]", 1),
    ("{t_veto}", 1), ("$today > 3", 1), ("t_veto if t_veto", 8), ("t_stars >= nan", 12), ("t_stars == null", 12),
    ("9" * TEXT_MAX, 1), ("a" * TEXT_MAX, 1), ("(" * TEXT_MAX, 31), ("t_veto " * 71, 8), ("t_veto" + ")" * 90, 7),
    ('t_tag == "t_hours" and t_hours == "3"', 24), ("t_veto" * 80, 1), ("t_veto and " * 45, 495),
]


@pytest.mark.parametrize(("text", "at"), REFUSED)
def test_what_would_do_harm_is_refused_with_its_place(text: str, at: int) -> None:
    assert read(text) is None
    with pytest.raises((BadRule, UnknownFact)) as refusal:
        parse(text)
    assert refusal.value.facts["at"] == at, refusal.value.facts


LONG = ["(" * 30 + "t_veto" + ")" * 30, "not " * 120 + "t_veto", "t_veto and " * 44 + "t_veto",
        "not(" * 30 + "t_veto" + ")" * 30, " or ".join(["t_stars>1"] * 38), "t_veto\n\tand\r\nt_veto",
        't_tag == "' + "a" * 480 + '"', "1 > 2 and 2 > 1 or " * 20 + "t_veto", "t_stars >= 3.0",
        "t_stars >= 3.00000000000", "t_hours >= -99999999999", "t_score != 999999999.99", "not not(not t_veto)",
        " and ".join(f"(t_stars!={n} or t_hours>{n})" for n in range(1, 16)), "t_spent>=t_earned or t_earned>t_spent",
        "t_tag == \"' OR 1=1; DROP TABLE household; --\"", 't_tag != "%s %(a)s {0} ${x} $1 :at ? \U0001f600"',
        "t_tag == '\"'", '"" == t_tag', "true", "false or false"]


@pytest.mark.parametrize("text", LONG)
def test_long_and_deep_and_sly_rules_are_judged_alike_at_once(held: Session, text: str) -> None:  # noqa: F811
    rule = read(text)
    assert rule is not None
    facts: dict[Any, dict[str, Any]] = {new_id(): mine for mine in (
        {}, FULL, {**FULL, "t_veto": False, "t_stars": 0}, {"t_tag": "' OR 1=1; DROP TABLE household; --"})}
    found = in_database(held, rule, facts)
    for home, mine in facts.items():
        verdict = evaluate(rule, mine)
        assert found[home] == (verdict.outcome, verdict)


def test_facts_with_long_names_that_begin_alike_are_told_apart_by_the_database(s: Session) -> None:
    """Databases cut names at 63 characters."""
    many = "_".join(["ABCDEFGHIJKL"] * 5)
    text = f"count_{many}_A1 >= 1 or count_{many}_A2 == 0 or hours_{many}_A1 > 1 or hours_{many}_A2__36m > 1"
    rule, home = parse(text), new_id()
    assert max(map(len, rule.facts)) > 63
    assert facts_for(s, BOOK, [home], rule.facts, on=ON)[home] == dict.fromkeys(rule.facts, 0)
    assert trial(s, BOOK, ["230199"], None, rule, YEAR).households == 0


def test_as_many_facts_as_a_text_can_name_are_asked_in_one_statement(s: Session) -> None:
    text = " or ".join(f"{('count', 'months', 'streak')[n % 3]}_E{n}>1" for n in range(32))
    rule, home = parse(text), new_id()
    assert len(text) > TEXT_MAX - 60
    assert evaluate(rule, facts_for(s, BOOK, [home], rule.facts, on=ON)[home]).outcome is False
    assert trial(s, BOOK, ["230199"], rule, rule, Window(ON, ON)).households == 0


WORDS = st.sampled_from(["t_hours", "t_score", "t_stars", "t_veto", "t_tag", "and", "or", "not", "true", "false", "in",
                         "null", "inf", "nan", "for", "if", "(", ")", ">=", "<=", ">", "<", "==", "!=", "=~", "!~", "[",
                         "]", "{", "}", "$", "$range", "20", "8.5", "-1", "0", "1e99", "0x1F", '"a"', "'b'", '"', "\\",
                         "+", "-", "*", "**", "/", "//", "%", "&", "|", "^", "<<", ">>", ".", "&.", "??", "?", ":", ",",
                         "#", "d", "b", "\n", "\t", "一", "t_hours.__class__"])
PASSING = st.sampled_from(["t_hours", "t_score", "t_stars", "t_veto", "t_tag", "t_earned", "t_spent", "and", "or",
                           "not", "true", "false", "(", ")", ">=", "<=", ">", "<", "==", "!=", "20", "-1", "0.5",
                           '"a"', "''"])


@given(st.one_of(st.text(max_size=520), st.lists(WORDS, max_size=60).map(" ".join),
                 st.lists(WORDS, max_size=60).map("".join), st.lists(PASSING, max_size=24).map(" ".join)))
@example("d\"2020-01-01\" > d\"2019-01-01\"").via("a date literal")
@example("1 << 9").via("a shift")
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_raises_anything_but_the_documented_refusals_or_runs_long(text: str) -> None:
    read(text)
