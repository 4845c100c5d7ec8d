"""Which benefits hold, and who has them now and why. One judgement for the committee's list, /me and the till.

    benefits_on(s, place, day)                 what holds at a place: its own, and those of the places above
    granted(benefits, facts, day)              pure: which of them these facts give, each with its verdict
    who_has(s, place, day)                     every household of a place judged; a constant number of statements
    benefits_of(s, household, day)             one household's: what it has, and what is still missing for the rest
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pointsbank.benefits.giving import Giving, read_giving
from pointsbank.benefits.models import BenefitVersion
from pointsbank.eligibility import (
    StoredRule,
    Verdict,
    criterion_sentence,
    evaluate,
    facts_for,
    find_spec,
    headline,
    more_words,
    rules_on,
    shortest_way,
)
from pointsbank.people import HouseholdCard, households_of_place
from pointsbank.places import ancestors


@dataclass(frozen=True)
class Benefit:
    """A version in force, ready to be judged. `rule` None: no version of its rule holds, so nobody can be judged."""

    place_code: str
    code: str
    version: int
    kind: str
    title_zh: str
    title_en: str
    giving: Giving
    effective_on: date
    ends_on: date | None
    adopted_by: str
    rule: StoredRule | None

    def title(self, lang: str) -> str:
        return self.title_en if lang.startswith("en") else self.title_zh

    def sentence(self, lang: str) -> str:
        """Its name and what it gives: '“八星户理发优惠”:兑换P21减 20%'."""
        colon = ": " if lang.startswith("en") else ":"
        return f"“{self.title(lang)}”{colon}{self.giving.words(lang)}"

    @property
    def both(self) -> dict[str, str]:
        """The name in both languages, for refusals."""
        return {"zh": self.title_zh, "en": self.title_en}


class Grant(NamedTuple):
    """A benefit that a household has, and the verdict that gives it."""

    benefit: Benefit
    verdict: Verdict
    overdue: date | None = None  # its rule's review day, when that has passed: whoever relies on it is told

    def as_kept(self) -> dict[str, Any]:
        """What a sale keeps of it: which benefit, by which versions. No figure of the household."""
        return {"place": self.benefit.place_code, "code": self.benefit.code, "version": self.benefit.version,
                "rule": self.verdict.code, "rule_version": self.verdict.version, **self.benefit.both}


class Judged(NamedTuple):
    """One household and one benefit: `verdict` None when the benefit has no rule in force."""

    card: HouseholdCard
    verdict: Verdict | None

    def why(self, lang: str) -> list[str]:
        """Every criterion with its figure; private figures are left out by the engine itself."""
        return [criterion_sentence(c, lang) for c in self.verdict.criteria] if self.verdict else []

    def said(self, lang: str) -> str:
        return headline(self.verdict, lang) if self.verdict else ""


class Roll(NamedTuple):
    """A benefit's list: who has it, for whom it cannot be decided, how many have it not."""

    benefit: Benefit
    having: tuple[Judged, ...]
    open: tuple[Judged, ...]
    without: int


class Mine(NamedTuple):
    """One benefit as its household sees it. `missing`: what still has to be done, in words; empty when it is had."""

    benefit: Benefit
    verdict: Verdict

    def missing(self, lang: str) -> list[str]:
        return [words for c in shortest_way(self.verdict) if (words := more_words(c, lang))]

    def why(self, lang: str) -> list[str]:
        return [criterion_sentence(c, lang) for c in self.verdict.criteria]


def as_benefits(rows: Iterable[BenefitVersion], rules: Mapping[str, StoredRule]) -> list[Benefit]:
    return [Benefit(row.place_code, row.code, row.version, row.kind, row.title_zh, row.title_en,
                    read_giving(row.kind, row.body), row.effective_on, row.ends_on, row.adopted_by,
                    rules.get(row.rule_code)) for row in rows]


def benefits_on(s: Session, place_code: str, on: date) -> list[Benefit]:
    """What holds at a place on a day: the newest version of each, unless its last day has passed. Two statements."""
    newest = (select(BenefitVersion.place_code, BenefitVersion.code, func.max(BenefitVersion.version).label("version"))
              .where(BenefitVersion.place_code.in_(ancestors(place_code)), BenefitVersion.effective_on <= on)
              .group_by(BenefitVersion.place_code, BenefitVersion.code).subquery())
    rows = s.scalars(
        select(BenefitVersion).join(newest, (BenefitVersion.place_code == newest.c.place_code)
                                    & (BenefitVersion.code == newest.c.code)
                                    & (BenefitVersion.version == newest.c.version))
        .where(or_(BenefitVersion.ends_on.is_(None), BenefitVersion.ends_on >= on))
        .order_by(BenefitVersion.place_code.desc(), BenefitVersion.code)).all()
    return as_benefits(rows, rules_on(s, [row.rule_code for row in rows], on) if rows else {})


def facts_of_rules(benefits: Iterable[Benefit]) -> set[str]:
    """The facts that their rules speak of and that somebody offers."""
    return {name for benefit in benefits if benefit.rule for name in benefit.rule.rule.facts
            if find_spec(name) is not None}


def verdict_on(benefit: Benefit, facts: Mapping[str, Any]) -> Verdict | None:
    """None where there is no rule in force, or where it speaks of a fact that nobody offers any more."""
    if benefit.rule is None or any(find_spec(name) is None for name in benefit.rule.rule.facts):
        return None
    return evaluate(benefit.rule.rule, facts)


def granted(benefits: Iterable[Benefit], facts: Mapping[str, Any], on: date) -> tuple[Grant, ...]:
    """Pure: those that these facts give. What cannot be decided is not given, and takes nothing away either."""
    found = ((benefit, verdict_on(benefit, facts)) for benefit in benefits)
    return tuple(Grant(benefit, verdict, benefit.rule.review_on if benefit.rule and benefit.rule.overdue(on) else None)
                 for benefit, verdict in found if verdict is not None and verdict.outcome)


def who_has(s: Session, place_code: str, on: date, codes: Sequence[str] = ()) -> list[Roll]:
    """Every household of a village judged for each benefit (or those named) that holds there, by household code."""
    benefits = [benefit for benefit in benefits_on(s, place_code, on) if not codes or benefit.code in codes]
    cards = [card for card in households_of_place(s, place_code) if card.closed_on is None]
    if not benefits or not cards:
        return [Roll(benefit, (), (), 0) for benefit in benefits]
    facts = facts_for(s, cards[0].book_id, [card.id for card in cards], facts_of_rules(benefits), on=on)
    rolls = []
    for benefit in benefits:
        judged = [Judged(card, verdict_on(benefit, facts[card.id])) for card in cards]
        having = tuple(one for one in judged if one.verdict and one.verdict.outcome is True)
        undecided = tuple(one for one in judged if one.verdict is None or one.verdict.outcome is None)
        rolls.append(Roll(benefit, having, undecided, len(judged) - len(having) - len(undecided)))
    return rolls


def benefits_of(s: Session, card: HouseholdCard, on: date) -> list[Mine]:
    """One household's benefits, those it has first. Two statements, and one for each source of facts."""
    benefits = benefits_on(s, card.place_code, on)
    facts = facts_for(s, card.book_id, [card.id], facts_of_rules(benefits), on=on)[card.id] if benefits else {}
    found = [Mine(benefit, verdict) for benefit in benefits if (verdict := verdict_on(benefit, facts)) is not None]
    return sorted(found, key=lambda mine: (mine.verdict.outcome is not True, mine.verdict.outcome is None))
