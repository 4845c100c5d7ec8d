"""A forgotten PIN, renewed at the till: the household stands there with its card, a second person countersigns.

The new PIN is made here, shown once to be written down, and never stored; the old sessions end.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, AddUser, AppUser, add_user, require, set_password
from pointsbank.access.passwords import weak
from pointsbank.database import unit_of_work
from pointsbank.people import relatives_of
from redemption.errors import OwnHousehold
from redemption.second import check_second
from redemption.shops import shop_by_code
from redemption.till.selling import POWER, household_of

DIGITS = 6


@dataclass(frozen=True)
class RenewPin:
    shop: str
    household: UUID


def new_pin() -> str:
    """Six digits that are no run, repetition or other first guess."""
    while True:
        pin = f"{secrets.randbelow(10 ** DIGITS):0{DIGITS}d}"
        if not weak("household", pin):
            return pin


def renew_pin(s: Session, cmd: RenewPin, *, by: Actor, second: Actor | None, at: datetime) -> str:
    """The household's new PIN; its sign-in is made when it has none yet. Raises NotAllowed, NeedsSecond, NotFound,
    OwnHousehold (of either of the two).
    """
    pin = new_pin()
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require(by, POWER, at_place=shop.place_code)
        home = household_of(s, shop, cmd.household)
        other = check_second(by, second, shop.place_code)
        for one in (by, other):
            if home.id in relatives_of(s, by.book_id, one.person_id):
                raise OwnHousehold("household" if one is by else "second")
        user = s.scalar(select(AppUser).where(AppUser.book_id == home.book_id, AppUser.household_id == home.id,
                                              AppUser.kind == "household"))
        if user is None:
            add_user(s, AddUser(f"{home.place_code}/{home.code}", "household", home.place_code, pin,
                                (("volunteer", home.place_code),), person_id=home.head_id, household_id=home.id),
                     at=at)
        else:
            set_password(s, user, pin, at=at)
            user.disabled_at = None
        audit.record(s, by, "pin.renewed", f"household:{home.id}", at=at,
                     second=str(other.user_id) if other.user_id else None)
    return pin
