"""Confirming a year's rating, in a step of its own: the figures once more, what is still open, and that it is final."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.places import place_by_code
from pointsbank.ratings.confirming import CODES_NAMED, ConfirmCycle, confirm_cycle, refusal_of, undecided_rows
from pointsbank.ratings.errors import NotEvaluated
from pointsbank.ratings.models import CONFIRMED
from pointsbank.ratings.pages import pages, review_due, seen_cycle
from pointsbank.ratings.queries import CycleView, matrix
from pointsbank.web import language


def _home(cycle: CycleView) -> Response:
    return make_response(redirect(url_for("ratings.home", place=cycle.place_code, cycle=cycle.id), 303))


@pages.get("/committee/ratings/<uuid:cycle_id>/confirm")
@needs("ratings.run")
def before_confirming(cycle_id: UUID) -> Response | str:
    """What would be confirmed."""
    cycle = seen_cycle(cycle_id, "ratings.run")
    return _home(cycle) if cycle.status == CONFIRMED else _page(cycle)


def _page(cycle: CycleView) -> str:
    s = db.session()
    if cycle.last is None:
        raise NotEvaluated("cycle")
    table = matrix(s, cycle, cycle.last)
    return render_template(
        "ratings/confirm.html", cycle=cycle, table=table, evaluation=cycle.last, lang=language(),
        place=place_by_code(s, cycle.place_code), refusal=refusal_of(table), open=undecided_rows(table)[:CODES_NAMED],
        stars=sum(row.stars for row in table.rows), early=cycle.last.as_of < cycle.end_on,
        due=review_due(cycle))


@pages.post("/committee/ratings/<uuid:cycle_id>/confirm")
@needs("ratings.run")
def confirm(cycle_id: UUID) -> Response:
    """For good; refused with the page again while a star is open."""
    cycle = seen_cycle(cycle_id, "ratings.run")
    try:
        confirm_cycle(db.session(), ConfirmCycle(cycle_id), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return make_response(_page(cycle), refusal.status)
    flash(_("已确认,全村看到的就是这个结果。"), "good")
    return _home(cycle)
