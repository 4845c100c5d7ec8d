"""Guardians' consents for minors: on file before anything is recorded; without one a minor is not shown by name.

    give_consent(s, GiveConsent(key, child, guardian, day), by=recorder, at=now)
    withdraw_consent(s, WithdrawConsent(key, consent, day), by=recorder, at=now)

From 14 to 18 the legal guardian agrees; below 14 the data are sensitive (个人信息保护法 28、31) and the same holds for
every look. A withdrawal counts from its day on: what was recorded stays, nothing more is recorded or shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import Consent, PersonCard, age_on, consented, person_cards, persons_of_place
from pointsbank.people.queries import ADULT
from pointsbank.records.keys import claim, settle
from pointsbank.rosters.reading import CHILD
from pointsbank.rosters.storing import VERSION

POWER = "imports.roster"


@dataclass(frozen=True)
class GiveConsent:
    key: UUID
    child: UUID
    guardian: UUID
    given_on: date


@dataclass(frozen=True)
class WithdrawConsent:
    key: UUID
    consent: UUID
    on: date


class Minor(NamedTuple):
    card: PersonCard
    age: int
    below_14: bool
    consent: UUID | None
    guardian: str
    given_on: date | None
    guardians: list[tuple[str, str]]


def give_consent(s: Session, cmd: GiveConsent, *, by: Actor, at: datetime) -> Consent:
    """File a signed consent. Raises NotAllowed, NotFound, BadInput, KeyReused."""
    with unit_of_work(s):
        people = person_cards(s, by.book_id, [cmd.child, cmd.guardian])
        child, guardian = people.get(cmd.child), people.get(cmd.guardian)
        if child is None:
            require(by, POWER)
            raise NotFound("child")
        require_seen(by, POWER, at_place=child.place_code, what="child")
        if (first := claim(s, cmd, "consent.give", by, at)) is not None:
            return s.get_one(Consent, (by.book_id, UUID(first["consent"])))
        today = to_day(at)
        if child.left_on is not None or child.born_on is None or age_on(child.born_on, today) >= ADULT:
            raise BadInput("child", "这个人不是未成年人,不用同意书。", "This person is no minor; no consent is needed.")
        if guardian is None or guardian.household_id != child.household_id or guardian.left_on is not None or (
                guardian.born_on is not None and age_on(guardian.born_on, today) < ADULT):
            raise BadInput("guardian", "监护人应是同一户的成年人。", "The guardian is an adult of the same household.")
        if cmd.given_on > today:
            raise BadInput("given_on", "签字的日期还没到。", "The day of the signature has not come yet.")
        row = Consent(book_id=by.book_id, id=new_id(), person_id=child.id, guardian_id=guardian.id, version=VERSION,
                      given_on=cmd.given_on, withdrawn_on=None)
        s.add(row)
        s.flush()
        audit.record(s, by, "consent.given", f"person:{child.id}", at=at, guardian=str(guardian.id))
        settle(s, cmd, by, {"consent": str(row.id)})
        return row


def withdraw_consent(s: Session, cmd: WithdrawConsent, *, by: Actor, at: datetime) -> Consent:
    """It ends on the day. Raises NotAllowed, NotFound, BadInput, KeyReused."""
    with unit_of_work(s):
        require(by, POWER)
        row = s.get(Consent, (by.book_id, cmd.consent))
        card = person_cards(s, by.book_id, [row.person_id]).get(row.person_id) if row else None
        if row is None or card is None:
            raise NotFound("consent")
        require_seen(by, POWER, at_place=card.place_code, what="consent")
        if claim(s, cmd, "consent.withdraw", by, at) is not None:
            return row
        if not row.given_on <= cmd.on <= to_day(at):
            raise BadInput("on", "撤回的日期应在签字以后、今天以前。", "The day lies between the signature and today.")
        row.withdrawn_on = row.withdrawn_on or cmd.on
        audit.record(s, by, "consent.withdrawn", f"person:{row.person_id}", at=at, on=str(cmd.on))
        settle(s, cmd, by, {"consent": str(row.id)})
        s.flush()
        return row


def minors_of_place(s: Session, place_code: str, *, on: date) -> list[Minor]:
    """The minors of a village, those without a consent first. Four statements."""
    people = persons_of_place(s, place_code)
    minors = [one for one in people if one.born_on is not None and age_on(one.born_on, on) < ADULT]
    book_id = int(place_code[:6])
    have = consented(s, book_id, [one.id for one in minors], on)
    rows = {row.person_id: row for row in s.scalars(select(Consent).where(
        Consent.book_id == book_id, Consent.person_id.in_(sorted(have)), Consent.withdrawn_on.is_(None)))}
    names = {one.id: one.name for one in people}
    adults: dict[UUID, list[tuple[str, str]]] = {}
    for one in people:
        if one.born_on is None or age_on(one.born_on, on) >= ADULT:
            adults.setdefault(one.household_id, []).append((str(one.id), one.name))
    found = []
    for one in minors:
        row = rows.get(one.id)
        age = age_on(one.born_on, on) if one.born_on else 0
        found.append(Minor(one, age, age < CHILD, row.id if row else None,
                           names.get(row.guardian_id, "") if row else "", row.given_on if row else None,
                           adults.get(one.household_id, [])))
    return sorted(found, key=lambda one: (one.consent is not None, one.card.household_code, one.age))


def unseen(s: Session, cards: Iterable[PersonCard], on: date) -> set[UUID]:
    """Minors of these without a consent in force: shown without their names."""
    minors = {one.id: one.book_id for one in cards if one.born_on is not None and age_on(one.born_on, on) < ADULT}
    have: set[UUID] = set()
    for book_id in set(minors.values()):
        have |= consented(s, book_id, [one for one, book in minors.items() if book == book_id], on)
    return set(minors) - have
