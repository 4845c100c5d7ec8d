"""The shell's own pages: the way home, the switches, the bundles, what a problem code means."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from pointsbank.access import AppUser, can, current_actor, current_user, optional_actor
from pointsbank.database import db, unit_of_work
from pointsbank.errors import DomainError, NotAllowed, NotFound
from pointsbank.web import assets
from pointsbank.web.viewer import (
    LANG_COOKIE,
    LANGS,
    PLACE_COOKIE,
    SIGN_IN,
    VIEW_COOKIE,
    VIEWS,
    language,
    place_choices,
    serves,
    shell,
)

web = Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path="/assets")
KEPT = int(timedelta(days=400).total_seconds())
# Where each kind of person starts: the first power they have decides; others start at their first menu entry.
HOMES = (("till.sell", "/till"), ("committee.view", "/committee"), ("audit.view", "/audit"),
         ("stock.receive", "/stock"), ("records.submit", "/records/new"),
         ("records.group_review", "/committee/approvals"), ("schedule.publish", "/schedule"), ("me.view", "/me"))

web.add_url_rule("/assets/bundle/<digest>.<kind>", "send_bundle", assets.send_bundle)


@web.get("/")
def home() -> Response:
    """To where this person's work waits."""
    actor = optional_actor()
    if actor is None:
        return _go(SIGN_IN)
    for power, path in HOMES:
        if can(actor, power) and serves(path):
            return _go(path)
    menu = shell().menu
    return _go(menu[0].url) if menu else make_response(render_template("web/welcome.html"))


@web.post("/switch/view")
def choose_view() -> Response:
    """Type size and language: kept in this browser; the type size for staff on their other devices too."""
    answer = _go(_back(), code=303)
    view, lang = request.form.get("view"), request.form.get("lang")
    if view in VIEWS:
        _keep(answer, VIEW_COOKIE, str(view))
        _remember_view(view == "elder")
    if lang in LANGS:
        _keep(answer, LANG_COOKIE, str(lang))
    return answer


@web.post("/switch/place")
def choose_place() -> Response:
    """Stand at another of one's places."""
    code = request.form.get("place", "")
    if code not in dict(place_choices(current_actor())):
        raise NotAllowed("place")
    answer = _go(_back(), code=303)
    _keep(answer, PLACE_COOKIE, code)
    return answer


@web.get("/api/problems/<code>")
def problem_type(code: str) -> str:
    """What a problem document's `type` leads to: the code in words."""
    found = next((kind for kind in _kinds(DomainError) if kind.code == code), None)
    if found is None and code not in ("bad_input", "internal_error"):
        raise NotFound("code")
    return render_template("web/problem.html", code=code, kind=found,
                           sentence=(found.en if language() == "en" else found.zh) if found else None)


def _kinds(mother: type[DomainError]) -> list[type[DomainError]]:
    return [mother, *(kind for child in mother.__subclasses__() for kind in _kinds(child))]


def _remember_view(elder: bool) -> None:
    """For staff only: a household's sign-in is shared by its members, each with their own phone and eyes."""
    user = current_user()
    if user is None or user.kind == "household":
        return
    key = (user.book_id, user.id)
    with unit_of_work(db.session()) as s:
        s.get_one(AppUser, key).large_type = elder


def _keep(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, max_age=KEPT, samesite="Lax", httponly=True, secure=request.is_secure)


def _go(path: str, code: int = 302) -> Response:
    return make_response(redirect(path, code=code))


def _back() -> str:
    """The page the switch stood on: a path of ours, never another site; `lang` would undo the choice."""
    given = request.form.get("back", "")
    parts = urlsplit(given)
    if parts.scheme or parts.netloc or not given.startswith("/") or given.startswith("//") or "\\" in given:
        return url_for("web.home")
    query = "&".join(part for part in parts.query.split("&") if part and not part.startswith("lang="))
    return parts.path + (f"?{query}" if query else "")
