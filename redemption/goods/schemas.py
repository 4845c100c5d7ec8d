"""Forms of goods."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from pointsbank.amounts import parse_points
from redemption.goods.service import FEN_MAX, POINTS_MAX


class DecimalHundredths(fields.Field):  # type: ignore[type-arg]
    """'4.5' typed by a person -> 450."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> int:
        return parse_points(str(value), attr or "points")


class PriceForm(Schema):
    key = fields.UUID(required=True)
    points = DecimalHundredths(required=True)
    market = DecimalHundredths(required=True)
    valid_from = fields.Date(required=True)


class PriceSchema(Schema):
    points = fields.Integer(required=True, strict=True, validate=Range(1, POINTS_MAX))
    market_fen = fields.Integer(required=True, strict=True, validate=Range(0, FEN_MAX))
    valid_from = fields.Date(required=True)


class PriceCardSchema(Schema):
    version = fields.Integer()
    valid_from = fields.Date()
    points = fields.Integer(metadata={"description": "hundredths of a point a piece"})
    market_fen = fields.Integer()


class GoodSchema(Schema):
    sku = fields.String()
    name = fields.String()
    unit = fields.String()
    category = fields.String()
    initials = fields.String()
    rule_code = fields.String(allow_none=True)
    retired_on = fields.Date(allow_none=True)
    barcodes = fields.List(fields.String())
    price = fields.Nested(PriceCardSchema, allow_none=True)


class GoodsQuery(Schema):
    on = fields.Date(load_default=None, allow_none=True)
    code = fields.String(load_default=None, allow_none=True, validate=Length(1, 40),
                         metadata={"description": "A scanned code: SKU or barcode, 12 or 13 digits"})
