"""Sign-in by phone number and a code sent there, beside household code and PIN.

    asked = ask_code(s, "139 0000 0001", …)       # a code goes out if somebody has the number; the answer is the same
    homes = prove_phone(s, asked.token, code, …)   # whose sign-ins the number opens: several may share a phone
    enter_home(s, asked.token, homes[0].user_id, …)

A phone number is never a key: it says to whom a code is sent, and who that is, is chosen afterwards. A code has six
digits, lives five minutes, opens once and stands five tries; a number gets five in a quarter of an hour, twenty a day.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from pointsbank.access.devices import digest, is_known
from pointsbank.access.models import AppUser, PhoneCode
from pointsbank.access.signin import NOWHERE, SignedIn, let_in
from pointsbank.access.tries import INSTALLATION, WEEK, Origin, SlowDown, give_back, network_of, take_a_try
from pointsbank.crypto import keyed_hash
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError
from pointsbank.people import household_cards, person_cards, persons_with_phone

LIVES, TRIES = timedelta(minutes=5), 5
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
TO_ONE_PHONE, TO_ONE_PHONE_A_DAY, FROM_ONE_SOURCE = 5, 20, 200


class WrongPhoneCode(DomainError):
    code, status = "wrong_phone_code", 401
    zh = "验证码不对,或者已经过期。五分钟内有效,输错五次要重新获取。"
    en = "The code is wrong or over. It lives five minutes; after five wrong tries ask for another."


class Asked(NamedTuple):
    """`token`: for the browser that asked. `code`: to be sent, or None where nobody has the number."""

    token: str
    phone: str
    code: str | None


@dataclass(frozen=True)
class Home:
    """A sign-in that the phone opens: the household, and who in it has the number."""

    user_id: UUID
    book_id: int
    code: str
    place_code: str
    names: tuple[str, ...]


def plain_number(text: str) -> str:
    """A mobile number as it is kept. Raises BadInput.

    >>> plain_number("+86 139-0000-0001"), plain_number("１３９００００００００")
    ('13900000001', '13900000000')
    """
    digits = re.sub(r"^(\+?86|0086)(?=1\d{10}$)", "", re.sub(r"[\s()\-.]", "", normalize("NFKC", text)))
    if not re.fullmatch(r"1[3-9]\d{9}", digits, re.ASCII):
        raise BadInput("phone", "请填 11 位手机号。", "Enter a mobile number of 11 digits.")
    return digits


def _users_of(s: Session, phone_hash: bytes) -> list[AppUser]:
    """The sign-ins a number opens. Two statements, whether there are any or not."""
    people = persons_with_phone(s, phone_hash)
    return list(s.scalars(select(AppUser).where(
        AppUser.book_id.in_({one.book_id for one in people}), AppUser.kind == "household",
        AppUser.household_id.in_({one.household_id for one in people}), AppUser.disabled_at.is_(None))))


def homes_of(s: Session, phone_hash: bytes) -> list[Home]:
    """The households whose living members have the number and that can sign in, by place and code."""
    people, found = persons_with_phone(s, phone_hash), []
    users = _users_of(s, phone_hash)
    for book_id in {user.book_id for user in users}:
        cards = person_cards(s, book_id, [one.id for one in people if one.book_id == book_id])
        homes = household_cards(s, book_id, [one.household_id for one in people if one.book_id == book_id])
        found += [Home(user.id, book_id, home.code, home.place_code,
                       tuple(card.name for card in cards.values() if card.household_id == home.id))
                  for user in users if user.book_id == book_id and (home := homes.get(user.household_id or user.id))]
    return sorted(found, key=lambda one: (one.place_code, one.code))


def ask_code(s: Session, phone: str, *, at: datetime, origin: Origin = NOWHERE) -> Asked:
    """A code for a number. Raises BadInput for what is no number, SlowDown (alike for numbers that nobody has)."""
    number = plain_number(phone)
    phone_hash, source = keyed_hash("phone", number), keyed_hash("phone_code_source", network_of(origin.source))
    token, code, row_id = secrets.token_urlsafe(32), f"{secrets.randbelow(10**6):06d}", new_id()
    with unit_of_work(s):
        if s.connection().dialect.name == "postgresql":
            s.execute(select(func.pg_advisory_xact_lock(int.from_bytes(phone_hash[:8], "big", signed=True))))
        for whose, most, span in ((PhoneCode.phone_hash == phone_hash, TO_ONE_PHONE, QUARTER),
                                  (PhoneCode.phone_hash == phone_hash, TO_ONE_PHONE_A_DAY, DAY),
                                  (PhoneCode.source == source, FROM_ONE_SOURCE, QUARTER)):
            _still_free(s, whose, most, span, at)
        s.execute(delete(PhoneCode).where(PhoneCode.book_id == INSTALLATION, PhoneCode.made_at < at - WEEK))
        s.add(PhoneCode(book_id=INSTALLATION, id=row_id, token_hash=digest(token), phone_hash=phone_hash,
                        code_hash=_code_hash(row_id, code), source=source, tries=0, made_at=at, proved_at=None,
                        used_at=None))
        s.flush()
        return Asked(token, number, code if _users_of(s, phone_hash) else None)


def _still_free(s: Session, whose: ColumnElement[bool], most: int, span: timedelta, at: datetime) -> None:
    oldest = s.scalar(select(PhoneCode.made_at).where(PhoneCode.book_id == INSTALLATION, whose,
                                                      PhoneCode.made_at > at - span)
                      .order_by(PhoneCode.made_at.desc()).offset(most - 1).limit(1))
    if oldest is not None:
        raise SlowDown(None, minutes=max(1, -(-int((oldest + span - at).total_seconds()) // 60)))


def _code_hash(row_id: UUID, code: str) -> bytes:
    return keyed_hash("phone_code", f"{row_id}|{code}")


def _asked(s: Session, token: str) -> PhoneCode | None:
    return s.scalar(select(PhoneCode).where(PhoneCode.book_id == INSTALLATION, PhoneCode.token_hash == digest(token))
                    .with_for_update().execution_options(populate_existing=True))


def prove_phone(s: Session, token: str, code: str, *, at: datetime, origin: Origin = NOWHERE) -> list[Home]:
    """The code is right: the sign-ins to choose from. Raises WrongPhoneCode (never saying why), SlowDown."""
    with unit_of_work(s):
        row = _asked(s, token)
        if row is None or row.proved_at is not None or row.tries >= TRIES or at - row.made_at > LIVES:
            raise WrongPhoneCode("code")
        row.tries += 1
        row_id, phone_hash, wanted = row.id, row.phone_hash, row.code_hash
        known = any(is_known(s, user, origin) for user in _users_of(s, phone_hash))
    one_try = take_a_try(s, f"phone|{phone_hash.hex()}", origin, known=known, at=at)
    given = "".join(mark for mark in normalize("NFKC", code) if mark.isdigit())
    if not compare_digest(_code_hash(row_id, given), wanted):
        raise WrongPhoneCode("code")
    with unit_of_work(s):
        row = _asked(s, token)
        if row is None or row.proved_at is not None:  # another copy of the request was faster
            raise WrongPhoneCode("code")
        homes = homes_of(s, phone_hash)
        if not homes:
            raise WrongPhoneCode("code")
        row.proved_at = at
        give_back(s, one_try)
        return homes


def proved_homes(s: Session, token: str, *, at: datetime) -> list[Home]:
    """What there is to choose from after the code, for five minutes and once. Raises WrongPhoneCode."""
    row = s.scalar(select(PhoneCode).where(PhoneCode.book_id == INSTALLATION, PhoneCode.token_hash == digest(token)))
    if row is None or row.proved_at is None or row.used_at is not None or at - row.proved_at > LIVES:
        raise WrongPhoneCode("code")
    return homes_of(s, row.phone_hash)


def enter_home(s: Session, token: str, user_id: UUID, *, at: datetime, origin: Origin = NOWHERE) -> SignedIn:
    """Open a session of the household chosen. Raises WrongPhoneCode, also for one the phone does not open."""
    with unit_of_work(s):
        row = _asked(s, token)
        home = next((one for one in proved_homes(s, token, at=at) if one.user_id == user_id), None)
        if row is None or home is None:
            raise WrongPhoneCode("code")
        row.used_at = at
        return let_in(s, s.get_one(AppUser, (home.book_id, home.user_id)), origin, at, way="phone")
