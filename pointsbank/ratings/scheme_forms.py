"""A rating scheme as it is handed in: the JSON of its file, checked field by field before anything is read from it.

    SchemeBodySchema().load({"code": "five-stars", "title": {"zh": "…", "en": "…"}, "stars": […], …})

Whole points and hours, as people say them; the rules are checked by the service, with place and reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from pointsbank.ratings.periods import PERIODS
from pointsbank.ratings.scheme import PublishScheme, scheme_from_json
from pointsbank.ratings.terms import BAR_MAX, COUNTS, KINDS, NOTICE_MAX, REGISTRATIONS, SUBJECTS

SHORT, RULE = validate.Length(1, 12), validate.Length(1, 500)


class WordsSchema(Schema):
    zh = fields.Str(required=True, validate=validate.Length(1, 80))
    en = fields.Str(required=True, validate=validate.Length(1, 80))


class StarWordsSchema(Schema):
    zh = fields.Str(required=True, validate=validate.Length(1, 40))
    en = fields.Str(required=True, validate=validate.Length(1, 60))


class QuotaSchema(Schema):
    at_most = fields.Int(validate=validate.Range(0, 1_000_000))
    percent = fields.Int(validate=validate.Range(0, 100))


class BandSchema(Schema):
    code = fields.Str(required=True, validate=SHORT)
    name = fields.Nested(StarWordsSchema, required=True)
    stars = fields.Int(required=True, validate=validate.Range(1, 30))
    quota = fields.Nested(QuotaSchema)


class VetoKindSchema(Schema):
    code = fields.Str(required=True, validate=SHORT)
    item = fields.Nested(WordsSchema, required=True)
    months = fields.Int(allow_none=True, load_default=None, validate=validate.Range(1, BAR_MAX))


class StarFileSchema(Schema):
    code = fields.Str(required=True, validate=SHORT)
    name = fields.Nested(StarWordsSchema, required=True)
    rule = fields.Str(required=True, validate=RULE)
    base = fields.Int(allow_none=True, load_default=None, validate=validate.Range(0, 100))
    adjusted_by = fields.List(fields.Str(validate=SHORT), load_default=list, validate=validate.Length(max=40))
    vetoes = fields.List(fields.Str(validate=SHORT), load_default=list, validate=validate.Length(max=40))
    jury = fields.Bool(load_default=False)


class TermsSchema(Schema):
    kind = fields.Str(validate=validate.OneOf(KINDS))
    subject = fields.Str(validate=validate.OneOf(SUBJECTS))
    rhythm = fields.Str(validate=validate.OneOf(tuple(PERIODS)))
    registration = fields.Str(validate=validate.OneOf(REGISTRATIONS))
    entry = fields.Str(allow_none=True, validate=RULE)
    bar_months = fields.Int(validate=validate.Range(0, BAR_MAX))
    notice_days = fields.Int(validate=validate.Range(1, NOTICE_MAX))
    plaque = fields.Bool()
    counts = fields.Str(validate=validate.OneOf(COUNTS))


class SchemeBodySchema(Schema):
    """The whole file. `note` is for its readers and is not kept."""

    code = fields.Str(required=True, validate=validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9-]{0,33}\Z"))
    title = fields.Nested(WordsSchema, required=True)
    effective_on = fields.Date(required=True)
    adopted_by = fields.Str(required=True, validate=validate.Length(4, 200), metadata={
        "description": "The minutes that adopted it"})
    review_on = fields.Date(load_default=None, allow_none=True, metadata={
        "description": "Past this day everybody who relies on its rules is told"})
    full = fields.Int(load_default=10, validate=validate.Range(1, 100))
    jury_trim_from = fields.Int(load_default=5, validate=validate.Range(3, 100))
    rarity_percent = fields.Int(load_default=5, validate=validate.Range(0, 100))
    bands = fields.List(fields.Nested(BandSchema), required=True, validate=validate.Length(1, 12))
    vetoes = fields.List(fields.Nested(VetoKindSchema), load_default=list, validate=validate.Length(max=40))
    stars = fields.List(fields.Nested(StarFileSchema), required=True, validate=validate.Length(1, 30))
    terms = fields.Nested(TermsSchema, load_default=dict)
    note = fields.Str(load_default="", validate=validate.Length(max=1000))


class NewSchemeSchema(Schema):
    """A scheme for a place and all below it."""

    place = fields.Str(required=True, validate=validate.Length(12, 12))
    scheme = fields.Nested(SchemeBodySchema, required=True)


def as_command(loaded: Mapping[str, Any], *, key: UUID, place_code: str) -> PublishScheme:
    """What the schema loaded, as the command."""
    days = {name: loaded[name].isoformat() for name in ("effective_on", "review_on") if loaded[name]}
    return scheme_from_json({**loaded, **days}, key=key, place_code=place_code)


class StarShownSchema(Schema):
    code = fields.Str()
    title = fields.Str(attribute="title_zh")
    rule = fields.Function(lambda star: star.rule.text)
    jury = fields.Bool()


class SchemeShownSchema(Schema):
    code = fields.Str()
    version = fields.Int()
    place = fields.Str(attribute="place_code")
    title = fields.Str(attribute="title_zh")
    effective_on = fields.Date()
    kind = fields.Function(lambda scheme: scheme.terms.kind)
    subject = fields.Function(lambda scheme: scheme.terms.subject)
    rhythm = fields.Function(lambda scheme: scheme.terms.rhythm)
    stars = fields.List(fields.Nested(StarShownSchema))
