"""What a points statement says, frozen: the one source of the page, the PDF, the spreadsheet and the API.

Amounts are hundredths of a point (POINT). Days are days in Asia/Shanghai, moments are UTC.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from pointsbank.clock import to_day


class StatementLine(NamedTuple):
    """One transaction as the wallet sees it. `points` is signed; `balance` is the balance after it, in order of days.

    `seq` to `last_seq` are its numbers: a wallet's movements are counted without a gap as they are recorded, and a sale
    of two goods is two movements of one transaction.
    """

    seq: int
    last_seq: int
    transaction_id: uuid.UUID
    effective_on: date
    recorded_at: datetime
    kind: str
    reason: str
    points: int
    balance: int

    @property
    def numbers(self) -> str:
        """'17', or '61–62'."""
        return str(self.seq) if self.seq == self.last_seq else f"{self.seq}–{self.last_seq}"


class Lapse(NamedTuple):
    """Points that can be spent up to and including `due_on` and lapse the day after."""

    due_on: date
    points: int


@dataclass(frozen=True)
class StatementData:
    """A statement of one household's wallet for a period, as known at a moment.

    `opening` is the balance at the end of the day before `start`; `closing` is the balance at the end of
    `end`.
    `posted`, `held`, `available` are the three parts on `end`; `lapses` says what of the balance as of
    `as_of` lapses when. `head_name` is empty where the reader may not see it.
    """

    book_id: int
    place_code: str
    place_name: str
    issuer: str
    household_id: uuid.UUID
    household_code: str
    head_name: str
    start: date
    end: date
    as_of: date
    known_at: datetime
    made_at: datetime
    opening: int
    lines: tuple[StatementLine, ...]
    closing: int
    held: int
    available: int
    lapsed: int = 0  # past its last day, not posted as lapsed yet: no longer available
    lapses: tuple[Lapse, ...] = ()
    demo: bool = False
    lang: str = "zh"
    position: int | None = None  # of the sealed log: the statement shows what it holds; None: not sealed for it

    @property
    def earned(self) -> int:
        return sum(line.points for line in self.lines if line.points > 0)

    @property
    def spent(self) -> int:
        """Zero or below."""
        return sum(line.points for line in self.lines if line.points < 0)

    @property
    def posted(self) -> int:
        return self.closing

    def is_late(self, line: StatementLine) -> bool:
        """Recorded after the period had ended, about a day inside it."""
        return to_day(line.recorded_at) > self.end

    @property
    def late_lines(self) -> tuple[StatementLine, ...]:
        return tuple(line for line in self.lines if self.is_late(line))

    def adds_up(self) -> bool:
        """Opening and lines give the closing, line by line."""
        running = self.opening
        for line in self.lines:
            running += line.points
            if running != line.balance:
                return False
        return running == self.closing
