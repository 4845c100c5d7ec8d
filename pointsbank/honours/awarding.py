"""The award (授牌): what has been on notice to its end without an open objection is given, numbered, printed.

Whoever confirmed the outcome or published it does not award it. What is still objected to waits, and is awarded later
by the same step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.honours.errors import NoticeRunning, SameHand
from pointsbank.honours.locking import lock_honour, must_be, note, reason_of, scheme_of
from pointsbank.honours.models import (
    AWARDED,
    HUNG,
    LAPSED,
    NONE,
    NOT_AWARDED,
    NOTICE,
    OBJECTED,
    REVOKED,
    SUSPENDED,
    TAKEN_DOWN,
    TO_HANG,
    TO_TAKE_DOWN,
    WITHHELD,
    Honour,
    HonourNotice,
)
from pointsbank.ratings import subject_cards
from pointsbank.ratings.models import RatingCycle
from pointsbank.records.keys import claim, settle

MAY_BECOME = {TO_HANG: (HUNG, WITHHELD), HUNG: (TAKEN_DOWN, WITHHELD), TO_TAKE_DOWN: (TAKEN_DOWN,),
              TAKEN_DOWN: (HUNG,), WITHHELD: (HUNG,), NONE: ()}
HELD = (AWARDED, SUSPENDED, REVOKED, LAPSED)


@dataclass(frozen=True)
class AwardHonours:
    key: UUID
    cycle_id: UUID


@dataclass(frozen=True)
class Awarded:
    """How many were awarded, got no level, and still wait."""

    awarded: int
    without: int
    waiting: int


@dataclass(frozen=True)
class SetPlaque:
    """What became of the thing on the wall. Withholding it needs a reason."""

    key: UUID
    honour_id: UUID
    plaque: str
    reason: str = ""


def award_honours(s: Session, cmd: AwardHonours, *, by: Actor, at: datetime) -> Awarded:
    """Award what is due. Same key again: the first answer.

    Raises: NotAllowed, NotFound, SameHand, NoticeRunning (nothing is due), KeyReused.
    """
    with unit_of_work(s):
        notice = s.get(HonourNotice, (by.book_id, cmd.cycle_id), with_for_update=True)
        if notice is None:
            raise NotFound("notice")
        require_seen(by, "honours.award", at_place=notice.place_code, what="notice")
        if (first := claim(s, cmd, "honour_award", by, at)) is not None:
            return Awarded(first["awarded"], first["without"], first["waiting"])
        cycle, today = s.get_one(RatingCycle, (by.book_id, cmd.cycle_id)), to_day(at)
        if by.user_id is None or by.user_id in (notice.published_by, cycle.confirmed_by):
            raise SameHand("cycle")
        rows = list(s.scalars(select(Honour).where(
            Honour.book_id == by.book_id, Honour.cycle_id == cycle.id, Honour.state.in_((NOTICE, OBJECTED)))
            .with_for_update()))
        due = [row for row in rows if row.state == NOTICE and row.notice_until < today]
        if not due:
            raise NoticeRunning("cycle", day=max((row.notice_until for row in rows), default=notice.ends_on))
        done = _award(s, due, cycle, today)
        if notice.awarded_at is None:
            notice.awarded_at, notice.awarded_by = at, by.user_id
        made = Awarded(done, len(due) - done, len(rows) - len(due))
        audit.record(s, by, "honours.awarded", f"cycle:{cycle.id}", at=at, awarded=made.awarded, without=made.without,
                     waiting=made.waiting)
        settle(s, cmd, by, {"awarded": made.awarded, "without": made.without, "waiting": made.waiting})
        s.flush()
        return made


def _award(s: Session, due: list[Honour], cycle: RatingCycle, today: date) -> int:
    """Numbers follow the households' codes; the certificate's number holds place and year."""
    scheme = scheme_of(s, cycle)
    cards = subject_cards(s, cycle.book_id, scheme, [row.household_id for row in due])
    count = s.scalar(select(func.count()).select_from(Honour).join(
        RatingCycle, (RatingCycle.book_id == Honour.book_id) & (RatingCycle.id == Honour.cycle_id)).where(
        Honour.book_id == cycle.book_id, Honour.place_code == cycle.place_code, Honour.number.is_not(None),
        RatingCycle.year == cycle.year)) or 0
    given = 0
    for row in sorted(due, key=lambda row: cards[row.household_id].code):
        if row.level is None:
            row.state = NOT_AWARDED
            continue
        given += 1
        row.state, row.awarded_on = AWARDED, today
        row.number = f"{cycle.place_code[6:]}-{cycle.year}-{count + given:04}"
        row.plaque, row.plaque_on = (TO_HANG, today) if scheme.terms.plaque else (NONE, None)
    return given


def set_plaque(s: Session, cmd: SetPlaque, *, by: Actor, at: datetime) -> str:
    """Note that the plaque hangs, was taken down, or is withheld. Same key again: the first answer.

    Raises: NotAllowed, NotFound, WrongState, WriteWhy, KeyReused.
    """
    with unit_of_work(s):
        honour = lock_honour(s, by, cmd.honour_id, "ratings.run")
        if (first := claim(s, cmd, "honour_plaque", by, at)) is not None:
            return str(first["plaque"])
        must_be(honour, *HELD)
        if cmd.plaque == HUNG or cmd.plaque == WITHHELD:
            must_be(honour, AWARDED)
        if cmd.plaque not in MAY_BECOME[honour.plaque]:
            raise NotFound("plaque")
        if cmd.plaque == WITHHELD:
            reason_of(cmd.reason)
        honour.plaque, honour.plaque_on = cmd.plaque, to_day(at)
        note(s, by, "plaque", honour, at, cmd.reason.strip(), plaque=cmd.plaque)
        settle(s, cmd, by, {"plaque": honour.plaque})
        s.flush()
        return honour.plaque
