"""Taking facts in: one by hand, or thousands from a sheet in one unit of work.

    outcome = submit_many(s, SubmitMany(key, rows, import_id=upload), by=actor, at=now)
    outcome.recorded, outcome.already, outcome.problems      # every bad row named, the good ones stored

A rule whose chain is automatic goes on at once: on notice, or posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.crypto import seal_many
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, DomainError
from pointsbank.records.chain import next_step
from pointsbank.records.checking import Known, Row, admit, described, remember
from pointsbank.records.commands import MANY_MOST, RecordFacts, SubmitMany, SubmitRecord
from pointsbank.records.errors import TooMany
from pointsbank.records.finishing import finish
from pointsbank.records.keys import claim, digest, settle
from pointsbank.records.loading import Twins, load_known
from pointsbank.records.models import WAITING, Activity, ServiceRecord
from pointsbank.records.outcomes import Recorded, RowProblem, SubmitOutcome, problem_of
from pointsbank.records.sets import among
from pointsbank.records.words import SOURCES


@dataclass(frozen=True)
class New:
    """A checked deed with the id it will have."""

    index: int
    id: UUID
    facts: RecordFacts
    row: Row


def submit_record(s: Session, cmd: SubmitRecord, *, by: Actor, at: datetime) -> Recorded:
    """Record one deed. An external number that was recorded with the same content gives that record, `already` set.

    Same cmd.key again: the first answer, `replay` set. With other content: KeyReused.
    Raises: NotAllowed, NotFound, NoRuleInForce, BadFact, FutureService, NeedsLateMark, Overlapping, TooLongADay,
    NeedsConsent, SameNumberOtherContent and others of this room.
    """
    with unit_of_work(s):
        require(by, "records.submit")
        if first := claim(s, cmd, "submit", by, at):
            return SubmitOutcome.from_json(first).only(replay=True)
        many = SubmitMany(cmd.key, (cmd.facts,), cmd.source, cmd.source_system, None, same_is_same=False)
        outcome, refusals = _take_in(s, many, by, at)
        if refusals:
            raise refusals[0]
        settle(s, cmd, by, outcome.as_json())
        return outcome.only()


def submit_many(s: Session, cmd: SubmitMany, *, by: Actor, at: datetime) -> SubmitOutcome:
    """Record many deeds; rows that cannot be recorded are named in `problems` and the others go on.

    Same cmd.key again: the first answer, `replay` set. Raises: NotAllowed, KeyReused, TooMany, BadInput.
    """
    if len(cmd.rows) > MANY_MOST:
        raise TooMany("rows", most=MANY_MOST, given=len(cmd.rows))
    with unit_of_work(s):
        require(by, "records.submit")
        if first := claim(s, cmd, "submit_many", by, at):
            return SubmitOutcome.from_json(first)
        outcome, _ = _take_in(s, cmd, by, at)
        settle(s, cmd, by, outcome.as_json())
        return outcome


def rehearse_many(s: Session, cmd: SubmitMany, *, by: Actor, at: datetime) -> SubmitOutcome:
    """What submit_many would say, by the same checks, with nothing stored and nothing locked; any number of rows.

    `recorded` names the rows that would be new; their ids are not those they will have.
    """
    require(by, "records.submit")
    judged = _judge(s, cmd, load_known(s, cmd.rows, by, at, lock=False), by, at)
    return judged.outcome({one.id: WAITING for one in judged.new}, at)


def _take_in(s: Session, cmd: SubmitMany, by: Actor, at: datetime) -> tuple[SubmitOutcome, list[DomainError]]:
    known = load_known(s, cmd.rows, by, at)
    judged = _judge(s, cmd, known, by, at)
    return judged.outcome(_store(s, cmd, judged.new, known, by, at), at), judged.refusals


@dataclass
class Judged:
    """What is new among the rows, what is known already, and why the rest cannot be recorded."""

    new: list[New] = field(default_factory=list)
    already: list[Recorded] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)

    def refuse(self, index: int, refusal: DomainError) -> None:
        self.refusals.append(refusal)
        self.problems.append(problem_of(refusal, index))

    def outcome(self, states: Mapping[UUID, str], at: datetime) -> SubmitOutcome:
        problems = sorted(self.problems, key=lambda problem: problem.index)
        recorded = tuple(Recorded(one.index, one.id, states[one.id], at) for one in self.new)
        return SubmitOutcome(recorded, tuple(self.already), tuple(problems))


def _judge(s: Session, cmd: SubmitMany, known: Known, by: Actor, at: datetime) -> Judged:
    if cmd.source not in SOURCES:
        raise BadInput("source", "没有这种来源。", "There is no such source.")
    judged = Judged()
    told: list[tuple[int, RecordFacts, Row]] = []
    for index, facts in enumerate(cmd.rows):
        try:
            told.append((index, facts, described(facts, known)))
        except DomainError as refusal:
            judged.refuse(index, refusal)
    twins = Twins(s, by.book_id, cmd.source_system or cmd.source, ((facts, row) for _, facts, row in told),
                  cmd.same_is_same)
    for index, facts, row in told:
        try:
            if before := twins.before(index, facts, row):
                judged.already.append(Recorded(index, before.id, before.status, before.submitted_at, already=True))
                continue
            admit(row, facts, known)
            new = New(index, new_id(), facts, row)
            remember(row, new.id, known)
            judged.new.append(new)
        except DomainError as refusal:
            judged.refuse(index, refusal)
    return judged


def _store(s: Session, cmd: SubmitMany, new: Sequence[New], known: Known, by: Actor, at: datetime) -> dict[UUID, str]:
    """Insert the new deeds and send on those whose chain is automatic; the state of each."""
    if not new:
        return {}
    book = by.book_id
    activities = activity_ids(s, book, new)
    sealed = seal_many(s, book, [(one.row.person_id or one.row.household_id, texts_of(one.facts)) for one in new],
                       "service_record")
    rows = []
    for one, texts in zip(new, sealed, strict=True):
        index, waiting_for = next_step(one.row.chain)
        numbered = one.facts.external_no is not None
        rows.append({
            **vars(one.row), "book_id": book, "id": one.id, "source": cmd.source,
            "source_system": (cmd.source_system or cmd.source) if numbered else cmd.source_system,
            "external_no": one.facts.external_no, "activity_id": activities.get(one.id),
            "import_id": cmd.import_id, "sealed": texts, "status": WAITING, "step_index": index,
            "waiting_for": waiting_for, "round": 1, "revision": 1, "submitted_by": by.user_id,
            "submitted_person": by.person_id, "submitted_at": at, "notice_from": None, "notice_until": None,
            "post_on": None, "transaction_id": None})
    s.execute(insert(ServiceRecord), rows)
    states = dict.fromkeys((one.id for one in new), WAITING)
    if through := [row["id"] for row in rows if row["waiting_for"] is None]:
        records = list(s.scalars(select(ServiceRecord).where(ServiceRecord.book_id == book,
                                                             among(s, ServiceRecord.id, through))))
        refusals = finish(s, book, records, known.books, at=at)
        if refusals:  # nothing was decided by anybody yet: the whole submission is refused
            raise next(iter(refusals.values()))
        states |= {record.id: record.status for record in records}
    what = f"record:{new[0].id}" if len(cmd.rows) == 1 else f"batch:{cmd.key}"
    audit.record(s, by, "records.submit", what, at=at, recorded=len(new), given=len(cmd.rows), source=cmd.source)
    return states


def texts_of(facts: RecordFacts) -> dict[str, str] | None:
    """The free texts of a deed, as they are sealed for its person or household; None when there are none."""
    texts = {"note": facts.note, "evidence": facts.evidence, "cause": facts.cause or "", "late": facts.late_reason}
    given = {name: text.strip() for name, text in texts.items() if text.strip()}
    return given or None


def activity_ids(s: Session, book_id: int, new: Sequence[New]) -> dict[UUID, UUID]:
    """Record id -> its activity, made where a title comes up for the first time on that day in that place."""
    titles: dict[tuple[str, date, str], tuple[str, New]] = {}
    keys: dict[UUID, tuple[str, date, str]] = {}
    for one in new:
        if one.facts.activity is not None:
            title = " ".join(one.facts.activity.title.split())
            key = (one.row.place_code, one.row.service_on, digest("activity", title))
            keys[one.id] = key
            titles.setdefault(key, (title, one))
    if not titles:
        return {}
    known = _known_activities(s, book_id, titles)
    fresh = [(key, new_id()) for key in titles if key not in known]
    sealed = seal_many(s, book_id, [(made, {"title": titles[key][0]}) for key, made in fresh], "activity")
    rows = []
    for (key, made), text in zip(fresh, sealed, strict=True):
        about = titles[key][1].facts.activity
        rows.append({"book_id": book_id, "id": made, "place_code": key[0], "held_on": key[1], "title_hash": key[2],
                     "sealed": text, "started": about.started if about else None,
                     "minutes": about.minutes if about else None})
    if rows:
        dialect = sqlite if s.get_bind().dialect.name == "sqlite" else postgresql
        s.execute(dialect.insert(Activity).on_conflict_do_nothing(), rows)
        known = _known_activities(s, book_id, titles)
    return {record_id: known[key] for record_id, key in keys.items()}


def _known_activities(s: Session, book_id: int,
                      titles: Iterable[tuple[str, date, str]]) -> dict[tuple[str, date, str], UUID]:
    rows = s.execute(select(Activity.place_code, Activity.held_on, Activity.title_hash, Activity.id)
                     .where(Activity.book_id == book_id, among(s, Activity.title_hash, {key[2] for key in titles})))
    return {(row[0], row[1], row[2]): row[3] for row in rows}
