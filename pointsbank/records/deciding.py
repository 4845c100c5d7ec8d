"""Deciding what waits: one record or thousands at once, by somebody who has no hand in them.

    outcome = decide_many(s, DecideMany(key, ids), by=committee_member, at=now)
    outcome.passed, outcome.refused         # a record that cannot pass is named and the others go on

Records are locked in order, then the members' accounts, then caps are read, then ONE ledger.post. A second approver
who comes at the same moment finds the records decided: one effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.crypto import seal_many
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, DomainError, NotFound
from pointsbank.records.chain import decider, may_see, next_step, why_not
from pointsbank.records.commands import MANY_MOST, Decide, DecideMany, Withdraw
from pointsbank.records.errors import NeedsReason, NotTheSubmitter, NotWaiting, TooMany
from pointsbank.records.facts import rule_books
from pointsbank.records.finishing import event_row, finish
from pointsbank.records.keys import claim, settle
from pointsbank.records.models import (
    APPROVED,
    OBJECTED,
    ON_NOTICE,
    REJECTED,
    RETURNED,
    WAITING,
    WITHDRAWN,
    RecordDecision,
    ServiceRecord,
)
from pointsbank.records.outcomes import DecisionOutcome, Passed, RowProblem, problem_of
from pointsbank.records.sets import among
from pointsbank.records.words import STATES

DECISIONS = ("approve", "return", "reject")
REASON_LEAST, REASON_MOST = 2, 500


def lock_records(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, ServiceRecord]:
    """The records' rows as they are now, locked in order of their ids."""
    rows = s.scalars(select(ServiceRecord)
                     .where(ServiceRecord.book_id == book_id, among(s, ServiceRecord.id, ids))
                     .order_by(ServiceRecord.id).with_for_update().execution_options(populate_existing=True))
    return {record.id: record for record in rows}


def lock_record(s: Session, book_id: int, record_id: UUID) -> ServiceRecord:
    """Raises NotFound."""
    record = lock_records(s, book_id, [record_id]).get(record_id)
    if record is None:
        raise NotFound("record")
    return record


def check_reason(reason: str, needed: bool = True) -> str:
    """The reason, trimmed. Raises NeedsReason."""
    reason = reason.strip()
    if len(reason) > REASON_MOST or (needed and len(reason) < REASON_LEAST):
        raise NeedsReason("reason")
    return reason


def seal_reasons(s: Session, book_id: int, records: Sequence[ServiceRecord], reason: str) -> list[bytes | None]:
    """The reason sealed for each record's household."""
    said = {"reason": reason} if reason else None
    return seal_many(s, book_id, [(record.household_id, said) for record in records], "record_decision")


def decide(s: Session, cmd: Decide, *, by: Actor, at: datetime) -> DecisionOutcome:
    """Decide the step one record waits for. Same cmd.key again: the first answer, `replay` set.

    Raises: NotFound, NotWaiting, NotYourStep, OwnSubmission, OwnHousehold, RelativesHousehold, DecidedBefore,
    NeedsReason, KeyReused.
    """
    many = DecideMany(cmd.key, (cmd.record_id,), cmd.decision, cmd.reason)
    with unit_of_work(s):
        outcome, refusals = _decide(s, many, by, at)
        if refusals:
            raise refusals[0]
        return outcome


def decide_many(s: Session, cmd: DecideMany, *, by: Actor, at: datetime) -> DecisionOutcome:
    """Decide the steps many records wait for; what cannot pass is in `refused` and the others go on.

    A constant number of statements (and one a place). Raises: KeyReused, NeedsReason, TooMany.
    """
    if len(cmd.record_ids) > MANY_MOST:
        raise TooMany("record_ids", most=MANY_MOST, given=len(cmd.record_ids))
    with unit_of_work(s):
        return _decide(s, cmd, by, at)[0]


def approve_all(s: Session, key: UUID, ids: Sequence[UUID], *, by: Actor, at: datetime) -> DecisionOutcome:
    """Approve any number of records, as many at a time as one decision takes; each portion is its own unit of work.

    Raises KeyReused when the same key came with other records.
    """
    passed: list[Passed] = []
    refused: list[RowProblem] = []
    for start in range(0, len(ids), MANY_MOST):
        part = DecideMany(uuid5(key, str(start)) if start else key, tuple(ids[start:start + MANY_MOST]))
        outcome = decide_many(s, part, by=by, at=at)
        passed += outcome.passed
        refused += outcome.refused
    return DecisionOutcome(tuple(passed), tuple(refused))


class _Batch(NamedTuple):
    """What a decision is about: the records that may pass, and why the others may not."""

    records: list[ServiceRecord]
    refusals: dict[UUID, DomainError]


def _decide(s: Session, cmd: DecideMany, by: Actor, at: datetime) -> tuple[DecisionOutcome, list[DomainError]]:
    if cmd.decision not in DECISIONS:
        raise BadInput("decision", "只能通过、退回或不通过。", "Approve, return or reject.")
    if first := claim(s, cmd, "decide", by, at):
        return DecisionOutcome.from_json(first), []
    reason = check_reason(cmd.reason, needed=cmd.decision != "approve")
    batch = _sort_out(s, cmd.record_ids, by)
    steps = {record.id: str(record.waiting_for) for record in batch.records}
    if cmd.decision == "approve":
        batch.refusals.update(_approve(s, batch.records, by, at))
    else:
        for record in batch.records:
            record.status, record.waiting_for = (RETURNED if cmd.decision == "return" else REJECTED), None
    done = [record for record in batch.records if record.id not in batch.refusals]
    sealed = seal_reasons(s, by.book_id, done, reason)
    if done:
        s.execute(insert(RecordDecision), [event_row(record, steps[record.id], cmd.decision, by, at, text)
                                           for record, text in zip(done, sealed, strict=True)])
        one = done[0] if len(cmd.record_ids) == 1 else None  # of many, each record's own course keeps the reason
        audit.record(s, by, f"records.{cmd.decision}", f"record:{one.id}" if one else f"batch:{cmd.key}", at=at,
                     why=reason if one else "", about=one.household_id if one else None, given=len(cmd.record_ids),
                     passed=len(done))
    s.flush()
    outcome = DecisionOutcome(
        tuple(Passed(record.id, record.status, record.transaction_id) for record in done),
        tuple(problem_of(batch.refusals[record_id], index, record_id)
              for index, record_id in enumerate(cmd.record_ids) if record_id in batch.refusals))
    settle(s, cmd, by, outcome.as_json())
    return outcome, list(batch.refusals.values())


def _sort_out(s: Session, record_ids: Sequence[UUID], by: Actor) -> _Batch:
    found = lock_records(s, by.book_id, record_ids)
    who = decider(s, by, found)
    batch = _Batch([], {})
    for record_id in dict.fromkeys(record_ids):
        record = found.get(record_id)
        refusal = why_not(record, who) if record is not None and may_see(by, record) else NotFound("record")
        if refusal is not None:
            batch.refusals[record_id] = refusal
        elif record is not None:
            batch.records.append(record)
    return batch


def _approve(s: Session, records: Sequence[ServiceRecord], by: Actor, at: datetime) -> dict[UUID, DomainError]:
    """Move each to its next step, or send it on when it was the last; the refusals of those that could not."""
    through = []
    for record in records:
        index, waiting_for = next_step(record.chain, record.step_index + 1)
        if waiting_for is None:
            through.append((record, record.step_index, record.waiting_for))
        record.step_index, record.waiting_for = index, waiting_for
    books = rule_books(s, (record.place_code for record, _, _ in through))
    refusals = finish(s, by.book_id, [record for record, _, _ in through], books, at=at)
    for record, index, waiting_for in through:
        if record.id in refusals:  # it waits where it waited before
            record.step_index, record.waiting_for = index, waiting_for
    return refusals


def withdraw(s: Session, cmd: Withdraw, *, by: Actor, at: datetime) -> Passed:
    """Take one's own record back before it is posted. Raises NotFound, NotTheSubmitter, NotWaiting, KeyReused."""
    with unit_of_work(s):
        if first := claim(s, cmd, "withdraw", by, at):
            return DecisionOutcome.from_json(first).passed[0]
        reason = check_reason(cmd.reason, needed=False)
        record = lock_record(s, by.book_id, cmd.record_id)
        if by.user_id is None or by.user_id != record.submitted_by:
            raise NotTheSubmitter("record") if may_see(by, record) else NotFound("record")
        if record.status not in (WAITING, APPROVED, ON_NOTICE, OBJECTED, RETURNED):
            raise NotWaiting("record", state=STATES[record.status])
        record.status, record.waiting_for, record.post_on = WITHDRAWN, None, None
        s.execute(insert(RecordDecision), [event_row(record, "submission", "withdraw", by, at,
                                                     seal_reasons(s, by.book_id, [record], reason)[0])])
        audit.record(s, by, "records.withdraw", f"record:{record.id}", at=at, why=reason, about=record.household_id)
        s.flush()
        done = Passed(record.id, record.status)
        settle(s, cmd, by, DecisionOutcome((done,), ()).as_json())
        return done
