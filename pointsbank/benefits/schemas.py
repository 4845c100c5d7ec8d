"""Forms and JSON of benefits. Schemas judge form; `giving` and the service judge meaning."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from pointsbank.amounts import parse_points
from pointsbank.benefits.giving import KINDS, NAMES
from pointsbank.benefits.service import PublishBenefit

PLACE = validate.Length(12, 12)
COMMAS = re.compile(r"[\s,,、;;]+")


class BenefitBodySchema(Schema):
    """A version to publish. `body` by kind: discount percent_off, goods, categories; quota month_points (hundredths);
    letter bank, gives_zh, gives_en; priority and welfare gives_zh, gives_en."""

    place = fields.Str(required=True, validate=PLACE)
    code = fields.Str(required=True, validate=validate.Length(1, 12))
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    title_zh = fields.Str(required=True, validate=validate.Length(1, 60))
    title_en = fields.Str(required=True, validate=validate.Length(1, 60))
    body = fields.Dict(required=True, keys=fields.Str(validate=validate.Length(max=20)),
                       validate=validate.Length(max=8))
    rule = fields.Str(required=True, validate=validate.Length(1, 500))
    effective_on = fields.Date(required=True)
    adopted_by = fields.Str(required=True, validate=validate.Length(1, 200))
    ends_on = fields.Date(load_default=None, allow_none=True)
    review_on = fields.Date(load_default=None, allow_none=True)


class BenefitForm(Schema):
    """The page's form: the body's parts as fields of their own; lists are words with commas between."""

    key = fields.UUID(required=True)
    code = fields.Str(required=True, validate=validate.Length(1, 12))
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    title_zh = fields.Str(required=True, validate=validate.Length(1, 60))
    title_en = fields.Str(required=True, validate=validate.Length(1, 60))
    gives_zh = fields.Str(load_default="", validate=validate.Length(max=200))
    gives_en = fields.Str(load_default="", validate=validate.Length(max=200))
    bank = fields.Str(load_default="", validate=validate.Length(max=200))
    percent_off = fields.Int(load_default=None, validate=validate.Range(1, 99))
    goods = fields.Str(load_default="", validate=validate.Length(max=500))
    categories = fields.Str(load_default="", validate=validate.Length(max=500))
    month_points = fields.Function(deserialize=lambda text: int(parse_points(text)), load_default=None)
    rule = fields.Str(required=True, validate=validate.Length(1, 500))
    effective_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None)
    review_on = fields.Date(load_default=None)
    adopted_by = fields.Str(required=True, validate=validate.Length(1, 200))
    place = fields.Str(required=True, validate=PLACE)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> PublishBenefit:
        body: dict[str, Any] = {name: data[name] for name in NAMES[data["kind"]] if data.get(name) not in (None, "")}
        for name in ("goods", "categories"):
            if name in body:
                body[name] = [word for word in COMMAS.split(body[name]) if word]
        return PublishBenefit(data["key"], data["place"], data["code"], data["kind"], data["title_zh"],
                              data["title_en"], body, data["rule"], data["effective_on"], data["adopted_by"],
                              data["ends_on"], data["review_on"])


class PlaceQuery(Schema):
    place = fields.Str(load_default=None, allow_none=True, validate=PLACE)
    on = fields.Date(load_default=None, allow_none=True, metadata={"description": "today when left out"})


class BenefitSchema(Schema):
    place = fields.Str(attribute="place_code")
    code = fields.Str()
    version = fields.Int()
    kind = fields.Str()
    title = fields.Str()
    gives = fields.Str()
    rule = fields.Str(metadata={"description": "The rule in words"})
    rule_code = fields.Str(allow_none=True)
    rule_version = fields.Int(allow_none=True)
    overdue = fields.Bool(metadata={"description": "The rule's review day has passed"})
    effective_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    adopted_by = fields.Str()


class EntitledSchema(Schema):
    household = fields.Str()
    household_id = fields.UUID()
    name = fields.Str(metadata={"description": "masked unless the reader may see people of the place"})
    why = fields.List(fields.Str())


class RollSchema(BenefitSchema):
    """A benefit with its list of today."""

    entitled = fields.List(fields.Nested(EntitledSchema))
    undecided = fields.List(fields.Nested(EntitledSchema), metadata={"description": "it cannot be decided yet"})
    without = fields.Int(metadata={"description": "how many households do not have it"})


class MineSchema(BenefitSchema):
    entitled = fields.Bool(allow_none=True, metadata={"description": "null: it cannot be decided yet"})
    why = fields.List(fields.Str())
    missing = fields.List(fields.Str(), metadata={"description": "what still has to be done"})
