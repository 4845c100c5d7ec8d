"""Honours on public notice, for everybody: no sign-in, masked names, minors never by name. Corrections beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pointsbank.honours.models import NOTICE, OBJECTED, PUBLISHED, Honour, HonourCorrection, HonourNotice
from pointsbank.honours.queries import HonourRow, band_of, rows_of
from pointsbank.people import age_on, person_cards
from pointsbank.places import place_cards
from pointsbank.ratings import CycleView, cycle_view
from pointsbank.ratings.subjects import is_about_persons

ADULT = 18


class PublicRow(NamedTuple):
    """`name` is masked already, or empty for a minor."""

    row: HonourRow
    name: str
    cycle: CycleView
    place: str


class PublicNotice(NamedTuple):
    """One cycle's notice: the rows with a level, highest first; how many took part."""

    cycle: CycleView
    place: str
    starts_on: date
    rows: list[PublicRow]
    taking_part: int


class PublicCorrection(NamedTuple):
    name: str
    cycle: CycleView
    place: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    shown_until: date

    def level(self, which: Mapping[str, Any], lang: str) -> str | None:
        band = band_of(self.cycle.scheme, which["level"])
        return band.title(lang) if band else None


def running(s: Session, today: date, place_code: str | None = None) -> list[PublicNotice]:
    """Notices now running at a place (or anywhere): a cycle's rows until each one's own last day."""
    query = select(Honour).where(or_(Honour.state == OBJECTED,
                                     (Honour.state == NOTICE) & (Honour.notice_until >= today)))
    if place_code is not None:
        query = query.where(Honour.book_id == int(place_code[:6]), Honour.place_code == place_code)
    by_cycle: dict[tuple[int, UUID], list[Honour]] = {}
    for honour in s.scalars(query.order_by(Honour.id)):
        by_cycle.setdefault((honour.book_id, honour.cycle_id), []).append(honour)
    found = []
    for (book_id, cycle_id), honours in by_cycle.items():
        cycle = cycle_view(s, book_id, cycle_id)
        notice = s.get_one(HonourNotice, (book_id, cycle_id))
        rows = public_rows(s, cycle, honours, today)
        shown = sorted((one for one in rows if one.row.level), key=lambda one: (-len(one.row.stars), one.row.card.code))
        found.append(PublicNotice(cycle, rows[0].place, notice.starts_on, shown, len(rows)))
    return found


def public_rows(s: Session, cycle: CycleView, honours: list[Honour], today: date) -> list[PublicRow]:
    rows = rows_of(s, cycle.book_id, cycle.scheme, honours)
    place = place_cards(s, [cycle.place_code])[cycle.place_code].name
    minors = set()
    if is_about_persons(cycle.scheme):
        people = person_cards(s, cycle.book_id, [row.card.id for row in rows])
        minors = {card.id for card in people.values() if card.born_on and age_on(card.born_on, today) < ADULT}
    return [PublicRow(row, "" if row.card.id in minors else row.card.masked_name, cycle, place) for row in rows]


def one_running(s: Session, honour_id: UUID, today: date) -> PublicRow | None:
    """One row that is on notice or objected to; None for any other."""
    honour = s.scalar(select(Honour).where(Honour.id == honour_id, Honour.state.in_((NOTICE, OBJECTED))))
    if honour is None:
        return None
    return public_rows(s, cycle_view(s, honour.book_id, honour.cycle_id), [honour], today)[0]


def corrections_shown(s: Session, today: date, place_code: str | None = None) -> list[PublicCorrection]:
    """Corrections now on notice."""
    query = select(HonourCorrection, Honour).join(
        Honour, (Honour.book_id == HonourCorrection.book_id) & (Honour.id == HonourCorrection.honour_id)).where(
        HonourCorrection.state == PUBLISHED, HonourCorrection.shown_until >= today)
    if place_code is not None:
        query = query.where(Honour.book_id == int(place_code[:6]), Honour.place_code == place_code)
    found = []
    for correction, honour in s.execute(query.order_by(HonourCorrection.published_at.desc())).all():
        one = public_rows(s, cycle_view(s, honour.book_id, honour.cycle_id), [honour], today)[0]
        found.append(PublicCorrection(one.name, one.cycle, one.place, correction.before, correction.after,
                                      correction.shown_until or today))
    return found
