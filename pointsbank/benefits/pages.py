"""/benefits: what a village grants, who has it now and why; /benefits/mine: a family's own; /benefits/new."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import can, current_actor, needs, require
from pointsbank.benefits.errors import UnknownBenefit
from pointsbank.benefits.giving import KINDS, kind_words
from pointsbank.benefits.queries import benefits_of, benefits_on, who_has
from pointsbank.benefits.schemas import BenefitForm
from pointsbank.benefits.service import POWER, publish_benefit
from pointsbank.benefits.showing import benefit_words, mine_words, roll_words
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import household_cards
from pointsbank.places import PlaceCard, place_by_code, villages_under
from pointsbank.web import FormState, blank, form_command, language

pages = Blueprint("benefits", __name__, template_folder="templates", url_prefix="/benefits")
VIEW = "benefits.view"


def link(endpoint: str, **values: Any) -> str | None:
    """An address of another floor's page, when this app has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def asked_place() -> PlaceCard:
    """The place in the address, else where the reader stands. Raises NotAllowed."""
    actor = current_actor()
    code = request.args.get("place") or actor.place_code
    require(actor, VIEW, at_place=code)
    return place_by_code(db.session(), code)


@pages.get("")
@needs(VIEW)
def home() -> str:
    """A village's benefits with how many households have each; above a village, the way into each."""
    place, today, lang = asked_place(), clock.today(), language()
    may = can(current_actor(), POWER, place.code)
    if place.level != "village":
        found = [benefit_words(one, lang, today) for one in benefits_on(db.session(), place.code, today)]
        return render_template("benefits/villages.html", place=place, benefits=found, may_publish=may,
                               villages=villages_under(db.session(), place.code))
    rolls = [roll_words(current_actor(), roll, lang, today) for roll in who_has(db.session(), place.code, today)]
    return render_template("benefits/home.html", place=place, today=today, rolls=rolls, may_publish=may)


@pages.get("/<code>")
@needs(VIEW)
def show(code: str) -> str:
    """One benefit: who has it and why, for whom it cannot be decided, the papers."""
    place, today, lang = asked_place(), clock.today(), language()
    roll = next(iter(who_has(db.session(), place.code, today, [code.upper()])), None)
    if roll is None:
        raise UnknownBenefit("code", given=code[:12])
    return render_template(
        "benefits/roll.html", place=place, today=today, roll=roll_words(current_actor(), roll, lang, today),
        pdf=link("benefit_papers.roll", code=roll.benefit.code, kind="pdf", place=place.code),
        xlsx=link("benefit_papers.roll", code=roll.benefit.code, kind="xlsx", place=place.code),
        letters=roll.benefit.kind == "letter" and can(current_actor(), "benefits.letter", place.code)
        and "benefit_papers.letter" in current_app.view_functions)


@pages.get("/mine")
@needs("me.view")
def mine() -> str:
    """What one's own household has, and what is still missing for the rest."""
    actor, today, lang = current_actor(), clock.today(), language()
    cards = household_cards(db.session(), actor.book_id, [actor.household_id] if actor.household_id else [])
    if actor.household_id not in cards:
        raise NotFound("household")
    card = cards[actor.household_id]
    found = [mine_words(one, lang, today) for one in benefits_of(db.session(), card, today)]
    return render_template("benefits/mine.html", card=card, benefits=found, today=today,
                           having=sum(1 for one in found if one["entitled"]))


def _form_page(place: PlaceCard, form: FormState, status: int = 200) -> Response:
    kinds = [(kind, kind_words(kind, language())) for kind in KINDS]
    return make_response(render_template("benefits/new.html", place=place, form=form, kinds=kinds), status)


def _publishing_place() -> PlaceCard:
    code = request.values.get("place") or current_actor().place_code
    require(current_actor(), POWER, at_place=code)
    return place_by_code(db.session(), code)


@pages.get("/new")
@needs(POWER)
def new() -> Response:
    """A new benefit or the next version of one."""
    place = _publishing_place()
    return _form_page(place, blank(effective_on=clock.today().isoformat(), kind="welfare"))


@pages.post("/new")
@needs(POWER)
def publish() -> Response:
    place = _publishing_place()
    command, form = form_command(BenefitForm())
    if command is None:
        return _form_page(place, form, 422)
    try:
        made = publish_benefit(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        refusal.field = {"text": "rule"}.get(refusal.field or "", (refusal.field or "").removeprefix("body."))
        form.refuse(refusal)
        return _form_page(place, form, refusal.status)
    flash(_("“%(title)s”第 %(n)s 版已发布。", title=made.title(language()), n=made.version), "good")
    return make_response(redirect(url_for("benefits.home", place=place.code), code=303))
