"""Grids (网格): who walks them, which households stand in them.

    grid = add_grid(s, AddGrid(key, place, "1", "第一网格", worker), by=recorder, at=now)
    change_grid(s, ChangeGrid(key, grid.id, "第一网格", worker, households), by=recorder, at=now)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, NotFound
from pointsbank.people import Household, Person, person_cards
from pointsbank.people.service import CODE, AlreadyThere
from pointsbank.places import place_by_code, villages_under
from pointsbank.records.keys import claim, settle
from pointsbank.territory.models import Grid, GridHousehold

EDIT, VIEW = "grids.edit", "people.view"
NAME_MAX = 60
CHUNK = 500


@dataclass(frozen=True)
class AddGrid:
    key: UUID
    place_code: str
    code: str
    name: str
    worker: UUID | None = None
    since: date | None = None


@dataclass(frozen=True)
class ChangeGrid:
    """The grid as it is to be: `households` are all that stand in it."""

    key: UUID
    grid: UUID
    name: str
    worker: UUID | None
    households: tuple[UUID, ...]
    until: date | None = None


class GridView(NamedTuple):
    id: UUID
    place_code: str
    code: str
    name: str
    worker_id: UUID | None
    worker: str
    households: int
    valid_from: date | None
    valid_until: date | None


def add_grid(s: Session, cmd: AddGrid, *, by: Actor, at: datetime) -> Grid:
    """Lay out a grid in a village. Raises NotAllowed, BadInput, AlreadyThere, NotFound, KeyReused."""
    with unit_of_work(s):
        require(by, EDIT, at_place=cmd.place_code)
        if (first := claim(s, cmd, "grid.add", by, at)) is not None:
            return s.get_one(Grid, (by.book_id, UUID(first["grid"])))
        if place_by_code(s, cmd.place_code).level != "village":
            raise BadInput("place", "网格划在村(社区)里。", "A grid is laid out in a village.")
        code = cmd.code.strip().upper()
        if not CODE.fullmatch(code):
            raise BadInput("code", "网格编号只能用字母、数字和短横线。",
                           "A grid's number uses letters, digits and hyphens.")
        if s.scalar(select(Grid.id).where(Grid.book_id == by.book_id, Grid.place_code == cmd.place_code,
                                          Grid.code == code)):
            raise AlreadyThere("code", what={"zh": f"网格 {code}", "en": f"Grid {code}"})
        grid = Grid(book_id=by.book_id, id=new_id(), place_code=cmd.place_code, code=code, name=_name(cmd.name, code),
                    worker_id=_worker(s, by.book_id, cmd.place_code, cmd.worker), valid_from=cmd.since)
        s.add(grid)
        s.flush()
        audit.record(s, by, "grid.added", f"grid:{grid.id}", at=at, place=cmd.place_code)
        settle(s, cmd, by, {"grid": str(grid.id)})
        return grid


def change_grid(s: Session, cmd: ChangeGrid, *, by: Actor, at: datetime) -> Grid:
    """Another name, worker or set of households, or the last day. Raises NotFound, NotAllowed, BadInput, KeyReused."""
    with unit_of_work(s):
        grid = own_grid(s, cmd.grid, by, EDIT)
        if claim(s, cmd, "grid.change", by, at) is not None:
            return grid
        homes = set(s.scalars(select(Household.id).where(
            Household.book_id == by.book_id, Household.place_code == grid.place_code, Household.closed_on.is_(None))))
        if not set(cmd.households) <= homes:
            raise NotFound("households")
        if cmd.until is not None and grid.valid_from is not None and cmd.until < grid.valid_from:
            raise BadInput("until", "停用日期比启用日期还早。", "The last day lies before the first one.")
        grid.name, grid.valid_until = _name(cmd.name, grid.code), cmd.until
        grid.worker_id = _worker(s, by.book_id, grid.place_code, cmd.worker)
        s.execute(delete(GridHousehold).where(GridHousehold.book_id == by.book_id, GridHousehold.grid_id == grid.id))
        put_households(s, grid, cmd.households)
        audit.record(s, by, "grid.changed", f"grid:{grid.id}", at=at, households=len(cmd.households))
        settle(s, cmd, by, {"grid": str(grid.id)})
        return grid


def own_grid(s: Session, grid_id: UUID, by: Actor, power: str = VIEW) -> Grid:
    """Raises NotFound, also for what lies out of reach."""
    grid = s.get(Grid, (by.book_id, grid_id))
    if grid is None:
        raise NotFound("grid")
    require_seen(by, power, at_place=grid.place_code, what="grid")
    return grid


def put_households(s: Session, grid: Grid, households: Iterable[UUID]) -> None:
    """These stand in the grid from now on, and in no other. In a unit of work."""
    wanted = sorted(set(households))
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start:start + CHUNK]
        s.execute(delete(GridHousehold).where(GridHousehold.book_id == grid.book_id,
                                              GridHousehold.household_id.in_(part)))
        s.add_all(GridHousehold(book_id=grid.book_id, household_id=one, grid_id=grid.id) for one in part)
        s.flush()


def _name(name: str, code: str) -> str:
    name = name.strip(" \u3000\u00a0") or code
    if len(name) > NAME_MAX:
        raise BadInput("name", f"名称最多 {NAME_MAX} 个字。", f"A name has at most {NAME_MAX} characters.")
    return name


def _worker(s: Session, book_id: int, place_code: str, worker: UUID | None) -> UUID | None:
    if worker is None:
        return None
    found = s.scalar(select(Person.id).join(Household, (Household.book_id == Person.book_id)
                                            & (Household.id == Person.household_id)).where(
        Person.book_id == book_id, Person.id == worker, Person.left_on.is_(None),
        Household.place_code == place_code))
    if found is None:
        raise NotFound("worker")
    return found


def _pairs(rows: Iterable[Any]) -> dict[Any, Any]:
    return {row[0]: row[1] for row in rows}


def grids_of_place(s: Session, book_id: int, place_code: str) -> list[GridView]:
    """The grids of a village by number, with their worker and how many open households stand in them."""
    grids = list(s.scalars(select(Grid).where(Grid.book_id == book_id, Grid.place_code == place_code)))
    counts: dict[UUID, int] = _pairs(s.execute(
        select(GridHousehold.grid_id, func.count()).join(
            Household, (Household.book_id == GridHousehold.book_id) & (Household.id == GridHousehold.household_id))
        .where(GridHousehold.book_id == book_id, Household.place_code == place_code, Household.closed_on.is_(None))
        .group_by(GridHousehold.grid_id)))
    cards = person_cards(s, book_id, {one.worker_id for one in grids if one.worker_id})
    views = [GridView(one.id, one.place_code, one.code, one.name, one.worker_id,
                      cards[one.worker_id].name if one.worker_id in cards else "", counts.get(one.id, 0),
                      one.valid_from, one.valid_until) for one in grids]
    return sorted(views, key=lambda one: (len(one.code), one.code))


def households_in(s: Session, book_id: int, place_code: str) -> dict[UUID, UUID]:
    """Household -> grid, of a village."""
    return _pairs(s.execute(
        select(GridHousehold.household_id, GridHousehold.grid_id).join(
            Household, (Household.book_id == GridHousehold.book_id) & (Household.id == GridHousehold.household_id))
        .where(GridHousehold.book_id == book_id, Household.place_code == place_code)))


def grid_of(s: Session, book_id: int, household_id: UUID) -> Grid | None:
    """The grid a household stands in."""
    return s.scalar(select(Grid).join(GridHousehold, (GridHousehold.book_id == Grid.book_id)
                                      & (GridHousehold.grid_id == Grid.id)).where(
        GridHousehold.book_id == book_id, GridHousehold.household_id == household_id))


def grids_by_village(s: Session, book_id: int, place_code: str) -> list[dict[str, object]]:
    """Above a village: its villages with their grids and the households in them. Three statements."""
    grids = _pairs(s.execute(select(Grid.place_code, func.count()).where(
        Grid.book_id == book_id, Grid.valid_until.is_(None)).group_by(Grid.place_code)))
    homes = _pairs(s.execute(select(Grid.place_code, func.count()).join(
        GridHousehold, (GridHousehold.book_id == Grid.book_id) & (GridHousehold.grid_id == Grid.id)).where(
        Grid.book_id == book_id).group_by(Grid.place_code)))
    return [{"code": card.code, "name": card.name, "grids": grids.get(card.code, 0),
             "households": homes.get(card.code, 0)} for card in villages_under(s, place_code)]
