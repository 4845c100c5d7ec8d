"""Publishing rules, and finding the version that holds on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can
from pointsbank.database import unit_of_work
from pointsbank.eligibility.errors import UnknownRule
from pointsbank.eligibility.models import EligibilityRule
from pointsbank.eligibility.parsing import parse
from pointsbank.eligibility.tree import Rule
from pointsbank.errors import BadInput, KeyReused, NotAllowed

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}")
# Which desk writes which rules, by how their codes begin. What begins otherwise is the ratings' desk's.
DESKS: dict[str, tuple[str, ...]] = {
    "star.": ("ratings.rules",), "entry.": ("ratings.rules",), "benefit.": ("benefits.publish",),
    "goods.": ("goods.edit", "ratings.rules")}
OTHERWISE = ("ratings.rules",)


@dataclass(frozen=True)
class PublishRule:
    """A new version of a rule. `code`: for instance 'star.S10' or 'goods.P22'."""

    key: UUID
    code: str
    title_zh: str
    title_en: str
    text: str
    effective_on: date
    review_on: date | None = None
    adopted_by: str | None = None


@dataclass(frozen=True)
class StoredRule:
    """A published version. `rule` is ready to be judged by."""

    code: str
    version: int
    title_zh: str
    title_en: str
    effective_on: date
    review_on: date | None
    adopted_by: str | None
    published_at: datetime
    rule: Rule

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh

    def overdue(self, on: date) -> bool:
        """Whether its review day has passed."""
        return self.review_on is not None and self.review_on < on


def may_publish(by: Actor, code: str) -> bool:
    """Whether the actor's desk writes rules of this code.

    >>> from pointsbank.access import Actor
    >>> keeper = Actor(None, 230199, None, None, frozenset({("storekeeper", "230199100200")}), "user:1")
    >>> may_publish(keeper, "goods.P22"), may_publish(keeper, "star.S10"), may_publish(keeper, "entry.ten-stars")
    (True, False, False)
    """
    return any(can(by, power) for power in powers_for(code))


def must_publish(by: Actor, code: str) -> None:
    """Raises NotAllowed."""
    if not may_publish(by, code):
        raise NotAllowed("code", power=powers_for(code)[0])


def powers_for(code: str) -> tuple[str, ...]:
    return next((powers for prefix, powers in DESKS.items() if code.startswith(prefix)), OTHERWISE)


def desks_of(by: Actor) -> tuple[str, ...]:
    """The beginnings of the codes that the actor may publish."""
    return tuple(prefix for prefix, powers in DESKS.items() if any(can(by, power) for power in powers))


def stored(row: EligibilityRule) -> StoredRule:
    """The row as a record, its rule parsed."""
    return StoredRule(row.code, row.version, row.title_zh, row.title_en, row.effective_on, row.review_on,
                      row.adopted_by, row.published_at, parse(row.text, code=row.code, version=row.version))


def _content(row: EligibilityRule) -> tuple[object, ...]:
    return (row.code, row.title_zh, row.title_en, row.text, row.effective_on, row.review_on, row.adopted_by)


def publish_rule(s: Session, cmd: PublishRule, *, by: Actor, at: datetime) -> StoredRule:
    """Publish the next version of a rule; its facts and types are checked here, once.

    Same key again: the first version. With other content: KeyReused. A text equal to the newest version's with the
    same day makes no new one. Raises: NotAllowed, BadInput, BadRule, UnknownFact.
    """
    must_publish(by, cmd.code)
    if not CODE.fullmatch(cmd.code) or not 1 <= len(cmd.title_zh) <= 80 or not 1 <= len(cmd.title_en) <= 80:
        raise BadInput("code", "规则的编码或名称不对。", "The rule's code or title is not right.")
    parse(cmd.text)
    asked = (cmd.code, cmd.title_zh, cmd.title_en, cmd.text, cmd.effective_on, cmd.review_on, cmd.adopted_by)
    with unit_of_work(s):
        first = s.scalar(select(EligibilityRule).where(EligibilityRule.scope == by.scope,
                                                       EligibilityRule.key == cmd.key))
        if first is not None:
            if _content(first) != asked:
                raise KeyReused("key")
            return stored(first)
        newest = s.scalar(select(EligibilityRule).where(EligibilityRule.code == cmd.code)
                          .order_by(EligibilityRule.version.desc()).limit(1))
        if newest is not None and _content(newest) == asked:
            return stored(newest)
        row = EligibilityRule(code=cmd.code, version=(newest.version if newest else 0) + 1, title_zh=cmd.title_zh,
                              title_en=cmd.title_en, text=cmd.text, effective_on=cmd.effective_on,
                              review_on=cmd.review_on, adopted_by=cmd.adopted_by, published_at=at,
                              published_by=by.user_id, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "eligibility.rule_published", f"rule:{cmd.code}", at=at, version=row.version)
        s.flush()
        return stored(row)


def rules_on(s: Session, codes: list[str], on: date) -> dict[str, StoredRule]:
    """The version of each rule that holds on the day (absent where none does). One statement."""
    newest = (select(EligibilityRule.code, func.max(EligibilityRule.version).label("version"))
              .where(EligibilityRule.code.in_(sorted(set(codes))), EligibilityRule.effective_on <= on)
              .group_by(EligibilityRule.code).subquery())
    rows = s.scalars(select(EligibilityRule).join(newest, (EligibilityRule.code == newest.c.code)
                                                  & (EligibilityRule.version == newest.c.version)))
    return {row.code: stored(row) for row in rows}


def rule_on(s: Session, code: str, on: date) -> StoredRule:
    """The version that holds on the day. Raises UnknownRule."""
    found = rules_on(s, [code], on).get(code)
    if found is None:
        raise UnknownRule("rule", rule=code)
    return found


def due_for_review(s: Session, versions: Iterable[tuple[str, int]], on: date) -> list[StoredRule]:
    """Which of these versions are past the day they were to be looked at again; one statement.

    Whoever relies on one is told: it goes on holding until another is adopted.
    """
    wanted = sorted(set(versions))
    rows = s.scalars(select(EligibilityRule).where(
        EligibilityRule.review_on < on, tuple_(EligibilityRule.code, EligibilityRule.version).in_(wanted))
        .order_by(EligibilityRule.code)) if wanted else ()
    return [stored(row) for row in rows]


def rule_version(s: Session, code: str, version: int) -> StoredRule:
    """Exactly this version. Raises UnknownRule."""
    row = s.get(EligibilityRule, (code, version))
    if row is None:
        raise UnknownRule("rule", rule=code)
    return stored(row)
