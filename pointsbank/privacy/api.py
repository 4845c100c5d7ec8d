"""Privacy as JSON: one's own data, erasure. /api/v1/privacy"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from marshmallow.validate import OneOf

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.privacy.erasing import POWER, REASONS, ErasePerson, erase_person
from pointsbank.privacy.exporting import own_data
from pointsbank.web.api import idempotency_key

blueprint = Blueprint("privacy_api", __name__, url_prefix="/api/v1/privacy", description="Own data, erasure")


class EraseSchema(Schema):
    person = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=OneOf(REASONS))


class ErasureSchema(Schema):
    subject_id = fields.UUID()
    kind = fields.Str()
    reason = fields.Str()
    made_at = fields.DateTime()


@blueprint.get("/data")
@blueprint.response(200)
@needs("me.view")
def mine() -> Any:
    """Everything kept about one's own household."""
    actor = current_actor()
    if actor.household_id is None:
        raise NotFound("household")
    return own_data(db.session(), actor.household_id, by=actor, at=clock.now())


@blueprint.post("/erasures")
@blueprint.arguments(EraseSchema)
@blueprint.response(201, ErasureSchema)
@needs(POWER)
def erase(body: dict[str, Any]) -> Any:
    """Forget a person for good; hours and points stay with ids only."""
    return erase_person(db.session(), ErasePerson(idempotency_key(), **body), by=current_actor(), at=clock.now())
