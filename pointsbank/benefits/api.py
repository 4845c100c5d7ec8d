"""Benefits as JSON: /api/v1/benefits, and one's own at /api/v1/me/benefits."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs, require
from pointsbank.benefits.errors import UnknownBenefit
from pointsbank.benefits.queries import benefits_of, benefits_on, who_has
from pointsbank.benefits.schemas import BenefitBodySchema, BenefitSchema, MineSchema, PlaceQuery, RollSchema
from pointsbank.benefits.service import POWER, PublishBenefit, publish_benefit
from pointsbank.benefits.showing import benefit_words, mine_words, roll_words
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.people import household_cards
from pointsbank.web import idempotency_key, language

blueprint = Blueprint("benefits_api", __name__, url_prefix="/api/v1/benefits",
                      description="福利和优惠 / benefits: who has them and why")
mine = Blueprint("my_benefits_api", __name__, url_prefix="/api/v1/me", description="One's own household")
VIEW = "benefits.view"


def _place(query: dict[str, Any]) -> str:
    actor = current_actor()
    place: str = query["place"] or actor.place_code
    require(actor, VIEW, at_place=place)
    return place


@blueprint.get("")
@needs(VIEW)
@blueprint.arguments(PlaceQuery, location="query")
@blueprint.response(200, BenefitSchema(many=True))
def list_benefits(query: dict[str, Any]) -> list[dict[str, Any]]:
    """What holds at a place on a day: its own benefits and those of the places above."""
    on = query["on"] or clock.today()
    return [benefit_words(one, language(), on) for one in benefits_on(db.session(), _place(query), on)]


@blueprint.get("/<code>")
@needs(VIEW)
@blueprint.arguments(PlaceQuery, location="query")
@blueprint.response(200, RollSchema)
def show_benefit(query: dict[str, Any], code: str) -> dict[str, Any]:
    """One benefit in a village: who has it and why, and for whom it cannot be decided."""
    on = query["on"] or clock.today()
    roll = next(iter(who_has(db.session(), _place(query), on, [code.upper()])), None)
    if roll is None:
        raise UnknownBenefit("code", given=code[:12])
    return roll_words(current_actor(), roll, language(), on)


@blueprint.post("")
@needs(POWER)
@blueprint.arguments(BenefitBodySchema)
@blueprint.response(201, BenefitSchema)
def create_benefit(body: dict[str, Any]) -> dict[str, Any]:
    """Publish the next version of a benefit, with the rule that says who has it."""
    command = PublishBenefit(idempotency_key(), body["place"], body["code"], body["kind"], body["title_zh"],
                             body["title_en"], body["body"], body["rule"], body["effective_on"], body["adopted_by"],
                             body["ends_on"], body["review_on"])
    made = publish_benefit(db.session(), command, by=current_actor(), at=clock.now())
    return benefit_words(made, language(), clock.today())


@mine.get("/benefits")
@needs("me.view")
@mine.response(200, MineSchema(many=True))
def my_benefits() -> list[dict[str, Any]]:
    """What one's own household has now and why, and what is missing for the rest."""
    actor, today = current_actor(), clock.today()
    cards = household_cards(db.session(), actor.book_id, [actor.household_id] if actor.household_id else [])
    if actor.household_id not in cards:
        raise NotFound("household")
    found = benefits_of(db.session(), cards[actor.household_id], today)
    return [mine_words(one, language(), today) for one in found]
