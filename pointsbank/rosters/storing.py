"""Writing one portion of new lines: households that are not there yet, members, consents, all in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pointsbank.crypto import keyed_hash, open_many, seal_many
from pointsbank.database import new_id
from pointsbank.people import Consent, Household, Person
from pointsbank.rosters.reading import Line

VERSION = "2026-1"
CHUNK = 500


class Stored(NamedTuple):
    households: int
    persons: int
    consents: int


def households_of(s: Session, book_id: int, lines: Sequence[Line]) -> dict[tuple[str, str], tuple[UUID, bool]]:
    """(place, code) -> (id, has a head) of those registered already."""
    found: dict[tuple[str, str], tuple[UUID, bool]] = {}
    codes = sorted({line.household for line in lines})
    places = sorted({line.place_code for line in lines})
    for start in range(0, len(codes), CHUNK):
        for row in s.execute(select(Household.place_code, Household.code, Household.id, Household.head_person_id).where(
                Household.book_id == book_id, Household.place_code.in_(places),
                Household.code.in_(codes[start:start + CHUNK]))):
            found[row.place_code, row.code] = (row.id, row.head_person_id is not None)
    return found


def store(s: Session, book_id: int, lines: Sequence[Line], on: date) -> Stored:
    """Inside a unit of work. The lines are new and agree with each other."""
    if not lines:
        return Stored(0, 0, 0)
    homes = households_of(s, book_id, lines)
    fresh: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if (line.place_code, line.household) not in homes:
            fresh.setdefault((line.place_code, line.household), []).append(line)
    made = {home: new_id() for home in fresh}
    sealed = seal_many(s, book_id, [(made[home], {"tags": sorted({one.tag for one in members if one.tag})})
                                    for home, members in fresh.items()], "household")
    persons = [(line, new_id()) for line in lines]
    heads = {(line.place_code, line.household): id_ for line, id_ in persons if line.is_head
             and not homes.get((line.place_code, line.household), (None, False))[1]}
    if made:
        s.execute(insert(Household), [
            {"book_id": book_id, "id": made[home], "place_code": home[0], "code": home[1],
             "group_no": members[0].group, "head_person_id": heads.get(home), "sealed": blob, "opened_on": on,
             "closed_on": None, "merged_into": None}
            for (home, members), blob in zip(fresh.items(), sealed, strict=True)])
    for home, head in heads.items():
        if home in homes:
            s.execute(update(Household).where(Household.book_id == book_id, Household.id == homes[home][0])
                      .values(head_person_id=head).execution_options(synchronize_session=False))
    ids = {home: id_ for home, (id_, _) in homes.items()} | made
    _insert_persons(s, book_id, persons, ids, heads, on)
    return Stored(len(made), len(persons), _consents(s, book_id, persons, ids, on))


def _insert_persons(s: Session, book_id: int, persons: list[tuple[Line, UUID]], ids: dict[tuple[str, str], UUID],
                    heads: dict[tuple[str, str], UUID], on: date) -> None:
    blobs = seal_many(s, book_id, [(id_, {
        "name": line.name, "relation": line.relation, "phone": line.phone, "id_no": line.id_no,
        "born_on": line.born_on.isoformat() if line.born_on else ""}) for line, id_ in persons], "person")
    s.execute(insert(Person), [
        {"book_id": book_id, "id": id_, "household_id": ids[line.place_code, line.household],
         "is_head": heads.get((line.place_code, line.household)) == id_, "sealed": blob,
         "name_hash": keyed_hash("name", line.name),
         "phone_hash": keyed_hash("phone", line.phone) if line.phone else None,
         "id_hash": keyed_hash("id_no", line.id_no) if line.id_no else None, "joined_on": on, "left_on": None,
         "left_why": None, "merged_into": None}
        for (line, id_), blob in zip(persons, blobs, strict=True)])


def without_guardian(s: Session, book_id: int, lines: Sequence[Line]) -> set[int]:
    """Rows whose guardian is no member of the household, neither registered nor in this portion. They are not stored.

    A portion never cuts a household that stands together in the sheet.
    """
    asking = [line for line in lines if line.guardian]
    if not asking:
        return set()
    members = _members(s, book_id, asking)
    for line in lines:
        members.setdefault((line.place_code, line.household), {}).setdefault(line.name, None)
    return {line.row for line in asking if line.guardian == line.name
            or line.guardian not in members.get((line.place_code, line.household), {})}


def _members(s: Session, book_id: int, lines: Sequence[Line]) -> dict[tuple[str, str], dict[str, UUID | None]]:
    homes = {id_: home for home, (id_, _) in households_of(s, book_id, lines).items()}
    found: dict[tuple[str, str], dict[str, UUID | None]] = {}
    ids = sorted(homes)
    for start in range(0, len(ids), CHUNK):
        rows = s.execute(select(Person.id, Person.household_id, Person.sealed).where(
            Person.book_id == book_id, Person.household_id.in_(ids[start:start + CHUNK]),
            Person.left_on.is_(None))).all()
        facts = open_many(s, book_id, [(row.id, row.sealed) for row in rows], "person")
        for row, told in zip(rows, facts, strict=True):
            found.setdefault(homes[row.household_id], {})[(told or {}).get("name", "")] = row.id
    return found


def _consents(s: Session, book_id: int, persons: list[tuple[Line, UUID]], ids: dict[tuple[str, str], UUID],
              on: date) -> int:
    minors = [(line, id_) for line, id_ in persons if line.guardian]
    if not minors:
        return 0
    members = _members(s, book_id, [line for line, _ in minors])
    rows: list[dict[str, Any]] = []
    for line, id_ in minors:
        guardian = members[line.place_code, line.household].get(line.guardian)
        if guardian is not None:
            rows.append({"book_id": book_id, "id": new_id(), "person_id": id_, "guardian_id": guardian,
                         "version": VERSION, "given_on": on, "withdrawn_on": None})
    if rows:
        s.execute(insert(Consent), rows)
    return len(rows)
