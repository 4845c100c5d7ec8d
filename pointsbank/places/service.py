"""Writes to the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.places.models import LEVELS, Book, Place
from pointsbank.places.queries import PlaceCard, ancestors, book_of, county_of, place_by_code


@dataclass(frozen=True)
class AddPlace:
    code: str
    level: str
    name: str
    body: str | None = None


def add_place(s: Session, cmd: AddPlace) -> PlaceCard:
    """Add one place below its parent (found by its code). Adding the same place again changes nothing.

    Raises BadInput for a code that is not 12 digits, an unknown level, or a parent that is not there.
    """
    if not re.fullmatch(r"[0-9]{12}", cmd.code):
        raise BadInput("code", "区划代码应为 12 位数字。", "A division code has 12 digits.")
    if cmd.level not in LEVELS:
        raise BadInput("level", "没有这种层级。", "There is no such level.")
    with unit_of_work(s):
        if s.get(Place, cmd.code) is None:
            parent = next((found for code in ancestors(cmd.code)[1:] if (found := s.get(Place, code))), None)
            if parent is None and cmd.level != "province":
                raise BadInput("code", "上级地区还没有登记。", "The place above it is not registered yet.")
            path = f"{parent.path}/{cmd.code}" if parent else cmd.code
            s.add(Place(code=cmd.code, parent_code=parent.code if parent else None, level=cmd.level,
                        name=cmd.name, body=cmd.body, path=path))
            s.flush()
        return place_by_code(s, cmd.code)


def open_book(s: Session, county_code: str, *, at: datetime, is_demo: bool = False) -> int:
    """Open a county's book, for real use or as a demo for good. Opening it again changes nothing. Returns its id."""
    book_id = book_of(county_code)
    with unit_of_work(s):
        if s.get(Book, book_id) is None:
            s.add(Book(book_id=book_id, place_code=county_of(county_code), is_demo=is_demo, opened_at=at))
            s.flush()
    return book_id
