"""/territory: the places below one's own with their days of validity, and a sheet to change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy import select
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.imports.rows import Finding
from pointsbank.places import Place
from pointsbank.sheets import write_xlsx
from pointsbank.territory.importing import POWER, TITLES, ImportPlaces, WrongPlaces, import_places, read_places
from pointsbank.web.forms import blank, form_command
from pointsbank.web.viewer import language

pages = Blueprint("territory", __name__, template_folder="templates", url_prefix="/territory")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 1_000


class UploadSchema(Schema):
    key = fields.UUID(required=True)


def _below() -> list[Place]:
    place = db.session().get(Place, current_actor().place_code)
    return list(db.session().scalars(select(Place).where(Place.path.startswith(place.path)).order_by(Place.code)
                                     .limit(SHOWN))) if place else []


def _context(findings: list[Finding] | None = None) -> dict[str, Any]:
    return {"places": _below(), "findings": findings or [], "lang": language()}


@pages.get("")
@needs(POWER)
def home() -> str:
    return render_template("territory/home.html", form=blank(), **_context())


@pages.get("/places.xlsx")
@needs(POWER)
def sheet() -> Response:
    """The places as they are: to change and to upload again."""
    rows = [(one.code, one.name, one.body or "", one.valid_from, one.valid_until, one.replaced_by or "")
            for one in _below()]
    answer = make_response(write_xlsx(TITLES, rows, sheet="区划"))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = "attachment; filename=places.xlsx"
    return answer


@pages.post("")
@needs(POWER)
def upload() -> Response:
    command, form = form_command(UploadSchema())
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise BadInput("file", "请先选一个文件。", "Choose a file first.")
        if command is None:
            return form.again("territory/home.html", **_context())
        done = import_places(db.session(), ImportPlaces(command["key"], read_places(given.read(), given.filename)),
                             by=current_actor(), at=clock.now())
    except WrongPlaces as refusal:
        return form.again("territory/home.html", refusal, **_context(refusal.findings))
    except DomainError as refusal:
        refusal.field = "file"
        return form.again("territory/home.html", refusal, **_context())
    flash(_("新登记 %(added)s 处,改了 %(changed)s 处。", added=done["added"], changed=done["changed"]), "good")
    return redirect(url_for("territory.home"), code=303)
