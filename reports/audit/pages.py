"""/audit: search, check, and the transaction's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, post_load
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import Actor, can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.places import place_cards
from pointsbank.web import form_command, language
from reports.audit.finding import PAGE, find
from reports.audit.queries import find_transaction, households_here, rows_of, story_of, villages_here
from reports.audit.searching import understand
from reports.audit.service import POWER, RunCheck, last_check, run_check
from reports.statements.queries import household_for

pages = Blueprint("audit_pages", __name__, template_folder="templates")


class CheckSchema(Schema):
    key = fields.UUID(required=True)

    @post_load
    def to_command(self, data: dict[str, UUID], **_: object) -> RunCheck:
        return RunCheck(**data)


@pages.get("/audit")
@needs(POWER)
def home() -> str:
    return render_template("audit/home.html", **_desk())


def _desk() -> dict[str, Any]:
    """What the desk shows: the last check, and the households of a village or the villages to choose from."""
    s, by = db.session(), current_actor()
    village = request.args.get("village") or None
    if village and not can(by, POWER, village):
        raise NotFound("village")
    here = village or by.place_code
    place = place_cards(s, [here]).get(here)
    return {"q": "", "check": last_check(s, by.book_id), "village": place.name if place else here,
            "chosen": bool(village), "villages": [] if village else villages_here(s, by),
            "households": households_here(s, by, here)}


@pages.post("/audit/check")
@needs(POWER)
def check() -> Response:
    """Run the check and come back to the page that shows its outcome."""
    command, form = form_command(CheckSchema())
    if command is None:
        return form.again("audit/home.html", **_desk())
    result = run_check(db.session(), command, by=current_actor(), at=clock.now())
    if result.clean:
        flash(_("核查完毕,没有发现问题。"), "good")
    else:
        flash(_("核查完毕,发现 %(count)s 处问题。", count=result.found), "bad")
    return redirect(url_for("audit_pages.home"), code=303)


@pages.get("/audit/transactions/<uuid:transaction_id>")
@needs(POWER)
def transaction(transaction_id: UUID) -> str:
    by = current_actor()
    view = find_transaction(db.session(), by, transaction_id)
    return render_template("audit/transaction.html", view=view, story=story_of(db.session(), by, view, language()))


@pages.get("/audit/search")
@needs(POWER)
def search() -> Response:
    """One box for everything. A household leads to its statement, a single hit to its transaction."""
    by, q = current_actor(), request.args.get("q", "").strip()
    if not q:
        return redirect(url_for("audit_pages.home"))
    typed = understand(q)
    if typed.household and typed.seq is None and (place := place_of_household(db.session(), by, typed.household)):
        return redirect(url_for("statements.show", code=typed.household, place=place))
    before = request.args.get("after", type=UUID)
    views = find(db.session(), by, typed, before=before)
    rows = rows_of(db.session(), by, views, language())
    if len(rows) == 1 and before is None:
        return redirect(url_for("audit_pages.transaction", transaction_id=rows[0].transaction_id))
    next_key = str(views[-1].id) if len(views) == PAGE else None
    sentence = (_("“%(q)s”找到这些记录,新的在前。", q=q) if rows else _("“%(q)s”没有对应的记录。", q=q))
    return make_response(render_template("audit/search.html", q=q, rows=rows, next_key=next_key, sentence=sentence))


def place_of_household(s: Session, by: Actor, code: str) -> str | None:
    """Where the household of this code is, as far as the reader can see; None when it is nowhere or in several."""
    try:
        return household_for(s, by, code).place_code
    except DomainError:
        return None
