"""/venues: squares, points and bases at and below one's own place; /grids: who walks which households."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Regexp
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs, require
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.people import households_of_place, persons_of_place
from pointsbank.places import PlaceCard, place_by_code
from pointsbank.territory import grids, venues
from pointsbank.territory.grids import AddGrid, ChangeGrid, GridView
from pointsbank.territory.judging import POWER
from pointsbank.territory.venues import AddVenue, CloseVenue, venues_under
from pointsbank.territory.words import LEVEL_WORDS, VENUE_KINDS, VENUE_WORDS
from pointsbank.web.forms import blank, form_command

venue_pages = Blueprint("venues", __name__, template_folder="templates", url_prefix="/venues")
grid_pages = Blueprint("grids", __name__, template_folder="templates", url_prefix="/grids")
PLACE = Regexp(r"^[0-9]{12}$")
HOUSEHOLDS_MAX = 2_000


class VenueForm(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    kind = fields.Str(required=True, validate=OneOf(VENUE_KINDS))
    name = fields.Str(required=True, validate=Length(1, 60))
    since = fields.Date(load_default=None)


class CloseForm(Schema):
    key = fields.UUID(required=True)
    until = fields.Date(load_default=None)


class NewGridForm(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    code = fields.Str(required=True, validate=Length(1, 20))
    name = fields.Str(load_default="", validate=Length(max=60))
    worker = fields.UUID(load_default=None)


class GridForm(Schema):
    key = fields.UUID(required=True)
    name = fields.Str(load_default="", validate=Length(max=60))
    worker = fields.UUID(load_default=None)
    households = fields.List(fields.UUID(), load_default=list, validate=Length(max=HOUSEHOLDS_MAX))
    until = fields.Date(load_default=None)


def _place(power: str) -> PlaceCard:
    code = request.values.get("place") or current_actor().place_code
    require(current_actor(), power, at_place=code)
    return place_by_code(db.session(), code)


def _venues(place: PlaceCard) -> dict[str, Any]:
    found = [{**one._asdict(), "kind": str(VENUE_WORDS[one.kind]), "where": f"{one.place} · {LEVEL_WORDS[one.level]}",
              "state": "off" if one.valid_until and one.valid_until < clock.today() else ""}
             for one in venues_under(db.session(), place.code)]
    return {"place": place, "venues": found, "may": can(current_actor(), POWER, place.code),
            "kinds": [(kind, str(word)) for kind, word in VENUE_WORDS.items()], "today": clock.today()}


@venue_pages.get("")
@needs(venues.VIEW)
def home() -> str:
    return render_template("territory/venues.html", form=blank(), **_venues(_place(venues.VIEW)))


@venue_pages.post("")
@needs(POWER)
def add() -> Response:
    place = _place(POWER)
    command, form = form_command(VenueForm())
    if command is None:
        return form.again("territory/venues.html", **_venues(place))
    try:
        venues.add_venue(db.session(), AddVenue(command["key"], place.code, command["kind"], command["name"],
                                                command["since"]), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("territory/venues.html", refusal, **_venues(place))
    flash(_("已登记“%(name)s”。", name=command["name"]), "good")
    return redirect(url_for("venues.home", place=place.code), code=303)


@venue_pages.post("/<uuid:venue_id>/close")
@needs(POWER)
def close(venue_id: UUID) -> Response:
    """Without a day: today; a venue that is closed is opened again by `reopen`."""
    command, form = form_command(CloseForm())
    until = None if request.form.get("reopen") else (command or {}).get("until") or clock.today()
    key = command["key"] if command else UUID(form.key)
    venue = venues.close_venue(db.session(), CloseVenue(key, venue_id, until), by=current_actor(), at=clock.now())
    flash(_("“%(name)s”已停用。", name=venue.name) if until else _("“%(name)s”已恢复。", name=venue.name), "good")
    return redirect(url_for("venues.home"), code=303)


def _grids(place: PlaceCard) -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    if place.level != "village":
        return {"place": place, "villages": grids.grids_by_village(s, actor.book_id, place.code), "grids": [],
                "may": False, "people": [], "loose": 0}
    found = grids.grids_of_place(s, actor.book_id, place.code)
    homes = len(households_of_place(s, place.code))
    may = can(actor, grids.EDIT, place.code)
    return {"place": place, "villages": [], "grids": found, "may": may, "people": _people(place.code) if may else [],
            "loose": homes - sum(one.households for one in found)}


def _people(place_code: str) -> list[tuple[str, str]]:
    return [(str(one.id), f"{one.name} {one.household_code}") for one in persons_of_place(db.session(), place_code)]


@grid_pages.get("")
@needs(grids.VIEW)
def index() -> str:
    return render_template("territory/grids.html", form=blank(), **_grids(_place(grids.VIEW)))


@grid_pages.post("")
@needs(grids.EDIT)
def create() -> Response:
    place = _place(grids.EDIT)
    command, form = form_command(NewGridForm())
    if command is None:
        return form.again("territory/grids.html", **_grids(place))
    try:
        grid = grids.add_grid(db.session(), AddGrid(command["key"], place.code, command["code"], command["name"],
                                                    command["worker"], clock.today()), by=current_actor(),
                              at=clock.now())
    except DomainError as refusal:
        return form.again("territory/grids.html", refusal, **_grids(place))
    return redirect(url_for("grids.show", grid_id=grid.id), code=303)


def _grid(grid_id: UUID) -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    row = grids.own_grid(s, grid_id, actor)
    view: GridView = next(one for one in grids.grids_of_place(s, actor.book_id, row.place_code) if one.id == row.id)
    inside = grids.households_in(s, actor.book_id, row.place_code)
    names = {one.id: one.name for one in grids.grids_of_place(s, actor.book_id, row.place_code)}
    homes = [{"id": str(home.id), "code": home.code, "head": home.head_name, "group": home.group_no,
              "here": inside.get(home.id) == row.id, "other": names.get(inside[home.id], "")
              if home.id in inside and inside[home.id] != row.id else ""}
             for home in households_of_place(s, row.place_code)]
    may = can(actor, grids.EDIT, row.place_code)
    return {"grid": view, "place": place_by_code(s, row.place_code), "homes": homes, "may": may,
            "people": _people(row.place_code) if may else []}


@grid_pages.get("/<uuid:grid_id>")
@needs(grids.VIEW)
def show(grid_id: UUID) -> str:
    shown = _grid(grid_id)
    form = blank(name=shown["grid"].name, worker=shown["grid"].worker_id or "", until=shown["grid"].valid_until,
                 households=[one["id"] for one in shown["homes"] if one["here"]])
    return render_template("territory/grid.html", form=form, **shown)


@grid_pages.post("/<uuid:grid_id>")
@needs(grids.EDIT)
def change(grid_id: UUID) -> Response:
    grids.own_grid(db.session(), grid_id, current_actor(), grids.EDIT)
    command, form = form_command(GridForm())
    if command is None:
        return form.again("territory/grid.html", **_grid(grid_id))
    try:
        grid = grids.change_grid(db.session(), ChangeGrid(
            command["key"], grid_id, command["name"], command["worker"], tuple(command["households"]),
            command["until"]), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("territory/grid.html", refusal, **_grid(grid_id))
    flash(_("网格已保存:%(n)s 户。", n=len(command["households"])), "good")
    return redirect(url_for("grids.index", place=grid.place_code), code=303)
