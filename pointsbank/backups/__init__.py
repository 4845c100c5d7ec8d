"""Backups: made while the bank is open, proved when made, and an older copy never served unnoticed.

    made = make_backup(settings, at=now)                 # DATA_DIR/backups/pointsbank-….db and its manifest
    manifest, wrong = verify_backup(settings, made.file)
    restore_backup(settings, made.file, at=now)

The server's entry holds the data (`serving`), asks `refuse_older_data` and makes a backup before it migrates. The room
keeps no key: `KEYS_DIR` is never copied; it only notes there how far each book had come.
"""

from __future__ import annotations

from flask import Flask, current_app, request

from pointsbank.backups.commands import group
from pointsbank.backups.locks import serving
from pointsbank.backups.making import Made, daily_backup, make_backup, remember
from pointsbank.backups.noticing import refuse_when_older, unacknowledged
from pointsbank.backups.restoring import Restored, restore_backup
from pointsbank.backups.starting import backup_before_upgrade, refuse_older_data
from pointsbank.backups.verifying import verify_backup
from pointsbank.jobs import register_job

__all__ = ["Made", "Restored", "backup_before_upgrade", "make_backup", "refuse_older_data", "register", "remember",
           "restore_backup", "serving", "unacknowledged", "verify_backup"]
OPEN = frozenset({"healthz", "web.send_bundle"})


def register(app: Flask) -> None:
    """The commands, the daily job, and the guard in front of every page and call."""
    app.cli.add_command(group)
    register_job("backup", "每日备份", hour=0, minute=40, run=daily_backup)
    app.before_request(_refuse_when_older)


def _refuse_when_older() -> None:
    """Other servers than ours start without our entry; they too answer 503 until the loss is acknowledged."""
    if request.endpoint not in OPEN and not (request.endpoint or "").endswith(".static"):
        refuse_when_older(current_app.extensions["settings"].data_dir)
