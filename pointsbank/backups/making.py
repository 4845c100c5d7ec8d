"""Making a backup: copy, prove, flush, rename, then its note. What is not finished never has a backup's name."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy.orm import Session

from pointsbank.backups.disk import create_private, move, write_json
from pointsbank.backups.errors import CannotBackUp
from pointsbank.backups.locks import alone
from pointsbank.backups.manifest import Manifest, backups_in, manifest_of, manifest_path
from pointsbank.backups.noticing import look, refuse_when_older
from pointsbank.backups.sqlite_store import Progress
from pointsbank.backups.stores import Store, store_for
from pointsbank.backups.thinning import thin
from pointsbank.clock import to_day
from pointsbank.database import SQLITE_MODULE
from pointsbank.places import books
from pointsbank.settings import Settings

LOCK = "making.lock"


class Made(NamedTuple):
    """A finished backup. `findings`: laws broken in what was copied (the copy is kept: it may be the best there is)."""

    file: Path
    manifest: Manifest
    findings: list[dict[str, Any]]
    removed: list[str]


def unwatched(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def folder_of(settings: Settings, output: Path | None = None) -> Path:
    return (output or settings.data_dir / "backups").resolve()


def make_backup(settings: Settings, *, at: datetime, output: Path | None = None, reason: str = "hand",
                progress: Progress = unwatched, keep_all: bool = False) -> Made:
    """Copy the database while it is in use. Raises CannotBackUp, Damaged; then no file is left behind.

    Older backups are thinned only after one in which every law holds.
    """
    folder, store = folder_of(settings, output), store_for(settings)
    try:
        return _make(settings, store, folder, at, reason, progress, keep_all)
    except (OSError, SQLITE_MODULE.Error) as error:
        raise CannotBackUp(f"{folder}:{error}", f"{folder}: {error}") from error


def _make(settings: Settings, store: Store, folder: Path, at: datetime, reason: str, progress: Progress,
          keep_all: bool) -> Made:
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / LOCK):
        for left in folder.glob(".pointsbank-*.part*"):  # of a run that was killed; nobody else is at work here now
            left.unlink(missing_ok=True)
        file = _free_name(folder, at, store.ending)
        part = folder / f".{file.name}.part"
        create_private(part)
        try:
            facts = store.copy(part, progress)
            manifest = manifest_of(part, file.name, store.kind, facts, reason, at)
            move(part, file)
            try:
                write_json(manifest_path(file), manifest.as_json())
            except BaseException:
                file.unlink(missing_ok=True)
                raise
        finally:
            for left in folder.glob(f"{part.name}*"):
                left.unlink(missing_ok=True)
        removed = [] if keep_all or facts.findings else thin(folder, manifest)
    remember(settings, at=at)
    return Made(file, manifest, facts.findings or [], removed)


def _free_name(folder: Path, at: datetime, ending: str) -> Path:
    stem = f"pointsbank-{at:%Y%m%dT%H%M%SZ}"
    names = (folder / f"{stem}{f'-{n}' if n else ''}{ending}" for n in range(1_000))
    return next(file for file in names if not file.exists() and not manifest_path(file).exists())


def remember(settings: Settings, *, at: datetime) -> None:
    """Move the memory beside the keys forward to what the database holds now."""
    engine = store_for(settings).engine()
    try:
        look(engine, settings, at=at, how="look")
    finally:
        engine.dispose()


def daily_backup(s: Session, book_id: int, at: datetime) -> str:
    """The job. One backup a day holds every book, so it is made with the first; a second run finds it there."""
    settings: Settings = current_app.extensions["settings"]
    first = books(s)[0]
    s.rollback()
    if book_id != first:
        return f"with book {first}"
    remember(settings, at=at)
    refuse_when_older(settings.data_dir)
    kind = store_for(settings).kind
    for file, one in backups_in(folder_of(settings)):
        if one.reason == "daily" and one.database == kind and to_day(one.made_at) == to_day(at):
            return f"there already: {file.name}"
    made = make_backup(settings, at=at, reason="daily")
    return f"{made.file.name}, {len(made.findings)} findings, {len(made.removed)} old ones removed"
