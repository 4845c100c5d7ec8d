"""Member cards: a random-looking token of 130 bits in the QR code, and the household code as its readable twin.

The token is derived from the installation's key, so the database alone yields none; a lost card is replaced by the
next serial and the old one stops working.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.crypto import keyed_hash, keyring
from pointsbank.database import unit_of_work
from pointsbank.people.models import MemberCard
from pointsbank.people.queries import HouseholdCard, living_household

PREFIX = "JF1-"  # 积分 card, form 1: tells a member code from a goods barcode
LENGTH = 26


class CardView(NamedTuple):
    token: str
    serial: int


def _token(book_id: int, household_id: UUID, serial: int) -> str:
    digest = hmac.new(keyring().session, f"card|{book_id}|{household_id}|{serial}".encode(), hashlib.sha256).digest()
    return PREFIX + base64.b32encode(digest).decode()[:LENGTH]


def issue_card(s: Session, book_id: int, household_id: UUID, *, at: datetime) -> CardView:
    """Issue the next card of a household and revoke the ones before."""
    with unit_of_work(s):
        old = s.scalars(select(MemberCard).where(MemberCard.book_id == book_id, MemberCard.revoked_at.is_(None),
                                                 MemberCard.household_id == household_id))
        for card in old:
            card.revoked_at = at
        last = s.scalar(select(func.max(MemberCard.serial)).where(MemberCard.book_id == book_id,
                                                                  MemberCard.household_id == household_id))
        serial = (last or 0) + 1
        token = _token(book_id, household_id, serial)
        s.add(MemberCard(book_id=book_id, household_id=household_id, serial=serial,
                         token_hash=keyed_hash("card", token), issued_at=at, revoked_at=None))
        return CardView(token, serial)


def card_token(s: Session, book_id: int, household_id: UUID) -> str | None:
    """The token of the household's valid card, or None when it has none."""
    serial = s.scalar(select(func.max(MemberCard.serial)).where(
        MemberCard.book_id == book_id, MemberCard.household_id == household_id, MemberCard.revoked_at.is_(None)))
    return None if serial is None else _token(book_id, household_id, serial)


def household_by_card(s: Session, book_id: int, token: str) -> HouseholdCard | None:
    """The household a scanned token belongs to; None for an unknown or revoked one."""
    household_id = s.scalar(select(MemberCard.household_id).where(
        MemberCard.book_id == book_id, MemberCard.token_hash == keyed_hash("card", token.strip().upper()),
        MemberCard.revoked_at.is_(None)))
    return living_household(s, book_id, household_id) if household_id else None
