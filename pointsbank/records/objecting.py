"""Objections (异议): raised by anybody of the village, they stop a notice; answered within seven working days.

On notice: the record stops until somebody who has no hand in it judges. Dismissed, the notice runs for the days that
were left; upheld, the record is rejected. A posted record stays posted while an objection to it is judged; upheld, it
is taken back in the same unit of work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import NotFound
from pointsbank.places import covers
from pointsbank.records.chain import decider, why_aside
from pointsbank.records.commands import RaiseObjection, ResolveObjection
from pointsbank.records.deciding import check_reason, lock_record
from pointsbank.records.errors import AlreadyObjected, NeedsAPerson, NotWaiting, OwnObjection
from pointsbank.records.finishing import event_row
from pointsbank.records.keys import claim, settle
from pointsbank.records.models import OBJECTED, ON_NOTICE, POSTED, REJECTED, Objection, RecordDecision, ServiceRecord
from pointsbank.records.policy import working_days_after
from pointsbank.records.voiding import take_back
from pointsbank.records.words import STATES

WORKING_DAYS = 7


@dataclass(frozen=True)
class Raised:
    objection_id: UUID
    record_id: UUID
    answer_by: date
    replay: bool = False


@dataclass(frozen=True)
class Resolved:
    objection_id: UUID
    record_id: UUID
    status: str
    replay: bool = False


def raise_objection(s: Session, cmd: RaiseObjection, *, by: Actor, at: datetime) -> Raised:
    """Object to a record that is on notice or posted. Same cmd.key again: the first answer, `replay` set.

    Raises: NeedsAPerson (nobody is signed in), NotFound (also in another village), NotWaiting,
    AlreadyObjected, NeedsReason, KeyReused.
    """
    with unit_of_work(s):
        if first := claim(s, cmd, "object", by, at):
            return Raised(UUID(hex=first["objection"]), cmd.record_id, date.fromisoformat(first["answer_by"]), True)
        text = check_reason(cmd.text)
        record = lock_record(s, by.book_id, cmd.record_id)
        if by.user_id is None:
            raise NeedsAPerson()
        if not any(covers(at_place, record.place_code) for at_place in (by.place_code, *(g[1] for g in by.grants))):
            raise NotFound("record")
        if record.status not in (ON_NOTICE, OBJECTED, POSTED):
            raise NotWaiting("record", state=STATES[record.status])
        if open_one := _open(s, record):
            raise AlreadyObjected("record", day=open_one.answer_by.isoformat())
        row = _objection(s, record, text, by, at)
        if record.status == ON_NOTICE:
            record.status, record.post_on = OBJECTED, None
        s.execute(insert(RecordDecision), [event_row(record, "notice", "object", by, at)])
        audit.record(s, by, "records.object", f"record:{record.id}", at=at, why=text, about=record.household_id)
        settle(s, cmd, by, {"objection": row.id.hex, "answer_by": row.answer_by.isoformat()})
        s.flush()
        return Raised(row.id, record.id, row.answer_by)


def resolve_objection(s: Session, cmd: ResolveObjection, *, by: Actor, at: datetime) -> Resolved:
    """Judge an objection, with a written reason. Same cmd.key again: the first answer, `replay` set.

    Raises: NotAllowed, NotFound, NotWaiting (it was judged already), OwnObjection and the reasons to step aside
    (an earlier decision on the record is one), NeedsReason, KeyReused.
    """
    with unit_of_work(s):
        if first := claim(s, cmd, "resolve", by, at):
            return Resolved(cmd.objection_id, UUID(hex=first["record"]), first["status"], True)
        reason = check_reason(cmd.reason)
        record_id = s.scalar(select(Objection.record_id).where(Objection.book_id == by.book_id,
                                                               Objection.id == cmd.objection_id))
        if record_id is None:
            raise NotFound("objection")
        record = lock_record(s, by.book_id, record_id)
        row = s.get_one(Objection, (by.book_id, cmd.objection_id), populate_existing=True)
        _may_resolve(s, record, row, by)
        row.outcome = "upheld" if cmd.upheld else "dismissed"
        row.resolved_by, row.resolved_person, row.resolved_at = by.user_id, by.person_id, at
        row.answer = seal_json(s, by.book_id, record.household_id, {"text": reason}, "objection_answer")
        s.execute(insert(RecordDecision), [event_row(record, "recheck", "uphold" if cmd.upheld else "dismiss", by, at)])
        if cmd.upheld and record.status == POSTED:
            require(by, "records.void", at_place=record.place_code)
            take_back(s, record, reason, by=by, at=at)
        elif cmd.upheld:
            record.status, record.post_on = REJECTED, None
        elif record.status == OBJECTED:
            record.status = ON_NOTICE
            record.notice_until = to_day(at) + timedelta(days=row.days_left or 0)
            record.post_on = record.notice_until + timedelta(days=1)
        audit.record(s, by, f"records.objection_{row.outcome}", f"record:{record.id}", at=at, why=reason,
                     about=record.household_id)
        settle(s, cmd, by, {"record": record.id.hex, "status": record.status})
        s.flush()
        return Resolved(row.id, record.id, record.status)


def _objection(s: Session, record: ServiceRecord, text: str, by: Actor, at: datetime) -> Objection:
    today = to_day(at)
    on_notice = record.status == ON_NOTICE and record.notice_until is not None
    left = max(0, (record.notice_until - today).days) if on_notice and record.notice_until else None
    row = Objection(
        book_id=by.book_id, id=new_id(), record_id=record.id,
        sealed=seal_json(s, by.book_id, record.household_id, {"text": text}, "objection"), raised_by=by.user_id,
        raised_person=by.person_id, raised_household=by.household_id, raised_at=at,
        answer_by=working_days_after(today, WORKING_DAYS), days_left=left, outcome="open", answer=None,
        resolved_by=None, resolved_person=None, resolved_at=None)
    s.add(row)
    return row


def _open(s: Session, record: ServiceRecord) -> Objection | None:
    return s.scalar(select(Objection).where(Objection.book_id == record.book_id, Objection.record_id == record.id,
                                            Objection.outcome == "open"))


def _may_resolve(s: Session, record: ServiceRecord, row: Objection, by: Actor) -> None:
    require_seen(by, "records.object", at_place=record.place_code, what="objection")
    if row.outcome != "open":
        raise NotWaiting("objection", state=STATES[record.status])
    if by.user_id is None:
        raise NeedsAPerson()
    if by.user_id == row.raised_by or (by.person_id is not None and by.person_id == row.raised_person):
        raise OwnObjection()
    if refusal := why_aside(record, decider(s, by, [record.id])):
        raise refusal
