"""Reads of households for whoever may see the people of a place."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

import ledger
from pointsbank.access import Actor, can, require
from pointsbank.clock import to_day
from pointsbank.crypto import open_many
from pointsbank.errors import NotFound
from pointsbank.households.carrying import wallet_of
from pointsbank.households.doing import open_matters
from pointsbank.households.models import HouseholdChange
from pointsbank.people import (
    HouseholdCard,
    PersonCard,
    find_household,
    household_cards,
    person_cards,
    persons_of_household,
)

VIEW = "people.view"


class ChangeView(NamedTuple):
    id: UUID
    kind: str
    effective_on: date
    made_at: datetime
    household_id: UUID
    other_id: UUID | None
    codes: tuple[str, str]  # of the household it was asked for, and of the other
    points: int
    persons: tuple[str, ...]
    reason: str


class HouseholdView(NamedTuple):
    home: HouseholdCard
    into: HouseholdCard | None
    members: list[PersonCard]
    posted: int
    held: int
    available: int
    lapses: list[tuple[date, int]]
    open_matters: int
    changes: list[ChangeView]


def reachable(s: Session, household_id: UUID, by: Actor) -> HouseholdCard:
    """Raises NotFound, also for what lies out of reach: the answers do not differ."""
    home = household_cards(s, by.book_id, [household_id]).get(household_id)
    if home is None or not can(by, VIEW, home.place_code):
        raise NotFound("household")
    return home


def by_code(s: Session, place_code: str, code: str, by: Actor, field: str = "household") -> HouseholdCard:
    """The living household a code means in a place. Raises NotFound, NotAllowed."""
    require(by, VIEW, at_place=place_code)
    home = find_household(s, place_code, code)
    if home is None:
        raise NotFound(field)
    return home


def household_view(s: Session, household_id: UUID, *, by: Actor, at: datetime) -> HouseholdView:
    """One household with its members, balance and history. About ten statements."""
    home = reachable(s, household_id, by)
    wallet = wallet_of(home)
    balance = ledger.balances(s.connection(), home.book_id, [wallet], today=to_day(at))[wallet]
    into = household_cards(s, home.book_id, [home.merged_into]).get(home.merged_into) if home.merged_into else None
    return HouseholdView(home, into, persons_of_household(s, home.book_id, home.id), balance.posted, balance.held,
                         balance.available, ledger.expiring(s.connection(), home.book_id, wallet, to_day(at)),
                         open_matters(s, home), changes_of(s, home))


def changes_of(s: Session, home: HouseholdCard) -> list[ChangeView]:
    """What happened to the household, newest first; also what others' changes brought it."""
    rows = list(s.scalars(select(HouseholdChange).where(
        HouseholdChange.book_id == home.book_id,
        or_(HouseholdChange.household_id == home.id, HouseholdChange.other_id == home.id))
        .order_by(HouseholdChange.id.desc()).limit(100)))
    cards = household_cards(s, home.book_id, {id_ for row in rows for id_ in (row.household_id, row.other_id) if id_})
    reasons = open_many(s, home.book_id, [(row.household_id, row.sealed) for row in rows], "household_change")
    names = _names(s, home.book_id, {UUID(one) for row in rows for one in _persons(row)})
    return [ChangeView(row.id, row.kind, row.effective_on, row.made_at, row.household_id, row.other_id,
                       (_code(cards, row.household_id), _code(cards, row.other_id)), int(row.detail.get("points") or 0),
                       tuple(names.get(UUID(one), "") for one in _persons(row)), (said or {}).get("reason", ""))
            for row, said in zip(rows, reasons, strict=True)]


def _persons(row: HouseholdChange) -> list[str]:
    detail = row.detail
    return [*detail.get("persons", ()), *(detail[name] for name in ("person", "head") if detail.get(name))]


def _names(s: Session, book_id: int, ids: set[UUID]) -> dict[UUID, str]:
    return {id_: card.name for id_, card in person_cards(s, book_id, ids).items()}


def _code(cards: dict[UUID, HouseholdCard], id_: UUID | None) -> str:
    return cards[id_].code if id_ in cards else ""
