"""The two runs over a roster: the dry run, and the import. Both go by portions, so memory stays flat.

A portion is a unit of work: what its rows became and the mark how far the file is done are committed together. A run
that is killed leaves whole portions; the next one goes on at the mark. Two runs at once cannot double a row either:
each portion takes the file's row under its lock and finds the mark moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.imports.errors import FileGone, NotCheckedYet, NothingToImport
from pointsbank.imports.rows import Choices, Finding
from pointsbank.places import place_by_code, villages_under
from pointsbank.rosters.fields import WANTED
from pointsbank.rosters.judging import ALIKE, BAD, NEW, judge
from pointsbank.rosters.models import (
    CHECKED,
    CHECKING,
    DONE,
    FAILED,
    IMPORTING,
    OVER,
    UPLOADED,
    RosterFile,
    RosterFindings,
)
from pointsbank.rosters.reading import Line, Reader
from pointsbank.rosters.service import content_of, own_roster, put_away
from pointsbank.rosters.storing import store, without_guardian
from pointsbank.sheets import data_rows, find_header, open_workbook

PORTION, PORTION_MAX = 1_000, 1_200  # rows; a household that stands together is not cut unless it is very long
FINDINGS = "roster_findings"
Tell = Callable[[int, int], None]
Figures = dict[str, int]
NOTHING: Figures = {"rows": 0, "new": 0, "already": 0, "alike": 0, "bad": 0, "households": 0, "persons": 0,
                    "consents": 0}


def reader_of(s: Session, row: RosterFile, at: datetime) -> Reader:
    """Raises FileGone, FileRefused."""
    choices = Choices.from_json(row.choices)
    book = open_workbook(content_of(s, row), "", include_hidden_rows=choices.hidden_rows, sheet=choices.sheet)
    place = place_by_code(s, row.place_code)
    villages: dict[str, str] = {}
    for card in villages_under(s, row.place_code):
        villages[card.code] = card.code
        # two villages of one name below this place: only the code will do
        villages[card.name] = card.code if card.name not in villages else ""
    return Reader(book, find_header(book, WANTED), choices, {name: code for name, code in villages.items() if code},
                  place.code if place.level == "village" else None, to_day(at))


def portions(reader: Reader) -> Iterator[tuple[list[Line], list[Finding], int]]:
    """(lines, findings, rows read so far), a thousand rows at a time."""
    lines: list[Line] = []
    home, count = "", 0
    for line in reader:
        full = count >= PORTION and (line is None or line.household != home or count >= PORTION_MAX)
        if full:
            held, reader.findings = reader.findings, []
            late = [one for one in held if line is None and one.row == held[-1].row]
            yield lines, [one for one in held if one not in late], reader.read - 1
            reader.findings += late
            lines, count = [], 0
        count += 1
        if line is not None:
            lines.append(line)
            home = line.household
    if count:
        held, reader.findings = reader.findings, []
        yield lines, held, reader.read


def verdicts(s: Session, row: RosterFile, lines: list[Line], reader: Reader) -> dict[int, str]:
    """Row -> what becomes of it, for one portion; reasons go to the reader's findings."""
    found = judge(s, row.book_id, lines, reader)
    take = bool(row.choices.get("take_alike"))
    for line in lines:
        if found[line.row] == ALIKE and not take:
            reader.find(line.row, "name", "looks_alike",
                        "本村已有同名且生日或电话相同的人。是同一人就不用导入;不是,请在上一步勾选也导入。",
                        "Somebody of this name with the same birthday or phone is registered. If they differ, tick the "
                        "box in the step before.")
    kept = [line for line in lines if found[line.row] == NEW or (found[line.row] == ALIKE and take)]
    for number in without_guardian(s, row.book_id, kept):
        found[number] = BAD
        reader.find(number, "guardian", "guardian_unknown", "这一户里没有登记这位监护人,请核对姓名。",
                    "The household has no member of the guardian's name; check it.")
    return found


def _count(figures: Figures, found: dict[int, str], rows: int) -> None:
    figures["rows"] += rows
    for verdict in found.values():
        figures[verdict] += 1
    figures["bad"] += rows - len(found)


def start_roster_check(s: Session, file_id: UUID, *, by: Actor) -> bool:
    """Claim the dry run; False when a run is under way. Raises NotFound, FileGone."""
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        if row.status in OVER:
            raise FileGone("roster")
        if row.status in (CHECKING, IMPORTING):
            return False
        row.status, row.done, row.total, row.figures = CHECKING, 0, 0, {}
        s.execute(delete(RosterFindings).where(RosterFindings.book_id == row.book_id,
                                               RosterFindings.file_id == row.id))
        return True


def check_roster(s: Session, file_id: UUID, *, by: Actor, at: datetime, tell: Tell | None = None) -> RosterFile:
    """The dry run: every bad row by number, column and reason. Nobody is registered by it.

    Raises: NotFound, FileGone, FileRefused.
    """
    row = own_roster(s, file_id, by)
    try:
        reader = reader_of(s, row, at)
        total = sum(1 for _ in data_rows(reader.book, reader.header))
        figures, done = dict(NOTHING), 0
        for number, (lines, findings, read) in enumerate(portions(reader)):
            found = verdicts(s, row, lines, reader)
            findings, reader.findings = findings + reader.findings, []
            _count(figures, found, read - done)
            done = read
            with unit_of_work(s):
                row = own_roster(s, file_id, by, lock=True)
                row.done, row.total = done, total
                if findings:
                    s.add(_sealed(s, row, number, findings))
            if tell:
                tell(done, total)
    except DomainError as refusal:
        with unit_of_work(s):
            row = own_roster(s, file_id, by, lock=True)
            row.status = FAILED
            row.figures = {"code": refusal.code, "zh": refusal.sentence("zh"), "en": refusal.sentence("en")}
        raise
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        row.status, row.figures, row.done, row.total = CHECKED, figures, done, total
        s.flush()
        return row


def _sealed(s: Session, row: RosterFile, portion: int, findings: list[Finding]) -> RosterFindings:
    findings = sorted(findings, key=lambda one: (one.row, one.column))
    return RosterFindings(book_id=row.book_id, file_id=row.id, portion=portion, count=len(findings),
                          sealed=seal_json(s, row.book_id, row.subject_id, [list(one) for one in findings], FINDINGS))


def start_roster_import(s: Session, file_id: UUID, *, by: Actor) -> bool:
    """Claim the import; False when it is running or done. Raises NotFound, NotCheckedYet, NothingToImport."""
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        if row.status in (IMPORTING, DONE):
            return False
        if row.status != CHECKED:
            raise NotCheckedYet("roster")
        figures = row.figures
        if not figures.get("new") and not (figures.get("alike") and row.choices.get("take_alike")):
            raise NothingToImport("roster")
        row.status, row.done = IMPORTING, 0
        row.figures = {**NOTHING, "checked": {name: figures[name] for name in NOTHING}}
        return True


def import_roster(s: Session, file_id: UUID, *, by: Actor, at: datetime, tell: Tell | None = None) -> RosterFile:
    """Register the good rows, a portion a unit of work. Running it again goes on where the last run stopped.

    Raises: NotFound, FileGone.
    """
    row = own_roster(s, file_id, by)
    if row.status in OVER:
        return row
    reader = reader_of(s, row, at)
    for lines, _, read in portions(reader):
        reader.findings = []
        with unit_of_work(s):
            row = own_roster(s, file_id, by, lock=True)
            if row.status == DONE:
                return row
            if row.done < read:
                _take(s, row, lines, reader, read, at)
        total = row.total
        if tell:
            tell(read, total)
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        if row.status != DONE:
            figures = row.figures
            put_away(s, row, DONE, at)
            audit.record(s, by, "roster.imported", f"roster:{row.id}", at=at,
                         **{name: figures[name] for name in NOTHING})
        s.flush()
        return row


def _take(s: Session, row: RosterFile, lines: list[Line], reader: Reader, read: int, at: datetime) -> None:
    """One portion, inside its unit of work; the mark moves with it."""
    found = verdicts(s, row, lines, reader)
    take = bool(row.choices.get("take_alike"))
    stored = store(s, row.book_id, [line for line in lines if found[line.row] == NEW
                                    or (found[line.row] == ALIKE and take)], to_day(at))
    figures = {**NOTHING, **row.figures}
    _count(figures, found, read - row.done)
    figures["households"] += stored.households
    figures["persons"] += stored.persons
    figures["consents"] += stored.consents
    row.figures, row.done = figures, read
    s.flush()


def unstick_roster(s: Session, file_id: UUID, *, by: Actor) -> None:
    """After a stop of the server: a dry run that nobody carries on is made anew; an import simply goes on."""
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        if row.status == CHECKING:
            row.status = UPLOADED


def open_roster(s: Session, by: Actor, digest: str) -> RosterFile | None:
    """An upload of the very same file by the same user that is not over: a command run again goes on with it."""
    return s.scalar(select(RosterFile).where(
        RosterFile.book_id == by.book_id, RosterFile.scope == by.scope, RosterFile.digest == digest,
        RosterFile.status.notin_(OVER)).order_by(RosterFile.id.desc()).limit(1))
