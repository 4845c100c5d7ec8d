"""From records to what the schedule values: facts, and what has been awarded before in the buckets they count in.

The same two functions serve the preview on a page, the posting and the regain after a correction, so what is promised
is what is paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank.records.models import Award
from pointsbank.records.sets import among
from pointsbank.schedule import Fact, RuleBook, Usage, UsageKey, Used, Valuation, rule_book, usage_needed, value_many


class Deed(Protocol):
    """What a fact is made of: a stored record, or a row about to be stored."""

    rule_code: str
    rule_version: int
    service_on: date
    household_id: UUID
    person_id: UUID | None
    quantity: int
    minutes: int
    amount_fen: int
    level: str | None
    coefficients: list[str]
    cause_key: str | None


class AwardRow(NamedTuple):
    """What stands awarded to one subject under one rule on one day for one cause."""

    rule: str
    who: UUID
    service_on: date
    cause: str | None
    points: int
    times: int


def quantity_of(hundredths: int) -> Decimal | int:
    """Stored hundredths as the schedule counts them: 150 -> Decimal('1.5'), 200 -> 2."""
    whole, rest = divmod(hundredths, 100)
    return Decimal(hundredths).scaleb(-2) if rest else whole


def fact_of(record: Deed) -> Fact:
    """The deed, pinned to the version of the rule it was submitted under."""
    return Fact(rule=record.rule_code, service_on=record.service_on, household=record.household_id,
                person=record.person_id, quantity=quantity_of(record.quantity), minutes=record.minutes,
                amount_fen=record.amount_fen, level=record.level, coefficients=tuple(record.coefficients),
                cause=record.cause_key, version=record.rule_version)


def rule_books(s: Session, place_codes: Iterable[str]) -> dict[str, RuleBook]:
    """The schedule of each place. One statement a place."""
    return {code: rule_book(s, code) for code in sorted(set(place_codes))}


def load_usage(s: Session, book_id: int, keys: Iterable[UsageKey]) -> Usage:
    """What stands awarded in each bucket, reversals taken off. At most four statements, whatever the number."""
    groups: dict[tuple[str, bool], list[UsageKey]] = {}
    for key in keys:
        groups.setdefault((key.subject, key.start == date.min), []).append(key)
    found: dict[UsageKey, Used] = {}
    for some in groups.values():
        by_who: dict[UUID, list[AwardRow]] = {}
        for row in _awarded(s, book_id, some):
            by_who.setdefault(row.who, []).append(row)
        for key in some:
            inside = [row for row in by_who.get(key.who, ())
                      if row.rule in key.rules and key.start <= row.service_on <= key.end
                      and key.cause in (None, row.cause)]
            if inside:
                found[key] = Used(sum(row.points for row in inside), sum(row.times for row in inside))
    return found


def _awarded(s: Session, book_id: int, keys: Sequence[UsageKey]) -> Iterable[AwardRow]:
    who = Award.household_id if keys[0].subject == "household" else Award.person_id
    asked = (select(Award.rule_code, who, Award.service_on, Award.cause_key, func.sum(func.abs(Award.points)),
                    func.sum(Award.times))
             .where(Award.book_id == book_id, Award.reversed_at.is_(None), among(s, who, {key.who for key in keys}),
                    Award.rule_code.in_({code for key in keys for code in key.rules}))
             .group_by(Award.rule_code, who, Award.service_on, Award.cause_key))
    if keys[0].start != date.min:
        asked = asked.where(Award.service_on >= min(key.start for key in keys),
                            Award.service_on <= max(key.end for key in keys))
    return (AwardRow(row[0], row[1], row[2], row[3], int(row[4]), int(row[5])) for row in s.execute(asked))


class Placed(Deed, Protocol):
    id: UUID
    place_code: str


Some = TypeVar("Some", bound=Placed)


def in_order(records: Iterable[Some]) -> list[Some]:
    """The order in which deeds take from the caps: by their day, then as they were submitted."""
    return sorted(records, key=lambda record: (record.service_on, record.id))


def valuations(s: Session, book_id: int, records: Iterable[Placed],
               books: dict[str, RuleBook] | None = None) -> dict[UUID, Valuation]:
    """What each record is worth if all are posted now. For a preview as it stands; for a posting under the locks."""
    ordered = in_order(records)
    books = books or rule_books(s, (record.place_code for record in ordered))
    by_place: dict[str, list[Placed]] = {}
    for record in ordered:
        by_place.setdefault(record.place_code, []).append(record)
    facts = {place: [fact_of(record) for record in some] for place, some in by_place.items()}
    keys = {key for place, some in facts.items() for key in usage_needed(books[place], some)}
    usage = load_usage(s, book_id, keys)
    return {record.id: valuation for place, some in by_place.items()
            for record, valuation in zip(some, value_many(books[place], facts[place], usage), strict=True)}
