"""What a pack holds: frozen, so that the same data gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from pointsbank.amounts import format_hours, format_points
from reports.packs.asked import Ask
from reports.position import Position


class Figure(NamedTuple):
    """One line of the table with its value and where it comes from. `value` None: nobody keeps it, fill in by hand.

    `first`/`last`: numbers of its lines in the pack's own list of transactions; 0 when it has none.
    """

    ask: Ask
    section: str
    value: int | None
    where: str
    first: int = 0
    last: int = 0

    @property
    def text(self) -> str:
        return shown(self.ask, self.value)


class Entry(NamedTuple):
    """One line of the list behind the figures."""

    number: int
    code: str
    transaction_id: UUID
    position: int
    effective_on: date
    what: str
    household: str
    amount: int
    taken_back: int
    commodity: str


class Row(NamedTuple):
    """A line of a pack's own table (households, volunteers, activities), as text; `cells` fit the table's heads."""

    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A list that belongs to a pack: title, heads, which columns stand at the right, rows, how many were left out."""

    title: str
    heads: tuple[str, ...]
    right: tuple[int, ...]
    rows: tuple[Row, ...]
    left_out: int = 0


@dataclass(frozen=True)
class PackData:
    """A whole pack. `versions`: rule, version and where it is kept, in words."""

    kind: str
    title: str
    place_name: str
    issuer: str
    whom: str
    start: date
    end: date
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    entries: tuple[Entry, ...]
    entries_left_out: int
    versions: tuple[str, ...]
    position: Position
    known_at: datetime
    made_at: datetime
    demo: bool = False
    lang: str = "zh"


def shown(ask: Ask, value: int | None) -> str:
    """A figure as it is printed; empty for what people fill in."""
    if value is None:
        return ""
    if ask.shown == "points":
        return format_points(value)
    if ask.shown == "minutes":
        return format_hours(value)
    if ask.shown == "percent":
        return f"{value // 10}.{value % 10}"
    return str(value)
