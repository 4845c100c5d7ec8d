"""/reviews: results of joint reviews of a place and its households; /reviews/new; taking back; /reviews/mine."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import can, current_actor, needs, require, require_seen
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import find_household, household_cards
from pointsbank.places import PlaceCard, place_by_code
from pointsbank.reviews.queries import ResultView, result_by_id, results_of_household, results_of_place
from pointsbank.reviews.schemas import ResultForm, WithdrawalForm
from pointsbank.reviews.service import KINDS, LEVELS, POWER, register_result, withdraw_result
from pointsbank.reviews.wording import kind_words, level_words
from pointsbank.web import FormState, blank, form_command, language

pages = Blueprint("reviews", __name__, template_folder="templates", url_prefix="/reviews")
VIEW = "reviews.view"


def _place(power: str) -> PlaceCard:
    code = request.values.get("place") or current_actor().place_code
    require(current_actor(), power, at_place=code)
    return place_by_code(db.session(), code)


def rows_of(views: list[ResultView]) -> list[dict[str, Any]]:
    """Honours as the tables show them."""
    lang = language()
    return [{**view._asdict(), "kind_name": kind_words(view.kind, lang), "level_name": level_words(view.level, lang),
             "state": "off" if view.withdrawn_on or not view.granted else ""} for view in views]


@pages.get("")
@needs(VIEW)
def home() -> str:
    """The results of a place, or of one household of it (`household`)."""
    place, actor = _place(VIEW), current_actor()
    code = request.args.get("household", "").strip().upper()
    home = find_household(db.session(), place.code, code) if code else None
    if code and home is None:
        raise NotFound("household")
    found = (results_of_household(db.session(), actor.book_id, home.id) if home
             else results_of_place(db.session(), actor.book_id, place.code))
    return render_template("reviews/home.html", place=place, household=home, honours=rows_of(found),
                           standing=sum(1 for one in found if one.granted and not one.withdrawn_on),
                           may_register=can(actor, POWER, place.code), today=clock.today())


@pages.get("/mine")
@needs("me.view")
def mine() -> str:
    """A family's own honours from above."""
    actor = current_actor()
    cards = household_cards(db.session(), actor.book_id, [actor.household_id] if actor.household_id else [])
    if actor.household_id not in cards:
        raise NotFound("household")
    found = results_of_household(db.session(), actor.book_id, actor.household_id)
    return render_template("reviews/mine.html", card=cards[actor.household_id], honours=rows_of(found))


def _form_page(place: PlaceCard, form: FormState, status: int = 200) -> Response:
    lang = language()
    return make_response(render_template(
        "reviews/new.html", place=place, form=form, today=clock.today(),
        kinds=[(kind, kind_words(kind, lang)) for kind in KINDS],
        levels=[(level, level_words(level, lang)) for level in LEVELS]), status)


@pages.get("/new")
@needs(POWER)
def new() -> Response:
    return _form_page(_place(POWER), blank(result="granted", level="county", kind="family",
                                           household=request.args.get("household", "")[:20]))


@pages.post("/new")
@needs(POWER)
def register() -> Response:
    place = _place(POWER)
    command, form = form_command(ResultForm())
    if command is None:
        return _form_page(place, form, 422)
    try:
        register_result(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return _form_page(place, form, refusal.status)
    flash(_("“%(title)s”的结果已登记。", title=command.title), "good")
    return make_response(redirect(url_for("reviews.home", place=place.code), code=303))


def _found(result_id: UUID) -> ResultView:
    actor = current_actor()
    view = result_by_id(db.session(), actor.book_id, result_id)
    require_seen(actor, POWER, at_place=view.place_code, what="result")
    return view


@pages.get("/<uuid:result_id>/withdrawal")
@needs(POWER)
def ask_withdrawal(result_id: UUID) -> str:
    return render_template("reviews/withdraw.html", honour=_found(result_id), form=blank(), today=clock.today())


@pages.post("/<uuid:result_id>/withdrawal")
@needs(POWER)
def withdraw(result_id: UUID) -> Response:
    view = _found(result_id)
    command, form = form_command(WithdrawalForm(), extra={"result_id": str(result_id)})
    if command is None:
        return form.again("reviews/withdraw.html", honour=view, today=clock.today())
    try:
        withdraw_result(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("reviews/withdraw.html", refusal, honour=view, today=clock.today())
    flash(_("已登记撤销。"), "good")
    return make_response(redirect(url_for("reviews.home", place=view.place_code), code=303))
