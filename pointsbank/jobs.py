"""Jobs: what the bank does by itself. A room registers a job; the server's scheduler or `jobs run` carries it out.

Every job is idempotent and takes the time in, so that running it twice, late, or by hand changes nothing more. A lease
row per book and job keeps a second process from running the same job at the same moment.

    register_job("expire-points", "到期积分入账", hour=0, minute=10, run=expire_book)
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import Integer, String, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from pointsbank import clock
from pointsbank.database import UtcDateTime, db, new_id, unit_of_work
from pointsbank.errors import NotFound
from pointsbank.places import books

log = logging.getLogger("pointsbank.jobs")
LEASE = timedelta(minutes=30)


@dataclass(frozen=True)
class Job:
    """A daily job. `run(s, book_id, at)` returns a short sentence of figures (no personal data)."""

    name: str
    title: str
    hour: int
    minute: int
    run: Callable[[Session, int, datetime], str]


JOBS: dict[str, Job] = {}


class JobLease(db.Model):  # type: ignore[name-defined, misc]
    """Who runs a job of a book now, and how the last run ended."""

    __tablename__ = "job_lease"
    book_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[UUID | None] = mapped_column(Uuid)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_outcome: Mapped[str | None] = mapped_column(String(200))


def register_job(name: str, title: str, *, hour: int, minute: int,
                 run: Callable[[Session, int, datetime], str]) -> None:
    """Add a job that runs once a day at hour:minute in Asia/Shanghai. Registering the same name again replaces it."""
    JOBS[name] = Job(name, title, hour, minute, run)


def _take_lease(s: Session, book_id: int, name: str, at: datetime) -> UUID | None:
    me = new_id()
    with unit_of_work(s):
        row = s.scalar(select(JobLease).where(JobLease.book_id == book_id, JobLease.name == name).with_for_update())
        if row is None:
            row = JobLease(book_id=book_id, name=name)
            s.add(row)
        elif row.holder is not None and row.until is not None and row.until > at:
            return None
        row.holder, row.until = me, at + LEASE
    return me


def run_job(s: Session, book_id: int, name: str, *, at: datetime) -> str:
    """Run one job of one book now. Raises NotFound for an unknown name. Returns what it did, in a sentence."""
    job = JOBS.get(name)
    if job is None:
        raise NotFound("job")
    me = _take_lease(s, book_id, name, at)
    if me is None:
        return "already running"
    outcome = "failed"
    try:
        outcome = job.run(s, book_id, at)
        return outcome
    finally:
        s.rollback()
        with unit_of_work(s):
            row = s.get_one(JobLease, (book_id, name))
            if row.holder == me:
                row.holder, row.until, row.last_run_at, row.last_outcome = None, None, at, outcome[:200]


def _run_everywhere(app: Flask, name: str) -> None:
    with app.app_context():
        session = db.session()
        for book_id in books(session):
            try:
                log.info("job %s book %s: %s", name, book_id, run_job(session, book_id, name, at=clock.now()))
            except Exception:  # one book's trouble must not stop the others'; the log holds the whole story
                log.exception("job %s book %s failed", name, book_id)
        db.session.remove()


def _catch_up(app: Flask) -> None:
    for name in list(JOBS):
        _run_everywhere(app, name)


def start_scheduler(app: Flask) -> BackgroundScheduler:
    """Start the daily jobs, and run each once now: a PC that was off at midnight catches up at the next start."""
    scheduler = BackgroundScheduler(timezone=clock.SHANGHAI, job_defaults={"coalesce": True, "max_instances": 1,
                                                                          "misfire_grace_time": 3600})
    for job in JOBS.values():
        scheduler.add_job(_run_everywhere, "cron", args=[app, job.name], id=job.name, hour=job.hour,
                          minute=job.minute)
    scheduler.add_job(_catch_up, args=[app], id="catch-up")
    scheduler.start()
    return scheduler
