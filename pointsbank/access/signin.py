"""Sign-in, sign-out, API tokens. Tokens: '<book>.<random>', stored as SHA-256 (random, so nothing can be guessed).

Who may try how often: `tries.py`. The answer to a wrong name and to a wrong password is the same, and as slow.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, needs_second_factor
from pointsbank.access.devices import book_in, digest, is_known, is_trusted, open_session, remember
from pointsbank.access.models import ApiToken, AppUser, RoleGrant, SignInSession
from pointsbank.access.passwords import matches
from pointsbank.access.tries import Origin, give_back, take_a_try
from pointsbank.audit import record
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import DomainError, NotFound

NOWHERE = Origin()


class WrongSignIn(DomainError):
    code, status = "wrong_sign_in", 401
    zh = "账号或密码不对,请再试一次。"
    en = "The account or the password is wrong. Please try again."


class SignedIn(NamedTuple):
    """`device` is the value of the cookie by which the account knows this device again.

    `half`: the session opens nothing but the page that asks for the second factor (`factor.py`); the device is not known
    before that was shown, so that a stolen password buys no budget of tries of its own.
    """

    token: str
    csrf: str
    actor: Actor
    device: str
    half: bool


def actor_of_user(s: Session, user: AppUser, scope: str | None = None, origin: str = "") -> Actor:
    """The actor a user is, with the grants in force."""
    grants = s.execute(select(RoleGrant.role, RoleGrant.place_code)
                       .where(RoleGrant.book_id == user.book_id, RoleGrant.user_id == user.id))
    return Actor(user.id, user.book_id, user.person_id, user.household_id, user.place_code,
                 frozenset((role, place) for role, place in grants), scope or f"user:{user.id}", origin)


def find_user(s: Session, login: str) -> AppUser | None:
    return s.scalar(select(AppUser).where(AppUser.login == login.strip()))


def proven(s: Session, login: str, password: str, *, at: datetime, origin: Origin = NOWHERE) -> tuple[int, UUID]:
    """The key of the user whose password this is; costs a try. Raises WrongSignIn (never saying why), SlowDown."""
    user = find_user(s, login)
    key = (user.book_id, user.id) if user else None
    known, stored = is_known(s, user, origin), user.password_hash if user else None
    shut = user is not None and user.disabled_at is not None
    one = take_a_try(s, login, origin, known=known, at=at)
    good = matches(stored, password)  # outside any unit of work: hashing is slow, the writer is shared
    if not good or shut or key is None:
        raise WrongSignIn()
    with unit_of_work(s):
        give_back(s, one)
    return key


def sign_in(s: Session, login: str, password: str, *, at: datetime, origin: Origin = NOWHERE) -> SignedIn:
    """Check and open a session. Raises WrongSignIn, SlowDown."""
    key = proven(s, login, password, at=at, origin=origin)
    with unit_of_work(s):
        user = s.get_one(AppUser, key, populate_existing=True)
        if user.disabled_at is not None:
            raise WrongSignIn()
        return let_in(s, user, origin, at)


def let_in(s: Session, user: AppUser, origin: Origin, at: datetime, **how: str) -> SignedIn:
    """Open a session for who has proved to be this user. `how` goes into the trail. Inside the caller's unit of work."""
    actor = actor_of_user(s, user, origin=f"{origin.label} {origin.source}".strip())
    trusted = is_trusted(s, user, origin, at)
    half = needs_second_factor(actor) and not trusted
    token, csrf = open_session(s, user, origin, at, second_at=at if trusted else None)
    device = remember(s, user, origin, at) if origin.source and not half else ""
    record(s, actor, "signed_in_half" if half else "signed_in", f"user:{user.id}", at=at, **how)
    return SignedIn(token, csrf, actor, device, half)


def sign_out(s: Session, token: str, *, at: datetime) -> None:
    """End the session in the database: a copied cookie is worth nothing afterwards."""
    book_id = book_in(token)
    with unit_of_work(s):
        row = s.get(SignInSession, (book_id, digest(token))) if book_id is not None else None
        if row and not row.ended_at:
            row.ended_at = at


def issue_token(s: Session, login: str, name: str, *, at: datetime, days: int | None = None) -> tuple[UUID, str]:
    """An API token for a user, shown once. Raises NotFound."""
    with unit_of_work(s):
        user = find_user(s, login)
        if user is None:
            raise NotFound("login")
        token = f"{user.book_id}.{secrets.token_urlsafe(32)}"
        token_id = new_id()
        s.add(ApiToken(book_id=user.book_id, token_hash=digest(token), id=token_id, user_id=user.id, name=name[:60],
                       created_at=at, expires_at=at + timedelta(days=days) if days else None, revoked_at=None))
        return token_id, token


def revoke_token(s: Session, token_id: UUID, *, at: datetime) -> None:
    """Raises NotFound."""
    with unit_of_work(s):
        row = s.scalar(select(ApiToken).where(ApiToken.id == token_id))
        if row is None:
            raise NotFound("token")
        row.revoked_at = row.revoked_at or at


def actor_of_token(s: Session, token: str, *, at: datetime, source: str = "") -> Actor | None:
    """The actor behind a Bearer token, or None when it is unknown, revoked or over."""
    book_id = book_in(token)
    row = s.get(ApiToken, (book_id, digest(token))) if book_id is not None else None
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= at):
        return None
    user = s.get(AppUser, (row.book_id, row.user_id))
    if user is None or user.disabled_at:
        return None
    return actor_of_user(s, user, f"token:{row.id}", f"API {source}".strip())
