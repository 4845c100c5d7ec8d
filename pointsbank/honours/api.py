"""/api/v1/honours: the course of a rating after and before the committee's word; the same services as the pages."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import Actor, current_actor, needs, require_seen
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.honours import schemas
from pointsbank.honours.awarding import Awarded, AwardHonours, SetPlaque, award_honours, set_plaque
from pointsbank.honours.corrections import PublishCorrection, publish_correction
from pointsbank.honours.measures import DecideMeasure, ProposeMeasure, decide_measure, propose_measure
from pointsbank.honours.models import CHECKED, DRAFT, PROPOSED
from pointsbank.honours.notice import OnNotice, PublishNotice, publish_notice
from pointsbank.honours.objecting import AnswerObjection, ObjectTo, answer_objection, object_to
from pointsbank.honours.queries import HonourRow, honour_view, honours_of_cycle
from pointsbank.honours.rechecking import SettleRecheck, queue_rechecks, run_rechecks, settle_recheck
from pointsbank.ratings import CycleView, FreezeCycle, PutDown, cycle_view, find_subject, freeze_cycle, put_down
from pointsbank.ratings.cycle import Evaluation
from pointsbank.ratings.schemas import EvaluationSchema
from pointsbank.web import idempotency_key

api = Blueprint("honours_api", __name__, url_prefix="/api/v1/honours", description="荣誉 honours")


def _seen(actor: Actor, cycle_id: UUID, power: str = "ratings.view") -> CycleView:
    view = cycle_view(db.session(), actor.book_id, cycle_id)
    require_seen(actor, power, at_place=view.place_code, what="cycle")
    return view


@api.get("/cycles/<uuid:cycle_id>")
@needs("ratings.view")
@api.response(200, schemas.HonourSchema(many=True))
def of_cycle(cycle_id: UUID) -> list[HonourRow]:
    """Every household of a cycle that is or was on notice, and where it stands."""
    return honours_of_cycle(db.session(), _seen(current_actor(), cycle_id))


@api.get("/<uuid:honour_id>")
@needs("ratings.view")
@api.response(200, schemas.HonourWholeSchema)
def one(honour_id: UUID) -> SimpleNamespace:
    """One honour with what waits for somebody."""
    actor = current_actor()
    view = honour_view(db.session(), actor.book_id, honour_id)
    require_seen(actor, "ratings.view", at_place=view.cycle.place_code, what="honour")
    waiting = {"objections": [each.id for each in view.objections if each.outcome == "open"],
               "measures": [each.id for each in view.measures if each.state == PROPOSED],
               "rechecks": [each.id for each in view.rechecks if each.state == CHECKED],
               "corrections": [each.id for each in view.corrections if each.state == DRAFT]}
    return SimpleNamespace(**view.row._asdict(), waiting=waiting)


@api.post("/cycles/<uuid:cycle_id>/entries")
@needs("ratings.enter")
@api.arguments(schemas.EntryBodySchema)
@api.response(201, schemas.StateSchema)
def enter(data: dict[str, Any], cycle_id: UUID) -> dict[str, str]:
    """Put a household's name down, or take it back: one's own, or by the committee for them."""
    actor, s = current_actor(), db.session()
    cycle = cycle_view(s, actor.book_id, cycle_id)
    card = find_subject(s, cycle.scheme, cycle.place_code, data["household"])
    if card is None:
        raise NotFound("cycle")
    command = PutDown(idempotency_key(), cycle_id, card.id, tuple(data["claimed"]), data["note"], data["withdraw"])
    return {"state": put_down(s, command, by=actor, at=clock.now())}


@api.post("/cycles/<uuid:cycle_id>/freeze")
@needs("ratings.run")
@api.arguments(schemas.FreezeBodySchema)
@api.response(201, EvaluationSchema)
def freeze(data: dict[str, Any], cycle_id: UUID) -> Evaluation:
    """End registration, freeze the facts at a position of the sealed log, and judge by them."""
    return freeze_cycle(db.session(), FreezeCycle(idempotency_key(), cycle_id, data["as_of"]), by=current_actor(),
                        at=clock.now())


@api.post("/cycles/<uuid:cycle_id>/notice")
@needs("ratings.run")
@api.response(201, schemas.NoticeAnswerSchema)
def publish(cycle_id: UUID) -> OnNotice:
    """Put the confirmed outcome on public notice."""
    return publish_notice(db.session(), PublishNotice(idempotency_key(), cycle_id), by=current_actor(),
                          at=clock.now())


@api.post("/cycles/<uuid:cycle_id>/award")
@needs("honours.award")
@api.response(201, schemas.AwardAnswerSchema)
def award(cycle_id: UUID) -> Awarded:
    """Award what has been on notice to its end; not by who confirmed or published it."""
    return award_honours(db.session(), AwardHonours(idempotency_key(), cycle_id), by=current_actor(), at=clock.now())


@api.post("/<uuid:honour_id>/objections")
@needs("honours.object")
@api.arguments(schemas.ObjectBodySchema)
@api.response(201, schemas.AnswerBySchema)
def raise_objection(data: dict[str, Any], honour_id: UUID) -> dict[str, date]:
    """Object to a household's row, or to one of its stars."""
    command = ObjectTo(idempotency_key(), honour_id, data["text"], data["star"])
    return {"answer_by": object_to(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/objections/<uuid:objection_id>/answer")
@needs("honours.answer")
@api.arguments(schemas.AnswerBodySchema)
@api.response(200, schemas.StateSchema)
def answer(data: dict[str, Any], objection_id: UUID) -> dict[str, str]:
    """Uphold or dismiss an objection, with the reason."""
    command = AnswerObjection(idempotency_key(), objection_id, data["upheld"], data["reason"])
    return {"state": answer_objection(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/<uuid:honour_id>/measures")
@needs("honours.propose")
@api.arguments(schemas.MeasureBodySchema)
@api.response(201, schemas.MadeSchema)
def propose(data: dict[str, Any], honour_id: UUID) -> dict[str, UUID]:
    """Propose a warning, a suspension, its end, a revocation or a correction."""
    stars = tuple(data["stars"] or ()) if data["kind"] == "correct" else None
    command = ProposeMeasure(idempotency_key(), honour_id, data["kind"], data["reason"], data["until_on"], stars,
                             data["recheck_id"])
    return {"id": propose_measure(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/measures/<uuid:measure_id>/decision")
@needs("honours.second")
@api.arguments(schemas.MeasureDecisionSchema)
@api.response(200, schemas.StateSchema)
def decide(data: dict[str, Any], measure_id: UUID) -> dict[str, str]:
    """The second person's word on a measure."""
    command = DecideMeasure(idempotency_key(), measure_id, data["agreed"], data["reason"])
    return {"state": decide_measure(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/<uuid:honour_id>/plaque")
@needs("ratings.run")
@api.arguments(schemas.PlaqueBodySchema)
@api.response(200, schemas.StateSchema)
def plaque(data: dict[str, Any], honour_id: UUID) -> dict[str, str]:
    """Note that the plaque hangs, was taken down, or is withheld."""
    command = SetPlaque(idempotency_key(), honour_id, data["plaque"], data["reason"])
    return {"state": set_plaque(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/rechecks")
@needs("ratings.run")
@api.response(200, schemas.RecheckedSchema)
def recheck() -> dict[str, int]:
    """Look now for undone deeds behind honours of the actor's place, and judge again."""
    idempotency_key()
    actor, s, at = current_actor(), db.session(), clock.now()
    queued = queue_rechecks(s, actor.book_id, at=at, place_code=actor.place_code)
    return {"queued": queued, "losing": run_rechecks(s, actor.book_id, at=at, place_code=actor.place_code)}


@api.post("/rechecks/<uuid:recheck_id>/keep")
@needs("ratings.run")
@api.arguments(schemas.KeepBodySchema)
@api.response(200, schemas.StateSchema)
def keep(data: dict[str, Any], recheck_id: UUID) -> dict[str, str]:
    """Keep the honour although the figures fell, with the reason."""
    command = SettleRecheck(idempotency_key(), recheck_id, data["reason"])
    return {"state": settle_recheck(db.session(), command, by=current_actor(), at=clock.now())}


@api.post("/corrections/<uuid:correction_id>/publish")
@needs("ratings.run")
@api.response(200, schemas.StateSchema)
def correct(correction_id: UUID) -> dict[str, str]:
    """Put a decided correction on public notice."""
    command = PublishCorrection(idempotency_key(), correction_id)
    publish_correction(db.session(), command, by=current_actor(), at=clock.now())
    return {"state": "published"}
