"""May they, and how many stars? One engine for ratings, benefits and the limits of the till.

    facts    named, typed, found for many households at once   register_turnover, register_select, register_composed,
             (`facts`: how to add one)                         register_fact, register_facts; facts_for, catalogue,
                                                               spec_of, FactSpec, Ask, Turnovers, Window
    rules    a text, parsed safely, kept as versions           parse, describe, publish_rule, rule_on, rules_on,
                                                               rule_version
    verdicts yes, no or "cannot decide", with every criterion  evaluate, explain, headline, criterion_sentence,
                                                               shortest_way, as_json, from_json

    rule = rule_on(s, "goods.P22", day).rule
    facts = facts_for(s, book_id, [household], rule.facts, on=day, context={"bought_before": 0})[household]
    verdict = evaluate(rule, facts)          # verdict.outcome: True | False | None

Never here: where a fact comes from above this floor (higher rooms register theirs), who decides (people do).
"""

from flask import Flask

from pointsbank.eligibility import household_facts, ledger_facts
from pointsbank.eligibility.asking import Ask, Turnovers, of_codes
from pointsbank.eligibility.deeds import DeedLine, Deeds, deed_lines, deeds
from pointsbank.eligibility.editing import on_published, publish_edited
from pointsbank.eligibility.errors import BadRule, UnknownFact, UnknownRule
from pointsbank.eligibility.evaluating import Criterion, Judged, Verdict, evaluate
from pointsbank.eligibility.facts import (
    FactSpec,
    catalogue,
    entries,
    find_spec,
    register_composed,
    register_fact,
    register_facts,
    register_select,
    register_turnover,
    spec_of,
)
from pointsbank.eligibility.finding import facts_for
from pointsbank.eligibility.models import EligibilityRule
from pointsbank.eligibility.parsing import parse
from pointsbank.eligibility.service import (
    PublishRule,
    StoredRule,
    due_for_review,
    publish_rule,
    rule_on,
    rule_version,
    rules_on,
)
from pointsbank.eligibility.surveying import (
    SurveyTaken,
    TakeSurvey,
    Trial,
    beginning,
    last_year,
    survey_verdicts,
    take_survey,
    trial,
    up_to_date,
)
from pointsbank.eligibility.tree import Rule
from pointsbank.eligibility.windows import WINDOWS, Window, months_back, year_to
from pointsbank.eligibility.words import (
    as_json,
    criterion_sentence,
    describe,
    distance_words,
    explain,
    figure_words,
    from_json,
    headline,
    more_words,
    problem_words,
    share_missing,
    shortest_way,
    wanted_words,
)

ledger_facts.register()
household_facts.register()

__all__ = [
    "Ask", "BadRule", "Criterion", "DeedLine", "Deeds", "EligibilityRule", "FactSpec", "Judged", "PublishRule",
    "Rule", "StoredRule", "SurveyTaken", "TakeSurvey", "Trial", "Turnovers", "UnknownFact", "UnknownRule", "Verdict",
    "WINDOWS", "Window", "as_json", "beginning", "catalogue", "criterion_sentence", "deed_lines", "deeds",
    "describe", "distance_words", "due_for_review", "entries", "evaluate", "explain", "facts_for", "figure_words",
    "find_spec", "from_json", "headline", "last_year", "months_back", "more_words", "of_codes", "on_published", "parse",
    "problem_words", "publish_edited", "publish_rule", "register", "register_composed", "register_fact",
    "register_facts", "register_select", "register_turnover", "rule_on", "rule_version", "rules_on", "share_missing",
    "shortest_way", "spec_of", "survey_verdicts", "take_survey", "trial", "up_to_date", "wanted_words", "year_to",
]


def register(app: Flask) -> None:
    """The pages of rules and facts with their menu entry; old surveys go at night."""
    from flask_babel import lazy_gettext as _l

    from pointsbank.eligibility.pages import pages
    from pointsbank.eligibility.surveying import forget_surveys
    from pointsbank.jobs import register_job
    from pointsbank.web import register_menu

    app.register_blueprint(pages)
    register_job("forget-surveys", "旧的整县评定结果清理", hour=1, minute=10, run=forget_surveys)
    register_menu(("ratings.rules", "ratings.view", "goods.edit"), _l("评定和兑换的规则"), "criteria.home", "list",
                  order=71)
