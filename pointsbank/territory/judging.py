"""What a sheet of the tree would do, row by row, against what is registered: the dry run, and the import's own check.

    judged = judge(s, tree, by)
    judged.findings                      # why rows cannot be taken
    judged.figures()                     # {"places_new": 3, …}
    judged.places, judged.venues, judged.grids       # (row, what is there already or None), unchanged rows left out
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.crypto import keyed_hash
from pointsbank.imports.rows import Finding
from pointsbank.people import Household, Person
from pointsbank.places import Place, ancestors
from pointsbank.territory.models import Grid, GridHousehold, Venue
from pointsbank.territory.tree_sheet import GridRow, PlaceRow, Tree, VenueRow, finding

POWER = "places.manage"
CHUNK = 500


@dataclass
class GridPlan:
    row: GridRow
    there: Grid | None
    worker: UUID | None
    households: tuple[UUID, ...]


@dataclass
class Judged:
    findings: list[Finding] = field(default_factory=list)
    places: list[tuple[PlaceRow, Place | None]] = field(default_factory=list)
    venues: list[tuple[VenueRow, Venue | None]] = field(default_factory=list)
    grids: list[GridPlan] = field(default_factory=list)
    same: int = 0

    def figures(self) -> dict[str, int]:
        told: dict[str, int] = {"same": self.same}
        for name, found in (("places", [there for _, there in self.places]),
                            ("venues", [there for _, there in self.venues]),
                            ("grids", [plan.there for plan in self.grids])):
            told[f"{name}_new"] = sum(1 for there in found if there is None)
            told[f"{name}_changed"] = len(found) - told[f"{name}_new"]
        return told


def level_of(code: str) -> str:
    """'230183100200' is a village, '230183100000' a town, '230183000000' a county."""
    for digits, level in ((2, "province"), (4, "city"), (6, "county"), (9, "town")):
        if code[digits:] == "0" * (12 - digits):
            return level
    return "village"


def chunked(values: Iterable[Any]) -> Iterable[list[Any]]:
    wanted = sorted(set(values))
    return (wanted[start:start + CHUNK] for start in range(0, len(wanted), CHUNK))


def judge(s: Session, tree: Tree, by: Actor) -> Judged:
    """About six statements for every 500 rows. Nothing is written."""
    judged = Judged()
    codes = {row.code for row in tree.places}
    codes |= {row.place_code for row in tree.venues} | {row.place_code for row in tree.grids}
    codes |= {above for code in codes for above in ancestors(code)}
    codes |= {row.replaced_by for row in tree.places if row.replaced_by}
    known = {place.code: place for part in chunked(codes)
             for place in s.scalars(select(Place).where(Place.code.in_(part)))}
    coming = known.keys() | {row.code for row in tree.places}
    for row in tree.places:
        _place(judged, row, known, coming, by)
    reachable_venues = [row for row in tree.venues if _stands(judged, row, coming, by)]
    _venues(s, judged, reachable_venues)
    _grids(s, judged, [row for row in tree.grids if _stands(judged, row, coming, by)], by)
    judged.findings.sort(key=lambda one: one.row)
    return judged


def _out_of_reach(row: int, code: str) -> Finding:
    return finding(row, "code", "out_of_reach", f"{code} 不在您负责的范围里。",
                   f"{code} is outside the place you are responsible for.")


def _place(judged: Judged, row: PlaceRow, known: dict[str, Place], coming: Iterable[str], by: Actor) -> None:
    there = known.get(row.code)
    mine = can(by, POWER, row.code)
    if not mine and row.code not in ancestors(by.place_code):
        judged.findings.append(_out_of_reach(row.row, row.code))
    elif level_of(row.code) != "province" and not set(coming) & set(ancestors(row.code)[1:]):
        judged.findings.append(finding(row.row, "code", "no_place_above", f"{row.code} 的上级还没有登记。",
                                       f"The place above {row.code} is not registered."))
    elif row.replaced_by and row.replaced_by not in coming:
        judged.findings.append(finding(row.row, "replaced_by", "successor_unknown", "替代代码的地区还没有登记。",
                                       "The successor is not registered."))
    elif there is None or (mine and _told(row, there) != (there.name, there.body, there.valid_from,
                                                          there.valid_until, there.replaced_by)):
        judged.places.append((row, there))
    else:
        judged.same += 1  # or a place above one's own: named in the sheet, left as it is


def _told(row: PlaceRow, there: Place) -> tuple[object, ...]:
    """The place as the row would have it; what the row leaves open stays."""
    return (row.name, row.body or there.body, row.valid_from or there.valid_from, row.valid_until, row.replaced_by)


def _stands(judged: Judged, row: VenueRow | GridRow, coming: Iterable[str], by: Actor) -> bool:
    if not can(by, POWER, row.place_code):
        judged.findings.append(_out_of_reach(row.row, row.place_code))
    elif row.place_code not in coming:
        judged.findings.append(finding(row.row, "code", "unknown_place", "这个地区还没有登记。",
                                       "This place is not registered."))
    elif isinstance(row, GridRow) and level_of(row.place_code) != "village":
        judged.findings.append(finding(row.row, "code", "grid_in_village", "网格要写在村(社区)的代码下。",
                                       "A grid stands below a village."))
    else:
        return True
    return False


def _venues(s: Session, judged: Judged, rows: list[VenueRow]) -> None:
    there = {(one.place_code, one.kind, one.name): one for part in chunked(row.place_code for row in rows)
             for one in s.scalars(select(Venue).where(Venue.place_code.in_(part)))}
    for row in rows:
        one = there.get((row.place_code, row.kind, row.name))
        if one is not None and (one.valid_from, one.valid_until) == (row.valid_from or one.valid_from,
                                                                     row.valid_until):
            judged.same += 1
        else:
            judged.venues.append((row, one))


def _grids(s: Session, judged: Judged, rows: list[GridRow], by: Actor) -> None:
    book_id = by.book_id
    places = {row.place_code for row in rows}
    there = {(one.place_code, one.code): one for part in chunked(places) for one in s.scalars(
        select(Grid).where(Grid.book_id == book_id, Grid.place_code.in_(part)))}
    homes: dict[tuple[str, str], UUID] = {}
    now: dict[UUID, set[UUID]] = {}
    for part in chunked(places if any(row.households or row.worker for row in rows) else ()):
        for place, code, id_ in s.execute(select(Household.place_code, Household.code, Household.id).where(
                Household.book_id == book_id, Household.place_code.in_(part), Household.closed_on.is_(None))):
            homes[place, code] = id_
    for part in chunked(one.id for one in there.values()):
        for grid_id, home in s.execute(select(GridHousehold.grid_id, GridHousehold.household_id).where(
                GridHousehold.book_id == book_id, GridHousehold.grid_id.in_(part))):
            now.setdefault(grid_id, set()).add(home)
    workers = _workers(s, book_id, rows)
    for row in rows:
        plan = _grid(judged, row, there.get((row.place_code, row.code)), homes, workers)
        one = plan.there
        if one is not None and not set(plan.households) - now.get(one.id, set()) and (
                one.name, one.worker_id, one.valid_from, one.valid_until) == (
                row.name, plan.worker or one.worker_id, row.valid_from or one.valid_from, row.valid_until):
            judged.same += 1
        else:
            judged.grids.append(plan)


def _grid(judged: Judged, row: GridRow, there: Grid | None, homes: dict[tuple[str, str], UUID],
          workers: dict[tuple[str, str], list[tuple[UUID, str]]]) -> GridPlan:
    missing = [code for code in row.households if (row.place_code, code) not in homes]
    if missing:
        judged.findings.append(finding(row.row, "households", "household_unknown",
                                       f"本村没有这些户:{'、'.join(missing[:5])}。",
                                       f"The village has no household {', '.join(missing[:5])}."))
    worker = None
    if row.worker:
        name, _, home = row.worker.partition(" ")
        found = [id_ for id_, code in workers.get((row.place_code, name), []) if home.strip().upper() in ("", code)]
        if len(found) == 1:
            worker = found[0]
        else:
            judged.findings.append(finding(
                row.row, "worker", "worker_unknown" if not found else "worker_twice",
                "本村没有登记这位网格员。" if not found else "本村有同名的人,请在姓名后空一格写上户号。",
                "The village has nobody of this name." if not found else
                "Several have this name: write the household's code behind it."))
    return GridPlan(row, there, worker, tuple(homes[row.place_code, code] for code in row.households
                                              if (row.place_code, code) in homes))


def _workers(s: Session, book_id: int, rows: list[GridRow]) -> dict[tuple[str, str], list[tuple[UUID, str]]]:
    """(place, name) -> people of that name there, with their household's code."""
    names = {re.split(r"\s", row.worker)[0] for row in rows if row.worker}
    by_hash = {keyed_hash("name", name): name for name in names}
    places = {row.place_code for row in rows}
    found: dict[tuple[str, str], list[tuple[UUID, str]]] = {}
    for part in chunked(by_hash):
        for id_, hashed, place, code in s.execute(select(
                Person.id, Person.name_hash, Household.place_code, Household.code).join(
                Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
                Person.book_id == book_id, Person.name_hash.in_(part), Person.left_on.is_(None))):
            if place in places and hashed is not None:
                found.setdefault((place, by_hash[hashed]), []).append((id_, code))
    return found
