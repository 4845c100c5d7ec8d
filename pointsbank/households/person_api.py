"""Persons registered twice, as JSON. /api/v1/persons"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.households.doing import POWER
from pointsbank.households.persons import FIELDS, MergePersons, UndoMerge, merge_persons, undo_merge
from pointsbank.web.api import idempotency_key

blueprint = Blueprint("persons_api", __name__, url_prefix="/api/v1/persons", description="Persons registered twice")


class MergePersonsSchema(Schema):
    keep = fields.UUID(required=True)
    lose = fields.UUID(required=True)
    take = fields.List(fields.Str(validate=OneOf(FIELDS)), load_default=list, validate=Length(max=len(FIELDS)),
                       metadata={"description": "fields in which the losing record is right"})
    reason = fields.Str(required=True, validate=Length(2, 300))


class PersonMergeSchema(Schema):
    id = fields.UUID()
    keep_id = fields.UUID()
    lose_id = fields.UUID()
    detail = fields.Dict()
    made_at = fields.DateTime()
    undone_at = fields.DateTime(allow_none=True)


@blueprint.post("/merges")
@blueprint.arguments(MergePersonsSchema)
@blueprint.response(201, PersonMergeSchema)
@needs(POWER)
def merge(body: dict[str, Any]) -> Any:
    """Merge two records of one person."""
    command = MergePersons(idempotency_key(), body["keep"], body["lose"], tuple(body["take"]), body["reason"])
    return merge_persons(db.session(), command, by=current_actor(), at=clock.now())


@blueprint.post("/merges/<uuid:merge_id>/undo")
@blueprint.response(200, PersonMergeSchema)
@needs(POWER)
def undo(merge_id: UUID) -> Any:
    """Split two records again. Doing it again changes nothing."""
    return undo_merge(db.session(), UndoMerge(idempotency_key(), merge_id), by=current_actor(), at=clock.now())
