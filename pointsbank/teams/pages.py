"""/teams: the teams at and below one's own place; /teams/<id>: its members, leaders and hours."""

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
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import persons_of_place
from pointsbank.places import PlaceCard, place_by_code, villages_under
from pointsbank.teams.models import Team
from pointsbank.teams.queries import team_view, teams_in
from pointsbank.teams.service import (
    EDIT,
    LIST,
    VIEW,
    AddTeam,
    ChangeMember,
    CloseTeam,
    JoinTeam,
    add_team,
    change_member,
    close_team,
    join_team,
    own_team,
)
from pointsbank.teams.words import FIELDS, KINDS, choices
from pointsbank.web.forms import FormState, blank, form_command

pages = Blueprint("teams", __name__, template_folder="templates", url_prefix="/teams")
PLACE = Regexp(r"^[0-9]{12}$")


class TeamForm(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=PLACE)
    kind = fields.Str(required=True, validate=OneOf(list(KINDS)))
    field = fields.Str(load_default=None, validate=OneOf(list(FIELDS)))
    name = fields.Str(required=True, validate=Length(1, 60))
    founded_on = fields.Date(required=True)


class JoinForm(Schema):
    key = fields.UUID(required=True)
    person = fields.UUID(required=True)
    is_leader = fields.Bool(load_default=False)


class MemberForm(Schema):
    key = fields.UUID(required=True)
    what = fields.Str(required=True, validate=OneOf(("lead", "follow", "leave")))


class CloseForm(Schema):
    key = fields.UUID(required=True)
    on = fields.Date(required=True)


def place_asked(power: str) -> PlaceCard:
    code = request.values.get("place") or current_actor().place_code
    require(current_actor(), power, at_place=code)
    return place_by_code(db.session(), code)


def _list(place: PlaceCard) -> dict[str, Any]:
    actor = current_actor()
    found = teams_in(db.session(), actor.book_id, place.code, on=clock.today())
    own = [one for one in found if one.place_code == place.code and one.closed_on is None]
    return {"place": place, "teams": [{**one._asdict(), "kind_word": str(KINDS[one.kind]),
                                       "field_word": str(FIELDS[one.field]) if one.field else "",
                                       "state": "off" if one.closed_on else ""} for one in found],
            "own": {kind: sum(1 for one in own if one.kind == kind) for kind in KINDS},
            "minutes": sum(one.minutes for one in found), "may": can(actor, EDIT, place.code),
            "sees": can(actor, VIEW, place.code), "kinds": choices(KINDS), "fields": choices(FIELDS),
            "today": clock.today(), "village": place.level == "village"}


@pages.get("")
@needs(LIST)
def home() -> str:
    return render_template("teams/home.html", form=blank(kind="special", founded_on=clock.today()),
                           **_list(place_asked(LIST)))


@pages.post("")
@needs(EDIT)
def add() -> Response:
    place = place_asked(EDIT)
    command, form = form_command(TeamForm())
    if command is None:
        return form.again("teams/home.html", **_list(place))
    field = command["field"] if command["kind"] == "standing" else None
    try:
        team = add_team(db.session(), AddTeam(command["key"], place.code, command["kind"], command["name"],
                                              command["founded_on"], field), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("teams/home.html", refusal, **_list(place))
    flash(_("“%(name)s”已登记,请加上队长和队员。", name=team.name), "good")
    return redirect(url_for("teams.show", team_id=team.id) if can(current_actor(), VIEW, place.code)
                    else url_for("teams.home", place=place.code), code=303)


def _shown(team: Team) -> dict[str, Any]:
    actor = current_actor()
    may = can(actor, EDIT, team.place_code) and team.closed_on is None
    place = place_by_code(db.session(), team.place_code)
    return {"view": team_view(db.session(), team, on=clock.today()), "team": team, "may": may, "today": clock.today(),
            "kind_word": str(KINDS[team.kind]), "field_word": str(FIELDS[team.field]) if team.field else "",
            "people": _people(place) if may else None}


def _people(place: PlaceCard) -> list[tuple[str, str]] | None:
    """Whom to choose from: the village's people; above a village those of the village that was asked for."""
    village = place.code if place.level == "village" else request.args.get("village", "")
    if not village or not can(current_actor(), VIEW, village):
        return None
    return [(str(one.id), f"{one.name} {one.household_code}") for one in persons_of_place(db.session(), village)]


@pages.get("/<uuid:team_id>")
@needs(VIEW)
def show(team_id: UUID) -> str:
    team = own_team(db.session(), team_id, current_actor())
    return render_template("teams/show.html", form=blank(), **_shown(team), **_villages(team))


def _villages(team: Team) -> dict[str, Any]:
    place = place_by_code(db.session(), team.place_code)
    return {"villages": [] if place.level == "village" else
            [(card.code, card.name) for card in villages_under(db.session(), team.place_code)],
            "village": request.args.get("village", "")}


def _again(team_id: UUID, form: FormState, refusal: DomainError | None = None) -> Response:
    team = own_team(db.session(), team_id, current_actor(), EDIT)
    answer: Response = form.again("teams/show.html", refusal, **_shown(team), **_villages(team))
    return answer


@pages.post("/<uuid:team_id>/members")
@needs(EDIT)
def join(team_id: UUID) -> Response:
    command, form = form_command(JoinForm())
    if command is None:
        return _again(team_id, form)
    try:
        join_team(db.session(), JoinTeam(command["key"], team_id, command["person"], command["is_leader"]),
                  by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return _again(team_id, form, refusal)
    return redirect(url_for("teams.show", team_id=team_id), code=303)


@pages.post("/<uuid:team_id>/members/<uuid:member_id>")
@needs(EDIT)
def member(team_id: UUID, member_id: UUID) -> Response:
    own_team(db.session(), team_id, current_actor(), EDIT)
    command, _form = form_command(MemberForm())
    if command is None:
        raise NotFound("member")
    change_member(db.session(), ChangeMember(command["key"], team_id, member_id, command["what"]),
                  by=current_actor(), at=clock.now())
    return redirect(url_for("teams.show", team_id=team_id), code=303)


@pages.post("/<uuid:team_id>/close")
@needs(EDIT)
def close(team_id: UUID) -> Response:
    command, form = form_command(CloseForm())
    if command is None:
        return _again(team_id, form)
    try:
        team = close_team(db.session(), CloseTeam(command["key"], team_id, command["on"]), by=current_actor(),
                          at=clock.now())
    except DomainError as refusal:
        return _again(team_id, form, refusal)
    flash(_("“%(name)s”已撤销,它的时长照旧留着。", name=team.name), "good")
    return redirect(url_for("teams.home", place=team.place_code), code=303)
