"""/benefits/<code>.pdf and .xlsx: the list; /benefits/<code>/letters/<household>.pdf: the interest-rate letter."""

from __future__ import annotations

from flask import Blueprint, Response, request

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.web import language
from reports.benefit_papers.service import ISSUE, VIEW, asked_village, print_letter, print_roll, sheet_of_roll
from reports.downloads import PDF, XLSX, download, paper_address

pages = Blueprint("benefit_papers", __name__)


@pages.get("/benefits/<code>.<any(pdf, xlsx):kind>")
@needs(VIEW)
def roll(code: str, kind: str) -> Response:
    """Who is entitled and why, on paper or as a sheet."""
    by, at = current_actor(), clock.now()
    place, name = asked_village(by, request.args.get("place")), f"benefit-{code[:12]}-{clock.today()}.{kind}"
    if kind == "xlsx":
        return download(sheet_of_roll(db.session(), place, code, by=by, at=at, lang=language()), XLSX, name)
    made = print_roll(db.session(), place, code, by=by, at=at, base_url=paper_address(), lang=language())
    return download(made, PDF, name)


@pages.get("/benefits/<code>/letters/<household>.pdf")
@needs(ISSUE)
def letter(code: str, household: str) -> Response:
    """A letter for a household that has the benefit now."""
    by = current_actor()
    made = print_letter(db.session(), asked_village(by, request.args.get("place")), code, household, by=by,
                        at=clock.now(), base_url=paper_address(), lang=language())
    return download(made, PDF, f"letter-{code[:12]}-{household[:12]}-{clock.today()}.pdf")
