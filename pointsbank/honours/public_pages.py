"""/public/honours: ratings and corrections on notice, for everybody; objecting needs a sign-in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, optional_actor
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.honours.objecting import object_to
from pointsbank.honours.public import corrections_shown, one_running, running
from pointsbank.honours.schemas import ObjectSchema
from pointsbank.places import place_cards
from pointsbank.web import FormState, blank, form_command, language

public = Blueprint("honour_notices", __name__, template_folder="templates")


@public.get("/public/honours")
def listed() -> str:
    """Of one place (?place=), of the reader's own, or of all."""
    actor, asked, s = optional_actor(), request.args.get("place", ""), db.session()
    place = asked if asked.isascii() and asked.isdigit() and len(asked) == 12 else actor.place_code if actor else None
    card = place_cards(s, [place]).get(place) if place else None
    village = place if card is not None and card.level == "village" else None
    return render_template("honours/public.html", notices=running(s, clock.today(), village),
                           corrections=corrections_shown(s, clock.today(), village), today=clock.today(),
                           place=card.name if card and village else None, lang=language())


@public.get("/public/honours/<uuid:honour_id>")
def show(honour_id: UUID) -> str:
    """One row, with the form to object."""
    return _page(honour_id, blank())


def _page(honour_id: UUID, form: FormState) -> str:
    one = one_running(db.session(), honour_id, clock.today())
    if one is None:
        raise NotFound("notice")
    return render_template("honours/public_one.html", one=one, form=form, today=clock.today(), lang=language(),
                           stars={star.code: star.title(language()) for star in one.cycle.scheme.stars})


@public.post("/public/honours/<uuid:honour_id>/objection")
def object_here(honour_id: UUID) -> Response:
    """Object to the row, or to one star of it."""
    by = current_actor()
    command, form = form_command(ObjectSchema(), extra={"honour_id": str(honour_id)})
    status = 422
    if command is not None:
        try:
            day = object_to(db.session(), command, by=by, at=clock.now())
            flash(_("异议已收到,%(day)s 前答复。这一户的公示已暂停。", day=day.isoformat()), "good")
            return redirect(url_for("honour_notices.show", honour_id=honour_id), code=303)
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(_page(honour_id, form), status)
