"""Imports as JSON: the same steps as the pages. /api/v1/imports"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput
from pointsbank.imports.queries import ImportView, find_import, import_view
from pointsbank.imports.running import check_file, import_rows, start_check, start_import
from pointsbank.imports.service import ChooseColumns, ReceiveFile, choose_columns, receive_file
from pointsbank.web.api import idempotency_key
from pointsbank.web.viewer import language

blueprint = Blueprint("imports_api", __name__, url_prefix="/api/v1/imports", description="Spreadsheets of hours")


class FindingSchema(Schema):
    row = fields.Int()
    column = fields.Str(metadata={"description": "Letters, as spreadsheet programs show them"})
    title = fields.Str()
    code = fields.Str()
    sentence = fields.Str()


class ImportSchema(Schema):
    id = fields.UUID()
    status = fields.Str()
    columns = fields.Dict(keys=fields.Str(), values=fields.Int())
    figures = fields.Dict()
    findings = fields.List(fields.Nested(FindingSchema))
    imported_before = fields.DateTime(allow_none=True)


class ColumnsSchema(Schema):
    columns = fields.Dict(keys=fields.Str(), values=fields.Int(validate=validate.Range(0, 255)), load_default=None)
    unit = fields.Str(load_default="hours", validate=validate.OneOf(("hours", "minutes")))
    rule = fields.Str(load_default="", validate=validate.Length(max=12))
    hidden_rows = fields.Bool(load_default=False)


def _shown(view: ImportView) -> dict[str, Any]:
    lang = language()
    return {"id": view.id, "status": view.status, "columns": view.choices.columns, "figures": view.figures,
            "imported_before": view.same_as,
            "findings": [{"row": f.row, "column": f.column, "title": f.title, "code": f.code,
                          "sentence": f.sentence(lang)} for f in view.findings]}


@blueprint.post("")
@needs("imports.hours")
@blueprint.response(201, ImportSchema)
def upload() -> Any:
    """Upload a file (multipart field `file`); answers with the columns guessed."""
    actor, given = current_actor(), request.files.get("file")
    if given is None or not given.filename:
        raise BadInput("file", "请先选一个文件。", "Choose a file first.")
    row = receive_file(db.session(), ReceiveFile(idempotency_key(), request.form.get("place") or actor.place_code,
                                                 given.filename, given.read()), by=actor, at=clock.now())
    return _shown(import_view(db.session(), row.id, by=actor))


@blueprint.post("/<uuid:import_id>/check")
@needs("imports.hours")
@blueprint.arguments(ColumnsSchema)
@blueprint.response(200, ImportSchema)
def check(body: dict[str, Any], import_id: UUID) -> Any:
    """The dry run, with the columns given or guessed. Stores no record."""
    idempotency_key()
    actor, s = current_actor(), db.session()
    view, shown = import_view(s, import_id, by=actor), find_import(s, import_id, by=actor)
    columns = body["columns"] if body["columns"] is not None else view.choices.columns
    choose_columns(s, ChooseColumns(import_id, columns, body["unit"], body["rule"], shown.book.sheet,
                                    body["hidden_rows"]), shown.header, by=actor, at=clock.now())
    if start_check(s, import_id, by=actor):
        check_file(s, import_id, by=actor, at=clock.now())
    return _shown(import_view(s, import_id, by=actor))


@blueprint.post("/<uuid:import_id>/confirm")
@needs("imports.hours")
@blueprint.response(200, ImportSchema)
def confirm(import_id: UUID) -> Any:
    """Record the good rows. Confirming again changes nothing."""
    idempotency_key()
    actor, s = current_actor(), db.session()
    if start_import(s, import_id, by=actor):
        import_rows(s, import_id, by=actor, at=clock.now())
    return _shown(import_view(s, import_id, by=actor))


@blueprint.get("/<uuid:import_id>")
@needs("imports.hours")
@blueprint.response(200, ImportSchema)
def get(import_id: UUID) -> Any:
    """How far an import is, and every bad row."""
    return _shown(import_view(db.session(), import_id, by=current_actor()))
