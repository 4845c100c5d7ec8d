"""What a batch of deeds needs to know before it is judged, loaded set-based and locked.

A dozen statements, and two for every 500 persons. The rows of households and persons are locked first: on PostgreSQL
the same hour cannot come in by two doors at once; on SQLite there is one writer anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.people import Household, Person, person_cards, recordable
from pointsbank.records.checking import Home, Known, Row, Served
from pointsbank.records.commands import RecordFacts
from pointsbank.records.errors import SameNumberOtherContent, TwiceInOneBatch
from pointsbank.records.facts import rule_books
from pointsbank.records.models import DEAD, ServiceRecord
from pointsbank.records.policy import policies
from pointsbank.records.sets import among
from pointsbank.records.teams import teams_at
from pointsbank.records.words import short_no


def load_known(s: Session, rows: Sequence[RecordFacts], by: Actor, at: datetime, leave_out: UUID | None = None,
               lock: bool = True) -> Known:
    """Everything the checks need. `leave_out`: a record that is being put right, so its own time does not count."""
    book = by.book_id
    home_ids = {row.household_id for row in rows}
    person_ids = {row.person_id for row in rows if row.person_id is not None}
    asked = (select(Household.id, Household.place_code, Household.code, Household.closed_on)
             .where(Household.book_id == book, among(s, Household.id, home_ids)).order_by(Household.id))
    homes = {row.id: Home(*row) for row in s.execute(asked.with_for_update(key_share=True) if lock else asked)}
    if lock:
        s.execute(select(Person.id).where(Person.book_id == book, among(s, Person.id, person_ids))
                  .order_by(Person.id).with_for_update(key_share=True)).all()
    persons = person_cards(s, book, person_ids)
    places = {home.place_code for home in homes.values()}
    books = rule_books(s, places)
    known = Known(by, at, homes, persons, recordable(s, persons.values(), to_day(at)), books, policies(s, places),
                  {rule.code for one in books.values() for rule in one if rule.minutes_count})
    if any(row.team for row in rows):
        known.teams = {place: frozenset(teams_at(s, book, place)) for place in places}
    if person_ids:
        _load_served(s, known, rows, person_ids, leave_out)
    return known


def _load_served(s: Session, known: Known, rows: Sequence[RecordFacts], persons: Iterable[UUID],
                 leave_out: UUID | None) -> None:
    days = [row.service_on for row in rows]
    found = s.execute(
        select(ServiceRecord.person_id, ServiceRecord.service_on, ServiceRecord.id, ServiceRecord.rule_code,
               ServiceRecord.started, ServiceRecord.minutes)
        .where(ServiceRecord.book_id == known.by.book_id, among(s, ServiceRecord.person_id, persons),
               ServiceRecord.service_on.between(min(days), max(days)), ServiceRecord.minutes > 0,
               ServiceRecord.status.not_in(DEAD)))
    for person_id, day, record_id, rule, started, minutes in found:
        if person_id is not None and record_id != leave_out and rule in known.counted:
            known.served.setdefault((person_id, day), []).append(Served(record_id, rule, started, minutes))


class Before(NamedTuple):
    """A record that was there before this batch."""

    id: UUID
    content_hash: str
    service_on: Any
    submitted_at: datetime
    status: str


class Twins:
    """Which deeds are in the book already, by external number or by content, and which come twice in one batch."""

    def __init__(self, s: Session, book_id: int, system: str, rows: Iterable[tuple[RecordFacts, Row]],
                 same_is_same: bool) -> None:
        self.same_is_same = same_is_same
        self.seen: dict[str, int] = {}
        pairs = list(rows)
        columns = (ServiceRecord.id, ServiceRecord.content_hash, ServiceRecord.service_on,
                   ServiceRecord.submitted_at, ServiceRecord.status)
        numbers = {facts.external_no for facts, _ in pairs if facts.external_no}
        self.numbered = {row.external_no: Before(*row[:5]) for row in s.execute(
            select(*columns, ServiceRecord.external_no)
            .where(ServiceRecord.book_id == book_id, ServiceRecord.source_system == system,
                   among(s, ServiceRecord.external_no, numbers)))} if numbers else {}
        hashes = {row.content_hash for facts, row in pairs if not facts.external_no} if same_is_same else set()
        self.told = {row.content_hash: Before(*row) for row in s.execute(
            select(*columns).where(ServiceRecord.book_id == book_id, ServiceRecord.status.not_in(DEAD),
                                   among(s, ServiceRecord.content_hash, hashes)))} if hashes else {}

    def before(self, index: int, facts: RecordFacts, row: Row) -> Before | None:
        """The record this deed is already; None when it is new. Raises TwiceInOneBatch, SameNumberOtherContent."""
        name = f"no:{facts.external_no}" if facts.external_no else row.content_hash if self.same_is_same else None
        if name is None:
            return None
        if name in self.seen:
            raise TwiceInOneBatch(None, first=self.seen[name] + 1)
        self.seen[name] = index
        if not facts.external_no:
            return self.told.get(row.content_hash)
        first = self.numbered.get(facts.external_no)
        if first is not None and first.content_hash != row.content_hash:
            raise SameNumberOtherContent("external_no", number=facts.external_no, first=short_no(first.id),
                                         day=first.service_on.isoformat())
        return first
