"""The two runs over a file: the dry run, and the import in portions. Both say how far they are, both can be run again.

A run that dies half-way leaves whole portions: each has a key made from the upload's id and its number, so running on
gives the same answers for what was done and does the rest.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.crypto import open_bytes, open_json, seal_json
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.imports.errors import FileGone, NotCheckedYet, NothingToImport
from pointsbank.imports.fields import WANTED
from pointsbank.imports.models import CHECKED, CHECKING, DONE, FAILED, IMPORTING, OVER, UPLOADED, ImportFile
from pointsbank.imports.rows import Choices, Finding, People, Reader, Told
from pointsbank.imports.service import CONTEXT, own_import, put_away
from pointsbank.people import households_of_place, persons_of_place
from pointsbank.records import RowProblem, SubmitMany, rehearse_many, submit_many
from pointsbank.records.teams import teams_at
from pointsbank.schedule import rules_in_force
from pointsbank.sheets import column_letters, data_rows, find_header, open_workbook

PORTION = 2_000
SYSTEM = "sheet"
# Which column a refusal of the records room is about, by the field it names.
COLUMN_OF = {"person_id": "name", "household_id": "household", "household": "household", "rule": "rule",
             "service_on": "service_on", "day": "service_on", "minutes": "minutes", "started": "started",
             "quantity": "quantity", "amount_fen": "amount", "level": "level", "external_no": "external_no",
             "late_reason": "late_reason", "activity": "activity", "team": "team"}
Told_ = Callable[[int, int], None]


class Reading(NamedTuple):
    """A file read whole: what can be used, and why the rest cannot."""

    told: list[Told]
    findings: list[Finding]
    rows: int
    reader: Reader


def read_file(s: Session, row: ImportFile, at: datetime, tell: Told_ | None = None) -> Reading:
    """Parse the upload with its choices. Raises FileGone, FileRefused."""
    if row.content is None:
        raise FileGone("import")
    choices = Choices.from_json(row.choices)
    data = open_bytes(s, row.book_id, row.subject_id, row.content, CONTEXT)
    book = open_workbook(data, "", include_hidden_rows=choices.hidden_rows, sheet=choices.sheet)
    header = find_header(book, WANTED)
    people = People(households_of_place(s, row.place_code), persons_of_place(s, row.place_code))
    today = to_day(at)
    rules = rules_in_force(s, row.place_code, today)
    hourly = frozenset(code for code, rule in rules.items() if rule.minutes_count)
    total = sum(1 for _ in data_rows(book, header))
    teams = {name: id_ for id_, name in teams_at(s, row.book_id, row.place_code).items()}
    reader = Reader(book, header, choices, people, frozenset(rules), hourly, today, teams)
    told = []
    for one in reader:
        told.append(one)
        if tell and reader.read % 500 == 0:
            tell(reader.read, 2 * total)
    return Reading(told, reader.findings, reader.read, reader)


def finding_of(problem: RowProblem, told: list[Told], reader: Reader) -> Finding:
    """A refusal of the records room, put at its cell."""
    field = COLUMN_OF.get((problem.field or "").rpartition(".")[2], "")
    index = reader.choices.columns.get(field)
    zh, en = problem.zh, problem.en
    if problem.code == "twice_in_one_batch" and problem.first is not None:
        first = told[problem.first - 1].row
        zh, en = f"与第 {first} 行是同一条,只记一次。", f"The same as row {first}; it counts once."
    return Finding(told[problem.index].row, column_letters(index) if index is not None else "",
                   reader.title(field) if field else "", problem.code, zh, en)


def _locked(s: Session, book_id: int, import_id: UUID) -> ImportFile:
    return s.scalars(select(ImportFile).where(ImportFile.book_id == book_id, ImportFile.id == import_id)
                     .with_for_update()).one()


def _progress(s: Session, book_id: int, import_id: UUID, done: int, total: int) -> None:
    with unit_of_work(s):
        row = _locked(s, book_id, import_id)
        row.done, row.total = done, total


def start_check(s: Session, import_id: UUID, *, by: Actor) -> bool:
    """Claim the dry run; False when one is running already. Raises NotFound, NotAllowed, FileGone."""
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        if row.status in OVER:
            raise FileGone("import")
        if row.status in (CHECKING, IMPORTING):
            return False
        row.status, row.done, row.total = CHECKING, 0, 0
        return True


def check_file(s: Session, import_id: UUID, *, by: Actor, at: datetime) -> ImportFile:
    """The dry run: every bad row by number, column and reason, and what the good ones would add. Stores findings only.

    Raises: NotFound, NotAllowed, FileGone, FileRefused.
    """
    row = own_import(s, import_id, by)
    book_id = row.book_id
    try:
        reading = read_file(s, row, at, lambda done, total: _progress(s, book_id, import_id, done, total))
        findings = list(reading.findings)
        already, good = 0, []
        outcome = rehearse_many(s, SubmitMany(import_id, tuple(told.facts for told in reading.told),
                                              source="import", source_system=SYSTEM), by=by, at=at)
        findings += [finding_of(problem, reading.told, reading.reader) for problem in outcome.problems]
        already = len(outcome.already)
        good = [reading.told[one.index].row for one in outcome.recorded]
    except DomainError as refusal:
        _fail(s, book_id, import_id, refusal)
        raise
    findings.sort(key=lambda finding: (finding.row, finding.column))
    survey = reading.reader.book.survey
    figures = {"rows": reading.rows, "good": len(good), "already": already,
               "bad": len({finding.row for finding in findings}), "findings": len(findings),
               "hidden_rows": survey.hidden_rows, "hidden_sheets": len(reading.reader.book.skipped_hidden_sheets),
               "notices": sum(told.notices for told in reading.told)}
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        about = open_json(s, book_id, row.subject_id, row.about or b"", CONTEXT)
        about |= {"findings": [list(finding) for finding in findings]}
        row.about = seal_json(s, book_id, row.subject_id, about, CONTEXT)
        row.status, row.figures, row.done, row.total = CHECKED, figures, reading.rows, reading.rows
        s.flush()
        return row


def _fail(s: Session, book_id: int, import_id: UUID, refusal: DomainError) -> None:
    with unit_of_work(s):
        row = _locked(s, book_id, import_id)
        row.status = FAILED
        row.figures = {"code": refusal.code, "zh": refusal.sentence("zh"), "en": refusal.sentence("en")}


def start_import(s: Session, import_id: UUID, *, by: Actor) -> bool:
    """Claim the import; False when it is running or done.

    Raises: NotFound, NotAllowed, NotCheckedYet, NothingToImport.
    """
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        if row.status in (IMPORTING, DONE):
            return False
        if row.status != CHECKED:
            raise NotCheckedYet("import")
        if not row.figures.get("good") and not row.figures.get("already"):
            raise NothingToImport("import")
        row.status, row.done, row.total = IMPORTING, 0, row.figures["rows"]
        return True


def import_rows(s: Session, import_id: UUID, *, by: Actor, at: datetime) -> ImportFile:
    """Record the good rows, a portion a unit of work, then destroy the file. Running it again goes on where it was.

    Raises: NotFound, NotAllowed, FileGone.
    """
    row = own_import(s, import_id, by)
    if row.status in OVER:
        return row
    book_id = row.book_id
    reading = read_file(s, row, at)
    recorded = already = 0
    bad = {finding.row for finding in reading.findings}
    for start in range(0, len(reading.told), PORTION):
        portion = reading.told[start:start + PORTION]
        key = uuid.uuid5(import_id, str(start))
        outcome = submit_many(s, SubmitMany(key, tuple(told.facts for told in portion), source="import",
                                            source_system=SYSTEM, import_id=import_id), by=by, at=at)
        recorded, already = recorded + len(outcome.recorded), already + len(outcome.already)
        bad |= {portion[problem.index].row for problem in outcome.problems}
        _progress(s, book_id, import_id, start + len(portion), len(reading.told))
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        figures: dict[str, Any] = {**row.figures, "recorded": recorded, "already": already, "bad": len(bad)}
        row.figures, row.done = figures, row.total
        put_away(s, row, DONE, at)
        audit.record(s, by, "import.done", f"import:{row.id}", at=at, recorded=recorded, already=already,
                     bad=len(bad))
        s.flush()
        return row


def unstick(s: Session, import_id: UUID, *, by: Actor) -> None:
    """After a stop of the server: a run that nobody carries on can be started anew."""
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        if row.status == CHECKING:
            row.status = UPLOADED
        elif row.status == IMPORTING:
            row.status = CHECKED
