"""The points schedule (积分细则) as frozen records: one version of one rule, and everything it says.

A rule answers "what is this deed worth" by exactly one of three prices: so many points per unit, a ladder of tiers,
or named levels (村/镇/县…). Coefficients multiply, one named rounding follows, then the single-deed maximum, the
exclusion and the caps cut. Points are hundredths, signed as in the village's own table: a deduction is negative.

Records hold no logic beyond looking things up in themselves; `pricing`, `capping` and `valuing` compute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from pointsbank.amounts import Points
from pointsbank.schedule.errors import NoRuleInForce
from pointsbank.schedule.units import ROUNDINGS, UNITS, Rounding, Unit

Kind = Literal["earning", "deduction"]
Subject = Literal["person", "household"]
Window = Literal["day", "month", "quarter", "year", "ever"]
ChainStep = Literal["auto", "group_review", "grid_check", "village_approval", "town_approval", "supervisor_check"]
PostingMode = Literal["on_approval", "after_notice", "before_notice", "year_end"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of a ladder, reached at `start` (inclusive), in the rule's unit. Without `per` it is a flat figure."""

    start: Decimal
    points: Points
    per: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A named level with its own figure: 县 → 15.00, or 情节较重 → −10.00."""

    name: str
    points: Points


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A factor a fact may claim by name (专业 1.5, 高风险 2)."""

    name: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many points, or so many times, for one subject in one window, over `rules` (empty: this rule)."""

    subject: Subject
    window: Window
    points: Points | None = None
    times: int | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Rules that shut each other out for one subject in one window, or for one and the same cause.

    `one_only`: the first awarded keeps it, the others get nothing. `highest`: together never more than the highest.
    """

    group: str
    rules: tuple[str, ...]
    mode: Literal["one_only", "highest"]
    subject: Subject = "household"
    window: Window = "ever"
    by_cause: bool = False


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What else a deduction means, as data for the rooms that act on it; nothing here changes the figure."""

    warn_first: bool = False
    rectify_days: int = 0
    restore_percent: int = 0
    restore_when: str = ""
    claw_back: bool = False
    freeze_months: int = 0
    pause_after_times: int = 0
    pause_days: int = 0


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of one rule, as adopted. The texts of the village's own table stand beside their structure."""

    code: str
    version: int
    category: str
    item: str
    kind: Kind
    unit: str
    valid_from: date
    valid_to: date | None = None
    points: Points | None = None
    per: Decimal = Decimal(1)
    tiers: tuple[Tier, ...] = ()
    tier_mode: Literal["whole", "slice"] = "whole"
    levels: tuple[Level, ...] = ()
    coefficients: tuple[Coefficient, ...] = ()
    rounding: str = "half_up"
    per_time_max: Points | None = None
    caps: tuple[Cap, ...] = ()
    exclusion: Exclusion | None = None
    evidence: str = ""
    chain: tuple[ChainStep, ...] = ("village_approval",)
    notice_days: int = 0
    notice_anonymous: bool = False
    posting_mode: PostingMode = "on_approval"
    star: str | None = None
    basis: str = ""
    note: str = ""
    unit_text: str = ""
    cap_text: str = ""
    flow_text: str = ""
    minutes_count: bool = False
    counts_for_score: bool = True
    aftermath: Aftermath = field(default_factory=Aftermath)
    place_code: str = ""

    @property
    def counted_in(self) -> Unit:
        return UNITS[self.unit]

    @property
    def rounded_by(self) -> Rounding:
        return ROUNDINGS[self.rounding]

    @property
    def sign(self) -> int:
        return -1 if self.kind == "deduction" else 1

    @property
    def needs_person(self) -> bool:
        """Hours belong to a person, and a cap per person cannot be counted without one."""
        shut_out = self.exclusion is not None and self.exclusion.subject == "person"
        return self.minutes_count or shut_out or any(cap.subject == "person" for cap in self.caps)

    @property
    def needs_cause(self) -> bool:
        return self.exclusion is not None and self.exclusion.by_cause

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class RuleBook:
    """All versions of a place's rules; answers which one a deed of a given day is judged by.

    Frozen after construction. A deed is judged by the version in force on its own day, so a batch may span a change.
    """

    def __init__(self, versions: Iterable[RuleVersion]) -> None:
        by_code: dict[str, list[RuleVersion]] = {}
        for rule in sorted(versions, key=lambda one: (one.code, one.version)):
            by_code.setdefault(rule.code, []).append(rule)
        self._versions: Mapping[str, tuple[RuleVersion, ...]] = {
            code: tuple(rules) for code, rules in by_code.items()}

    def __iter__(self) -> Iterator[RuleVersion]:
        return (rule for rules in self._versions.values() for rule in rules)

    def pick(self, code: str, on: date, version: int | None = None) -> RuleVersion:
        """The version in force on that day, or exactly the asked one ("the version of then")."""
        for rule in reversed(self._versions.get(code, ())):
            if rule.version == version or (version is None and rule.in_force(on)):
                return rule
        raise NoRuleInForce("rule", rule=code, day=on.isoformat())

    def in_force(self, on: date) -> dict[str, RuleVersion]:
        """Code -> version in force on that day, by code."""
        return {code: rule for code, rules in self._versions.items() for rule in rules if rule.in_force(on)}
