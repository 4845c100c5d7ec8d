"""Benefits in plain data for pages, API and papers: one place that puts them into words."""

from __future__ import annotations

from datetime import date
from typing import Any

from pointsbank.access import Actor, can
from pointsbank.benefits.giving import kind_words
from pointsbank.benefits.queries import Benefit, Judged, Mine, Roll
from pointsbank.eligibility import describe
from pointsbank.people import HouseholdCard


def shown_name(by: Actor, card: HouseholdCard) -> str:
    """The head's name for who may see people of the place, else masked."""
    return card.head_name if can(by, "people.view", card.place_code) else card.masked_name


def benefit_words(benefit: Benefit, lang: str, on: date) -> dict[str, Any]:
    rule = benefit.rule
    return {"place_code": benefit.place_code, "code": benefit.code, "version": benefit.version, "kind": benefit.kind,
            "kind_name": kind_words(benefit.kind, lang), "title": benefit.title(lang),
            "gives": benefit.giving.words(lang), "rule": describe(rule.rule, lang) if rule else "",
            "rule_code": rule.code if rule else None, "rule_version": rule.version if rule else None,
            "overdue": rule.overdue(on) if rule else False, "review_on": rule.review_on if rule else None,
            "effective_on": benefit.effective_on, "ends_on": benefit.ends_on, "adopted_by": benefit.adopted_by}


def judged_words(by: Actor, one: Judged, lang: str) -> dict[str, Any]:
    return {"household": one.card.code, "household_id": one.card.id, "name": shown_name(by, one.card),
            "group": one.card.group_no, "why": one.why(lang) if one.verdict else [], "said": one.said(lang)}


def roll_words(by: Actor, roll: Roll, lang: str, on: date) -> dict[str, Any]:
    return {**benefit_words(roll.benefit, lang, on), "entitled": [judged_words(by, one, lang) for one in roll.having],
            "undecided": [judged_words(by, one, lang) for one in roll.open], "without": roll.without}


def mine_words(mine: Mine, lang: str, on: date) -> dict[str, Any]:
    return {**benefit_words(mine.benefit, lang, on), "entitled": mine.verdict.outcome, "why": mine.why(lang),
            "missing": mine.missing(lang)}
