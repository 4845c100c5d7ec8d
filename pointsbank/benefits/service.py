"""Publishing a benefit: what it gives, who has it, which meeting adopted it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.benefits.errors import StatutoryBenefit
from pointsbank.benefits.giving import read_giving
from pointsbank.benefits.models import BenefitVersion
from pointsbank.benefits.queries import Benefit, as_benefits
from pointsbank.database import unit_of_work
from pointsbank.eligibility import PublishRule, publish_rule
from pointsbank.errors import BadInput, KeyReused
from pointsbank.places import place_by_code
from pointsbank.schedule.grounds import GROUNDS

POWER = "benefits.publish"
CODE = re.compile(r"[A-Z][A-Z0-9-]{0,11}")
STATUTORY = next(ground.words for ground in GROUNDS if ground.name["en"] == "statutory benefits")


@dataclass(frozen=True)
class PublishBenefit:
    """The next version of a place's benefit. `rule`: the expression that says who has it. `adopted_by`: the minutes."""

    key: UUID
    place_code: str
    code: str
    kind: str
    title_zh: str
    title_en: str
    body: Mapping[str, Any]
    rule: str
    effective_on: date
    adopted_by: str
    ends_on: date | None = None
    review_on: date | None = None


def rule_code_of(place_code: str, code: str) -> str:
    return f"benefit.{place_code}.{code}"


def _check(cmd: PublishBenefit) -> None:
    """Raises BadInput, StatutoryBenefit."""
    if not CODE.fullmatch(cmd.code):
        raise BadInput("code", "福利编码用大写字母开头,后面是字母、数字或短横线,不超过 12 位。",
                       "A benefit's code begins with a capital letter: letters, digits, hyphens, 12 at most.")
    for name, text, longest in (("title_zh", cmd.title_zh, 60), ("title_en", cmd.title_en, 60),
                                ("adopted_by", cmd.adopted_by, 200)):
        if not 1 <= len(text.strip()) <= longest:
            raise BadInput(name, f"应为 1 到 {longest} 个字。", f"1 to {longest} characters.")
    if cmd.ends_on is not None and cmd.ends_on < cmd.effective_on:
        raise BadInput("ends_on", "结束的日子不能早于开始的日子。", "The last day cannot lie before the first.")
    given = read_giving(cmd.kind, dict(cmd.body))
    chinese = [word for word in STATUTORY if not word.isascii()]
    for text in (cmd.title_zh, given.gives_zh):
        if word := next((word for word in chinese if word in text), None):
            raise StatutoryBenefit("body", word=word)


def publish_benefit(s: Session, cmd: PublishBenefit, *, by: Actor, at: datetime) -> Benefit:
    """Publish the next version of a benefit, together with the rule that says who has it.

    Same key again: the first version; with other content: KeyReused. What is as it stands makes no new version.
    Raises: NotAllowed, BadInput, StatutoryBenefit, BadRule, UnknownFact. Rule: points never touch statutory rights.
    """
    require(by, POWER, at_place=cmd.place_code)
    _check(cmd)
    body = dict(cmd.body)
    asked = (cmd.place_code, cmd.code, cmd.kind, cmd.title_zh, cmd.title_en, body, cmd.effective_on, cmd.ends_on,
             cmd.adopted_by)
    with unit_of_work(s):
        place_by_code(s, cmd.place_code)
        first = s.scalar(select(BenefitVersion).where(BenefitVersion.scope == by.scope, BenefitVersion.key == cmd.key))
        rule = publish_rule(s, PublishRule(
            uuid.uuid5(cmd.key, "rule"), rule_code_of(cmd.place_code, cmd.code), cmd.title_zh, cmd.title_en, cmd.rule,
            cmd.effective_on, cmd.review_on, cmd.adopted_by), by=by, at=at)
        if first is not None:
            if _content(first) != asked:
                raise KeyReused("key")
            return as_benefits([first], {rule.code: rule})[0]
        newest = s.scalar(select(BenefitVersion).where(
            BenefitVersion.place_code == cmd.place_code, BenefitVersion.code == cmd.code)
            .order_by(BenefitVersion.version.desc()).limit(1).with_for_update())
        if newest is not None and _content(newest) == asked:
            return as_benefits([newest], {rule.code: rule})[0]
        row = BenefitVersion(
            place_code=cmd.place_code, code=cmd.code, version=newest.version + 1 if newest else 1, kind=cmd.kind,
            title_zh=cmd.title_zh, title_en=cmd.title_en, body=body, rule_code=rule.code,
            effective_on=cmd.effective_on, ends_on=cmd.ends_on, adopted_by=cmd.adopted_by, published_at=at,
            published_by=by.user_id, scope=by.scope, key=cmd.key)
        s.add(row)
        audit.record(s, by, "benefit.published", f"benefit:{cmd.place_code}/{cmd.code}", at=at, version=row.version)
        s.flush()
        return as_benefits([row], {rule.code: rule})[0]


def _content(row: BenefitVersion) -> tuple[object, ...]:
    return (row.place_code, row.code, row.kind, row.title_zh, row.title_en, row.body, row.effective_on, row.ends_on,
            row.adopted_by)
