"""What people and programs may ask the calculator, as forms and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, Range

from pointsbank.schedule.calculator import Question, used_before
from pointsbank.schedule.durations import parse_duration
from pointsbank.schedule.pricing import AMOUNT_FEN_MOST, MINUTES_A_DAY
from pointsbank.schedule.rules import RuleVersion
from pointsbank.schedule.schemas import NumberText, PointsText


class QuestionSchema(Schema):
    """JSON: figures in the smallest unit, as everywhere in the API."""

    on = fields.Date(metadata={"description": "Day of the deed; today when left out"})
    place = fields.String(validate=Length(12, 12))
    quantity = NumberText(metadata={"description": "Pieces, as text: \"1\", \"0.5\""})
    minutes = fields.Integer(strict=True, validate=Range(1, MINUTES_A_DAY))
    amount_fen = fields.Integer(strict=True, validate=Range(1, AMOUNT_FEN_MOST))
    level = fields.String(validate=Length(1, 30))
    coefficients = fields.List(fields.String(validate=Length(1, 30)), validate=Length(0, 10))
    used = fields.Dict(fields.String(), fields.Integer(strict=True, validate=Range(0, 10_000_000)),
                       metadata={"description": "What was awarded before, by the rule's `limits` names"})


class StepSchema(Schema):
    kind = fields.String()
    sentence = fields.String()
    before = fields.Integer()
    after = fields.Integer()
    capped_off = fields.Integer()


class AnswerSchema(Schema):
    """Points and score in hundredths (signed), minutes as they would stand; every step as a sentence."""

    rule = fields.String()
    version = fields.Integer()
    points = fields.Integer()
    score = fields.Integer()
    minutes = fields.Integer()
    full = fields.Integer(metadata={"description": "Points before any limit"})
    capped_off = fields.Integer()
    steps = fields.List(fields.Nested(StepSchema))


def question_of_form(rule: RuleVersion, typed: Mapping[str, str], on: date) -> Question:
    """The question typed into a rule's page. Raises ValidationError or BadDuration by field."""
    given = {name: text.strip() for name, text in typed.items() if text.strip()}
    wrong: dict[str, Any] = {}
    facts: dict[str, Any] = {"on": on, "used": {}}

    def read(name: str, field: fields.Field[Any]) -> Any:
        try:
            return field.deserialize(given[name])
        except ValidationError as refused:
            wrong[name] = refused.messages
            return None

    measure = rule.counted_in.measure
    if measure == "minutes":
        facts["minutes"] = parse_duration(given.get("hours", ""), bare="hours", field="hours")
    elif measure == "amount":
        given.setdefault("yuan", "")
        facts["amount_fen"] = read("yuan", PointsText())  # yuan in fen, as points in hundredths
    else:
        given.setdefault("quantity", "1")
        facts["quantity"] = read("quantity", NumberText())
    facts["level"] = given.get("level")
    facts["coefficients"] = tuple(one.name for i, one in enumerate(rule.coefficients) if f"coefficient-{i}" in given)
    for one in used_before(rule):
        if one.name in given:
            field = PointsText() if one.counts == "points" else fields.Integer(validate=Range(0, 10_000))
            facts["used"][one.name] = read(one.name, field)
            if (facts["used"][one.name] or 0) < 0:
                wrong[one.name] = [_l("请填 0 或更大的数。")]
    if wrong:
        raise ValidationError(wrong)
    return Question(**facts)
