"""/people/minors: guardians' consents; /people/numbers: ID numbers, and those that wait for a second person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.households.consents import (
    POWER,
    GiveConsent,
    WithdrawConsent,
    give_consent,
    minors_of_place,
    withdraw_consent,
)
from pointsbank.households.doing import POWER as CHANGE
from pointsbank.households.numbers import ConfirmNumber, GiveNumber, confirm_number, give_number, waiting_numbers
from pointsbank.households.queries import VIEW
from pointsbank.people import persons_of_place
from pointsbank.places import place_by_code
from pointsbank.web.forms import FormState, blank, form_command

minor_pages = Blueprint("minors", __name__, template_folder="templates", url_prefix="/people/minors")
number_pages = Blueprint("numbers", __name__, template_folder="templates", url_prefix="/people/numbers")


class ConsentForm(Schema):
    key = fields.UUID(required=True)
    guardian = fields.UUID(required=True)
    given_on = fields.Date(required=True)


class KeyForm(Schema):
    key = fields.UUID(required=True)


class NumberForm(Schema):
    key = fields.UUID(required=True)
    person = fields.UUID(required=True)
    id_no = fields.Str(required=True, validate=Length(1, 40))
    seen = fields.Str(required=True, validate=Length(2, 300))


class ConfirmForm(Schema):
    key = fields.UUID(required=True)
    agreed = fields.Bool(required=True)


def _minors(refused: tuple[UUID, FormState] | None = None) -> dict[str, Any]:
    actor = current_actor()
    place = place_by_code(db.session(), actor.place_code)
    return {"place": place, "today": clock.today(), "refused": refused,
            "minors": minors_of_place(db.session(), place.code, on=clock.today()) if place.level == "village" else []}


@minor_pages.get("")
@needs(POWER)
def home() -> str:
    return render_template("households/minors.html", **_minors())


@minor_pages.post("/<uuid:person_id>")
@needs(POWER)
def give(person_id: UUID) -> Response:
    command, form = form_command(ConsentForm(), prefix=f"{person_id}-")
    try:
        if command is not None:
            give_consent(db.session(), GiveConsent(command["key"], person_id, command["guardian"], command["given_on"]),
                         by=current_actor(), at=clock.now())
            flash(_("同意书已登记。"), "good")
            return redirect(url_for("minors.home"), code=303)
    except DomainError as refusal:
        if refusal.status == NotFound.status:
            raise
        form.refuse(refusal)
    return make_response(render_template("households/minors.html", **_minors((person_id, form))), 422)


@minor_pages.post("/consents/<uuid:consent_id>/withdrawal")
@needs(POWER)
def withdraw(consent_id: UUID) -> Response:
    command, form = form_command(KeyForm())
    key = command["key"] if command else UUID(form.key)
    withdraw_consent(db.session(), WithdrawConsent(key, consent_id, clock.today()), by=current_actor(),
                     at=clock.now())
    flash(_("同意书已撤回,从今天起不再记录,也不再显示姓名。"), "good")
    return redirect(url_for("minors.home"), code=303)


def _numbers() -> dict[str, Any]:
    actor, s = current_actor(), db.session()
    may_give = can(actor, POWER, actor.place_code) and place_by_code(s, actor.place_code).level == "village"
    people = [(str(one.id), f"{one.name} {one.household_code}") for one in persons_of_place(s, actor.place_code)] \
        if may_give else []
    return {"waiting": waiting_numbers(s, by=actor), "may_give": may_give, "people": people}


@number_pages.get("")
@needs(VIEW)
def index() -> str:
    return render_template("households/numbers.html", form=blank(), **_numbers())


@number_pages.post("")
@needs(POWER)
def put() -> Response:
    command, form = form_command(NumberForm())
    if command is None:
        return form.again("households/numbers.html", **_numbers())
    try:
        row = give_number(db.session(), GiveNumber(command["key"], command["person"], command["id_no"],
                                                   command["seen"]), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("households/numbers.html", refusal, **_numbers())
    if row.status == "agreed":
        flash(_("证件号已登记。"), "good")
    else:
        flash(_("校验位不对,先不登记。请另一位同志对照证件原件确认。"), "wait")
    return redirect(url_for("numbers.index"), code=303)


@number_pages.post("/<uuid:claim_id>")
@needs(CHANGE)
def confirm(claim_id: UUID) -> Response:
    command, form = form_command(ConfirmForm())
    key, agreed = (command["key"], command["agreed"]) if command else (UUID(form.key), False)
    row = confirm_number(db.session(), ConfirmNumber(key, claim_id, agreed), by=current_actor(), at=clock.now())
    flash(_("已确认,证件号登记好了。") if row.status == "agreed" else _("没有确认,这个证件号不登记。"), "good")
    return redirect(url_for("numbers.index"), code=303)
