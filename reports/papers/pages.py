"""/till/sales/<id>/slip.pdf · /people/cards.pdf · /committee/notice.pdf · /honours/<id>/certificate.pdf: PDFs
that other rooms' pages link to.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.web import language
from reports.downloads import PDF, download, paper_address
from reports.papers import honours, service

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


@pages.get("/honours/<uuid:honour_id>/certificate.pdf")
@needs("honours.object")
def certificate(honour_id: UUID) -> Response:
    """For the committee, and for the household itself."""
    made = honours.honour_paper(db.session(), honour_id, plaque=False, by=current_actor(), at=clock.now(),
                                base_url=paper_address(), lang=language())
    return download(made, PDF, f"certificate-{honour_id.hex[-8:]}.pdf")


@pages.get("/honours/<uuid:honour_id>/plaque.pdf")
@needs("ratings.view")
def plaque(honour_id: UUID) -> Response:
    made = honours.honour_paper(db.session(), honour_id, plaque=True, by=current_actor(), at=clock.now(),
                                base_url=paper_address(), lang=language())
    return download(made, PDF, f"plaque-{honour_id.hex[-8:]}.pdf")


@pages.get("/committee/honours/cycles/<uuid:cycle_id>/notice.pdf")
@needs("ratings.view")
def honour_notice(cycle_id: UUID) -> Response:
    made = honours.honour_notice(db.session(), cycle_id, by=current_actor(), at=clock.now(), base_url=paper_address(),
                                 lang=language())
    return download(made, PDF, f"rating-notice-{cycle_id.hex[-8:]}.pdf")
