"""Sign-in, sign-out, users, API tokens.

Passwords: argon2id. Tokens: '<book>.<random>', stored as SHA-256 (they are random, so nothing can be guessed).
A wrong password slows the account down for minutes, never for good: nobody can lock a neighbour out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor
from pointsbank.access.models import ApiToken, AppUser, RoleGrant, SignInSession
from pointsbank.access.powers import ROLES
from pointsbank.audit import record
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.places import book_of

IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)
TRIES = 5
LOCK = timedelta(minutes=5)
SHORTEST = 6  # a household's PIN is six digits; staff passwords are longer
# OWASP: argon2id with 19 MiB, 2 passes, 1 lane; an old office PC signs people in within a breath.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked when there is no such user, so that the answer takes as long as for a known one.
_decoy = _hasher.hash(secrets.token_hex(8))


class WrongSignIn(DomainError):
    code, status = "wrong_sign_in", 401
    zh = "账号或密码不对,请再试一次。"
    en = "The account or the password is wrong. Please try again."


class SlowDown(DomainError):
    code, status = "slow_down", 429
    zh = "试错次数太多,请 {minutes} 分钟后再试。"
    en = "Too many wrong tries. Please try again in {minutes} minutes."


@dataclass(frozen=True)
class AddUser:
    login: str
    kind: str
    place_code: str
    password: str
    grants: tuple[tuple[str, str], ...] = ()
    person_id: UUID | None = None
    household_id: UUID | None = None


class SignedIn(NamedTuple):
    token: str
    csrf: str
    actor: Actor


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def add_user(s: Session, cmd: AddUser, *, at: datetime) -> AppUser:
    """Make a sign-in. Raises BadInput for a taken login, a short password or an unknown role."""
    if len(cmd.password) < SHORTEST:
        raise BadInput("password", "密码至少 6 位。", "A password has at least 6 characters.")
    if any(role not in ROLES for role, _ in cmd.grants):
        raise BadInput("grants", "没有这种角色。", "There is no such role.")
    with unit_of_work(s):
        if s.scalar(select(AppUser.id).where(AppUser.login == cmd.login)):
            raise BadInput("login", "这个账号名已经有人用了。", "This account name is taken.")
        user = AppUser(book_id=book_of(cmd.place_code), id=new_id(), login=cmd.login, kind=cmd.kind,
                       place_code=cmd.place_code, person_id=cmd.person_id, household_id=cmd.household_id,
                       password_hash=_hasher.hash(cmd.password), failed_count=0, locked_until=None, disabled_at=None,
                       large_type=False)
        s.add(user)
        s.flush()
        s.add_all(RoleGrant(book_id=user.book_id, user_id=user.id, role=role, place_code=place)
                  for role, place in cmd.grants)
        s.flush()
        return user


def set_password(s: Session, user: AppUser, password: str, *, at: datetime) -> None:
    """Replace a password and end the user's sessions."""
    if len(password) < SHORTEST:
        raise BadInput("password", "密码至少 6 位。", "A password has at least 6 characters.")
    with unit_of_work(s):
        found = s.get(AppUser, (user.book_id, user.id))
        if found is None:
            raise NotFound("user")
        found.password_hash = _hasher.hash(password)
        found.failed_count, found.locked_until = 0, None
        s.execute(update(SignInSession).where(SignInSession.book_id == user.book_id, SignInSession.user_id == user.id,
                                              SignInSession.ended_at.is_(None)).values(ended_at=at))


def actor_of_user(s: Session, user: AppUser, scope: str | None = None) -> Actor:
    """The actor a user is, with the grants in force."""
    grants = s.execute(select(RoleGrant.role, RoleGrant.place_code)
                       .where(RoleGrant.book_id == user.book_id, RoleGrant.user_id == user.id))
    return Actor(user.id, user.book_id, user.person_id, user.household_id, user.place_code,
                 frozenset((role, place) for role, place in grants), scope or f"user:{user.id}")


def find_user(s: Session, login: str) -> AppUser | None:
    return s.scalar(select(AppUser).where(AppUser.login == login.strip()))


def _verified(user: AppUser | None, password: str) -> bool:
    try:
        return _hasher.verify(user.password_hash if user else _decoy, password) and user is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def sign_in(s: Session, login: str, password: str, *, at: datetime) -> SignedIn:
    """Check and open a session. Raises WrongSignIn (never saying which part) or SlowDown."""
    user = find_user(s, login)
    if user and user.locked_until and user.locked_until > at:
        raise SlowDown(None, minutes=-(-int((user.locked_until - at).total_seconds()) // 60))
    good = _verified(user, password)  # outside the unit of work: hashing is slow, the writer is shared
    if user is None or user.disabled_at is not None:
        raise WrongSignIn()
    key = (user.book_id, user.id)
    with unit_of_work(s):
        user = s.get_one(AppUser, key)
        if good:
            user.failed_count, user.locked_until = 0, None
            token, csrf = f"{user.book_id}.{secrets.token_urlsafe(32)}", secrets.token_urlsafe(32)
            s.add(SignInSession(book_id=user.book_id, token_hash=_digest(token), user_id=user.id, csrf=csrf,
                                created_at=at, seen_at=at, ended_at=None))
            actor = actor_of_user(s, user)
            record(s, actor, "signed_in", f"user:{user.id}", at=at)
            return SignedIn(token, csrf, actor)
        user.failed_count += 1
        if user.failed_count % TRIES == 0:
            user.locked_until = at + LOCK
    raise WrongSignIn()


def _book(token: str) -> int | None:
    head, mark, _ = token.partition(".")
    return int(head) if mark and head.isascii() and head.isdigit() and len(head) <= 8 else None


def find_session(s: Session, token: str, *, at: datetime) -> SignInSession | None:
    """The live session of a cookie, or None. Touching `seen_at` is the caller's."""
    book_id = _book(token)
    row = s.get(SignInSession, (book_id, _digest(token))) if book_id is not None else None
    if row is None or row.ended_at or at - row.seen_at > IDLE or at - row.created_at > ABSOLUTE:
        return None
    return row


def sign_out(s: Session, token: str, *, at: datetime) -> None:
    """End the session in the database: a copied cookie is worth nothing afterwards."""
    book_id = _book(token)
    with unit_of_work(s):
        row = s.get(SignInSession, (book_id, _digest(token))) if book_id is not None else None
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
        s.add(ApiToken(book_id=user.book_id, token_hash=_digest(token), id=token_id, user_id=user.id, name=name[:60],
                       created_at=at, expires_at=at + timedelta(days=days) if days else None, revoked_at=None))
        return token_id, token


def revoke_token(s: Session, token_id: UUID, *, at: datetime) -> None:
    """Raises NotFound."""
    with unit_of_work(s):
        row = s.scalar(select(ApiToken).where(ApiToken.id == token_id))
        if row is None:
            raise NotFound("token")
        row.revoked_at = row.revoked_at or at


def actor_of_token(s: Session, token: str, *, at: datetime) -> Actor | None:
    """The actor behind a Bearer token, or None when it is unknown, revoked or over."""
    book_id = _book(token)
    row = s.get(ApiToken, (book_id, _digest(token))) if book_id is not None else None
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= at):
        return None
    user = s.get(AppUser, (row.book_id, row.user_id))
    if user is None or user.disabled_at:
        return None
    return actor_of_user(s, user, f"token:{row.id}")
