"""Whose an account is, in words a reader knows: a household's code, a batch's number, a shop's name, "2 号".

    owners_of(s, by, "shelf", ["shelf:230199100200:01a2…"], "zh")  # {…: Owner("香皂(125g) JS2026-0001/1", …)}

Account codes hold random ids. Donors and suppliers are numbered: their names are sealed, no matter of the books.
A person's name follows the statement's rule: in full for whoever may read the statements of the place, else masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.people import HouseholdCard, PersonCard, household_cards, person_cards
from pointsbank.places import place_cards
from pointsbank.words import words
from redemption.goods import Good
from redemption.shops import Shop
from redemption.stock import GoodsSource, batch_cards
from reports.statements.queries import POWER as STATEMENTS

SOURCES = {"donor": "donation", "bought": "purchase"}
OF_SHOPS = ("spent", "given", "written-off", "stocktake")


class Owner(NamedTuple):
    """Whose account it is."""

    name: str
    place_code: str | None
    household_code: str | None


def shown_name(by: Actor, card: HouseholdCard | PersonCard, place_code: str, whole: str) -> str:
    """The name in full for whoever may read the statements of the place, else masked."""
    return whole if can(by, STATEMENTS, place_code) else card.masked_name


def head_of(by: Actor, card: HouseholdCard) -> str:
    return shown_name(by, card, card.place_code, card.head_name)


def owners_of(s: Session, by: Actor, kind: str, codes: Iterable[str], lang: str) -> dict[str, Owner]:
    """The owners of accounts of one kind, by account code; an account nobody can name is left out."""
    tails = {code: code.partition(":")[2] for code in codes}
    tell = _TELLERS.get(kind, _places)
    return tell(s, by, tails, lang)


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def good_names(s: Session, book_id: int, skus: Iterable[str]) -> dict[str, str]:
    """Goods' names by SKU, those no longer offered included. One statement."""
    query = select(Good.sku, Good.name).where(Good.book_id == book_id, Good.sku.in_(sorted(set(skus))))
    return {row.sku: row.name for row in s.execute(query)}


Tails = Mapping[str, str]


def _households(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    homes = household_cards(s, by.book_id, map(UUID, tails.values()))
    return {code: Owner(homes[UUID(tail)].code, homes[UUID(tail)].place_code, homes[UUID(tail)].code)
            for code, tail in tails.items() if UUID(tail) in homes}


def _persons(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    people = person_cards(s, by.book_id, map(UUID, tails.values()))
    cards = {code: people[UUID(tail)] for code, tail in tails.items() if UUID(tail) in people}
    return {code: Owner(f"{card.household_code} {shown_name(by, card, card.place_code, card.name)}", card.place_code,
                        card.household_code)
            for code, card in cards.items()}


def _places(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    places = place_cards(s, tails.values())
    return {code: Owner(places[tail].name, tail, None) for code, tail in tails.items() if tail in places}


def _shops(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    rows = s.scalars(select(Shop).where(Shop.book_id == by.book_id, Shop.code.in_(sorted(set(tails.values())))))
    shops = {row.code: row for row in rows}
    return {code: Owner(shops[tail].name, shops[tail].place_code, None)
            for code, tail in tails.items() if tail in shops}


def _shelves(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    ids = {code: UUID(tail.rpartition(":")[2]) for code, tail in tails.items() if is_uuid(tail.rpartition(":")[2])}
    batches = batch_cards(s, by.book_id, sorted(set(ids.values())))
    names = good_names(s, by.book_id, (batch.sku for batch in batches.values()))
    shops = s.execute(select(Shop.code, Shop.place_code).where(Shop.book_id == by.book_id))
    places: dict[str, str] = {row.code: row.place_code for row in shops}
    found = {code: batches[id_] for code, id_ in ids.items() if id_ in batches}
    return {code: Owner(f"{names.get(batch.sku, batch.sku)} {batch.number}", places.get(batch.shop_code), None)
            for code, batch in found.items()}


def _sources(s: Session, by: Actor, tails: Tails, lang: str) -> dict[str, Owner]:
    """Numbered in the order they were first entered (ids are in that order), donors and suppliers apart."""
    _ = words(lang)
    kind = SOURCES[next(iter(tails)).partition(":")[0]]
    ids = s.scalars(select(GoodsSource.id).where(GoodsSource.book_id == by.book_id, GoodsSource.kind == kind)
                    .order_by(GoodsSource.id))
    numbers = {id_: number for number, id_ in enumerate(ids, start=1)}
    return {code: Owner(_("%(number)s 号", number=numbers[UUID(tail)]), None, None)
            for code, tail in tails.items() if is_uuid(tail) and UUID(tail) in numbers}


Teller = Callable[[Session, Actor, Tails, str], dict[str, Owner]]
_TELLERS: dict[str, Teller] = {
    "wallet": _households, "score": _households, "hours": _persons, "shelf": _shelves,
    **dict.fromkeys(OF_SHOPS, _shops), **dict.fromkeys(SOURCES, _sources)}
