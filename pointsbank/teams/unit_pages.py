"""/pairings: civilised units and the villages they work with; the whole credit code with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Range, Regexp
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.places import PlaceCard, villages_under
from pointsbank.teams.pages import place_asked
from pointsbank.teams.service import EDIT, LIST
from pointsbank.teams.units import (
    TIMES_MAX,
    AddUnit,
    EndPairing,
    PairUp,
    add_unit,
    end_pairing,
    pair,
    pairings_in,
    show_code,
    units,
)
from pointsbank.teams.words import UNIT_LEVELS, choices
from pointsbank.web.forms import FormState, blank, form_command

pairing_pages = Blueprint("pairings", __name__, template_folder="templates", url_prefix="/pairings")
PLACE = Regexp(r"^[0-9]{12}$")


class UnitForm(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    name = fields.Str(required=True, validate=Length(2, 80))
    level = fields.Str(required=True, validate=OneOf(list(UNIT_LEVELS)))
    credit_code = fields.Str(required=True, validate=Length(1, 40))
    named_on = fields.Date(load_default=None)


class PairForm(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    village = fields.Str(load_default=None, validate=PLACE)
    unit = fields.UUID(required=True)
    from_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    times_a_year = fields.Int(load_default=0, validate=Range(0, TIMES_MAX))


class EndForm(Schema):
    key = fields.UUID(required=True)


class CodeForm(Schema):
    key = fields.UUID(required=True)
    why = fields.Str(required=True, validate=Length(2, 80))


def _shown(place: PlaceCard, **forms: FormState) -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    found = units(s, actor.book_id)
    villages = [] if place.level == "village" else [(one.code, one.name) for one in villages_under(s, place.code)]
    pairs = [{**one._asdict(), "level": str(UNIT_LEVELS[one.level]), "state": "" if one.running else "off",
              "may": one.running and can(actor, EDIT, one.place_code)}
             for one in pairings_in(s, actor.book_id, place.code, on=clock.today())]
    return {"place": place, "villages": villages, "pairs": pairs, "may": can(actor, EDIT, place.code),
            "units": [{**one._asdict(), "level": str(UNIT_LEVELS[one.level]),
                       "may": can(actor, EDIT, one.place_code)} for one in found],
            "unit_choices": [(str(one.id), one.name) for one in found], "levels": choices(UNIT_LEVELS),
            "unit_form": forms.get("unit") or blank(prefix="unit-"), "code": None,
            "pair_form": forms.get("pair") or blank(prefix="pair-", times_a_year=4, from_on=clock.today())}


@pairing_pages.get("")
@needs(LIST)
def home() -> str:
    return render_template("teams/pairings.html", **_shown(place_asked(LIST)))


def _page(place: PlaceCard, form: FormState, name: str, refusal: DomainError | None = None) -> Response:
    if refusal is not None:
        form.refuse(refusal)
    return make_response(render_template("teams/pairings.html", **_shown(place, **{name: form})),
                         refusal.status if refusal else 422)


@pairing_pages.post("/units")
@needs(EDIT)
def register_unit() -> Response:
    place = place_asked(EDIT)
    command, form = form_command(UnitForm(), prefix="unit-")
    if command is None:
        return _page(place, form, "unit")
    try:
        add_unit(db.session(), AddUnit(command["key"], place.code, command["name"], command["level"],
                                       command["credit_code"], command["named_on"]), by=current_actor(),
                 at=clock.now())
    except DomainError as refusal:
        return _page(place, form, "unit", refusal)
    flash(_("“%(name)s”已登记。", name=command["name"]), "good")
    return redirect(url_for("pairings.home", place=place.code), code=303)


@pairing_pages.post("")
@needs(EDIT)
def pair_up() -> Response:
    place = place_asked(EDIT)
    command, form = form_command(PairForm(), prefix="pair-")
    if command is None:
        return _page(place, form, "pair")
    try:
        pair(db.session(), PairUp(command["key"], command["unit"], command["village"] or place.code,
                                  command["from_on"], command["until_on"], command["times_a_year"]),
             by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return _page(place, form, "pair", refusal)
    flash(_("结对已登记。"), "good")
    return redirect(url_for("pairings.home", place=place.code), code=303)


@pairing_pages.post("/<uuid:pairing_id>/end")
@needs(EDIT)
def end(pairing_id: UUID) -> Response:
    """Today is the last day."""
    command, form = form_command(EndForm())
    key = command["key"] if command else UUID(form.key)
    end_pairing(db.session(), EndPairing(key, pairing_id, clock.today()), by=current_actor(), at=clock.now())
    flash(_("结对到今天为止。"), "good")
    return redirect(url_for("pairings.home"), code=303)


@pairing_pages.post("/units/<uuid:unit_id>/code")
@needs(EDIT)
def whole_code(unit_id: UUID) -> Response:
    """The whole code, once, on the page that answers; the reason stands in the trail."""
    command, _form = form_command(CodeForm())
    code = show_code(db.session(), unit_id, command["why"] if command else "", by=current_actor(), at=clock.now())
    shown = _shown(place_asked(LIST))
    name = next((one["name"] for one in shown["units"] if one["id"] == unit_id), "")
    return make_response(render_template("teams/pairings.html", **{**shown, "code": (name, code)}))
