"""Households as JSON: look one up, and every change the pages can make. /api/v1/households"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.amounts import Points
from pointsbank.database import db
from pointsbank.households.changing import merge_households, move_household, split_household
from pointsbank.households.commands import (
    ChangeHead,
    MergeHouseholds,
    MoveAway,
    MoveHousehold,
    RecordDeath,
    SplitHousehold,
)
from pointsbank.households.leaving import change_head, move_away, record_death
from pointsbank.households.models import HouseholdChange
from pointsbank.households.queries import household_view
from pointsbank.households.schemas import (
    AwaySchema,
    DeathSchema,
    HeadSchema,
    MergeSchema,
    MoveSchema,
    SplitSchema,
)
from pointsbank.web.api import idempotency_key

blueprint = Blueprint("households_api", __name__, url_prefix="/api/v1/households",
                      description="Households: members, balance, split, merge, move, death")
CHANGE, VIEW = "households.change", "people.view"


class MemberSchema(Schema):
    id = fields.UUID()
    name = fields.Str()
    relation = fields.Str()
    is_head = fields.Bool()


class HouseholdChangeSchema(Schema):
    id = fields.UUID()
    kind = fields.Str()
    household_id = fields.UUID()
    other_id = fields.UUID(allow_none=True)
    effective_on = fields.Date()
    made_at = fields.DateTime()
    detail = fields.Dict()


class HouseholdSchema(Schema):
    id = fields.UUID()
    place_code = fields.Str()
    code = fields.Str()
    closed_on = fields.Date(allow_none=True)
    merged_into = fields.UUID(allow_none=True)
    members = fields.List(fields.Nested(MemberSchema))
    posted = fields.Int(metadata={"description": "hundredths of a point"})
    available = fields.Int()
    open_matters = fields.Int(metadata={"description": "records under review and holds"})


@blueprint.get("/<uuid:household_id>")
@blueprint.response(200, HouseholdSchema)
@needs(VIEW)
def get(household_id: UUID) -> Any:
    """One household with its members and balance."""
    view = household_view(db.session(), household_id, by=current_actor(), at=clock.now())
    return {**view.home._asdict(), "members": view.members, "posted": view.posted, "available": view.available,
            "open_matters": view.open_matters}


def _do(service: Callable[..., HouseholdChange], command: Any) -> HouseholdChange:
    return service(db.session(), command, by=current_actor(), at=clock.now())


@blueprint.post("/<uuid:household_id>/split")
@blueprint.arguments(SplitSchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def split(body: dict[str, Any], household_id: UUID) -> Any:
    """Some members found a household of their own and take points along."""
    body |= {"members": tuple(body["members"]), "points": Points(body["points"])}
    return _do(split_household, SplitHousehold(idempotency_key(), household_id, **body))


@blueprint.post("/<uuid:household_id>/merge")
@blueprint.arguments(MergeSchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def merge(body: dict[str, Any], household_id: UUID) -> Any:
    """The household goes into another with everybody and everything."""
    return _do(merge_households, MergeHouseholds(idempotency_key(), household_id, **body))


@blueprint.post("/<uuid:household_id>/move")
@blueprint.arguments(MoveSchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def move(body: dict[str, Any], household_id: UUID) -> Any:
    """The household goes on in another village of the county."""
    return _do(move_household, MoveHousehold(idempotency_key(), household_id, **body))


@blueprint.post("/<uuid:household_id>/departure")
@blueprint.arguments(AwaySchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def away(body: dict[str, Any], household_id: UUID) -> Any:
    """The household leaves the county."""
    return _do(move_away, MoveAway(idempotency_key(), household_id, **body))


@blueprint.post("/<uuid:household_id>/deaths")
@blueprint.arguments(DeathSchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def death(body: dict[str, Any], household_id: UUID) -> Any:
    """A member died; a head needs a successor."""
    return _do(record_death, RecordDeath(idempotency_key(), household_id, **body))


@blueprint.post("/<uuid:household_id>/head")
@blueprint.arguments(HeadSchema)
@blueprint.response(201, HouseholdChangeSchema)
@needs(CHANGE)
def head(body: dict[str, Any], household_id: UUID) -> Any:
    """Another member becomes head."""
    return _do(change_head, ChangeHead(idempotency_key(), household_id, **body))
