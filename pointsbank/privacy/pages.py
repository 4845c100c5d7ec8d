"""/me/data: what is kept about us; /privacy/<household>: the same for whoever may erase, and the erasure."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import OneOf
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import HouseholdCard, household_cards, persons_of_household
from pointsbank.privacy.erasing import POWER, REASONS, ErasePerson, erase_person
from pointsbank.privacy.exporting import own_data
from pointsbank.web.forms import FormState, blank, form_command

pages = Blueprint("privacy", __name__, template_folder="templates")


class EraseForm(Schema):
    key = fields.UUID(required=True)
    person = fields.UUID(required=True)
    reason = fields.Str(required=True, validate=OneOf(REASONS))


def _own() -> UUID:
    household_id = current_actor().household_id
    if household_id is None:
        raise NotFound("household")
    return household_id


def _file(data: dict[str, Any]) -> Response:
    answer = make_response(json.dumps(data, ensure_ascii=False, indent=1, default=str))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    return answer


@pages.get("/me/data")
@needs("me.view")
def mine() -> str:
    """What is kept about us, by kind, and the whole of it as a file."""
    data = own_data(db.session(), _own(), by=current_actor(), at=clock.now())
    return render_template("privacy/mine.html", data=data)


@pages.get("/me/data.json")
@needs("me.view")
def mine_file() -> Response:
    return _file(own_data(db.session(), _own(), by=current_actor(), at=clock.now()))


def _home(household_id: UUID) -> HouseholdCard:
    actor = current_actor()
    home = household_cards(db.session(), actor.book_id, [household_id]).get(household_id)
    if home is None or not can(actor, POWER, home.place_code):
        raise NotFound("household")
    return home


def _context(household_id: UUID) -> dict[str, Any]:
    home = _home(household_id)
    people = persons_of_household(db.session(), home.book_id, home.id)
    words = {"withdrawn": _("撤回同意"), "asked": _("本人要求"), "died": _("去世"), "retention": _("保存期满")}
    return {"home": home, "people": [(str(one.id), one.name) for one in people],
            "reasons": [(name, words[name]) for name in REASONS]}


@pages.get("/privacy/<uuid:household_id>")
@needs(POWER)
def household(household_id: UUID) -> str:
    return render_template("privacy/household.html", form=blank(), **_context(household_id))


@pages.get("/privacy/<uuid:household_id>/data.json")
@needs(POWER)
def household_file(household_id: UUID) -> Response:
    """For somebody without a phone, to be handed over on paper or a stick; the look is in the trail."""
    return _file(own_data(db.session(), household_id, by=current_actor(), at=clock.now()))


@pages.post("/privacy/<uuid:household_id>")
@needs(POWER)
def erase(household_id: UUID) -> Response:
    context = _context(household_id)
    command, form = form_command(EraseForm())
    if command is None:
        return _again(form, context)
    if command["person"] not in {UUID(id_) for id_, _name in context["people"]}:
        return _again(form, context, NotFound("person"))
    try:
        erase_person(db.session(), ErasePerson(**command), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return _again(form, context, refusal)
    flash(_("已删除。账上的时长和积分还在,只是再也看不出是谁。"), "good")
    return redirect(url_for("privacy.household", household_id=household_id), code=303)


def _again(form: FormState, context: dict[str, Any], refusal: DomainError | None = None) -> Response:
    return form.again("privacy/household.html", refusal, **context)
