"""What the API answers. Points and quantities are integers in hundredths, service in minutes, money in fen."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from pointsbank.records.asking import DeedSchema, RecordDecisionSchema
from pointsbank.records.queries import PAGE, PAGE_MOST


class RecordSchema(Schema):
    id = fields.UUID()
    no = fields.Str(metadata={"description": "The short number people say"})
    place_code = fields.Str()
    household_code = fields.Str()
    household_name = fields.Str()
    person_id = fields.UUID(allow_none=True)
    person_name = fields.Str()
    rule = fields.Str()
    item = fields.Str()
    service_on = fields.Date()
    started = fields.Int(allow_none=True, metadata={"description": "Minute of the day"})
    minutes = fields.Int()
    quantity = fields.Int()
    amount_fen = fields.Int()
    level = fields.Str(allow_none=True)
    status = fields.Str()
    waiting_for = fields.Str(allow_none=True)
    points = fields.Int(allow_none=True, metadata={"description": "What stands awarded; null before posting"})
    activity = fields.Str()
    activity_id = fields.UUID(allow_none=True)
    import_id = fields.UUID(allow_none=True)
    team_id = fields.UUID(allow_none=True)
    source = fields.Str()
    timing = fields.Str()
    late = fields.Bool()
    submitted_at = fields.AwareDateTime()
    notice_until = fields.Date(allow_none=True)
    transaction_id = fields.UUID(allow_none=True)


class RecordListSchema(Schema):
    """Filters of the list."""

    place = fields.Str(validate=Length(equal=12))
    status = fields.Str(validate=Length(max=12))
    rule = fields.Str(validate=Length(max=12))
    household = fields.Str(validate=Length(max=20))
    person_id = fields.UUID()
    activity_id = fields.UUID()
    import_id = fields.UUID()
    team_id = fields.UUID()
    start = fields.Date()
    end = fields.Date()
    after = fields.UUID(metadata={"description": "next_key of the page before"})
    limit = fields.Int(load_default=PAGE, validate=Range(1, PAGE_MOST))


class RecordPageSchema(Schema):
    rows = fields.List(fields.Nested(RecordSchema))
    next_key = fields.UUID(allow_none=True)


class RecordedSchema(Schema):
    """`already`: it was recorded before, at `at`. `replay`: this key was answered before."""

    id = fields.UUID()
    status = fields.Str()
    at = fields.AwareDateTime()
    already = fields.Bool()
    replay = fields.Bool()


class RecordBatchSchema(Schema):
    rows = fields.List(fields.Nested(DeedSchema), required=True, validate=Length(1, 1000))
    source_system = fields.Str(validate=Length(1, 40))


class RowProblemSchema(Schema):
    index = fields.Int()
    record_id = fields.UUID(allow_none=True)
    code = fields.Str()
    field = fields.Str(allow_none=True)
    zh = fields.Str()
    en = fields.Str()


class BatchRowSchema(RecordedSchema):
    index = fields.Int()


class RecordBatchAnswerSchema(Schema):
    recorded = fields.List(fields.Nested(BatchRowSchema))
    already = fields.List(fields.Nested(BatchRowSchema))
    problems = fields.List(fields.Nested(RowProblemSchema))
    replay = fields.Bool()


class ManyDecisionsSchema(RecordDecisionSchema):
    record_ids = fields.List(fields.UUID(), required=True, validate=Length(1, 5000))


class PassedSchema(Schema):
    record_id = fields.UUID()
    status = fields.Str()
    transaction_id = fields.UUID(allow_none=True)


class RecordDecisionAnswerSchema(Schema):
    passed = fields.List(fields.Nested(PassedSchema))
    refused = fields.List(fields.Nested(RowProblemSchema))
    replay = fields.Bool()


class RecordEventSchema(Schema):
    step = fields.Str()
    decision = fields.Str()
    who = fields.Str()
    reason = fields.Str()
    at = fields.AwareDateTime()
    round = fields.Int()


class AwardSchema(Schema):
    kind = fields.Str()
    revision = fields.Int()
    points = fields.Int()
    score = fields.Int()
    minutes = fields.Int()
    explanation = fields.List(fields.Str())
    version = fields.Int()
    transaction_id = fields.UUID(allow_none=True)
    reversed_at = fields.AwareDateTime(allow_none=True)
    reversal_id = fields.UUID(allow_none=True)
    cause_record_id = fields.UUID(allow_none=True)


class ObjectionSchema(Schema):
    id = fields.UUID()
    text = fields.Str()
    raised_at = fields.AwareDateTime()
    answer_by = fields.Date()
    outcome = fields.Str()
    answer = fields.Str()
    resolved_at = fields.AwareDateTime(allow_none=True)


class RecordTextsSchema(Schema):
    note = fields.Str()
    evidence = fields.Str()
    cause = fields.Str()
    late_reason = fields.Str()


class RecordStorySchema(Schema):
    """One record with its whole chain: fact, decisions, awards step by step, objections."""

    row = fields.Nested(RecordSchema)
    texts = fields.Nested(RecordTextsSchema)
    rule_version = fields.Int()
    chain = fields.List(fields.Str())
    events = fields.List(fields.Nested(RecordEventSchema))
    awards = fields.List(fields.Nested(AwardSchema))
    objections = fields.List(fields.Nested(ObjectionSchema))
    expected = fields.List(fields.Str())
    expected_points = fields.Int(allow_none=True)


class VoidedSchema(Schema):
    record_id = fields.UUID()
    reversals = fields.List(fields.UUID())
    regained = fields.List(fields.UUID())
    replay = fields.Bool()


class RaisedSchema(Schema):
    objection_id = fields.UUID()
    record_id = fields.UUID()
    answer_by = fields.Date()
    replay = fields.Bool()


class ResolvedSchema(Schema):
    objection_id = fields.UUID()
    record_id = fields.UUID()
    status = fields.Str()
    replay = fields.Bool()


class WaitingSchema(Schema):
    """A heap of records that wait for you."""

    key = fields.Str()
    title = fields.Str()
    rule = fields.Str()
    item = fields.Str()
    step = fields.Str()
    count = fields.Int()
    locked = fields.Int(metadata={"description": "Of these, not yours to decide"})
    minutes = fields.Int()
    first_day = fields.Date()
    last_day = fields.Date()
    upto = fields.AwareDateTime()
