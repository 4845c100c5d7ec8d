"""Reads of the stored schedule. Each public function takes one statement; a row's typed form is kept in memory.

A village is judged by its county's schedule and by its own few rules: both are found along `ancestors(place_code)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.errors import NotFound
from pointsbank.places import ancestors
from pointsbank.schedule.models import StoredRule
from pointsbank.schedule.rules import RuleBook, RuleVersion
from pointsbank.schedule.schemas import RULE_BODY

KEPT_MOST = 20_000
_typed: dict[UUID, RuleVersion] = {}  # rows never change, so their typed form is kept by row id


class PublishedRule(NamedTuple):
    """A version with the paper behind it. `rule.valid_to` is the last day it was or will be in force."""

    rule: RuleVersion
    adopted_minutes: str
    published_at: datetime


def rules_in_force(s: Session, place_code: str, on: date) -> dict[str, RuleVersion]:
    """Code -> the version a deed of that day in that place is judged by, by code. One statement."""
    return rule_book(s, place_code).in_force(on)


def rule_book(s: Session, place_code: str) -> RuleBook:
    """Every version that ever held in a place, the county's and its own. One statement."""
    rows = s.scalars(select(StoredRule).where(StoredRule.place_code.in_(ancestors(place_code))))
    return RuleBook(one.rule for one in _published(rows))


def rule_version(s: Session, place_code: str, code: str, version: int) -> RuleVersion:
    """Exactly that version, in force or long gone. Raises NotFound."""
    for one in rule_history(s, place_code, code):
        if one.rule.version == version:
            return one.rule
    raise NotFound("rule")


def rule_history(s: Session, place_code: str, code: str) -> list[PublishedRule]:
    """All versions of a rule as a place sees them, newest first; empty when there is none. One statement."""
    rows = s.scalars(select(StoredRule).where(StoredRule.place_code.in_(ancestors(place_code)),
                                              StoredRule.code == code))
    return _published(rows)[::-1]


def typed(row: StoredRule) -> RuleVersion:
    """The row as a record, with the days it was published with."""
    if row.id not in _typed:
        if len(_typed) >= KEPT_MOST:
            _typed.clear()
        _typed[row.id] = RuleVersion(code=row.code, version=row.version, valid_from=row.valid_from,
                                     valid_to=row.valid_to, place_code=row.place_code, **RULE_BODY.load(row.body))
    return _typed[row.id]


def _published(rows: Iterable[StoredRule]) -> list[PublishedRule]:
    """Versions by place, code and number, each ended by the one after it; ends themselves are left out."""
    ordered = sorted(rows, key=lambda row: (row.place_code, row.code, row.version))
    found = []
    for _, group in groupby(ordered, key=lambda row: (row.place_code, row.code)):
        versions = list(group)
        for row, following in zip(versions, [*versions[1:], None], strict=True):
            if not row.retired:
                found.append(PublishedRule(_ended(typed(row), following), row.adopted_minutes, row.published_at))
    return found


def _ended(rule: RuleVersion, following: StoredRule | None) -> RuleVersion:
    if following is None:
        return rule
    last = following.valid_from - timedelta(days=1)
    if rule.valid_to is not None and rule.valid_to <= last:
        return rule
    return replace(rule, valid_to=last)
