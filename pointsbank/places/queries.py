"""Reads of the tree. Codes alone answer most questions; names need a look-up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.errors import NotFound
from pointsbank.places.models import Book, Place

PARTS = (2, 4, 6, 9, 12)  # digits that name province, city, county, town, village


class PlaceCard(NamedTuple):
    code: str
    level: str
    name: str
    body: str | None
    parent_code: str | None


def book_of(code: str) -> int:
    """The book of a place at county level or below: '230199100200' -> 230199."""
    return int(code[:6])


def county_of(code: str) -> str:
    """The county's own code: '230199100200' -> '230199000000'."""
    return code[:6].ljust(12, "0")


def ancestors(code: str) -> list[str]:
    """The code itself and every place above it, nearest first."""
    found = [code[:digits].ljust(12, "0") for digits in reversed(PARTS)]
    own = found.index(code) if code in found else 0
    return list(dict.fromkeys(found[own:]))


def covers(above: str, code: str) -> bool:
    """Whether a grant at `above` reaches `code`: the same place or one below it."""
    return above in ancestors(code)


def stem_of(code: str) -> str:
    """What the codes of a place and of all below it begin with: '230199100000' -> '230199100'."""
    return next((code[:digits] for digits in sorted(PARTS) if not code[digits:].strip("0")), code)


def _card(place: Place) -> PlaceCard:
    return PlaceCard(place.code, place.level, place.name, place.body, place.parent_code)


def place_by_code(s: Session, code: str) -> PlaceCard:
    """Raises NotFound."""
    place = s.get(Place, code)
    if place is None:
        raise NotFound("place")
    return _card(place)


def place_cards(s: Session, codes: Iterable[str]) -> dict[str, PlaceCard]:
    """One statement."""
    rows = s.scalars(select(Place).where(Place.code.in_(sorted(set(codes)))))
    return {place.code: _card(place) for place in rows}


def villages_under(s: Session, code: str) -> list[PlaceCard]:
    """Villages and communities at or below a place, by code. One statement."""
    path = s.scalar(select(Place.path).where(Place.code == code))
    if path is None:
        return []
    rows = s.scalars(select(Place).where(Place.level == "village", Place.path.startswith(path)).order_by(Place.code))
    return [_card(place) for place in rows]


def books(s: Session) -> list[int]:
    """The books of this installation, in order."""
    return list(s.scalars(select(Book.book_id).order_by(Book.book_id)))


def has_demo(s: Session) -> bool:
    """Whether this installation holds a demo's book."""
    return s.scalar(select(Book.book_id).where(Book.is_demo).limit(1)) is not None


def is_demo(s: Session, book_id: int) -> bool:
    """Whether the book holds made-up people only."""
    return bool(s.scalar(select(Book.is_demo).where(Book.book_id == book_id)))
