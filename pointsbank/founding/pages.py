"""/openings: the passbooks' balances from a sheet; one person enters, another confirms."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.founding.openings import (
    CONFIRM,
    ENTER,
    TITLES,
    EnterOpenings,
    WrongRows,
    confirm_openings,
    enter_openings,
    read_openings,
    sheets_of,
    withdraw_openings,
)
from pointsbank.imports.rows import Finding
from pointsbank.sheets import write_xlsx
from pointsbank.web.forms import FormState, blank, form_command
from pointsbank.web.viewer import language

pages = Blueprint("openings", __name__, template_folder="templates", url_prefix="/openings")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadSchema(Schema):
    key = fields.UUID(required=True)


def _context(findings: list[Finding] | None = None) -> dict[str, Any]:
    actor = current_actor()
    return {"sheets": sheets_of(db.session(), actor, actor.place_code), "lang": language(),
            "findings": findings or [], "may_enter": can(actor, ENTER, actor.place_code),
            "may_confirm": can(actor, CONFIRM, actor.place_code), "me": actor.user_id}


@pages.get("")
@needs("people.view")
def home() -> str:
    return render_template("founding/openings.html", form=blank(), **_context())


@pages.get("/template.xlsx")
@needs(ENTER)
def template() -> Response:
    """An empty sheet with the right column names."""
    answer = make_response(write_xlsx(TITLES, [("H001", "146.00", "2027-03-31")], sheet="期初余额"))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = "attachment; filename=openings-template.xlsx"
    return answer


@pages.post("")
@needs(ENTER)
def enter() -> Response:
    actor, s = current_actor(), db.session()
    command, form = form_command(UploadSchema())
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise BadInput("file", "请先选一个文件。", "Choose a file first.")
        if command is None:
            return _again(form)
        lines = read_openings(s, actor.place_code, given.read(), given.filename, clock.today())
        enter_openings(s, EnterOpenings(command["key"], actor.place_code, lines), by=actor, at=clock.now())
    except WrongRows as refusal:
        return _again(form, refusal, refusal.findings)
    except DomainError as refusal:
        refusal.field = "file"
        return _again(form, refusal)
    flash(_("已收下,请另一位同事来确认。"), "good")
    return redirect(url_for("openings.home"), code=303)


def _again(form: FormState, refusal: DomainError | None = None, findings: list[Finding] | None = None) -> Response:
    return form.again("founding/openings.html", refusal, **_context(findings))


@pages.post("/<uuid:sheet_id>/confirm")
@needs(CONFIRM)
def confirm(sheet_id: UUID) -> Response:
    try:
        confirm_openings(db.session(), sheet_id, by=current_actor(), at=clock.now())
        flash(_("期初余额已入账。"), "good")
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        flash(refusal.sentence(language()), "bad")
    return redirect(url_for("openings.home"), code=303)


@pages.post("/<uuid:sheet_id>/withdraw")
@needs(ENTER)
def withdraw(sheet_id: UUID) -> Response:
    withdraw_openings(db.session(), sheet_id, by=current_actor(), at=clock.now())
    return redirect(url_for("openings.home"), code=303)
