"""With which team a deed was done. Teams live a room above; that room registers here how to find those of a place.

    teams_at(s, book_id, "230199100200")        # {team: its name}: of the place and of those above it
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

Find = Callable[[Session, int, str], dict[UUID, str]]
_finders: list[Find] = []


def register_teams(find: Find) -> None:
    """Called from the teams room's register(app). Registering again changes nothing."""
    if find not in _finders:
        _finders.append(find)


def teams_at(s: Session, book_id: int, place_code: str) -> dict[UUID, str]:
    """The teams that serve in a place, by id."""
    return {id_: name for find in _finders for id_, name in find(s, book_id, place_code).items()}
