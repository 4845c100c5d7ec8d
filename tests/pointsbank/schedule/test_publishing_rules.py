"""The stored schedule: who publishes, what stands for ever, which version holds on which day, in which place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from marshmallow import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pointsbank.access import Actor, system_actor
from pointsbank.database import unit_of_work
from pointsbank.errors import KeyReused, NotAllowed, NotFound
from pointsbank.places import AddPlace, add_place
from pointsbank.schedule import (
    Fact,
    PublishRule,
    RetireRule,
    load_demo_rules,
    publish_rule,
    retire_rule,
    rule_book,
    rule_history,
    rule_version,
    rules_in_force,
    value,
)
from pointsbank.schedule.errors import (
    BadRule,
    ForbiddenGround,
    NotASchedulePlace,
    TakenCode,
    TooManyOwnRules,
    TooManyPoints,
    WrongDay,
)

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE = "230199000000", "230199100000", "230199100200", "230199100201"
AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
JULY = date(2026, 7, 1)
RULES = Path(__file__).parents[3] / "redemption" / "demo" / "data" / "rules.json"
BODY = {"category": "环境卫生", "item": "门前清雪", "kind": "earning", "unit": "time", "points": "2"}


@pytest.fixture
def by(s: Session) -> Actor:
    for code, level, name in (("230000000000", "province", "黑龙江省"), ("230100000000", "city", "哈尔滨市"),
                              (COUNTY, "county", "演示县"), (TOWN, "town", "安和镇"), (VILLAGE, "village", "向阳村"),
                              (NEXT_VILLAGE, "village", "永丰村")):
        add_place(s, AddPlace(code, level, name))
    return system_actor(230199, "test")


def a_command(code: str = "E09", place: str = COUNTY, starts: date = date(2026, 1, 1), **body: object) -> PublishRule:
    return PublishRule(uuid4(), place, code, BODY | body, starts, "村民代表会议 2026年5月20日")


def own(code: str, **body: object) -> PublishRule:
    return a_command(code, VILLAGE, **({"per_time_max": "2"} | body))


def test_the_demo_schedule_loads_as_given_and_a_second_time_changes_nothing(s: Session, by: Actor):
    loaded = load_demo_rules(s, COUNTY, RULES, by=by, at=AT)
    assert [rule.kind for rule in loaded].count("earning") == 26
    assert [rule.kind for rule in loaded].count("deduction") == 8
    assert load_demo_rules(s, COUNTY, RULES, by=by, at=AT) == loaded
    rules = rules_in_force(s, VILLAGE, date(2026, 11, 25))
    assert len(rules) == 34
    assert (rules["V02"].points, rules["B01"].per, rules["N08"].points) == (150, 100, -5000)
    assert [(level.name, level.points) for level in rules["A01"].levels][-1] == ("国家", 5000)
    assert (rules["D05"].notice_days, rules["D05"].notice_anonymous, rules["V01"].notice_days) == (5, True, 0)
    assert (rules["N01"].aftermath.restore_percent, rules["N08"].aftermath.freeze_months) == (50, 6)
    assert s.execute(text("SELECT count(*) FROM rule_version")).scalar_one() == 34


def test_a_stored_rule_values_a_deed_like_the_record_it_was_made_from(s: Session, by: Actor):
    load_demo_rules(s, COUNTY, RULES, by=by, at=AT)
    rule = rules_in_force(s, VILLAGE, JULY)["B01"]
    award = value(rule, Fact("B01", JULY, uuid4(), amount_fen=19999))
    assert (award.points, award.score, award.minutes) == (100, 100, 0)


def test_a_published_version_can_neither_be_changed_nor_deleted(s: Session, by: Actor):
    publish_rule(s, a_command(), by=by, at=AT)
    for statement in ("UPDATE rule_version SET valid_from = '2020-01-01'", "DELETE FROM rule_version"):
        with pytest.raises(DBAPIError), unit_of_work(s):
            s.execute(text(statement))
    assert rule_version(s, VILLAGE, "E09", 1).valid_from == date(2026, 1, 1)


def test_a_new_version_ends_the_one_before_it_and_both_can_be_read(s: Session, by: Actor):
    publish_rule(s, a_command(), by=by, at=AT)
    second = publish_rule(s, a_command(starts=JULY, points="3"), by=by, at=AT)
    assert second.version == 2
    assert rules_in_force(s, VILLAGE, date(2026, 6, 30))["E09"].points == 200
    assert rules_in_force(s, VILLAGE, JULY)["E09"].points == 300
    assert [(one.rule.version, one.rule.valid_to) for one in rule_history(s, VILLAGE, "E09")] == [
        (2, None), (1, date(2026, 6, 30))]
    assert rule_book(s, VILLAGE).pick("E09", JULY, version=1).points == 200
    with pytest.raises(NotFound):
        rule_version(s, VILLAGE, "E09", 3)


def test_a_change_never_reaches_back_over_days_already_valued(s: Session, by: Actor):
    publish_rule(s, a_command(), by=by, at=AT)
    with pytest.raises(WrongDay, match=" 2026-06-01"):
        publish_rule(s, a_command(starts=date(2026, 5, 31)), by=by, at=AT)
    assert publish_rule(s, a_command(starts=date(2026, 6, 1)), by=by, at=AT).version == 2


def test_a_retired_rule_judges_its_old_days_and_no_new_ones(s: Session, by: Actor):
    # C66: what it awarded stands; its version can still be read.
    publish_rule(s, a_command(), by=by, at=AT)
    end = RetireRule(uuid4(), COUNTY, "E09", date(2026, 6, 30), "村民代表会议 2026年6月1日")
    retire_rule(s, end, by=by, at=AT)
    retire_rule(s, end, by=by, at=AT)
    assert "E09" in rules_in_force(s, VILLAGE, date(2026, 6, 30))
    assert "E09" not in rules_in_force(s, VILLAGE, JULY)
    assert rule_version(s, VILLAGE, "E09", 1).points == 200
    with pytest.raises(NotFound):
        retire_rule(s, replace(end, key=uuid4()), by=by, at=AT)
    assert publish_rule(s, a_command(starts=date(2026, 9, 1)), by=by, at=AT).version == 3


def test_the_same_key_gives_the_first_version_and_other_content_is_refused(s: Session, by: Actor):
    command = a_command()
    first = publish_rule(s, command, by=by, at=AT)
    assert publish_rule(s, command, by=by, at=AT) == first
    with pytest.raises(KeyReused):
        publish_rule(s, replace(command, body=BODY | {"points": "1"}), by=by, at=AT)
    assert len(rule_history(s, COUNTY, "E09")) == 1


def test_only_who_may_publish_does_and_only_where_a_schedule_is_made(s: Session, by: Actor):
    clerk = Actor(None, 230199, None, None, VILLAGE, frozenset({("clerk", VILLAGE)}), "user:clerk")
    with pytest.raises(NotAllowed):
        publish_rule(s, a_command(), by=clerk, at=AT)
    with pytest.raises(NotASchedulePlace, match="安和镇"):
        publish_rule(s, a_command(place=TOWN), by=by, at=AT)


def test_a_village_adds_five_small_rules_of_its_own_and_the_next_village_does_not_see_them(s: Session, by: Actor):
    for number in range(1, 6):
        publish_rule(s, own(f"Z0{number}"), by=by, at=AT)
    with pytest.raises(TooManyOwnRules, match="最多 5 条"):
        publish_rule(s, own("Z06"), by=by, at=AT)
    publish_rule(s, own("Z07", kind="deduction", points="-2", per_time_max="-2"), by=by, at=AT)
    assert len(rules_in_force(s, VILLAGE, JULY)) == 6
    assert rules_in_force(s, NEXT_VILLAGE, JULY) == {}
    assert publish_rule(s, replace(own("Z01"), valid_from=JULY), by=by, at=AT).version == 2


def test_a_village_rule_gives_at_most_two_points(s: Session, by: Actor):
    for body in ({"points": "2.01"}, {"points": None, "levels": [{"name": "甲", "points": "3"}]}):
        with pytest.raises(TooManyPoints, match="不超过"):
            publish_rule(s, own("Z01", **body), by=by, at=AT)
    with pytest.raises(BadRule, match="须写明单次封顶"):
        publish_rule(s, a_command("Z01", VILLAGE), by=by, at=AT)


def test_a_code_means_one_thing_from_county_to_village(s: Session, by: Actor):
    publish_rule(s, a_command("E09"), by=by, at=AT)
    with pytest.raises(TakenCode, match="演示县"):
        publish_rule(s, own("E09"), by=by, at=AT)
    publish_rule(s, own("Z01"), by=by, at=AT)
    publish_rule(s, replace(own("Z01"), place_code=NEXT_VILLAGE), by=by, at=AT)
    with pytest.raises(TakenCode):
        publish_rule(s, a_command("Z01"), by=by, at=AT)


def test_a_refused_rule_leaves_nothing_behind(s: Session, by: Actor):
    with pytest.raises(ValidationError):
        publish_rule(s, a_command(points="1.234"), by=by, at=AT)
    with pytest.raises(BadRule) as refused:
        publish_rule(s, a_command(points="-2"), by=by, at=AT)
    assert refused.value.field == "points"
    with pytest.raises(ForbiddenGround):
        publish_rule(s, a_command(kind="deduction", points="-2", item="越级上访"), by=by, at=AT)
    assert s.execute(text("SELECT count(*) FROM rule_version")).scalar_one() == 0
