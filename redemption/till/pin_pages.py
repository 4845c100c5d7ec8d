"""/till/pins/<household>: a forgotten PIN renewed with a second person; the new one is shown once."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from marshmallow import Schema, fields
from marshmallow.validate import Length
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.web import FormState, blank, form_command
from redemption.second import countersigner
from redemption.shops.desk import shop_here
from redemption.till.pins import RenewPin, renew_pin
from redemption.till.selling import POWER, find_customer

pages = Blueprint("pins", __name__, template_folder="templates")


class PinForm(Schema):
    key = fields.UUID(required=True)
    shop = fields.String(required=True, validate=Length(12, 20))
    second_login = fields.String(required=True, validate=Length(1, 60))
    second_password = fields.String(required=True, validate=Length(1, 200))


def _page(code: str, form: FormState, pin: str | None = None) -> str:
    shop = shop_here(request.values.get("shop"), POWER)
    household = find_customer(db.session(), shop, code)
    return render_template("till/pin.html", form=form, shop=shop, household=household, pin=pin)


@pages.get("/till/pins/<code>")
@needs(POWER)
def ask(code: str) -> str:
    return _page(code, blank())


@pages.post("/till/pins/<code>")
@needs(POWER)
def renew(code: str) -> Response:
    """Answers with the PIN at once: it is nowhere to be fetched again."""
    command, form = form_command(PinForm())
    if command is None:
        return make_response(_page(code, form), 422)
    s, at = db.session(), clock.now()
    shop = shop_here(command["shop"], POWER)
    household = find_customer(s, shop, code)
    try:
        second = countersigner(s, command["second_login"], command["second_password"], at=at)
        pin = renew_pin(s, RenewPin(shop.code, household.id), by=current_actor(), second=second, at=at)
    except DomainError as refusal:
        refusal.field = "second_login"
        form.typed.pop("second_password", None)
        form.refuse(refusal)
        return make_response(_page(code, form), refusal.status)
    answer = make_response(_page(code, blank(), pin))
    answer.headers["Cache-Control"] = "no-store"
    return answer
