"""A star's rule or a prerequisite, published from the rule editor, becomes part of its scheme: the next version of the
scheme, like the last but for this one rule.

Cycles keep the version they were opened under; the next one opened from the rule's day on takes the new.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can
from pointsbank.eligibility import PublishRule, StoredRule, on_published
from pointsbank.errors import NotAllowed
from pointsbank.ratings.models import RatingScheme, RatingStar
from pointsbank.ratings.scheme import NAMESPACE, entry_code


def take_over(s: Session, rule: StoredRule, cmd: PublishRule, by: Actor, at: datetime) -> None:
    """Every scheme of the actor's places with a star of this rule gets its next version. Inside a unit of work.

    Raises NotAllowed when only other places' schemes stand on the rule.
    """
    _each(s, rule, cmd, by, at, lambda scheme, stars: any(star.rule_code == rule.code for star in stars))


def take_entry_over(s: Session, rule: StoredRule, cmd: PublishRule, by: Actor, at: datetime) -> None:
    """A scheme's prerequisite (参评条件) was published anew: its next version asks that. Raises NotAllowed."""
    _each(s, rule, cmd, by, at, lambda scheme, stars: bool((scheme.body.get("terms") or {}).get("entry"))
          and entry_code(scheme.code) == rule.code)


def _each(s: Session, rule: StoredRule, cmd: PublishRule, by: Actor, at: datetime,
          stands: Callable[[RatingScheme, list[RatingStar]], bool]) -> None:
    newest = select(RatingScheme.code, func.max(RatingScheme.version).label("version")).group_by(
        RatingScheme.code).subquery()
    schemes = s.scalars(select(RatingScheme).join(newest, (RatingScheme.code == newest.c.code)
                                                  & (RatingScheme.version == newest.c.version))).all()
    found, mine = 0, 0
    for scheme in schemes:
        stars = list(s.scalars(select(RatingStar).where(RatingStar.scheme_code == scheme.code,
                                                        RatingStar.scheme_version == scheme.version)))
        if not stands(scheme, stars):
            continue
        found += 1
        if can(by, "ratings.rules", scheme.place_code):
            mine += 1
            _next(s, scheme, stars, rule, cmd, by, at)
    if found and not mine:
        raise NotAllowed("code", power="ratings.rules")


def _next(s: Session, scheme: RatingScheme, stars: list[RatingStar], rule: StoredRule, cmd: PublishRule, by: Actor,
          at: datetime) -> None:
    version, body = scheme.version + 1, scheme.body
    if rule.code == entry_code(scheme.code):
        body = {**body, "terms": {**body["terms"], "entry": rule.rule.text}, "entry": rule.version}
    s.add(RatingScheme(code=scheme.code, version=version, place_code=scheme.place_code, title_zh=scheme.title_zh,
                       title_en=scheme.title_en, kind=scheme.kind, body=body,
                       effective_on=max(rule.effective_on, scheme.effective_on), published_at=at,
                       published_by=by.user_id, scope=by.scope, key=uuid.uuid5(NAMESPACE, f"{cmd.key}|{scheme.code}")))
    for star in stars:
        same = star.rule_code != rule.code
        s.add(RatingStar(scheme_code=scheme.code, scheme_version=version, code=star.code, position=star.position,
                         title_zh=star.title_zh, title_en=star.title_en, rule_code=star.rule_code,
                         rule_version=star.rule_version if same else rule.version, base=star.base,
                         adjusted_by=list(star.adjusted_by), vetoes=list(star.vetoes), jury=star.jury))
    audit.record(s, by, "ratings.scheme_published", f"scheme:{scheme.code}", at=at, version=version)


def register_revising() -> None:
    """Tell the rule editor who stands on the rules of stars."""
    on_published("star.", take_over)
    on_published("entry.", take_entry_over)
