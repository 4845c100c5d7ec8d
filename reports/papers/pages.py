"""/till/sales/<id>/slip.pdf · /people/cards.pdf · /committee/notice.pdf: PDFs other rooms' pages link to."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.web import language
from reports.downloads import PDF, download, paper_address
from reports.papers import service

pages = Blueprint("papers", __name__)


@pages.get("/till/sales/<uuid:sale_id>/slip.pdf")
@needs("sales.view")
def slip(sale_id: UUID) -> Response:
    made = service.slip(db.session(), sale_id, by=current_actor(), at=clock.now(), base_url=paper_address(),
                        lang=language())
    return download(made, PDF, f"slip-{sale_id.hex[-8:]}.pdf")


@pages.get("/people/cards.pdf")
@needs("people.view")
def cards() -> Response:
    """?place=230199100200 (default: where one stands), ?code=H011 for one household."""
    by = current_actor()
    place = request.args.get("place") or by.place_code
    made = service.cards(db.session(), place, request.args.get("code") or None, by=by, at=clock.now(),
                         lang=language())
    return download(made, PDF, f"cards-{place}.pdf")


@pages.get("/committee/notice.pdf")
@needs("records.view")
def notice() -> Response:
    """?place=230199100200 (default: where one stands)."""
    by = current_actor()
    place = request.args.get("place") or by.place_code
    made = service.notice(db.session(), place, by=by, at=clock.now(), base_url=paper_address(), lang=language())
    return download(made, PDF, f"notice-{place}.pdf")
