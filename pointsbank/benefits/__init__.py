"""Benefits: village welfare and privileges as rules on stars and balances; who has them now, and why.

    publish_benefit(s, PublishBenefit(key, place, "B02", "discount", …, rule="stars >= 8", …), by=admin, at=now)
    benefits_on(s, place, day)            → what holds there
    granted(benefits, facts, day)         → pure: the till and the lists judge by the same engine
    who_has(s, place, day)                → every household judged, each with its reasons
    benefits_of(s, household, day)        → one household's: what it has and what is missing for the rest

Kinds: priority, discount, quota, letter (an interest-rate letter to a bank), welfare. A benefit gives something; it
never takes anything away and never touches what the law grants. Never here: prices and ceilings themselves (the shop's)
and papers (the reports').
"""

from __future__ import annotations

from flask import Flask

from pointsbank.benefits.errors import NoLetter, NotEntitled, StatutoryBenefit, UnknownBenefit
from pointsbank.benefits.giving import KINDS, Giving, kind_words, read_giving
from pointsbank.benefits.queries import (
    Benefit,
    Grant,
    Judged,
    Mine,
    Roll,
    benefits_of,
    benefits_on,
    facts_of_rules,
    granted,
    who_has,
)
from pointsbank.benefits.service import PublishBenefit, publish_benefit

__all__ = ["KINDS", "Benefit", "Giving", "Grant", "Judged", "Mine", "NoLetter", "NotEntitled", "PublishBenefit", "Roll",
           "StatutoryBenefit", "UnknownBenefit", "benefits_of", "benefits_on", "facts_of_rules", "granted",
           "kind_words", "publish_benefit", "read_giving", "register", "who_has"]


def register(app: Flask) -> None:
    """Pages, API and menu entries."""
    from flask_babel import lazy_gettext as _l

    from pointsbank.benefits.api import blueprint, mine
    from pointsbank.benefits.pages import pages
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    for api in (blueprint, mine):
        register_api(app, api)
    register_menu("benefits.view", _l("福利"), "benefits.home", "gift", order=46)
