"""A sheet of the tree between upload and import: kept sealed, tried as often as it is looked at, taken in once.

    row = receive_tree(s, ReceiveTree(key, "区划.xlsx", data), by=admin, at=now)
    tree_view(s, row.id, by=admin)                  # the dry run: figures, and every bad row
    confirm_tree(s, row.id, by=admin, at=now)       # all or nothing; again: the first answer
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can, require
from pointsbank.crypto import erase_subject, keyed_hash, open_bytes, open_json, seal_bytes, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import KeyReused, NotFound
from pointsbank.imports.errors import FileGone
from pointsbank.imports.rows import Finding
from pointsbank.sheets import find_header, open_workbook, safe_filename
from pointsbank.territory.importing import ImportPlaces, import_places
from pointsbank.territory.judging import POWER, judge
from pointsbank.territory.models import CHECKED, DISCARDED, DONE, TreeFile
from pointsbank.territory.tree_sheet import WANTED, Tree, WrongPlaces, read_tree

CONTEXT = "tree_file"


@dataclass(frozen=True)
class ReceiveTree:
    key: UUID
    filename: str
    data: bytes


class TreeView(NamedTuple):
    id: UUID
    made_at: datetime
    status: str
    filename: str
    figures: dict[str, Any]
    findings: list[Finding]


def receive_tree(s: Session, cmd: ReceiveTree, *, by: Actor, at: datetime) -> TreeFile:
    """Keep an upload. Same key: the first one. Raises NotAllowed, FileRefused, NoHeader, KeyReused."""
    require(by, POWER, at_place=by.place_code)
    find_header(open_workbook(cmd.data, cmd.filename), WANTED)
    digest = keyed_hash("tree_file", cmd.data.hex()).hex()
    with unit_of_work(s):
        first = s.scalar(select(TreeFile).where(TreeFile.book_id == by.book_id, TreeFile.scope == by.scope,
                                                TreeFile.key == cmd.key))
        if first is not None:
            if first.digest != digest:
                raise KeyReused("file")
            return first
        subject, name = new_id(), safe_filename(cmd.filename)
        row = TreeFile(book_id=by.book_id, id=new_id(), scope=by.scope, key=cmd.key, place_code=by.place_code,
                       made_by=by.user_id, made_at=at, digest=digest, subject_id=subject,
                       about=seal_json(s, by.book_id, subject, {"filename": name}, CONTEXT),
                       sealed=seal_bytes(s, by.book_id, subject, cmd.data, CONTEXT), status=CHECKED, figures={})
        s.add(row)
        audit.record(s, by, "places.received", f"tree:{row.id}", at=at, size=len(cmd.data))
        s.flush()
        return row


def own_tree(s: Session, file_id: UUID, by: Actor, *, lock: bool = False) -> TreeFile:
    """Raises NotFound, also for what lies out of reach."""
    query = select(TreeFile).where(TreeFile.book_id == by.book_id, TreeFile.id == file_id)
    row = s.scalar(query.with_for_update() if lock else query)
    if row is None or not can(by, POWER, row.place_code):
        raise NotFound("tree")
    return row


def _tree(s: Session, row: TreeFile) -> Tree:
    """Raises FileGone, WrongPlaces."""
    if row.sealed is None or row.about is None:
        raise FileGone("tree")
    name = open_json(s, row.book_id, row.subject_id, row.about, CONTEXT)["filename"]
    return read_tree(open_bytes(s, row.book_id, row.subject_id, row.sealed, CONTEXT), name)


def tree_view(s: Session, file_id: UUID, *, by: Actor) -> TreeView:
    """The dry run of an upload, made anew; of one that is over, what became of it. Raises NotFound."""
    row = own_tree(s, file_id, by)
    if row.status != CHECKED:
        return TreeView(row.id, row.made_at, row.status, "", row.figures, [])
    name = open_json(s, row.book_id, row.subject_id, row.about, CONTEXT)["filename"] if row.about else ""
    try:
        judged = judge(s, _tree(s, row), by)
    except WrongPlaces as refusal:
        return TreeView(row.id, row.made_at, row.status, name, {}, refusal.findings)
    return TreeView(row.id, row.made_at, row.status, name, judged.figures(), judged.findings)


def confirm_tree(s: Session, file_id: UUID, *, by: Actor, at: datetime) -> TreeFile:
    """Take the sheet in. Doing it again changes nothing. Raises NotFound, FileGone, WrongPlaces."""
    with unit_of_work(s):
        row = own_tree(s, file_id, by, lock=True)
        if row.status == DONE:
            return row
        tree = _tree(s, row)
        row.figures = import_places(s, ImportPlaces(row.id, tree.places, tree.venues, tree.grids), by=by, at=at)
        put_away(s, row, DONE)
        s.flush()
        return row


def put_away(s: Session, row: TreeFile, status: str) -> None:
    """Destroy the content and its key; what stays is who imported when, and figures. In a unit of work."""
    row.about, row.sealed, row.status = None, None, status
    erase_subject(s, row.book_id, row.subject_id)


def discard_tree(s: Session, file_id: UUID, *, by: Actor, at: datetime) -> TreeFile:
    """Throw an upload away. Doing it again changes nothing."""
    with unit_of_work(s):
        row = own_tree(s, file_id, by, lock=True)
        if row.status == CHECKED:
            put_away(s, row, DISCARDED)
            audit.record(s, by, "places.discarded", f"tree:{row.id}", at=at)
        return row


def put_old_away(s: Session, book_id: int, before: datetime, at: datetime) -> int:
    """The retention job's part: uploads of before that nobody imported."""
    with unit_of_work(s):
        rows = list(s.scalars(select(TreeFile).where(TreeFile.book_id == book_id, TreeFile.status == CHECKED,
                                                     TreeFile.made_at < before)))
        for row in rows:
            put_away(s, row, DISCARDED)
    return len(rows)


def recent_trees(s: Session, book_id: int, place_code: str, most: int = 10) -> list[TreeFile]:
    """The newest uploads of a place."""
    return list(s.scalars(select(TreeFile).where(TreeFile.book_id == book_id, TreeFile.place_code == place_code)
                          .order_by(TreeFile.id.desc()).limit(most)))
