"""What happens to a record whose chain has passed: it waits for the year's end, goes on notice, or is posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.database import new_id
from pointsbank.errors import DomainError
from pointsbank.records.chain import after_chain, put_on_notice
from pointsbank.records.models import APPROVED, ON_NOTICE, RecordDecision, ServiceRecord
from pointsbank.records.posting import post_records
from pointsbank.schedule import RuleBook


def finish(s: Session, book_id: int, records: Sequence[ServiceRecord], books: dict[str, RuleBook], *,
           at: datetime, notice_is_over: bool = False) -> dict[UUID, DomainError]:
    """Send each record on; the refusals of those that could not be posted. Inside a unit of work."""
    today = to_day(at)
    to_post, events = [], []
    announced: list[tuple[ServiceRecord, int]] = []
    for record in records:
        rule = books[record.place_code].pick(record.rule_code, record.service_on, record.rule_version)
        step = after_chain(record, rule, today)
        if step == APPROVED:
            record.status, record.waiting_for, record.post_on = APPROVED, None, date(record.service_on.year, 12, 31)
        elif step == ON_NOTICE and not notice_is_over:
            put_on_notice(record, rule.notice_days, today)
            events.append(event_row(record, "notice", "start", None, at))
        else:
            to_post.append(record)
            if rule.notice_days and rule.posting_mode == "before_notice":
                announced.append((record, rule.notice_days))
    refusals = post_records(s, book_id, to_post, at=at, books=books)
    for record, days in announced:
        if record.id not in refusals:
            record.notice_from, record.notice_until = today, today + timedelta(days=days)
            events.append(event_row(record, "notice", "start", None, at))
    if events:
        s.execute(insert(RecordDecision), events)
    s.flush()
    return refusals


def event_row(record: ServiceRecord, step: str, decision: str, by: Actor | None, at: datetime,
              reason: bytes | None = None) -> dict[str, Any]:
    """A row of `record_decision`; `by` None: the system went on by itself."""
    return {"book_id": record.book_id, "id": new_id(), "record_id": record.id, "round": record.round, "step": step,
            "decision": decision, "user_id": by.user_id if by else None, "person_id": by.person_id if by else None,
            "reason": reason, "at": at}
