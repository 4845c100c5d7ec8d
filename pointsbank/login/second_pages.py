"""/second: the second factor, asked for after the password: enrolled at the first sign-in, shown at every later one.

A half-open session reaches this page and the way out, nothing else (`pointsbank.access.web`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from pointsbank import clock
from pointsbank.access import current_actor, current_user, factor, optional_actor, origin_of_request
from pointsbank.access.models import AppUser
from pointsbank.access.web import COOKIE
from pointsbank.database import db
from pointsbank.errors import DomainError, NotSignedIn
from pointsbank.login.cookies import keep_device, safe_next
from pointsbank.web.forms import FormState, blank, form_command
from pointsbank.web.qr import qr_svg


class CodeSchema(Schema):
    code = fields.Str(required=True, validate=validate.Length(6, 20))
    trust = fields.Bool(load_default=False)
    next = fields.Str(load_default="")
    key = fields.UUID()


def _whose() -> AppUser:
    """Who is half in. Raises NotSignedIn."""
    user = current_user()
    if user is None or g.get("session_row") is None:
        raise NotSignedIn()
    return user


def _token() -> str:
    return request.cookies.get(COOKIE, "")


def _page(form: FormState, status: int = 200, **context: Any) -> Response:
    """The page that asks; it holds secrets, so no browser keeps it."""
    user, s = _whose(), db.session()
    after = request.form.get("next") or request.args.get("next", "")
    known = factor.factor_of(s, user.book_id, user.id)
    secret = "" if known else factor.offered_secret(_token())
    answer = make_response(render_template(
        "access/second.html", form=form, next=after, known=known, login=user.login, secret=secret,
        qr=qr_svg(factor.provisioning_address(secret, user.login)) if secret else None,
        demo=factor.demo_code(s, user, clock.now()), **context), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def second() -> Response:
    if optional_actor() is not None:  # shown already, or not asked of these roles
        return redirect(safe_next(request.args.get("next", "")), code=303)
    return _page(blank())


def show_second() -> Response:
    if optional_actor() is not None:
        return redirect(safe_next(request.form.get("next", "")), code=303)
    user = _whose()
    command, form = form_command(CodeSchema())
    form.typed.pop("code", None)  # a code is typed anew
    if command is None:
        return _page(form, 422)
    s, at, origin = db.session(), clock.now(), origin_of_request()
    papers: list[str] = []
    try:
        if factor.factor_of(s, user.book_id, user.id) is None:
            passed, papers = factor.enrol(s, _token(), command["code"], at=at, origin=origin)
        else:
            passed = factor.show_factor(s, _token(), command["code"], at=at, origin=origin, trust=command["trust"])
    except DomainError as refusal:
        form.refuse(refusal)
        answer = _page(form, refusal.status)
        if "minutes" in refusal.facts:
            answer.headers["Retry-After"] = str(refusal.facts["minutes"] * 60)
        return answer
    if papers:
        return keep_device(papers_page(papers, safe_next(command["next"])), passed.device)
    return keep_device(redirect(safe_next(command["next"]), code=303), passed.device)


def papers_page(papers: list[str], after: str) -> Response:
    """The recovery codes, this once."""
    answer = make_response(render_template("access/papers.html", papers=papers, next=after), 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def new_papers() -> Response:
    """New recovery codes, for a code of the app."""
    by = current_actor()
    command, _form = form_command(CodeSchema())
    try:
        if command is None:
            raise factor.WrongCode("code")
        papers = factor.new_papers(db.session(), command["code"], by=by, at=clock.now(), origin=origin_of_request())
    except DomainError as refusal:
        flash(refusal.sentence(), "bad")
        return redirect(url_for("access.password"), code=303)
    return papers_page(papers, url_for("access.password"))


def add_to(pages: Blueprint) -> None:
    """Into the blueprint of sign-in: these pages are a part of it."""
    pages.add_url_rule("/second", view_func=second)
    pages.add_url_rule("/second", view_func=show_second, methods=["POST"])
    pages.add_url_rule("/second/papers", view_func=new_papers, methods=["POST"])
