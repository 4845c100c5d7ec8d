"""/rosters: upload → columns → dry run → confirm. Each step has its own address and works without JavaScript."""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from pointsbank import background, clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.rosters.fields import FIELDS
from pointsbank.rosters.models import CHECKED, CHECKING, DONE, IMPORTING
from pointsbank.rosters.queries import RosterView, findings_of, recent_rosters, roster_columns, roster_view
from pointsbank.rosters.running import (
    check_roster,
    import_roster,
    start_roster_check,
    start_roster_import,
    unstick_roster,
)
from pointsbank.rosters.service import (
    POWER,
    ChooseRosterColumns,
    ReceiveRoster,
    choose_roster_columns,
    discard_roster,
    receive_roster,
)
from pointsbank.sheets import write_csv, write_xlsx
from pointsbank.web.forms import blank, form_command
from pointsbank.web.viewer import language

pages = Blueprint("rosters", __name__, template_folder="templates", url_prefix="/rosters")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN, EXPORTED = 1_000, 20_000


class UploadSchema(Schema):
    key = fields.UUID(required=True)


class ColumnsSchema(Schema):
    """`column_…`: one select per field, holding the 0-based column."""

    class Meta:
        include = {f"column_{field.name}": fields.Int(load_default=None, validate=validate.Range(0, 255))
                   for field in FIELDS}

    key = fields.UUID(required=True)
    sheet = fields.Str(load_default=None, validate=validate.Length(max=100))
    hidden_rows = fields.Bool(load_default=False)
    take_alike = fields.Bool(load_default=False)


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # the thread outlives the request


def _past() -> Any:
    actor = current_actor()
    return recent_rosters(db.session(), actor.book_id, actor.place_code)


@pages.get("")
@needs(POWER)
def home() -> str:
    return render_template("rosters/home.html", form=blank(), past=_past())


@pages.post("")
@needs(POWER)
def upload() -> Response:
    actor = current_actor()
    command, form = form_command(UploadSchema())
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise BadInput("file", "请先选一个文件。", "Choose a file first.")
        if command is None:
            return form.again("rosters/home.html", past=_past())
        row = receive_roster(db.session(), ReceiveRoster(command["key"], actor.place_code, given.filename,
                                                         given.read()), by=actor, at=clock.now())
    except DomainError as refusal:
        refusal.field = "file"
        return form.again("rosters/home.html", refusal, past=_past())
    return make_response(redirect(url_for("rosters.columns", file_id=row.id), code=303))


@pages.get("/template.<any(xlsx, csv):kind>")
@needs(POWER)
def template(kind: str) -> Response:
    """An empty sheet with the right column names and one example row."""
    titles, example = [field.synonyms[0] for field in FIELDS], [field.example for field in FIELDS]
    answer = make_response(write_csv(titles, [example]) if kind == "csv" else
                           write_xlsx(titles, [example], sheet="名册"))
    answer.mimetype = "text/csv" if kind == "csv" else XLSX
    answer.headers["Content-Disposition"] = f"attachment; filename=roster-template.{kind}"
    return answer


def _columns_context(file_id: UUID, view: RosterView) -> dict[str, Any]:
    shown = roster_columns(db.session(), file_id, by=current_actor(), sheet=request.values.get("sheet"))
    choices = [(str(index), f"{letter} · {name or _('(没有标题)')}")
               for index, (letter, name) in enumerate(zip(shown.letters, shown.header.names, strict=True))]
    return {"view": view, "shown": shown, "fields": FIELDS, "choices": choices}


@pages.get("/<uuid:file_id>/columns")
@needs(POWER)
def columns(file_id: UUID) -> str:
    view = roster_view(db.session(), file_id, by=current_actor())
    start = {f"column_{name}": str(index) for name, index in view.choices.columns.items()}
    form = blank(take_alike=view.take_alike, hidden_rows=view.choices.hidden_rows, **start)
    return render_template("rosters/columns.html", form=form, **_columns_context(file_id, view))


@pages.post("/<uuid:file_id>/columns")
@needs(POWER)
def choose(file_id: UUID) -> Response:
    actor = current_actor()
    view = roster_view(db.session(), file_id, by=actor)
    command, form = form_command(ColumnsSchema())
    context = _columns_context(file_id, view)
    if command is None:
        return form.again("rosters/columns.html", **context)
    chosen = {name.removeprefix("column_"): index for name, index in command.items()
              if name.startswith("column_") and index is not None}
    try:
        choose_roster_columns(db.session(), ChooseRosterColumns(
            file_id, chosen, context["shown"].book.sheet, command["hidden_rows"], command["take_alike"]),
            context["shown"].header, by=actor, at=clock.now())
        if start_roster_check(db.session(), file_id, by=actor):
            background.carry_on(_app(), check_roster, file_id, actor, clock.now())
    except DomainError as refusal:
        return form.again("rosters/columns.html", refusal, **context)
    return make_response(redirect(url_for("rosters.show", file_id=file_id), code=303))


@pages.get("/<uuid:file_id>")
@needs(POWER)
def show(file_id: UUID) -> str:
    """The dry run, the progress of a run, or what became of it."""
    actor, s = current_actor(), db.session()
    view = roster_view(s, file_id, by=actor)
    running = view.status in (CHECKING, IMPORTING)
    findings = list(islice(findings_of(s, file_id, by=actor), SHOWN)) if view.status == CHECKED else []
    return render_template("rosters/show.html", view=view, lang=language(), running=running, findings=findings,
                           stuck=running and not background.is_running(file_id), checked=view.status == CHECKED,
                           finished=view.status == DONE, form=blank())


@pages.get("/<uuid:file_id>/progress")
@needs(POWER)
def progress(file_id: UUID) -> Response:
    view = roster_view(db.session(), file_id, by=current_actor())
    words = _("正在试算") if view.status == CHECKING else _("正在导入")
    return jsonify(done=view.done, total=view.total, finished=view.status not in (CHECKING, IMPORTING),
                   next=url_for("rosters.show", file_id=view.id), sentence=f"{words} {view.done} / {view.total}")


@pages.post("/<uuid:file_id>/confirm")
@needs(POWER)
def confirm(file_id: UUID) -> Response:
    actor = current_actor()
    if start_roster_import(db.session(), file_id, by=actor):
        background.carry_on(_app(), import_roster, file_id, actor, clock.now())
    return make_response(redirect(url_for("rosters.show", file_id=file_id), code=303))


@pages.post("/<uuid:file_id>/again")
@needs(POWER)
def again(file_id: UUID) -> Response:
    """After a stop of the server: an import goes on where it was, a dry run is made anew."""
    actor = current_actor()
    if background.is_running(file_id):
        return make_response(redirect(url_for("rosters.show", file_id=file_id), code=303))
    if roster_view(db.session(), file_id, by=actor).status == IMPORTING:
        background.carry_on(_app(), import_roster, file_id, actor, clock.now())
        return make_response(redirect(url_for("rosters.show", file_id=file_id), code=303))
    unstick_roster(db.session(), file_id, by=actor)
    return make_response(redirect(url_for("rosters.columns", file_id=file_id), code=303))


@pages.post("/<uuid:file_id>/discard")
@needs(POWER)
def discard(file_id: UUID) -> Response:
    discard_roster(db.session(), file_id, by=current_actor(), at=clock.now())
    return make_response(redirect(url_for("rosters.home"), code=303))


@pages.get("/<uuid:file_id>/findings.xlsx")
@needs(POWER)
def findings(file_id: UUID) -> Response:
    """The bad rows as a sheet, to put the file right beside it."""
    lang = language()
    rows = ((one.row, one.column, one.title, one.sentence(lang))
            for one in islice(findings_of(db.session(), file_id, by=current_actor()), EXPORTED))
    answer = make_response(write_xlsx([_("行"), _("列"), _("列名"), _("原因")], list(rows)))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = "attachment; filename=roster-rows-to-correct.xlsx"
    return answer
