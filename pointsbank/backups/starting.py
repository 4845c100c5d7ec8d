"""What the server's entry asks before it changes or serves anything."""

from __future__ import annotations

import logging
from datetime import datetime

from pointsbank.backups.making import Made, make_backup
from pointsbank.backups.noticing import look, refuse_when_older
from pointsbank.backups.stores import store_for
from pointsbank.migrate import current, newest
from pointsbank.settings import Settings

log = logging.getLogger("pointsbank.backups")


def refuse_older_data(settings: Settings, *, at: datetime) -> None:
    """Raises OlderThanKnown when the database, however it came here, lacks what the installation remembers."""
    engine = store_for(settings).engine()
    try:
        look(engine, settings, at=at, how="start")
    finally:
        engine.dispose()
    refuse_when_older(settings.data_dir)


def backup_before_upgrade(settings: Settings, *, at: datetime) -> Made | None:
    """A backup when migrations wait for a database that holds something. Raises CannotBackUp, Damaged."""
    store = store_for(settings)
    if not store.exists():
        return None
    engine = store.engine()
    try:
        found = current(engine)
    finally:
        engine.dispose()
    if found is None or found == newest():
        return None
    made = make_backup(settings, at=at, reason="upgrade")
    log.info("backup before the upgrade from %s: %s", found, made.file)
    return made
