"""The note beside every backup: what the file is, its hash, and how far each book had come. No name, no key."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pointsbank import clock
from pointsbank.backups.disk import read_json, sha256_of
from pointsbank.backups.errors import CannotBackUp
from pointsbank.backups.marks import Mark, mark_from
from pointsbank.backups.proving import Facts

FORMAT = 1
NAME = re.compile(r"pointsbank-\d{8}T\d{6}Z(-\d+)?\.(db|dump)")


class Manifest(NamedTuple):
    """`findings`: how many laws were found broken when it was made; None when its schema was older than the program."""

    file: str
    sha256: str
    size: int
    database: str
    revision: str | None
    reason: str
    made_at: datetime
    books: list[Mark]
    tables: dict[str, int]
    findings: int | None

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **self._asdict(), "made_at": self.made_at.isoformat("T", "seconds"),
                "books": [mark.as_json() for mark in self.books]}


def manifest_of(part: Path, name: str, kind: str, facts: Facts, reason: str, at: datetime) -> Manifest:
    """The note for a finished copy; hashes the file."""
    return Manifest(name, sha256_of(part), part.stat().st_size, kind, facts.revision, reason,
                    at.replace(microsecond=0), facts.marks, facts.tables,
                    None if facts.findings is None else len(facts.findings))


def manifest_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def read_manifest(file: Path) -> Manifest:
    """Raises CannotBackUp when there is no note or it cannot be understood."""
    path = manifest_path(file)
    try:
        stored = read_json(path)
        if stored.pop("format") != FORMAT:
            raise ValueError("format")
        made_at = datetime.fromisoformat(stored.pop("made_at"))
        books = [mark_from(one) for one in stored.pop("books")]
        return Manifest(made_at=made_at, books=books, **stored)
    except FileNotFoundError as error:
        raise CannotBackUp(f"没有 {path}:备份文件要和它的说明放在一起",
                           f"there is no {path}: a backup and its manifest belong together") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotBackUp(f"看不懂 {path}", f"{path} cannot be understood") from error


def backups_in(folder: Path) -> list[tuple[Path, Manifest]]:
    """The whole backups of a folder, oldest first; what has no readable note is none."""
    found = []
    for file in folder.glob("pointsbank-*"):
        if NAME.fullmatch(file.name):
            try:
                found.append((file, read_manifest(file)))
            except CannotBackUp:
                continue
    return sorted(found, key=lambda one: (one[1].made_at, one[0].name))


def said_of(manifest: Manifest) -> str:
    """One line for a person, the time in Asia/Shanghai."""
    made = f"{manifest.made_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    books = ", ".join(f"{mark.book}: {mark.transactions} transactions" for mark in manifest.books) or "no book"
    return f"{manifest.file}  {made}  {manifest.size} bytes  {manifest.reason}  {books}"
