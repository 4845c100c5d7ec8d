"""Reads: colleagues of a place and below with their roles, who holds a role where, and the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, AppUser, RoleGrant, SecondFactor, can, require_seen
from pointsbank.audit import AuditEvent, reasons_of
from pointsbank.audit.models import AuditLeaf
from pointsbank.clock import SHANGHAI
from pointsbank.errors import NotFound
from pointsbank.people import person_cards
from pointsbank.places import covers, place_cards

STAFF_MAX, PAGE, EXPORT_MAX = 2000, 100, 50_000


class Grant(NamedTuple):
    role: str
    place_code: str
    place_name: str


@dataclass(frozen=True)
class Colleague:
    id: UUID
    login: str
    place_code: str
    name: str
    off: bool
    first_password: bool
    factor: bool  # whether there is a second factor
    grants: tuple[Grant, ...] = field(default=())


def colleagues(s: Session, by: Actor, place_code: str) -> list[Colleague]:
    """Staff sign-ins at a place and below, by login. Five statements."""
    rows = s.scalars(select(AppUser).where(AppUser.book_id == by.book_id, AppUser.kind == "staff")
                     .order_by(AppUser.login).limit(STAFF_MAX)).all()
    return _cards(s, by, [row for row in rows if covers(place_code, row.place_code)])


def colleague(s: Session, by: Actor, user_id: UUID) -> Colleague:
    """One of them, for whoever manages users there. Raises NotFound."""
    row = s.get(AppUser, (by.book_id, user_id))
    if row is None or row.kind != "staff":
        raise NotFound("user")
    require_seen(by, "users.manage", at_place=row.place_code, what="user")
    return _cards(s, by, [row])[0]


def _cards(s: Session, by: Actor, rows: list[AppUser]) -> list[Colleague]:
    given: dict[UUID, list[tuple[str, str]]] = {}
    for user_id, role, place in s.execute(select(RoleGrant.user_id, RoleGrant.role, RoleGrant.place_code).where(
            RoleGrant.book_id == by.book_id, RoleGrant.user_id.in_([row.id for row in rows]))
            .order_by(RoleGrant.role, RoleGrant.place_code)):
        given.setdefault(user_id, []).append((role, place))
    names = {code: card.name for code, card in place_cards(
        s, {place for some in given.values() for _, place in some} | {row.place_code for row in rows}).items()}
    people = person_cards(s, by.book_id, {row.person_id for row in rows if row.person_id})
    bound = set(s.scalars(select(SecondFactor.user_id).where(
        SecondFactor.book_id == by.book_id, SecondFactor.user_id.in_([row.id for row in rows]))))
    return [Colleague(row.id, row.login, row.place_code, people[row.person_id].name if row.person_id in people else "",
                      row.disabled_at is not None, row.must_change, row.id in bound,
                      tuple(Grant(role, place, names.get(place, place)) for role, place in given.get(row.id, ())))
            for row in rows]


def holders(found: Iterable[Colleague]) -> dict[str, list[tuple[str, str]]]:
    """Role -> (login, place) of those who hold it and can sign in."""
    held: dict[str, list[tuple[str, str]]] = {}
    for one in found:
        for grant in one.grants if not one.off else ():
            held.setdefault(grant.role, []).append((one.login, grant.place_name))
    return held


class TrailRow(NamedTuple):
    id: UUID
    at: datetime
    login: str
    role: str
    place: str
    origin: str
    action: str
    subject: str
    detail: str
    why: str | None  # '' where none was given; None where whom it was about is erased
    seal: int | None  # its place in the trail's sealed log; None while it waits


@dataclass(frozen=True)
class TrailFilter:
    """What the reader asks for; dates are days of the village."""

    login: str = ""
    action: str = ""
    subject: str = ""
    start: date | None = None
    end: date | None = None
    after: UUID | None = None


def trail(s: Session, by: Actor, asked: TrailFilter, limit: int = PAGE) -> list[TrailRow]:
    """Events at the places where the actor reads the trail, newest first, paged by id. Four statements."""
    query = select(AuditEvent, AuditLeaf.position).outerjoin(
        AuditLeaf, (AuditLeaf.book_id == AuditEvent.book_id) & (AuditLeaf.event_id == AuditEvent.id)).where(
        AuditEvent.book_id == by.book_id)
    if asked.login:
        query = query.where(AuditEvent.user_id.in_(select(AppUser.id).where(
            AppUser.book_id == by.book_id, AppUser.login == asked.login)))
    if asked.action:
        query = query.where(AuditEvent.action.startswith(asked.action, autoescape=True))
    if asked.subject:
        query = query.where(AuditEvent.subject.startswith(asked.subject, autoescape=True))
    if asked.start:
        query = query.where(AuditEvent.at >= midnight(asked.start))
    if asked.end:
        query = query.where(AuditEvent.at < midnight(asked.end + timedelta(days=1)))
    if asked.after:
        query = query.where(AuditEvent.id < asked.after)
    if not can(by, "trail.view", f"{by.book_id}".ljust(12, "0")):  # not the whole county: the places one reads for
        places = {place for role, place in by.grants if can(by, "trail.view", place)}
        query = query.where(AuditEvent.place_code.in_(sorted(places)))
    found = s.execute(query.order_by(AuditEvent.id.desc()).limit(limit)).all()
    events, seals = [row[0] for row in found], {row[0].id: row[1] for row in found}
    reasons = reasons_of(s, by.book_id, events)
    logins = {row[0]: row[1] for row in s.execute(select(AppUser.id, AppUser.login).where(
        AppUser.book_id == by.book_id, AppUser.id.in_({one.user_id for one in events if one.user_id})))}
    names = place_cards(s, {one.place_code for one in events if one.place_code})
    who = {one.id: str(logins.get(one.user_id, one.scope) if one.user_id else one.scope) for one in events}
    return [TrailRow(one.id, one.at, who[one.id].rpartition("/")[2], one.role or "",
                     names[one.place_code].name if one.place_code in names else one.place_code or "", one.origin or "",
                     one.action, one.subject, " ".join(f"{name}={value}" for name, value in one.detail.items()),
                     reasons.get(one.id, ""), seals[one.id])
            for one in events]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
