"""Laws of caps and regains over random weeks of two families, against sums taken the slow way."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from pointsbank.schedule import Fact, Standing, Used, regain, value, value_many
from pointsbank.schedule.capping import bucket_of_cap
from tests.pointsbank.schedule.a_village import BOOK, DESHUN, GUILAN, LI, WANG, XIULAN
from tests.pointsbank.schedule.test_caps_and_exclusions import usage_of

PEOPLE = {DESHUN: WANG, XIULAN: WANG, GUILAN: LI}


@st.composite
def deeds(draw: st.DrawFn) -> list[Fact]:
    def deed() -> Fact:
        person = draw(st.sampled_from(list(PEOPLE)))
        return Fact(draw(st.sampled_from(("V01", "V02", "V04", "E01", "E02", "E03", "B01"))),
                    date(2026, 3, 31) + timedelta(days=draw(st.integers(0, 1))), PEOPLE[person], person,
                    minutes=draw(st.integers(1, 600)), quantity=draw(st.integers(1, 4)),
                    amount_fen=draw(st.integers(1, 300_000)))
    return [deed() for _ in range(draw(st.integers(1, 14)))]


def within_caps(awards: list[Standing]) -> bool:
    """Every bucket any deed falls into holds no more than its cap."""
    usage = usage_of(awards)
    found = [(cap, usage[bucket_of_cap(rule, cap).key(one.fact)])
             for rule in BOOK for cap in rule.caps for one in awards if one.fact.rule == rule.code]
    return all(used.points <= (cap.points or used.points) and used.times <= (cap.times or used.times)
               for cap, used in found)


def standing(facts: list[Fact]) -> list[Standing]:
    return [Standing(fact, Used(award.points, award.times))
            for fact, award in zip(facts, value_many(BOOK, facts), strict=True)]


@settings(max_examples=150, deadline=None)
@given(facts=deeds(), which=st.integers(0, 13))
def test_whatever_is_reversed_nobody_is_cut_and_no_cap_is_overrun(facts: list[Fact], which: int):
    awards = standing(facts)
    assert within_caps(awards)
    del awards[which % len(awards)]
    usage = usage_of(awards)
    gains = regain(BOOK, awards, usage)
    assert usage == usage_of(awards)
    after = list(awards)
    for sibling, gain in gains:
        assert gain.points > 0
        at = next(i for i, one in enumerate(after) if one is sibling)
        had = sibling.awarded
        after[at] = Standing(sibling.fact, Used(had.points + gain.points, had.times + gain.times))
    assert within_caps(after)
    for one in after:
        others = [Standing(one.fact, Used()), *(other for other in after if other is not one)]
        rule = BOOK.pick(one.fact.rule, one.fact.service_on)
        assert value(rule, one.fact, usage_of(others)).points == one.awarded.points  # nothing more was left for it


@settings(max_examples=100, deadline=None)
@given(facts=deeds())
def test_a_batch_is_worth_what_its_deeds_are_worth_one_by_one(facts: list[Fact]):
    one_by_one: list[Standing] = []
    for fact in facts:
        awards = value_many(BOOK, [fact], usage_of([*one_by_one, Standing(fact, Used())]))
        one_by_one.append(Standing(fact, Used(awards[0].points, awards[0].times)))
    assert [one.awarded for one in one_by_one] == [one.awarded for one in standing(facts)]
