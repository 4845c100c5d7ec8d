"""Forms and JSON of honours."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from pointsbank.reviews.service import KINDS, LEVELS, RegisterResult, WithdrawResult

PLACE = validate.Length(12, 12)


class ResultBodySchema(Schema):
    place = fields.Str(required=True, validate=PLACE)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    level = fields.Str(required=True, validate=validate.OneOf(LEVELS))
    title = fields.Str(required=True, validate=validate.Length(1, 60))
    decided_by = fields.Str(required=True, validate=validate.Length(1, 100))
    decided_on = fields.Date(required=True)
    document_no = fields.Str(required=True, validate=validate.Length(1, 100))
    granted = fields.Bool(load_default=True)
    household = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 20))
    reviewers = fields.Str(load_default="", validate=validate.Length(max=200))
    note = fields.Str(load_default="", validate=validate.Length(max=500))


class ResultForm(ResultBodySchema):
    """The page's form: the body with its key; the result as a choice."""

    key = fields.UUID(required=True)
    result = fields.Str(required=True, validate=validate.OneOf(("granted", "refused")))

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> RegisterResult:
        data["granted"] = data.pop("result") == "granted"
        return as_command(data.pop("key"), data)


class WithdrawalBodySchema(Schema):
    withdrawn_on = fields.Date(required=True)
    document_no = fields.Str(required=True, validate=validate.Length(1, 100))
    reason = fields.Str(load_default="", validate=validate.Length(max=500))


class WithdrawalForm(WithdrawalBodySchema):
    key = fields.UUID(required=True)
    result_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> WithdrawResult:
        return WithdrawResult(data["key"], data["result_id"], data["withdrawn_on"], data["document_no"], data["reason"])


class PlaceQuery(Schema):
    place = fields.Str(load_default=None, allow_none=True, validate=PLACE)
    household = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 20))


class ResultSchema(Schema):
    id = fields.UUID()
    place = fields.Str()
    household = fields.Str(allow_none=True)
    kind = fields.Str()
    level = fields.Str()
    granted = fields.Bool()
    title = fields.Str()
    decided_by = fields.Str()
    decided_on = fields.Date()
    document_no = fields.Str()
    reviewers = fields.Str()
    note = fields.Str()
    withdrawn_on = fields.Date(allow_none=True)
    withdrawn_document = fields.Str()


class ResultIdSchema(Schema):
    id = fields.UUID()


def as_command(key: Any, body: dict[str, Any]) -> RegisterResult:
    return RegisterResult(key, body["place"], body["kind"], body["level"], body["title"], body["decided_by"],
                          body["decided_on"], body["document_no"], body["granted"], body["household"],
                          body["reviewers"], body["note"])
