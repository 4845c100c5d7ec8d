"""/login: staff by user name, households by their code. /logout ends the session in the database.

/password is one's own sign-in: the password, and the devices where one is signed in, each with "sign out there".
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy import select
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import (
    AppUser,
    WrongSignIn,
    current_actor,
    current_user,
    end_session,
    factor,
    origin_of_request,
    proven,
    sessions_of,
    set_password,
    sign_in,
    sign_out,
)
from pointsbank.access.web import COOKIE
from pointsbank.database import db
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.login import phone_pages, second_pages
from pointsbank.login.cookies import entered
from pointsbank.login.phone_pages import ways
from pointsbank.places import PlaceCard, place_cards
from pointsbank.web.forms import blank, form_command
from pointsbank.web.viewer import serves

pages = Blueprint("access", __name__, template_folder="templates")
second_pages.add_to(pages)
phone_pages.add_to(pages)

KINDS = ("household", "staff", "phone")


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


def _shown(places: list[PlaceCard] | None = None) -> dict[str, Any]:
    """What the page needs: which of the two forms, the villages to choose from, where to go on."""
    kind = request.form.get("kind") or request.args.get("kind")
    return {**ways(db.session(), kind if kind in KINDS else "household"),
            "places": [(p.code, p.name) for p in places or ()],
            "next": request.form.get("next") or request.args.get("next", "")}


@pages.get("/login")
def login() -> str:
    shown = _shown()
    by_phone = shown["kind"] == "phone" and shown["by_phone"]
    return render_template("access/phone.html" if by_phone else "access/login.html", form=blank(), **shown)


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
        signed_in = sign_in(db.session(), name or "", command["password"], at=clock.now(), origin=origin_of_request())
    except DomainError as refusal:
        answer = form.again("access/login.html", refusal, **_shown(places))
        if "minutes" in refusal.facts:
            answer.headers["Retry-After"] = str(refusal.facts["minutes"] * 60)
        return answer
    return entered(signed_in, command["next"])


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
    """One's own sign-in: a new password, and where one is signed in."""
    current_actor()
    return render_template("access/password.html", form=blank(), **_own())


def _own() -> dict[str, Any]:
    by, row = current_actor(), g.get("session_row")
    user = current_user()
    return {"sessions": sessions_of(db.session(), by, at=clock.now()), "here": row.id if row else None,
            "factor": user is not None and factor.factor_of(db.session(), user.book_id, user.id) is not None,
            "papers": factor.papers_left(db.session(), user.book_id, user.id) if user else 0,
            "tokens": "/tokens" if user and user.kind == "staff" and serves("/tokens") else None,
            "first": bool(user and user.must_change), "least": 6 if user and user.kind == "household" else 8}


@pages.post("/password")
def change_password() -> Response:
    current_actor()
    command, form = form_command(PasswordSchema())
    if command is None:
        return form.again("access/password.html", **_own())
    user = current_user()
    if user is None:
        raise NotFound("user")
    try:
        key = proven(db.session(), user.login, command["old_password"], at=clock.now(), origin=origin_of_request())
        if command["new_password"] == command["old_password"]:
            raise BadInput("new_password", "新密码不能和现在的一样。", "The new password is the same as the old one.")
        set_password(db.session(), db.session.get_one(AppUser, key), command["new_password"], at=clock.now())
    except DomainError as refusal:
        if isinstance(refusal, WrongSignIn):
            refusal.field = "old_password"
        return form.again("access/password.html", refusal, **_own())
    return redirect(url_for("access.login"), code=303)


@pages.post("/sessions/<uuid:session_id>/end")
def end(session_id: UUID) -> Response:
    """Sign out there."""
    end_session(db.session(), session_id, by=current_actor(), at=clock.now())
    flash(_("那台设备上已经退出登录。"), "good")
    return redirect(url_for("access.password"), code=303)
