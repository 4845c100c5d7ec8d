"""/public/notices: the notices now running, for everybody; objecting needs a sign-in."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, optional_actor
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.places import place_cards
from pointsbank.records.asking import ObjectionTextFormSchema
from pointsbank.records.commands import RaiseObjection
from pointsbank.records.objecting import raise_objection
from pointsbank.records.public import notice_by_id, running_notices
from pointsbank.web import FormState, blank, form_command

public = Blueprint("notices", __name__, template_folder="templates")


@public.get("/public/notices")
def running() -> str:
    """Of one place (?place=), of the reader's own, or of all."""
    actor, asked = optional_actor(), request.args.get("place", "")
    place = asked if asked.isascii() and asked.isdigit() and len(asked) == 12 else actor.place_code if actor else None
    page = running_notices(db.session(), clock.today(), place, _uuid(request.args.get("after")))
    name = place_cards(db.session(), [place]).get(place) if place else None
    return render_template("records/notices.html", rows=page.rows, next_key=page.next_key, today=clock.today(),
                           place=name.name if name else None)


@public.get("/public/notices/<uuid:record_id>")
def show(record_id: UUID) -> str:
    """One notice, with the form to object."""
    return _page(record_id, blank())


@public.post("/public/notices/<uuid:record_id>/objection")
def object_to(record_id: UUID) -> Response:
    by = current_actor()
    command, form = form_command(ObjectionTextFormSchema())
    status = 422
    if command is not None:
        try:
            raised = raise_objection(db.session(), RaiseObjection(command["key"], record_id, command["text"]), by=by,
                                     at=clock.now())
            flash(_("异议已收到,%(day)s 前答复。公示已暂停。", day=raised.answer_by.isoformat()), "good")
            return redirect(url_for("notices.show", record_id=record_id), code=303)
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(_page(record_id, form), status)


def _page(record_id: UUID, form: FormState) -> str:
    row = notice_by_id(db.session(), record_id, clock.today())
    if row is None:
        raise NotFound("notice")
    return render_template("records/notice.html", row=row, form=form, today=clock.today())


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("after") from None
