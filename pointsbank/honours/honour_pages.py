"""One honour: where it stands, its plaque, what was objected, proposed, rechecked, corrected; and every next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema

import ledger
from pointsbank import clock
from pointsbank.access import current_actor, needs, require_seen
from pointsbank.database import db
from pointsbank.eligibility import from_json, headline
from pointsbank.errors import DomainError
from pointsbank.honours.awarding import HELD, MAY_BECOME, set_plaque
from pointsbank.honours.corrections import PublishCorrection, publish_correction
from pointsbank.honours.measures import FROM, decide_measure, propose_measure
from pointsbank.honours.models import AWARDED, CHECKED, HUNG, PROPOSED, WITHHELD, Honour
from pointsbank.honours.objecting import answer_aside, answer_objection, object_to
from pointsbank.honours.pages import name_of, pages
from pointsbank.honours.queries import HonourView, band_of, honour_view
from pointsbank.honours.rechecking import settle_recheck
from pointsbank.honours.schemas import (
    AnswerSchema,
    DecideMeasureSchema,
    KeepSchema,
    KeyedSchema,
    MeasureSchema,
    ObjectSchema,
    PlaqueSchema,
)
from pointsbank.honours.work import may_do
from pointsbank.people import relatives_of
from pointsbank.ratings import bars_on, home_of
from pointsbank.ratings.wording import criterion_words
from pointsbank.schedule import rules_in_force
from pointsbank.web import blank, form_command, language
from pointsbank.web.forms import FormState


def _seen(honour_id: UUID, power: str = "ratings.view") -> HonourView:
    actor = current_actor()
    view = honour_view(db.session(), actor.book_id, honour_id)
    require_seen(actor, power, at_place=view.cycle.place_code, what="honour")
    return view


@pages.get("/committee/honours/<uuid:honour_id>")
@needs("ratings.view")
def honour(honour_id: UUID) -> str:
    """Everything about one household's honour."""
    return show_honour(_seen(honour_id), blank())


def show_honour(view: HonourView, form: FormState) -> str:
    """The page, with the form that was refused, if one was."""
    actor, s, today = current_actor(), db.session(), clock.today()
    cycle, row = view.cycle, view.row
    aside = home_of(s, cycle.book_id, cycle.scheme, row.card.id) in relatives_of(s, actor.book_id, actor.person_id)
    open_one = next((one for one in view.objections if one.outcome == "open"), None)
    waiting = next((one for one in view.measures if one.state == PROPOSED), None)
    next_plaques = [state for state in MAY_BECOME[row.plaque] if row.state in HELD
                    and (row.state == AWARDED or state not in (HUNG, WITHHELD))]
    lang = language()
    return render_template(
        "honours/honour.html", view=view, row=row, cycle=cycle, form=form, today=today, lang=lang, aside=aside,
        name=name_of(actor, row.card), may=may_do(actor, cycle.place_code), open_one=open_one, waiting=waiting,
        open_why=_open_why(view, open_one), own_measure=waiting is not None and actor.user_id == waiting.proposed_by,
        kinds=[kind for kind, states in FROM.items() if row.state in states and kind != "correct"],
        correctable=row.state in FROM["correct"] and bool(row.stars), next_plaques=next_plaques,
        barred=bars_on(s, cycle.book_id, [row.card.id], today, cycle.scheme.code).get(row.card.id),
        form_for=lambda name: form if form.prefix == f"{name}-" else blank(f"{name}-"),
        stars={star.code: star.title(lang) for star in cycle.scheme.stars},
        sentence=lambda criterion, lang: criterion_words(criterion, lang, cycle.period),
        headline=headline, verdict=from_json, band=lambda code: band_of(cycle.scheme, code),
        run=next(run for run in cycle.evaluations if run.id == row.evaluation_id),
        deeds=_deeds(view), recheck=next((one for one in reversed(view.rechecks) if one.state == CHECKED), None))


def _deeds(view: HonourView) -> dict[UUID, tuple[str, Any]]:
    """The undone deeds: what they were, and their day."""
    s, cycle = db.session(), view.cycle
    items = {code: rule.item for code, rule in rules_in_force(s, cycle.place_code, cycle.end_on).items()}
    found = {}
    for recheck in view.rechecks:
        deed = ledger.transaction(s.connection(), cycle.book_id, recheck.undone)
        found[recheck.id] = (items.get(deed.rule or "", deed.rule or ""), deed.effective_on)
    return found


def _open_why(view: HonourView, open_one: Any) -> DomainError | None:
    """Why the reader may not answer the open objection."""
    if open_one is None:
        return None
    s, actor = db.session(), current_actor()
    return answer_aside(s, open_one.row, s.get_one(Honour, (actor.book_id, view.row.id)), actor)


def _act(honour_id: UUID, power: str, schema: Schema, extra: dict[str, str],
         act: Callable[[Any], str], *, form_name: str = "") -> Response:
    """One act on an honour: load, act, say what was done; refused, the page again with why in its form."""
    _seen(honour_id, power)
    command, form = form_command(schema, extra=extra, prefix=form_name)
    status = 422
    if command is not None:
        try:
            flash(act(command), "good")
            return make_response(redirect(url_for("honours.honour", honour_id=honour_id), 303))
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(show_honour(_seen(honour_id, power), form), status)


@pages.post("/committee/honours/<uuid:honour_id>/objections")
@needs("ratings.run")
def register_objection(honour_id: UUID) -> Response:
    """An objection made by word of mouth, written down by the committee."""
    def act(command: Any) -> str:
        day = object_to(db.session(), command, by=current_actor(), at=clock.now())
        return _("异议已登记,%(day)s 前答复。公示已暂停。", day=day.isoformat())
    return _act(honour_id, "ratings.run", ObjectSchema(), {"honour_id": str(honour_id)}, act, form_name="object-")


@pages.post("/committee/honours/<uuid:honour_id>/objections/<uuid:objection_id>")
@needs("honours.answer")
def answer(honour_id: UUID, objection_id: UUID) -> Response:
    """Uphold or dismiss."""
    def act(command: Any) -> str:
        outcome = answer_objection(db.session(), command, by=current_actor(), at=clock.now())
        return _("异议成立,结果已改,重新公示。") if outcome == "upheld" else _("异议不成立,公示继续。")
    return _act(honour_id, "honours.answer", AnswerSchema(), {"objection_id": str(objection_id)}, act,
                form_name="answer-")


@pages.post("/committee/honours/<uuid:honour_id>/measures")
@needs("honours.propose")
def propose(honour_id: UUID) -> Response:
    """Propose a measure."""
    def act(command: Any) -> str:
        propose_measure(db.session(), command, by=current_actor(), at=clock.now())
        return _("已提出,等另一个人决定。")
    return _act(honour_id, "honours.propose", MeasureSchema(), {"honour_id": str(honour_id)}, act, form_name="measure-")


@pages.post("/committee/honours/<uuid:honour_id>/measures/<uuid:measure_id>")
@needs("honours.second")
def decide(honour_id: UUID, measure_id: UUID) -> Response:
    """The second person's word."""
    def act(command: Any) -> str:
        state = decide_measure(db.session(), command, by=current_actor(), at=clock.now())
        return _("已生效。") if state == "in_force" else _("没有通过,一切照旧。")
    return _act(honour_id, "honours.second", DecideMeasureSchema(), {"measure_id": str(measure_id)}, act,
                form_name="second-")


@pages.post("/committee/honours/<uuid:honour_id>/plaque")
@needs("ratings.run")
def plaque(honour_id: UUID) -> Response:
    """What became of the plaque."""
    def act(command: Any) -> str:
        set_plaque(db.session(), command, by=current_actor(), at=clock.now())
        return _("牌子的情况已记下。")
    return _act(honour_id, "ratings.run", PlaqueSchema(), {"honour_id": str(honour_id)}, act, form_name="plaque-")


@pages.post("/committee/honours/<uuid:honour_id>/rechecks/<uuid:recheck_id>")
@needs("ratings.run")
def keep(honour_id: UUID, recheck_id: UUID) -> Response:
    """Keep it although the figures fell."""
    def act(command: Any) -> str:
        settle_recheck(db.session(), command, by=current_actor(), at=clock.now())
        return _("维持原结果,理由已记下。")
    return _act(honour_id, "ratings.run", KeepSchema(), {"recheck_id": str(recheck_id)}, act,
                form_name="keep-")


@pages.post("/committee/honours/<uuid:honour_id>/corrections/<uuid:correction_id>")
@needs("ratings.run")
def correct(honour_id: UUID, correction_id: UUID) -> Response:
    """Publish the drafted correction."""
    def act(command: Any) -> str:
        day = publish_correction(db.session(), PublishCorrection(command["key"], correction_id), by=current_actor(),
                                 at=clock.now())
        return _("更正已公示,到 %(day)s。", day=day)
    return _act(honour_id, "ratings.run", KeyedSchema(), {}, act)
