"""What every reader offers: its sheets, a survey of one of them, and its rows.

`Source.rows` yields every row that holds something, hidden ones too; `workbook.Workbook` leaves out, counts and caps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from pointsbank.sheets.cells import Row


class SheetName(NamedTuple):
    name: str
    hidden: bool = False


class Block(NamedTuple):
    """A merged block, 1-based rows, 0-based columns, both ends inside."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Survey:
    """What a person should know about a sheet before importing it."""

    has_data: bool = True
    hidden_rows: int = 0                      # rows that hold something and are hidden or filtered out
    hidden_columns: tuple[str, ...] = ()
    merged_blocks: int = 0
    counts_days_from_1904: bool = False
    encoding: str | None = None               # text files: 'UTF-8', 'GB18030', 'UTF-16LE' …
    separator: str | None = None              # text files: ',', ';', '\t', '|'


class Source(Protocol):
    kind: str

    def sheets(self) -> list[SheetName]: ...

    def survey(self, index: int) -> Survey: ...

    def rows(self, index: int) -> Iterator[Row]: ...
