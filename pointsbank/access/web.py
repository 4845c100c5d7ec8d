"""The actor of a request: from the session cookie on pages, from the Bearer token in the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import g, has_request_context, request

from pointsbank import clock
from pointsbank.access.actor import Actor, needs_second_factor, require
from pointsbank.access.devices import find_session, idle_time, label_of
from pointsbank.access.models import AppUser, SignInSession
from pointsbank.access.signin import actor_of_user
from pointsbank.access.tokens import actor_of_token
from pointsbank.access.tries import Origin
from pointsbank.database import db, unit_of_work
from pointsbank.errors import DomainError, NotSignedIn

COOKIE, DEVICE = "pb_session", "pb_device"
TOUCH = timedelta(minutes=1)  # a session's last-seen time is written at most this often
# With a first password one can choose one's own, leave, and read the page's own files.
FIRST = frozenset({"access.password", "access.change_password", "access.logout", "web.choose_view"})
# Between the password and the second factor: the page that asks for it, and the way out.
HALF = frozenset({"access.second", "access.show_second", "access.logout", "web.choose_view"})
HALF_OPEN = timedelta(minutes=15)
View = TypeVar("View", bound=Callable[..., Any])


def _bearer() -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


class PasswordFirst(DomainError):
    code, status = "password_first", 403
    zh = "这是第一次登录,请先换成您自己的密码。"
    en = "This is a first password. Choose your own before anything else."


class SecondFirst(DomainError):
    code, status = "second_factor_first", 403
    zh = "请再输入手机验证器上的六位数。"
    en = "Please also enter the six digits from your authenticator app."


def origin_of_request() -> Origin:
    """Where the request comes from; nowhere outside a request."""
    if not has_request_context():
        return Origin()
    return Origin(request.remote_addr or "", request.cookies.get(DEVICE, "")[:64],
                  label_of(request.headers.get("User-Agent", "")[:300]))


def load_actor() -> None:
    """before_request: find out who asks. Sets g.actor (or None), g.session_row, g.app_user.

    A session that still waits for its second factor has a user and no actor: there is nobody yet who may do anything.
    """
    g.actor, g.session_row, g.app_user = None, None, None
    at = clock.now()
    bearer = _bearer()
    if bearer is not None:
        g.actor = actor_of_token(db.session(), bearer, at=at, source=request.remote_addr or "")
        if g.actor is None:
            raise NotSignedIn()
        return
    token = request.cookies.get(COOKIE)
    row = find_session(db.session(), token, at=at) if token else None
    user = db.session.get(AppUser, (row.book_id, row.user_id)) if row else None
    if row is None or user is None or user.disabled_at:
        return
    actor = actor_of_user(db.session(), user, origin=f"{row.label} {request.remote_addr or ''}".strip())
    if at - row.seen_at > idle_time(actor):
        return
    if at - row.seen_at > TOUCH:
        key = (row.book_id, row.token_hash)
        with unit_of_work(db.session()) as s:
            row = s.get_one(SignInSession, key)
            row.seen_at = at
        user = db.session.get_one(AppUser, (row.book_id, row.user_id))
    half = row.second_at is None and not user.must_change and needs_second_factor(actor)
    if half and at - row.created_at > HALF_OPEN:
        return
    g.actor, g.session_row, g.app_user, g.csrf = None if half else actor, row, user, row.csrf
    if user.must_change and request.endpoint not in FIRST:
        raise PasswordFirst()
    if half and request.endpoint not in HALF:
        raise SecondFirst()


def optional_actor() -> Actor | None:
    """The actor, or None for a visitor."""
    return g.get("actor")


def current_actor() -> Actor:
    """The actor. Raises NotSignedIn."""
    actor = optional_actor()
    if actor is None:
        raise NotSignedIn()
    return actor


def current_user() -> AppUser | None:
    return g.get("app_user")


def csrf_token() -> str:
    """The session's token for forms; empty for a visitor (whose requests are judged by their origin alone)."""
    return g.get("csrf") or ""


def needs(power: str) -> Callable[[View], View]:
    """The door of a page or API: signed in, and the power somewhere. The service judges the place."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require(current_actor(), power)
            return view(*args, **kwargs)

        guarded.needs_power = power  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate
