"""/api/v1/records: the same services as the pages. Every write needs an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.people import find_household
from pointsbank.records.asking import (
    CorrectionSchema,
    DeedSchema,
    Homes,
    ObjectionAnswerSchema,
    ObjectionTextSchema,
    RecordDecisionSchema,
    facts_of,
)
from pointsbank.records.chains import Story, story
from pointsbank.records.commands import (
    Decide,
    DecideMany,
    RaiseObjection,
    RecordFacts,
    ResolveObjection,
    ResubmitRecord,
    SubmitMany,
    SubmitRecord,
    VoidRecord,
    Withdraw,
)
from pointsbank.records.deciding import decide, decide_many, withdraw
from pointsbank.records.objecting import Raised, Resolved, raise_objection, resolve_objection
from pointsbank.records.outcomes import DecisionOutcome, Passed, Recorded, SubmitOutcome
from pointsbank.records.queries import RecordFilter, RecordPage, list_records
from pointsbank.records.resubmitting import resubmit_record
from pointsbank.records.schemas import (
    ManyDecisionsSchema,
    PassedSchema,
    RaisedSchema,
    RecordBatchAnswerSchema,
    RecordBatchSchema,
    RecordDecisionAnswerSchema,
    RecordedSchema,
    RecordListSchema,
    RecordPageSchema,
    RecordStorySchema,
    ResolvedSchema,
    VoidedSchema,
    WaitingSchema,
)
from pointsbank.records.submitting import submit_many, submit_record
from pointsbank.records.voiding import Voided, void_record
from pointsbank.records.waiting import Group, waiting_groups
from pointsbank.web import idempotency_key, language

api = Blueprint("records_api", __name__, url_prefix="/api/v1/records", description="服务记录 service records")


@api.get("")
@needs("records.view")
@api.arguments(RecordListSchema, location="query")
@api.response(200, RecordPageSchema)
def list_all(asked: dict[str, Any]) -> RecordPage:
    """Records of a place, newest first, paged by key."""
    place = asked.get("place") or current_actor().place_code
    return list_records(db.session(), current_actor(), filter_of(asked, place), asked.get("after"), asked["limit"])


def filter_of(asked: Mapping[str, Any], place: str) -> RecordFilter:
    """The filter a list's arguments make. Raises NotAllowed, BadInput for an unknown household."""
    require(current_actor(), "records.view", at_place=place)
    home = find_household(db.session(), place, asked["household"], as_then=True) if asked.get("household") else None
    if asked.get("household") and home is None:
        raise BadInput("household", "没有这个户号,请核对。", "There is no household of this code; please check.")
    return RecordFilter(place, asked.get("status"), asked.get("rule"), home.id if home else None,
                        asked.get("person_id"), asked.get("activity_id"), asked.get("import_id"),
                        asked.get("start"), asked.get("end"), team_id=asked.get("team_id"))


@api.post("")
@needs("records.submit")
@api.arguments(DeedSchema)
@api.response(201, RecordedSchema)
def create(asked: dict[str, Any]) -> Recorded:
    """Record one deed."""
    facts = facts_of(db.session(), asked, current_actor().place_code, current_actor())
    return submit_record(db.session(), SubmitRecord(idempotency_key(), facts), by=current_actor(), at=clock.now())


@api.post("/batch")
@needs("records.submit")
@api.arguments(RecordBatchSchema)
@api.response(201, RecordBatchAnswerSchema)
def create_many(asked: dict[str, Any]) -> SubmitOutcome:
    """Record up to 1,000 deeds; rows that cannot be recorded are named and the others go on."""
    rows: list[RecordFacts] = []
    seen: Homes = {}
    for index, row in enumerate(asked["rows"]):
        try:
            rows.append(facts_of(db.session(), row, current_actor().place_code, current_actor(), seen))
        except DomainError as refusal:
            raise BadInput(f"rows.{index}.{refusal.field}", refusal.sentence("zh"), refusal.sentence("en")) from None
    command = SubmitMany(idempotency_key(), tuple(rows), source_system=asked.get("source_system"))
    return submit_many(db.session(), command, by=current_actor(), at=clock.now())


@api.get("/waiting")
@needs("records.view")
@api.response(200, WaitingSchema(many=True))
def list_waiting() -> list[Group]:
    """What waits for you in your place, by activity."""
    return waiting_groups(db.session(), current_actor(), current_actor().place_code)


@api.post("/decisions")
@needs("records.view")
@api.arguments(ManyDecisionsSchema)
@api.response(200, RecordDecisionAnswerSchema)
def decide_on_many(asked: dict[str, Any]) -> DecisionOutcome:
    """Decide many at once; what cannot pass is named and the others go on."""
    command = DecideMany(idempotency_key(), tuple(asked["record_ids"]), asked["decision"], asked["reason"])
    return decide_many(db.session(), command, by=current_actor(), at=clock.now())


@api.get("/<uuid:record_id>")
@needs("schedule.view")
@api.response(200, RecordStorySchema)
def get_one(record_id: UUID) -> Story:
    """One record with its whole chain: for staff of the place, and for the household itself."""
    return story(db.session(), current_actor(), record_id, language())


@api.post("/<uuid:record_id>/decisions")
@needs("records.view")
@api.arguments(RecordDecisionSchema)
@api.response(200, RecordDecisionAnswerSchema)
def decide_on(asked: dict[str, Any], record_id: UUID) -> DecisionOutcome:
    """Approve, return or reject the step the record waits for."""
    command = Decide(idempotency_key(), record_id, asked["decision"], asked["reason"])
    return decide(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/<uuid:record_id>/submissions")
@needs("records.submit")
@api.arguments(DeedSchema)
@api.response(201, RecordedSchema)
def submit_again(asked: dict[str, Any], record_id: UUID) -> Recorded:
    """Submit a returned or voided record again, put right."""
    facts = facts_of(db.session(), asked, current_actor().place_code, current_actor())
    command = ResubmitRecord(idempotency_key(), record_id, facts)
    return resubmit_record(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/<uuid:record_id>/withdrawal")
@needs("records.submit")
@api.response(200, PassedSchema)
def take_back(record_id: UUID) -> Passed:
    """Withdraw your own record before it is posted."""
    return withdraw(db.session(), Withdraw(idempotency_key(), record_id), by=current_actor(), at=clock.now())


@api.post("/<uuid:record_id>/void")
@needs("records.void")
@api.arguments(CorrectionSchema)
@api.response(200, VoidedSchema)
def void(asked: dict[str, Any], record_id: UUID) -> Voided:
    """Reverse a posted record: minutes, points and score together."""
    command = VoidRecord(idempotency_key(), record_id, asked["reason"])
    return void_record(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/<uuid:record_id>/objections")
@needs("schedule.view")
@api.arguments(ObjectionTextSchema)
@api.response(201, RaisedSchema)
def object_to(asked: dict[str, Any], record_id: UUID) -> Raised:
    """Object to a record that is on notice or posted."""
    command = RaiseObjection(idempotency_key(), record_id, asked["text"])
    return raise_objection(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/objections/<uuid:objection_id>/answer")
@needs("records.object")
@api.arguments(ObjectionAnswerSchema)
@api.response(200, ResolvedSchema)
def answer(asked: dict[str, Any], objection_id: UUID) -> Resolved:
    """Judge an objection, with a written reason."""
    command = ResolveObjection(idempotency_key(), objection_id, asked["upheld"], asked["reason"])
    return resolve_objection(db.session(), command, by=current_actor(), at=clock.now())
