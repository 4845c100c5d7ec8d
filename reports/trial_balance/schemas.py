"""The question in the address, and the answer as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from reports.trial_balance.service import AskTrialBalance


class AskTrialBalanceSchema(Schema):
    """?on=2026-03-31&known_at=2026-04-01T02:00:00Z&lang=zh"""

    class Meta:
        unknown = EXCLUDE

    as_of = fields.Date(data_key="on", load_default=None)
    known_at = fields.AwareDateTime(load_default=None)
    lang = fields.Str(load_default="zh", validate=validate.OneOf(("zh", "en")))

    @post_load
    def to_question(self, data: dict[str, Any], **_: Any) -> AskTrialBalance:
        return AskTrialBalance(**data)


class TrialBalanceRowSchema(Schema):
    commodity = fields.Str()
    kind = fields.Str(metadata={"description": "First part of the account codes"})
    accounts = fields.Int()
    debits = fields.Int(metadata={"description": "In the commodity's smallest unit"})
    credits = fields.Int()
    balance = fields.Int(metadata={"description": "Credits less debits"})


class TrialBalanceTotalSchema(Schema):
    commodity = fields.Str()
    debits = fields.Int()
    credits = fields.Int()
    balance = fields.Int()
    balances = fields.Bool()


class TrialBalanceSchema(Schema):
    book_id = fields.Int()
    as_of = fields.Date()
    known_at = fields.AwareDateTime()
    balances = fields.Bool()
    rows = fields.List(fields.Nested(TrialBalanceRowSchema))
    totals = fields.List(fields.Nested(TrialBalanceTotalSchema))
