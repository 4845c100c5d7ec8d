"""What waits for me: records grouped by activity, each with its evidence, its figure and how the figure comes about.

The preview is computed by the very functions that post. What the person must step aside from is shown, locked, with
the reason. Groups are named by a key that fits into an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from pointsbank.access import Actor, can
from pointsbank.crypto import open_many
from pointsbank.errors import DomainError, NotFound
from pointsbank.records.chain import OF_STEPS, Decider, decider, is_aside, power_of, why_not
from pointsbank.records.facts import in_order, rule_books, valuations
from pointsbank.records.models import WAITING, RecordDecision, ServiceRecord
from pointsbank.records.queries import RecordRow, activity_titles, below, rows_of
from pointsbank.records.words import STEPS
from pointsbank.schedule import RuleBook, Valuation, explain

GROUPS_MOST = 100
PREVIEW_MOST = 2_000  # records of one group that are valued for its total


class GroupKey(NamedTuple):
    """One activity, or one upload, or just one rule; and the step they wait for."""

    activity_id: UUID | None
    import_id: UUID | None
    rule: str
    step: str

    def text(self) -> str:
        parts = (self.activity_id.hex if self.activity_id else "", self.import_id.hex if self.import_id else "")
        return ".".join((*parts, self.rule, self.step))

    @classmethod
    def parse(cls, text: str) -> GroupKey:
        """Raises NotFound for anything that text() does not write."""
        try:
            activity, upload, rule, step = text.split(".")
            return cls(UUID(hex=activity) if activity else None, UUID(hex=upload) if upload else None, rule, step)
        except ValueError:
            raise NotFound("group") from None

    def whatever_step(self) -> list[ColumnElement[bool]]:
        """Of the activity, upload and rule, wherever the records stand."""
        return [ServiceRecord.activity_id == self.activity_id if self.activity_id else
                ServiceRecord.activity_id.is_(None),
                ServiceRecord.import_id == self.import_id if self.import_id else ServiceRecord.import_id.is_(None),
                ServiceRecord.rule_code == self.rule]

    def conditions(self) -> list[ColumnElement[bool]]:
        return [*self.whatever_step(), ServiceRecord.waiting_for == self.step]


@dataclass(frozen=True)
class Group:
    """A heap of records that wait together. `upto`: what came later than this is not in the heap one has seen."""

    key: str
    title: str
    rule: str
    item: str
    evidence: str
    step: str
    count: int
    minutes: int
    first_day: date
    last_day: date
    upto: datetime
    locked: int = 0  # of these, not the person's to decide
    import_id: UUID | None = None

    @property
    def free(self) -> int:
        """How many this person can pass."""
        return self.count - self.locked


@dataclass(frozen=True)
class Upload:
    """All that waits of one import, whatever the activity and the rule."""

    import_id: UUID
    count: int
    locked: int
    first_day: date
    upto: datetime

    @property
    def free(self) -> int:
        return self.count - self.locked


class Waiting(NamedTuple):
    """One record that waits, as its decider sees it."""

    row: RecordRow
    points: int
    explanation: list[str]
    evidence: str
    note: str
    cause: str
    late_reason: str
    locked: DomainError | None


class Heap(NamedTuple):
    """A group with a page of its records and what those of it are worth that the person can pass (None: too many to
    say in a moment)."""

    group: Group
    records: list[Waiting]
    points: int | None
    next_key: UUID | None


def my_steps(by: Actor, place_code: str) -> list[str]:
    return [step for step in STEPS if can(by, power_of(step), place_code)]


def waiting_groups(s: Session, by: Actor, place_code: str) -> list[Group]:
    """The heaps that wait for the actor in a place, the oldest deeds first. Eight statements at most."""
    steps = my_steps(by, place_code)
    if not steps:
        return []
    columns = (ServiceRecord.activity_id, ServiceRecord.import_id, ServiceRecord.rule_code, ServiceRecord.waiting_for)
    rows = s.execute(
        select(*columns, func.count(), func.sum(ServiceRecord.minutes), func.min(ServiceRecord.service_on),
               func.max(ServiceRecord.service_on), func.max(ServiceRecord.submitted_at),
               func.min(ServiceRecord.place_code), func.sum(is_aside(decider(s, by))))
        .where(*_mine(by, place_code, steps))
        .group_by(*columns).order_by(func.min(ServiceRecord.service_on)).limit(GROUPS_MOST)).all()
    titles = activity_titles(s, by.book_id, (row[0] for row in rows if row[0]))
    books = rule_books(s, {row[9] for row in rows})
    groups = []
    for row in rows:
        rule = books[row[9]].pick(row[2], row[7])
        key = GroupKey(row[0], row[1], row[2], str(row[3]))
        groups.append(Group(key.text(), titles.get(row[0], "") if row[0] else "", row[2], rule.item, rule.evidence,
                            key.step, row[4], int(row[5] or 0), row[6], row[7], row[8], int(row[10]), row[1]))
    return groups


def waiting_uploads(s: Session, by: Actor, place_code: str) -> list[Upload]:
    """What waits for the actor import by import, the oldest deeds first. Five statements at most."""
    steps = my_steps(by, place_code)
    if not steps:
        return []
    first_day = func.min(ServiceRecord.service_on)
    rows = s.execute(
        select(ServiceRecord.import_id, func.count(), func.sum(is_aside(decider(s, by))), first_day,
               func.max(ServiceRecord.submitted_at))
        .where(*_mine(by, place_code, steps), ServiceRecord.import_id.is_not(None))
        .group_by(ServiceRecord.import_id).order_by(first_day).limit(GROUPS_MOST))
    return [Upload(row[0], row[1], int(row[2]), row[3], row[4]) for row in rows if row[0]]


def _mine(by: Actor, place_code: str, steps: Sequence[str]) -> list[ColumnElement[bool]]:
    return [ServiceRecord.book_id == by.book_id, ServiceRecord.status == WAITING,
            ServiceRecord.waiting_for.in_(steps), below(ServiceRecord.place_code, place_code)]


def waiting_heap(s: Session, by: Actor, place_code: str, group: Group, after: UUID | None = None,
                 limit: int = 20, lang: str = "zh") -> Heap:
    """One heap with a page of its records."""
    records = _records(s, by, place_code, GroupKey.parse(group.key), group.upto, PREVIEW_MOST + 1)
    whole = len(records) <= PREVIEW_MOST
    ordered = in_order(records)
    start = next((i + 1 for i, record in enumerate(ordered) if record.id == after), 0)
    shown = ordered[start:start + limit]
    books = rule_books(s, {record.place_code for record in ordered})
    worth = valuations(s, by.book_id, ordered, books)
    more = start + limit < len(ordered)
    who = decider(s, by, [record.id for record in ordered])
    free = [record for record in ordered if why_not(record, who) is None]
    passing = worth if len(free) == len(ordered) else valuations(s, by.book_id, free, books)
    return Heap(group, _seen(s, by, shown, worth, books, who, lang),
                sum(one.points for one in passing.values()) if whole else None,
                shown[-1].id if more and shown else None)


def ids_of_group(s: Session, by: Actor, place_code: str, key: str, upto: datetime) -> tuple[UUID, ...]:
    """Every record of a heap as it was seen that the actor may decide; what came after `upto` is not meant."""
    return _ids(s, by, _where(by, place_code, GroupKey.parse(key), upto))


def ids_of_upload(s: Session, by: Actor, place_code: str, import_id: UUID, upto: datetime) -> tuple[UUID, ...]:
    """The same of all heaps of one import."""
    return _ids(s, by, [*_mine(by, place_code, my_steps(by, place_code)), ServiceRecord.import_id == import_id,
                        ServiceRecord.submitted_at <= upto])


def _ids(s: Session, by: Actor, where: Sequence[ColumnElement[bool]]) -> tuple[UUID, ...]:
    return tuple(s.scalars(select(ServiceRecord.id).where(*where, is_aside(decider(s, by)) == 0)
                           .order_by(ServiceRecord.id)))


@dataclass(frozen=True)
class Became:
    """How many records stand there now."""

    status: str
    waiting_for: str | None
    count: int


def became(s: Session, by: Actor, place_code: str, what: Sequence[ColumnElement[bool]], steps: Sequence[str],
           upto: datetime, since: datetime) -> list[Became]:
    """What became of records that were seen waiting and have been decided `since`, by whomever. One statement."""
    decided = select(RecordDecision.record_id).where(
        RecordDecision.book_id == by.book_id, RecordDecision.at >= since, RecordDecision.step.in_(steps),
        RecordDecision.decision.in_(OF_STEPS))
    rows = s.execute(
        select(ServiceRecord.status, ServiceRecord.waiting_for, func.count())
        .where(ServiceRecord.book_id == by.book_id, *what, below(ServiceRecord.place_code, place_code),
               ServiceRecord.submitted_at <= upto, ServiceRecord.id.in_(decided))
        .group_by(ServiceRecord.status, ServiceRecord.waiting_for).order_by(func.count().desc()))
    return [Became(*row) for row in rows]


def _where(by: Actor, place_code: str, key: GroupKey, upto: datetime) -> list[ColumnElement[bool]]:
    return [ServiceRecord.book_id == by.book_id, ServiceRecord.status == WAITING, *key.conditions(),
            below(ServiceRecord.place_code, place_code), ServiceRecord.submitted_at <= upto]


def _records(s: Session, by: Actor, place_code: str, key: GroupKey, upto: datetime,
             limit: int) -> list[ServiceRecord]:
    return list(s.scalars(select(ServiceRecord).where(*_where(by, place_code, key, upto))
                          .order_by(ServiceRecord.service_on, ServiceRecord.id).limit(limit)))


def _seen(s: Session, by: Actor, records: Sequence[ServiceRecord], worth: dict[UUID, Valuation],
          books: dict[str, RuleBook], who: Decider, lang: str) -> list[Waiting]:
    texts = open_many(s, by.book_id, [(record.person_id or record.household_id, record.sealed) for record in records],
                      "service_record")
    rows = rows_of(s, by.book_id, records, books)
    found = []
    for record, row, text in zip(records, rows, texts, strict=True):
        said = text or {}
        found.append(Waiting(row, worth[record.id].points, explain(worth[record.id], lang),
                             said.get("evidence", ""), said.get("note", ""), said.get("cause", ""),
                             said.get("late", ""), why_not(record, who)))
    return found
