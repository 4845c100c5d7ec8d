"""What the editor asks while a rule is being written: is it one, what does it say, whom would it change?

    check_text("hours >= 20 and stars >")   → Checked(rule=None, at=25, problem={"zh": "…", "en": "…"})
    try_household, try_last_year            on a draft, nothing kept
    publish_edited                          the version, and whatever stands on rules of its kind (`on_published`)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.eligibility.errors import BadRule, UnknownFact
from pointsbank.eligibility.evaluating import Verdict, evaluate
from pointsbank.eligibility.finding import facts_for
from pointsbank.eligibility.models import EligibilityRule
from pointsbank.eligibility.parsing import parse
from pointsbank.eligibility.service import PublishRule, StoredRule, must_publish, publish_rule, stored
from pointsbank.eligibility.surveying import Trial, beginning, last_year, trial
from pointsbank.eligibility.tree import Rule
from pointsbank.errors import BadInput, NotAllowed
from pointsbank.people import HouseholdCard
from pointsbank.places import book_of

MINUTES_MIN = 4
TRIES = ("ratings.rules", "ratings.view")
Hook = Callable[[Session, StoredRule, PublishRule, Actor, datetime], None]
_hooks: dict[str, Hook] = {}


class Checked(NamedTuple):
    """A text that was read: the rule, or the place (from 1; 0: the whole) and the reason why it is none."""

    rule: Rule | None
    at: int = 0
    problem: dict[str, str] | None = None


def check_text(text: str) -> Checked:
    """Never raises for what somebody typed."""
    try:
        return Checked(parse(text))
    except (BadRule, UnknownFact) as refusal:
        return Checked(None, int(refusal.facts["at"]), {"zh": refusal.sentence("zh"), "en": refusal.sentence("en")})


def may_try(by: Actor, place_code: str) -> bool:
    return any(can(by, power, place_code) for power in TRIES)


def _must_try(by: Actor, place_code: str) -> None:
    if not may_try(by, place_code):
        raise NotAllowed(None, power=TRIES[0])


def try_household(s: Session, card: HouseholdCard, rules: Sequence[Rule], on: date, *, by: Actor) -> list[Verdict]:
    """What rules say of one household on a day. Raises NotAllowed."""
    _must_try(by, card.place_code)
    names = {name for rule in rules for name in rule.facts}
    facts = facts_for(s, card.book_id, [card.id], names, on=on)[card.id]
    return [evaluate(rule, facts) for rule in rules]


def try_last_year(s: Session, place_code: str, old: Rule | None, new: Rule, today: date, *, by: Actor) -> Trial:
    """Whom a new rule would have changed last year, in a place and all below it. Raises NotAllowed."""
    _must_try(by, place_code)
    return trial(s, book_of(place_code), [beginning(place_code)], old, new, last_year(today))


def on_published(prefix: str, hook: Hook) -> None:
    """What stands on rules whose codes begin so takes a new version over, in the same unit of work."""
    _hooks[prefix] = hook


def publish_edited(s: Session, cmd: PublishRule, *, by: Actor, at: datetime) -> StoredRule:
    """Publish a version from the editor: with the minutes that adopted it, from today on at the earliest.

    Raises as `publish_rule`, and as what stands on it; BadInput without minutes or for a day that is over: what was
    judged then was judged by the rule of then.
    """
    must_publish(by, cmd.code)
    if len((cmd.adopted_by or "").strip()) < MINUTES_MIN:
        raise BadInput("adopted_by", "请写明哪次会议通过的:会议纪要的名称、日期或编号。",
                       "Say which meeting adopted it: the minutes' name, day or number.")
    if cmd.effective_on < to_day(at):
        raise BadInput("effective_on", "执行的日子不能早于今天:以前的事按以前的规则。",
                       "It cannot hold from a day that is over: the past is judged by the rules of then.")
    with unit_of_work(s):
        before = s.scalar(select(func.max(EligibilityRule.version)).where(EligibilityRule.code == cmd.code)) or 0
        done = publish_rule(s, cmd, by=by, at=at)
        if done.version > before:
            for prefix, hook in _hooks.items():
                if cmd.code.startswith(prefix):
                    hook(s, done, cmd, by, at)
        return done


class ListedRule(NamedTuple):
    """A rule by the version that holds (None: none yet) and its newest."""

    holds: StoredRule | None
    newest: StoredRule


def rules_listed(s: Session, on: date) -> list[ListedRule]:
    """All rules by code; one statement."""
    found: dict[str, list[StoredRule]] = {}
    for row in s.scalars(select(EligibilityRule).order_by(EligibilityRule.code, EligibilityRule.version)):
        found.setdefault(row.code, []).append(stored(row))
    return [ListedRule(next((one for one in reversed(versions) if one.effective_on <= on), None), versions[-1])
            for versions in found.values()]


def versions_of(s: Session, code: str) -> list[StoredRule]:
    """A rule's versions, newest first; one statement."""
    return [stored(row) for row in s.scalars(select(EligibilityRule).where(EligibilityRule.code == code)
                                             .order_by(EligibilityRule.version.desc()))]


__all__ = ["Checked", "ListedRule", "check_text", "may_try", "on_published", "publish_edited", "rules_listed",
           "try_household", "try_last_year", "versions_of"]
