"""Putting a backup in the database's place: proved beside it first, so that a bad backup changes nothing."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from pointsbank.backups.errors import Damaged
from pointsbank.backups.locks import SERVING, alone
from pointsbank.backups.making import remember, unwatched
from pointsbank.backups.manifest import Manifest
from pointsbank.backups.noticing import look, unacknowledged
from pointsbank.backups.proving import facts_of
from pointsbank.backups.sqlite_store import Progress
from pointsbank.backups.verifying import differences, differs_from_note, seal_faults, usable
from pointsbank.settings import Settings

log = logging.getLogger("pointsbank.backups")


class Restored(NamedTuple):
    """`aside`: where the replaced database stands now. `lost`: what it had and the backup has not, by book."""

    manifest: Manifest
    aside: str
    lost: list[dict[str, Any]]


def restore_backup(settings: Settings, file: Path, *, at: datetime, progress: Progress = unwatched,
                   despite_findings: bool = False) -> Restored:
    """Restore a backup at today's schema. Raises InUse, CannotBackUp, Damaged; then nothing has changed.

    What the outgoing database holds is remembered first, so that the lost range is named to its last transaction.
    """
    manifest, store = usable(settings, file)
    with alone(settings.data_dir / SERVING):
        if wrong := differs_from_note(file, manifest):
            raise Damaged("; ".join(wrong), "; ".join(wrong))
        if store.exists():
            try:
                remember(settings, at=at)
            except SQLAlchemyError as error:  # too damaged to be read, which may be why we are here
                log.warning("the database in place cannot be read: %s", type(error).__name__)
        with store.incoming(file, f"{at:%Y%m%dT%H%M%SZ}", progress) as (engine, swap):
            with engine.connect() as connection:
                facts = facts_of(connection)
            wrong = [*differences(facts, manifest), *seal_faults(engine, settings, facts)]
            if wrong and not despite_findings:
                raise Damaged("; ".join(wrong[:5]), "; ".join(wrong[:5]))
            aside = swap()
        engine = store.engine()
        try:
            look(engine, settings, at=at, how="restore")
        finally:
            engine.dispose()
    return Restored(manifest, aside, unacknowledged(settings.data_dir) or [])
