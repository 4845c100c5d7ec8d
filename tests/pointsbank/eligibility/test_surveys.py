"""A whole book judged in one run: the same figures as household by household, and a number of statements that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from ledger.sealing import seal_now
from pointsbank.access import system_actor
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import (
    FactSpec,
    TakeSurvey,
    Window,
    evaluate,
    facts_for,
    parse,
    register_composed,
    survey_verdicts,
    take_survey,
    trial,
)
from pointsbank.eligibility.asking import Ask
from pointsbank.eligibility.finding import everything
from pointsbank.eligibility.kinds import Kind
from pointsbank.eligibility.models import Survey, SurveyFinding, Turnover
from pointsbank.eligibility.surveying import forget_surveys
from pointsbank.eligibility.turnovers import catch_up, kept, rebuild
from pointsbank.people import AddHousehold, add_household
from pointsbank.places import AddPlace, add_place
from tests.pointsbank.eligibility.test_ledger_facts import BOOK, PLACE, counted, earn, spend, take_back

AT, ON = datetime(2026, 11, 25, 2, tzinfo=UTC), date(2026, 11, 25)
YEAR = Window(date(2026, 1, 1), ON)
BY = system_actor(BOOK, "test")
NAMES = ["hours", "volunteers", "score", "deducted", "earned", "spent", "deeds", "active_months", "active_streak",
         "count_E01", "months_E01_E02", "streak_E01", "score_E", "earned_V01", "hours_V", "hours__12m",
         "score__lastyear", "count_E01__quarter", "months_E01__36m", "earned__ever"]


@pytest.fixture
def homes(s: Session) -> list[UUID]:
    for code, level in (("230000000000", "province"), ("230100000000", "city"), ("230199000000", "county"),
                        ("230199100000", "town"), (PLACE, "village")):
        add_place(s, AddPlace(code, level, level, None))
    return [add_household(s, AddHousehold(PLACE, f"H{n:03}", 1, date(2020, 1, 1))).id for n in range(1, 7)]


def a_year(s: Session, homes: list[UUID]) -> list[UUID]:
    """Deeds in several months, some taken back, some half; answers those that still stand whole."""
    anna, bert = new_id(), new_id()
    for month in (1, 2, 4, 5, 6, 11):
        earn(s, homes[0], "E01", date(2026, month, 25), 1000)
    for month in (3, 9):
        earn(s, homes[0], "E02", date(2026, month, 20), 500)
    earn(s, homes[1], "V01", date(2026, 3, 5), 300, minutes=180, person=anna)
    standing = [earn(s, homes[1], "V02", date(2026, 11, 6), 100, minutes=60, person=bert),
                earn(s, homes[2], "E01", date(2026, 10, 25), 1000)]
    earn(s, homes[2], "E01", date(2025, 12, 25), 1000)
    take_back(s, earn(s, homes[2], "E01", date(2026, 8, 25), 1000), date(2026, 11, 2))
    take_back(s, earn(s, homes[3], "N01", date(2026, 6, 1), -500), date(2026, 6, 4), {1: 250, 2: 250})
    spend(s, homes[1], date(2026, 11, 7), 250)
    return standing


def of_the_book(s: Session, names: list[str]) -> dict[UUID, dict[str, object]]:
    """What the kept turnovers say."""
    ask = Ask(s, BOOK, None, ON, YEAR, kept(BOOK), ("230199",))
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in s.execute(everything(ask, names))}


def catch(s: Session) -> int:
    with unit_of_work(s):
        return catch_up(s, BOOK, seal_now(s.connection(), BOOK, at=AT).size)


def test_kept_turnovers_say_what_the_transfers_say_before_and_after_corrections(s: Session, homes: list[UUID]) -> None:
    standing = a_year(s, homes)
    assert catch(s) == 17
    mine = of_the_book(s, NAMES)
    assert mine == facts_for(s, BOOK, homes, NAMES, on=ON)
    assert (mine[homes[0]]["count_E01"], mine[homes[0]]["months_E01_E02"], mine[homes[0]]["streak_E01"]) == (6, 8, 3)
    assert (mine[homes[0]]["active_streak"], mine[homes[0]]["count_E01__quarter"]) == (6, 1)   # January to June
    assert (mine[homes[1]]["hours_V"], mine[homes[1]]["volunteers"], mine[homes[1]]["spent"]) == (240, 2, 250)
    assert (mine[homes[2]]["count_E01"], mine[homes[2]]["score__lastyear"], mine[homes[2]]["months_E01__36m"]) == (
        1, 1000, 2)
    assert (mine[homes[3]]["deducted"], mine[homes[3]]["score_E"]) == (250, 0)
    for transaction in standing:
        take_back(s, transaction, ON)
    earn(s, homes[4], "E01", date(2026, 2, 1), 1000)
    assert catch(s) == 3 and catch(s) == 0
    after = of_the_book(s, NAMES)
    assert after == facts_for(s, BOOK, homes, NAMES, on=ON)
    assert (after[homes[1]]["hours"], after[homes[2]]["count_E01"], after[homes[4]]["count_E01"]) == (180, 0, 1)
    rows = set(s.execute(select(Turnover.__table__)).all())
    with unit_of_work(s):
        rebuild(s, BOOK, 20)
    made_again = set(s.execute(select(Turnover.__table__)).all())
    assert {row for row in rows if row.amount or row.times} == {row for row in made_again if row.amount or row.times}


RULES = (parse("hours >= 4 or months_E01 >= 6", code="star.A", version=1),
         parse("earned >= 10 and not minors >= 1", code="star.B", version=2), parse("balance >= 1", code="star.C"))


def test_a_survey_writes_every_households_verdicts_with_their_reasons(s: Session, homes: list[UUID]) -> None:
    a_year(s, homes)
    done = take_survey(s, TakeSurvey("230199000000", RULES, YEAR), by=BY, at=AT)
    assert (done.households, done.ledger_size) == (6, 17)
    found = survey_verdicts(s, BOOK, done.id, homes)
    facts = facts_for(s, BOOK, homes, {name for rule in RULES for name in rule.facts}, on=ON)
    for home in homes:
        expected = [evaluate(rule, facts[home]) for rule in RULES]
        assert [verdict.outcome for verdict in found[home]] == [verdict.outcome for verdict in expected]
        assert found[home][0] == expected[0]                                # figures of the ledger stand open
        assert all(c.figure is None for c in found[home][2].criteria)       # what is sealed elsewhere does not
    again = take_survey(s, TakeSurvey("230199000000", RULES[:1], YEAR), by=BY, at=AT)
    other = take_survey(s, TakeSurvey(PLACE, RULES[:1], YEAR), by=BY, at=AT)
    assert forget_surveys(s, BOOK, AT) == "1 surveys" and forget_surveys(s, BOOK, AT) == "0 surveys"
    assert set(s.scalars(select(Survey.id))) == {again.id, other.id}, "of each place the newest"
    assert s.scalar(select(func.count()).select_from(SurveyFinding)) == 12
    assert survey_verdicts(s, BOOK, again.id, homes[:1])[homes[0]] == found[homes[0]][:1]


def test_a_composed_fact_that_nothing_says_is_missing_whatever_its_type(s: Session, homes: list[UUID]) -> None:
    kinds: dict[str, Kind] = {"t_bare": "whole", "t_plain": "boolean"}
    for name, kind in kinds.items():
        register_composed(FactSpec(name, kind, name, name), lambda ask, spec: (),
                          lambda ask, spec, columns, place: null())
    rule = parse("t_bare >= 1 and t_plain or hours < 0 or t_bare == deeds", code="star.D")
    done = take_survey(s, TakeSurvey("230199000000", (rule,), YEAR), by=BY, at=AT)
    assert all(verdict.outcome is None for verdict, in survey_verdicts(s, BOOK, done.id, homes).values())


def test_the_number_of_statements_does_not_grow_with_households_or_villages(s: Session, homes: list[UUID]) -> None:
    def statements() -> int:
        with counted(s) as seen:
            take_survey(s, TakeSurvey("230199000000", RULES[:2], YEAR), by=BY, at=AT)
        return len(seen)

    a_year(s, homes)
    statements()  # the first also writes the turnovers whole
    before = statements()
    add_place(s, AddPlace("230199100201", "village", "另一村", None))
    with unit_of_work(s):
        for number in range(200):
            add_household(s, AddHousehold("230199100201", f"H{number:03}", 1, date(2020, 1, 1)))
    assert statements() == before


def test_a_trial_names_who_would_gain_and_who_would_lose(s: Session, homes: list[UUID]) -> None:
    a_year(s, homes)
    old, new = parse("hours >= 4"), parse("months_E01 >= 6")
    found = trial(s, BOOK, ["230199"], old, new, YEAR)
    assert (found.gain, found.lose, found.open) == ((homes[0],), (homes[1],), ())
    assert found.counts == {(False, True): 1, (True, False): 1, (False, False): 4} and found.households == 6
    unknown = trial(s, BOOK, [PLACE], None, replace(new, tree=parse("pupils >= 1 or hours >= 4").tree), YEAR)
    assert unknown.gain == (homes[1],)
