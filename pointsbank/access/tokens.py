"""API tokens: made by people for themselves, for some of their powers at some of their places; or by the operator.

    made = make_token(s, MakeToken("statements", ("statements.any",), place, until), by=actor, at=now)
    made.secret                  # shown this once; stored as its hash
    actor_of_token(s, secret, at=now)    # what it may do is asked of the one table of powers, at every request

A token never does more than its owner may at that moment: a role taken away is gone for the token too, and with the
account it dies. No token makes tokens.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, powers_at
from pointsbank.access.devices import book_in, digest
from pointsbank.access.models import ApiToken, AppUser
from pointsbank.access.signin import actor_of_user, find_user
from pointsbank.audit import record
from pointsbank.clock import SHANGHAI, to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotAllowed, NotFound
from pointsbank.places import covers

LONGEST = timedelta(days=365)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,29}")
MOST = 20  # live tokens of one person


@dataclass(frozen=True)
class MakeToken:
    """`name` stands in the trail beside everything the token does, so it is a plain word and nobody's name."""

    name: str
    scopes: tuple[str, ...]
    place_code: str
    until: date


class Made(NamedTuple):
    id: UUID
    secret: str


class TokenView(NamedTuple):
    id: UUID
    name: str
    scopes: tuple[str, ...] | None
    place_code: str | None
    created_at: datetime
    expires_at: datetime | None


def _new(s: Session, user: AppUser, name: str, at: datetime, expires_at: datetime | None,
         scopes: list[str] | None = None, place_code: str | None = None) -> Made:
    secret, token_id = f"{user.book_id}.{secrets.token_urlsafe(32)}", new_id()
    s.add(ApiToken(book_id=user.book_id, token_hash=digest(secret), id=token_id, user_id=user.id, name=name[:60],
                   scopes=scopes, place_code=place_code, created_at=at, expires_at=expires_at, revoked_at=None))
    s.flush()
    return Made(token_id, secret)


def make_token(s: Session, cmd: MakeToken, *, by: Actor, at: datetime) -> Made:
    """A token of one's own. Raises NotAllowed for powers one lacks there, for tokens and the system; BadInput."""
    if by.user_id is None or by.only is not None or by.scope.startswith("token:"):
        raise NotAllowed("scopes")
    if not NAME.fullmatch(cmd.name):
        raise BadInput("name", "名称用 2 到 30 个字母、数字、点、横线。",
                       "A name has 2 to 30 letters, digits, dots or dashes.")
    if not cmd.scopes:
        raise BadInput("scopes", "至少选一项。", "Choose at least one.")
    if not to_day(at) < cmd.until <= to_day(at) + LONGEST:
        raise BadInput("until", "到期日在明天到一年以内。", "It ends between tomorrow and a year from now.")
    if not set(cmd.scopes) <= powers_at(by, cmd.place_code):
        raise NotAllowed("scopes")
    with unit_of_work(s):
        user = s.get_one(AppUser, (by.book_id, by.user_id))
        if len(tokens_of(s, by, at=at)) >= MOST:
            raise BadInput("name", "令牌太多了,请先停用不用的。", "There are too many tokens; end one first.")
        ends = datetime.combine(cmd.until + timedelta(days=1), time(), SHANGHAI)
        made = _new(s, user, cmd.name, at, ends, sorted(set(cmd.scopes)), cmd.place_code)
        record(s, by, "token_made", f"token:{made.id}", at=at, name=cmd.name, scopes=sorted(set(cmd.scopes)),
               place=cmd.place_code, until=str(cmd.until))
        return made


def tokens_of(s: Session, by: Actor, *, at: datetime) -> list[TokenView]:
    """One's own live tokens, newest first."""
    rows = s.scalars(select(ApiToken).where(ApiToken.book_id == by.book_id, ApiToken.user_id == by.user_id,
                                            ApiToken.revoked_at.is_(None)).order_by(ApiToken.id.desc()))
    return [TokenView(row.id, row.name, tuple(row.scopes) if row.scopes is not None else None, row.place_code,
                      row.created_at, row.expires_at)
            for row in rows if row.expires_at is None or row.expires_at > at]


def end_token(s: Session, token_id: UUID, *, by: Actor, at: datetime) -> None:
    """One's own token is worth nothing from now on. Raises NotFound, also for anybody else's."""
    with unit_of_work(s):
        row = s.scalar(select(ApiToken).where(ApiToken.book_id == by.book_id, ApiToken.id == token_id,
                                              ApiToken.user_id == by.user_id))
        if row is None or by.only is not None:
            raise NotFound("token")
        if row.revoked_at is None:
            row.revoked_at = at
            record(s, by, "token_ended", f"token:{row.id}", at=at, name=row.name)


def issue_token(s: Session, login: str, name: str, *, at: datetime, days: int | None = None) -> tuple[UUID, str]:
    """A token with all powers of a user, by the operator at the machine; shown once. Raises NotFound."""
    with unit_of_work(s):
        user = find_user(s, login)
        if user is None:
            raise NotFound("login")
        return _new(s, user, name, at, at + timedelta(days=days) if days else None)


def revoke_token(s: Session, token_id: UUID, *, at: datetime) -> None:
    """Any token, by the operator. Raises NotFound."""
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
    actor = actor_of_user(s, user, f"token:{row.id}", f"API {row.name} {source}".strip())
    return actor if row.scopes is None else _narrowed(actor, frozenset(row.scopes), row.place_code or user.place_code)


def _narrowed(actor: Actor, only: frozenset[str], place: str) -> Actor:
    """The actor with these powers at this place and below, as far as the roles still give them there."""
    grants = {(role, place if covers(at, place) else at) for role, at in actor.grants
              if covers(at, place) or covers(place, at)}
    return replace(actor, grants=frozenset(grants), only=only, place_code=place)
