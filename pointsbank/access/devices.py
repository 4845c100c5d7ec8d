"""Where somebody is signed in: sessions that end at once, devices an account has met before.

    sessions_of(s, actor)                     # newest first; the page offers "sign out there"
    end_session(s, session_id, by=actor, …)   # its cookie is worth nothing from then on
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pointsbank.access.actor import Actor, can
from pointsbank.access.models import ApiToken, AppUser, KnownDevice, SignInSession
from pointsbank.access.tries import Origin
from pointsbank.audit import record
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import NotFound

IDLE, IDLE_AT_A_TILL = timedelta(hours=2), timedelta(minutes=15)  # a till stands among people
ABSOLUTE = timedelta(hours=12)
REMEMBERED = timedelta(days=400)
BROWSERS = (("MicroMessenger", "微信"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
            ("Safari", "Safari"))
SYSTEMS = (("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))


class SessionView(NamedTuple):
    id: UUID
    label: str
    source: str
    created_at: datetime
    seen_at: datetime


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def book_in(token: str) -> int | None:
    head, mark, _ = token.partition(".")
    return int(head) if mark and head.isascii() and head.isdigit() and len(head) <= 8 else None


def label_of(user_agent: str) -> str:
    """'Chrome · Windows': enough to know one's own phone from the office computer.

    >>> label_of("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36")
    'Chrome · Android'
    """
    found = (next((name for mark, name in kinds if mark in user_agent), "") for kinds in (BROWSERS, SYSTEMS))
    return " · ".join(filter(None, found)) or "—"


def is_known(s: Session, user: AppUser | None, origin: Origin) -> bool:
    """Whether this account signed in from this device before."""
    if user is None or not origin.device:
        return False
    row = s.get(KnownDevice, (user.book_id, digest(origin.device), user.id))
    return row is not None and row.ended_at is None


def is_trusted(s: Session, user: AppUser, origin: Origin, at: datetime) -> bool:
    """Whether the second factor was shown on this device, and its owner said not to ask there for a while."""
    row = s.get(KnownDevice, (user.book_id, digest(origin.device), user.id)) if origin.device else None
    return row is not None and row.ended_at is None and row.trusted_until is not None and row.trusted_until > at


def remember(s: Session, user: AppUser, origin: Origin, at: datetime, *, trusted_until: datetime | None = None) -> str:
    """Know this device from now on; its cookie's value. Inside the caller's unit of work."""
    token = origin.device if 20 <= len(origin.device) <= 64 else secrets.token_urlsafe(24)
    row = s.get(KnownDevice, (user.book_id, digest(token), user.id))
    if row is None:
        s.add(KnownDevice(book_id=user.book_id, token_hash=digest(token), user_id=user.id, label=origin.label[:40],
                          made_at=at, seen_at=at, ended_at=None, trusted_until=trusted_until))
    else:
        row.seen_at, row.ended_at = at, None
        row.trusted_until = trusted_until or row.trusted_until
    return token


def open_session(s: Session, user: AppUser, origin: Origin, at: datetime, *,
                 second_at: datetime | None = None) -> tuple[str, str]:
    """A new session of a user: (token, csrf). Inside the caller's unit of work."""
    token, csrf = f"{user.book_id}.{secrets.token_urlsafe(32)}", secrets.token_urlsafe(32)
    s.add(SignInSession(book_id=user.book_id, token_hash=digest(token), id=new_id(), user_id=user.id, csrf=csrf,
                        label=origin.label[:40], source=origin.source[:45], created_at=at, seen_at=at, ended_at=None,
                        second_at=second_at))
    return token, csrf


def idle_time(by: Actor) -> timedelta:
    """How long a session of this actor may lie unused."""
    return IDLE_AT_A_TILL if can(by, "till.sell") else IDLE


def find_session(s: Session, token: str, *, at: datetime) -> SignInSession | None:
    """The session of a cookie that has not ended, or None. How long it may idle depends on who it is: `idle_time`."""
    book_id = book_in(token)
    row = s.get(SignInSession, (book_id, digest(token))) if book_id is not None else None
    if row is None or row.ended_at or at - row.seen_at > IDLE or at - row.created_at > ABSOLUTE:
        return None
    return row


def sessions_of(s: Session, by: Actor, *, at: datetime) -> list[SessionView]:
    """One's own live sessions, the one used last first."""
    rows = s.scalars(select(SignInSession).where(
        SignInSession.book_id == by.book_id, SignInSession.user_id == by.user_id, SignInSession.ended_at.is_(None),
        SignInSession.seen_at > at - idle_time(by), SignInSession.created_at > at - ABSOLUTE)
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc()))
    return [SessionView(row.id, row.label, row.source, row.created_at, row.seen_at) for row in rows]


def end_session(s: Session, session_id: UUID, *, by: Actor, at: datetime) -> None:
    """Sign out there: one of one's own sessions. Raises NotFound, also for anybody else's."""
    with unit_of_work(s):
        row = s.scalar(select(SignInSession).where(SignInSession.book_id == by.book_id, SignInSession.id == session_id,
                                                   SignInSession.user_id == by.user_id))
        if row is None:
            raise NotFound("session")
        if row.ended_at is None:
            row.ended_at = at
            record(s, by, "session_ended", f"session:{row.id}", at=at)


def end_all(s: Session, book_id: int, user_id: UUID, at: datetime, *, devices: bool = False) -> None:
    """End every session of a user; the second factor is asked for everywhere again; with `devices` none is known any
    more, and API tokens are revoked. Inside the caller's unit of work."""
    s.execute(update(SignInSession).where(SignInSession.book_id == book_id, SignInSession.user_id == user_id,
                                          SignInSession.ended_at.is_(None)).values(ended_at=at))
    s.execute(update(KnownDevice).where(KnownDevice.book_id == book_id, KnownDevice.user_id == user_id,
                                        KnownDevice.trusted_until.is_not(None)).values(trusted_until=None))
    if devices:
        s.execute(update(ApiToken).where(ApiToken.book_id == book_id, ApiToken.user_id == user_id,
                                         ApiToken.revoked_at.is_(None)).values(revoked_at=at))
        s.execute(update(KnownDevice).where(KnownDevice.book_id == book_id, KnownDevice.user_id == user_id,
                                            KnownDevice.ended_at.is_(None)).values(ended_at=at))
