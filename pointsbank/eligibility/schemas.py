"""The editor's form."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, pre_load, validate, validates_schema

from pointsbank.eligibility.parsing import TEXT_MAX
from pointsbank.eligibility.service import CODE, PublishRule


class RuleFormSchema(Schema):
    """A version to be published: what it says, who decided it, from when, until when it is to be looked at again."""

    class Meta:
        unknown = EXCLUDE  # the form's other buttons have fields of their own

    key = fields.UUID(required=True)
    code = fields.Str(required=True, validate=validate.Regexp(CODE))
    title_zh = fields.Str(required=True, validate=validate.Length(1, 80))
    title_en = fields.Str(required=True, validate=validate.Length(1, 80))
    text = fields.Str(required=True, validate=validate.Length(1, TEXT_MAX))
    effective_on = fields.Date(required=True)
    review_on = fields.Date(load_default=None, allow_none=True)
    adopted_by = fields.Str(required=True, validate=validate.Length(4, 200))

    @pre_load
    def without_blanks(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "review_on" or value}

    @validates_schema
    def looked_at_later(self, data: dict[str, Any], **kwargs: Any) -> None:
        review_on, effective_on = data.get("review_on"), data.get("effective_on")
        if review_on is not None and effective_on is not None and review_on < effective_on:
            raise ValidationError(_("复核的日子不能早于执行的日子。"), "review_on")

    @post_load
    def to_command(self, data: dict[str, Any], **kwargs: Any) -> PublishRule:
        return PublishRule(**data)


__all__ = ["RuleFormSchema"]
