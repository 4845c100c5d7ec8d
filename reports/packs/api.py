"""Packs as JSON: /api/v1/packs; the files under the same address with .pdf and .xlsx."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.web import idempotency_key, language
from reports.downloads import PDF, XLSX, download, paper_address
from reports.packs.queries import PackView, figures_of, pack_file, pack_view, packs_of_place, trace_figure
from reports.packs.schemas import PackBodySchema, PackSchema, PlaceQuery, TraceSchema, WholePackSchema
from reports.packs.service import POWER, AskPack, ask_pack, make_pack, start_pack

blueprint = Blueprint("packs_api", __name__, url_prefix="/api/v1/packs",
                      description="上报证据包 / evidence packs for 文明家庭, 文明村镇, 文明单位, 评优奖励")


@blueprint.get("")
@needs(POWER)
@blueprint.arguments(PlaceQuery, location="query")
@blueprint.response(200, PackSchema(many=True))
def list_packs(query: dict[str, Any]) -> list[PackView]:
    """Packs of a place and all below it, newest first."""
    by = current_actor()
    return packs_of_place(db.session(), by, query["place"] or by.place_code, language())


@blueprint.post("")
@needs(POWER)
@blueprint.arguments(PackBodySchema)
@blueprint.response(201, WholePackSchema)
def create_pack(body: dict[str, Any]) -> dict[str, Any]:
    """Make a pack and answer when it is there. The same key again: the same pack."""
    by, s = current_actor(), db.session()
    command = AskPack(idempotency_key(), body["place"], body["kind"], body["start"], body["end"], body["household"],
                      language())
    pack_id = ask_pack(s, command, by=by, at=clock.now()).id
    if start_pack(s, pack_id, by=by):
        make_pack(s, pack_id, by=by, at=clock.now(), base_url=paper_address())
    return _whole(pack_id)


def _whole(pack_id: UUID) -> dict[str, Any]:
    by, s, lang = current_actor(), db.session(), language()
    return {**pack_view(s, pack_id, by=by, lang=lang)._asdict(),
            "figures": figures_of(s, pack_id, by=by, lang=lang)}


@blueprint.get("/<uuid:pack_id>")
@needs(POWER)
@blueprint.response(200, WholePackSchema)
def show_pack(pack_id: UUID) -> dict[str, Any]:
    """How far a pack is, and its figures."""
    return _whole(pack_id)


@blueprint.get("/<uuid:pack_id>/figures/<code>")
@needs(POWER)
@blueprint.response(200, TraceSchema)
def trace(pack_id: UUID, code: str) -> dict[str, Any]:
    """The transactions behind a figure, counted again at the pack's position in the ledger."""
    found = trace_figure(db.session(), pack_id, code.upper(), by=current_actor(), lang=language(), limit=5000)
    return {**found._asdict(), "code": found.ask.code}


@blueprint.get("/<uuid:pack_id>.pdf")
@needs(POWER)
@blueprint.response(200, content_type=PDF)
def as_pdf(pack_id: UUID) -> Response:
    """The pack on paper."""
    return download(pack_file(db.session(), pack_id, "pdf", by=current_actor()), PDF, f"pack-{pack_id}.pdf")


@blueprint.get("/<uuid:pack_id>.xlsx")
@needs(POWER)
@blueprint.response(200, content_type=XLSX)
def as_xlsx(pack_id: UUID) -> Response:
    """The pack as a sheet."""
    return download(pack_file(db.session(), pack_id, "xlsx", by=current_actor()), XLSX, f"pack-{pack_id}.xlsx")
