"""What all changes share: power, recusal, the day, what is still open, the log.

    with unit_of_work(s):
        if (first := begin(s, cmd, "split", by, at)): return first
        home = own_household(s, cmd.household, by)
        …
        return finish(s, cmd, by, at, kind=SPLIT, home=home, other=new, detail={…})
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import ledger
from pointsbank import audit
from pointsbank.access import Actor, AppUser, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import new_id
from pointsbank.errors import BadInput, NotFound
from pointsbank.households.carrying import wallet_of
from pointsbank.households.errors import HouseholdClosed, NotBeforeTheirDay, OpenMatters, StepAsideHere
from pointsbank.households.models import HouseholdChange
from pointsbank.people import Household, HouseholdCard, Person, household_cards, relatives_of
from pointsbank.records.keys import claim, settle
from pointsbank.records.models import APPROVED, OBJECTED, ON_NOTICE, RETURNED, WAITING, ServiceRecord

POWER = "households.change"
UNDER_WAY = (WAITING, APPROVED, ON_NOTICE, OBJECTED, RETURNED)
REASON_MAX = 300
# What a higher floor keeps about households and has to follow a merge: (session, book, from, to, people) -> None.
Follow = Callable[[Session, int, UUID, UUID, datetime], None]
_followers: list[Follow] = []


def register_follower(follow: Follow) -> None:
    """Called from a higher floor's register(app): moves its own rows from one household to another."""
    if follow not in _followers:
        _followers.append(follow)


def follow(s: Session, book_id: int, old: UUID, new: UUID, at: datetime) -> None:
    for one in _followers:
        one(s, book_id, old, new, at)


class Change(Protocol):
    @property
    def key(self) -> UUID: ...
    @property
    def household(self) -> UUID: ...
    @property
    def on(self) -> date: ...
    @property
    def reason(self) -> str: ...


def begin(s: Session, cmd: Change, verb: str, by: Actor, at: datetime) -> HouseholdChange | None:
    """The first answer to this key, or None when there is none yet. Raises KeyReused."""
    answer = claim(s, cmd, f"household.{verb}", by, at)
    if answer is None:
        return None
    return s.get_one(HouseholdChange, (by.book_id, UUID(answer["change"])))


def own_household(s: Session, household_id: UUID, by: Actor, *, on: date, at: datetime) -> HouseholdCard:
    """The household, open and within reach. Raises NotFound, NotAllowed, StepAsideHere, HouseholdClosed, BadInput."""
    home = household_cards(s, by.book_id, [household_id]).get(household_id)
    if home is None:
        raise NotFound("household")
    require_seen(by, POWER, at_place=home.place_code, what="household")
    if home.id in relatives_of(s, by.book_id, by.person_id):
        raise StepAsideHere("household")
    if home.closed_on is not None:
        raise HouseholdClosed("household", code=home.code)
    opened = s.get_one(Household, (home.book_id, home.id)).opened_on
    if not opened <= on <= to_day(at):
        raise NotBeforeTheirDay("on", first=str(opened))
    return home


def check_reason(text: str) -> str:
    text = text.strip(" \u3000\u00a0")
    if not 2 <= len(text) <= REASON_MAX:
        raise BadInput("reason", "请写清缘由,2 到 300 个字。", "Give the reason in 2 to 300 characters.")
    return text


def open_matters(s: Session, home: HouseholdCard) -> int:
    """Records under way and points on hold: both would be left behind with a closed household."""
    records = s.scalar(select(func.count()).select_from(ServiceRecord).where(
        ServiceRecord.book_id == home.book_id, ServiceRecord.household_id == home.id,
        ServiceRecord.status.in_(UNDER_WAY))) or 0
    return records + len(ledger.open_holds(s.connection(), home.book_id, wallet_of(home)))


def check_nothing_open(s: Session, home: HouseholdCard) -> None:
    if count := open_matters(s, home):
        raise OpenMatters("household", code=home.code, count=count)


def sign_ins_follow(s: Session, book_id: int, people: list[Person], to: UUID) -> None:
    """Staff sign-ins of people who move: their household is the new one, so recusal looks at the right house."""
    for person in people:
        s.execute(update(AppUser).where(AppUser.book_id == book_id, AppUser.person_id == person.id,
                                        AppUser.kind == "staff").values(household_id=to)
                  .execution_options(synchronize_session=False))


def end_household_sign_in(s: Session, book_id: int, household_id: UUID, at: datetime) -> None:
    """The household's own sign-in ends with it."""
    s.execute(update(AppUser).where(AppUser.book_id == book_id, AppUser.household_id == household_id,
                                    AppUser.kind == "household", AppUser.disabled_at.is_(None))
              .values(disabled_at=at).execution_options(synchronize_session=False))


def finish(s: Session, cmd: Change, by: Actor, at: datetime, *, kind: str, home: HouseholdCard,
           other: UUID | None = None, **detail: Any) -> HouseholdChange:
    """Log the change, audit it, keep the answer."""
    row = HouseholdChange(book_id=home.book_id, id=new_id(), kind=kind, household_id=home.id, other_id=other,
                          effective_on=cmd.on, made_by=by.user_id, made_at=at, detail=detail,
                          sealed=seal_json(s, home.book_id, home.id, {"reason": check_reason(cmd.reason)},
                                           "household_change"))
    s.add(row)
    audit.record(s, by, f"household.{kind}", f"household:{home.id}", at=at, why=check_reason(cmd.reason), about=home.id,
                 other=str(other) if other else None, change=str(row.id), effective_on=str(cmd.on))
    settle(s, cmd, by, {"change": str(row.id)})
    s.flush()
    return row
