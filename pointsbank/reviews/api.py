"""Honours as JSON: /api/v1/reviews."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.people import find_household
from pointsbank.reviews.queries import ResultView, results_of_household, results_of_place
from pointsbank.reviews.schemas import (
    PlaceQuery,
    ResultBodySchema,
    ResultIdSchema,
    ResultSchema,
    WithdrawalBodySchema,
    as_command,
)
from pointsbank.reviews.service import POWER, WithdrawResult, register_result, withdraw_result
from pointsbank.web import idempotency_key

blueprint = Blueprint("reviews_api", __name__, url_prefix="/api/v1/reviews",
                      description="上级荣誉和联审结果 / honours from above, results of joint reviews")
VIEW = "reviews.view"


def _json(view: ResultView) -> dict[str, Any]:
    return {**view._asdict(), "place": view.place_code, "household": view.household.code if view.household else None}


@blueprint.get("")
@needs(VIEW)
@blueprint.arguments(PlaceQuery, location="query")
@blueprint.response(200, ResultSchema(many=True))
def list_results(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a place and all below it, or of one household of a village; newest first."""
    actor, s = current_actor(), db.session()
    place = query["place"] or actor.place_code
    require(actor, VIEW, at_place=place)
    if query["household"] is None:
        return [_json(view) for view in results_of_place(s, actor.book_id, place)]
    home = find_household(s, place, query["household"].upper())
    if home is None:
        raise NotFound("household")
    return [_json(view) for view in results_of_household(s, actor.book_id, home.id)]


@blueprint.post("")
@needs(POWER)
@blueprint.arguments(ResultBodySchema)
@blueprint.response(201, ResultIdSchema)
def create_result(body: dict[str, Any]) -> dict[str, UUID]:
    """Register a joint review's result: who decided, when, which honour, which document."""
    return {"id": register_result(db.session(), as_command(idempotency_key(), body), by=current_actor(),
                                  at=clock.now())}


@blueprint.post("/<uuid:result_id>/withdrawal")
@needs(POWER)
@blueprint.arguments(WithdrawalBodySchema)
@blueprint.response(200, ResultIdSchema)
def withdraw(body: dict[str, Any], result_id: UUID) -> dict[str, UUID]:
    """Note that the level above took the honour back."""
    command = WithdrawResult(idempotency_key(), result_id, body["withdrawn_on"], body["document_no"], body["reason"])
    return {"id": withdraw_result(db.session(), command, by=current_actor(), at=clock.now())}
