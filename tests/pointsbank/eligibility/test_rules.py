"""Published rules: versions that never change, and the one that holds on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from pointsbank.access import Actor, system_actor
from pointsbank.eligibility import BadRule, PublishRule, UnknownRule, publish_rule, rule_on, rule_version
from pointsbank.errors import KeyReused, NotAllowed

AT = datetime(2026, 1, 2, tzinfo=UTC)
ADMIN = system_actor(230199, "test")
FIRST = PublishRule(uuid4(), "goods.P22", "三星以上", "three stars and more", "t_stars >= 3", date(2026, 1, 1))


def test_the_version_of_the_day_is_the_one_that_holds(s: Session) -> None:
    first = publish_rule(s, FIRST, by=ADMIN, at=AT)
    second = publish_rule(s, replace(FIRST, key=uuid4(), text="t_stars >= 4", effective_on=date(2026, 7, 1),
                                     review_on=date(2026, 12, 31)), by=ADMIN, at=AT)
    assert (first.version, second.version) == (1, 2)
    assert rule_on(s, "goods.P22", date(2026, 6, 30)).version == 1
    assert rule_on(s, "goods.P22", date(2026, 7, 1)).version == 2
    assert rule_version(s, "goods.P22", 1).rule.text == "t_stars >= 3"
    assert not second.overdue(date(2026, 12, 31)) and second.overdue(date(2027, 1, 1))
    with pytest.raises(UnknownRule):
        rule_on(s, "goods.P22", date(2025, 12, 31))


def test_the_same_key_twice_publishes_once_and_other_content_is_refused(s: Session) -> None:
    assert publish_rule(s, FIRST, by=ADMIN, at=AT) == publish_rule(s, FIRST, by=ADMIN, at=AT)
    assert publish_rule(s, replace(FIRST, key=uuid4()), by=ADMIN, at=AT).version == 1  # nothing new to publish
    with pytest.raises(KeyReused):
        publish_rule(s, replace(FIRST, text="t_stars >= 5"), by=ADMIN, at=AT)


def test_a_rule_that_cannot_be_read_is_not_published(s: Session) -> None:
    with pytest.raises(BadRule):
        publish_rule(s, replace(FIRST, text='t_stars >= "3"'), by=ADMIN, at=AT)
    with pytest.raises(UnknownRule):
        rule_on(s, "goods.P22", date(2026, 12, 31))


def test_who_writes_no_rules_publishes_none(s: Session) -> None:
    clerk = Actor(None, 230199, None, None, "230199100200", frozenset({("clerk", "230199100200")}), "user:x")
    with pytest.raises(NotAllowed):
        publish_rule(s, FIRST, by=clerk, at=AT)
