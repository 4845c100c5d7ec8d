"""/committee/honours: what waits, every cycle of the village, one cycle's course with its next step.

One household's honour: see honour_pages. A family's own: own_pages. The public's: public_pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import Actor, can, current_actor, needs, require, require_seen
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.honours import words
from pointsbank.honours.awarding import AwardHonours, award_honours
from pointsbank.honours.course import refusal_to_confirm, stand_of
from pointsbank.honours.notice import PublishNotice, publish_notice
from pointsbank.honours.queries import levels_of
from pointsbank.honours.rechecking import queue_rechecks, run_rechecks
from pointsbank.honours.schemas import EntrySchema, FreezeSchema, KeyedSchema, OpenCycleSchema
from pointsbank.honours.work import may_do, work_of
from pointsbank.people import HouseholdCard
from pointsbank.places import PlaceCard, place_by_code, villages_under
from pointsbank.ratings import (
    CycleView,
    EntryView,
    FreezeCycle,
    PutDown,
    RunEvaluation,
    bars_on,
    cycle_view,
    cycles_of,
    entries_of,
    find_subject,
    freeze_cycle,
    open_cycle,
    put_down,
    run_evaluation,
    schemes_on,
    subject_cards,
)
from pointsbank.ratings.periods import period_on, periods_of
from pointsbank.ratings.scheme import rules_due
from pointsbank.ratings.subjects import subjects_there
from pointsbank.ratings.wording import criterion_words
from pointsbank.web import blank, form_command, language
from pointsbank.web.forms import FormState

pages = Blueprint("honours", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/honours")

TONES = {"notice": "wait", "objected": "bad", "not_awarded": "off", "awarded": "good", "suspended": "wait",
         "revoked": "bad", "lapsed": "off"}


@pages.app_context_processor
def honour_words() -> dict[str, Any]:
    """Words for the templates of this room: state_word(…), and which other rooms' pages there are."""
    lang = language()
    return {
        "honour_word": lambda state: words.word(words.HONOUR_STATES, state, lang),
        "honour_tone": lambda state: TONES[state],
        "plaque_word": lambda state: words.word(words.PLAQUES, state, lang),
        "measure_word": lambda kind: words.word(words.MEASURES, kind, lang),
        "measure_state": lambda state: words.word(words.MEASURE_STATES, state, lang),
        "recheck_word": lambda state: words.word(words.RECHECKS, state, lang),
        "has_view": lambda name: name in current_app.view_functions}


def name_of(actor: Actor, card: HouseholdCard) -> str:
    """The head's name for who may see people of the place, else masked."""
    return card.head_name if can(actor, "people.view", card.place_code) else card.masked_name


def seen_cycle(cycle_id: UUID, power: str = "ratings.view") -> CycleView:
    """Raises NotFound, NotAllowed."""
    actor = current_actor()
    view = cycle_view(db.session(), actor.book_id, cycle_id)
    require_seen(actor, power, at_place=view.place_code, what="cycle")
    return view


@pages.get("/committee/honours")
@needs("ratings.view")
def home() -> str:
    """What waits about honours, and the cycles of every scheme; above a village, the villages to choose from."""
    actor, s = current_actor(), db.session()
    code = request.args.get("place") or actor.place_code
    require(actor, "ratings.view", at_place=code)
    place = place_by_code(s, code)
    if place.level != "village":
        return render_template("honours/villages.html", place=place, villages=villages_under(s, place.code))
    return _home(place, blank(place=place.code, year=clock.today().year))


def _home(place: PlaceCard, form: FormState) -> str:
    actor, s, today = current_actor(), db.session(), clock.today()
    schemes = schemes_on(s, place.code, today)
    periods = sorted({period for scheme in schemes for period in periods_of(scheme.terms.rhythm)},
                     key=lambda period: ("YHQ".index(period[0]), period))
    stands = [stand_of(s, actor, cycle, today) for cycle in cycles_of(s, actor.book_id, place.code)[:30]]
    return render_template(
        "honours/home.html", place=place, work=work_of(s, actor, place.code, today), stands=stands, schemes=schemes,
        periods=periods, form=form, lang=language(), may=may_do(actor, place.code), year=today.year,
        now={scheme.code: period_on(scheme.terms.rhythm, today) for scheme in schemes},
        shown=lambda job: job.name if can(actor, "people.view", place.code) else job.masked)


@pages.post("/committee/honours/cycles")
@needs("ratings.run")
def new_cycle() -> Response:
    """Open a cycle of a scheme for a period."""
    actor, s = current_actor(), db.session()
    command, form = form_command(OpenCycleSchema())
    status = 422
    if command is not None:
        require(actor, "ratings.run", at_place=command.place_code)
        try:
            cycle_id = open_cycle(s, command, by=actor, at=clock.now())
            return make_response(redirect(url_for("honours.course", cycle_id=cycle_id), 303))
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    code = form.value("place") or actor.place_code
    require(actor, "ratings.run", at_place=code)
    return make_response(_home(place_by_code(s, code), form), status)


@pages.get("/committee/honours/cycles/<uuid:cycle_id>")
@needs("ratings.view")
def course(cycle_id: UUID) -> str:
    """One cycle: the line of steps, the next one, and everybody in it."""
    return show_course(seen_cycle(cycle_id), blank())


def kept_out_by(cycle: CycleView) -> Callable[[EntryView], list[str]]:
    """Why somebody was kept out, criterion by criterion."""
    lang = language()
    return lambda entry: [criterion_words(c, lang, cycle.period) for c in entry.why.criteria] if entry.why else []


def show_course(cycle: CycleView, form: FormState) -> str:
    actor, s, today = current_actor(), db.session(), clock.today()
    stand = stand_of(s, actor, cycle, today)
    entries = entries_of(s, cycle.book_id, cycle.id)
    there = subjects_there(s, cycle.book_id, cycle.place_code, cycle.scheme, min(today, cycle.end_on))
    barred = bars_on(s, cycle.book_id, there, today, cycle.scheme.code)
    cards = subject_cards(s, cycle.book_id, cycle.scheme, {*entries, *barred})
    return render_template(
        "honours/course.html", cycle=cycle, stand=stand, form=form, today=today, lang=language(),
        place=place_by_code(s, cycle.place_code), may=may_do(actor, cycle.place_code), entries=entries, cards=cards,
        barred=barred, refusal=refusal_to_confirm(stand), levels=levels_of(stand.rows, cycle.scheme),
        due=rules_due(s, cycle.scheme, today), why=kept_out_by(cycle),
        shown=lambda card: name_of(actor, card), stars={star.code: star.title(language()) for star in
                                                        cycle.scheme.stars})


def _step(cycle_id: UUID, schema: Any, power: str, act: Callable[[Any, CycleView], str]) -> Response:
    """One step of a course: load, act, say what was done; refused, the page again with why."""
    cycle = seen_cycle(cycle_id, power)
    command, form = form_command(schema)
    status = 422
    if command is not None:
        try:
            flash(act(command, cycle), "good")
            return make_response(redirect(url_for("honours.course", cycle_id=cycle_id), 303))
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(show_course(seen_cycle(cycle_id, power), form), status)


@pages.post("/committee/honours/cycles/<uuid:cycle_id>/entries")
@needs("ratings.run")
def enter(cycle_id: UUID) -> Response:
    """Put a household's name down for it, or take it back."""
    def act(data: dict[str, Any], cycle: CycleView) -> str:
        card = find_subject(db.session(), cycle.scheme, cycle.place_code, data["household"])
        if card is None:
            raise NotFound("household")
        put_down(db.session(), PutDown(data["key"], cycle.id, card.id, tuple(data["claimed"]), data["note"],
                                       data["withdraw"]), by=current_actor(), at=clock.now())
        return _("%(code)s 的报名已撤回。", code=card.code) if data["withdraw"] else _("已为 %(code)s 报名。",
                                                                                 code=card.code)
    return _step(cycle_id, EntrySchema(), "ratings.run", act)


@pages.post("/committee/honours/cycles/<uuid:cycle_id>/freeze")
@needs("ratings.run")
def freeze(cycle_id: UUID) -> Response:
    """End registration, freeze the facts, evaluate."""
    def act(data: dict[str, Any], cycle: CycleView) -> str:
        done = freeze_cycle(db.session(), FreezeCycle(data["key"], cycle.id, data["as_of"]), by=current_actor(),
                            at=clock.now())
        return _("数据已固定,评定了 %(n)s 户。以后补记或更正的,不再影响这一期。", n=done.households)
    return _step(cycle_id, FreezeSchema(), "ratings.run", act)


@pages.post("/committee/honours/cycles/<uuid:cycle_id>/evaluate")
@needs("ratings.run")
def evaluate(cycle_id: UUID) -> Response:
    """Judge again: with the jury's figures of now, on frozen facts where they are frozen."""
    def act(data: dict[str, Any], cycle: CycleView) -> str:
        done = run_evaluation(db.session(), RunEvaluation(data["key"], cycle.id), by=current_actor(), at=clock.now())
        return _("第 %(n)s 次评定好了。", n=done.number)
    return _step(cycle_id, KeyedSchema(), "ratings.run", act)


@pages.post("/committee/honours/cycles/<uuid:cycle_id>/notice")
@needs("ratings.run")
def publish(cycle_id: UUID) -> Response:
    """Put the outcome on notice."""
    def act(data: dict[str, Any], cycle: CycleView) -> str:
        done = publish_notice(db.session(), PublishNotice(data["key"], cycle.id), by=current_actor(), at=clock.now())
        return _("已发布公示,到 %(day)s。", day=done.until.isoformat())
    return _step(cycle_id, KeyedSchema(), "ratings.run", act)


@pages.post("/committee/honours/cycles/<uuid:cycle_id>/award")
@needs("honours.award")
def award(cycle_id: UUID) -> Response:
    """Award what is due."""
    def act(data: dict[str, Any], cycle: CycleView) -> str:
        done = award_honours(db.session(), AwardHonours(data["key"], cycle.id), by=current_actor(), at=clock.now())
        return _("授予 %(n)s 户;还在等的 %(waiting)s 户。", n=done.awarded, waiting=done.waiting)
    return _step(cycle_id, KeyedSchema(), "honours.award", act)


@pages.post("/committee/honours/rechecks")
@needs("ratings.run")
def recheck() -> Response:
    """Look for undone deeds now instead of tonight."""
    actor, s, at = current_actor(), db.session(), clock.now()
    code = request.form.get("place") or actor.place_code
    require(actor, "ratings.run", at_place=code)
    place = place_by_code(s, code)
    queued = queue_rechecks(s, actor.book_id, at=at, place_code=place.code)
    losing = run_rechecks(s, actor.book_id, at=at, place_code=place.code)
    flash(_("复核了。被更正的依据 %(n)s 笔,影响到星的 %(losing)s 户。", n=queued, losing=losing), "good")
    return make_response(redirect(url_for("honours.home", place=place.code), 303))
