"""Posting approved records: one ledger transaction each, thousands in one call.

A transaction of kind 'earned' moves minutes to the person, points and score to the household; 'deducted' takes points
(below zero if need be) and score. Minutes count whole even where a cap cuts the points. What a cap leaves nothing of
has no transaction: its award of 0 stands with its explanation, and may regain later.

Effective on the day of the deed; idempotent by record and revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

import ledger
from ledger import Account, Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.database import new_id
from pointsbank.errors import DomainError
from pointsbank.records.facts import in_order, valuations
from pointsbank.records.models import POSTED, Award, ServiceRecord
from pointsbank.records.policy import Policy, policies
from pointsbank.schedule import RuleBook, Valuation

SCOPE = "record"


def member_accounts(records: Iterable[ServiceRecord]) -> list[Account]:
    """Every member account the records' parties hold: locked before any cap is read."""
    wanted: dict[Account, None] = {}
    for record in records:
        wanted[accounts.wallet(record.household_id, record.place_code)] = None
        wanted[accounts.score(record.household_id)] = None
        if record.person_id is not None:
            wanted[accounts.hours(record.person_id)] = None
    return list(wanted)


def post_records(s: Session, book_id: int, records: Sequence[ServiceRecord], *, at: datetime,
                 books: dict[str, RuleBook] | None = None) -> dict[UUID, DomainError]:
    """Value and post records inside the caller's unit of work; their rows are locked already.

    Returns the refusals by record; the others are POSTED with an award each. A constant number of statements.
    """
    if not records:
        return {}
    s.flush()
    connection = s.connection()
    ledger.lock_members(connection, book_id, member_accounts(records))
    ordered = in_order(records)
    worth = valuations(s, book_id, ordered, books)
    rules = policies(s, (record.place_code for record in ordered))
    entries: list[tuple[ServiceRecord, Entry]] = []
    for record in ordered:
        if moves := transfers(record, worth[record.id], rules[record.place_code]):
            entries.append((record, _entry(record, worth[record.id], moves)))
    outcomes = ledger.post(connection, book_id, [entry for _, entry in entries], recorded_at=at, each=True)
    refusals = {record.id: outcome.refusal for (record, _), outcome in zip(entries, outcomes, strict=True)
                if outcome.refusal is not None}
    made = {record.id: outcome.transaction_id for (record, _), outcome in zip(entries, outcomes, strict=True)}
    awards = []
    for record in ordered:
        if record.id in refusals:
            continue
        record.status, record.waiting_for, record.post_on = POSTED, None, None
        record.transaction_id = made.get(record.id)
        awards.append(award_row(record, worth[record.id], made.get(record.id), at))
    if awards:
        s.execute(insert(Award), awards)
    s.flush()
    return refusals


def transfers(record: ServiceRecord, worth: Valuation, policy: Policy) -> tuple[Transfer, ...]:
    """What the valuation moves; empty when nothing is left of it."""
    wallet = accounts.wallet(record.household_id, record.place_code)
    score = accounts.score(record.household_id)
    moves = []
    if worth.minutes and record.person_id is not None:
        moves.append(Transfer(accounts.served(record.place_code), accounts.hours(record.person_id), worth.minutes))
    if worth.points > 0:
        due_on = policy.due_on(record.service_on)
        moves.append(Transfer(accounts.budget(record.place_code), wallet, worth.points, due_on))
    elif worth.points < 0:
        moves.append(Transfer(wallet, accounts.penalty(record.place_code), -worth.points))
    if worth.score > 0:
        moves.append(Transfer(accounts.scored(record.place_code), score, worth.score))
    elif worth.score < 0:
        moves.append(Transfer(score, accounts.scored(record.place_code), -worth.score))
    return tuple(moves)


def _entry(record: ServiceRecord, worth: Valuation, moves: tuple[Transfer, ...]) -> Entry:
    deducted = worth.full < 0
    return Entry(SCOPE, f"{record.id}:{record.revision}", "deducted" if deducted else "earned", record.service_on,
                 moves, party=Party(record.household_id, record.person_id), rule=record.rule_code,
                 place=record.place_code, meta={"record": record.id, "version": worth.version},
                 may_go_below=deducted)


def regain_entry(record: ServiceRecord, worth: Valuation, policy: Policy, cause: ServiceRecord,
                 today: date) -> Entry:
    """What a sibling gets back when `cause` is reversed: effective on the day of the correction, naming the cause."""
    return Entry(SCOPE, f"{record.id}:{record.revision}:regain:{cause.id}:{cause.revision}", "regained", today,
                 transfers(record, worth, policy), party=Party(record.household_id, record.person_id),
                 rule=record.rule_code, place=record.place_code,
                 meta={"record": record.id, "cause": cause.id, "version": worth.version})


def award_row(record: ServiceRecord, worth: Valuation, transaction_id: UUID | None, at: datetime,
              cause: UUID | None = None) -> dict[str, object]:
    """The row of `award` for one valuation."""
    kind = "regained" if cause else "deducted" if worth.full < 0 else "earned"
    return {"book_id": record.book_id, "id": new_id(), "record_id": record.id, "revision": record.revision,
            "kind": kind, "rule_code": record.rule_code, "rule_version": worth.version,
            "household_id": record.household_id, "person_id": record.person_id, "service_on": record.service_on,
            "cause_key": record.cause_key, "points": worth.points, "score": worth.score, "minutes": worth.minutes,
            "times": worth.times, "capped_off": worth.capped_off, "steps": [step.as_json() for step in worth.steps],
            "transaction_id": transaction_id, "cause_record_id": cause, "at": at, "reversed_at": None,
            "reversal_id": None}
