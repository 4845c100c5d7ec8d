"""Taking a posted record back: minutes, points and score in one transaction, siblings get back what a cap had cut.

    void_record(s, VoidRecord(key, record_id, "虚报"), by=committee_member, at=now)

A reversal reads the posted entry, never today's rule: a rule retired since does not matter. Points already spent are
clawed back below zero. Where the record had filled a cap, the deeds that were cut there regain under the version of
then, as 'regained' transactions that name the cause. A correction never makes a deduction larger, so cut deductions do
not "regain". Nothing is deleted: the awards stand with the reversal beside them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts, audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.records.chain import decider, why_aside
from pointsbank.records.commands import VoidRecord
from pointsbank.records.deciding import check_reason, lock_record, seal_reasons
from pointsbank.records.errors import DecidedBefore, NotWaiting, OwnSubmission
from pointsbank.records.facts import fact_of, load_usage
from pointsbank.records.finishing import event_row
from pointsbank.records.keys import claim, settle
from pointsbank.records.models import POSTED, VOIDED, Award, RecordDecision, ServiceRecord
from pointsbank.records.policy import policies
from pointsbank.records.posting import SCOPE, award_row, member_accounts, regain_entry
from pointsbank.records.sets import among
from pointsbank.records.words import STATES
from pointsbank.schedule import RuleBook, Standing, Used, affected_by, regain, rule_book, usage_needed


@dataclass(frozen=True)
class Voided:
    """What a correction did: the reversals, and the records that regained."""

    record_id: UUID
    reversals: tuple[UUID, ...]
    regained: tuple[UUID, ...]
    replay: bool = False


def void_record(s: Session, cmd: VoidRecord, *, by: Actor, at: datetime) -> Voided:
    """Reverse a posted record. Same cmd.key again: the first answer, `replay` set.

    Raises: NotAllowed, NotFound, NotWaiting (when it is not posted), OwnHousehold, RelativesHousehold, NeedsReason,
    KeyReused.
    """
    with unit_of_work(s):
        if first := claim(s, cmd, "void", by, at):
            return _from_json(first)
        reason = check_reason(cmd.reason)
        record = lock_record(s, by.book_id, cmd.record_id)
        require_seen(by, "records.void", at_place=record.place_code, what="record")
        refusal = why_aside(record, decider(s, by))
        # Whoever made or approved a mistake may put it right; only who would gain or lose by it steps aside.
        if refusal is not None and not isinstance(refusal, OwnSubmission | DecidedBefore):
            raise refusal
        done = take_back(s, record, reason, by=by, at=at)
        settle(s, cmd, by, {"record": record.id.hex, "reversals": [one.hex for one in done.reversals],
                            "regained": [one.hex for one in done.regained]})
        return done


def take_back(s: Session, record: ServiceRecord, reason: str, *, by: Actor, at: datetime) -> Voided:
    """The work of void_record, for a record whose row is locked. Raises NotWaiting when it is not posted."""
    if record.status != POSTED:
        raise NotWaiting("record", state=STATES[record.status])
    book = rule_book(s, record.place_code)
    _lock(s, record)
    reversals = _reverse(s, record, by, at)
    record.status, record.notice_from, record.notice_until = VOIDED, None, None
    s.execute(insert(RecordDecision), [event_row(record, "correction", "void", by, at,
                                                 seal_reasons(s, record.book_id, [record], reason)[0])])
    s.flush()
    regained = _give_siblings(s, record, book, at)
    audit.record(s, by, "records.void", f"record:{record.id}", at=at, why=reason, about=record.household_id,
                 reversals=len(reversals), regained=len(regained))
    s.flush()
    return Voided(record.id, tuple(reversals), tuple(regained))


def _lock(s: Session, record: ServiceRecord) -> None:
    """The member accounts of the record and of every household whose awards may change with it."""
    wanted = dict.fromkeys(member_accounts([record]))
    if record.person_id is not None:  # caps per person follow a person who has changed household
        moved = s.execute(select(ServiceRecord.household_id, ServiceRecord.place_code).distinct().where(
            ServiceRecord.book_id == record.book_id, ServiceRecord.person_id == record.person_id))
        for household_id, place_code in moved:
            if household_id != record.household_id:
                wanted |= dict.fromkeys((accounts.wallet(household_id, place_code), accounts.score(household_id)))
    ledger.lock_members(s.connection(), record.book_id, list(wanted))


def _reverse(s: Session, record: ServiceRecord, by: Actor, at: datetime) -> list[UUID]:
    """Reverse every standing award of the record, regains included."""
    awards = s.scalars(select(Award).where(Award.book_id == record.book_id, Award.record_id == record.id,
                                           Award.reversed_at.is_(None)).order_by(Award.id)
                       .execution_options(populate_existing=True)).all()
    made = []
    for award in awards:
        award.reversed_at = at
        if award.transaction_id is None:
            continue
        outcome = ledger.reverse(
            s.connection(), record.book_id, award.transaction_id, scope=SCOPE, key=f"void:{award.id}",
            recorded_at=at, effective_on=to_day(at), claw_back=True, meta={"record": record.id, "by": by.user_id})
        award.reversal_id = outcome.transaction_id
        if outcome.transaction_id is not None:
            made.append(outcome.transaction_id)
    s.flush()
    return made


def _give_siblings(s: Session, record: ServiceRecord, book: RuleBook, at: datetime) -> list[UUID]:
    """Post what the deeds cut by the same limits regain; the ids of their records."""
    siblings = _cut_siblings(s, record, book)
    standing = [one for one, _ in siblings]
    usage = load_usage(s, record.book_id, usage_needed(book, [one.fact for one in standing]))
    by_fact = {id(one): sibling for one, sibling in siblings}
    gains = [(by_fact[id(one)], worth) for one, worth in regain(book, standing, usage)]
    if not gains:
        return []
    rules = policies(s, {sibling.place_code for sibling, _ in gains})
    outcomes = ledger.post(
        s.connection(), record.book_id, [regain_entry(sibling, worth, rules[sibling.place_code], record, to_day(at))
                                         for sibling, worth in gains], recorded_at=at)
    s.execute(insert(Award), [award_row(sibling, worth, outcome.transaction_id, at, cause=record.id)
                              for (sibling, worth), outcome in zip(gains, outcomes, strict=True)])
    return [sibling.id for sibling, _ in gains]


def _cut_siblings(s: Session, record: ServiceRecord, book: RuleBook) -> list[tuple[Standing, ServiceRecord]]:
    """Posted earning records that a limit cut in a bucket this record counted in, in the order of posting."""
    affected = affected_by(book, fact_of(record))
    if not affected:
        return []
    places = [one.bucket for one in affected]
    who = [Award.household_id == record.household_id]
    if record.person_id is not None:
        who.append(Award.person_id == record.person_id)
    awards = s.scalars(select(Award).where(
        Award.book_id == record.book_id, Award.reversed_at.is_(None), or_(*who),
        Award.rule_code.in_({one.rule for one in affected}), Award.record_id != record.id,
        Award.service_on >= min(place.start for place in places),
        Award.service_on <= max(place.end for place in places)).order_by(Award.id)).all()
    by_record: dict[UUID, list[Award]] = defaultdict(list)
    for award in awards:
        if any(one.rule == award.rule_code and one.bucket.start <= award.service_on <= one.bucket.end
               and one.bucket.who == (award.household_id if one.bucket.subject == "household" else award.person_id)
               and one.bucket.cause in (None, award.cause_key) for one in affected):
            by_record[award.record_id].append(award)
    cut = {key: some for key, some in by_record.items() if some[0].capped_off > 0 and some[0].kind != "deducted"}
    records = {one.id: one for one in s.scalars(select(ServiceRecord).where(
        ServiceRecord.book_id == record.book_id, among(s, ServiceRecord.id, cut)))} if cut else {}
    return [(Standing(fact_of(records[key]), Used(sum(award.points for award in some),
                                                  sum(award.times for award in some))), records[key])
            for key, some in cut.items()]


def _from_json(body: dict[str, object]) -> Voided:
    def ids(name: str) -> tuple[UUID, ...]:
        listed = body[name]
        assert isinstance(listed, list)
        return tuple(UUID(hex=one) for one in listed)

    return Voided(UUID(hex=str(body["record"])), ids("reversals"), ids("regained"), replay=True)
