"""Who belongs where, from a day on. A stay that ends is kept, so that earlier papers name the head of their time.

These steps change rows only; balances move in the ledger, by the households room, in the same unit of work.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.database import new_id
from pointsbank.errors import NotFound
from pointsbank.people.models import Household, PastStay, Person


def household_row(s: Session, book_id: int, household_id: UUID) -> Household:
    """The row, locked until the unit of work ends. Raises NotFound."""
    row = s.scalar(select(Household).where(Household.book_id == book_id, Household.id == household_id)
                   .with_for_update())
    if row is None:
        raise NotFound("household")
    return row


def member_rows(s: Session, book_id: int, household_id: UUID) -> list[Person]:
    """Members who have not left, the head first, locked."""
    return list(s.scalars(select(Person).where(Person.book_id == book_id, Person.household_id == household_id,
                                               Person.left_on.is_(None))
                          .order_by(Person.is_head.desc(), Person.id).with_for_update()))


def stay_since(s: Session, person: Person) -> date:
    """The first day of the person's present stay."""
    last = s.scalar(select(PastStay.until_on).where(PastStay.book_id == person.book_id,
                                                    PastStay.person_id == person.id)
                    .order_by(PastStay.until_on.desc()).limit(1))
    return last or person.joined_on


def end_stay(s: Session, person: Person, on: date) -> None:
    """Keep the present stay as past, up to the day before `on`."""
    s.add(PastStay(book_id=person.book_id, id=new_id(), person_id=person.id, household_id=person.household_id,
                   was_head=person.is_head, from_on=min(stay_since(s, person), on), until_on=on))
    s.flush()


def move_person(s: Session, person: Person, to: Household, on: date, *, as_head: bool = False) -> None:
    """The person lives in `to` from the day on."""
    end_stay(s, person, on)
    person.household_id, person.is_head = to.id, as_head
    if as_head:
        to.head_person_id = person.id
    s.flush()


def set_head(s: Session, home: Household, person: Person | None, on: date) -> None:
    """Another head from the day on; None when nobody is left to be it."""
    old = s.get(Person, (home.book_id, home.head_person_id)) if home.head_person_id else None
    if old is not None and person is not None and old.id == person.id:
        return
    if old is not None and old.household_id == home.id and old.is_head:
        if old.left_on is None:
            end_stay(s, old, on)
        old.is_head = False
    if person is not None:
        end_stay(s, person, on)
        person.is_head = True
    home.head_person_id = person.id if person else None
    s.flush()


def leave(s: Session, person: Person, on: date, why: str) -> None:
    """The person belongs to no household from the day on: died, moved away."""
    end_stay(s, person, on)
    person.left_on, person.left_why = on, why
    s.flush()


def close_household(s: Session, home: Household, on: date, *, into: UUID | None = None) -> None:
    """The household ends; its code goes on to lead to `into`."""
    home.closed_on, home.merged_into = on, into
    s.flush()


def head_then(s: Session, book_id: int, household_id: UUID, day: date) -> UUID | None:
    """Whoever was head at the end of the day, when it was somebody else than today; None: today's head."""
    return s.scalar(select(PastStay.person_id).where(
        PastStay.book_id == book_id, PastStay.household_id == household_id, PastStay.was_head, PastStay.from_on <= day,
        PastStay.until_on > day).order_by(PastStay.until_on).limit(1))
