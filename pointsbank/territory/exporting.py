"""The tree as rows of its own sheet: what was taken in can be written out, changed and taken in again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.people import Household, person_cards
from pointsbank.places import Place, stem_of
from pointsbank.sheets import Value
from pointsbank.territory.models import Grid, GridHousehold
from pointsbank.territory.venues import venues_under
from pointsbank.territory.words import SHEET_WORDS

MOST = 50_000


def tree_rows(s: Session, by: Actor) -> Iterator[tuple[Value, ...]]:
    """Places, then venues, then grids, at and below the actor's own place; in the order of TITLES."""
    place = s.get(Place, by.place_code)
    if place is None:
        return
    for one in s.scalars(select(Place).where(Place.path.startswith(place.path)).order_by(Place.code).limit(MOST)):
        yield (one.code, one.name, one.body or "", one.valid_from, one.valid_until, one.replaced_by or "", "", "", "",
               "")
    for venue in venues_under(s, by.place_code):
        yield (venue.place_code, venue.name, "", venue.valid_from, venue.valid_until, "", SHEET_WORDS[venue.kind], "",
               "", "")
    yield from _grids(s, by)


def _grids(s: Session, by: Actor) -> Iterator[tuple[Value, ...]]:
    stem = stem_of(by.place_code)
    grids = list(s.scalars(select(Grid).where(Grid.book_id == by.book_id, Grid.place_code.startswith(stem))
                           .order_by(Grid.place_code, Grid.code)))
    workers = person_cards(s, by.book_id, {one.worker_id for one in grids if one.worker_id})
    homes: dict[object, list[str]] = {}
    for grid_id, code in s.execute(select(GridHousehold.grid_id, Household.code).join(
            Household, (Household.book_id == GridHousehold.book_id) & (Household.id == GridHousehold.household_id))
            .where(Household.book_id == by.book_id, Household.place_code.startswith(stem),
                   Household.closed_on.is_(None))
            .order_by(Household.code)):
        homes.setdefault(grid_id, []).append(code)
    for one in grids:
        worker = workers.get(one.worker_id) if one.worker_id else None
        yield (one.place_code, one.name, "", one.valid_from, one.valid_until, "", SHEET_WORDS["grid"], one.code,
               f"{worker.name} {worker.household_code}" if worker and worker.left_on is None else "",
               "、".join(homes.get(one.id, [])))
