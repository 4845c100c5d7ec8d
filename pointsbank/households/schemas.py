"""The forms of changes to households, for pages and API alike (a form carries its key, the API has it in a header)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range, Regexp

from pointsbank.amounts import Points, parse_points

CODE = Length(1, 20)
PLACE = Regexp(r"^[0-9]{12}$")
MEMBERS_MAX = 30
GROUPS_MAX = 999


class ChangeSchema(Schema):
    on = fields.Date(required=True, metadata={"description": "The day it counts from (Asia/Shanghai)"})
    reason = fields.Str(required=True, validate=Length(2, 300))


class SplitSchema(ChangeSchema):
    code = fields.Str(required=True, validate=CODE)
    group_no = fields.Int(required=True, validate=Range(0, GROUPS_MAX))
    members = fields.List(fields.UUID(), required=True, validate=Length(1, MEMBERS_MAX))
    head = fields.UUID(required=True)
    points = fields.Int(load_default=0, validate=Range(0), metadata={"description": "hundredths of a point"})
    heir_of_head = fields.UUID(load_default=None, allow_none=True)


class MergeSchema(ChangeSchema):
    into = fields.UUID(required=True)


class MoveSchema(ChangeSchema):
    place_code = fields.Str(required=True, validate=PLACE)
    code = fields.Str(required=True, validate=CODE)
    group_no = fields.Int(required=True, validate=Range(0, GROUPS_MAX))


class AwaySchema(ChangeSchema):
    to_book = fields.Int(load_default=None, allow_none=True, validate=Range(110000, 829999))


class DeathSchema(ChangeSchema):
    person = fields.UUID(required=True)
    head = fields.UUID(load_default=None, allow_none=True)
    heir = fields.UUID(load_default=None, allow_none=True)


class HeadSchema(ChangeSchema):
    head = fields.UUID(required=True)


class TypedPoints(fields.Field[Points]):
    """'4.5' typed by a person."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Points:
        return parse_points(str(value), str(attr))


class SplitForm(SplitSchema):
    key = fields.UUID(required=True)
    points = TypedPoints(load_default=Points(0))  # type: ignore[assignment]


class MergeForm(ChangeSchema):
    key = fields.UUID(required=True)
    into_code = fields.Str(required=True, validate=CODE)


class MoveForm(MoveSchema):
    key = fields.UUID(required=True)


class AwayForm(AwaySchema):
    key = fields.UUID(required=True)


class DeathForm(ChangeSchema):
    key = fields.UUID(required=True)
    person = fields.UUID(required=True)
    head = fields.UUID(load_default=None)
    heir_code = fields.Str(load_default="", validate=Length(max=20))


class HeadForm(HeadSchema):
    key = fields.UUID(required=True)
