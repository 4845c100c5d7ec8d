"""Rosters as JSON: the same steps as the pages. /api/v1/rosters"""

from __future__ import annotations

from itertools import islice
from typing import Any
from uuid import UUID

from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import BadInput
from pointsbank.imports.api import FindingSchema
from pointsbank.rosters.queries import findings_of, roster_columns, roster_view
from pointsbank.rosters.running import check_roster, import_roster, start_roster_check, start_roster_import
from pointsbank.rosters.service import (
    POWER,
    ChooseRosterColumns,
    ReceiveRoster,
    choose_roster_columns,
    receive_roster,
)
from pointsbank.web.api import idempotency_key
from pointsbank.web.viewer import language

blueprint = Blueprint("rosters_api", __name__, url_prefix="/api/v1/rosters",
                      description="Rosters of households and members as spreadsheets")
SHOWN = 10_000


class RosterSchema(Schema):
    id = fields.UUID()
    status = fields.Str()
    columns = fields.Dict(keys=fields.Str(), values=fields.Int())
    figures = fields.Dict()
    done = fields.Int()
    total = fields.Int()
    findings_count = fields.Int()
    findings = fields.List(fields.Nested(FindingSchema), metadata={"description": "the first 10,000"})


class RosterColumnsSchema(Schema):
    columns = fields.Dict(keys=fields.Str(), values=fields.Int(validate=validate.Range(0, 255)), load_default=None)
    hidden_rows = fields.Bool(load_default=False)
    take_alike = fields.Bool(load_default=False)


def _shown(file_id: UUID) -> dict[str, Any]:
    s, actor, lang = db.session(), current_actor(), language()
    view = roster_view(s, file_id, by=actor)
    return {"id": view.id, "status": view.status, "columns": view.choices.columns, "figures": view.figures,
            "done": view.done, "total": view.total, "findings_count": view.findings,
            "findings": [{"row": f.row, "column": f.column, "title": f.title, "code": f.code,
                          "sentence": f.sentence(lang)} for f in islice(findings_of(s, file_id, by=actor), SHOWN)]}


@blueprint.post("")
@blueprint.response(201, RosterSchema)
@needs(POWER)
def upload() -> Any:
    """Upload a file (multipart field `file`, and `place` for another place than one's own)."""
    actor, given = current_actor(), request.files.get("file")
    if given is None or not given.filename:
        raise BadInput("file", "请先选一个文件。", "Choose a file first.")
    row = receive_roster(db.session(), ReceiveRoster(
        idempotency_key(), request.form.get("place") or actor.place_code, given.filename, given.read()), by=actor,
        at=clock.now())
    return _shown(row.id)


@blueprint.post("/<uuid:file_id>/check")
@blueprint.arguments(RosterColumnsSchema)
@blueprint.response(200, RosterSchema)
@needs(POWER)
def check(body: dict[str, Any], file_id: UUID) -> Any:
    """The dry run, with the columns given or guessed. Registers nobody."""
    idempotency_key()
    actor, s = current_actor(), db.session()
    view, shown = roster_view(s, file_id, by=actor), roster_columns(s, file_id, by=actor)
    columns = body["columns"] if body["columns"] is not None else view.choices.columns
    choose_roster_columns(s, ChooseRosterColumns(file_id, columns, shown.book.sheet, body["hidden_rows"],
                                                 body["take_alike"]), shown.header, by=actor, at=clock.now())
    if start_roster_check(s, file_id, by=actor):
        check_roster(s, file_id, by=actor, at=clock.now())
    return _shown(file_id)


@blueprint.post("/<uuid:file_id>/confirm")
@blueprint.response(200, RosterSchema)
@needs(POWER)
def confirm(file_id: UUID) -> Any:
    """Register the good rows. Confirming again changes nothing."""
    idempotency_key()
    actor, s = current_actor(), db.session()
    if start_roster_import(s, file_id, by=actor):
        import_roster(s, file_id, by=actor, at=clock.now())
    return _shown(file_id)


@blueprint.get("/<uuid:file_id>")
@blueprint.response(200, RosterSchema)
@needs(POWER)
def get(file_id: UUID) -> Any:
    """How far an import is, and its bad rows."""
    return _shown(file_id)
