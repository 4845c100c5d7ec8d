"""Forms and JSON of the ratings: what is loaded, and what is shown."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from pointsbank.ratings.cycle import OpenCycle
from pointsbank.ratings.decisions import DecideStar
from pointsbank.ratings.jury import Mark
from pointsbank.ratings.periods import MONTHS
from pointsbank.ratings.vetoes import EnterVeto, LiftVeto

PLACE = validate.Length(12, 12)
YEAR = validate.Range(2000, 2100)


class OpenSchema(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    year = fields.Int(required=True, validate=YEAR)
    period = fields.Str(load_default=None, validate=validate.OneOf(tuple(MONTHS)))

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> OpenCycle:
        return OpenCycle(data["key"], data["place"], data["year"], None, data["period"])


class DecideBodySchema(Schema):
    household_id = fields.UUID(required=True)
    star = fields.Str(required=True, validate=validate.Length(1, 12))
    awarded = fields.Bool(required=True)
    reason = fields.Str(load_default="", validate=validate.Length(max=500))


class DecideSchema(DecideBodySchema):
    """The page's form: the body with its key and cycle."""

    key = fields.UUID(required=True)
    cycle_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> DecideStar:
        return DecideStar(data["key"], data["cycle_id"], data["household_id"], data["star"], data["awarded"],
                          data["reason"])


class VetoBodySchema(Schema):
    household_id = fields.UUID(required=True)
    veto = fields.Str(required=True, validate=validate.Length(1, 12))
    happened_on = fields.Date(required=True)
    grounds = fields.Str(required=True, validate=validate.Length(2, 500))
    document = fields.Str(load_default="", validate=validate.Length(max=200))


class VetoSchema(VetoBodySchema):
    key = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> EnterVeto:
        return EnterVeto(data["key"], data["household_id"], data["veto"], data["happened_on"], data["grounds"],
                         data["document"])


class LiftBodySchema(Schema):
    reason = fields.Str(required=True, validate=validate.Length(2, 300))


class LiftSchema(LiftBodySchema):
    key = fields.UUID()
    veto_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> LiftVeto:
        return LiftVeto(data["veto_id"], data["reason"])


class EvaluateSchema(Schema):
    as_of = fields.Date(load_default=None, metadata={"description": "The last day that counts; today when left out"})


class MarkSchema(Schema):
    household_id = fields.UUID(required=True)
    star = fields.Str(required=True, validate=validate.Length(1, 12))
    score = fields.Int(required=True, metadata={"description": "Hundredths, 0 to 1000"})

    @post_load
    def to_mark(self, data: dict[str, Any], **_: Any) -> Mark:
        return Mark(data["household_id"], data["star"], data["score"])


class ScoresSchema(Schema):
    marks = fields.List(fields.Nested(MarkSchema), required=True, validate=validate.Length(1, 1000))


class RuleTextSchema(Schema):
    text = fields.Str(required=True, validate=validate.Length(1, 2000))


class RuleWordsSchema(Schema):
    zh = fields.Str()
    en = fields.Str()
    facts = fields.List(fields.Str())


class FactSchema(Schema):
    name = fields.Str(metadata={"description": "A name ending in '_' is a family: put a code behind it"})
    kind = fields.Str()
    title = fields.Str()


class PastEvaluationSchema(Schema):
    id = fields.UUID()
    number = fields.Int()
    as_of = fields.Date()
    known_at = fields.DateTime()
    households = fields.Int()


class EvaluationSchema(PastEvaluationSchema):
    """The answer to a run; `replay`: the same key was seen before, nothing was done again."""

    replay = fields.Bool()


class CycleSchema(Schema):
    id = fields.UUID()
    place = fields.Str(attribute="place_code")
    year = fields.Int()
    status = fields.Str()
    scheme = fields.Function(lambda view: view.scheme.code)
    scheme_version = fields.Function(lambda view: view.scheme.version)
    evaluations = fields.List(fields.Nested(PastEvaluationSchema))


class HouseholdRowSchema(Schema):
    household = fields.Function(lambda row: row.card.code)
    household_id = fields.Function(lambda row: str(row.card.id))
    stars = fields.Int()
    undecided = fields.Int()
    band = fields.Function(lambda row: row.band.code if row.band else None)
    outcomes = fields.Dict(keys=fields.Str(), values=fields.Bool(allow_none=True))


class MatrixSchema(Schema):
    rows = fields.List(fields.Nested(HouseholdRowSchema))
    next = fields.Str(allow_none=True, metadata={"description": "Ask again with after=<this>"})


class CriterionSchema(Schema):
    fact = fields.Str()
    kind = fields.Str()
    operator = fields.Str()
    figure = fields.Raw(allow_none=True)
    threshold = fields.Raw(allow_none=True)
    holds = fields.Bool(allow_none=True)
    distance = fields.Int(allow_none=True)
    problem = fields.Str(allow_none=True)
    sentence = fields.Str()


class StarVerdictSchema(Schema):
    star = fields.Str()
    title = fields.Str()
    outcome = fields.Bool(allow_none=True, metadata={"description": "null: cannot decide yet"})
    verdict = fields.Bool(allow_none=True, metadata={"description": "What the engine says, whoever decided otherwise"})
    rule = fields.Str()
    rule_version = fields.Int()
    text = fields.Str()
    sentence = fields.Str()
    criteria = fields.List(fields.Nested(CriterionSchema))


class HouseholdRatingSchema(Schema):
    household = fields.Str()
    year = fields.Int()
    evaluation = fields.Int()
    as_of = fields.Date()
    stars = fields.Int()
    band = fields.Str(allow_none=True)
    earned = fields.Int(metadata={"description": "Hundredths of a point in the year"})
    spent = fields.Int(metadata={"description": "Hundredths; stars do not depend on it"})
    erased = fields.Bool()
    verdicts = fields.List(fields.Nested(StarVerdictSchema))
