"""Public notice of a cycle's outcome: one row for each who took part, for as many days as the scheme says.

    publish_notice(s, PublishNotice(key, cycle_id), by=committee_member, at=now)

A row's own notice may run longer than the others': an objection stops it, and an upheld one starts it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import NotFound
from pointsbank.honours.errors import AlreadyOnNotice, NotConfirmed
from pointsbank.honours.models import NONE, NOTICE, Honour, HonourNotice
from pointsbank.ratings import cycle_view, matrix
from pointsbank.ratings.models import CONFIRMED, RatingCycle
from pointsbank.records.keys import claim, settle


@dataclass(frozen=True)
class PublishNotice:
    key: UUID
    cycle_id: UUID


@dataclass(frozen=True)
class OnNotice:
    """`rows`: how many take part; `levels`: how many of them got a level."""

    cycle_id: UUID
    until: date
    rows: int
    levels: int


def publish_notice(s: Session, cmd: PublishNotice, *, by: Actor, at: datetime) -> OnNotice:
    """Put the confirmed outcome on notice, from today on. Same key again: the first answer.

    Raises: NotAllowed, NotFound, NotConfirmed, AlreadyOnNotice, KeyReused.
    """
    with unit_of_work(s):
        cycle = s.get(RatingCycle, (by.book_id, cmd.cycle_id), with_for_update=True)
        if cycle is None:
            raise NotFound("cycle")
        require_seen(by, "ratings.run", at_place=cycle.place_code, what="cycle")
        if (first := claim(s, cmd, "honour_notice", by, at)) is not None:
            return OnNotice(cycle.id, date.fromisoformat(first["until"]), first["rows"], first["levels"])
        if cycle.status != CONFIRMED:
            raise NotConfirmed("cycle")
        if s.get(HonourNotice, (by.book_id, cycle.id)) is not None:
            raise AlreadyOnNotice("cycle")
        view = cycle_view(s, by.book_id, cycle.id)
        assert view.last is not None
        today = to_day(at)
        until = last_day(today, view.scheme.terms.notice_days)
        s.add(HonourNotice(book_id=by.book_id, cycle_id=cycle.id, place_code=cycle.place_code, starts_on=today,
                           ends_on=until, published_at=at, published_by=by.user_id, awarded_at=None, awarded_by=None))
        s.flush()
        rows = [{
            "book_id": by.book_id, "id": new_id(), "cycle_id": cycle.id, "household_id": row.card.id,
            "place_code": cycle.place_code, "evaluation_id": view.last.id,
            "proposed": (stars := sorted(code for code, yes in row.outcomes.items() if yes)), "stars": stars,
            "level": row.band.code if row.band else None, "state": NOTICE, "notice_until": until, "number": None,
            "awarded_on": None, "warnings": 0, "suspended_until": None, "plaque": NONE, "plaque_on": None,
        } for row in matrix(s, view, view.last).rows]
        if rows:
            s.execute(insert(Honour), rows)
        levels = sum(row["level"] is not None for row in rows)
        audit.record(s, by, "honours.on_notice", f"cycle:{cycle.id}", at=at, rows=len(rows), until=str(until))
        settle(s, cmd, by, {"until": str(until), "rows": len(rows), "levels": levels})
        s.flush()
        return OnNotice(cycle.id, until, len(rows), levels)


def last_day(today: date, days: int) -> date:
    """Five days put up on the 10th are the 11th to the 15th: the day of putting up is not counted.

    >>> last_day(date(2026, 12, 10), 5)
    datetime.date(2026, 12, 15)
    """
    return today + timedelta(days=days)
