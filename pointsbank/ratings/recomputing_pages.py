"""Then and now on one page: what was judged, made again from what was frozen, beside today's rules and figures."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, make_response, render_template, request

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.eligibility import Criterion
from pointsbank.ratings.errors import ErasedVerdict
from pointsbank.ratings.pages import pages, seen_cycle, seen_household, shown_name
from pointsbank.ratings.queries import CycleView, evaluation_of
from pointsbank.ratings.recomputing import judged_now, reproduced
from pointsbank.ratings.wording import criterion_words
from pointsbank.web import language


def _in(cycle: CycleView) -> Callable[[Criterion, str], str]:
    return lambda criterion, lang: criterion_words(criterion, lang, cycle.period)


@pages.get("/committee/ratings/<uuid:cycle_id>/<code>/then-and-now")
@needs("ratings.view")
def then_and_now(cycle_id: UUID, code: str) -> Response:
    """One household's verdicts of a run, and what the same days give today."""
    s, cycle = db.session(), seen_cycle(cycle_id)
    card = seen_household(cycle, code)
    number = request.args.get("run", type=int)
    shown = {"cycle": cycle, "card": card, "name": shown_name(current_actor(), card), "lang": language(),
             "evaluation": evaluation_of(cycle, number)}
    try:
        frozen = reproduced(s, cycle, card.id, number)
    except ErasedVerdict as gone:
        return make_response(render_template("ratings/then_and_now.html", frozen=None, rows=[], gone=gone, **shown),
                             gone.status)
    rows = judged_now(s, cycle, card.id, clock.today(), number)
    return make_response(render_template("ratings/then_and_now.html", frozen=frozen, rows=rows, gone=None,
                                         sentence=_in(cycle), **shown))
