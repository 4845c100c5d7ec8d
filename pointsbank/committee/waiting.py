"""What waits for the person: heaps of records, objections, notices that end; and what they must step aside from.

The refusals shown are the ones the services raise: the page never offers what would be refused.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from pointsbank.access import Actor, can
from pointsbank.errors import DomainError
from pointsbank.records.chain import Decider, decider, why_aside, why_not
from pointsbank.records.errors import OwnObjection
from pointsbank.records.models import ON_NOTICE, WAITING, Objection, ServiceRecord
from pointsbank.records.policy import working_days_left
from pointsbank.records.queries import RecordRow, below, rows_of
from pointsbank.records.waiting import Group, my_steps, waiting_groups

LOOKED_AT = 2_000  # waiting records that are judged for stepping aside
ASIDE_SHOWN = 10
OBJECTIONS_SHOWN = 20
ONE_DAY = timedelta(days=1)


class Heap(NamedTuple):
    """A group of records that wait together; `locked` of them are not this person's to decide."""

    group: Group
    locked: int


class Aside(NamedTuple):
    """A record the person must step aside from, with the reason the service would give."""

    row: RecordRow
    why: DomainError


class Objected(NamedTuple):
    """An objection without its answer. `days_left`: working days, today not counted; negative when it is late."""

    row: RecordRow
    answer_by: date
    days_left: int
    why: DomainError | None


class Ending(NamedTuple):
    """How many notices end with a day."""

    day: date
    notices: int


class Waiting(NamedTuple):
    heaps: list[Heap]
    aside: list[Aside]
    aside_count: int
    objections: list[Objected]
    endings: list[Ending]

    @property
    def to_approve(self) -> int:
        return sum(heap.group.count - heap.locked for heap in self.heaps)

    @property
    def to_answer(self) -> int:
        return sum(one.why is None for one in self.objections)


def waiting_for(s: Session, by: Actor, place_code: str, today: date) -> Waiting:
    """Everything that waits at a place and below it. A constant number of statements for a village."""
    records = _waiting_records(s, by, place_code)
    found = _objections(s, by, place_code)
    who = decider(s, by, [*(one.id for one in records), *(record.id for _, record in found)])
    refused = [(record, why) for record in records if (why := why_not(record, who))]
    shown = refused[:ASIDE_SHOWN]
    rows = {row.id: row for row in rows_of(s, by.book_id, [*(one for one, _ in shown), *(one for _, one in found)])}
    return Waiting(
        [Heap(group, group.locked) for group in waiting_groups(s, by, place_code)],
        [Aside(rows[record.id], why) for record, why in shown], len(refused),
        [Objected(rows[record.id], one.answer_by, working_days_left(today, one.answer_by), _why(one, record, who))
         for one, record in found], notices_ending(s, by.book_id, place_code))


def _waiting_records(s: Session, by: Actor, place_code: str) -> list[ServiceRecord]:
    steps = my_steps(by, place_code)
    if not steps:
        return []
    return list(s.scalars(select(ServiceRecord).options(defer(ServiceRecord.sealed)).where(
        ServiceRecord.book_id == by.book_id, ServiceRecord.status == WAITING, ServiceRecord.waiting_for.in_(steps),
        below(ServiceRecord.place_code, place_code)).order_by(ServiceRecord.service_on, ServiceRecord.id)
        .limit(LOOKED_AT)))


def _objections(s: Session, by: Actor, place_code: str) -> list[tuple[Objection, ServiceRecord]]:
    rows = s.execute(select(Objection, ServiceRecord).join(
        ServiceRecord, (ServiceRecord.book_id == Objection.book_id) & (ServiceRecord.id == Objection.record_id))
        .where(Objection.book_id == by.book_id, Objection.outcome == "open",
               below(ServiceRecord.place_code, place_code))
        .order_by(Objection.answer_by, Objection.id).limit(OBJECTIONS_SHOWN)).all()
    return [(row[0], row[1]) for row in rows]


def _why(objection: Objection, record: ServiceRecord, who: Decider) -> DomainError | None:
    """Why this person may not answer; None also for those who only look on."""
    if not can(who.by, "records.object", record.place_code):
        return None
    if who.by.user_id is not None and objection.raised_by == who.by.user_id:
        return OwnObjection()
    return why_aside(record, who)


def notices_ending(s: Session, book_id: int, place_code: str) -> list[Ending]:
    """The running notices by their last day. One statement."""
    rows = s.execute(select(ServiceRecord.notice_until, func.count()).where(
        ServiceRecord.book_id == book_id, ServiceRecord.status == ON_NOTICE, ServiceRecord.notice_until.is_not(None),
        below(ServiceRecord.place_code, place_code))
        .group_by(ServiceRecord.notice_until).order_by(ServiceRecord.notice_until))
    return [Ending(day, number) for day, number in rows if day is not None]
