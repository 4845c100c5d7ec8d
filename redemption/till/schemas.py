"""The forms of what comes in and goes out of the till. They judge form; the services judge meaning."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range

from redemption.second import SecondSchema
from redemption.till.judging import LINES_MAX, PIECES_MAX
from redemption.till.returning import DESTINATIONS


class ItemSchema(Schema):
    sku = fields.String(required=True, validate=Length(1, 20))
    quantity = fields.Integer(required=True, strict=True, validate=Range(1, PIECES_MAX))


class BasketSchema(Schema):
    """`household` is a code (H001) or a card's token (JF1-…); `shop` the shop's code."""

    shop = fields.String(required=True, validate=Length(12, 20))
    household = fields.String(required=True, validate=Length(1, 70))
    items = fields.List(fields.Nested(ItemSchema), required=True, validate=Length(1, LINES_MAX))


class RedeemSchema(BasketSchema):
    confirm_again = fields.Boolean(load_default=False)
    proxy = fields.UUID(load_default=None, allow_none=True)


class SellForm(Schema):
    """The page's form: the basket as one text."""

    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    who = fields.String(required=True, validate=Length(1, 70))
    items = fields.String(required=True, validate=Length(1, 1500))
    confirm_again = fields.Boolean(load_default=False)
    proxy = fields.UUID(load_default=None, allow_none=True)


class ReturnItemSchema(Schema):
    line_no = fields.Integer(required=True, strict=True, validate=Range(1, LINES_MAX))
    pieces = fields.Integer(required=True, strict=True, validate=Range(1, PIECES_MAX))
    to = fields.String(load_default="shelf", validate=OneOf(DESTINATIONS))


class ReturnSchema(Schema):
    """Without lines: everything that is still out, back to the shelf."""

    lines = fields.List(fields.Nested(ReturnItemSchema), load_default=list, validate=Length(max=LINES_MAX))
    stocktake_seen = fields.Boolean(load_default=False)
    second = fields.Nested(SecondSchema, load_default=None, allow_none=True)


class ReturnForm(Schema):
    """The page's form: what comes back of each line, and where to."""

    class Row(Schema):
        line_no = fields.Integer(required=True)
        pieces = fields.Integer(required=True, validate=Range(0, PIECES_MAX))
        to = fields.String(load_default="shelf", validate=OneOf(DESTINATIONS))

    key = fields.UUID(required=True)
    lines = fields.List(fields.Nested(Row), load_default=list, validate=Length(max=LINES_MAX))
    stocktake_seen = fields.Boolean(load_default=False)
    second_login = fields.String(load_default="", validate=Length(max=60))
    second_password = fields.String(load_default="", validate=Length(max=200))


class ProxyForm(Schema):
    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    who = fields.String(required=True, validate=Length(1, 70))
    name = fields.String(required=True, validate=Length(1, 30))
    relation = fields.String(required=True, validate=Length(1, 30))


class SalesQuery(Schema):
    shop = fields.String(required=True, validate=Length(12, 20))
    day = fields.Date(load_default=None, allow_none=True)
    household = fields.String(load_default=None, allow_none=True, validate=Length(1, 70))
    before = fields.Integer(load_default=None, allow_none=True, validate=Range(1, 10 ** 9))


class ShopQuery(Schema):
    shop = fields.String(load_default=None, allow_none=True, validate=Length(12, 20))


class KeptBenefitSchema(Schema):
    """A benefit as a sale keeps it: its name and the versions it held by."""

    place = fields.String()
    code = fields.String()
    version = fields.Integer()
    rule = fields.String()
    rule_version = fields.Integer()
    zh = fields.String()
    en = fields.String()


class ReceiptLineSchema(Schema):
    line_no = fields.Integer()
    sku = fields.String()
    name = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    unit_points = fields.Integer(metadata={"description": "hundredths of a point"})
    points = fields.Integer(metadata={"description": "hundredths of a point"})
    returned = fields.Integer()
    full_points = fields.Integer(allow_none=True, metadata={"description": "a piece's price without the benefit"})
    benefit = fields.Nested(KeptBenefitSchema, allow_none=True)


class ReturnedLineSchema(Schema):
    line_no = fields.Integer()
    destination = fields.String()
    pieces = fields.Integer()
    points = fields.Integer()


class ReturnReceiptSchema(Schema):
    id = fields.UUID()
    sale_id = fields.UUID()
    sale_receipt = fields.String()
    receipt = fields.String()
    day = fields.Date()
    at = fields.AwareDateTime()
    points = fields.Integer()
    before = fields.Integer()
    after = fields.Integer()
    lines = fields.List(fields.Nested(ReturnedLineSchema))
    transaction_id = fields.UUID()
    replay = fields.Boolean()


class ReceiptSchema(Schema):
    """A sale. `points` taken, `before` and `after` are the wallet's balance; all in hundredths of a point."""

    id = fields.UUID()
    shop = fields.String(attribute="shop_code")
    receipt = fields.String()
    number = fields.String(attribute="short")
    day = fields.Date()
    at = fields.AwareDateTime()
    household_id = fields.UUID()
    points = fields.Integer()
    before = fields.Integer()
    after = fields.Integer()
    lines = fields.List(fields.Nested(ReceiptLineSchema))
    returns = fields.List(fields.Nested(ReturnReceiptSchema))
    transaction_id = fields.UUID()
    replay = fields.Boolean()


class RefusalSchema(Schema):
    code = fields.String()
    detail = fields.String()


class LineVerdictSchema(Schema):
    sku = fields.String()
    name = fields.String()
    unit = fields.String()
    quantity = fields.Integer()
    unit_points = fields.Integer()
    points = fields.Integer()
    full_points = fields.Integer(metadata={"description": "a piece's price without any benefit"})
    benefit = fields.String(allow_none=True, metadata={"description": "by which benefit it costs less, in a sentence"})
    possible = fields.Integer(metadata={"description": "pieces that the line's own limits and the shelf let through"})
    refusal = fields.Nested(RefusalSchema, allow_none=True)


class BalanceSchema(Schema):
    """账面、冻结、可用, in hundredths of a point."""

    posted = fields.Integer()
    held = fields.Integer()
    available = fields.Integer()


class PreviewSchema(Schema):
    lines = fields.List(fields.Nested(LineVerdictSchema))
    total = fields.Integer()
    balance = fields.Nested(BalanceSchema)
    after = fields.Integer()
    refusal = fields.Nested(RefusalSchema, allow_none=True)
    allowed = fields.Boolean()


class BarredSchema(Schema):
    sku = fields.String()
    name = fields.String()
    code = fields.String()
    reason = fields.String()


class ProxyCardSchema(Schema):
    id = fields.UUID()
    name = fields.String(metadata={"description": "masked"})
    relation = fields.String()


class TillCardSchema(Schema):
    """A household as the till sees it: masked name, three balances, what it may not redeem today and why."""

    household = fields.String()
    household_id = fields.UUID()
    masked_name = fields.String()
    balance = fields.Nested(BalanceSchema)
    month_left = fields.Integer(allow_none=True)
    benefits = fields.List(fields.String(), metadata={"description": "what the household has, each in a sentence"})
    barred = fields.List(fields.Nested(BarredSchema))
    proxies = fields.List(fields.Nested(ProxyCardSchema))


def refusal_json(refusal: Any, lang: str) -> dict[str, str] | None:
    """A refusal as code and sentence."""
    return None if refusal is None else {"code": refusal.code, "detail": refusal.sentence(lang)}
