"""The jury's sheet and the vetoes' form. Nobody sees another juror's scores, and relatives' rows are locked."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.amounts import format_points, parse_points
from pointsbank.database import db
from pointsbank.eligibility.tree import All, Compare, Either, Node
from pointsbank.errors import DomainError
from pointsbank.people import HouseholdCard, households_of_place, relatives_of
from pointsbank.ratings.jury import Mark, RecordJuryScores, own_scores, record_jury_scores
from pointsbank.ratings.models import CONFIRMED
from pointsbank.ratings.pages import pages, seen_cycle, seen_household, show_household, shown_name
from pointsbank.ratings.queries import CycleView, cycles_of
from pointsbank.ratings.schemas import LiftSchema, VetoSchema
from pointsbank.ratings.scheme import Scheme
from pointsbank.ratings.vetoes import enter_veto, lift_veto
from pointsbank.web import blank, form_command, language
from pointsbank.web.forms import FormState, given_key

ALL_MAX = 60  # households on one sheet; a larger village scores group by group


@pages.get("/ratings/jury")
@needs("ratings.jury")
def jury_now() -> Response | str:
    """To the sheet of the cycle that is open at the juror's place; where several are, to choose from."""
    actor = current_actor()
    cycles = [view for view in cycles_of(db.session(), actor.book_id, actor.place_code)
              if view.status != CONFIRMED and any(star.jury for star in view.scheme.stars)]
    if not cycles:
        return render_template("ratings/none_yet.html", jury=True)
    if len(cycles) > 1:
        return render_template("ratings/juries.html", cycles=cycles, lang=language())
    return make_response(redirect(url_for("ratings.jury", cycle_id=cycles[0].id)))


@pages.get("/committee/ratings/<uuid:cycle_id>/jury")
@needs("ratings.jury")
def jury(cycle_id: UUID) -> str:
    return _sheet(seen_cycle(cycle_id, "ratings.jury"), None)


def field_name(card: HouseholdCard, star_code: str) -> str:
    return f"score.{card.code}.{star_code}"


def plain(value: int | None) -> str:
    """Hundredths as people say them: '8', '7.5'; empty for none."""
    return "" if value is None else format_points(value).rstrip("0").rstrip(".")


def good_from(scheme: Scheme) -> int | None:
    """The average from which the jury's stars are given, when all of them ask for the same."""
    asked = {_threshold(star.rule.tree, f"jury_{star.code}") for star in scheme.stars if star.jury}
    return asked.pop() if len(asked) == 1 else None


def _threshold(node: Node, fact: str) -> int | None:
    if isinstance(node, Compare):
        return int(node.threshold) if node.fact == fact and node.operator == ">=" and node.threshold else None
    parts = node.parts if isinstance(node, All | Either) else ()
    return next((found for part in parts if (found := _threshold(part, fact)) is not None), None)


def _sheet(cycle: CycleView, form: FormState | None) -> str:
    actor, s = current_actor(), db.session()
    cards = households_of_place(s, cycle.place_code)
    groups = sorted({card.group_no for card in cards})
    split = len(cards) > ALL_MAX
    group = request.args.get("group", groups[0] if groups else 1, type=int)
    shown = [card for card in cards if not split or card.group_no == group]
    given = {field_name(card, star): format_points(score) for card in shown
             for (household_id, star), score in own_scores(s, cycle.id, actor).items() if household_id == card.id}
    return render_template(
        "ratings/jury.html", cycle=cycle, cards=shown, stars=[star for star in cycle.scheme.stars if star.jury],
        form=form or blank(**given), groups=groups if split else [], group=group, lang=language(), name=field_name,
        aside=relatives_of(s, actor.book_id, actor.person_id), shown_name=lambda card: shown_name(actor, card),
        saved=request.args.get("saved", type=int), done=len(given),
        full=plain(cycle.scheme.full), good=plain(good_from(cycle.scheme)),
        trim_from=max(cycle.scheme.jury_trim_from, 3), closed=cycle.status == CONFIRMED)


@pages.post("/committee/ratings/<uuid:cycle_id>/jury")
@needs("ratings.jury")
def score(cycle_id: UUID) -> Response:
    """Hand in the sheet: every score that is filled in, or none of them."""
    cycle = seen_cycle(cycle_id, "ratings.jury")
    form = FormState({name: request.form.getlist(name) for name in request.form}, key=given_key())
    marks = _read_marks(cycle, form)
    if form.errors:
        return make_response(_sheet(cycle, form), 422)
    try:
        command = RecordJuryScores(UUID(form.key), cycle.id, tuple(marks))
        record_jury_scores(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_sheet(cycle, form), refusal.status)
    return make_response(redirect(url_for("ratings.jury", cycle_id=cycle.id, saved=len(marks),
                                          group=request.args.get("group")), 303))


def _read_marks(cycle: CycleView, form: FormState) -> list[Mark]:
    marks = []
    stars = [star.code for star in cycle.scheme.stars if star.jury]
    for card in households_of_place(db.session(), cycle.place_code):
        for star in stars:
            name = field_name(card, star)
            typed = str(form.value(name, "")).strip()
            if not typed:
                continue
            try:
                value = parse_points(typed, name)
            except DomainError as refusal:
                form.errors[name] = refusal.sentence(language())
                continue
            if value > cycle.scheme.full:
                form.errors[name] = _("最高 %(full)s 分", full=format_points(cycle.scheme.full))
            marks.append(Mark(card.id, star, value))
    return marks


@pages.post("/committee/ratings/<uuid:cycle_id>/<code>/vetoes")
@needs("ratings.veto")
def new_veto(cycle_id: UUID, code: str) -> Response:
    """Enter a veto for this household."""
    cycle = seen_cycle(cycle_id, "ratings.veto")
    card = seen_household(cycle, code)
    command, form = form_command(VetoSchema(), prefix="veto-", extra={"household_id": str(card.id)})
    if command is None:
        return make_response(show_household(cycle, code, blank(), form), 422)
    try:
        enter_veto(db.session(), command, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(show_household(cycle, code, blank(), form), refusal.status)
    return make_response(redirect(url_for("ratings.household", cycle_id=cycle.id, code=code, _anchor="vetoes"), 303))


@pages.post("/committee/ratings/<uuid:cycle_id>/<code>/vetoes/lift")
@needs("ratings.veto")
def end_veto(cycle_id: UUID, code: str) -> Response:
    """Lift one of this household's vetoes."""
    cycle = seen_cycle(cycle_id, "ratings.veto")
    command, form = form_command(LiftSchema())
    if command is None:
        return make_response(show_household(cycle, code, blank(), form), 422)
    lift_veto(db.session(), command, by=current_actor(), at=clock.now())
    return make_response(redirect(url_for("ratings.household", cycle_id=cycle.id, code=code, _anchor="vetoes"), 303))
