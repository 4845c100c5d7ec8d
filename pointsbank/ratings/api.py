"""/api/v1/ratings: the same services as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from pointsbank import clock
from pointsbank.access import Actor, current_actor, needs, require, require_seen
from pointsbank.database import db
from pointsbank.eligibility import catalogue, describe, headline, parse
from pointsbank.errors import NotFound
from pointsbank.ratings.confirming import ConfirmCycle, confirm_cycle
from pointsbank.ratings.cycle import OpenCycle, RunEvaluation, open_cycle, run_evaluation
from pointsbank.ratings.decisions import DecideStar, decide_star
from pointsbank.ratings.holding import stars_held
from pointsbank.ratings.jury import RecordJuryScores, record_jury_scores
from pointsbank.ratings.queries import (
    CycleView,
    HouseholdRating,
    cycle_view,
    cycles_of,
    evaluation_of,
    household_rating,
    matrix,
)
from pointsbank.ratings.schemas import (
    PLACE,
    YEAR,
    CycleSchema,
    DecideBodySchema,
    EvaluateSchema,
    EvaluationSchema,
    FactSchema,
    HouseholdRatingSchema,
    LiftBodySchema,
    MatrixSchema,
    RuleTextSchema,
    RuleWordsSchema,
    ScoresSchema,
    VetoBodySchema,
)
from pointsbank.ratings.scheme import Scheme, publish_scheme, schemes_on
from pointsbank.ratings.scheme_forms import NewSchemeSchema, SchemeShownSchema, as_command
from pointsbank.ratings.subjects import find_subject
from pointsbank.ratings.vetoes import EnterVeto, LiftVeto, enter_veto, lift_veto
from pointsbank.ratings.wording import criterion_words
from pointsbank.web import idempotency_key, language

api = Blueprint("ratings_api", __name__, url_prefix="/api/v1/ratings", description="星级评定 ratings")
PAGE = 200
CRITERION = ("fact", "kind", "operator", "figure", "threshold", "holds", "distance", "problem")


class WhereSchema(Schema):
    place = fields.Str(validate=PLACE, metadata={"description": "The actor's own place when left out"})


class PageSchema(Schema):
    evaluation = fields.Int(load_default=None)
    after = fields.Str(load_default="", validate=validate.Length(max=20))


class RunSchema(Schema):
    evaluation = fields.Int(load_default=None)


class StarDecisionSchema(Schema):
    star = fields.Str(attribute="star_code")
    awarded = fields.Bool()
    departs = fields.Bool()
    decided_at = fields.DateTime()


class VetoShownSchema(Schema):
    id = fields.UUID()
    veto = fields.Str(attribute="veto_code")
    happened_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    lifted_on = fields.Date(allow_none=True)


class NewCycleSchema(Schema):
    place = fields.Str(required=True, validate=PLACE)
    year = fields.Int(required=True, validate=YEAR)


class CountSchema(Schema):
    scores = fields.Int()


def _cycle(actor: Actor, cycle_id: UUID) -> CycleView:
    view = cycle_view(db.session(), actor.book_id, cycle_id)
    require_seen(actor, "ratings.view", at_place=view.place_code, what="cycle")
    return view


def rating_json(rating: HouseholdRating, lang: str) -> dict[str, Any]:
    """A household's verdicts as plain data with their sentences."""
    return {
        "household": rating.card.code, "year": rating.cycle.year, "evaluation": rating.evaluation.number,
        "as_of": rating.evaluation.as_of, "stars": rating.awarded, "earned": rating.earned, "spent": rating.spent,
        "band": rating.band.code if rating.band else None, "erased": rating.erased,
        "verdicts": [{
            "star": view.star.code, "title": view.star.title(lang), "outcome": view.outcome,
            "verdict": view.verdict.outcome, "rule": view.verdict.code, "rule_version": view.verdict.version,
            "text": view.verdict.text, "sentence": headline(view.verdict, lang),
            "criteria": [{name: getattr(c, name) for name in CRITERION}
                         | {"sentence": criterion_words(c, lang, rating.cycle.period)} for c in view.verdict.criteria],
        } for view in rating.stars]}


@api.get("/cycles")
@needs("ratings.view")
@api.arguments(WhereSchema, location="query")
@api.response(200, CycleSchema(many=True))
def list_cycles(where: dict[str, Any]) -> list[CycleView]:
    """A village's rating cycles, newest first."""
    actor = current_actor()
    place = where.get("place") or actor.place_code
    require(actor, "ratings.view", at_place=place)
    return cycles_of(db.session(), actor.book_id, place)


@api.post("/cycles")
@needs("ratings.run")
@api.arguments(NewCycleSchema)
@api.response(201, CycleSchema)
def new_cycle(data: dict[str, Any]) -> CycleView:
    """Open a year's rating of a village, or get the one that is open."""
    actor = current_actor()
    cycle_id = open_cycle(db.session(), OpenCycle(idempotency_key(), data["place"], data["year"]), by=actor,
                          at=clock.now())
    return cycle_view(db.session(), actor.book_id, cycle_id)


@api.post("/cycles/<uuid:cycle_id>/evaluations")
@needs("ratings.run")
@api.arguments(EvaluateSchema)
@api.response(201, EvaluationSchema)
def evaluate(data: dict[str, Any], cycle_id: UUID) -> Any:
    """Judge all households of the village now."""
    return run_evaluation(db.session(), RunEvaluation(idempotency_key(), cycle_id, data["as_of"]), by=current_actor(),
                          at=clock.now())


@api.get("/cycles/<uuid:cycle_id>/households")
@needs("ratings.view")
@api.arguments(PageSchema, location="query")
@api.response(200, MatrixSchema)
def households(page: dict[str, Any], cycle_id: UUID) -> dict[str, Any]:
    """Households by code with the outcome of each star, 200 a page."""
    view = _cycle(current_actor(), cycle_id)
    rows = [row for row in matrix(db.session(), view, evaluation_of(view, page["evaluation"])).rows
            if row.card.code > page["after"]]
    more = len(rows) > PAGE
    return {"rows": rows[:PAGE], "next": rows[PAGE - 1].card.code if more else None}


@api.get("/cycles/<uuid:cycle_id>/households/<code>")
@needs("ratings.view")
@api.arguments(RunSchema, location="query")
@api.response(200, HouseholdRatingSchema)
def household(run: dict[str, Any], cycle_id: UUID, code: str) -> dict[str, Any]:
    """One household's stars, criterion by criterion."""
    view = _cycle(current_actor(), cycle_id)
    card = find_subject(db.session(), view.scheme, view.place_code, code)
    if card is None:
        raise NotFound("household")
    return rating_json(household_rating(db.session(), view, card.id, run["evaluation"]), language())


@api.post("/cycles/<uuid:cycle_id>/scores")
@needs("ratings.jury")
@api.arguments(ScoresSchema)
@api.response(201, CountSchema)
def score(data: dict[str, Any], cycle_id: UUID) -> dict[str, int]:
    """Hand in one's own jury scores; handing in again replaces them."""
    command = RecordJuryScores(idempotency_key(), cycle_id, tuple(data["marks"]))
    return {"scores": record_jury_scores(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/cycles/<uuid:cycle_id>/decisions")
@needs("ratings.run")
@api.arguments(DecideBodySchema)
@api.response(201, StarDecisionSchema)
def decide(data: dict[str, Any], cycle_id: UUID) -> Any:
    """Award or refuse a star by the committee; departing from the verdict needs a reason."""
    command = DecideStar(idempotency_key(), cycle_id, data["household_id"], data["star"], data["awarded"],
                         data["reason"])
    return decide_star(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/cycles/<uuid:cycle_id>/confirm")
@needs("ratings.run")
@api.response(200, CycleSchema)
def confirm(cycle_id: UUID) -> CycleView:
    """Confirm the cycle: nothing in it changes any more. Refused while a household has a star without a yes or no."""
    idempotency_key()
    confirm_cycle(db.session(), ConfirmCycle(cycle_id), by=current_actor(), at=clock.now())
    return _cycle(current_actor(), cycle_id)


@api.post("/vetoes")
@needs("ratings.veto")
@api.arguments(VetoBodySchema)
@api.response(201, VetoShownSchema)
def new_veto(data: dict[str, Any]) -> Any:
    """Enter a veto with its grounds (kept sealed, never shown here)."""
    command = EnterVeto(idempotency_key(), data["household_id"], data["veto"], data["happened_on"], data["grounds"],
                        data["document"])
    return enter_veto(db.session(), command, by=current_actor(), at=clock.now())


@api.post("/vetoes/<uuid:veto_id>/lift")
@needs("ratings.veto")
@api.arguments(LiftBodySchema)
@api.response(200, VetoShownSchema)
def end_veto(data: dict[str, Any], veto_id: UUID) -> Any:
    """Lift a veto from today on."""
    idempotency_key()
    return lift_veto(db.session(), LiftVeto(veto_id, data["reason"]), by=current_actor(), at=clock.now())


@api.get("/mine")
@needs("me.view")
@api.response(200, HouseholdRatingSchema)
def mine() -> dict[str, Any]:
    """One's own household: stars and why."""
    actor, s = current_actor(), db.session()
    if actor.household_id is None or (held := stars_held(s, actor.book_id, [actor.household_id]).get(
            actor.household_id)) is None:
        raise NotFound("household")
    return rating_json(household_rating(s, cycle_view(s, actor.book_id, held.cycle_id), actor.household_id),
                       language())


@api.get("/schemes")
@needs("schedule.view")
@api.response(200, SchemeShownSchema(many=True))
def schemes() -> list[Scheme]:
    """The schemes in force at the actor's place, the household's stars first."""
    return schemes_on(db.session(), current_actor().place_code, clock.today())


@api.post("/schemes")
@needs("ratings.rules")
@api.arguments(NewSchemeSchema)
@api.response(201, SchemeShownSchema)
def new_scheme(data: dict[str, Any]) -> Scheme:
    """Publish a scheme, or its next version, for a place and all below it."""
    command = as_command(data["scheme"], key=idempotency_key(), place_code=data["place"])
    return publish_scheme(db.session(), command, by=current_actor(), at=clock.now())


@api.get("/facts")
@needs("ratings.view")
@api.response(200, FactSchema(many=True))
def facts() -> list[dict[str, str]]:
    """What a rule may speak of."""
    return [{"name": spec.name, "kind": spec.kind, "title": spec.title(language())} for spec in catalogue()]


@api.post("/rules/check")
@needs("ratings.view")
@api.arguments(RuleTextSchema)
@api.response(200, RuleWordsSchema)
def check_rule(data: dict[str, str]) -> dict[str, Any]:
    """Read a rule without publishing it: its sentence, or the place and reason why it is none."""
    rule = parse(data["text"])
    return {"zh": describe(rule, "zh"), "en": describe(rule, "en"), "facts": list(rule.facts)}
