"""What became of what was asked: frozen answers, kept beside the key so that a replay gives the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pointsbank.errors import DomainError


@dataclass(frozen=True)
class RowProblem:
    """Why one row or record could not pass. `index`: its place in what was given. Facts hold no personal data."""

    index: int
    code: str
    field: str | None
    zh: str
    en: str
    first: int | None = None  # the row (1 = first) that it repeats
    record_id: UUID | None = None

    def sentence(self, lang: str = "zh") -> str:
        return self.en if lang.startswith("en") else self.zh


def problem_of(refusal: DomainError, index: int, record_id: UUID | None = None) -> RowProblem:
    first = refusal.facts.get("first") if refusal.code == "twice_in_one_batch" else None
    return RowProblem(index, refusal.code, refusal.field, refusal.sentence("zh"), refusal.sentence("en"), first,
                      record_id)


@dataclass(frozen=True)
class Recorded:
    """A record that is in the book now. `already`: it was there before, `at` says since when. `replay`: asked twice."""

    index: int
    id: UUID
    status: str
    at: datetime
    already: bool = False
    replay: bool = False


@dataclass(frozen=True)
class SubmitOutcome:
    """Of a batch: what is new, what was recorded before, what could not be recorded, by index."""

    recorded: tuple[Recorded, ...]
    already: tuple[Recorded, ...]
    problems: tuple[RowProblem, ...]
    replay: bool = False

    def only(self, replay: bool = False) -> Recorded:
        """The answer of a single row."""
        return replace((*self.recorded, *self.already)[0], replay=replay)

    def as_json(self) -> dict[str, Any]:
        return {"recorded": [_packed(one) for one in self.recorded], "already": [_packed(one) for one in self.already],
                "problems": [_plain(one) for one in self.problems]}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> SubmitOutcome:
        return cls(tuple(_unpacked(one) for one in body["recorded"]),
                   tuple(_unpacked(one, True) for one in body["already"]),
                   tuple(_problem(one) for one in body["problems"]), replay=True)


@dataclass(frozen=True)
class Passed:
    """A record on which the decision took effect, and where it stands now."""

    record_id: UUID
    status: str
    transaction_id: UUID | None = None


@dataclass(frozen=True)
class DecisionOutcome:
    """Of decide_many: the records it took effect on and those that could not pass, with the reason of each."""

    passed: tuple[Passed, ...]
    refused: tuple[RowProblem, ...]
    replay: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"passed": [[one.record_id.hex, one.status, one.transaction_id.hex if one.transaction_id else None]
                           for one in self.passed],
                "refused": [_plain(one) for one in self.refused]}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> DecisionOutcome:
        return cls(tuple(Passed(UUID(hex=one[0]), one[1], UUID(hex=one[2]) if one[2] else None)
                         for one in body["passed"]),
                   tuple(_problem(one) for one in body["refused"]), replay=True)


def _packed(one: Recorded) -> list[Any]:
    return [one.index, one.id.hex, one.status, one.at.isoformat()]


def _unpacked(one: list[Any], already: bool = False) -> Recorded:
    return Recorded(one[0], UUID(hex=one[1]), one[2], datetime.fromisoformat(one[3]), already)


def _plain(one: RowProblem) -> dict[str, Any]:
    return {**asdict(one), "record_id": one.record_id.hex if one.record_id else None}


def _problem(one: Mapping[str, Any]) -> RowProblem:
    return RowProblem(**{**one, "record_id": UUID(hex=one["record_id"]) if one["record_id"] else None})
