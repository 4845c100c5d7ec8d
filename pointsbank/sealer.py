"""The background sealer: every second what waits becomes leaves, every minute what is new is signed, in both logs.

Only the server starts it. Trouble is said once in the server's log; posting goes on, nothing wrong is signed.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from flask import Flask

from ledger import sealing
from ledger.sealing_errors import NotSettled
from pointsbank import clock
from pointsbank.database import db
from pointsbank.sealing import LEDGER, TRAIL, Log, keep_turnovers, seal_waiting, sign

log = logging.getLogger("pointsbank.sealing")
SEAL_EVERY, SIGN_EVERY = 1, 60  # seconds; a paper that is printed signs by itself
LOGS = (LEDGER, TRAIL)


class Sealer(threading.Thread):
    """Seals every second what waits and signs every minute what is new. Only the server starts it."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="sealer", daemon=True)
        with app.app_context():
            self.engine = db.engine
        self.keys_dir: Path = app.extensions["settings"].keys_dir
        self.over = threading.Event()
        self.unsigned: dict[int, int] | None = None  # book -> rounds until it is signed; None: not looked yet
        self.trouble: dict[tuple[int, Log], str] = {}

    def run(self) -> None:
        while not self.over.wait(SEAL_EVERY):
            try:
                self.round()
            except Exception:  # the database may be away for a while; the next round tries again
                log.exception("sealing")

    def round(self) -> None:
        with self.engine.connect() as connection:
            if self.unsigned is None:  # at the start every book is signed: a restored old database is said at once
                self.unsigned = {book: 1 for kind in LOGS for book in sealing.books(connection, kind.tables)}
            waiting = [(book, kind) for kind in LOGS for book in sealing.waiting_books(connection, kind.tables)]
        for book_id, kind in waiting:
            if seal_waiting(self.engine, book_id, wait=False, log=kind):
                self.unsigned.setdefault(book_id, SIGN_EVERY // SEAL_EVERY)
                if kind is LEDGER:
                    keep_turnovers(self.engine, book_id)
        for book_id in list(self.unsigned):
            self.unsigned[book_id] -= 1
            if self.unsigned[book_id] <= 0:
                del self.unsigned[book_id]
                self.sign(book_id)

    def sign(self, book_id: int) -> None:
        """Both logs of a book, the ledger first: the trail's checkpoint names the ledger's state."""
        with self.engine.connect() as connection:
            begun = [kind for kind in LOGS if book_id in sealing.books(connection, kind.tables)]
        for kind in begun:
            self.sign_log(book_id, kind)

    def sign_log(self, book_id: int, kind: Log) -> None:
        try:
            sign(self.engine, self.keys_dir, book_id, at=clock.now(), log=kind)
            self.trouble.pop((book_id, kind), None)
        except NotSettled:
            if self.unsigned is not None:
                self.unsigned[book_id] = 1
        except Exception as error:  # said once, not every minute; `ledger checkpoint` says it again to whoever asks
            if self.trouble.get((book_id, kind)) != str(error):
                log.error("book %s%s is not signed: %s", book_id, kind.suffix, error)
            self.trouble[book_id, kind] = str(error)

    def stop(self) -> None:
        """Finish the round in hand, seal what waits, sign it, and end."""
        self.over.set()
        self.join()
        try:
            self.round()
            for book_id in list(self.unsigned or ()):
                self.sign(book_id)
        except Exception:  # the next start seals what is left
            log.exception("sealing at the end")


def start_sealer(app: Flask) -> Sealer:
    sealer = Sealer(app)
    sealer.start()
    return sealer
