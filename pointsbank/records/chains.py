"""One record with its whole story: the fact, who decided what, what was awarded step by step, what took it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, AppUser, can
from pointsbank.crypto import open_many
from pointsbank.errors import DomainError, NotFound
from pointsbank.people import person_cards
from pointsbank.records.chain import decider, may_see, steps_of, why_aside, why_not
from pointsbank.records.facts import valuations
from pointsbank.records.models import (
    APPROVED,
    DEAD,
    OBJECTED,
    ON_NOTICE,
    POSTED,
    RETURNED,
    WAITING,
    Award,
    Objection,
    RecordDecision,
    ServiceRecord,
)
from pointsbank.records.queries import RecordRow, rows_of
from pointsbank.records.sets import among
from pointsbank.schedule import Step, explain, explain_step, rule_book
from pointsbank.schedule.explaining import LIMITS


class Texts(NamedTuple):
    note: str
    evidence: str
    cause: str
    late_reason: str


class Event(NamedTuple):
    """One thing somebody did; `who` is a name, a login, or empty for the system."""

    step: str
    decision: str
    who: str
    reason: str
    at: datetime
    round: int


class AwardView(NamedTuple):
    kind: str
    revision: int
    points: int
    score: int
    minutes: int
    explanation: list[str]
    version: int
    transaction_id: UUID | None
    reversed_at: datetime | None
    reversal_id: UUID | None
    cause_record_id: UUID | None
    at: datetime


class ObjectionView(NamedTuple):
    id: UUID
    text: str
    raised_at: datetime
    answer_by: date
    outcome: str
    answer: str
    resolved_at: datetime | None


class Story(NamedTuple):
    """`expected` is what it would be worth if it were posted now; `locked` why this person may not decide."""

    row: RecordRow
    texts: Texts
    rule_evidence: str
    rule_version: int
    chain: list[str]
    step_index: int
    submitted_by: str
    events: list[Event]
    awards: list[AwardView]
    objections: list[ObjectionView]
    expected: list[str]
    expected_points: int | None
    locked: DomainError | None
    may: frozenset[str]


def story(s: Session, by: Actor, record_id: UUID, lang: str = "zh") -> Story:
    """The record as the actor may see it: staff of the place, or its own household. Raises NotFound."""
    record = s.get(ServiceRecord, (by.book_id, record_id))
    if record is None or not may_see(by, record):
        raise NotFound("record")
    rule = rule_book(s, record.place_code).pick(record.rule_code, record.service_on, record.rule_version)
    said = open_many(s, by.book_id, [(record.person_id or record.household_id, record.sealed)],
                     "service_record")[0] or {}
    decisions = s.scalars(select(RecordDecision).where(RecordDecision.book_id == by.book_id,
                                                       RecordDecision.record_id == record.id)
                          .order_by(RecordDecision.at, RecordDecision.id)).all()
    awards = s.scalars(select(Award).where(Award.book_id == by.book_id, Award.record_id == record.id)
                       .order_by(Award.id)).all()
    names = _names(s, by.book_id, [(record.submitted_by, record.submitted_person),
                                   *((one.user_id, one.person_id) for one in decisions)])
    worth = valuations(s, by.book_id, [record])[record.id] if record.status in (
        WAITING, RETURNED, ON_NOTICE, OBJECTED, APPROVED) else None
    who = decider(s, by, [record.id])
    objections = _objections(s, by.book_id, record)
    return Story(
        rows_of(s, by.book_id, [record])[0],
        Texts(said.get("note", ""), said.get("evidence", ""), said.get("cause", ""), said.get("late", "")),
        rule.evidence, record.rule_version, steps_of(record.chain), record.step_index,
        names[(record.submitted_by, record.submitted_person)], _events(s, record, decisions, names),
        [_award(one, lang) for one in awards], objections, explain(worth, lang) if worth else [],
        worth.points if worth else None, why_not(record, who) if record.status == WAITING else None,
        _may(record, by, why_not(record, who), why_aside(record, who), objections))


def _may(record: ServiceRecord, by: Actor, refusal: DomainError | None, aside: DomainError | None,
         objections: Sequence[ObjectionView]) -> frozenset[str]:
    """What the page offers this person; the services judge again."""
    found = set()
    if refusal is None:
        found.add("decide")
    own = by.user_id is not None and by.user_id == record.submitted_by
    if own and record.status not in (*DEAD, POSTED):
        found.add("withdraw")
    if (own and record.status == RETURNED) or (record.status == "voided" and can(by, "records.submit",
                                                                                 record.place_code)):
        found.add("resubmit")
    is_open = any(one.outcome == "open" for one in objections)
    if record.status in (ON_NOTICE, POSTED) and by.user_id is not None and not is_open:
        found.add("object")
    if is_open and aside is None and can(by, "records.object", record.place_code):
        found.add("resolve")
    concerned = aside is not None and aside.code in ("own_household", "relatives_household")
    if record.status == POSTED and can(by, "records.void", record.place_code) and not concerned:
        found.add("void")
    return frozenset(found)


Who = tuple[UUID | None, UUID | None]


def _names(s: Session, book_id: int, pairs: Iterable[Who]) -> dict[Who, str]:
    """Who each was: the person's name, else the sign-in, else nobody. Three statements."""
    wanted = set(pairs)
    people = person_cards(s, book_id, (person for _, person in wanted if person))
    logins = {row[0]: row[1] for row in s.execute(select(AppUser.id, AppUser.login).where(
        AppUser.book_id == book_id, among(s, AppUser.id, (user for user, _ in wanted if user))))}
    return {pair: people[pair[1]].name if pair[1] in people else logins.get(pair[0], "") if pair[0] else ""
            for pair in wanted}


def _events(s: Session, record: ServiceRecord, decisions: Sequence[RecordDecision],
            names: dict[Who, str]) -> list[Event]:
    reasons = open_many(s, record.book_id, [(record.household_id, one.reason) for one in decisions],
                        "record_decision")
    # A notice starts because the last step passed: told after it, though both carry the same moment.
    told = sorted(zip(decisions, reasons, strict=True), key=lambda pair: (pair[0].at, pair[0].decision == "start"))
    return [Event(one.step, one.decision, names[(one.user_id, one.person_id)], (said or {}).get("reason", ""), one.at,
                  one.round) for one, said in told]


def _award(one: Award, lang: str) -> AwardView:
    return AwardView(one.kind, one.revision, one.points, one.score, one.minutes, told_steps(one.steps, lang),
                     one.rule_version, one.transaction_id, one.reversed_at, one.reversal_id, one.cause_record_id,
                     one.at)


def told_steps(steps: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    """Stored steps as sentences; limits that did not cut are left out, as in `explain`."""
    typed = [Step.from_json(step) for step in steps]
    return [explain_step(step, lang) for step in typed if step.capped_off or step.kind not in LIMITS]


def _objections(s: Session, book_id: int, record: ServiceRecord) -> list[ObjectionView]:
    rows = s.scalars(select(Objection).where(Objection.book_id == book_id, Objection.record_id == record.id)
                     .order_by(Objection.raised_at)).all()
    texts = open_many(s, book_id, [(record.household_id, row.sealed) for row in rows], "objection")
    answers = open_many(s, book_id, [(record.household_id, row.answer) for row in rows], "objection_answer")
    return [ObjectionView(row.id, (text or {}).get("text", ""), row.raised_at, row.answer_by, row.outcome,
                          (answer or {}).get("text", ""), row.resolved_at)
            for row, text, answer in zip(rows, texts, answers, strict=True)]
