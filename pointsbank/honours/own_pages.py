"""/honours/mine: a family's own honours, where each cycle stands, and putting their name down."""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import Actor, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.honours.models import Honour
from pointsbank.honours.pages import kept_out_by, pages
from pointsbank.honours.queries import HonourRow, notice_of, objections_of, rows_of
from pointsbank.honours.schemas import OwnEntrySchema
from pointsbank.people import HouseholdCard, household_cards, persons_of_household
from pointsbank.ratings import CycleView, EntryView, bars_on, cycles_of, entries_of, put_down, subject_cards
from pointsbank.ratings.models import CONFIRMED
from pointsbank.ratings.subjects import is_about_persons
from pointsbank.web import blank, form_command, language
from pointsbank.web.forms import FormState


class Mine(NamedTuple):
    """One of the family (or the family itself) in one cycle."""

    cycle: CycleView
    card: HouseholdCard
    entry: EntryView | None
    honour: HonourRow | None
    may_enter: bool
    barred: object


@pages.get("/honours/mine")
@needs("me.view")
def mine() -> str:
    return _page(blank())


def _page(form: FormState) -> str:
    s, actor = db.session(), current_actor()
    card = household_cards(s, actor.book_id, [actor.household_id]).get(actor.household_id) if (
        actor.household_id) else None
    if card is None:
        return render_template("honours/mine.html", rows=[], form=form, lang=language(), today=clock.today(),
                               objections={})
    cycles = cycles_of(s, actor.book_id, card.place_code)[:12]
    found = [one for cycle in cycles for one in _in_cycle(actor, card, cycle)]
    honours = [one.honour.id for one in found if one.honour]
    rows = s.scalars(select(Honour).where(Honour.book_id == actor.book_id, Honour.id.in_(honours))).all()
    return render_template(
        "honours/mine.html", rows=found, form=form, lang=language(), today=clock.today(), why_out=kept_out_by,
        objections={one.honour_id: one for one in objections_of(s, actor.book_id, rows)})


def _in_cycle(actor: Actor, card: HouseholdCard, cycle: CycleView) -> list[Mine]:
    """The family's rows of a cycle: one, or one for each volunteer."""
    s, today = db.session(), clock.today()
    ids = [card.id]
    if is_about_persons(cycle.scheme):
        ids = [person.id for person in persons_of_household(s, actor.book_id, card.id)]
    cards = subject_cards(s, actor.book_id, cycle.scheme, ids)
    barred = bars_on(s, actor.book_id, ids, today, cycle.scheme.code)
    entries = entries_of(s, actor.book_id, cycle.id)
    honours = {row.card.id: row for row in rows_of(s, actor.book_id, cycle.scheme, s.scalars(select(Honour).where(
        Honour.book_id == actor.book_id, Honour.cycle_id == cycle.id, Honour.household_id.in_(ids))).all())}
    over = cycle.apply_until is not None and today > cycle.apply_until
    may = cycle.frozen_at is None and cycle.status != CONFIRMED and not over and notice_of(
        s, actor.book_id, cycle.id) is None
    return [Mine(cycle, cards[one], entries.get(one), honours.get(one), may and one not in barred, barred.get(one))
            for one in ids if may or one in honours or one in barred or one in entries]


@pages.post("/honours/mine")
@needs("ratings.enter")
def put_own() -> Response:
    """Put one's name down, or take it back."""
    command, form = form_command(OwnEntrySchema())
    status = 422
    if command is not None:
        try:
            put_down(db.session(), command, by=current_actor(), at=clock.now())
            flash(_("报名已撤回。") if command.withdraw else _("报名好了。评定以后在这里看结果。"), "good")
            return make_response(redirect(url_for("honours.mine"), 303))
        except DomainError as refusal:
            form.refuse(refusal)
            status = refusal.status
    return make_response(_page(form), status)
