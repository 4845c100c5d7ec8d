"""/imports: upload → columns → dry run → confirm. Each step has its own address and works without JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from pointsbank import background, clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError
from pointsbank.imports.fields import FIELDS
from pointsbank.imports.models import CHECKED, CHECKING, DONE, IMPORTING
from pointsbank.imports.queries import ImportView, find_import, import_view, recent_imports
from pointsbank.imports.running import check_file, import_rows, start_check, start_import, unstick
from pointsbank.imports.service import ChooseColumns, ReceiveFile, choose_columns, discard_file, receive_file
from pointsbank.schedule import rules_in_force
from pointsbank.sheets import write_csv, write_xlsx
from pointsbank.web.forms import blank, form_command
from pointsbank.web.viewer import language

pages = Blueprint("imports", __name__, template_folder="templates", url_prefix="/imports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATE_FIELDS = ("household", "name", "rule", "service_on", "started", "minutes", "activity", "external_no", "note")


class UploadSchema(Schema):
    key = fields.UUID(required=True)


class ColumnsSchema(Schema):
    """`columns`: one select per field, holding the 0-based column."""

    class Meta:
        include = {f"column_{field.name}": fields.Int(load_default=None, validate=validate.Range(0, 255))
                   for field in FIELDS}

    key = fields.UUID(required=True)
    unit = fields.Str(load_default="hours", validate=validate.OneOf(("hours", "minutes")))
    rule = fields.Str(load_default="", validate=validate.Length(max=12))
    sheet = fields.Str(load_default=None, validate=validate.Length(max=100))
    hidden_rows = fields.Bool(load_default=False)


class KeySchema(Schema):
    key = fields.UUID()


def _app() -> Any:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # the thread outlives the request


@pages.get("")
@needs("imports.hours")
def home() -> str:
    actor = current_actor()
    return render_template("imports/home.html", form=blank(),
                           past=recent_imports(db.session(), actor.book_id, actor.place_code))


@pages.post("")
@needs("imports.hours")
def upload() -> Response:
    actor = current_actor()
    command, form = form_command(UploadSchema())
    past = recent_imports(db.session(), actor.book_id, actor.place_code)
    given = request.files.get("file")
    try:
        if given is None or not given.filename:
            raise BadInput("file", "请先选一个文件。", "Choose a file first.")
        if command is None:
            return form.again("imports/home.html", past=past)
        row = receive_file(db.session(), ReceiveFile(command["key"], actor.place_code, given.filename, given.read()),
                           by=actor, at=clock.now())
    except DomainError as refusal:
        refusal.field = "file"
        return form.again("imports/home.html", refusal, past=past)
    return make_response(redirect(url_for("imports.columns", import_id=row.id), code=303))


@pages.get("/template.<kind>")
@needs("imports.hours")
def template(kind: str) -> Response:
    """An empty sheet with the right column names and one example row."""
    chosen = [field for field in FIELDS if field.name in TEMPLATE_FIELDS]
    titles, example = [field.synonyms[0] for field in chosen], [field.example for field in chosen]
    if kind == "csv":
        answer = make_response(write_csv(titles, [example]))
        answer.mimetype = "text/csv"
    else:
        answer = make_response(write_xlsx(titles, [example], sheet="服务时长"))
        answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = f"attachment; filename=hours-template.{'csv' if kind == 'csv' else 'xlsx'}"
    return answer


def _columns_context(import_id: UUID, view: ImportView) -> dict[str, Any]:
    actor = current_actor()
    shown = find_import(db.session(), import_id, by=actor, sheet=request.values.get("sheet"))
    rules = rules_in_force(db.session(), view.place_code, clock.today())
    choices = [(str(index), f"{letter} · {name or _('(没有标题)')}")
               for index, (letter, name) in enumerate(zip(shown.letters, shown.header.names, strict=True))]
    return {"view": view, "shown": shown, "fields": FIELDS, "choices": choices,
            "rules": [(code, f"{code} {rule.item}") for code, rule in sorted(rules.items())]}


@pages.get("/<uuid:import_id>/columns")
@needs("imports.hours")
def columns(import_id: UUID) -> str:
    view = import_view(db.session(), import_id, by=current_actor())
    start = {f"column_{name}": str(index) for name, index in view.choices.columns.items()}
    form = blank(unit=view.choices.unit, rule=view.choices.rule, hidden_rows=view.choices.hidden_rows, **start)
    return render_template("imports/columns.html", form=form, **_columns_context(import_id, view))


@pages.post("/<uuid:import_id>/columns")
@needs("imports.hours")
def choose(import_id: UUID) -> Response:
    actor = current_actor()
    view = import_view(db.session(), import_id, by=actor)
    command, form = form_command(ColumnsSchema())
    context = _columns_context(import_id, view)
    if command is None:
        return form.again("imports/columns.html", **context)
    chosen = {name.removeprefix("column_"): index for name, index in command.items()
              if name.startswith("column_") and index is not None}
    try:
        choose_columns(db.session(), ChooseColumns(import_id, chosen, command["unit"], command["rule"],
                                                   context["shown"].book.sheet, command["hidden_rows"]),
                       context["shown"].header, by=actor, at=clock.now())
        if start_check(db.session(), import_id, by=actor):
            background.carry_on(_app(), check_file, import_id, actor, clock.now())
    except DomainError as refusal:
        return form.again("imports/columns.html", refusal, **context)
    return make_response(redirect(url_for("imports.show", import_id=import_id), code=303))


@pages.get("/<uuid:import_id>")
@needs("imports.hours")
def show(import_id: UUID) -> str:
    """The dry run, the progress of a run, or what became of it."""
    actor = current_actor()
    view = import_view(db.session(), import_id, by=actor)
    running = view.status in (CHECKING, IMPORTING)
    return render_template("imports/show.html", view=view, lang=language(), form=blank(), running=running,
                           stuck=running and not background.is_running(import_id), checked=view.status == CHECKED,
                           finished=view.status == DONE)


@pages.get("/<uuid:import_id>/progress")
@needs("imports.hours")
def progress(import_id: UUID) -> Response:
    view = import_view(db.session(), import_id, by=current_actor())
    finished = view.status not in (CHECKING, IMPORTING)
    words = _("正在试算") if view.status == CHECKING else _("正在导入")
    return jsonify(done=view.done, total=view.total, finished=finished, next=url_for("imports.show", import_id=view.id),
                   sentence=f"{words} {view.done} / {view.total}")


@pages.post("/<uuid:import_id>/confirm")
@needs("imports.hours")
def confirm(import_id: UUID) -> Response:
    actor = current_actor()
    if start_import(db.session(), import_id, by=actor):
        background.carry_on(_app(), import_rows, import_id, actor, clock.now())
    return make_response(redirect(url_for("imports.show", import_id=import_id), code=303))


@pages.post("/<uuid:import_id>/again")
@needs("imports.hours")
def again(import_id: UUID) -> Response:
    """After a stop of the server: start the run anew."""
    if not background.is_running(import_id):
        unstick(db.session(), import_id, by=current_actor())
    return make_response(redirect(url_for("imports.columns", import_id=import_id), code=303))


@pages.post("/<uuid:import_id>/discard")
@needs("imports.hours")
def discard(import_id: UUID) -> Response:
    discard_file(db.session(), import_id, by=current_actor(), at=clock.now())
    return make_response(redirect(url_for("imports.home"), code=303))


@pages.get("/<uuid:import_id>/findings.xlsx")
@needs("imports.hours")
def findings(import_id: UUID) -> Response:
    """The bad rows as a sheet, to put the file right beside it."""
    view, lang = import_view(db.session(), import_id, by=current_actor()), language()
    rows = [(found.row, found.column, found.title, found.sentence(lang)) for found in view.findings]
    answer = make_response(write_xlsx([_("行"), _("列"), _("列名"), _("原因")], rows))
    answer.mimetype = XLSX
    answer.headers["Content-Disposition"] = "attachment; filename=rows-to-correct.xlsx"
    return answer
