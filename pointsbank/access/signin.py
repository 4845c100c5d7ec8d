"""Sign-in and sign-out. What a browser holds is '<book>.<random>', stored as SHA-256 (random: nothing can be guessed).

Who may try how often: `tries.py`. The answer to a wrong name and to a wrong password is the same, and as slow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, needs_second_factor
from pointsbank.access.devices import book_in, digest, is_known, is_trusted, open_session, remember
from pointsbank.access.models import AppUser, RoleGrant, SignInSession
from pointsbank.access.passwords import matches
from pointsbank.access.tries import Origin, give_back, take_a_try
from pointsbank.audit import record
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError

NOWHERE = Origin()


class WrongSignIn(DomainError):
    code, status = "wrong_sign_in", 401
    zh = "账号或密码不对,请再试一次。"
    en = "The account or the password is wrong. Please try again."


class SignedIn(NamedTuple):
    """`device` is the value of the cookie by which the account knows this device again.

    `half`: the session opens nothing but the page that asks for the second factor (`factor.py`); the device is not
    known before that was shown, so that a stolen password buys no budget of tries of its own.
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


def let_in(s: Session, user: AppUser, origin: Origin, at: datetime, **how: Any) -> SignedIn:
    """Open a session for who has proved to be this user. `how` goes into the trail. Inside a unit of work."""
    actor = actor_of_user(s, user, origin=f"{origin.label} {origin.source}".strip())
    needed = needs_second_factor(actor)
    trusted = needed and is_trusted(s, user, origin, at)
    half = needed and not trusted
    how |= {"code": "trusted"} if trusted else {}
    token, csrf = open_session(s, user, origin, at, second_at=at if trusted else None)
    device = remember(s, user, origin, at) if origin.source and not half else ""
    record(s, actor, "password_right" if half else "signed_in", f"user:{user.id}", at=at, **how)
    return SignedIn(token, csrf, actor, device, half)


def sign_out(s: Session, token: str, *, at: datetime) -> None:
    """End the session in the database: a copied cookie is worth nothing afterwards."""
    book_id = book_in(token)
    with unit_of_work(s):
        row = s.get(SignInSession, (book_id, digest(token))) if book_id is not None else None
        if row and not row.ended_at:
            row.ended_at = at
