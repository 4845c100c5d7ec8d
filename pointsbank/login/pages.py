"""/login: staff by user name, households by their code. /logout ends the session in the database."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from marshmallow import Schema, fields, validate
from sqlalchemy import select
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import AppUser, set_password, sign_in, sign_out
from pointsbank.access.signin import ABSOLUTE, WrongSignIn
from pointsbank.access.web import COOKIE, current_actor, current_user
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.places import PlaceCard, place_cards
from pointsbank.web.forms import blank, form_command

pages = Blueprint("access", __name__, template_folder="templates")

KINDS = ("household", "staff")


class SignInSchema(Schema):
    kind = fields.Str(required=True, validate=validate.OneOf(("staff", "household")))
    login = fields.Str(required=True, validate=validate.Length(1, 60))
    password = fields.Str(required=True, validate=validate.Length(1, 200))
    place = fields.Str(load_default="", validate=validate.Length(max=12))
    next = fields.Str(load_default="")
    key = fields.UUID()


class PasswordSchema(Schema):
    old_password = fields.Str(required=True, validate=validate.Length(1, 200))
    new_password = fields.Str(required=True, validate=validate.Length(6, 200))
    key = fields.UUID(required=True)


def _household_login(code: str, place: str) -> tuple[str | None, list[PlaceCard]]:
    """The login a household code stands for, and the villages to choose from when several use the code."""
    wanted = code.strip().upper()
    logins = list(db.session.scalars(select(AppUser.login).where(
        AppUser.kind == "household", AppUser.login.endswith(f"/{wanted}", autoescape=True)).limit(100)))
    villages = {login.partition("/")[0]: login for login in logins}
    if place in villages:
        return villages[place], []
    if len(villages) > 1:
        return None, sorted(place_cards(db.session(), villages).values())
    return next(iter(villages.values()), f"/{wanted}"), []


def _safe_next(path: str) -> str:
    parts = urlsplit(path)
    own = path.startswith("/") and not path.startswith("//") and not parts.netloc and "\\" not in path
    return path if own else url_for("web.home")


def _shown(places: list[PlaceCard] | None = None) -> dict[str, Any]:
    """What the page needs: which of the two forms, the villages to choose from, where to go on."""
    kind = request.form.get("kind") or request.args.get("kind")
    return {"kind": kind if kind in KINDS else "household", "places": [(p.code, p.name) for p in places or ()],
            "next": request.form.get("next") or request.args.get("next", "")}


@pages.get("/login")
def login() -> str:
    return render_template("access/login.html", form=blank(), **_shown())


@pages.post("/login")
def do_login() -> Response:
    command, form = form_command(SignInSchema())
    places: list[PlaceCard] = []
    if command is None:
        return form.again("access/login.html", **_shown(places))
    name: str | None = command["login"]
    if command["kind"] == "household":
        name, places = _household_login(command["login"], command["place"])
        if name is None:
            form.errors["place"] = BadInput("place", "几个村都有这个户号,请选您的村。",
                                            "Several villages use this code; choose yours.").sentence()
            return form.again("access/login.html", **_shown(places))
    try:
        signed_in = sign_in(db.session(), name or "", command["password"], at=clock.now())
    except DomainError as refusal:
        return form.again("access/login.html", refusal, **_shown(places))
    answer = make_response(redirect(_safe_next(command["next"]), code=303))
    answer.set_cookie(COOKIE, signed_in.token, max_age=int(ABSOLUTE.total_seconds()), httponly=True, samesite="Lax",
                      secure=request.is_secure, path="/")
    return answer


@pages.post("/logout")
def logout() -> Response:
    token = request.cookies.get(COOKIE)
    if token:
        sign_out(db.session(), token, at=clock.now())
    answer = make_response(redirect(url_for("access.login"), code=303))
    answer.delete_cookie(COOKIE, path="/")
    return answer


@pages.get("/password")
def password() -> str:
    current_actor()
    return render_template("access/password.html", form=blank())


@pages.post("/password")
def change_password() -> Response:
    current_actor()
    command, form = form_command(PasswordSchema())
    if command is None:
        return form.again("access/password.html")
    user = current_user()
    if user is None:
        raise NotFound("user")
    book_id, user_id, login_name = user.book_id, user.id, user.login
    try:
        sign_in(db.session(), login_name, command["old_password"], at=clock.now())
        found = db.session.get_one(AppUser, (book_id, user_id))
        set_password(db.session(), found, command["new_password"], at=clock.now())
    except WrongSignIn as refusal:
        refusal.field = "old_password"
        return form.again("access/password.html", refusal)
    return redirect(url_for("access.login"), code=303)



