"""文明单位 and their 结对共建 with villages.

    unit = add_unit(s, AddUnit(key, county, "安和中学", "county", "12230199…", day), by=office, at=now)
    pair(s, PairUp(key, unit.id, village, date(2026, 1, 1), date(2028, 12, 31), 4), by=office, at=now)
    show_code(s, unit.id, "核对协议", by=office, at=now)        # the whole credit code, with a reason in the trail
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import keyed_hash, open_json, open_many, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.people.service import AlreadyThere
from pointsbank.places import Place, place_by_code, stem_of
from pointsbank.records.keys import claim, settle
from pointsbank.teams.credit_codes import credit_code, masked
from pointsbank.teams.models import CivilUnit, Pairing
from pointsbank.teams.service import EDIT
from pointsbank.teams.words import UNIT_LEVELS

CONTEXT = "civil_unit"
NAME_MAX, TIMES_MAX, YEARS_MAX = 80, 366, 10


class PairedAlready(DomainError):
    code, status = "paired_already", 409
    zh = "这个单位和这个村在这段时间里已经结对。"
    en = "This unit and this village are paired in that time already."


@dataclass(frozen=True)
class AddUnit:
    key: UUID
    place_code: str
    name: str
    level: str
    credit_code: str
    named_on: date | None = None


@dataclass(frozen=True)
class PairUp:
    key: UUID
    unit: UUID
    place_code: str
    from_on: date
    until_on: date
    times_a_year: int


@dataclass(frozen=True)
class EndPairing:
    key: UUID
    pairing: UUID
    on: date


class UnitView(NamedTuple):
    id: UUID
    place_code: str
    name: str
    level: str
    code: str  # masked
    named_on: date | None


class PairingView(NamedTuple):
    id: UUID
    unit: str
    level: str
    place_code: str
    place: str
    from_on: date
    until_on: date
    times_a_year: int
    ended_on: date | None
    running: bool


def add_unit(s: Session, cmd: AddUnit, *, by: Actor, at: datetime) -> CivilUnit:
    """Register a unit. Raises NotAllowed, NotFound, BadInput, AlreadyThere, KeyReused."""
    with unit_of_work(s):
        require(by, EDIT, at_place=cmd.place_code)
        if (first := claim(s, cmd, "unit.add", by, at)) is not None:
            return s.get_one(CivilUnit, (by.book_id, UUID(first["unit"])))
        place_by_code(s, cmd.place_code)
        name = cmd.name.strip(" \u3000\u00a0")
        if not 2 <= len(name) <= NAME_MAX:
            raise BadInput("name", f"单位名称应为 2 到 {NAME_MAX} 个字。", f"A name has 2 to {NAME_MAX} characters.")
        if cmd.level not in UNIT_LEVELS:
            raise BadInput("level", "没有这一级。", "There is no such level.")
        code = credit_code(cmd.credit_code)
        hashed = keyed_hash("credit_code", code)
        if s.scalar(select(CivilUnit.id).where(CivilUnit.book_id == by.book_id, CivilUnit.code_hash == hashed)):
            raise AlreadyThere("credit_code", what={"zh": "这个信用代码", "en": "This credit code"})
        unit_id = new_id()
        unit = CivilUnit(book_id=by.book_id, id=unit_id, place_code=cmd.place_code, name=name, level=cmd.level,
                         code_hash=hashed, sealed=seal_json(s, by.book_id, unit_id, {"credit_code": code}, CONTEXT),
                         named_on=cmd.named_on)
        s.add(unit)
        s.flush()
        audit.record(s, by, "unit.added", f"unit:{unit.id}", at=at, place=cmd.place_code)
        settle(s, cmd, by, {"unit": str(unit.id)})
        return unit


def pair(s: Session, cmd: PairUp, *, by: Actor, at: datetime) -> Pairing:
    """A unit and a village work together for a period. Raises NotAllowed, NotFound, BadInput, PairedAlready."""
    with unit_of_work(s):
        require(by, EDIT, at_place=cmd.place_code)
        if (first := claim(s, cmd, "unit.pair", by, at)) is not None:
            return s.get_one(Pairing, (by.book_id, UUID(first["pairing"])))
        if s.get(CivilUnit, (by.book_id, cmd.unit)) is None:
            raise NotFound("unit")
        if place_by_code(s, cmd.place_code).level != "village":
            raise BadInput("place", "和村(社区)结对,请选一个村。", "A pairing is with a village; choose one.")
        if not cmd.from_on < cmd.until_on or cmd.until_on.year - cmd.from_on.year > YEARS_MAX:
            raise BadInput("until_on", f"协议要先开始后结束,最长 {YEARS_MAX} 年。",
                           f"The period ends after it begins, and lasts {YEARS_MAX} years at most.")
        if not 0 <= cmd.times_a_year <= TIMES_MAX:
            raise BadInput("times_a_year", "每年次数应在 0 到 366 之间。", "Between 0 and 366 times a year.")
        for there in s.scalars(select(Pairing).where(Pairing.book_id == by.book_id, Pairing.unit_id == cmd.unit,
                                                     Pairing.place_code == cmd.place_code)):
            if there.from_on <= cmd.until_on and cmd.from_on <= (there.ended_on or there.until_on):
                raise PairedAlready("unit")
        row = Pairing(book_id=by.book_id, id=new_id(), unit_id=cmd.unit, place_code=cmd.place_code,
                      from_on=cmd.from_on, until_on=cmd.until_on, times_a_year=cmd.times_a_year, ended_on=None)
        s.add(row)
        s.flush()
        audit.record(s, by, "unit.paired", f"pairing:{row.id}", at=at, place=cmd.place_code)
        settle(s, cmd, by, {"pairing": str(row.id)})
        return row


def end_pairing(s: Session, cmd: EndPairing, *, by: Actor, at: datetime) -> Pairing:
    """It ends before its period. Raises NotFound, BadInput, KeyReused."""
    with unit_of_work(s):
        row = s.get(Pairing, (by.book_id, cmd.pairing))
        if row is None:
            require(by, EDIT)
            raise NotFound("pairing")
        require_seen(by, EDIT, at_place=row.place_code, what="pairing")
        if claim(s, cmd, "unit.end", by, at) is not None:
            return row
        if not row.from_on <= cmd.on <= min(row.until_on, max(to_day(at), row.from_on)):
            raise BadInput("on", "结束日期应在协议期内,不晚于今天。",
                           "The day lies within the period and not after today.")
        row.ended_on = cmd.on
        audit.record(s, by, "unit.pairing_ended", f"pairing:{row.id}", at=at, on=str(cmd.on))
        settle(s, cmd, by, {"pairing": str(row.id)})
        return row


def show_code(s: Session, unit_id: UUID, why: str, *, by: Actor, at: datetime) -> str:
    """The whole code; who asked and why is in the trail. Raises NotFound, BadInput."""
    with unit_of_work(s):
        unit = s.get(CivilUnit, (by.book_id, unit_id))
        if unit is None:
            require(by, EDIT)
            raise NotFound("unit")
        require_seen(by, EDIT, at_place=unit.place_code, what="unit")
        why = why.strip(" \u3000\u00a0")
        if not 2 <= len(why) <= NAME_MAX:
            raise BadInput("why", "请写明为什么要看。", "Say why you need to see it.")
        audit.record(s, by, "unit.code_shown", f"unit:{unit.id}", at=at, why=why)
        told: dict[str, str] = open_json(s, by.book_id, unit.id, unit.sealed, CONTEXT)
        return told["credit_code"]


def find_unit(s: Session, book_id: int, text: str) -> UUID | None:
    """By its credit code, through the keyed hash. Raises BadInput."""
    return s.scalar(select(CivilUnit.id).where(CivilUnit.book_id == book_id,
                                               CivilUnit.code_hash == keyed_hash("credit_code", credit_code(text))))


def units(s: Session, book_id: int) -> list[UnitView]:
    """The book's units by name, their codes masked. Two statements."""
    rows = list(s.scalars(select(CivilUnit).where(CivilUnit.book_id == book_id).order_by(CivilUnit.name)))
    told = open_many(s, book_id, [(row.id, row.sealed) for row in rows], CONTEXT)
    return [UnitView(row.id, row.place_code, row.name, row.level, masked((said or {}).get("credit_code", "")),
                     row.named_on) for row, said in zip(rows, told, strict=True)]


def pairings_in(s: Session, book_id: int, place_code: str, *, on: date) -> list[PairingView]:
    """The pairings of villages at and below a place, running ones first. One statement."""
    rows = s.execute(select(Pairing, CivilUnit.name, CivilUnit.level, Place.name).join(
        CivilUnit, (CivilUnit.book_id == Pairing.book_id) & (CivilUnit.id == Pairing.unit_id)).join(
        Place, Place.code == Pairing.place_code).where(
        Pairing.book_id == book_id, Pairing.place_code.startswith(stem_of(place_code)))
        .order_by(Pairing.from_on.desc()))
    found = [PairingView(row.id, unit, level, row.place_code, place, row.from_on, row.until_on, row.times_a_year,
                         row.ended_on, row.from_on <= on <= (row.ended_on or row.until_on))
             for row, unit, level, place in rows]
    return sorted(found, key=lambda one: not one.running)
