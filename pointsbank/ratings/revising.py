"""A star's rule, published from the rule editor, becomes part of its scheme: the next version of the scheme, like the
last but for this one rule.

Cycles keep the version they were opened under; the next one opened from the rule's day on takes the new.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.eligibility import PublishRule, StoredRule, on_published
from pointsbank.ratings.models import RatingScheme, RatingStar
from pointsbank.ratings.scheme import NAMESPACE


def take_over(s: Session, rule: StoredRule, cmd: PublishRule, by: Actor, at: datetime) -> None:
    """Every scheme with a star of this rule gets its next version. Raises NotAllowed. Inside a unit of work."""
    newest = select(RatingScheme.code, func.max(RatingScheme.version).label("version")).group_by(
        RatingScheme.code).subquery()
    schemes = s.scalars(select(RatingScheme).join(newest, (RatingScheme.code == newest.c.code)
                                                  & (RatingScheme.version == newest.c.version))).all()
    for scheme in schemes:
        stars = s.scalars(select(RatingStar).where(RatingStar.scheme_code == scheme.code,
                                                   RatingStar.scheme_version == scheme.version)).all()
        if any(star.rule_code == rule.code for star in stars):
            require(by, "ratings.rules", at_place=scheme.place_code)
            _next(s, scheme, list(stars), rule, cmd, by, at)


def _next(s: Session, scheme: RatingScheme, stars: list[RatingStar], rule: StoredRule, cmd: PublishRule, by: Actor,
          at: datetime) -> None:
    version = scheme.version + 1
    s.add(RatingScheme(code=scheme.code, version=version, place_code=scheme.place_code, title_zh=scheme.title_zh,
                       title_en=scheme.title_en, kind=scheme.kind, body=scheme.body,
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
