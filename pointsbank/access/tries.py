"""How often somebody may try: per account, per device it knows, per source; counted before the password is looked at.

A try is written down first and taken back when it was right, so that a hundred at the same moment are a hundred.

- An account takes 10 wrong tries in 15 minutes and 100 in a week from devices it does not know.
- A device that signed in before has its own ten: whoever guesses from elsewhere locks nobody out of their own phone.
- A source (one address; a whole village may stand behind one router) takes 300 wrong tries in 15 minutes, whatever the
  accounts.

An account that does not exist is counted in the same way, so the answers do not differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from pointsbank.access.models import SignInTry
from pointsbank.crypto import keyed_hash
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import DomainError

WINDOW, TRIES = timedelta(minutes=15), 10
WEEK, IN_A_WEEK = timedelta(days=7), 100
FROM_ONE_SOURCE = 300
INSTALLATION = 0  # tries belong to no book: a wrong name says nothing about whose it is


class SlowDown(DomainError):
    code, status = "slow_down", 429
    zh = "试错次数太多,请 {minutes} 分钟后再试。以前登录过的手机或电脑不受影响。"
    en = "Too many wrong tries. Please try again in {minutes} minutes, or from a device that signed in before."


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: address, the device's own cookie, and what to call it."""

    source: str = ""
    device: str = ""
    label: str = ""


def network_of(source: str) -> str:
    """One source: an IPv4 address; of IPv6 the /64, which is one household's router."""
    try:
        address = ip_address(source)
    except ValueError:
        return source[:45]
    return source if address.version == 4 else str(ip_network((address, 64), strict=False))


def take_a_try(s: Session, login: str, origin: Origin, *, known: bool, at: datetime) -> UUID:
    """Write one try down, if there is one left. Raises SlowDown. Its id is for `give_back`."""
    name = login.strip().lower()
    subject = keyed_hash("sign_in", f"{name}|{origin.device}" if known else name)
    source = keyed_hash("sign_in_source", network_of(origin.source))
    with unit_of_work(s):
        if s.connection().dialect.name == "postgresql":  # two of one account do not count past each other
            s.execute(select(func.pg_advisory_xact_lock(int.from_bytes(subject[:8], "big", signed=True))))
        limits = [(SignInTry.subject == subject, TRIES, WINDOW)]
        if not known:
            limits.append((SignInTry.subject == subject, IN_A_WEEK, WEEK))
            if origin.source:
                limits.append((SignInTry.source == source, FROM_ONE_SOURCE, WINDOW))
        for whose, most, span in limits:
            if (until := _full_until(s, whose, most, span, at)) is not None:
                raise SlowDown(None, minutes=max(1, -(-int((until - at).total_seconds()) // 60)))
        s.execute(delete(SignInTry).where(SignInTry.book_id == INSTALLATION, SignInTry.at < at - WEEK))
        one = SignInTry(book_id=INSTALLATION, id=new_id(), subject=subject, source=source, at=at)
        s.add(one)
        s.flush()
        return one.id


def _full_until(s: Session, whose: ColumnElement[bool], most: int, span: timedelta, at: datetime) -> datetime | None:
    """When the next try is free; None when one is."""
    oldest = s.scalar(select(SignInTry.at).where(SignInTry.book_id == INSTALLATION, whose, SignInTry.at > at - span)
                      .order_by(SignInTry.at.desc()).offset(most - 1).limit(1))
    return oldest + span if oldest is not None else None


def give_back(s: Session, try_id: UUID) -> None:
    """The try was right. Inside the caller's unit of work."""
    s.execute(delete(SignInTry).where(SignInTry.book_id == INSTALLATION, SignInTry.id == try_id))
