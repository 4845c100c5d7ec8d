"""Taking a roster in, choosing what its columns mean, putting it away again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can, require, system_actor
from pointsbank.crypto import erase_subject, keyed_hash, open_bytes, seal_bytes, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import KeyReused, NotFound
from pointsbank.imports.errors import ColumnMissing, ColumnTwice, FileGone
from pointsbank.places import book_of, place_by_code
from pointsbank.rosters.fields import BY_NAME, FIELDS, WANTED
from pointsbank.rosters.models import DISCARDED, OVER, UPLOADED, RosterContent, RosterFile, RosterFindings
from pointsbank.sheets import Header, column_letters, find_header, guess_mapping, open_workbook, safe_filename

POWER = "imports.roster"
CONTEXT = "roster_file"


@dataclass(frozen=True)
class ReceiveRoster:
    key: UUID
    place_code: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class ChooseRosterColumns:
    """`take_alike`: also take those who look like somebody registered (same name and birthday or phone)."""

    file_id: UUID
    columns: Mapping[str, int]
    sheet: str | None = None
    hidden_rows: bool = False
    take_alike: bool = False


def receive_roster(s: Session, cmd: ReceiveRoster, *, by: Actor, at: datetime) -> RosterFile:
    """Keep an upload, sealed, with the columns guessed. Same key: the first upload.

    Raises: NotAllowed, NotFound, FileRefused, NoHeader, KeyReused.
    """
    require(by, POWER, at_place=cmd.place_code)
    place_by_code(s, cmd.place_code)
    book = open_workbook(cmd.data, cmd.filename)
    header = find_header(book, WANTED)
    digest = keyed_hash("roster_file", cmd.data.hex()).hex()
    book_id = book_of(cmd.place_code)
    with unit_of_work(s):
        first = s.scalar(select(RosterFile).where(RosterFile.book_id == book_id, RosterFile.scope == by.scope,
                                                  RosterFile.key == cmd.key))
        if first is not None:
            if first.digest != digest:
                raise KeyReused("file")
            return first
        subject = new_id()
        choices = {"columns": guess_mapping(header.names, WANTED), "sheet": book.sheet, "hidden_rows": False,
                   "take_alike": False}
        row = RosterFile(
            book_id=book_id, id=new_id(), scope=by.scope, key=cmd.key, place_code=cmd.place_code, made_by=by.user_id,
            made_at=at, digest=digest, subject_id=subject,
            about=seal_json(s, book_id, subject, {"filename": safe_filename(cmd.filename)}, CONTEXT),
            choices=choices, status=UPLOADED, done=0, total=0, figures={}, finished_at=None)
        s.add(row)
        s.flush()
        s.add(RosterContent(book_id=book_id, file_id=row.id,
                            sealed=seal_bytes(s, book_id, subject, cmd.data, CONTEXT)))
        audit.record(s, by, "roster.received", f"roster:{row.id}", at=at, size=len(cmd.data))
        s.flush()
        return row


def own_roster(s: Session, file_id: UUID, by: Actor, *, lock: bool = False) -> RosterFile:
    """The upload, for whoever may import in its place. Raises NotFound, also for what lies out of reach."""
    query = select(RosterFile).where(RosterFile.book_id == by.book_id, RosterFile.id == file_id)
    row = s.scalar(query.with_for_update() if lock else query)
    if row is None or not can(by, POWER, row.place_code):
        raise NotFound("roster")
    return row


def content_of(s: Session, row: RosterFile) -> bytes:
    """The file. Raises FileGone."""
    blob = s.scalar(select(RosterContent.sealed).where(RosterContent.book_id == row.book_id,
                                                       RosterContent.file_id == row.id))
    if blob is None:
        raise FileGone("roster")
    return open_bytes(s, row.book_id, row.subject_id, blob, CONTEXT)


def checked_columns(s: Session, cmd: ChooseRosterColumns, place_code: str, width: int) -> dict[str, int]:
    """The columns as chosen. Raises ColumnMissing, ColumnTwice."""
    columns = {name: index for name, index in cmd.columns.items() if name in BY_NAME and 0 <= index < width}
    seen: set[int] = set()
    for name, index in columns.items():
        if index in seen:
            raise ColumnTwice(f"column_{name}", column=column_letters(index))
        seen.add(index)
    needed = {one.name for one in FIELDS if one.required}
    if place_by_code(s, place_code).level != "village":
        needed.add("village")  # a town's or county's roster says for each row which village
    for one in FIELDS:
        if one.name in needed and one.name not in columns:
            raise ColumnMissing(f"column_{one.name}", column={"zh": one.synonyms[0], "en": one.name})
    return columns


def choose_roster_columns(s: Session, cmd: ChooseRosterColumns, header: Header, *, by: Actor,
                          at: datetime) -> RosterFile:
    """Say what the columns mean; the dry run is made anew.

    Raises NotFound, FileGone, ColumnMissing, ColumnTwice.
    """
    with unit_of_work(s):
        row = own_roster(s, cmd.file_id, by, lock=True)
        columns = checked_columns(s, cmd, row.place_code, len(header.names))
        if row.status in OVER:
            raise FileGone("roster")
        row.choices = {"columns": columns, "sheet": cmd.sheet, "hidden_rows": cmd.hidden_rows,
                       "take_alike": cmd.take_alike}
        row.status, row.done, row.total, row.figures = UPLOADED, 0, 0, {}
        s.flush()
        return row


def put_away(s: Session, row: RosterFile, status: str, at: datetime) -> None:
    """Destroy content, findings and their key; what stays is who imported when, and figures. In a unit of work."""
    row.about, row.status, row.finished_at = None, status, at
    for table in (RosterFindings, RosterContent):
        s.execute(delete(table).where(table.book_id == row.book_id, table.file_id == row.id))
    erase_subject(s, row.book_id, row.subject_id)


def discard_roster(s: Session, file_id: UUID, *, by: Actor, at: datetime) -> RosterFile:
    """Throw an upload away. Doing it again changes nothing."""
    with unit_of_work(s):
        row = own_roster(s, file_id, by, lock=True)
        if row.status not in OVER:
            put_away(s, row, DISCARDED, at)
            audit.record(s, by, "roster.discarded", f"roster:{row.id}", at=at)
        return row


def put_old_away(s: Session, book_id: int, before: datetime, at: datetime) -> int:
    """The retention job's part: uploads of before that nobody imported."""
    with unit_of_work(s):
        rows = list(s.scalars(select(RosterFile).where(
            RosterFile.book_id == book_id, RosterFile.status.notin_(OVER), RosterFile.made_at < before)))
        for row in rows:
            put_away(s, row, DISCARDED, at)
            audit.record(s, system_actor(book_id, "retention"), "roster.discarded", f"roster:{row.id}", at=at,
                         reason="retention")
    return len(rows)
