"""What a parser answers: a value, or a problem with its reason, and notices about what was changed on the way.

    >>> Parsed(90).ok, Parsed(90).value
    (True, 90)
    >>> Problem("day_ambiguous", {"given": "26-3-5"}).sentence("zh")
    '“26-3-5”看不出是哪一年哪一天。请写成 2026-03-05 这样的完整日期。'

Sentences stand in `sentences.py`, one line of Chinese and English per code. Names, phones and identity numbers are
never repeated inside a sentence: the table beside it shows the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pointsbank.sheets.sentences import NOTICES, PROBLEMS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be used. `address` is the cell ('B7') when the value came from a table."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""

    def sentence(self, lang: str = "zh") -> str:
        return PROBLEMS[self.code][lang.startswith("en")].format(**self.facts)

    @property
    def zh(self) -> str:
        return self.sentence("zh")

    @property
    def en(self) -> str:
        return self.sentence("en")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should see although the value is usable: 'read as a date', 'unit left out'."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""

    def sentence(self, lang: str = "zh") -> str:
        return NOTICES[self.code][lang.startswith("en")].format(**self.facts)

    @property
    def zh(self) -> str:
        return self.sentence("zh")

    @property
    def en(self) -> str:
        return self.sentence("en")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    """A typed value, or a problem; never both."""

    value: T | None = None
    problem: Problem | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def ok(self) -> bool:
        return self.problem is None

    @property
    def is_blank(self) -> bool:
        """The cell was empty: fine for a column that may be empty."""
        return self.problem is not None and self.problem.code == "blank"
