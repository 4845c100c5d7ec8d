"""/volunteers: who offers what, found by what is needed; one person's profile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import can, current_actor, needs
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.people import persons_of_place
from pointsbank.places import villages_under
from pointsbank.teams.pages import place_asked
from pointsbank.teams.queries import teams_of
from pointsbank.teams.service import EDIT, VIEW
from pointsbank.teams.volunteers import KeepVolunteer, keep_volunteer, volunteer_of, volunteers_of_place
from pointsbank.teams.words import LANGUAGES, SKILLS, TIMES, choices
from pointsbank.web.forms import blank, form_command

volunteer_pages = Blueprint("volunteers", __name__, template_folder="templates", url_prefix="/volunteers")


def _several(words: dict[str, Any]) -> fields.List:
    return fields.List(fields.Str(validate=OneOf(list(words))), load_default=list, validate=Length(max=len(words)))


class ProfileForm(Schema):
    key = fields.UUID(required=True)
    skills = _several(SKILLS)
    languages = _several(LANGUAGES)
    times = _several(TIMES)
    note = fields.Str(load_default="", validate=Length(max=200))
    ended = fields.Bool(load_default=False)


WORDS = {"skills": SKILLS, "languages": LANGUAGES, "times": TIMES}


@volunteer_pages.get("")
@needs(VIEW)
def home() -> str:
    """The volunteers of a village, by skill, language or time; above a village, its villages."""
    place, actor, s = place_asked(VIEW), current_actor(), db.session()
    asked = {name: request.args.get(name, "") for name in ("skill", "language", "time")}
    found = volunteers_of_place(s, actor.book_id, place.code, on=clock.today(), **asked) \
        if place.level == "village" else []
    rows = [{"id": one.card.id, "name": one.card.name, "code": one.card.household_code,
             **{name: "、".join(str(words[code]) for code in getattr(one, name) if code in words)
                for name, words in WORDS.items()}} for one in found]
    may = can(actor, EDIT, place.code) and place.level == "village"
    people = [(str(one.id), f"{one.name} {one.household_code}")
              for one in (persons_of_place(s, place.code) if may else [])]
    return render_template("teams/volunteers.html", place=place, rows=rows, asked=asked, may=may, people=people,
                           villages=[] if place.level == "village" else villages_under(s, place.code),
                           skills=choices(SKILLS), languages=choices(LANGUAGES), times=choices(TIMES),
                           form=blank(**asked), filtered=any(asked.values()))


@volunteer_pages.get("/new")
@needs(EDIT)
def choose() -> Response:
    """From the list of people to one person's profile."""
    person = request.args.get("person", type=UUID)
    return redirect(url_for("volunteers.show", person_id=person) if person else url_for("volunteers.home"))


def _context(person_id: UUID) -> dict[str, Any]:
    s, actor = db.session(), current_actor()
    card, view = volunteer_of(s, person_id, by=actor, on=clock.today(), power=VIEW)
    return {"card": card, "view": view, "may": can(actor, EDIT, card.place_code),
            "teams": teams_of(s, actor.book_id, card.id), "words": WORDS,
            "groups": [("skills", _("会什么"), choices(SKILLS)), ("languages", _("会说什么话"), choices(LANGUAGES)),
                       ("times", _("什么时候有空"), choices(TIMES))]}


@volunteer_pages.get("/<uuid:person_id>")
@needs(VIEW)
def show(person_id: UUID) -> str:
    shown = _context(person_id)
    view = shown["view"]
    start = {name: list(getattr(view, name)) for name in WORDS} if view else {"languages": ["mandarin"]}
    return render_template("teams/volunteer.html", form=blank(note=view.note if view else "", **start), **shown)


@volunteer_pages.post("/<uuid:person_id>")
@needs(EDIT)
def keep(person_id: UUID) -> Response:
    shown = _context(person_id)
    command, form = form_command(ProfileForm())
    if command is None:
        return form.again("teams/volunteer.html", **shown)
    try:
        keep_volunteer(db.session(), KeepVolunteer(
            command["key"], person_id, tuple(command["skills"]), tuple(command["languages"]), tuple(command["times"]),
            command["note"], not command["ended"]), by=current_actor(), at=clock.now())
    except DomainError as refusal:
        return form.again("teams/volunteer.html", refusal, **shown)
    flash(_("%(name)s的志愿者资料已保存。", name=shown["card"].name), "good")
    return redirect(url_for("volunteers.home", place=shown["card"].place_code), code=303)
