"""Forms and JSON of packs."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from reports.packs.asked import KINDS
from reports.packs.service import AskPack

PLACE = validate.Length(12, 12)


class PackBodySchema(Schema):
    place = fields.Str(required=True, validate=PLACE)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    start = fields.Date(required=True)
    end = fields.Date(required=True)
    household = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 20),
                           metadata={"description": "code of the household, for a family's pack only"})


class PackForm(PackBodySchema):
    key = fields.UUID(required=True)
    lang = fields.Str(load_default="zh", validate=validate.OneOf(("zh", "en")))

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> AskPack:
        return AskPack(data["key"], data["place"], data["kind"], data["start"], data["end"], data["household"],
                       data["lang"])


class PlaceQuery(Schema):
    place = fields.Str(load_default=None, allow_none=True, validate=PLACE)


class FigureSchema(Schema):
    code = fields.Str()
    section = fields.Str()
    title = fields.Str()
    text = fields.Str(metadata={"description": "empty: not kept here, to be filled in by hand"})
    unit = fields.Str()
    from_ledger = fields.Bool()


class PackSchema(Schema):
    id = fields.UUID()
    place = fields.Str(attribute="place_code")
    household = fields.Str()
    kind = fields.Str()
    start = fields.Date()
    end = fields.Date()
    status = fields.Str()
    done = fields.Int()
    total = fields.Int()
    position = fields.Int(attribute="size", metadata={"description": "leaves of the log that the figures count"})
    root = fields.Str()
    known_at = fields.AwareDateTime(allow_none=True)


class WholePackSchema(PackSchema):
    figures = fields.List(fields.Nested(FigureSchema))


class TraceLineSchema(Schema):
    transaction_id = fields.UUID()
    position = fields.Int()
    effective_on = fields.Date()
    what = fields.Str()
    household = fields.Str()
    amount = fields.Str()
    taken_back = fields.Str()


class TraceSchema(Schema):
    code = fields.Str()
    printed = fields.Str()
    counted = fields.Str(metadata={"description": "counted again now, at the pack's position"})
    same = fields.Bool()
    lines = fields.List(fields.Nested(TraceLineSchema))
    more = fields.Bool()
