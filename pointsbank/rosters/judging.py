"""What becomes of the lines of one portion: new, already there, like somebody else, or not to be had.

Judged against the database in a handful of statements a portion, by keyed hashes; the record of somebody in another
village is never shown, only where to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import keyed_hash, open_many
from pointsbank.people import Household, Person
from pointsbank.places import place_cards
from pointsbank.rosters.reading import Line, Reader

NEW, ALREADY, ALIKE, BAD = "new", "already", "alike", "bad"
CHUNK = 500


class Known(NamedTuple):
    """Somebody registered already."""

    id: UUID
    place_code: str
    household: str
    name: str
    born_on: str
    phone: str
    id_hash: bytes | None


def _known(s: Session, book_id: int, condition: object) -> list[Known]:
    rows = s.execute(select(Person, Household.place_code, Household.code).join(
        Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
        Person.book_id == book_id, Person.left_on.is_(None), condition)).all()  # type: ignore[arg-type]
    facts = open_many(s, book_id, [(person.id, person.sealed) for person, _, _ in rows], "person")
    return [Known(person.id, place, code, told.get("name", ""), told.get("born_on", ""), told.get("phone", ""),
                  person.id_hash) for (person, place, code), told in zip(rows, (one or {} for one in facts),
                                                                         strict=True)]


def judge(s: Session, book_id: int, lines: Sequence[Line], reader: Reader) -> dict[int, str]:
    """Row -> NEW, ALREADY, ALIKE or BAD (with a finding). Six statements for every 500 lines."""
    by_id: dict[bytes, Known] = {}
    by_name: dict[tuple[str, str], list[Known]] = {}
    for start in range(0, len(lines), CHUNK):
        part = lines[start:start + CHUNK]
        hashes = [keyed_hash("id_no", line.id_no) for line in part if line.id_no]
        if hashes:
            by_id |= {one.id_hash: one for one in _known(s, book_id, Person.id_hash.in_(hashes)) if one.id_hash}
        names = {keyed_hash("name", line.name) for line in part}
        places = {line.place_code for line in part}
        for one in _known(s, book_id, Person.name_hash.in_(sorted(names))
                          & Household.place_code.in_(sorted(places))):
            by_name.setdefault((one.place_code, one.name), []).append(one)
    found: dict[int, str] = {}
    elsewhere: list[tuple[Line, Known]] = []
    for line in lines:
        same = by_id.get(keyed_hash("id_no", line.id_no)) if line.id_no else None
        if same is not None:
            here = (same.place_code, same.household) == (line.place_code, line.household)
            found[line.row] = ALREADY if here and same.name == line.name else BAD
            if found[line.row] == BAD:
                elsewhere.append((line, same))
            continue
        found[line.row] = _by_name(line, by_name.get((line.place_code, line.name), []))
    _tell_elsewhere(s, elsewhere, reader)
    return found


def _by_name(line: Line, others: list[Known]) -> str:
    if any(one.household == line.household for one in others):
        return ALREADY
    born = line.born_on.isoformat() if line.born_on else ""
    alike = any((born and one.born_on == born) or (line.phone and one.phone == line.phone) for one in others)
    return ALIKE if alike else NEW


def _tell_elsewhere(s: Session, pairs: list[tuple[Line, Known]], reader: Reader) -> None:
    names = place_cards(s, {one.place_code for _, one in pairs}) if pairs else {}
    for line, one in pairs:
        place = names[one.place_code].name if one.place_code in names else ""
        if one.place_code == line.place_code:
            reader.find(line.row, "id_no", "id_taken",
                        f"这个证件号在本村 {one.household} 户已经登记,户号或姓名不同,请核对。",
                        f"This number is registered in household {one.household} of this village; check both.")
        else:
            reader.find(line.row, "id_no", "known_elsewhere",
                        f"这个人在{place}已经登记,请向那里申请转移,不要另立一份。",
                        f"This person is registered at {place}. Ask for a transfer instead of a second record.")
