"""/staff: colleagues and their roles; /staff/powers: the table of powers in words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf, Regexp
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import (
    POWERS,
    ROLES,
    AddUser,
    can,
    current_actor,
    disable_user,
    enable_user,
    factor,
    give_role,
    needs,
    new_first_password,
    register_user,
    require,
    take_role,
)
from pointsbank.access.powers import ALL
from pointsbank.access.users import first_password
from pointsbank.database import db
from pointsbank.errors import DomainError
from pointsbank.places import place_by_code
from pointsbank.staff.queries import colleague, colleagues, holders
from pointsbank.staff.words import grouped, role_word
from pointsbank.web import FormState, blank, form_command
from pointsbank.web.viewer import place_choices

pages = Blueprint("staff", __name__, template_folder="templates")
POWER = "users.manage"
STAFF_ROLES = tuple(role for role in ROLES if role != "volunteer")


class NewColleagueSchema(Schema):
    key = fields.UUID(required=True)
    login = fields.Str(required=True, validate=[Length(2, 40), Regexp(r"[a-z][a-z0-9._-]*$")])
    place = fields.Str(required=True, validate=Length(12, 12))
    role = fields.Str(required=True, validate=OneOf(STAFF_ROLES))


class ReasonSchema(Schema):
    key = fields.UUID(required=True)
    why = fields.Str(required=True, validate=OneOf(factor.REASONS))


class RoleSchema(Schema):
    key = fields.UUID(required=True)
    place = fields.Str(required=True, validate=Length(12, 12))
    role = fields.Str(required=True, validate=OneOf(STAFF_ROLES))


def _choices() -> dict[str, Any]:
    by = current_actor()
    return {"roles": [(role, role_word(role)) for role in STAFF_ROLES], "role_word": role_word,
            "reasons": [("lost", _("手机丢了")), ("new", _("换了手机")), ("broken", _("手机坏了")),
                        ("suspected", _("怀疑被别人用过"))],
            "places": [(code, name) for code, name in place_choices(by) if can(by, POWER, code)]}


@pages.get("/staff")
@needs(POWER)
def home() -> str:
    return _home(blank(), None, None)


def _home(form: FormState, login: str | None, first: str | None) -> str:
    by = current_actor()
    require(by, POWER, at_place=by.place_code)
    return render_template("staff/home.html", form=form, rows=colleagues(db.session(), by, by.place_code),
                           place=place_by_code(db.session(), by.place_code), new_login=login, first=first, **_choices())


@pages.post("/staff")
@needs(POWER)
def add() -> Response:
    """A new colleague; the first password is shown once, on this answer."""
    command, form = form_command(NewColleagueSchema())
    if command is None:
        return make_response(_home(form, None, None), 422)
    first = first_password()
    try:
        register_user(db.session(), AddUser(command["login"], "staff", command["place"], first,
                                            ((command["role"], command["place"]),), must_change=True),
                      by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_home(form, None, None), refusal.status)
    return make_response(_home(blank(), command["login"], first), 201)


@pages.get("/staff/<uuid:user_id>")
@needs(POWER)
def show(user_id: UUID) -> str:
    return _one(user_id, blank())


def _one(user_id: UUID, form: FormState, first: str | None = None) -> str:
    return render_template("staff/one.html", one=colleague(db.session(), current_actor(), user_id), form=form,
                           first=first, **_choices())


@pages.post("/staff/<uuid:user_id>/roles")
@needs(POWER)
def give(user_id: UUID) -> Response:
    command, form = form_command(RoleSchema())
    if command is None:
        return make_response(_one(user_id, form), 422)
    return _do(user_id, form, lambda: give_role(db.session(), user_id, command["role"], command["place"],
                                                by=current_actor(), at=clock.now()), _("角色已加上。"))


@pages.post("/staff/<uuid:user_id>/roles/end")
@needs(POWER)
def take(user_id: UUID) -> Response:
    command, form = form_command(RoleSchema())
    if command is None:
        return make_response(_one(user_id, form), 422)
    return _do(user_id, form, lambda: take_role(db.session(), user_id, command["role"], command["place"],
                                                by=current_actor(), at=clock.now()), _("角色已收回,马上生效。"))


@pages.post("/staff/<uuid:user_id>/<any(off, on):what>")
@needs(POWER)
def switch(user_id: UUID, what: str) -> Response:
    """Shut out, or let in again."""
    act = disable_user if what == "off" else enable_user
    said = _("已停用,所有设备上都已退出。") if what == "off" else _("已恢复。")
    return _do(user_id, blank(), lambda: act(db.session(), user_id, by=current_actor(), at=clock.now()), said)


@pages.post("/staff/<uuid:user_id>/password")
@needs(POWER)
def password(user_id: UUID) -> Response:
    """A new first password, shown once, on this answer."""
    try:
        first = new_first_password(db.session(), user_id, by=current_actor(), at=clock.now())
    except DomainError as refusal:
        form = blank()
        form.refuse(refusal)
        return make_response(_one(user_id, form), refusal.status)
    return make_response(_one(user_id, blank(), first), 200)


@pages.post("/staff/<uuid:user_id>/second")
@needs(POWER)
def reset_second(user_id: UUID) -> Response:
    """Their phone is gone: at the next sign-in they bind another one."""
    command, form = form_command(ReasonSchema())
    if command is None:
        return make_response(_one(user_id, form), 422)
    return _do(user_id, form, lambda: factor.reset_factor(db.session(), user_id, command["why"], by=current_actor(),
                                                          at=clock.now()), _("已重设,本人下次登录时重新绑定手机。"))


def _do(user_id: UUID, form: FormState, act: Any, said: str) -> Response:
    try:
        act()
    except DomainError as refusal:
        form.refuse(refusal)
        return make_response(_one(user_id, form), refusal.status)
    flash(said, "good")
    return redirect(url_for("staff.show", user_id=user_id), code=303)


@pages.get("/staff/powers")
@needs("powers.view")
def powers() -> str:
    """Role by role what it opens; for those who manage or audit also who holds it where."""
    by = current_actor()
    role = request.args.get("role", "")
    sees = can(by, POWER, by.place_code) or can(by, "trail.view", by.place_code)
    held = holders(colleagues(db.session(), by, by.place_code)) if sees else {}
    return render_template("staff/powers.html", roles=[(one, role_word(one)) for one in ROLES],
                           groups=grouped(ALL), table=POWERS, held=held, sees=sees, role=role)
