"""The tree from a spreadsheet, and Harbin's eighteen districts as data.

    tree = read_tree(data, "区划.xlsx")                  # every bad row named, or nothing is taken
    import_places(s, ImportPlaces(key, tree.places, tree.venues, tree.grids), by=admin, at=now)

A code says its level by its zeros (GB/T 2260 and the town's and village's three digits). A code that is abolished keeps
its row, its last day and its successor: what was recorded under it stays readable. Importing the same again changes
nothing. A grid takes the households its row names; those it had and the row does not name stay in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.database import new_id, unit_of_work
from pointsbank.places import AddPlace, Place, add_place
from pointsbank.records.keys import claim, settle
from pointsbank.territory.grids import put_households
from pointsbank.territory.judging import POWER, GridPlan, Judged, judge, level_of
from pointsbank.territory.models import Grid, Venue
from pointsbank.territory.tree_sheet import (
    TITLES,
    GridRow,
    PlaceRow,
    Tree,
    VenueRow,
    WrongPlaces,
    read_tree,
)

__all__ = ["POWER", "TITLES", "ImportPlaces", "PlaceRow", "WrongPlaces", "harbin", "import_places", "level_of",
           "read_places"]


@dataclass(frozen=True)
class ImportPlaces:
    key: UUID
    rows: tuple[PlaceRow, ...]
    venues: tuple[VenueRow, ...] = ()
    grids: tuple[GridRow, ...] = ()


def harbin() -> tuple[PlaceRow, ...]:
    """The province, the city and its eighteen districts and counties of today."""
    data = json.loads((resources.files("pointsbank.territory") / "data" / "harbin.json").read_text(encoding="utf-8"))
    return (PlaceRow("230000000000", "黑龙江省"), PlaceRow("230100000000", "哈尔滨市"),
            *(PlaceRow(one["code"].ljust(12, "0"), one["name"], f"{one['name']}新时代文明实践中心")
              for one in data["counties"]))


def read_places(data: bytes, filename: str) -> tuple[PlaceRow, ...]:
    """The places of a sheet. Raises WrongPlaces with every finding, FileRefused, NoHeader."""
    return read_tree(data, filename).places


def import_places(s: Session, cmd: ImportPlaces, *, by: Actor, at: datetime) -> dict[str, int]:
    """Add and change places, venues and grids below the actor's own, all or nothing. Returns what became of them.

    Raises WrongPlaces for rows out of reach, without their upper place or with unknown households, KeyReused.
    """
    with unit_of_work(s):
        if (answer := claim(s, cmd, "places.import", by, at)) is not None:
            return answer
        judged = judge(s, Tree(cmd.rows, cmd.venues, cmd.grids), by)
        if judged.findings:
            raise WrongPlaces(judged.findings)
        figures = judged.figures()
        _apply(s, judged, by)
        added = figures["places_new"] + figures["venues_new"] + figures["grids_new"]
        changed = figures["places_changed"] + figures["venues_changed"] + figures["grids_changed"]
        answer = {"added": added, "changed": changed, **figures}
        audit.record(s, by, "places.imported", f"book:{by.book_id}", at=at, **answer)
        settle(s, cmd, by, answer)
        return answer


def _apply(s: Session, judged: Judged, by: Actor) -> None:
    for row, _ in sorted(judged.places, key=lambda pair: pair[0].code):  # an upper place comes before those below it
        add_place(s, AddPlace(row.code, level_of(row.code), row.name, row.body))
        place = s.get_one(Place, row.code)
        place.name, place.body = row.name, row.body or place.body
        place.valid_from = row.valid_from or place.valid_from
        place.valid_until, place.replaced_by = row.valid_until, row.replaced_by
    for told, venue in judged.venues:
        if venue is None:
            venue = Venue(id=new_id(), place_code=told.place_code, kind=told.kind, name=told.name)
            s.add(venue)
        venue.valid_from, venue.valid_until = told.valid_from or venue.valid_from, told.valid_until
    s.flush()
    for plan in judged.grids:
        _put_grid(s, plan, by)


def _put_grid(s: Session, plan: GridPlan, by: Actor) -> None:
    row, grid = plan.row, plan.there
    if grid is None:
        grid = Grid(book_id=by.book_id, id=new_id(), place_code=row.place_code, code=row.code, name=row.name)
        s.add(grid)
    grid.name, grid.worker_id = row.name, plan.worker or grid.worker_id
    grid.valid_from, grid.valid_until = row.valid_from or grid.valid_from, row.valid_until
    s.flush()
    put_households(s, grid, plan.households)
