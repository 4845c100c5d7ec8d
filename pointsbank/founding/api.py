"""Opening balances as JSON. /api/v1/openings"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.founding.openings import (
    CONFIRM,
    ENTER,
    LINES_MAX,
    POINTS_MAX,
    EnterOpenings,
    OpeningLine,
    confirm_openings,
    enter_openings,
)
from pointsbank.web.api import idempotency_key

blueprint = Blueprint("openings_api", __name__, url_prefix="/api/v1/openings", description="Opening balances")


class OpeningLineSchema(Schema):
    household = fields.UUID(required=True)
    points = fields.Int(required=True, validate=Range(-POINTS_MAX * 100, POINTS_MAX * 100),
                        metadata={"description": "hundredths of a point; below zero is a debt"})
    due_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "last day; none: never lapses"})


class OpeningsSchema(Schema):
    lines = fields.List(fields.Nested(OpeningLineSchema), required=True, validate=Length(1, LINES_MAX))


class OpeningSheetSchema(Schema):
    id = fields.UUID()
    status = fields.Str()
    figures = fields.Dict()
    made_at = fields.DateTime()
    confirmed_at = fields.DateTime(allow_none=True)


@blueprint.post("")
@blueprint.arguments(OpeningsSchema)
@blueprint.response(201, OpeningSheetSchema)
@needs(ENTER)
def enter(body: dict[str, Any]) -> Any:
    """Enter balances of one's own place; somebody else confirms."""
    actor = current_actor()
    lines = tuple(OpeningLine(**line) for line in body["lines"])
    return enter_openings(db.session(), EnterOpenings(idempotency_key(), actor.place_code, lines), by=actor,
                          at=clock.now())


@blueprint.post("/<uuid:sheet_id>/confirmation")
@blueprint.response(200, OpeningSheetSchema)
@needs(CONFIRM)
def confirm(sheet_id: UUID) -> Any:
    """Post what somebody else entered. Confirming again changes nothing."""
    idempotency_key()
    return confirm_openings(db.session(), sheet_id, by=current_actor(), at=clock.now())
