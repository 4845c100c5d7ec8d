"""What goes into a valuation and what comes out: the deed, what was used before, the figure with its steps.

    Fact   one deed: rule, day, household, person, and the figure its rule counts
    UsageKey / Used   one bucket (these rules, this subject, this window) and what has been awarded in it
    Valuation   points, score and minutes, each step of the way, and how much the limits cut off
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pointsbank.amounts import Minutes, Points, Score
from pointsbank.schedule.rules import Subject

StepData = Mapping[str, str]
NO_POINTS = Points(0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One deed to be valued. `service_on` is its day; `version` pins the version of then (None: by the day).

    `quantity` counts pieces (次, 户·月, 人·日…), `minutes` and `amount_fen` serve the rules that count time or money.
    `cause` names the one occasion several awards may stem from (the same act honoured by town and by county).
    """

    rule: str
    service_on: date
    household: UUID
    person: UUID | None = None
    quantity: Decimal | int = 1
    minutes: int = 0
    amount_fen: int = 0
    level: str | None = None
    coefficients: tuple[str, ...] = ()
    cause: str | None = None
    version: int | None = None


class UsageKey(NamedTuple):
    """A bucket: awards under `rules` to one subject, deeds from `start` to `end` inclusive, of one cause if named."""

    rules: tuple[str, ...]
    subject: Subject
    who: UUID
    start: date
    end: date
    cause: str | None = None


class Used(NamedTuple):
    """What stands awarded in a bucket: points as a magnitude (deductions count as positive), and times."""

    points: int = 0
    times: int = 0


Usage = Mapping[UsageKey, Used]
NOTHING_USED = Used()


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happened (`kind`, texts in `data`), the magnitude before and after, and what a limit cut off."""

    kind: str
    data: StepData
    before: Points
    after: Points
    capped_off: Points = NO_POINTS

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "data": dict(self.data), "before": self.before, "after": self.after,
                "capped_off": self.capped_off}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Step:
        return cls(body["kind"], dict(body["data"]), Points(body["before"]), Points(body["after"]),
                   Points(body["capped_off"]))


@dataclass(frozen=True, slots=True)
class Valuation:
    """The answer. `points` and `score` are signed; `full` is the signed figure before any limit; `times` is what
    the award counts for in caps by number (0 when nothing was awarded).
    """

    rule: str
    version: int
    points: Points
    score: Score
    minutes: Minutes
    full: Points
    times: int
    steps: tuple[Step, ...]

    @property
    def capped_off(self) -> Points:
        """How much the limits cut off, as a magnitude: what a sibling may regain later."""
        return Points(abs(self.full) - abs(self.points))
