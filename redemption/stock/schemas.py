"""Forms of the storeroom's papers."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from redemption.goods.schemas import DecimalHundredths
from redemption.second import SecondSchema
from redemption.stock import counting, opening, receiving, writing_off
from redemption.stock.papers import LINES_MAX, NOTE_MAX, PIECES_MAX


class GoodsInSchema(Schema):
    sku = fields.String(required=True, validate=Length(1, 20))
    pieces = fields.Integer(required=True, strict=True, validate=Range(1, PIECES_MAX))
    use_by = fields.Date(load_default=None, allow_none=True)
    market_fen = fields.Integer(load_default=None, allow_none=True, strict=True, validate=Range(0, receiving.FEN_MAX))
    valuation = fields.String(load_default="market", validate=OneOf(receiving.VALUATIONS))


class ReceiveSchema(Schema):
    """Goods received: donated or bought."""

    source = fields.String(required=True, validate=OneOf(("donation", "purchase")))
    source_name = fields.String(required=True, validate=Length(1, 60))
    source_phone = fields.String(load_default="", validate=Length(max=30))
    note = fields.String(load_default="", validate=Length(max=NOTE_MAX))
    lines = fields.List(fields.Nested(GoodsInSchema), required=True, validate=Length(1, LINES_MAX))


class OpeningCountSchema(Schema):
    """What lay in the shop before its first day, as one person counted it."""

    lines = fields.List(fields.Nested(GoodsInSchema), required=True, validate=Length(1, LINES_MAX))


class OpeningAgainSchema(Schema):
    """What another person counted, line by line of the sheet."""

    counted = fields.List(fields.Integer(strict=True, validate=Range(0, PIECES_MAX)), required=True,
                          validate=Length(1, LINES_MAX))


class DifferenceSchema(Schema):
    sku = fields.String()
    use_by = fields.Date(allow_none=True)
    counted = fields.Integer()
    again = fields.Integer()


class StockOpeningSchema(Schema):
    """`status`: waiting, differs, posted or withdrawn; `differences` are those of a second count."""

    id = fields.UUID()
    status = fields.String()
    made_at = fields.AwareDateTime()
    second_at = fields.AwareDateTime(allow_none=True)
    paper_id = fields.UUID(allow_none=True)
    differences = fields.Function(lambda row: DifferenceSchema(many=True).dump(opening.differences(row)))


class CountedSchema(Schema):
    sku = fields.String(required=True, validate=Length(1, 20))
    counted = fields.Integer(required=True, strict=True, validate=Range(0, PIECES_MAX))
    batch = fields.UUID(load_default=None, allow_none=True)


class StockCountSchema(Schema):
    """A stocktake, judged as of `counted_at`."""

    counted_at = fields.AwareDateTime(required=True)
    reason = fields.String(load_default="monthly", validate=OneOf(counting.REASONS))
    lines = fields.List(fields.Nested(CountedSchema), required=True, validate=Length(1, LINES_MAX))
    second = fields.Nested(SecondSchema, required=True)


class LeavingSchema(Schema):
    batch = fields.UUID(required=True)
    pieces = fields.Integer(required=True, strict=True, validate=Range(1, PIECES_MAX))


class WriteOffSchema(Schema):
    reason = fields.String(required=True, validate=OneOf(writing_off.REASONS))
    note = fields.String(load_default="", validate=Length(max=NOTE_MAX))
    lines = fields.List(fields.Nested(LeavingSchema), required=True, validate=Length(1, LINES_MAX))
    second = fields.Nested(SecondSchema, required=True)


class FoundSchema(Schema):
    sku = fields.String(required=True, validate=Length(1, 20))
    pieces = fields.Integer(required=True, strict=True, validate=Range(1, PIECES_MAX))
    second = fields.Nested(SecondSchema, required=True)


class BatchStockSchema(Schema):
    id = fields.UUID()
    number = fields.String()
    use_by = fields.Date(allow_none=True)
    received_on = fields.Date()
    market_fen = fields.Integer()
    valuation = fields.String()
    posted = fields.Integer()
    held = fields.Integer()
    available = fields.Integer()


class GoodStockSchema(Schema):
    """`free`: pieces that may be redeemed now (not held, not expired)."""

    sku = fields.String()
    posted = fields.Integer()
    held = fields.Integer()
    expired = fields.Integer()
    free = fields.Integer()
    batches = fields.List(fields.Nested(BatchStockSchema))


class PaperLineSchema(Schema):
    batch_id = fields.UUID()
    sku = fields.String()
    pieces = fields.Integer()
    counted = fields.Integer(allow_none=True)
    book_then = fields.Integer(allow_none=True)
    moved_since = fields.Integer(allow_none=True)


class PaperSchema(Schema):
    id = fields.UUID()
    kind = fields.String()
    number = fields.String()
    day = fields.Date()
    moment = fields.AwareDateTime()
    reason = fields.String(allow_none=True)
    source_kind = fields.String(allow_none=True)
    source_id = fields.UUID(allow_none=True)
    transaction_id = fields.UUID(allow_none=True)
    lines = fields.List(fields.Nested(PaperLineSchema))
    replay = fields.Boolean()


class SecondForm(Schema):
    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    second_login = fields.String(load_default="", validate=Length(max=60))
    second_password = fields.String(load_default="", validate=Length(max=200))


class ReceiveForm(Schema):
    class Row(Schema):
        sku = fields.String(load_default="", validate=Length(max=40))
        pieces = fields.Integer(load_default=None, allow_none=True, validate=Range(1, PIECES_MAX))
        use_by = fields.Date(load_default=None, allow_none=True)
        market = DecimalHundredths(load_default=None, allow_none=True)

    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    source = fields.String(required=True, validate=OneOf(("donation", "purchase")))
    source_name = fields.String(required=True, validate=Length(1, 60))
    source_phone = fields.String(load_default="", validate=Length(max=30))
    note = fields.String(load_default="", validate=Length(max=NOTE_MAX))
    valuation = fields.String(load_default="market", validate=OneOf(receiving.VALUATIONS))
    lines = fields.List(fields.Nested(Row), load_default=list, validate=Length(max=LINES_MAX))


class OpeningCountForm(Schema):
    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    lines = fields.List(fields.Nested(ReceiveForm.Row), load_default=list, validate=Length(max=LINES_MAX))


class OpeningAgainForm(Schema):
    class Row(Schema):
        pieces = fields.Integer(required=True, validate=Range(0, PIECES_MAX))

    key = fields.UUID(required=True)
    lines = fields.List(fields.Nested(Row), required=True, validate=Length(1, LINES_MAX))


class CountForm(SecondForm):
    class Row(Schema):
        sku = fields.String(required=True, validate=Length(1, 20))
        counted = fields.Integer(load_default=None, allow_none=True, validate=Range(0, PIECES_MAX))

    counted_at = fields.String(required=True, validate=Length(16, 16))
    reason = fields.String(load_default="monthly", validate=OneOf(counting.REASONS))
    lines = fields.List(fields.Nested(Row), load_default=list, validate=Length(max=LINES_MAX))


class WriteOffForm(SecondForm):
    class Row(Schema):
        batch = fields.UUID(required=True)
        pieces = fields.Integer(load_default=None, allow_none=True, validate=Range(0, PIECES_MAX))

    reason = fields.String(required=True, validate=OneOf(writing_off.REASONS))
    note = fields.String(load_default="", validate=Length(max=NOTE_MAX))
    lines = fields.List(fields.Nested(Row), load_default=list, validate=Length(max=LINES_MAX))


class FoundForm(SecondForm):
    sku = fields.String(required=True, validate=Length(1, 20))
    pieces = fields.Integer(required=True, validate=Range(1, PIECES_MAX))
    who = fields.String(load_default="", validate=Length(max=70))
    items = fields.String(load_default="", validate=Length(max=1500))
