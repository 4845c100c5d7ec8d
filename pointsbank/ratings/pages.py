"""/committee/ratings: the year's matrix and its runs, one household's ten stars with every reason, one star's deeds.

The engine's verdict and what people decided stand side by side. Who must step aside sees the household locked, with
the reason. Jury sheets and vetoes: see jury_pages. A family's own stars: /ratings/mine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import Actor, can, current_actor, needs, require, require_seen
from pointsbank.database import db
from pointsbank.eligibility import Rule, StoredRule, describe, headline
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import HouseholdCard, household_cards, relatives_of
from pointsbank.places import PlaceCard, place_by_code, villages_under
from pointsbank.ratings.confirming import over_quota
from pointsbank.ratings.cycle import RunEvaluation, open_cycle, run_evaluation
from pointsbank.ratings.decisions import decide_star
from pointsbank.ratings.errors import NoScheme
from pointsbank.ratings.evidence import evidence_of
from pointsbank.ratings.holding import stars_held
from pointsbank.ratings.jury import jurors_of
from pointsbank.ratings.mine import next_star, with_deadline
from pointsbank.ratings.models import CONFIRMED
from pointsbank.ratings.periods import period_of, period_words
from pointsbank.ratings.queries import (
    CycleView,
    HouseholdRow,
    Matrix,
    changes,
    cycle_view,
    cycles_of,
    evaluation_of,
    household_rating,
    matrix,
)
from pointsbank.ratings.schemas import DecideSchema, OpenSchema
from pointsbank.ratings.scheme import rules_due, scheme_on
from pointsbank.ratings.subjects import find_subject, home_of, is_about_persons
from pointsbank.ratings.vetoes import vetoes_of
from pointsbank.ratings.wording import Wording, in_period
from pointsbank.schedule import rules_in_force
from pointsbank.web import blank, form_command, language
from pointsbank.web.charts import MatrixCell, StarColumn, star_matrix
from pointsbank.web.charts import MatrixRow as ChartRow
from pointsbank.web.forms import FormState

pages = Blueprint("ratings", __name__, template_folder="templates", static_folder="static",
                  static_url_path="/assets/ratings")


@pages.context_processor
def views_there() -> dict[str, Any]:
    """So that a template links to another room's page only where this app has it."""
    return {"view_names": current_app.view_functions}


@pages.app_context_processor
def scheme_words() -> dict[str, Any]:
    """How a scheme speaks, for the templates of this room and of the honours'."""
    return {"wording": lambda scheme: Wording(scheme, language())}


STATES = {True: "yes", False: "no", None: "open"}


def shown_name(actor: Actor, card: HouseholdCard) -> str:
    """The head's name for who may see people of the place, else masked."""
    return card.head_name if can(actor, "people.view", card.place_code) else card.masked_name


def seen_cycle(cycle_id: UUID, power: str = "ratings.view") -> CycleView:
    """The cycle, for who has the power at its village. Raises NotFound, NotAllowed."""
    actor = current_actor()
    view = cycle_view(db.session(), actor.book_id, cycle_id)
    require_seen(actor, power, at_place=view.place_code, what="cycle")
    return view


def seen_household(cycle: CycleView, code: str) -> HouseholdCard:
    card = find_subject(db.session(), cycle.scheme, cycle.place_code, code)
    if card is None:
        raise NotFound("household")
    return card


def review_due(cycle: CycleView | None) -> list[StoredRule]:
    """The rules of the cycle's scheme that are past their review day."""
    return rules_due(db.session(), cycle.scheme, clock.today()) if cycle else []


def rules_said(cycle: CycleView) -> Callable[[Rule], str]:
    """A rule in words, as this cycle asks it."""
    lang = language()
    return lambda rule: in_period(describe(rule, lang), cycle.period, lang)


def _asked_place(actor: Actor) -> PlaceCard:
    code = request.args.get("place") or actor.place_code
    require(actor, "ratings.view", at_place=code)
    return place_by_code(db.session(), code)


@pages.get("/committee/ratings")
@needs("ratings.view")
def home() -> str:
    """The year's rating of the village; above a village, the villages to choose from."""
    actor, s = current_actor(), db.session()
    place = _asked_place(actor)
    if place.level != "village":
        return render_template("ratings/villages.html", place=place, villages=villages_under(s, place.code))
    cycles = cycles_of(s, actor.book_id, place.code, "stars")
    year, asked = clock.today().year, request.args.get("cycle", "")
    wanted = request.args.get("year", type=int)
    cycle = next((view for view in cycles if wanted in (None, view.year)), None)
    if asked:
        every = cycles_of(s, actor.book_id, place.code)
        cycle = next((view for view in every if str(view.id) == asked), None)
        cycles = [view for view in every if cycle is not None and view.scheme.code == cycle.scheme.code]
    form = blank(place=place.code, year=cycle.year if cycle else wanted or year)
    return _home(place, cycles, cycle, form)


def _home(place: PlaceCard, cycles: list[CycleView], cycle: CycleView | None, form: FormState) -> str:
    actor, s = current_actor(), db.session()
    evaluation = evaluation_of(cycle, request.args.get("run", type=int)) if cycle and cycle.last else None
    table = matrix(s, cycle, evaluation) if cycle and evaluation else None
    try:
        scheme = cycle.scheme if cycle else scheme_on(s, place.code, clock.today())
    except NoScheme:
        scheme = None
    today, typed = clock.today(), str(form.value("year"))
    year = int(typed) if re.fullmatch("2[0-9]{3}", typed) else today.year
    period = period_of(scheme.terms.rhythm if scheme else "year", year, today)
    return render_template(
        "ratings/home.html", period_code=period, period_now=period_words(year, period, language()), place=place,
        cycles=cycles, cycle=cycle, evaluation=evaluation, table=table, form=form, scheme=scheme,
        year=today.year, lang=language(), may_run=can(actor, "ratings.run", place.code),
        may_score=can(actor, "ratings.jury", place.code), confirmed=bool(cycle and cycle.status == CONFIRMED),
        newest=bool(cycle and evaluation == cycle.last),
        jurors=jurors_of(s, actor.book_id, cycle.id) if cycle else 0,
        due=review_due(cycle), over=over_quota(table) if table else None,
        chart=_chart(actor, cycle, table, evaluation.number) if cycle and table and evaluation else None)


def _chart(actor: Actor, cycle: CycleView, table: Matrix, run: int) -> Any:
    lang = language()
    newest = cycle.last is not None and cycle.last.number == run

    def link(row: HouseholdRow, star: str | None = None) -> str:
        return url_for("ratings.household", cycle_id=cycle.id, code=row.card.code, _anchor=star,
                       run=None if newest else run)

    columns = [StarColumn(star.code, star.title(lang)) for star in cycle.scheme.stars]
    rows = []
    for row in table.rows:
        cells = tuple(MatrixCell(STATES[row.outcomes.get(star.code)], link(row, star.code))
                      for star in cycle.scheme.stars)
        rows.append(ChartRow(row.card.code, shown_name(actor, row.card), row.stars, cells, link(row)))
    return star_matrix(columns, rows)


@pages.post("/committee/ratings")
@needs("ratings.run")
def run() -> Response:
    """Open the year's cycle if need be, and evaluate it: one button."""
    actor, s, at = current_actor(), db.session(), clock.now()
    command, form = form_command(OpenSchema())
    if command is not None:  # before anything of the place is shown again with a refusal
        require(actor, "ratings.run", at_place=command.place_code)
    try:
        if command is None:
            raise NotFound("cycle")
        cycle_id = open_cycle(s, command, by=actor, at=at)
        done = run_evaluation(s, RunEvaluation(command.key, cycle_id), by=actor, at=at)
        _tell(cycle_view(s, actor.book_id, cycle_id), done.number)
    except DomainError as refusal:
        form.refuse(refusal)
        place = place_by_code(s, command.place_code if command else actor.place_code)
        cycles = cycles_of(s, actor.book_id, place.code, "stars")
        cycle = next((view for view in cycles if command is None or (
            view.year == command.year and command.period in (None, view.period))), None)
        return make_response(_home(place, cycles, cycle, form), refusal.status)
    return make_response(redirect(url_for("ratings.home", place=command.place_code, cycle=cycle_id), 303))


def _tell(cycle: CycleView, number: int) -> None:
    """What the run changed against the one before it."""
    s = db.session()
    change = changes(s, cycle, number)
    if change is None:
        flash(_("评定好了。"), "good")
    elif not any(change):
        flash(_("重新评定好了,和上一次完全一样。"), "info")
    else:
        flash(_("重新评定好了。新得星:%(gained)s;失去星:%(lost)s;新判定为不得星:%(refused)s。", gained=change.gained,
                lost=change.lost, refused=change.refused) if not change.reopened else
              _("重新评定好了。新得星:%(gained)s;失去星:%(lost)s;新判定为不得星:%(refused)s;变成不能判定:%(open)s。",
                gained=change.gained, lost=change.lost, refused=change.refused, open=change.reopened), "good")


@pages.get("/committee/ratings/<uuid:cycle_id>/<code>")
@needs("ratings.view")
def household(cycle_id: UUID, code: str) -> str:
    """Ten stars of one household, each with its criteria, figures and what is missing."""
    return show_household(seen_cycle(cycle_id), code, blank())


def show_household(cycle: CycleView, code: str, form: FormState, veto_form: FormState | None = None) -> str:
    """The page, with the form that was refused, if one was."""
    actor, s = current_actor(), db.session()
    card = seen_household(cycle, code)
    rating = household_rating(s, cycle, card.id, request.args.get("run", type=int))
    home = home_of(s, actor.book_id, cycle.scheme, card.id)
    aside = home in relatives_of(s, actor.book_id, actor.person_id)
    sees = can(actor, "ratings.veto", cycle.place_code) and not aside and not is_about_persons(cycle.scheme)
    return render_template(
        "ratings/household.html", rating=rating, cycle=cycle, card=card, name=shown_name(actor, card), form=form,
        lang=language(), aside=aside, own=False, today=clock.today(), headline=headline,
        sentence=with_deadline(cycle, clock.today()), due=review_due(cycle),
        rule_words=rules_said(cycle), veto_form=veto_form or blank("veto-"), may_veto=sees,
        may_decide=can(actor, "ratings.run", cycle.place_code) and cycle.status != CONFIRMED,
        vetoes=vetoes_of(s, actor.book_id, [card.id], see_grounds=True) if sees else [])


@pages.post("/committee/ratings/<uuid:cycle_id>/<code>")
@needs("ratings.run")
def decide(cycle_id: UUID, code: str) -> Response:
    """The committee's decision on one star."""
    cycle = seen_cycle(cycle_id, "ratings.run")
    card = seen_household(cycle, code)
    command, form = form_command(DecideSchema(), extra={"cycle_id": str(cycle.id), "household_id": str(card.id)})
    if command is None:
        return make_response(show_household(cycle, code, form), 422)
    try:
        decide_star(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(show_household(cycle, code, form), refusal.status)
    return make_response(redirect(url_for("ratings.household", cycle_id=cycle.id, code=code,
                                          _anchor=command.star_code), 303))


@pages.get("/committee/ratings/<uuid:cycle_id>/<code>/<star_code>")
@needs("ratings.view")
def star(cycle_id: UUID, code: str, star_code: str) -> str:
    """The deeds behind one star."""
    cycle = seen_cycle(cycle_id)
    return _star_page(cycle, seen_household(cycle, code), star_code, own=False)


def _star_page(cycle: CycleView, card: HouseholdCard, star_code: str, *, own: bool) -> str:
    s, actor = db.session(), current_actor()
    rating = household_rating(s, cycle, card.id, request.args.get("run", type=int))
    view = next((view for view in rating.stars if view.star.code == star_code), None)
    if view is None:
        raise NotFound("star")
    found = evidence_of(s, cycle, rating.evaluation, card.id, view.star)
    schedule = rules_in_force(s, cycle.place_code, rating.evaluation.as_of)
    return render_template(
        "ratings/star.html", items={code: rule.item for code, rule in schedule.items()}, rating=rating, view=view,
        cycle=cycle, card=card, found=found, lang=language(), own=own, headline=headline,
        sentence=with_deadline(cycle, clock.today()),
        name=card.head_name if own else shown_name(actor, card))


@pages.get("/ratings/mine")
@needs("me.view")
def mine() -> str:
    """A family's own stars and why; vetoes only as a neutral sentence."""
    s = db.session()
    found = _own()
    if found is None:
        return render_template("ratings/none_yet.html")
    cycle, card = found
    return render_template(
        "ratings/household.html", rating=household_rating(s, cycle, card.id), cycle=cycle, card=card,
        name=card.head_name, form=blank(), lang=language(), aside=False, own=True, headline=headline,
        sentence=with_deadline(cycle, clock.today()), due=review_due(cycle), rule_words=rules_said(cycle),
        may_decide=False, may_veto=False, vetoes=[],
        today=clock.today(), veto_form=None, coming=next_star(s, card.book_id, card.id, clock.today()))


@pages.get("/ratings/mine/<star_code>")
@needs("me.view")
def my_star(star_code: str) -> str:
    found = _own()
    if found is None:
        raise NotFound("star")
    return _star_page(found[0], found[1], star_code, own=True)


def _own() -> tuple[CycleView, HouseholdCard] | None:
    actor, s = current_actor(), db.session()
    if actor.household_id is None:
        return None
    held = stars_held(s, actor.book_id, [actor.household_id]).get(actor.household_id)
    card = household_cards(s, actor.book_id, [actor.household_id]).get(actor.household_id)
    return (cycle_view(s, actor.book_id, held.cycle_id), card) if held and card else None
