"""Taking a file in, choosing what its columns mean, putting it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.crypto import erase_subject, keyed_hash, seal_bytes, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import KeyReused, NotFound
from pointsbank.imports.errors import ColumnMissing, ColumnTwice, FileGone
from pointsbank.imports.fields import BY_NAME, FIELDS, WANTED
from pointsbank.imports.models import DISCARDED, OVER, UPLOADED, ColumnChoice, ImportFile
from pointsbank.imports.rows import Choices
from pointsbank.places import book_of
from pointsbank.sheets import Header, column_letters, find_header, guess_mapping, open_workbook, safe_filename

CONTEXT = "import_file"


@dataclass(frozen=True)
class ReceiveFile:
    key: UUID
    place_code: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class ChooseColumns:
    import_id: UUID
    columns: Mapping[str, int] = field(default_factory=dict)
    unit: str = "hours"
    rule: str = ""
    sheet: str | None = None
    hidden_rows: bool = False


def header_digest(header: Header) -> str:
    return keyed_hash("header", "\n".join(header.names)).hex()


def receive_file(s: Session, cmd: ReceiveFile, *, by: Actor, at: datetime) -> ImportFile:
    """Keep an upload, sealed, with the columns guessed or remembered. Same key: the first upload.

    Raises: NotAllowed, FileRefused (what the file is, and what to do), NoHeader, KeyReused.
    """
    require(by, "imports.hours", at_place=cmd.place_code)
    book = open_workbook(cmd.data, cmd.filename)
    header = find_header(book, WANTED)
    digest = keyed_hash("import_file", cmd.data.hex()).hex()
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        first = s.scalar(select(ImportFile).where(ImportFile.book_id == book_id, ImportFile.scope == by.scope,
                                                  ImportFile.key == cmd.key))
        if first is not None:
            if first.digest != digest:
                raise KeyReused("file")
            return first
        subject = new_id()
        known = s.get(ColumnChoice, (book_id, cmd.place_code, header_digest(header)))
        choices = dict(known.choices) if known else Choices(guess_mapping(header.names, WANTED)).as_json()
        choices |= {"sheet": book.sheet, "remembered": known is not None}
        row = ImportFile(
            book_id=book_id, id=new_id(), scope=by.scope, key=cmd.key, place_code=cmd.place_code, made_by=by.user_id,
            made_at=at, digest=digest, subject_id=subject,
            content=seal_bytes(s, book_id, subject, cmd.data, CONTEXT),
            about=seal_json(s, book_id, subject, {"filename": safe_filename(cmd.filename), "findings": []}, CONTEXT),
            choices=choices, status=UPLOADED, done=0, total=0, figures={}, finished_at=None)
        s.add(row)
        audit.record(s, by, "import.received", f"import:{row.id}", at=at, size=len(cmd.data))
        s.flush()
        return row


def own_import(s: Session, import_id: UUID, by: Actor, *, lock: bool = False) -> ImportFile:
    """The upload, for whoever may import in its place. Raises NotFound, NotAllowed."""
    query = select(ImportFile).where(ImportFile.book_id == by.book_id, ImportFile.id == import_id)
    row = s.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("import")
    require_seen(by, "imports.hours", at_place=row.place_code, what="import")
    return row


def checked_columns(cmd: ChooseColumns, width: int) -> dict[str, int]:
    """The columns as chosen. Raises ColumnMissing, ColumnTwice."""
    columns = {name: index for name, index in cmd.columns.items() if name in BY_NAME and 0 <= index < width}
    seen: dict[int, str] = {}
    for name, index in columns.items():
        if index in seen:
            raise ColumnTwice(f"column_{name}", column=column_letters(index))
        seen[index] = name
    for one in FIELDS:
        if one.required and one.name not in columns:
            raise ColumnMissing(f"column_{one.name}", column={"zh": one.synonyms[0], "en": one.synonyms[0]})
    if "household" not in columns and "name" not in columns:
        raise ColumnMissing("column_household", column={"zh": "户号或姓名", "en": "household or name"})
    if "rule" not in columns and not cmd.rule:
        raise ColumnMissing("column_rule", column={"zh": "细则编码", "en": "rule"})
    return columns


def choose_columns(s: Session, cmd: ChooseColumns, header: Header, *, by: Actor, at: datetime) -> ImportFile:
    """Say what the columns mean; remembered for the next sheet with this header. The dry run has to be made anew.

    Raises: NotFound, NotAllowed, FileGone, ColumnMissing, ColumnTwice.
    """
    columns = checked_columns(cmd, len(header.names))
    with unit_of_work(s):
        row = own_import(s, cmd.import_id, by, lock=True)
        if row.status in OVER or row.content is None:
            raise FileGone("import")
        choices = Choices(columns, cmd.unit, cmd.rule.upper(), cmd.sheet, cmd.hidden_rows).as_json()
        row.choices, row.status, row.done, row.total, row.figures = choices, UPLOADED, 0, 0, {}
        key = (row.book_id, row.place_code, header_digest(header))
        remembered = s.get(ColumnChoice, key)
        kept: dict[str, Any] = {name: value for name, value in choices.items() if name != "sheet"}
        if remembered is None:
            s.add(ColumnChoice(book_id=key[0], place_code=key[1], header_digest=key[2], choices=kept, made_at=at))
        else:
            remembered.choices, remembered.made_at = kept, at
        s.flush()
        return row


def put_away(s: Session, row: ImportFile, status: str, at: datetime) -> None:
    """Destroy the content and its key; what stays is who imported when, and figures. Inside a unit of work."""
    row.content, row.about, row.status, row.finished_at = None, None, status, at
    erase_subject(s, row.book_id, row.subject_id)


def discard_file(s: Session, import_id: UUID, *, by: Actor, at: datetime) -> ImportFile:
    """Throw an upload away. Doing it again changes nothing. Raises NotFound, NotAllowed."""
    with unit_of_work(s):
        row = own_import(s, import_id, by, lock=True)
        if row.status not in OVER:
            put_away(s, row, DISCARDED, at)
            audit.record(s, by, "import.discarded", f"import:{row.id}", at=at)
        return row
