"""What the pages show of an upload."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.crypto import open_bytes, open_json
from pointsbank.imports.errors import FileGone
from pointsbank.imports.fields import WANTED
from pointsbank.imports.models import DONE, ImportFile
from pointsbank.imports.rows import Choices, Finding
from pointsbank.imports.service import CONTEXT, own_import
from pointsbank.sheets import Header, Row, Workbook, column_letters, data_rows, find_header, open_workbook

SAMPLE = 5


class ImportView(NamedTuple):
    """An upload as its page shows it."""

    id: UUID
    place_code: str
    filename: str
    made_at: datetime
    status: str
    choices: Choices
    remembered: bool
    figures: dict[str, Any]
    findings: list[Finding]
    done: int
    total: int
    same_as: datetime | None  # when the very same file was imported before


class Columns(NamedTuple):
    """What the columns page shows: names, letters, some rows, and what to tell about the file."""

    header: Header
    letters: list[str]
    sample: list[Row]
    book: Workbook


def import_view(s: Session, import_id: UUID, *, by: Actor) -> ImportView:
    """Raises NotFound, NotAllowed."""
    row = own_import(s, import_id, by)
    about: dict[str, Any] = (open_json(s, row.book_id, row.subject_id, row.about, CONTEXT) if row.about else
                             {"filename": "", "findings": []})
    same = s.scalar(select(ImportFile.finished_at).where(
        ImportFile.book_id == row.book_id, ImportFile.digest == row.digest, ImportFile.place_code == row.place_code,
        ImportFile.status == DONE, ImportFile.id != row.id).order_by(ImportFile.finished_at.desc()).limit(1))
    return ImportView(row.id, row.place_code, about["filename"], row.made_at, row.status,
                      Choices.from_json(row.choices), bool(row.choices.get("remembered")), row.figures,
                      [Finding(*found) for found in about["findings"]], row.done, row.total, same)


def find_import(s: Session, import_id: UUID, *, by: Actor, sheet: str | None = None) -> Columns:
    """The columns of an upload that is still here. Raises NotFound, NotAllowed, FileGone, FileRefused."""
    row = own_import(s, import_id, by)
    if row.content is None:
        raise FileGone("import")
    data = open_bytes(s, row.book_id, row.subject_id, row.content, CONTEXT)
    book = open_workbook(data, "", sheet=sheet or row.choices.get("sheet"))
    header = find_header(book, WANTED)
    sample: list[Row] = []
    for one in data_rows(book, header):
        sample.append(one)
        if len(sample) == SAMPLE:
            break
    return Columns(header, [column_letters(index) for index in range(len(header.names))], sample, book)


class PastImport(NamedTuple):
    id: UUID
    made_at: datetime
    status: str
    figures: dict[str, Any]


def recent_imports(s: Session, book_id: int, place_code: str, most: int = 20) -> list[PastImport]:
    """The newest uploads of a place."""
    rows = s.execute(select(ImportFile.id, ImportFile.made_at, ImportFile.status, ImportFile.figures)
                     .where(ImportFile.book_id == book_id, ImportFile.place_code == place_code)
                     .order_by(ImportFile.id.desc()).limit(most))
    return [PastImport(*row) for row in rows]
