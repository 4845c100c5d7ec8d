"""A new wrapping key in place of the old: what makes erasure true for backups as well.

A backup holds the subjects' keys wrapped. As long as its wrapping key exists, a copy of before an erasure could be
opened. So after an erasure the wrapping key is replaced, every key is wrapped anew, and the old one is destroyed after
`OLDER_DAYS`: a backup older than that can no longer be read by anybody, one that is younger can be restored.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pointsbank.crypto.keyring import KEY_BYTES, keyring, reload_keys, write_ring
from pointsbank.crypto.sealing import SubjectKey, _encrypt, _label, unwrap
from pointsbank.database import unit_of_work

OLDER_DAYS = 35
EVERY_DAYS = 28
PORTION = 2_000


def replaced_on() -> str | None:
    """The day (ISO) the wrapping key was replaced last, or None."""
    return max((day for day, _ in reload_keys().older), default=None)


def rotate_wrapping_key(s: Session, *, today: date) -> int:
    """Replace the wrapping key and wrap every subject's key anew; how many. The old one stays for `OLDER_DAYS`.

    Killed in between it is simply run again: both keys stand in the file before the first row changes.
    """
    ring = reload_keys()
    write_ring(replace(ring, wrap=secrets.token_bytes(KEY_BYTES), older=(*ring.older, (str(today), ring.wrap))))
    return _wrap_all_anew(s)


def destroy_old_keys(s: Session, *, today: date) -> int:
    """Destroy wrapping keys replaced `OLDER_DAYS` ago or longer, once no row is wrapped by them; how many."""
    last = str(today - timedelta(days=OLDER_DAYS))
    if not any(day <= last for day, _ in reload_keys().older):
        return 0
    _wrap_all_anew(s)
    ring = keyring()
    kept = tuple((day, key) for day, key in ring.older if day > last)
    write_ring(replace(ring, older=kept))
    return len(ring.older) - len(kept)


def _wrap_all_anew(s: Session) -> int:
    done, last = 0, None
    while True:
        with unit_of_work(s):
            query = select(SubjectKey).order_by(SubjectKey.book_id, SubjectKey.subject_id).limit(PORTION)
            if last is not None:
                book_id, subject_id = last
                query = query.where(or_(SubjectKey.book_id > book_id, and_(
                    SubjectKey.book_id == book_id, SubjectKey.subject_id > subject_id)))
            rows = list(s.scalars(query.with_for_update()))
            for row in rows:
                label = _label(row.book_id, row.subject_id, "subject_key")
                row.wrapped = _encrypt(keyring().wrap, unwrap(row.wrapped, label), label)
            if rows:
                last = (rows[-1].book_id, rows[-1].subject_id)
        done += len(rows)
        if len(rows) < PORTION:
            return done
