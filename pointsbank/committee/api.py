"""The committee's home as JSON: /api/v1/committee."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from pointsbank import clock
from pointsbank.access import current_actor, needs, require
from pointsbank.committee.waiting import waiting_for
from pointsbank.committee.year import year_of
from pointsbank.database import db
from pointsbank.web.viewer import language

blueprint = Blueprint("committee_api", __name__, url_prefix="/api/v1/committee",
                      description="What waits for a member of the committee, and the year of the village")
POINTS = {"description": "Hundredths of a point"}


class WaitingHeapSchema(Schema):
    group = fields.Str(metadata={"description": "As in ?group= of the approvals"})
    title = fields.Str()
    rule = fields.Str()
    step = fields.Str()
    count = fields.Int()
    locked = fields.Int(metadata={"description": "Of these, not yours to decide"})


class WaitingObjectionSchema(Schema):
    record_id = fields.UUID()
    answer_by = fields.Date()
    working_days_left = fields.Int(metadata={"description": "Negative: late"})
    locked = fields.Str(allow_none=True, metadata={"description": "Why you may not answer it"})


class NoticesEndingSchema(Schema):
    day = fields.Date()
    notices = fields.Int()


class MonthFlowSchema(Schema):
    month = fields.Date(metadata={"description": "Its first day"})
    earned = fields.Int(metadata=POINTS)
    spent = fields.Int(metadata=POINTS)


class CategorySumSchema(Schema):
    name = fields.Str()
    points = fields.Int(metadata=POINTS)


class CommitteeSchema(Schema):
    place = fields.Str()
    to_approve = fields.Int()
    heaps = fields.List(fields.Nested(WaitingHeapSchema))
    objections = fields.List(fields.Nested(WaitingObjectionSchema))
    notices_ending = fields.List(fields.Nested(NoticesEndingSchema))
    months = fields.List(fields.Nested(MonthFlowSchema))
    categories = fields.List(fields.Nested(CategorySumSchema))
    issued = fields.Int(metadata={"description": "This calendar year, hundredths of a point"})
    redeemed = fields.Int(metadata={"description": "This calendar year, hundredths of a point"})


@blueprint.get("")
@needs("committee.view")
@blueprint.response(200, CommitteeSchema)
def committee() -> dict[str, Any]:
    """What waits, and points in and out by month."""
    actor, s, today = current_actor(), db.session(), clock.today()
    require(actor, "committee.view", at_place=actor.place_code)
    waiting = waiting_for(s, actor, actor.place_code, today)
    year = year_of(s, actor.book_id, actor.place_code, today)
    return {
        "place": actor.place_code, "to_approve": waiting.to_approve, "notices_ending": waiting.endings,
        "heaps": [{"group": heap.group.key, "title": heap.group.title or heap.group.item, "rule": heap.group.rule,
                   "step": heap.group.step, "count": heap.group.count, "locked": heap.locked}
                  for heap in waiting.heaps],
        "objections": [{"record_id": one.row.id, "answer_by": one.answer_by, "working_days_left": one.days_left,
                        "locked": one.why.sentence(language()) if one.why else None} for one in waiting.objections],
        "months": year.flows, "categories": year.categories, "issued": year.issued, "redeemed": year.redeemed}
