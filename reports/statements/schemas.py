"""The question in the address, and the answer as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from reports.statements.service import AskStatement

AMOUNT = {"description": "Hundredths of a point"}


class AskStatementSchema(Schema):
    """?from=2026-03-01&to=2026-03-31&known_at=2026-04-01T02:00:00Z&place=230199100200&lang=zh"""

    class Meta:
        unknown = EXCLUDE

    start = fields.Date(data_key="from", load_default=None)
    end = fields.Date(data_key="to", load_default=None)
    known_at = fields.AwareDateTime(load_default=None)
    place = fields.Str(load_default=None, validate=validate.Regexp(r"^[0-9]{12}$"))
    lang = fields.Str(load_default="zh", validate=validate.OneOf(("zh", "en")))

    @post_load
    def to_question(self, data: dict[str, Any], **_: Any) -> AskStatement:
        return AskStatement(**data)


class StatementLineSchema(Schema):
    seq = fields.Int(metadata={"description": "The wallet's gapless number of this transaction's first movement"})
    last_seq = fields.Int(metadata={"description": "The number of its last movement"})
    transaction_id = fields.UUID()
    effective_on = fields.Date()
    recorded_at = fields.AwareDateTime()
    kind = fields.Str()
    reason = fields.Str()
    points = fields.Int(metadata={"description": "Hundredths of a point, signed"})
    balance = fields.Int(metadata=AMOUNT)
    late = fields.Bool(metadata={"description": "Recorded after the period had ended"})


class StatementLapseSchema(Schema):
    due_on = fields.Date(metadata={"description": "Last day (Asia/Shanghai) on which the points can be spent"})
    points = fields.Int(metadata=AMOUNT)


class StatementSchema(Schema):
    place_code = fields.Str()
    place_name = fields.Str()
    household_code = fields.Str()
    head_name = fields.Str()
    start = fields.Date(data_key="from")
    end = fields.Date(data_key="to")
    as_of = fields.Date(metadata={"description": "The day the balances are asked for: the period's last"})
    known_at = fields.AwareDateTime()
    opening = fields.Int(metadata=AMOUNT)
    earned = fields.Int(metadata=AMOUNT)
    spent = fields.Int(metadata=AMOUNT)
    closing = fields.Int(metadata=AMOUNT)
    posted = fields.Int(metadata=AMOUNT)
    held = fields.Int(metadata=AMOUNT)
    available = fields.Int(metadata=AMOUNT)
    lines = fields.List(fields.Nested(StatementLineSchema))
    lapses = fields.List(fields.Nested(StatementLapseSchema))


class CheckedDocumentSchema(Schema):
    valid = fields.Bool()
    kind = fields.Str()
    issuer = fields.Str()
    place_code = fields.Str()
    start_on = fields.Date(allow_none=True)
    end_on = fields.Date()
    known_at = fields.AwareDateTime()
    made_at = fields.AwareDateTime()
    figures = fields.Dict()
