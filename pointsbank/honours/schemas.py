"""Forms and JSON of the honours."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from pointsbank.honours.awarding import SetPlaque
from pointsbank.honours.measures import FROM, DecideMeasure, ProposeMeasure
from pointsbank.honours.models import HUNG, TAKEN_DOWN, WITHHELD
from pointsbank.honours.objecting import AnswerObjection, ObjectTo
from pointsbank.honours.rechecking import SettleRecheck
from pointsbank.ratings import OpenCycle, PutDown
from pointsbank.ratings.periods import YEAR, periods_of

PERIODS = tuple(period for rhythm in ("year", "half", "quarter") for period in periods_of(rhythm))
REASON = validate.Length(max=500)


class KeyedSchema(Schema):
    """A page's form brings its key; the API takes it from the header."""

    key = fields.UUID(required=True)


class OpenBodySchema(Schema):
    place = fields.Str(required=True, validate=validate.Length(12, 12))
    scheme = fields.Str(load_default=None, validate=validate.Length(max=40))
    year = fields.Int(required=True, validate=validate.Range(2000, 2100))
    period = fields.Str(load_default=YEAR, validate=validate.OneOf(PERIODS))
    apply_until = fields.Date(load_default=None)


class OpenCycleSchema(OpenBodySchema, KeyedSchema):
    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> OpenCycle:
        return OpenCycle(data["key"], data["place"], data["year"], data["scheme"], data["period"], data["apply_until"])


class EntryBodySchema(Schema):
    household = fields.Str(required=True, validate=validate.Length(1, 24), metadata={"description": "Its code"})
    claimed = fields.List(fields.Str(validate=validate.Length(1, 12)), load_default=list,
                          validate=validate.Length(max=30))
    note = fields.Str(load_default="", validate=validate.Length(max=300))
    withdraw = fields.Bool(load_default=False)


class EntrySchema(EntryBodySchema, KeyedSchema):
    pass


class OwnEntrySchema(KeyedSchema):
    """On the household's own page: for which volunteer, where the scheme rates persons."""

    cycle_id = fields.UUID(required=True)
    household_id = fields.UUID(required=True)
    claimed = fields.List(fields.Str(validate=validate.Length(1, 12)), load_default=list,
                          validate=validate.Length(max=30))
    note = fields.Str(load_default="", validate=validate.Length(max=300))
    withdraw = fields.Bool(load_default=False)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> PutDown:
        return PutDown(data["key"], data["cycle_id"], data["household_id"], tuple(data["claimed"]), data["note"],
                       data["withdraw"])


class FreezeBodySchema(Schema):
    as_of = fields.Date(load_default=None, metadata={"description": "The last day that counts; today when left out"})


class FreezeSchema(FreezeBodySchema, KeyedSchema):
    pass


class ObjectBodySchema(Schema):
    text = fields.Str(required=True, validate=REASON)
    star = fields.Str(load_default=None, validate=validate.Length(max=12))


class ObjectSchema(ObjectBodySchema, KeyedSchema):
    honour_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> ObjectTo:
        return ObjectTo(data["key"], data["honour_id"], data["text"], data["star"])


class AnswerBodySchema(Schema):
    upheld = fields.Bool(required=True)
    reason = fields.Str(load_default="", validate=REASON)


class AnswerSchema(AnswerBodySchema, KeyedSchema):
    objection_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> AnswerObjection:
        return AnswerObjection(data["key"], data["objection_id"], data["upheld"], data["reason"])


class MeasureBodySchema(Schema):
    kind = fields.Str(required=True, validate=validate.OneOf(tuple(FROM)))
    reason = fields.Str(load_default="", validate=REASON)
    until_on = fields.Date(load_default=None)
    stars = fields.List(fields.Str(validate=validate.Length(1, 12)), load_default=None,
                        validate=validate.Length(max=30))
    recheck_id = fields.UUID(load_default=None)


class MeasureSchema(MeasureBodySchema, KeyedSchema):
    honour_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> ProposeMeasure:
        stars = tuple(data["stars"] or ()) if data["kind"] == "correct" else None
        return ProposeMeasure(data["key"], data["honour_id"], data["kind"], data["reason"], data["until_on"], stars,
                              data["recheck_id"])


class MeasureDecisionSchema(Schema):
    agreed = fields.Bool(required=True)
    reason = fields.Str(load_default="", validate=REASON)


class DecideMeasureSchema(MeasureDecisionSchema, KeyedSchema):
    measure_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> DecideMeasure:
        return DecideMeasure(data["key"], data["measure_id"], data["agreed"], data["reason"])


class PlaqueBodySchema(Schema):
    plaque = fields.Str(required=True, validate=validate.OneOf((HUNG, TAKEN_DOWN, WITHHELD)))
    reason = fields.Str(load_default="", validate=REASON)


class PlaqueSchema(PlaqueBodySchema, KeyedSchema):
    honour_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> SetPlaque:
        return SetPlaque(data["key"], data["honour_id"], data["plaque"], data["reason"])


class KeepBodySchema(Schema):
    reason = fields.Str(required=True, validate=REASON)


class KeepSchema(KeepBodySchema, KeyedSchema):
    recheck_id = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, Any], **_: Any) -> SettleRecheck:
        return SettleRecheck(data["key"], data["recheck_id"], data["reason"])


class HonourSchema(Schema):
    """One honour as the API shows it."""

    id = fields.UUID()
    household = fields.Function(lambda row: row.card.code)
    household_id = fields.Function(lambda row: str(row.card.id))
    stars = fields.List(fields.Str())
    level = fields.Function(lambda row: row.level.code if row.level else None)
    state = fields.Str()
    notice_until = fields.Date()
    number = fields.Str(allow_none=True)
    awarded_on = fields.Date(allow_none=True)
    warnings = fields.Int()
    suspended_until = fields.Date(allow_none=True)
    plaque = fields.Str()


class HonourWaitingSchema(Schema):
    """What waits on an honour: ids to answer, decide, settle or publish."""

    objections = fields.List(fields.UUID())
    measures = fields.List(fields.UUID())
    rechecks = fields.List(fields.UUID())
    corrections = fields.List(fields.UUID())


class HonourWholeSchema(HonourSchema):
    waiting = fields.Nested(HonourWaitingSchema)


class StateSchema(Schema):
    state = fields.Str()


class NoticeAnswerSchema(Schema):
    until = fields.Date()
    rows = fields.Int()
    levels = fields.Int()


class AwardAnswerSchema(Schema):
    awarded = fields.Int()
    without = fields.Int()
    waiting = fields.Int()


class MadeSchema(Schema):
    id = fields.UUID()


class AnswerBySchema(Schema):
    answer_by = fields.Date()


class RecheckedSchema(Schema):
    queued = fields.Int()
    losing = fields.Int()
