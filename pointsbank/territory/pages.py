"""/territory: the places below one's own with their days of validity; a sheet of the tree tried, then taken in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from sqlalchemy import select
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.places import Place
from pointsbank.sheets import write_csv, write_xlsx
from pointsbank.territory.exporting import tree_rows
from pointsbank.territory.judging import POWER
from pointsbank.territory.models import CHECKED, DONE
from pointsbank.territory.tree_sheet import TITLES
from pointsbank.territory.uploads import (
    ReceiveTree,
    confirm_tree,
    discard_tree,
    receive_tree,
    recent_trees,
    tree_view,
)
from pointsbank.web.forms import blank, form_command
from pointsbank.web.viewer import language

pages = Blueprint("territory", __name__, template_folder="templates", url_prefix="/territory")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 1_000


class UploadSchema(Schema):
    key = fields.UUID(required=True)


def _context() -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    place = s.get(Place, actor.place_code)
    places = list(s.scalars(select(Place).where(Place.path.startswith(place.path)).order_by(Place.code)
                            .limit(SHOWN))) if place else []
    return {"places": places, "past": recent_trees(s, actor.book_id, actor.place_code)}


@pages.get("")
@needs(POWER)
def home() -> str:
    return render_template("territory/home.html", form=blank(), **_context())


@pages.get("/places.xlsx")
@needs(POWER)
def sheet() -> Response:
    """The tree as it is, with venues and grids: to change and to upload again."""
    return _file(write_xlsx(TITLES, tree_rows(db.session(), current_actor()), sheet="区划"), "places.xlsx")


def _file(data: bytes, name: str) -> Response:
    answer = make_response(data)
    answer.mimetype = "text/csv" if name.endswith(".csv") else XLSX
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@pages.get("/template.<any(xlsx, csv):kind>")
@needs(POWER)
def template(kind: str) -> Response:
    """An empty sheet with the right column names and one example row of each kind."""
    rows = [("230199100300", "(示例村,请改)", "", "2026-01-01", "", "", "地区", "", "", ""),
            ("230199100300", "(示例广场)", "", "", "", "", "广场", "", "", ""),
            ("230199100300", "第一网格", "", "", "", "", "网格", "1", "", "H001至H030")]
    data = write_csv(TITLES, rows) if kind == "csv" else write_xlsx(TITLES, rows, sheet="区划")
    return _file(data, f"tree-template.{kind}")


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
        row = receive_tree(db.session(), ReceiveTree(command["key"], given.filename, given.read()),
                           by=current_actor(), at=clock.now())
    except DomainError as refusal:
        refusal.field = "file"
        return form.again("territory/home.html", refusal, **_context())
    return redirect(url_for("territory.show", file_id=row.id), code=303)


@pages.get("/uploads/<uuid:file_id>")
@needs(POWER)
def show(file_id: UUID) -> str:
    """The dry run, or what became of it."""
    view = tree_view(db.session(), file_id, by=current_actor())
    return render_template("territory/show.html", view=view, findings=view.findings[:SHOWN], lang=language(),
                           running=False, stuck=False, checked=view.status == CHECKED, finished=view.status == DONE)


@pages.get("/uploads/<uuid:file_id>/findings.xlsx")
@needs(POWER)
def findings(file_id: UUID) -> Response:
    """The bad rows as a sheet, to put the file right beside it."""
    view, lang = tree_view(db.session(), file_id, by=current_actor()), language()
    rows = [(one.row, one.column, one.title, one.sentence(lang)) for one in view.findings]
    return _file(write_xlsx([_("行"), _("列"), _("列名"), _("原因")], rows), "tree-rows-to-correct.xlsx")


@pages.post("/uploads/<uuid:file_id>/confirm")
@needs(POWER)
def confirm(file_id: UUID) -> Response:
    row = confirm_tree(db.session(), file_id, by=current_actor(), at=clock.now())
    flash(_("新登记 %(added)s 处,改了 %(changed)s 处。", added=row.figures["added"], changed=row.figures["changed"]),
          "good")
    return redirect(url_for("territory.home"), code=303)


@pages.post("/uploads/<uuid:file_id>/discard")
@needs(POWER)
def discard(file_id: UUID) -> Response:
    discard_tree(db.session(), file_id, by=current_actor(), at=clock.now())
    return redirect(url_for("territory.home"), code=303)
