"""/api/v1/rules: the schedule, what a deed is worth by it, and the writes of those who publish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Regexp

from pointsbank import clock
from pointsbank.access import current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.schedule.calculator import Question, preview, used_before
from pointsbank.schedule.explaining import explain_step
from pointsbank.schedule.facts import Valuation
from pointsbank.schedule.queries import rule_book, rule_history, rules_in_force
from pointsbank.schedule.questions import AnswerSchema, QuestionSchema
from pointsbank.schedule.rules import RuleVersion
from pointsbank.schedule.schemas import CODE, RULE_BODY, RuleBodySchema
from pointsbank.schedule.service import PublishRule, RetireRule, publish_rule, retire_rule
from pointsbank.web import idempotency_key, language

api = Blueprint("schedule_api", __name__, url_prefix="/api/v1/rules", description="积分细则 the points schedule")


class LimitSchema(Schema):
    name = fields.String()
    counts = fields.String()


class RuleSchema(Schema):
    """One version of a rule: its JSON form and the days it is in force."""

    code = fields.String()
    version = fields.Integer()
    place = fields.String(metadata={"description": "Who owns the rule: the county, or the village itself"})
    valid_from = fields.Date()
    valid_to = fields.Date(allow_none=True)
    body = fields.Nested(RuleBodySchema)
    limits = fields.List(fields.Nested(LimitSchema), metadata={"description": "Names for the question's `used`"})


class WhichSchema(Schema):
    place = fields.String(validate=Length(12, 12), metadata={"description": "The actor's own place when left out"})
    on = fields.Date(metadata={"description": "Today when left out"})


class RuleBody(fields.Dict):
    """A rule's JSON form, checked and handed on as it came: the service stores and compares what was sent."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        body = super()._deserialize(value, attr, data, **kwargs)
        if wrong := RULE_BODY.validate(body):
            raise ValidationError(dict(wrong))
        return body


class PublishSchema(Schema):
    place = fields.String(required=True, validate=Length(12, 12))
    code = fields.String(required=True, validate=Regexp(f"^{CODE}$"))
    body = RuleBody(required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(allow_none=True)
    adopted_minutes = fields.String(required=True, validate=Length(2, 500))


class RetireSchema(Schema):
    place = fields.String(required=True, validate=Length(12, 12))
    last_day = fields.Date(required=True)
    adopted_minutes = fields.String(required=True, validate=Length(2, 500))


def _place(asked: str | None) -> str:
    actor = current_actor()
    place = asked or actor.place_code
    require(actor, "schedule.view", at_place=place)
    return place


def _shown(rule: RuleVersion) -> dict[str, Any]:
    return {"code": rule.code, "version": rule.version, "place": rule.place_code, "valid_from": rule.valid_from,
            "valid_to": rule.valid_to, "body": rule,
            "limits": [{"name": one.name, "counts": one.counts} for one in used_before(rule)]}


def answer_of(valuation: Valuation, lang: str) -> dict[str, Any]:
    """A valuation as the API says it: figures in hundredths, steps with their sentences."""
    return {"rule": valuation.rule, "version": valuation.version, "points": valuation.points,
            "score": valuation.score, "minutes": valuation.minutes, "full": valuation.full,
            "capped_off": valuation.capped_off,
            "steps": [step.as_json() | {"sentence": explain_step(step, lang)} for step in valuation.steps]}


@api.get("")
@needs("schedule.view")
@api.arguments(WhichSchema, location="query")
@api.response(200, RuleSchema(many=True))
def list_rules(which: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules in force in a place on a day."""
    on: date = which.get("on") or clock.today()
    return [_shown(rule) for rule in rules_in_force(db.session(), _place(which.get("place")), on).values()]


@api.get("/<code>")
@needs("schedule.view")
@api.arguments(WhichSchema(exclude=("on",)), location="query")
@api.response(200, RuleSchema(many=True))
def rule_versions(which: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """All versions of a rule, newest first."""
    found = rule_history(db.session(), _place(which.get("place")), code)
    if not found:
        raise NotFound("code")
    return [_shown(one.rule) for one in found]


@api.post("/<code>/value")
@needs("schedule.view")
@api.arguments(QuestionSchema)
@api.response(200, AnswerSchema)
def value_by_rule(asked: dict[str, Any], code: str) -> dict[str, Any]:
    """What a deed would be worth. Nothing is written; a posting calls the same functions."""
    place, on = _place(asked.pop("place", None)), asked.pop("on", None) or clock.today()
    rule = rule_book(db.session(), place).pick(code, on)
    asked["coefficients"] = tuple(asked.get("coefficients", ()))
    return answer_of(preview(rule, Question(on=on, **asked)), language())


@api.post("")
@needs("schedule.publish")
@api.arguments(PublishSchema)
@api.response(201, RuleSchema)
def publish(asked: dict[str, Any]) -> dict[str, Any]:
    """Publish the next version of a rule. Needs an Idempotency-Key."""
    command = PublishRule(idempotency_key(), asked["place"], asked["code"], asked["body"], asked["valid_from"],
                          asked["adopted_minutes"], asked.get("valid_to"))
    return _shown(publish_rule(db.session(), command, by=current_actor(), at=clock.now()))


@api.post("/<code>/end")
@needs("schedule.publish")
@api.arguments(RetireSchema)
@api.response(204)
def retire(asked: dict[str, Any], code: str) -> None:
    """End a rule after a day. What it awarded stands. Needs an Idempotency-Key."""
    command = RetireRule(idempotency_key(), asked["place"], code, asked["last_day"], asked["adopted_minutes"])
    retire_rule(db.session(), command, by=current_actor(), at=clock.now())
