"""/tokens: API tokens of one's own: which of one's powers, where, until when; shown once, ended at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import MakeToken, current_actor, end_token, make_token, tokens_of
from pointsbank.access.actor import powers_at
from pointsbank.access.tokens import LONGEST, Made
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.staff.words import grouped, power_word
from pointsbank.web import FormState, blank, form_command
from pointsbank.web.viewer import place_choices

pages = Blueprint("tokens", __name__, template_folder="templates")
USUAL = timedelta(days=90)


class TokenSchema(Schema):
    key = fields.UUID(required=True)
    name = fields.Str(required=True, validate=Length(2, 30))
    place = fields.Str(required=True, validate=Length(12, 12))
    scopes = fields.List(fields.Str(validate=Length(1, 40)), load_default=list)
    until = fields.Date(required=True)


def _page(form: FormState, status: int = 200, made: Made | None = None) -> Response:
    by, today = current_actor(), clock.today()
    places: Any = dict(place_choices(by)) or {by.place_code: by.place_code}
    mine = frozenset().union(*(powers_at(by, place) for place in places))
    answer = make_response(render_template(
        "staff/tokens.html", form=form, rows=tokens_of(db.session(), by, at=clock.now()), made=made,
        groups=[(title, some) for title, some in grouped(mine) if some], places=sorted(places.items()), names=places,
        power_word=power_word, first_day=today + timedelta(days=1), last_day=today + LONGEST, usual=today + USUAL,
        here=by.place_code), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/tokens")
def home() -> Response:
    current_actor()
    return _page(blank())


@pages.post("/tokens")
def make() -> Response:
    """A new token; its secret is shown once, on this answer."""
    by = current_actor()
    command, form = form_command(TokenSchema())
    if command is None:
        return _page(form, 422)
    try:
        made = make_token(db.session(), MakeToken(command["name"], tuple(command["scopes"]), command["place"],
                                                  command["until"]), by=by, at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(form, refusal.status)
    return _page(blank(), 201, made)


@pages.post("/tokens/<uuid:token_id>/end")
def end(token_id: UUID) -> Response:
    end_token(db.session(), token_id, by=current_actor(), at=clock.now())
    flash(_("令牌已停用,马上生效。"), "good")
    return redirect(url_for("tokens.home"), code=303)
