"""The retention job: what nobody needs any longer goes by itself.

Uploads that were never imported go after 30 days, with their keys; after an erasure the wrapping key is replaced, at
most every four weeks, and the old one destroyed five weeks later; whoever was erased is erased
again from a restored backup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import system_actor
from pointsbank.clock import to_day
from pointsbank.crypto import EVERY_DAYS, destroy_old_keys, replaced_on, rotate_wrapping_key
from pointsbank.database import unit_of_work
from pointsbank.imports.models import DISCARDED, OVER, ImportFile
from pointsbank.imports.service import put_away
from pointsbank.places import books
from pointsbank.privacy.erasing import forget_again
from pointsbank.privacy.models import Erasure

UPLOADS = timedelta(days=30)
# Rooms beside this one that keep uploads: (session, book, made before, now) -> how many were put away.
Put = Callable[[Session, int, datetime, datetime], int]
_keepers: list[Put] = []


def register_keeper(put: Put) -> None:
    """Called from a room's register(app)."""
    if put not in _keepers:
        _keepers.append(put)


def uploads_go(s: Session, book_id: int, at: datetime) -> int:
    """Put away uploads that nobody imported."""
    with unit_of_work(s):
        rows = list(s.scalars(select(ImportFile).where(
            ImportFile.book_id == book_id, ImportFile.status.notin_(OVER), ImportFile.made_at < at - UPLOADS)))
        for row in rows:
            put_away(s, row, DISCARDED, at)
            audit.record(s, system_actor(book_id, "retention"), "import.discarded", f"import:{row.id}", at=at,
                         reason="retention")
    return len(rows) + sum(put(s, book_id, at - UPLOADS, at) for put in _keepers)


def retain(s: Session, book_id: int, at: datetime) -> str:
    """The daily job of one book; keys are the installation's and are replaced with the first book."""
    uploads, again = uploads_go(s, book_id, at), forget_again(s, book_id, at)
    first = books(s)[0]
    s.rollback()
    told = f"{uploads} uploads put away, {again} erased again"
    if book_id != first:
        return told
    if _is_due(s, at):
        told += f", {rotate_wrapping_key(s, today=to_day(at))} keys wrapped anew"
    s.rollback()
    return told + f", {destroy_old_keys(s, today=to_day(at))} old wrapping keys destroyed"


def _is_due(s: Session, at: datetime) -> bool:
    """Whether somebody was erased since the wrapping key was replaced, and that was not just now."""
    last, erased = replaced_on(), s.scalar(select(func.max(Erasure.made_at)))
    if erased is None:
        return False
    return last is None or (str(to_day(erased)) >= last and last <= str(to_day(at) - timedelta(days=EVERY_DAYS)))
