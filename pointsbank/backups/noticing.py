"""Noticing that the database is an older copy, and refusing to serve until somebody has said that they know.

Seen at the start of the server, daily, and after a restore. What was found stands in `DATA_DIR/restored.json`; while
that file is there nothing is served. A folder copied back by hand is noticed like a proper restore, because what the
installation remembers lies beside the keys, not in the data.
"""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from ledger.tables import transaction
from pointsbank import audit, clock, sealing
from pointsbank.access import system_actor
from pointsbank.backups.disk import move, read_json, write_json
from pointsbank.backups.errors import OlderThanKnown
from pointsbank.backups.marks import Mark, keep_marks, known_marks, mark_of, marks_of, signed_size
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.migrate import current, newest
from pointsbank.settings import Settings

REPORT = "restored.json"
log = logging.getLogger("pointsbank.backups")


class Lost(NamedTuple):
    """What a book has lost: everything after `kept`, up to `known` at least."""

    known: Mark
    kept: Mark

    @property
    def transactions(self) -> int:
        return max(self.known.transactions - self.kept.transactions, 1)

    def as_json(self) -> dict[str, Any]:
        return {"book": self.known.book, "transactions": self.transactions, "kept": self.kept.as_json(),
                "known": self.known.as_json()}


def lost_since(connection: Connection, found: list[Mark], known: Mark, signed: int = 0) -> Lost | None:
    """What the database lacks of a mark, and of what the signer has signed (it signs by the minute, marks are daily).

    None when it holds all of it, or when a demo was made anew.
    """
    here = next((mark for mark in found if mark.book == known.book), None)
    total = max(known.transactions, signed)
    if here is None:
        nothing = Mark(known.book, known.demo, 0, None, None, None)
        return None if known.demo or not total else Lost(known._replace(transactions=total), nothing)
    if known.demo and here.first != known.first:
        return None
    cut = known.newest is not None and connection.scalar(select(transaction.c.id).where(
        transaction.c.book_id == known.book, transaction.c.id == known.newest)) is None
    if cut:  # what was posted since on the old copy does not count as kept
        kept = mark_of(connection, known.book, known.demo, until=known.newest)
        return Lost(known._replace(transactions=total), kept)
    if here.transactions >= total:
        return None
    return Lost(known._replace(transactions=total, newest=None, recorded_at=None), here)


def look(engine: Engine, settings: Settings, *, at: datetime, how: str) -> list[Lost]:
    """Compare the database with what is remembered. An older one is written down, else the memory moves forward."""
    with engine.connect() as connection:
        found = marks_of(connection)
        lost = [one for known in known_marks(settings.keys_dir)
                if (one := lost_since(connection, found, known, signed_size(settings.keys_dir, known.book)))]
    if lost:
        write_json(settings.data_dir / REPORT, {"noticed_at": at.isoformat("T", "seconds"), "how": how,
                                                "lost": [one.as_json() for one in lost]})
        log.error("older than known: %s", in_words([one.as_json() for one in lost])["en"])
    else:  # also when newer data was brought back after a report
        (settings.data_dir / REPORT).unlink(missing_ok=True)
        keep_marks(settings.keys_dir, found)
    return lost


def unacknowledged(data_dir: Path) -> list[dict[str, Any]] | None:
    """What is lost and not acknowledged, by book; None when there is nothing to say."""
    try:
        return list(read_json(data_dir / REPORT)["lost"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return []  # a report that cannot be read still stops the server


def refuse_when_older(data_dir: Path) -> None:
    """Raises OlderThanKnown with the lost range."""
    if (lost := unacknowledged(data_dir)) is not None:
        raise OlderThanKnown(lost=in_words(lost))


def in_words(lost: list[dict[str, Any]]) -> dict[str, str]:
    """The lost ranges as a sentence in both languages, times in Asia/Shanghai."""
    zh, en = [], []
    for one in lost:
        kept, known = one["kept"], one["known"]
        start, end = _moment(kept["recorded_at"]), _moment(known["recorded_at"])
        many = "transaction" if one["transactions"] == 1 else "transactions"
        zh.append(f"账本 {one['book']} 少了 {one['transactions']} 笔({start or '开账'} 之后"
                  + (f",到 {end};最后一笔 {known['newest']})" if end else f";签过的有 {known['transactions']} 笔)"))
        en.append(f"book {one['book']} lacks {one['transactions']} {many} (after {start or 'its opening'}"
                  + (f", until {end}; the last one {known['newest']})" if end
                     else f"; {known['transactions']} were signed)"))
    return {"zh": ";".join(zh) or REPORT, "en": "; ".join(en) or REPORT}


def _moment(text: str | None) -> str:
    return f"{datetime.fromisoformat(text).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}" if text else ""


def acknowledge(engine: Engine, settings: Settings, *, at: datetime) -> list[dict[str, Any]] | None:
    """Accept the loss: the trail says so, the report is put aside, the memory starts again from what is there.

    Returns what was acknowledged, None when there was nothing. The trail is written where the schema is of today;
    of an older one the report put aside is the record.
    """
    lost = unacknowledged(settings.data_dir)
    if lost is None:
        return None
    with engine.connect() as connection:
        found = marks_of(connection)
    if current(engine) == newest():
        with Session(engine) as s, unit_of_work(s):
            for mark in found:
                mine = [one for one in lost if one["book"] == mark.book]
                audit.record(s, system_actor(mark.book, "backup"), "backup.acknowledge", f"book:{mark.book}", at=at,
                             lost=mine)
        for mark in found:
            _let_sign(engine, settings, mark.book, at)
    gone = {one["book"] for one in lost} - {mark.book for mark in found}
    keep_marks(settings.keys_dir, [*found, *(Mark(book, False, 0, None, None, None) for book in gone)])
    aside = settings.data_dir / f"restored-acknowledged-{at:%Y%m%dT%H%M%SZ}.json"
    move(settings.data_dir / REPORT, aside)
    return lost


def _let_sign(engine: Engine, settings: Settings, book_id: int, at: datetime) -> None:
    """Tell the signer too, so that it is said once only. What the rows do not bear out it goes on refusing."""
    for kind in (sealing.LEDGER, sealing.TRAIL):
        if not signed_size(settings.keys_dir, book_id, kind):
            continue
        try:
            sealing.seal_waiting(engine, book_id, log=kind)
            sealing.acknowledge_loss(engine, settings.keys_dir, book_id, reason="backup acknowledge", at=at, log=kind,
                                     by=os.environ.get("USERNAME") or os.environ.get("USER") or "operator")
        except DomainError as error:
            log.error("book %s is not signed: %s", book_id, error.sentence("en"))
