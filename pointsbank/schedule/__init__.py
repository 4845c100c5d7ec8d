"""The points schedule (积分细则): what a deed is worth, by versioned data, with every step explained.

Pure core (no database, no clock), what the records room builds on:
    RuleVersion, RuleBook   one version of a rule; all versions, picked by the day of the deed
    Fact, Usage, Valuation  the deed; what was awarded before, by bucket; points, score, minutes and steps
    value, value_many, usage_needed, affected_by, regain, restored
    explain, explain_step   the steps as sentences; parse_duration for "1.5h", "90分钟", "1:30"

Stored (immutable once published; a county's schedule, a village's own few rules):
    publish_rule, retire_rule, load_demo_rules           writes, power "schedule.publish"
    rules_in_force, rule_book, rule_version, rule_history    reads, one statement each
    RULE_BODY               the JSON form of a rule

Pages /schedule, API /api/v1/rules: register(app).

Never here: who may submit or approve (records), what a verdict says (eligibility), posting (ledger).
"""

from flask import Flask

from pointsbank.schedule.calculator import Question, preview
from pointsbank.schedule.capping import Bucket, buckets_of
from pointsbank.schedule.durations import parse_duration
from pointsbank.schedule.explaining import cap_sentence, explain, explain_step
from pointsbank.schedule.facts import Fact, Step, Usage, UsageKey, Used, Valuation
from pointsbank.schedule.loading import load_demo_rules
from pointsbank.schedule.queries import PublishedRule, rule_book, rule_history, rule_version, rules_in_force
from pointsbank.schedule.rules import (
    Aftermath,
    Cap,
    Coefficient,
    Exclusion,
    Level,
    RuleBook,
    RuleVersion,
    Tier,
)
from pointsbank.schedule.schemas import RULE_BODY
from pointsbank.schedule.service import PublishRule, RetireRule, publish_rule, retire_rule
from pointsbank.schedule.valuing import (
    Affected,
    Standing,
    affected_by,
    regain,
    restored,
    usage_needed,
    value,
    value_many,
)
from pointsbank.schedule.windows import window_of

__all__ = [
    "Affected", "Aftermath", "Bucket", "Cap", "Coefficient", "Exclusion", "Fact", "Level", "PublishRule",
    "PublishedRule", "Question", "RULE_BODY", "RetireRule", "RuleBook", "RuleVersion", "Standing", "Step", "Tier",
    "Usage", "UsageKey", "Used", "Valuation", "affected_by", "buckets_of", "cap_sentence", "explain",
    "explain_step", "load_demo_rules", "parse_duration", "preview", "publish_rule", "regain", "register",
    "restored", "retire_rule", "rule_book", "rule_history", "rule_version", "rules_in_force", "usage_needed",
    "value", "value_many", "window_of",
]


def register(app: Flask) -> None:
    """Pages, API and menu entry."""
    from flask_babel import lazy_gettext as _l

    from pointsbank.schedule.api import api
    from pointsbank.schedule.pages import pages
    from pointsbank.web import register_api, register_menu

    app.register_blueprint(pages)
    register_api(app, api)
    register_menu("schedule.view", _l("积分细则"), "schedule.home", "list", order=70)
