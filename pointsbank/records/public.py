"""Notices now running (公示), for everybody: no sign-in, masked names, minors never by name.

A rule that says so is shown without any name; a deduction never carries one.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pointsbank.people import PersonCard, age_on, household_cards, person_cards
from pointsbank.places import place_cards
from pointsbank.records.facts import in_order, rule_books, valuations
from pointsbank.records.models import OBJECTED, ON_NOTICE, POSTED, ServiceRecord
from pointsbank.records.queries import below, standing_points
from pointsbank.records.words import short_no

ADULT = 18
PAGE = 60


class NoticeRow(NamedTuple):
    """`name` is masked already, or empty when the notice carries none. `objected`: an objection stopped it."""

    id: UUID
    no: str
    book_id: int
    place_code: str
    place: str
    name: str
    minor: bool
    group_no: int
    rule: str
    item: str
    service_on: date
    points: int
    notice_from: date
    notice_until: date
    objected: bool
    posted: bool


class NoticePage(NamedTuple):
    rows: list[NoticeRow]
    next_key: UUID | None


def running_notices(s: Session, today: date, place_code: str | None = None, after: UUID | None = None,
                    limit: int = PAGE) -> NoticePage:
    """Notices of a place and below, or of the whole installation, newest first, paged by key."""
    asked = select(ServiceRecord).where(or_(
        ServiceRecord.status.in_((ON_NOTICE, OBJECTED)),
        and_(ServiceRecord.status == POSTED, ServiceRecord.notice_until >= today)))
    if place_code is not None:
        asked = asked.where(ServiceRecord.book_id == int(place_code[:6]), below(ServiceRecord.place_code, place_code))
    if after is not None:
        asked = asked.where(ServiceRecord.id < after)
    records = list(s.scalars(asked.order_by(ServiceRecord.id.desc()).limit(limit + 1)))
    more, records = len(records) > limit, records[:limit]
    by_book: dict[int, list[ServiceRecord]] = {}
    for record in records:
        by_book.setdefault(record.book_id, []).append(record)
    rows = {row.id: row for book_id, some in by_book.items() for row in _rows(s, book_id, some, today)}
    return NoticePage([rows[record.id] for record in records], records[-1].id if more else None)


def notice_by_id(s: Session, record_id: UUID, today: date) -> NoticeRow | None:
    """One running notice; None when there is none of this id (or none any more)."""
    record = s.scalar(select(ServiceRecord).where(ServiceRecord.id == record_id))
    if record is None or record.notice_until is None or record.notice_from is None:
        return None
    return _rows(s, record.book_id, [record], today)[0]


def _rows(s: Session, book_id: int, records: list[ServiceRecord], today: date) -> list[NoticeRow]:
    homes = household_cards(s, book_id, (record.household_id for record in records))
    people = person_cards(s, book_id, (record.person_id for record in records if record.person_id))
    names = place_cards(s, (record.place_code for record in records))
    books = rule_books(s, (record.place_code for record in records))
    standing = standing_points(s, book_id, [record.id for record in records])
    expected = valuations(s, book_id, in_order(record for record in records if record.id not in standing), books)
    found = []
    for record in records:
        rule = books[record.place_code].pick(record.rule_code, record.service_on, record.rule_version)
        home = homes[record.household_id]
        person = people.get(record.person_id) if record.person_id else None
        minor = is_minor(person, today)
        nameless = rule.notice_anonymous or rule.kind == "deduction" or minor
        points = standing[record.id] if record.id in standing else expected[record.id].points
        found.append(NoticeRow(
            record.id, short_no(record.id), book_id, record.place_code, names[record.place_code].name,
            "" if nameless else person.masked_name if person else home.masked_name, minor, home.group_no,
            record.rule_code, rule.item, record.service_on, points, record.notice_from or today,
            record.notice_until or today, record.status == OBJECTED, record.status == POSTED))
    return found


def is_minor(person: PersonCard | None, today: date) -> bool:
    return person is not None and person.born_on is not None and age_on(person.born_on, today) < ADULT
