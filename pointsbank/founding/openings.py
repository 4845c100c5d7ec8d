"""期初余额: what the passbooks say, read from a sheet, entered by one person, confirmed by another, posted once.

    lines = read_openings(s, place, data, name, today)
    sheet = enter_openings(s, EnterOpenings(key, place, lines), by=recorder, at=now)
    confirm_openings(s, sheet.id, by=committee, at=now)

A household may stand in several rows, one for each last day. Each household is carried over once, whoever does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from ledger.tables import transaction
from pointsbank import accounts, audit
from pointsbank.access import Actor, can
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import Conflict, DomainError, KeyReused, NotFound
from pointsbank.founding.models import POSTED, WAITING, WITHDRAWN, OpeningSheet
from pointsbank.imports.rows import Finding
from pointsbank.people import Household, HouseholdCard, household_cards, relatives_of
from pointsbank.places import book_of
from pointsbank.sheets import (
    Cell,
    column_letters,
    data_rows,
    find_header,
    guess_mapping,
    open_workbook,
    parse_day,
    parse_number,
)
from pointsbank.wallets.carrying import SCOPE

ENTER, CONFIRM = "openings.enter", "openings.confirm"
TITLES = ("户号", "余额(分)", "到期日")
WANTED = {"household": ("户号", "户编号", "家庭编号"), "points": ("余额(分)", "余额", "积分", "期初余额", "结存"),
          "due_on": ("到期日", "有效期至", "截止日期")}
POINTS_MAX, LINES_MAX = 1_000_000, 20_000


class WrongRows(DomainError):
    code, status = "opening_rows_wrong", 422
    zh = "这份表有 {count} 处要改,一行也没有收。请按下面的说明改好再传。"
    en = "This sheet has {count} mistakes; nothing was taken in. Correct them as shown and upload it again."

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("file", count=len(findings))
        self.findings = findings


class CarriedBefore(DomainError):
    code, status = "carried_before", 409
    zh = "户号 {code} 的期初余额已经转入过。每户只转一次。"
    en = "The opening balance of household {code} was carried over before; each household has one."


class NeedsAnother(DomainError):
    code, status = "needs_another", 409
    zh = "期初余额要两个人:填表的人不能自己确认,请另一位来确认。"
    en = "Opening balances take two persons: somebody else than who entered them confirms."


class OwnOpening(DomainError):
    code, status = "own_opening", 403
    zh = "这份表里有您自己家或亲属家的余额,请由别人来确认。"
    en = "This list holds your own household's or a relative's balance: somebody else confirms it."


class OpeningLine(NamedTuple):
    household: UUID
    points: int
    due_on: date | None


@dataclass(frozen=True)
class EnterOpenings:
    key: UUID
    place_code: str
    lines: tuple[OpeningLine, ...]


def read_openings(s: Session, place_code: str, data: bytes, filename: str, today: date) -> tuple[OpeningLine, ...]:
    """The lines of a sheet. Raises WrongRows with every finding, FileRefused, NoHeader."""
    book = open_workbook(data, filename)
    header = find_header(book, WANTED)
    columns = guess_mapping(header.names, WANTED)
    homes = dict(s.execute(select(Household.code, Household.id).where(
        Household.book_id == book_of(place_code), Household.place_code == place_code,
        Household.closed_on.is_(None))).all())
    findings: list[Finding] = []
    lines: list[OpeningLine] = []

    def wrong(row: int, field: str, code: str, zh: str, en: str) -> None:
        index = columns.get(field)
        findings.append(Finding(row, column_letters(index) if index is not None else "", WANTED[field][0], code, zh,
                                en))

    for row in data_rows(book, header):
        cell = {name: row.cell(index) for name, index in columns.items()}
        before = len(findings)
        code = cell["household"].text.strip().upper() if "household" in cell else ""
        if code not in homes:
            wrong(row.number, "household", "unknown_household", "本村没有这个户号。",
                  "There is no such household here.")
        points = _points(cell.get("points"))
        if points is None:
            wrong(row.number, "points", "bad_amount", "余额应是数字,最多两位小数,可以是负数。",
                  "A balance is a number with at most two decimals; it may be negative.")
        due_on = None
        if "due_on" in cell and not cell["due_on"].is_blank:
            day = parse_day(cell["due_on"])
            due_on = day.value
            if due_on is None or due_on < today:
                wrong(row.number, "due_on", "due_day", "到期日要写成 2027-03-31 这样,而且不能早于今天。",
                      "Write the last day like 2027-03-31; it is not before today.")
        if len(findings) == before and points:
            lines.append(OpeningLine(homes[code], points, due_on))
    if findings or not lines:
        raise WrongRows(findings or [Finding(header.last_row, "", TITLES[1], "blank", "表里没有余额。",
                                             "The sheet holds no balance.")])
    return tuple(lines)


def _points(cell: Cell | None) -> int | None:
    if cell is None:
        return None
    parsed = parse_number(cell, decimals=2, least=-POINTS_MAX, most=POINTS_MAX)
    return int(Decimal(parsed.value) * 100) if parsed.value is not None else None


def enter_openings(s: Session, cmd: EnterOpenings, *, by: Actor, at: datetime) -> OpeningSheet:
    """Keep a list until another person confirms it. Same key: the first list.

    Raises: NotFound (out of reach), CarriedBefore, KeyReused.
    """
    if not can(by, ENTER, cmd.place_code):
        raise NotFound("place")
    stored = [{"household": str(line.household), "points": line.points,
               "due_on": line.due_on.isoformat() if line.due_on else None} for line in cmd.lines]
    with unit_of_work(s):
        first = s.scalar(select(OpeningSheet).where(OpeningSheet.book_id == by.book_id,
                                                    OpeningSheet.scope == by.scope, OpeningSheet.key == cmd.key))
        if first is not None:
            if first.lines != stored:
                raise KeyReused("key")
            return first
        homes = household_cards(s, by.book_id, {line.household for line in cmd.lines})
        if any(line.household not in homes or homes[line.household].place_code != cmd.place_code
               for line in cmd.lines):
            raise NotFound("household")
        _not_carried_yet(s, by.book_id, homes)
        row = OpeningSheet(
            book_id=by.book_id, id=new_id(), place_code=cmd.place_code, scope=by.scope, key=cmd.key, status=WAITING,
            lines=stored, figures={"households": len(homes), "points": sum(line.points for line in cmd.lines)},
            made_by=by.user_id, made_person=by.person_id, made_at=at, confirmed_by=None, confirmed_at=None)
        s.add(row)
        audit.record(s, by, "openings.entered", f"openings:{row.id}", at=at, **row.figures)
        s.flush()
        return row


def opening_sheet(s: Session, sheet_id: UUID, by: Actor, power: str, *, lock: bool = False) -> OpeningSheet:
    """Raises NotFound, also for what lies out of reach."""
    query = select(OpeningSheet).where(OpeningSheet.book_id == by.book_id, OpeningSheet.id == sheet_id)
    row = s.scalar(query.with_for_update() if lock else query)
    if row is None or not can(by, power, row.place_code):
        raise NotFound("openings")
    return row


def confirm_openings(s: Session, sheet_id: UUID, *, by: Actor, at: datetime) -> OpeningSheet:
    """Post a list that somebody else entered. Confirming again changes nothing.

    Raises: NotFound, NeedsAnother, OwnOpening, Conflict (withdrawn), CarriedBefore.
    """
    with unit_of_work(s):
        row = opening_sheet(s, sheet_id, by, CONFIRM, lock=True)
        if row.status == POSTED:
            return row
        if row.status != WAITING:
            raise Conflict("openings")
        if by.user_id == row.made_by or (by.person_id is not None and by.person_id == row.made_person):
            raise NeedsAnother("openings")
        if {UUID(line["household"]) for line in row.lines} & relatives_of(s, by.book_id, by.person_id):
            raise OwnOpening("openings")
        ledger.post(s.connection(), row.book_id, list(_entries(s, row, at)), recorded_at=at)
        row.status, row.confirmed_by, row.confirmed_at = POSTED, by.user_id, at
        audit.record(s, by, "openings.confirmed", f"openings:{row.id}", at=at, **row.figures)
        s.flush()
        return row


def _not_carried_yet(s: Session, book_id: int, homes: dict[UUID, HouseholdCard]) -> None:
    """One statement. Raises CarriedBefore for the first that has an opening balance."""
    keys = set(s.scalars(select(transaction.c.key).where(transaction.c.book_id == book_id,
                                                         transaction.c.scope == SCOPE)))
    for household_id, home in sorted(homes.items()):
        if str(household_id) in keys:
            raise CarriedBefore("household", code=home.code)


def _entries(s: Session, row: OpeningSheet, at: datetime) -> list[Entry]:
    by_home: dict[UUID, list[OpeningLine]] = {}
    for one in row.lines:
        line = OpeningLine(UUID(one["household"]), one["points"], one["due_on"] and date.fromisoformat(one["due_on"]))
        by_home.setdefault(line.household, []).append(line)
    homes = household_cards(s, row.book_id, by_home)
    _not_carried_yet(s, row.book_id, homes)
    entries = []
    for household_id, lines in sorted(by_home.items()):
        home = homes[household_id]
        wallet, paper = accounts.wallet(home.id, home.place_code), accounts.opening(home.place_code)
        moves = tuple(Transfer(paper, wallet, line.points, due_on=line.due_on) if line.points > 0 else
                      Transfer(wallet, paper, -line.points)
                      for line in sorted(lines, key=lambda one: (one.points < 0, one.due_on or date.max)))
        entries.append(Entry(SCOPE, str(household_id), "opening", to_day(at), moves, Party(household=household_id),
                             place=home.place_code, may_go_below=any(line.points < 0 for line in lines)))
    return entries


def withdraw_openings(s: Session, sheet_id: UUID, *, by: Actor, at: datetime) -> OpeningSheet:
    """Take a list back before it is confirmed. Doing it again changes nothing."""
    with unit_of_work(s):
        row = opening_sheet(s, sheet_id, by, ENTER, lock=True)
        if row.status == POSTED:
            raise Conflict("openings")
        if row.status == WAITING:
            row.status = WITHDRAWN
            audit.record(s, by, "openings.withdrawn", f"openings:{row.id}", at=at)
        return row


def sheets_of(s: Session, by: Actor, place_code: str) -> list[OpeningSheet]:
    """The lists of a place, newest first."""
    return list(s.scalars(select(OpeningSheet).where(
        OpeningSheet.book_id == by.book_id, OpeningSheet.place_code == place_code)
        .order_by(OpeningSheet.id.desc()).limit(50)))
