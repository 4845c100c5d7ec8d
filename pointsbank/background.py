"""Long runs in the background of the server, so that a page can show how far they are.

    carry_on(app, check_file, run_id, actor, clock.now())     # start, and wait a moment
    is_running(run_id)                                        # False after a restart: the page offers to go on

One thread: on SQLite there is one writer anyway. A page waits a moment for short runs, so that most people never see
a progress bar. A run keeps its state in its own row and can be started again; this module only carries it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.database import db
from pointsbank.errors import DomainError

log = logging.getLogger("pointsbank.background")
PATIENCE = 2  # seconds a page waits before it shows the progress bar
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="background")
_running: dict[UUID, Future[None]] = {}

Run = Callable[..., Any]


def _work(app: Flask, run: Run, run_id: UUID, by: Actor, at: datetime) -> None:
    with app.app_context():
        session: Session = db.session()
        try:
            run(session, run_id, by=by, at=at)
        except DomainError as refusal:  # kept with the run and shown on its page
            log.info("run %s: %s", run_id, refusal.code)
        except Exception:  # the page offers to try again; the log holds the whole story
            log.exception("run %s failed", run_id)
        finally:
            db.session.remove()


def carry_on(app: Flask, run: Run, run_id: UUID, by: Actor, at: datetime) -> None:
    """Start a run and wait a moment for it."""
    future = _pool.submit(_work, app, run, run_id, by, at)
    _running[run_id] = future
    future.add_done_callback(lambda _done: _running.pop(run_id, None))
    try:
        future.result(timeout=PATIENCE)
    except StillRunning:
        return


def is_running(run_id: UUID) -> bool:
    """Whether this process is working on the run now."""
    return run_id in _running
