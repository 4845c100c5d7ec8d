"""What becomes of the lines of one portion: new, already there, like somebody else, or not to be had.

Judged against the database in a handful of statements a portion, by keyed hashes; the record of somebody in another
village is never shown, only where to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
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
    rows = s.execute(select(Person.id, Person.sealed, Person.id_hash, Household.place_code, Household.code).join(
        Household, (Household.book_id == Person.book_id) & (Household.id == Person.household_id)).where(
        Person.book_id == book_id, Person.left_on.is_(None), condition)).all()  # type: ignore[arg-type]
    facts = open_many(s, book_id, [(row.id, row.sealed) for row in rows], "person")
    return [Known(row.id, row.place_code, row.code, told.get("name", ""), told.get("born_on", ""),
                  told.get("phone", ""), row.id_hash)
            for row, told in zip(rows, (one or {} for one in facts), strict=True)]


def judge(s: Session, book_id: int, lines: Sequence[Line], reader: Reader) -> dict[int, str]:
    """Row -> NEW, ALREADY, ALIKE or BAD (with a finding). Six statements for every 500 lines."""
    by_id: dict[bytes, Known] = {}
    by_name: dict[tuple[str, str], list[Known]] = {}
    for start in range(0, len(lines), CHUNK):
        part = lines[start:start + CHUNK]
        hashes = [keyed_hash("id_no", line.id_no) for line in part if line.id_no]
        if hashes:
            by_id |= {one.id_hash: one for one in _known(s, book_id, Person.id_hash.in_(hashes)) if one.id_hash}
        for one in _known(s, book_id, _may_be(part)):
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


def _may_be(part: Sequence[Line]) -> ColumnElement[bool]:
    """Of the same name and place, who can be somebody of these lines: of one household, of one phone, or unnumbered.

    Two people with two ID numbers are two, whatever their names, so the many 王芳 of a big place are not opened.
    """
    names = {keyed_hash("name", line.name) for line in part}
    phones = {keyed_hash("phone", line.phone) for line in part if line.phone and not line.id_no}
    return (Person.name_hash.in_(sorted(names)) & Household.place_code.in_(sorted({line.place_code for line in part}))
            & or_(Household.code.in_(sorted({line.household for line in part})), Person.id_hash.is_(None),
                  Person.phone_hash.in_(sorted(phones)),
                  false() if all(line.id_no for line in part) else Person.id_hash.is_not(None)))


def _by_name(line: Line, others: list[Known]) -> str:
    if any(one.household == line.household for one in others):
        return ALREADY
    born = line.born_on.isoformat() if line.born_on else ""
    unnumbered = [one for one in others if not (line.id_no and one.id_hash)]
    alike = any((born and one.born_on == born) or (line.phone and one.phone == line.phone) for one in unnumbered)
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
