"""Benefits: published by who may, adopted by a meeting, held by whom the rule names, and never by anybody's guess."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import AppUser, actor_of_user, system_actor
from pointsbank.benefits import (
    PublishBenefit,
    StatutoryBenefit,
    benefits_of,
    benefits_on,
    publish_benefit,
    who_has,
)
from pointsbank.database import unit_of_work
from pointsbank.eligibility import BadRule
from pointsbank.errors import BadInput, KeyReused, NotAllowed
from redemption.demo.people import Village

AT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 1)


def earn(s: Session, village: Village, code: str, points: int) -> None:
    home = village.households[code]
    entry = Entry("test", str(uuid.uuid4()), "earned", TODAY, (
        Transfer(accounts.budget(home.place_code), accounts.wallet(home.id, home.place_code), points),),
        Party(household=home.id), rule="V01", place=home.place_code)
    with unit_of_work(s):
        ledger.post(s.connection(), village.book_id, [entry], recorded_at=AT)


def parcel(village: Village, **more: object) -> PublishBenefit:
    cmd = PublishBenefit(uuid.uuid4(), village.place_code, "B05", "welfare", "春节慰问礼包", "A parcel",
                         {"gives_zh": "领一份米面油", "gives_en": "rice and oil"}, "earned >= 100", TODAY, "纪要")
    return replace(cmd, **more)  # type: ignore[arg-type]


def publish(s: Session, village: Village, **more: object):  # type: ignore[no-untyped-def]
    return publish_benefit(s, parcel(village, **more), by=system_actor(village.book_id, "test"), at=AT)


def test_the_list_names_who_has_it_with_the_figure_and_nobody_else(s, village):
    publish(s, village)
    earn(s, village, "H002", 10_000)  # exactly what is asked for
    earn(s, village, "H003", 9_999)
    (roll,) = who_has(s, village.place_code, TODAY)
    assert [one.card.code for one in roll.having] == ["H002"]
    assert roll.having[0].why("zh") == ["本年获得积分不少于 100.00 分:现在 100.00 分,符合。"]
    assert roll.without == 23 and roll.open == ()


def test_a_family_reads_what_is_still_missing(s, village):
    publish(s, village)
    earn(s, village, "H003", 9_750)
    (mine,) = benefits_of(s, village.households["H003"], TODAY)
    assert mine.verdict.outcome is False
    assert mine.missing("zh") == ["本年获得积分还差 2.50 分"]


def test_what_cannot_be_decided_is_listed_apart_and_is_neither_given_nor_refused(s, village):
    publish(s, village, rule="stars >= 8")  # nobody was ever evaluated
    (roll,) = who_has(s, village.place_code, TODAY)
    assert roll.having == () and len(roll.open) == 24 and roll.without == 0
    assert roll.open[0].said("zh").startswith("暂不能判定")


def test_a_later_version_holds_from_its_day_and_the_old_one_until_then(s, village):
    publish(s, village)
    later = publish(s, village, title_zh="春节礼包", rule="earned >= 50", effective_on=date(2026, 7, 1))
    assert (later.version, later.rule.version) == (2, 2)
    before, = benefits_on(s, village.place_code, date(2026, 6, 30))
    after, = benefits_on(s, village.place_code, date(2026, 7, 1))
    assert (before.title_zh, before.rule.rule.text) == ("春节慰问礼包", "earned >= 100")
    assert (after.title_zh, after.rule.rule.text) == ("春节礼包", "earned >= 50")


def test_a_benefit_ends_with_its_last_day(s, village):
    publish(s, village, ends_on=date(2026, 3, 10))
    assert len(benefits_on(s, village.place_code, date(2026, 3, 10))) == 1
    assert benefits_on(s, village.place_code, date(2026, 3, 11)) == []


def test_a_countys_benefit_holds_in_its_villages_and_a_villages_not_next_door(s, village):
    publish(s, village, place_code="230199000000")
    assert len(benefits_on(s, village.place_code, TODAY)) == 1
    publish(s, village, code="B06")
    assert [one.code for one in benefits_on(s, "230199000000", TODAY)] == ["B05"]


def test_the_same_key_publishes_once_and_never_something_else(s, village):
    cmd, by = parcel(village), system_actor(village.book_id, "test")
    first = publish_benefit(s, cmd, by=by, at=AT)
    assert publish_benefit(s, cmd, by=by, at=AT) == first
    with pytest.raises(KeyReused):
        publish_benefit(s, replace(cmd, title_zh="别的"), by=by, at=AT)
    assert len(benefits_on(s, village.place_code, TODAY)) == 1


@pytest.mark.parametrize(("change", "refusal"), [
    ({"title_zh": "低保优先"}, StatutoryBenefit),
    ({"body": {"gives_zh": "代缴医保", "gives_en": "x"}}, StatutoryBenefit),
    ({"kind": "discount", "body": {"percent_off": 100}}, BadInput),
    ({"kind": "quota", "body": {"month_points": 0}}, BadInput),
    ({"body": {"gives_zh": "x", "gives_en": "x", "percent_off": 5}}, BadInput),
    ({"ends_on": date(2026, 2, 1)}, BadInput),
    ({"adopted_by": " "}, BadInput),
    ({"rule": "earned >="}, BadRule),
])
def test_a_benefit_that_is_none_is_refused_and_leaves_nothing_behind(s, village, change, refusal):
    with pytest.raises(refusal):
        publish(s, village, **change)
    assert benefits_on(s, village.place_code, TODAY) == []


def test_only_who_keeps_the_rules_may_publish(s, village):
    committee = actor_of_user(s, s.query(AppUser).filter_by(login="committee").one())
    with pytest.raises(NotAllowed):
        publish_benefit(s, parcel(village), by=committee, at=AT)


def test_the_list_of_a_whole_village_takes_no_more_statements_than_one_familys(s, village):
    publish(s, village, rule="earned >= 100 and balance >= 10")
    counted: list[str] = []
    event.listen(s.get_bind(), "before_cursor_execute", lambda *args: counted.append(args[2]))
    who_has(s, village.place_code, TODAY)
    of_all = len(counted)
    counted.clear()
    benefits_of(s, village.households["H003"], TODAY)
    assert of_all - len(counted) <= 4  # the households, their heads and the keys of both
