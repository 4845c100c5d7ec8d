"""Reads of people. Lists cost two statements and open the seals in memory; a place has a few hundred people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from pointsbank.crypto import open_json, open_many
from pointsbank.people.models import Consent, Household, Kinship, Person
from pointsbank.people.names import age_on, mask_name, sort_key
from pointsbank.places import Book

CHUNK = 500
ADULT = 18
MERGES_MAX = 20  # a chain of merged households is followed so far


class HouseholdCard(NamedTuple):
    """What most pages need of a household; `head_name` is for those who may see it, `masked_name` for lists."""

    book_id: int
    id: UUID
    place_code: str
    code: str
    group_no: int
    head_id: UUID | None
    head_name: str
    masked_name: str
    closed_on: date | None
    merged_into: UUID | None = None


class PersonCard(NamedTuple):
    book_id: int
    id: UUID
    household_id: UUID
    household_code: str
    place_code: str
    name: str
    masked_name: str
    relation: str
    born_on: date | None
    is_head: bool
    left_on: date | None


ERASED = "(已删除)"


def _households(s: Session, rows: Sequence[Household]) -> list[HouseholdCard]:
    heads: dict[tuple[int, UUID], str] = {}
    by_book: dict[int, list[UUID]] = {}
    for row in rows:
        if row.head_person_id is not None:
            by_book.setdefault(row.book_id, []).append(row.head_person_id)
    for book_id, ids in by_book.items():
        for start in range(0, len(ids), CHUNK):
            people = list(s.scalars(select(Person).where(Person.book_id == book_id,
                                                         Person.id.in_(ids[start:start + CHUNK]))))
            opened = open_many(s, book_id, [(p.id, p.sealed) for p in people], "person")
            heads |= {(book_id, p.id): (facts or {}).get("name", ERASED)
                      for p, facts in zip(people, opened, strict=True)}
    cards = []
    for row in rows:
        name = heads.get((row.book_id, row.head_person_id), "") if row.head_person_id else ""
        cards.append(HouseholdCard(row.book_id, row.id, row.place_code, row.code, row.group_no, row.head_person_id,
                                   name, mask_name(name), row.closed_on, row.merged_into))
    return cards


def find_household(s: Session, place_code: str, code: str, *, as_then: bool = False) -> HouseholdCard | None:
    """A household by its code in its place; the code of one that was merged or moved leads to where it went.

    `as_then`: the household that had the code, closed or not, for what was counted for it.
    """
    row = s.scalar(select(Household).where(Household.book_id == int(place_code[:6]), Household.place_code == place_code,
                                           Household.code == code.strip().upper()))
    return _households(s, [row if as_then else _living(s, row)])[0] if row else None


def _living(s: Session, row: Household) -> Household:
    for _ in range(MERGES_MAX):
        if row.merged_into is None:
            break
        row = s.get_one(Household, (row.book_id, row.merged_into))
    return row


def living_household(s: Session, book_id: int, household_id: UUID) -> HouseholdCard | None:
    """The household, or the one it went into by merging or moving."""
    row = s.get(Household, (book_id, household_id))
    return _households(s, [_living(s, row)])[0] if row else None


def household_cards(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, HouseholdCard]:
    """Cards by id; three statements for every 500."""
    wanted = sorted(set(ids))
    rows: list[Household] = []
    for start in range(0, len(wanted), CHUNK):
        rows += s.scalars(select(Household).where(Household.book_id == book_id,
                                                  Household.id.in_(wanted[start:start + CHUNK])))
    return {card.id: card for card in _households(s, rows)}


def households_of_place(s: Session, place_code: str) -> list[HouseholdCard]:
    """All open households of a village, by code."""
    rows = s.scalars(select(Household).where(Household.book_id == int(place_code[:6]),
                                             Household.place_code == place_code, Household.closed_on.is_(None))
                     .order_by(Household.code)).all()
    return _households(s, rows)


def _persons(s: Session, book_id: int, rows: Sequence[tuple[Person, Household]]) -> list[PersonCard]:
    opened = open_many(s, book_id, [(p.id, p.sealed) for p, _ in rows], "person")
    cards = []
    for (person, home), facts in zip(rows, opened, strict=True):
        facts = facts or {"name": ERASED}
        born = date.fromisoformat(facts["born_on"]) if facts.get("born_on") else None
        cards.append(PersonCard(book_id, person.id, home.id, home.code, home.place_code, facts["name"],
                                mask_name(facts["name"]), facts.get("relation", ""), born, person.is_head,
                                person.left_on))
    return cards


def _joined(book_id: int):  # type: ignore[no-untyped-def]
    return (select(Person, Household)
            .join(Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id))
            .where(Person.book_id == book_id))


def persons_of_household(s: Session, book_id: int, household_id: UUID) -> list[PersonCard]:
    """Members who have not left, the head first."""
    return persons_of_households(s, book_id, [household_id]).get(household_id, [])


def persons_of_households(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, list[PersonCard]]:
    """The same of several households at once."""
    found: dict[UUID, list[PersonCard]] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        rows = s.execute(_joined(book_id).where(
            Person.household_id.in_(wanted[start:start + CHUNK]), Person.left_on.is_(None))
            .order_by(Person.is_head.desc(), Person.id)).all()
        for card in _persons(s, book_id, [(p, h) for p, h in rows]):
            found.setdefault(card.household_id, []).append(card)
    return found


def persons_of_place(s: Session, place_code: str) -> list[PersonCard]:
    """Every member of a village, in pinyin order."""
    book_id = int(place_code[:6])
    rows = s.execute(_joined(book_id).where(Household.place_code == place_code, Person.left_on.is_(None))).all()
    return sorted(_persons(s, book_id, [(p, h) for p, h in rows]), key=lambda card: sort_key(card.name))


def person_cards(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, PersonCard]:
    wanted = sorted(set(ids))
    cards: list[PersonCard] = []
    for start in range(0, len(wanted), CHUNK):
        rows = s.execute(_joined(book_id).where(Person.id.in_(wanted[start:start + CHUNK]))).all()
        cards += _persons(s, book_id, [(p, h) for p, h in rows])
    return {card.id: card for card in cards}


class PhoneOwner(NamedTuple):
    """A living member with a phone number: who, and of which household."""

    book_id: int
    id: UUID
    household_id: UUID


def persons_with_phone(s: Session, phone_hash: bytes) -> list[PhoneOwner]:
    """Everybody of this installation who has the number (several may share one). One statement."""
    rows = s.execute(select(Person.book_id, Person.id, Person.household_id).where(
        Person.book_id.in_(select(Book.book_id)), Person.phone_hash == phone_hash, Person.left_on.is_(None))
        .order_by(Person.book_id, Person.household_id, Person.id))
    return [PhoneOwner(book_id, person, home) for book_id, person, home in rows]


def person_facts(s: Session, book_id: int, person_id: UUID) -> dict[str, str]:
    """Everything sealed about one person: name, phone, id_no, born_on, relation. Log the look (audit)."""
    row = s.get(Person, (book_id, person_id))
    if row is None or row.sealed is None:
        return {}
    facts: dict[str, str] = open_json(s, book_id, person_id, row.sealed, "person")
    return facts


def relatives_of(s: Session, book_id: int, person_id: UUID | None) -> set[UUID]:
    """Households a person must step aside from: the own one and every declared relative's, whichever of the two
    declared it. One statement.
    """
    if person_id is None:
        return set()
    own = select(Person.household_id).where(Person.book_id == book_id, Person.id == person_id)
    declared = select(Kinship.household_id).where(Kinship.book_id == book_id, Kinship.person_id == person_id)
    declared_to = select(Person.household_id).join(
        Kinship, (Kinship.book_id == Person.book_id) & (Kinship.person_id == Person.id)).where(
        Kinship.book_id == book_id, Kinship.household_id.in_(own))
    return set(s.scalars(union(own, declared, declared_to)))


def consented(s: Session, book_id: int, ids: Iterable[UUID], on: date) -> set[UUID]:
    """Of these persons, those with a guardian's consent in force on the day."""
    wanted = sorted(set(ids))
    found: set[UUID] = set()
    for start in range(0, len(wanted), CHUNK):
        found |= set(s.scalars(select(Consent.person_id).where(
            Consent.book_id == book_id, Consent.person_id.in_(wanted[start:start + CHUNK]), Consent.given_on <= on,
            or_(Consent.withdrawn_on.is_(None), Consent.withdrawn_on > on))))
    return found


def recordable(s: Session, cards: Iterable[PersonCard], on: date) -> dict[UUID, bool]:
    """Whether anything may be recorded about each person: adults always, minors with a consent on file."""
    people = list(cards)
    minors = {card.id for card in people if card.born_on and age_on(card.born_on, on) < ADULT}
    allowed: dict[UUID, bool] = {}
    by_book = {card.book_id for card in people}
    for book_id in by_book:
        have = consented(s, book_id, [c.id for c in people if c.book_id == book_id and c.id in minors], on)
        allowed |= {c.id: c.id not in minors or c.id in have for c in people if c.book_id == book_id}
    return allowed
