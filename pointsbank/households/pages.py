"""/households: who lives in the village; one household; split, merge, move, death, a new head."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.households.changing import merge_households, move_household, split_household
from pointsbank.households.commands import (
    ChangeHead,
    MergeHouseholds,
    MoveAway,
    MoveHousehold,
    RecordDeath,
    SplitHousehold,
)
from pointsbank.households.consents import unseen
from pointsbank.households.doing import POWER
from pointsbank.households.leaving import change_head, move_away, record_death
from pointsbank.households.queries import VIEW, HouseholdView, by_code, household_view
from pointsbank.households.schemas import AwayForm, DeathForm, HeadForm, MergeForm, MoveForm, SplitForm
from pointsbank.people import households_of_place, persons_of_place
from pointsbank.places import county_of, place_by_code, villages_under
from pointsbank.territory import grid_of
from pointsbank.web import blank, form_command
from pointsbank.web.forms import FormState

pages = Blueprint("households", __name__, template_folder="templates")
FORMS = {"split": SplitForm, "merge": MergeForm, "move": MoveForm, "away": AwayForm, "death": DeathForm,
         "head": HeadForm}


@pages.get("/households")
@needs(VIEW)
def index() -> str:
    """The households of my place; above a village, the villages."""
    actor, s = current_actor(), db.session()
    place = place_by_code(s, actor.place_code)
    wanted = request.args.get("q", "").strip()
    homes = households_of_place(s, place.code) if place.level == "village" and can(actor, VIEW, place.code) else []
    people: dict[UUID, list[str]] = {}
    for person in persons_of_place(s, place.code) if homes else []:
        people.setdefault(person.household_id, []).append(person.name)
    if wanted:
        homes = [home for home in homes if wanted.upper() in home.code
                 or any(wanted in name for name in people.get(home.id, []))]
    rows = [{"id": home.id, "code": home.code, "head": home.head_name, "group": home.group_no,
             "members": len(people.get(home.id, []))} for home in homes]
    return render_template("households/index.html", place=place, rows=rows, q=wanted,
                           villages=[] if place.level == "village" else villages_under(s, place.code))


@pages.get("/households/<uuid:household_id>")
@needs(VIEW)
def show(household_id: UUID) -> str:
    view = _view(household_id)
    grid = grid_of(db.session(), view.home.book_id, view.home.id)
    return render_template("households/show.html", view=view, grid=grid,
                           unseen=unseen(db.session(), view.members, clock.today()),
                           place=place_by_code(db.session(), view.home.place_code),
                           may_change=can(current_actor(), POWER, view.home.place_code))


@pages.get("/households/<uuid:household_id>/<any(split, merge, move, away, death, head):what>")
@needs(POWER)
def ask(household_id: UUID, what: str) -> str:
    view = _view(household_id)
    form = blank(on=clock.today().isoformat(), group_no=view.home.group_no)
    return render_template(f"households/{what}.html", form=form, **_context(view, what))


@pages.post("/households/<uuid:household_id>/<any(split, merge, move, away, death, head):what>")
@needs(POWER)
def do(household_id: UUID, what: str) -> Response:
    command, form = form_command(FORMS[what]())
    try:
        if command is None:
            return _again(household_id, what, form)
        change = _carry_out(what, household_id, command)
    except DomainError as refusal:
        if refusal.field == "into":
            refusal.field = "into_code"
        return _again(household_id, what, form, refusal)
    flash(_("已办好,已记入变动记录。"), "good")
    lands = change.other_id if what in ("split", "merge", "move") and change.other_id else household_id
    return redirect(url_for("households.show", household_id=lands), code=303)


def _again(household_id: UUID, what: str, form: FormState, refusal: DomainError | None = None) -> Response:
    answer: Response = form.again(f"households/{what}.html", refusal, **_context(_view(household_id), what))
    return answer


def _view(household_id: UUID) -> HouseholdView:
    return household_view(db.session(), household_id, by=current_actor(), at=clock.now())


def _context(view: HouseholdView, what: str) -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    villages = [(card.code, card.name) for card in villages_under(s, county_of(view.home.place_code))
                if card.code != view.home.place_code and can(actor, POWER, card.code)] if what == "move" else []
    return {"view": view, "today": clock.today(), "villages": villages,
            "people": [(str(person.id), person.name) for person in view.members]}


def _carry_out(what: str, household_id: UUID, data: dict[str, Any]) -> Any:
    s, actor, at = db.session(), current_actor(), clock.now()
    key = data.pop("key")
    place = _view(household_id).home.place_code
    for field, to in (("into_code", "into"), ("heir_code", "heir")):
        if field in data:
            code = data.pop(field)
            data[to] = by_code(s, place, code, actor, field).id if code else None
    if what == "split":
        data["members"] = tuple(data["members"])
        return split_household(s, SplitHousehold(key, household_id, **data), by=actor, at=at)
    if what == "merge":
        return merge_households(s, MergeHouseholds(key, household_id, **data), by=actor, at=at)
    if what == "move":
        return move_household(s, MoveHousehold(key, household_id, **data), by=actor, at=at)
    if what == "away":
        return move_away(s, MoveAway(key, household_id, **data), by=actor, at=at)
    if what == "death":
        return record_death(s, RecordDeath(key, household_id, **data), by=actor, at=at)
    return change_head(s, ChangeHead(key, household_id, **data), by=actor, at=at)
