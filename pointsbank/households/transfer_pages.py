"""/people/transfers: people asked over from other villages, and those other villages ask for."""

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
from pointsbank.amounts import Points
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.households.queries import VIEW
from pointsbank.households.schemas import TypedPoints
from pointsbank.households.transfers import (
    ASK,
    AskTransfer,
    DecideTransfer,
    WithdrawTransfer,
    ask_transfer,
    decide_transfer,
    requests_of,
    withdraw_transfer,
)
from pointsbank.people import find_household
from pointsbank.places import place_by_code
from pointsbank.web.forms import FormState, blank, form_command

transfer_pages = Blueprint("transfers", __name__, template_folder="templates", url_prefix="/people/transfers")


class AskForm(Schema):
    key = fields.UUID(required=True)
    household = fields.Str(required=True, validate=Length(1, 20))
    id_no = fields.Str(required=True, validate=Length(1, 40))
    consent = fields.Str(required=True, validate=Length(2, 300))


class DecideForm(Schema):
    key = fields.UUID(required=True)
    agreed = fields.Bool(load_default=False)
    note = fields.Str(required=True, validate=Length(2, 300))
    points = TypedPoints(load_default=Points(0))
    head = fields.UUID(load_default=None)


class KeyForm(Schema):
    key = fields.UUID(required=True)


def _context() -> dict[str, Any]:
    actor = current_actor()
    words = {"asked": (_("等着答复"), "wait"), "agreed": (_("已转来"), "good"), "refused": (_("没有同意"), "bad"),
             "withdrawn": (_("已撤回"), "off")}
    village = place_by_code(db.session(), actor.place_code).level == "village"
    return {"requests": requests_of(db.session(), by=actor), "words": words,
            "may_ask": village and can(actor, ASK, actor.place_code), "refused": None}


@transfer_pages.get("")
@needs(VIEW)
def home() -> str:
    return render_template("households/transfers.html", form=blank(), **_context())


@transfer_pages.post("")
@needs(ASK)
def ask() -> Response:
    command, form = form_command(AskForm())
    if command is None:
        return form.again("households/transfers.html", **_context())
    actor, s = current_actor(), db.session()
    try:
        home = find_household(s, actor.place_code, command["household"])
        if home is None:
            raise BadInput("household", "没有这个户号,请核对。", "There is no household of this code; please check.")
        ask_transfer(s, AskTransfer(command["key"], command["id_no"], home.id, command["consent"]), by=actor,
                     at=clock.now())
    except DomainError as refusal:
        return form.again("households/transfers.html", refusal, **_context())
    flash(_("申请已发出,等那里答复。"), "good")
    return redirect(url_for("transfers.home"), code=303)


def _again(form: FormState, request_id: UUID, refusal: DomainError | None = None) -> Response:
    if refusal is not None:
        form.refuse(refusal)
    context = {**_context(), "refused": (request_id, form)}
    return make_response(render_template("households/transfers.html", form=blank(), **context),
                         refusal.status if refusal else 422)


@transfer_pages.post("/<uuid:request_id>/decision")
@needs("households.change")
def decide(request_id: UUID) -> Response:
    command, form = form_command(DecideForm(), prefix=f"{request_id}-")
    if command is None:
        return _again(form, request_id)
    try:
        row = decide_transfer(db.session(), DecideTransfer(
            command["key"], request_id, command["agreed"], command["note"], command["points"], command["head"]),
            by=current_actor(), at=clock.now())
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        return _again(form, request_id, refusal)
    flash(_("已同意,人已转走。") if row.status == "agreed" else _("已答复:不同意。"), "good")
    return redirect(url_for("transfers.home"), code=303)


@transfer_pages.post("/<uuid:request_id>/withdrawal")
@needs(ASK)
def withdraw(request_id: UUID) -> Response:
    command, form = form_command(KeyForm())
    key = command["key"] if command else UUID(form.key)
    withdraw_transfer(db.session(), WithdrawTransfer(key, request_id), by=current_actor(), at=clock.now())
    flash(_("申请已撤回。"), "good")
    return redirect(url_for("transfers.home"), code=303)
