"""What the pages show of a roster; findings come a portion at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.crypto import open_json
from pointsbank.imports.queries import SAMPLE, Columns, PastImport
from pointsbank.imports.rows import Choices, Finding
from pointsbank.rosters.fields import WANTED
from pointsbank.rosters.models import RosterFile, RosterFindings
from pointsbank.rosters.running import FINDINGS
from pointsbank.rosters.service import CONTEXT, content_of, own_roster
from pointsbank.sheets import Row, column_letters, data_rows, find_header, open_workbook


class RosterView(NamedTuple):
    id: UUID
    place_code: str
    filename: str
    made_at: datetime
    status: str
    choices: Choices
    take_alike: bool
    figures: dict[str, Any]
    findings: int
    done: int
    total: int


def roster_view(s: Session, file_id: UUID, *, by: Actor) -> RosterView:
    """Raises NotFound."""
    row = own_roster(s, file_id, by)
    about = open_json(s, row.book_id, row.subject_id, row.about, CONTEXT) if row.about else {"filename": ""}
    findings = s.scalar(select(func.coalesce(func.sum(RosterFindings.count), 0)).where(
        RosterFindings.book_id == row.book_id, RosterFindings.file_id == row.id))
    return RosterView(row.id, row.place_code, about["filename"], row.made_at, row.status,
                      Choices.from_json(row.choices), bool(row.choices.get("take_alike")), row.figures,
                      int(findings or 0), row.done, row.total)


def findings_of(s: Session, file_id: UUID, *, by: Actor) -> Iterator[Finding]:
    """In the order of rows; one statement and one portion in memory at a time."""
    row = own_roster(s, file_id, by)
    book_id, subject, last = row.book_id, row.subject_id, -1
    while True:
        part = s.execute(select(RosterFindings.portion, RosterFindings.sealed).where(
            RosterFindings.book_id == book_id, RosterFindings.file_id == file_id, RosterFindings.portion > last)
            .order_by(RosterFindings.portion).limit(1)).one_or_none()
        if part is None:
            return
        last = part.portion
        for found in open_json(s, book_id, subject, part.sealed, FINDINGS):
            yield Finding(*found)


def roster_columns(s: Session, file_id: UUID, *, by: Actor, sheet: str | None = None) -> Columns:
    """Raises NotFound, FileGone, FileRefused."""
    row = own_roster(s, file_id, by)
    book = open_workbook(content_of(s, row), "", sheet=sheet or row.choices.get("sheet"))
    header = find_header(book, WANTED)
    sample: list[Row] = []
    for one in data_rows(book, header):
        sample.append(one)
        if len(sample) == SAMPLE:
            break
    return Columns(header, [column_letters(index) for index in range(len(header.names))], sample, book)


def recent_rosters(s: Session, book_id: int, place_code: str, most: int = 20) -> list[PastImport]:
    """The newest uploads of a place."""
    rows = s.execute(select(RosterFile.id, RosterFile.made_at, RosterFile.status, RosterFile.figures)
                     .where(RosterFile.book_id == book_id, RosterFile.place_code == place_code)
                     .order_by(RosterFile.id.desc()).limit(most))
    return [PastImport(*row) for row in rows]
