"""/login/phone, /login/code, /login/whose: a number, the code sent there, and which household it is to be.

The number stands in no address and no cookie; the browser keeps a token of the code it asked for. Every number gets the
same answer, and the message leaves after the answer has.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import origin_of_request, phone
from pointsbank.database import db
from pointsbank.errors import DomainError, NotFound
from pointsbank.login.cookies import entered
from pointsbank.login.hints import hints
from pointsbank.places import has_demo, place_cards
from pointsbank.sending import Sender, send_quietly, to_console
from pointsbank.web.forms import FormState, blank, form_command

ASKED = "pb_asked"


class PhoneSchema(Schema):
    phone = fields.Str(required=True, validate=validate.Length(1, 30))
    next = fields.Str(load_default="")
    key = fields.UUID()


class CodeSchema(Schema):
    code = fields.Str(required=True, validate=validate.Length(1, 20))
    next = fields.Str(load_default="")
    key = fields.UUID()


class WhoseSchema(Schema):
    user = fields.UUID(required=True)
    next = fields.Str(load_default="")
    key = fields.UUID()


def sender_here(s: Session) -> Sender | None:
    """The installation's way of sending; the demo's is the server's own screen."""
    found: Sender | None = current_app.extensions["sender"]
    return found or (to_console if has_demo(s) else None)


def _after() -> str:
    return request.form.get("next") or request.args.get("next", "")


def ways(s: Session, kind: str) -> dict[str, Any]:
    """What the tabs of the sign-in page show."""
    return {"kind": kind, "by_phone": sender_here(s) is not None, "hints": hints(s)}


def _again(template: str, form: FormState, refusal: DomainError | None = None, **context: Any) -> Response:
    answer = form.again(template, refusal, next=_after(), **context)
    if refusal is not None and "minutes" in refusal.facts:
        answer.headers["Retry-After"] = str(refusal.facts["minutes"] * 60)
    return answer


def ask() -> Response:
    """A code for a number; on to the page that takes it, whoever has the number or nobody."""
    sender = sender_here(db.session())
    if sender is None:
        raise NotFound("sender")
    command, form = form_command(PhoneSchema())
    if command is None:
        return _again("access/phone.html", form, **ways(db.session(), "phone"))
    try:
        asked = phone.ask_code(db.session(), command["phone"], at=clock.now(), origin=origin_of_request())
    except DomainError as refusal:
        return _again("access/phone.html", form, refusal, **ways(db.session(), "phone"))
    answer = make_response(redirect(url_for("access.phone_code", next=command["next"] or None), code=303))
    answer.set_cookie(ASKED, asked.token, max_age=600, httponly=True, samesite="Lax", secure=request.is_secure,
                      path="/login")
    if asked.code:
        words = _("积分银行登录验证码 %(code)s,五分钟内有效,不要告诉别人。", code=asked.code)
        answer.call_on_close(lambda: send_quietly(sender, asked.phone, words))
    return answer


def phone_code() -> Response:
    if sender_here(db.session()) is None:
        raise NotFound("sender")
    return make_response(render_template("access/phone_code.html", form=blank(), next=_after()))


def take_phone_code() -> Response:
    """The code; then in at once, or on to choosing."""
    command, form = form_command(CodeSchema())
    form.typed.pop("code", None)
    if command is None:
        return _again("access/phone_code.html", form)
    s, at, origin = db.session(), clock.now(), origin_of_request()
    token = request.cookies.get(ASKED, "")
    try:
        homes = phone.prove_phone(s, token, command["code"], at=at, origin=origin)
        if len(homes) == 1:
            return entered(phone.enter_home(s, token, homes[0].user_id, at=at, origin=origin), command["next"])
    except DomainError as refusal:
        return _again("access/phone_code.html", form, refusal)
    return redirect(url_for("access.whose", next=command["next"] or None), code=303)


def _choices(token: str) -> dict[str, Any]:
    homes = phone.proved_homes(db.session(), token, at=clock.now())
    names = place_cards(db.session(), {one.place_code for one in homes})
    return {"homes": [(str(one.user_id), f"{_('、').join(one.names)} · {names[one.place_code].name} {one.code}")
                      for one in homes]}


def whose() -> Response:
    """Several share the phone: whose page is it to be?"""
    try:
        answer = make_response(render_template("access/whose.html", form=blank(), next=_after(),
                                               **_choices(request.cookies.get(ASKED, ""))))
    except phone.WrongPhoneCode:
        return redirect(url_for("access.login", kind="phone"), code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def choose() -> Response:
    command, form = form_command(WhoseSchema())
    token = request.cookies.get(ASKED, "")
    try:
        if command is None:
            return _again("access/whose.html", form, **_choices(token))
        signed_in = phone.enter_home(db.session(), token, command["user"], at=clock.now(), origin=origin_of_request())
    except phone.WrongPhoneCode:
        return redirect(url_for("access.login", kind="phone"), code=303)
    return entered(signed_in, command["next"])


def add_to(pages: Blueprint) -> None:
    """Into the blueprint of sign-in: these pages are a part of it."""
    pages.add_url_rule("/login/phone", "ask_phone_code", ask, methods=["POST"])
    pages.add_url_rule("/login/code", view_func=phone_code)
    pages.add_url_rule("/login/code", view_func=take_phone_code, methods=["POST"])
    pages.add_url_rule("/login/whose", view_func=whose)
    pages.add_url_rule("/login/whose", "choose_whose", choose, methods=["POST"])
