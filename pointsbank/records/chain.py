"""What leads where: the steps of a record's chain, and who may decide the step it waits for.

    submitted → each step of the rule's chain → (notice) → posted
                        ↘ returned → submitted again     ↘ objected → on notice again, or rejected
                        ↘ rejected · withdrawn             posted → voided → (next revision)

Maker and checker are never one: the one who submitted, the household concerned and its relatives never decide, and
nobody decides two steps of one record. The page shows the same refusal that the service raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.errors import DomainError
from pointsbank.people import Kinship, Person, relatives_of
from pointsbank.records.errors import (
    DecidedBefore,
    NeedsAPerson,
    NotWaiting,
    NotYourStep,
    OwnHousehold,
    OwnSubmission,
    RelativesHousehold,
)
from pointsbank.records.models import APPROVED, ON_NOTICE, POSTED, WAITING, RecordDecision, ServiceRecord
from pointsbank.records.sets import among
from pointsbank.records.words import STATES, STEPS
from pointsbank.schedule import RuleVersion

AUTO = "auto"
OF_STEPS = ("approve", "return", "reject", "uphold", "dismiss")  # decisions that make a person a decider


@dataclass(frozen=True)
class Decider:
    """Someone who may decide: their household, the ones they must step aside from, what they have decided already."""

    by: Actor
    household_id: UUID | None
    relatives: frozenset[UUID]
    decided: frozenset[tuple[UUID, int]] = frozenset()  # (record, round)


def steps_of(chain: str) -> list[str]:
    return [step for step in chain.split(",") if step]


def power_of(step: str) -> str:
    return f"records.{step}"


def decider(s: Session, by: Actor, record_ids: Iterable[UUID] = ()) -> Decider:
    """Who the actor is to the records. Four statements, whatever the number of records."""
    own = by.household_id
    if own is None and by.person_id is not None:
        own = s.scalar(select(Person.household_id).where(Person.book_id == by.book_id, Person.id == by.person_id))
    related = relatives_of(s, by.book_id, by.person_id)
    if own is not None:  # a kinship holds both ways, whoever declared it
        related |= set(s.scalars(
            select(Person.household_id).join(Kinship, (Kinship.book_id == Person.book_id)
                                             & (Kinship.person_id == Person.id))
            .where(Kinship.book_id == by.book_id, Kinship.household_id == own)))
    wanted = list(record_ids)
    decided: frozenset[tuple[UUID, int]] = frozenset()
    mine = [column == value for column, value in ((RecordDecision.user_id, by.user_id),
                                                  (RecordDecision.person_id, by.person_id)) if value is not None]
    if wanted and mine:
        rows = s.execute(select(RecordDecision.record_id, RecordDecision.round).where(
            RecordDecision.book_id == by.book_id, among(s, RecordDecision.record_id, wanted), or_(*mine),
            RecordDecision.decision.in_(OF_STEPS)))
        decided = frozenset((row[0], row[1]) for row in rows)
    return Decider(by, own, frozenset(related), decided)


def may_see(by: Actor, record: ServiceRecord) -> bool:
    """Staff of the record's place, and its own household. Pure."""
    return can(by, "records.view", record.place_code) or (by.household_id is not None
                                                          and by.household_id == record.household_id)


def why_not(record: ServiceRecord, who: Decider) -> DomainError | None:
    """Why this person may not decide the step the record waits for; None when they may. Pure."""
    if record.status != WAITING or record.waiting_for is None:
        return NotWaiting("record", state=STATES[record.status])
    if who.by.user_id is None:
        return NeedsAPerson()
    if not can(who.by, power_of(record.waiting_for), record.place_code):
        return NotYourStep(None, step=STEPS[record.waiting_for])
    return why_aside(record, who)


def why_aside(record: ServiceRecord, who: Decider) -> DomainError | None:
    """Why this person must step aside from the record, whatever powers they hold. Pure."""
    same_user = who.by.user_id is not None and who.by.user_id == record.submitted_by
    same_person = who.by.person_id is not None and who.by.person_id == record.submitted_person
    if same_user or same_person:
        return OwnSubmission()
    if who.household_id == record.household_id or (record.person_id and record.person_id == who.by.person_id):
        return OwnHousehold()
    if record.household_id in who.relatives:
        return RelativesHousehold()
    if (record.id, record.round) in who.decided:
        return DecidedBefore()
    return None


def is_aside(who: Decider) -> ColumnElement[int]:
    """1 for a waiting record that why_aside would refuse (or that only a person could decide), else 0: for counting."""
    by = who.by
    if by.user_id is None:
        return case((ServiceRecord.id.is_not(None), 1), else_=0)
    hands = [ServiceRecord.submitted_by == by.user_id]
    decided = [RecordDecision.user_id == by.user_id]
    if by.person_id is not None:
        hands += [ServiceRecord.submitted_person == by.person_id, ServiceRecord.person_id == by.person_id]
        decided.append(RecordDecision.person_id == by.person_id)
    homes = who.relatives | ({who.household_id} if who.household_id else set())
    if homes:
        hands.append(ServiceRecord.household_id.in_(sorted(homes)))
    before = exists().where(and_(
        RecordDecision.book_id == ServiceRecord.book_id, RecordDecision.record_id == ServiceRecord.id,
        RecordDecision.round == ServiceRecord.round, RecordDecision.decision.in_(OF_STEPS), or_(*decided)))
    return case((or_(*hands, before), 1), else_=0)


def next_step(chain: str, passed: int = 0) -> tuple[int, str | None]:
    """Index and name of the first step from `passed` on that a person decides; no name at the end of the chain."""
    steps, index = steps_of(chain), passed
    while index < len(steps) and steps[index] == AUTO:
        index += 1
    return index, steps[index] if index < len(steps) else None


def after_chain(record: ServiceRecord, rule: RuleVersion, today: date) -> str:
    """What comes when every step has passed: APPROVED (until the year ends), ON_NOTICE or POSTED."""
    if rule.posting_mode == "year_end" and today < date(record.service_on.year, 12, 31):
        return APPROVED
    if rule.notice_days and rule.posting_mode != "before_notice":
        return ON_NOTICE
    return POSTED


def put_on_notice(record: ServiceRecord, days: int, today: date) -> None:
    """The day it starts does not count; the job goes on the day after the last one."""
    record.status, record.waiting_for = ON_NOTICE, None
    record.notice_from, record.notice_until = today, today + timedelta(days=days)
    record.post_on = record.notice_until + timedelta(days=1)
