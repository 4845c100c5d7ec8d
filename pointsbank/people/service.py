"""Writes about people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import ensure_subject, keyed_hash, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.people.models import Consent, Household, Kinship, Person
from pointsbank.people.queries import HouseholdCard, PersonCard, household_cards, person_cards
from pointsbank.places import book_of

CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")


class NeedsConsent(DomainError):
    code, status = "needs_consent", 409
    zh = "{person} 未满 18 周岁,还没有监护人同意书,不能记录。"
    en = "{person} is under 18 and no guardian's consent is on file, so nothing can be recorded."


class AlreadyThere(DomainError):
    code, status = "already_there", 409
    zh = "{what} 已经登记过。"
    en = "{what} is already registered."


@dataclass(frozen=True)
class AddHousehold:
    place_code: str
    code: str
    group_no: int
    opened_on: date
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class AddPerson:
    book_id: int
    household_id: UUID
    name: str
    joined_on: date
    relation: str = ""
    phone: str = ""
    id_no: str = ""
    born_on: date | None = None
    is_head: bool = False


@dataclass(frozen=True)
class RecordConsent:
    book_id: int
    person_id: UUID
    guardian_id: UUID
    given_on: date
    version: str = "2026-1"


@dataclass(frozen=True)
class DeclareKinship:
    book_id: int
    person_id: UUID
    household_id: UUID
    declared_on: date


def born_from_id(id_no: str) -> date | None:
    """The birth date in an 18-digit number (GB 11643: digits 7–14), or None."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", id_no):
        return None
    try:
        return date(int(id_no[6:10]), int(id_no[10:12]), int(id_no[12:14]))
    except ValueError:
        return None


def add_household(s: Session, cmd: AddHousehold) -> HouseholdCard:
    """Register a household. Raises BadInput for a bad code, AlreadyThere for one in use in the place."""
    code = cmd.code.strip().upper()
    if not CODE.fullmatch(code):
        raise BadInput("code", "户号只能用字母、数字和短横线。", "A household code uses letters, digits and hyphens.")
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        if s.scalar(select(Household.id).where(Household.book_id == book_id, Household.code == code,
                                               Household.place_code == cmd.place_code)):
            raise AlreadyThere("code", what=code)
        household_id = new_id()
        sealed = seal_json(s, book_id, household_id, {"tags": list(cmd.tags)}, "household")
        s.add(Household(book_id=book_id, id=household_id, place_code=cmd.place_code, code=code, group_no=cmd.group_no,
                        head_person_id=None, sealed=sealed, opened_on=cmd.opened_on, closed_on=None))
        s.flush()
        return household_cards(s, book_id, [household_id])[household_id]


def add_person(s: Session, cmd: AddPerson) -> PersonCard:
    """Register a member; the first head becomes the household's head. Raises BadInput, AlreadyThere, NotFound."""
    name = cmd.name.strip(" \u3000\u00a0")
    if not 1 <= len(name) <= 50:
        raise BadInput("name", "姓名应为 1 到 50 个字。", "A name has 1 to 50 characters.")
    with unit_of_work(s):
        home = s.get(Household, (cmd.book_id, cmd.household_id))
        if home is None:
            raise NotFound("household")
        born = cmd.born_on or born_from_id(cmd.id_no)
        id_hash = keyed_hash("id_no", cmd.id_no) if cmd.id_no else None
        if id_hash and s.scalar(select(Person.id).where(Person.book_id == cmd.book_id, Person.id_hash == id_hash)):
            raise AlreadyThere("id_no", what={"zh": "这个证件号", "en": "This ID number"})
        person_id = new_id()
        ensure_subject(s, cmd.book_id, person_id)
        facts = {"name": name, "relation": cmd.relation, "phone": cmd.phone, "id_no": cmd.id_no,
                 "born_on": born.isoformat() if born else ""}
        s.add(Person(book_id=cmd.book_id, id=person_id, household_id=cmd.household_id, is_head=cmd.is_head,
                     sealed=seal_json(s, cmd.book_id, person_id, facts, "person"),
                     name_hash=keyed_hash("name", name),
                     phone_hash=keyed_hash("phone", cmd.phone) if cmd.phone else None, id_hash=id_hash,
                     joined_on=cmd.joined_on, left_on=None))
        if cmd.is_head:
            home.head_person_id = person_id
        s.flush()
        return person_cards(s, cmd.book_id, [person_id])[person_id]


def record_consent(s: Session, cmd: RecordConsent) -> None:
    """File a guardian's consent. The guardian must be another member of the same household."""
    with unit_of_work(s):
        child = s.get(Person, (cmd.book_id, cmd.person_id))
        guardian = s.get(Person, (cmd.book_id, cmd.guardian_id))
        if child is None or guardian is None or child.id == guardian.id:
            raise NotFound("guardian_id")
        s.add(Consent(book_id=cmd.book_id, id=new_id(), person_id=child.id, guardian_id=guardian.id,
                      version=cmd.version, given_on=cmd.given_on, withdrawn_on=None))


def declare_kinship(s: Session, cmd: DeclareKinship) -> None:
    """Note that a person is related to a household, so that they step aside from its matters. Idempotent."""
    with unit_of_work(s):
        key = (cmd.book_id, cmd.person_id, cmd.household_id)
        if s.get(Kinship, key) is None:
            s.add(Kinship(book_id=cmd.book_id, person_id=cmd.person_id, household_id=cmd.household_id,
                          declared_on=cmd.declared_on))
