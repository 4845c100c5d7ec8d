"""Writes of the schedule: publish a version, end a rule. Published rows are never changed.

Rules are adopted by the villagers' assembly, so every version names its minutes. The county publishes the schedule; a
village may add five earning rules and five deductions of at most 2 points each (文登 第二十三条).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.places import Place, PlaceCard, ancestors, county_of, place_by_code
from pointsbank.schedule.checking import OWN_RULES_MOST, problems, problems_of_own
from pointsbank.schedule.errors import NotASchedulePlace, TakenCode, TooManyOwnRules, WrongDay
from pointsbank.schedule.models import StoredRule
from pointsbank.schedule.queries import rules_in_force, typed
from pointsbank.schedule.rules import RuleVersion
from pointsbank.schedule.schemas import CODE, RULE_BODY

KINDS = {"earning": {"zh": "加分项", "en": "earning rules"}, "deduction": {"zh": "扣分项", "en": "deductions"}}


@dataclass(frozen=True)
class PublishRule:
    """A new version of a rule of a county or village. `body` is the JSON form (see `schemas`)."""

    key: UUID
    place_code: str
    code: str
    body: Mapping[str, Any]
    valid_from: date
    adopted_minutes: str
    valid_to: date | None = None


@dataclass(frozen=True)
class RetireRule:
    """End a rule: `last_day` is the last day whose deeds it still judges. What it awarded stands (C66)."""

    key: UUID
    place_code: str
    code: str
    last_day: date
    adopted_minutes: str


def publish_rule(s: Session, cmd: PublishRule, *, by: Actor, at: datetime) -> RuleVersion:
    """Publish the next version of a rule (the first, when the code is new).

    A later version starts on the day of publishing at the earliest: what was valued stays valued.
    Same cmd.key again: the first version. With other content: KeyReused.
    Raises: NotAllowed, NotASchedulePlace, ValidationError (form), BadRule, ForbiddenGround, TooManyPoints,
    TooManyOwnRules, TakenCode, WrongDay.
    """
    return typed(_publish(s, cmd, by, at))


def retire_rule(s: Session, cmd: RetireRule, *, by: Actor, at: datetime) -> None:
    """End a rule from the day after `last_day`. Raises NotAllowed, NotFound, WrongDay, KeyReused."""
    with unit_of_work(s):
        place = _place_for_writing(s, cmd.place_code, by)
        if _replay(s, cmd.key, by, cmd) is not None:
            return
        latest = _latest(s, place.code, cmd.code)
        if latest is None or latest.retired:
            raise NotFound("code")
        _check_minutes(cmd.adopted_minutes)
        _check_day(cmd.last_day + timedelta(days=1), latest, at, "last_day")
        _insert(s, cmd, latest, by, at, retired=True, body={}, starts=cmd.last_day + timedelta(days=1), ends=None)


def _publish(s: Session, cmd: PublishRule, by: Actor, at: datetime) -> StoredRule:
    if re.fullmatch(CODE, cmd.code) is None:
        raise BadInput("code", "编码以大写字母开头,由大写字母、数字和“-”组成,最多 12 位。",
                       "A code starts with a capital letter; capitals, digits and “-”, at most 12 of them.")
    body = RULE_BODY.load(cmd.body)
    with unit_of_work(s):
        place = _place_for_writing(s, cmd.place_code, by)
        if first := _replay(s, cmd.key, by, cmd):
            return first
        latest = _latest(s, place.code, cmd.code)
        rule = RuleVersion(code=cmd.code, version=latest.version + 1 if latest else 1, valid_from=cmd.valid_from,
                           valid_to=cmd.valid_to, place_code=place.code, **body)
        wrong = problems(rule)
        if place.level == "village":
            wrong += problems_of_own(rule)
        if wrong:
            raise wrong[0]
        _check_minutes(cmd.adopted_minutes)
        _check_day(cmd.valid_from, latest, at, "valid_from")
        _check_code(s, place, cmd.code)
        if place.level == "village":
            _check_number(s, place, rule)
        return _insert(s, cmd, latest, by, at, retired=False, body=RULE_BODY.dump(rule),
                       starts=cmd.valid_from, ends=cmd.valid_to)


def _place_for_writing(s: Session, place_code: str, by: Actor) -> PlaceCard:
    """The county or village, after its county's row is locked: two publishers never pass one check together."""
    require(by, "schedule.publish", at_place=place_code)
    place = place_by_code(s, place_code)
    if place.level not in ("county", "village"):
        raise NotASchedulePlace("place_code", place=place.name)
    s.execute(select(Place.code).where(Place.code == county_of(place_code)).with_for_update())
    return place


def _replay(s: Session, key: UUID, by: Actor, cmd: PublishRule | RetireRule) -> StoredRule | None:
    row: StoredRule | None = s.scalar(select(StoredRule).where(StoredRule.scope == by.scope, StoredRule.key == key))
    if row is None:
        return None
    same = (row.place_code, row.code, row.adopted_minutes) == (cmd.place_code, cmd.code, cmd.adopted_minutes.strip())
    if isinstance(cmd, RetireRule):
        same = same and row.retired and row.valid_from == cmd.last_day + timedelta(days=1)
    else:
        same = same and (row.valid_from, row.valid_to) == (cmd.valid_from, cmd.valid_to) and not row.retired \
            and typed(row) == RuleVersion(code=row.code, version=row.version, valid_from=row.valid_from,
                                          valid_to=row.valid_to, place_code=row.place_code,
                                          **RULE_BODY.load(cmd.body))
    if not same:
        raise KeyReused("key")
    return row


def _latest(s: Session, place_code: str, code: str) -> StoredRule | None:
    latest: StoredRule | None = s.scalar(
        select(StoredRule).where(StoredRule.place_code == place_code, StoredRule.code == code)
        .order_by(StoredRule.version.desc()).limit(1))
    return latest


def _check_minutes(text: str) -> None:
    if not 2 <= len(text.strip()) <= 500:
        raise BadInput("adopted_minutes", "请写明通过这一版细则的会议和日期(2–500 字)。",
                       "Name the meeting that adopted this version and its day (2–500 characters).")


def _check_day(starts: date, latest: StoredRule | None, at: datetime, field: str) -> None:
    """A new version follows the last one and touches no day that may have been valued already."""
    if latest is None:
        return
    earliest = max(latest.valid_from + timedelta(days=1), to_day(at))
    if starts < earliest:
        raise WrongDay(field, given=starts.isoformat(), earliest=earliest.isoformat())


def _check_code(s: Session, place: PlaceCard, code: str) -> None:
    """A code means one thing along every line from county to village."""
    others = select(StoredRule.place_code).where(StoredRule.code == code, StoredRule.place_code != place.code)
    if place.level == "village":
        others = others.where(StoredRule.place_code.in_(ancestors(place.code)))
    else:
        others = others.where(StoredRule.place_code.startswith(place.code[:6]))
    owner = s.scalar(others.limit(1))
    if owner is not None:
        raise TakenCode("code", rule=code, owner=place_by_code(s, owner).name)


def _check_number(s: Session, place: PlaceCard, rule: RuleVersion) -> None:
    on = rule.valid_from
    own = [one for one in rules_in_force(s, place.code, on).values()
           if one.place_code == place.code and one.kind == rule.kind and one.code != rule.code]
    if len(own) >= OWN_RULES_MOST:
        raise TooManyOwnRules("code", kind=KINDS[rule.kind], most=OWN_RULES_MOST, place=place.name, have=len(own))


def _insert(s: Session, cmd: PublishRule | RetireRule, latest: StoredRule | None, by: Actor, at: datetime, *,
            retired: bool, body: dict[str, Any], starts: date, ends: date | None) -> StoredRule:
    row = StoredRule(id=new_id(), place_code=cmd.place_code, code=cmd.code,
                     version=latest.version + 1 if latest else 1, retired=retired, body=body, valid_from=starts,
                     valid_to=ends, adopted_minutes=cmd.adopted_minutes.strip(), scope=by.scope, key=cmd.key,
                     published_by=by.user_id, published_at=at)
    s.add(row)
    s.flush()
    audit.record(s, by, "schedule.retire" if retired else "schedule.publish", f"rule:{row.place_code}:{row.code}",
                 at=at, version=row.version, valid_from=starts.isoformat())
    return row
