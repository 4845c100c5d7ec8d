"""The people who can sign in: made, given roles and relieved of them, shut out, given a new first password.

Whoever manages users does so at their place and below, never for themselves: nobody gives a role to their own name.
Everything holds at the next request, because a request asks the tables.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, can, require_seen
from pointsbank.access.devices import end_all
from pointsbank.access.models import AppUser, RoleGrant
from pointsbank.access.passwords import check_new_password, hashed
from pointsbank.access.powers import ROLES
from pointsbank.audit import record
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotAllowed, NotFound
from pointsbank.places import book_of

POWER = "users.manage"


class NotOneself(DomainError):
    code, status = "not_oneself", 403
    zh = "自己的账号和角色要由别人来办。"
    en = "One's own account and roles are for somebody else to change."


@dataclass(frozen=True)
class AddUser:
    """`must_change`: the password is a first one, to be replaced at the first sign-in."""

    login: str
    kind: str
    place_code: str
    password: str
    grants: tuple[tuple[str, str], ...] = ()
    person_id: UUID | None = None
    household_id: UUID | None = None
    must_change: bool = False


def add_user(s: Session, cmd: AddUser, *, at: datetime) -> AppUser:
    """Make a sign-in. Raises BadInput for a taken login, a weak password or an unknown role."""
    check_new_password(cmd.kind, cmd.password, cmd.login)
    if any(role not in ROLES for role, _ in cmd.grants):
        raise BadInput("grants", "没有这种角色。", "There is no such role.")
    with unit_of_work(s):
        if s.scalar(select(AppUser.id).where(AppUser.login == cmd.login)):
            raise BadInput("login", "这个账号名已经有人用了。", "This account name is taken.")
        user = AppUser(book_id=book_of(cmd.place_code), id=new_id(), login=cmd.login, kind=cmd.kind,
                       place_code=cmd.place_code, person_id=cmd.person_id, household_id=cmd.household_id,
                       password_hash=hashed(cmd.password), must_change=cmd.must_change, disabled_at=None,
                       large_type=False)
        s.add(user)
        s.flush()
        s.add_all(RoleGrant(book_id=user.book_id, user_id=user.id, role=role, place_code=place)
                  for role, place in cmd.grants)
        s.flush()
        return user


def set_password(s: Session, user: AppUser, password: str, *, at: datetime) -> None:
    """Replace one's own password and end the sessions everywhere. Raises BadInput, NotFound."""
    check_new_password(user.kind, password, user.login, "new_password")
    new_hash = hashed(password)
    with unit_of_work(s):
        found = s.get(AppUser, (user.book_id, user.id))
        if found is None:
            raise NotFound("user")
        found.password_hash, found.must_change = new_hash, False
        end_all(s, user.book_id, user.id, at)


def managed(s: Session, user_id: UUID, by: Actor) -> AppUser:
    """The user, for whoever manages users at the user's place. Raises NotAllowed, NotFound, NotOneself."""
    user = s.get(AppUser, (by.book_id, user_id))
    if user is None:
        raise NotFound("user")
    require_seen(by, POWER, at_place=user.place_code, what="user")
    if user.id == by.user_id:
        raise NotOneself("user")
    return user


def register_user(s: Session, cmd: AddUser, *, by: Actor, at: datetime) -> AppUser:
    """A new colleague with a first password. Raises NotAllowed, BadInput."""
    with unit_of_work(s):
        if not can(by, POWER, cmd.place_code) or any(not can(by, POWER, place) for _, place in cmd.grants):
            raise NotAllowed("place_code", power=POWER)
        user = add_user(s, cmd, at=at)
        record(s, by, "user_added", f"user:{user.id}", at=at, grants=[list(one) for one in cmd.grants])
        return user


def give_role(s: Session, user_id: UUID, role: str, place_code: str, *, by: Actor, at: datetime) -> None:
    """A role at a place, once. Raises NotAllowed, NotFound, NotOneself, BadInput."""
    if role not in ROLES:
        raise BadInput("role", "没有这种角色。", "There is no such role.")
    with unit_of_work(s):
        user = managed(s, user_id, by)
        if not can(by, POWER, place_code):
            raise NotAllowed("place", power=POWER)
        key = (user.book_id, user.id, role, place_code)
        if s.get(RoleGrant, key) is None:
            s.add(RoleGrant(book_id=user.book_id, user_id=user.id, role=role, place_code=place_code))
            record(s, by, "role_given", f"user:{user.id}", at=at, role=role, place=place_code)
            s.flush()


def take_role(s: Session, user_id: UUID, role: str, place_code: str, *, by: Actor, at: datetime) -> None:
    """Take a role away; the next request knows. Raises NotAllowed, NotFound, NotOneself."""
    with unit_of_work(s):
        user = managed(s, user_id, by)
        row = s.get(RoleGrant, (user.book_id, user.id, role, place_code))
        if row is not None:
            s.delete(row)
            record(s, by, "role_taken", f"user:{user.id}", at=at, role=role, place=place_code)
            s.flush()


def disable_user(s: Session, user_id: UUID, *, by: Actor, at: datetime) -> None:
    """Shut out at once: sessions end, tokens no longer count. Raises NotAllowed, NotFound, NotOneself."""
    with unit_of_work(s):
        user = managed(s, user_id, by)
        if user.disabled_at is None:
            user.disabled_at = at
            end_all(s, user.book_id, user.id, at, devices=True)
            record(s, by, "user_disabled", f"user:{user.id}", at=at)


def enable_user(s: Session, user_id: UUID, *, by: Actor, at: datetime) -> None:
    """Let in again; old sessions stay ended. Raises NotAllowed, NotFound, NotOneself."""
    with unit_of_work(s):
        user = managed(s, user_id, by)
        if user.disabled_at is not None:
            user.disabled_at = None
            record(s, by, "user_enabled", f"user:{user.id}", at=at)


def first_password() -> str:
    """48 random bits in three groups, to read out or write down."""
    return "-".join(secrets.token_hex(2) for _ in range(3))


def new_first_password(s: Session, user_id: UUID, *, by: Actor, at: datetime) -> str:
    """A random first password, shown once; whoever signs in with it chooses their own. Raises as `disable_user`."""
    first = first_password()
    new_hash = hashed(first)
    with unit_of_work(s):
        user = managed(s, user_id, by)
        user.password_hash, user.must_change = new_hash, True
        end_all(s, user.book_id, user.id, at, devices=True)
        record(s, by, "password_reset", f"user:{user.id}", at=at)
        return first
