"""What can be asked of the households room: one frozen command a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pointsbank.amounts import Points, Score

NO_SCORE = Score(0)


@dataclass(frozen=True)
class SplitHousehold:
    """`members` leave `household` for a new one with `code` in the same place; `points` and `score` go along."""

    key: UUID
    household: UUID
    code: str
    group_no: int
    members: tuple[UUID, ...]
    head: UUID
    points: Points
    on: date
    reason: str
    score: Score = NO_SCORE
    heir_of_head: UUID | None = None  # the old household's new head, when its head is among those who leave


@dataclass(frozen=True)
class MergeHouseholds:
    """Everybody and everything of `household` goes to `into`; the old code goes on to lead there."""

    key: UUID
    household: UUID
    into: UUID
    on: date
    reason: str


@dataclass(frozen=True)
class MoveHousehold:
    """The whole household moves to `place_code`, another village of the book, under a new code."""

    key: UUID
    household: UUID
    place_code: str
    code: str
    group_no: int
    on: date
    reason: str


@dataclass(frozen=True)
class MoveAway:
    """The household leaves the county; what it holds waits in 往来 for the book it goes to (None: for nobody)."""

    key: UUID
    household: UUID
    on: date
    reason: str
    to_book: int | None = None


@dataclass(frozen=True)
class RecordDeath:
    """A member died on the day. A head needs a successor; the last member's household goes to `heir`, if anywhere."""

    key: UUID
    household: UUID
    person: UUID
    on: date
    reason: str
    head: UUID | None = None
    heir: UUID | None = None


@dataclass(frozen=True)
class ChangeHead:
    key: UUID
    household: UUID
    head: UUID
    on: date
    reason: str
