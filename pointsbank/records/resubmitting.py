"""A returned record put right, or a voided one told anew: the same record goes through its chain again.

A reversal cannot itself be reversed, so a fact that was voided by mistake is posted as its next revision.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.crypto import seal_many
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.records.chain import next_step
from pointsbank.records.checking import admit, described
from pointsbank.records.commands import ResubmitRecord
from pointsbank.records.deciding import lock_record
from pointsbank.records.errors import NotTheSubmitter, NotWaiting
from pointsbank.records.finishing import event_row, finish
from pointsbank.records.keys import claim, settle
from pointsbank.records.loading import load_known
from pointsbank.records.models import RETURNED, VOIDED, WAITING, RecordDecision, ServiceRecord
from pointsbank.records.outcomes import Recorded, SubmitOutcome
from pointsbank.records.submitting import New, activity_ids, texts_of
from pointsbank.records.words import STATES


def resubmit_record(s: Session, cmd: ResubmitRecord, *, by: Actor, at: datetime) -> Recorded:
    """Submit a returned (by its submitter) or voided record again. Same cmd.key again: the first answer.

    Raises: NotAllowed, NotFound, NotWaiting, NotTheSubmitter, BadInput (another household) and what submit_record
    raises.
    """
    with unit_of_work(s):
        if first := claim(s, cmd, "resubmit", by, at):
            return SubmitOutcome.from_json(first).only(replay=True)
        record = lock_record(s, by.book_id, cmd.record_id)
        require_seen(by, "records.submit", at_place=record.place_code, what="record")
        if record.status not in (RETURNED, VOIDED):
            raise NotWaiting("record", state=STATES[record.status])
        if record.status == RETURNED and by.user_id != record.submitted_by:
            raise NotTheSubmitter("record")
        if cmd.facts.household_id != record.household_id:
            raise BadInput("household", "换了户,请撤回这一条,另报一条。",
                           "For another household, withdraw this record and submit a new one.")
        known = load_known(s, [cmd.facts], by, at, leave_out=record.id)
        row = described(cmd.facts, known)
        admit(row, cmd.facts, known)
        if record.status == VOIDED:
            record.revision += 1
        for name, value in vars(row).items():
            setattr(record, name, value)
        record.activity_id = activity_ids(s, by.book_id, [New(0, record.id, cmd.facts, row)]).get(record.id)
        record.sealed = seal_many(s, by.book_id, [(row.person_id or row.household_id, texts_of(cmd.facts))],
                                  "service_record")[0]
        _restart(record, by, at)
        s.execute(insert(RecordDecision), [event_row(record, "submission", "resubmit", by, at)])
        s.flush()
        if record.waiting_for is None:
            for refusal in finish(s, by.book_id, [record], known.books, at=at).values():
                raise refusal
        audit.record(s, by, "records.resubmit", f"record:{record.id}", at=at, revision=record.revision)
        done = Recorded(0, record.id, record.status, at)
        settle(s, cmd, by, SubmitOutcome((done,), (), ()).as_json())
        return done


def _restart(record: ServiceRecord, by: Actor, at: datetime) -> None:
    record.round += 1
    record.status, record.transaction_id = WAITING, None
    record.notice_from = record.notice_until = record.post_on = None
    record.step_index, record.waiting_for = next_step(record.chain)
    record.submitted_by, record.submitted_person, record.submitted_at = by.user_id, by.person_id, at
