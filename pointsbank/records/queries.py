"""Reads: records of a place, a household or a person, a page at a time, newest first.

A page costs about a dozen statements whatever the number of records in the book. Names are opened for a page only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from pointsbank.access import Actor, require
from pointsbank.crypto import open_many
from pointsbank.people import household_cards, person_cards
from pointsbank.places.queries import PARTS
from pointsbank.records.facts import rule_books
from pointsbank.records.models import ON_NOTICE, Activity, Award, Objection, ServiceRecord
from pointsbank.records.policy import working_days_left
from pointsbank.records.sets import among
from pointsbank.records.words import short_no
from pointsbank.schedule import RuleBook

PAGE, PAGE_MOST = 50, 500


@dataclass(frozen=True)
class RecordFilter:
    """What a list shows. `place_code` covers everything below it."""

    place_code: str
    status: str | None = None
    rule: str | None = None
    household_id: UUID | None = None
    person_id: UUID | None = None
    activity_id: UUID | None = None
    import_id: UUID | None = None
    start: date | None = None
    end: date | None = None
    late: bool | None = None
    team_id: UUID | None = None


class RecordRow(NamedTuple):
    """One line of a list. `points` is what stands awarded (None before posting); names are for who may see them."""

    id: UUID
    no: str
    place_code: str
    household_id: UUID
    household_code: str
    household_name: str
    person_id: UUID | None
    person_name: str
    rule: str
    item: str
    service_on: date
    started: int | None
    minutes: int
    quantity: int
    amount_fen: int
    level: str | None
    status: str
    waiting_for: str | None
    points: int | None
    activity_id: UUID | None
    activity: str
    import_id: UUID | None
    source: str
    timing: str
    late: bool
    submitted_at: datetime
    notice_until: date | None
    transaction_id: UUID | None
    team_id: UUID | None = None


class RecordPage(NamedTuple):
    rows: list[RecordRow]
    next_key: UUID | None


def below(column: InstrumentedAttribute[str], place_code: str) -> ColumnElement[bool]:
    """The column's place is this one or lies below it."""
    digits = next((n for n in PARTS if place_code[n:] == "0" * (12 - n)), 12)
    return column == place_code if digits == 12 else column.startswith(place_code[:digits])


def list_records(s: Session, by: Actor, wanted: RecordFilter, after: UUID | None = None,
                 limit: int = PAGE) -> RecordPage:
    """Records of a place the actor may view, newest first, paged by key. Raises NotAllowed."""
    require(by, "records.view", at_place=wanted.place_code)
    asked = select(ServiceRecord).where(ServiceRecord.book_id == by.book_id,
                                        below(ServiceRecord.place_code, wanted.place_code))
    for column, value in ((ServiceRecord.status, wanted.status), (ServiceRecord.rule_code, wanted.rule),
                          (ServiceRecord.household_id, wanted.household_id),
                          (ServiceRecord.person_id, wanted.person_id), (ServiceRecord.late, wanted.late),
                          (ServiceRecord.activity_id, wanted.activity_id),
                          (ServiceRecord.import_id, wanted.import_id), (ServiceRecord.team_id, wanted.team_id)):
        if value is not None:
            asked = asked.where(column == value)
    if wanted.start is not None:
        asked = asked.where(ServiceRecord.service_on >= wanted.start)
    if wanted.end is not None:
        asked = asked.where(ServiceRecord.service_on <= wanted.end)
    return _page(s, by.book_id, asked, after, limit)


def records_of_household(s: Session, book_id: int, household_id: UUID, after: UUID | None = None,
                         limit: int = PAGE) -> RecordPage:
    """For the household's own pages; the caller has judged who asks."""
    return _page(s, book_id, select(ServiceRecord).where(
        ServiceRecord.book_id == book_id, ServiceRecord.household_id == household_id), after, limit)


def records_of_person(s: Session, book_id: int, person_id: UUID, after: UUID | None = None,
                      limit: int = PAGE) -> RecordPage:
    """For the person's own pages; the caller has judged who asks."""
    return _page(s, book_id, select(ServiceRecord).where(
        ServiceRecord.book_id == book_id, ServiceRecord.person_id == person_id), after, limit)


def records_of_transactions(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, RecordRow]:
    """Transaction -> the record whose award it posted. For narrations and the auditor's chain."""
    found = s.execute(select(Award.transaction_id, Award.record_id).where(Award.book_id == book_id,
                                                                          among(s, Award.transaction_id, ids)))
    pairs = {transaction: record for transaction, record in found if transaction is not None}
    records = s.scalars(select(ServiceRecord).where(ServiceRecord.book_id == book_id,
                                                    among(s, ServiceRecord.id, pairs.values()))).all()
    rows = {row.id: row for row in rows_of(s, book_id, records)}
    return {transaction: rows[record] for transaction, record in pairs.items() if record in rows}


def count_by_status(s: Session, book_id: int, place_code: str) -> dict[str, int]:
    """How many records stand where, for the heads of pages. One statement."""
    rows = s.execute(select(ServiceRecord.status, func.count()).where(
        ServiceRecord.book_id == book_id, below(ServiceRecord.place_code, place_code)).group_by(ServiceRecord.status))
    return {row[0]: row[1] for row in rows}


class OpenObjection(NamedTuple):
    """An objection that waits for its answer; `days_left`: working days, negative when late."""

    record_id: UUID
    no: str
    item: str
    raised_at: datetime
    answer_by: date
    days_left: int


def open_objections(s: Session, book_id: int, place_code: str, today: date) -> list[OpenObjection]:
    """What must be answered, the most pressing first."""
    rows = s.execute(select(Objection.raised_at, Objection.answer_by, ServiceRecord).join(
        ServiceRecord, (ServiceRecord.book_id == Objection.book_id) & (ServiceRecord.id == Objection.record_id))
        .where(Objection.book_id == book_id, Objection.outcome == "open",
               below(ServiceRecord.place_code, place_code)).order_by(Objection.answer_by).limit(PAGE_MOST)).all()
    books = rule_books(s, (row[2].place_code for row in rows))
    return [OpenObjection(record.id, short_no(record.id), books[record.place_code].pick(
        record.rule_code, record.service_on, record.rule_version).item, raised, answer_by,
        working_days_left(today, answer_by))
        for raised, answer_by, record in rows]


def notices_ending(s: Session, book_id: int, place_code: str, until: date) -> int:
    """How many running notices end on or before a day. One statement."""
    return s.scalar(select(func.count()).where(
        ServiceRecord.book_id == book_id, ServiceRecord.status == ON_NOTICE, ServiceRecord.notice_until <= until,
        below(ServiceRecord.place_code, place_code))) or 0


def _page(s: Session, book_id: int, asked: Select[Any], after: UUID | None, limit: int) -> RecordPage:
    limit = max(1, min(limit, PAGE_MOST))
    if after is not None:
        asked = asked.where(ServiceRecord.id < after)
    records = list(s.scalars(asked.order_by(ServiceRecord.id.desc()).limit(limit + 1)))
    more = len(records) > limit
    records = records[:limit]
    return RecordPage(rows_of(s, book_id, records), records[-1].id if more else None)


def rows_of(s: Session, book_id: int, records: Sequence[ServiceRecord],
            books: Mapping[str, RuleBook] | None = None) -> list[RecordRow]:
    """The records with the names, titles and points around them, in the order given."""
    homes = household_cards(s, book_id, (record.household_id for record in records))
    people = person_cards(s, book_id, (record.person_id for record in records if record.person_id))
    titles = activity_titles(s, book_id, (record.activity_id for record in records if record.activity_id))
    points = standing_points(s, book_id, [record.id for record in records])
    books = books or rule_books(s, (record.place_code for record in records))
    return [RecordRow(
        record.id, short_no(record.id), record.place_code, record.household_id,
        homes[record.household_id].code, homes[record.household_id].head_name, record.person_id,
        people[record.person_id].name if record.person_id in people else "", record.rule_code,
        books[record.place_code].pick(record.rule_code, record.service_on, record.rule_version).item,
        record.service_on, record.started, record.minutes, record.quantity, record.amount_fen, record.level,
        record.status, record.waiting_for, points.get(record.id), record.activity_id,
        titles.get(record.activity_id, "") if record.activity_id else "", record.import_id, record.source,
        record.timing, record.late, record.submitted_at, record.notice_until, record.transaction_id,
        record.team_id)
        for record in records]


def activity_titles(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Two statements."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = s.execute(select(Activity.id, Activity.sealed).where(Activity.book_id == book_id,
                                                                among(s, Activity.id, wanted))).all()
    opened = open_many(s, book_id, [(row[0], row[1]) for row in rows], "activity")
    return {row[0]: (text or {}).get("title", "") for row, text in zip(rows, opened, strict=True)}


def standing_points(s: Session, book_id: int, ids: Iterable[UUID]) -> dict[UUID, int]:
    """What stands awarded to each record, regains included. One statement."""
    rows = s.execute(select(Award.record_id, func.sum(Award.points)).where(
        Award.book_id == book_id, Award.reversed_at.is_(None), among(s, Award.record_id, ids))
        .group_by(Award.record_id))
    return {row[0]: int(row[1]) for row in rows}
