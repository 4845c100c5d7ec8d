"""What goes on by itself: notices that have run out without objection, and deeds that wait for the year's end.

    post_due_notices(s, book_id, at=now)      # the daily job `post-notices`; running it twice changes nothing more
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import system_actor
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.records.facts import rule_books
from pointsbank.records.finishing import event_row, finish
from pointsbank.records.models import APPROVED, ON_NOTICE, POSTED, RecordDecision, ServiceRecord

BATCH = 2_000
FIRST = UUID(int=0)


class Due(NamedTuple):
    """How many were posted, put on notice, and could not be posted."""

    posted: int
    announced: int
    refused: int


def post_due_notices(s: Session, book_id: int, *, at: datetime) -> Due:
    """Go on with every record whose day has come; a batch is one unit of work. Idempotent."""
    total, after = Due(0, 0, 0), FIRST
    while True:
        with unit_of_work(s):
            records = list(s.scalars(
                select(ServiceRecord).where(
                    ServiceRecord.book_id == book_id, ServiceRecord.status.in_((ON_NOTICE, APPROVED)),
                    ServiceRecord.post_on <= to_day(at), ServiceRecord.id > after)
                .order_by(ServiceRecord.id).limit(BATCH).with_for_update()
                .execution_options(populate_existing=True)))
            if not records:
                return total
            after = records[-1].id
            done = _go_on(s, book_id, records, at)
        total = Due(*(a + b for a, b in zip(total, done, strict=True)))


def _go_on(s: Session, book_id: int, records: list[ServiceRecord], at: datetime) -> Due:
    books = rule_books(s, (record.place_code for record in records))
    on_notice = [record for record in records if record.status == ON_NOTICE]
    waited = [record for record in records if record.status == APPROVED]
    refusals = finish(s, book_id, on_notice, books, at=at, notice_is_over=True)
    refusals |= finish(s, book_id, waited, books, at=at)
    posted = [record for record in records if record.status == POSTED]
    if posted:
        s.execute(insert(RecordDecision), [event_row(record, "posting", "post", None, at) for record in posted])
    announced = sum(record.status == ON_NOTICE for record in waited)
    audit.record(s, system_actor(book_id, "post-notices"), "records.post_notices", f"book:{book_id}", at=at,
                 posted=len(posted), announced=announced, refused=len(refusals))
    s.flush()
    return Due(len(posted), announced, len(refusals))


def run_job(s: Session, book_id: int, at: datetime) -> str:
    """For pointsbank.jobs."""
    done = post_due_notices(s, book_id, at=at)
    return f"posted {done.posted}, put on notice {done.announced}, refused {done.refused}"
