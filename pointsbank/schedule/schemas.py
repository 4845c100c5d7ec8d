"""The JSON form of a rule body.

    body = RULE_BODY.load({"category": "志愿服务", "item": "…", "kind": "earning", "unit": "hour", "points": "1.5", …})
    RuleVersion(code="V02", version=1, valid_from=day, **body);   RULE_BODY.dump(rule)  # the same JSON again

Figures travel as text ("1.5"): a JSON number with a fraction has already lost its exactness when it arrives, so it is
refused. Schemas judge form; what a rule may say is judged in `checking` and `grounds`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, post_load
from marshmallow.validate import Length, OneOf, Range, Regexp

from pointsbank.amounts import MINUS, Points
from pointsbank.schedule import rules as records
from pointsbank.schedule.units import ROUNDINGS, UNITS

CODE = r"[A-Z][A-Z0-9-]{0,11}"
NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
SIGNED_POINTS = re.compile(r"(-?)([0-9]{1,7})(?:\.([0-9]{1,2}))?")


def _text_of(value: Any) -> str:
    """Text, whole number or Decimal as text; anything else as '' (which no pattern here accepts)."""
    exact = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    return str(value).strip().replace(MINUS, "-") if exact else ""


class PointsText(fields.Field[Points]):
    """'1.5' <-> Points(150); a deduction carries its sign. At most two decimals."""

    default_error_messages = {
        "invalid": _l("请用文字写分值,最多两位小数,例如 \"1.5\" 或 \"-5\"。")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Points:
        match = SIGNED_POINTS.fullmatch(_text_of(value))
        if match is None:
            raise self.make_error("invalid")
        magnitude = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
        return Points(-magnitude if match[1] else magnitude)

    def _serialize(self, value: Points | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        whole, rest = divmod(abs(value), 100)
        return f"{'-' if value < 0 else ''}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")


class NumberText(fields.Field[Decimal]):
    """'1.2' <-> Decimal('1.2'), never negative, at most six decimals."""

    default_error_messages = {"invalid": _l("请用文字写数字,最多六位小数,例如 \"1.2\"。")}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        text = _text_of(value)
        if NUMBER.fullmatch(text) is None:
            raise self.make_error("invalid")
        return Decimal(text)

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{value:f}"


class RecordSchema(Schema):
    """Loads into the frozen record named by `record`."""

    record: type

    @post_load
    def to_record(self, data: dict[str, Any], **_: Any) -> Any:
        return self.record(**{name: tuple(value) if isinstance(value, list) else value
                              for name, value in data.items()})


def _text(most: int, **more: Any) -> fields.String:
    return fields.String(validate=Length(0, most), **more)


def _one_of(alias: Any, **more: Any) -> fields.String:
    return fields.String(validate=OneOf(get_args(alias)), **more)


def _code() -> fields.String:
    return fields.String(validate=Regexp(f"^{CODE}$"))


class TierSchema(RecordSchema):
    record = records.Tier
    start = NumberText(required=True)
    points = PointsText(required=True)
    per = NumberText(allow_none=True)


class LevelSchema(RecordSchema):
    record = records.Level
    name = fields.String(required=True, validate=Length(1, 30))
    points = PointsText(required=True)


class CoefficientSchema(RecordSchema):
    record = records.Coefficient
    name = fields.String(required=True, validate=Length(1, 30))
    factor = NumberText(required=True)


class CapSchema(RecordSchema):
    record = records.Cap
    subject = _one_of(records.Subject, required=True)
    window = _one_of(records.Window, required=True)
    points = PointsText(allow_none=True)
    times = fields.Integer(strict=True, allow_none=True, validate=Range(1, 10_000))
    rules = fields.List(_code(), validate=Length(0, 60))


class ExclusionSchema(RecordSchema):
    record = records.Exclusion
    group = fields.String(required=True, validate=Length(1, 40))
    rules = fields.List(_code(), required=True, validate=Length(1, 60))
    mode = fields.String(required=True, validate=OneOf(("one_only", "highest")))
    subject = _one_of(records.Subject)
    window = _one_of(records.Window)
    by_cause = fields.Boolean()


class AftermathSchema(RecordSchema):
    record = records.Aftermath
    warn_first = fields.Boolean()
    rectify_days = fields.Integer(strict=True, validate=Range(0, 365))
    restore_percent = fields.Integer(strict=True, validate=Range(0, 100))
    restore_when = _text(100)
    claw_back = fields.Boolean()
    freeze_months = fields.Integer(strict=True, validate=Range(0, 60))
    pause_after_times = fields.Integer(strict=True, validate=Range(0, 100))
    pause_days = fields.Integer(strict=True, validate=Range(0, 365))


class RuleBodySchema(Schema):
    """Everything a rule version says but its code, number and days. Loads into RuleVersion's arguments."""

    category = fields.String(required=True, validate=Length(1, 30))
    item = fields.String(required=True, validate=Length(1, 120))
    kind = _one_of(records.Kind, required=True)
    unit = fields.String(required=True, validate=OneOf(tuple(UNITS)))
    points = PointsText(allow_none=True)
    per = NumberText()
    tiers = fields.List(fields.Nested(TierSchema), validate=Length(0, 30))
    tier_mode = fields.String(validate=OneOf(("whole", "slice")))
    levels = fields.List(fields.Nested(LevelSchema), validate=Length(0, 20))
    coefficients = fields.List(fields.Nested(CoefficientSchema), validate=Length(0, 10))
    rounding = fields.String(validate=OneOf(tuple(ROUNDINGS)))
    per_time_max = PointsText(allow_none=True)
    caps = fields.List(fields.Nested(CapSchema), validate=Length(0, 10))
    exclusion = fields.Nested(ExclusionSchema, allow_none=True)
    evidence = _text(200)
    chain = fields.List(_one_of(records.ChainStep), validate=Length(1, 6))
    notice_days = fields.Integer(strict=True, validate=Range(0, 60))
    notice_anonymous = fields.Boolean()
    posting_mode = _one_of(records.PostingMode)
    star = fields.String(allow_none=True, validate=Length(1, 10))
    basis = _text(200)
    note = _text(500)
    unit_text = _text(20)
    cap_text = _text(200)
    flow_text = _text(200)
    minutes_count = fields.Boolean()
    counts_for_score = fields.Boolean()
    aftermath = fields.Nested(AftermathSchema)

    @post_load
    def lists_to_tuples(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


RULE_BODY = RuleBodySchema()
