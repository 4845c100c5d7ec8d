"""Whom a scheme rates: households, or persons (volunteers' stars).

A person is shown as a household is, by a code of their own: 'H003-2' is the second member entered in H003. Columns
named `household_id` hold the rated subject's id; what is sealed about it is sealed with its own key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.amounts import MINUTE
from pointsbank.eligibility import Window, deeds
from pointsbank.people import HouseholdCard, find_household, household_cards, person_cards
from pointsbank.people.models import Household, Person
from pointsbank.ratings.scheme import Scheme

PERSON_CODE = re.compile(r"(?P<household>[A-Za-z0-9]{1,20})-(?P<number>[0-9]{1,3})")


def is_about_persons(scheme: Scheme) -> bool:
    return scheme.terms.subject == "person"


def subjects_there(s: Session, book_id: int, place_code: str, scheme: Scheme, on: date) -> list[UUID]:
    """Everybody of the village a scheme could rate on a day. One statement; of persons those who ever served: two."""
    open_home = (Household.book_id == book_id, Household.place_code == place_code, Household.opened_on <= on,
                 or_(Household.closed_on.is_(None), Household.closed_on > on))
    if not is_about_persons(scheme):
        return list(s.scalars(select(Household.id).where(*open_home).order_by(Household.id)))
    people = s.scalars(select(Person.id).join(
        Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id))
        .where(*open_home, Person.joined_on <= on, or_(Person.left_on.is_(None), Person.left_on > on))
        .order_by(Person.id)).all()
    served = _minutes_ever(s, book_id, people, on)
    return [person_id for person_id in people if served.get(person_id, 0) > 0]


def _minutes_ever(s: Session, book_id: int, people: Sequence[UUID], on: date) -> dict[UUID, int]:
    books = {accounts.hours(person_id): person_id for person_id in people}
    found = ledger.balances(s.connection(), book_id, books, on=on) if books else {}
    return {books[account]: balance.posted for account, balance in found.items()}


def person_facts(s: Session, book_id: int, people: Sequence[UUID], window: Window,
                 names: Sequence[str]) -> dict[UUID, dict[str, Any]]:
    """The facts a person has: hours of the period and in all. Whatever else a rule asks stays missing: nobody's figure
    is taken from their household. Three statements.
    """
    homes = dict(s.execute(select(Person.id, Person.household_id).where(
        Person.book_id == book_id, Person.id.in_(people))).all())
    served: dict[UUID, int] = dict.fromkeys(people, 0)
    for row in deeds(s.connection(), book_id, MINUTE, sorted(set(homes.values())), window, by_person=True):
        if row.person in served:
            served[row.person] += row.amount
    ever = _minutes_ever(s, book_id, people, window.end)
    return {person_id: {name: value for name, value in (("hours", served[person_id]),
                                                       ("hours_ever", ever.get(person_id, 0))) if name in names}
            for person_id in people}


def subject_cards(s: Session, book_id: int, scheme: Scheme, ids: Iterable[UUID]) -> dict[UUID, HouseholdCard]:
    """Cards by id, of households or of persons in the same shape."""
    if not is_about_persons(scheme):
        return household_cards(s, book_id, ids)
    people = person_cards(s, book_id, ids)
    numbers = _numbers(s, book_id, {card.household_id for card in people.values()})
    homes = household_cards(s, book_id, {card.household_id for card in people.values()})
    return {card.id: HouseholdCard(book_id, card.id, card.place_code, f"{card.household_code}-{numbers[card.id]}",
                                   homes[card.household_id].group_no, card.id, card.name, card.masked_name,
                                   card.left_on) for card in people.values()}


def _numbers(s: Session, book_id: int, household_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Each member's number in the household, in the order of entering."""
    found: dict[UUID, int] = {}
    count: dict[UUID, int] = {}
    for person_id, household_id in s.execute(select(Person.id, Person.household_id).where(
            Person.book_id == book_id, Person.household_id.in_(sorted(household_ids))).order_by(Person.id)):
        count[household_id] = found[person_id] = count.get(household_id, 0) + 1
    return found


def find_subject(s: Session, scheme: Scheme, place_code: str, code: str) -> HouseholdCard | None:
    """A rated household or person by its code in the village."""
    if not is_about_persons(scheme):
        return find_household(s, place_code, code, as_then=True)
    match = PERSON_CODE.fullmatch(code.strip())
    home = find_household(s, place_code, match["household"]) if match else None
    if match is None or home is None:
        return None
    ids = s.scalars(select(Person.id).where(Person.book_id == home.book_id, Person.household_id == home.id)
                    .order_by(Person.id)).all()
    number = int(match["number"])
    if not 1 <= number <= len(ids):
        return None
    return subject_cards(s, home.book_id, scheme, [ids[number - 1]]).get(ids[number - 1])


def home_of(s: Session, book_id: int, scheme: Scheme, subject_id: UUID) -> UUID:
    """The household a subject belongs to: who steps aside from it is decided by this."""
    if not is_about_persons(scheme):
        return subject_id
    return s.scalar(select(Person.household_id).where(Person.book_id == book_id, Person.id == subject_id)) or subject_id
