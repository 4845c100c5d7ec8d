"""What a table is made of here: cells with an address and marks, in rows with a number.

    >>> Cell("王德顺", Kind.TEXT, 7, "B").address
    'B7'
    >>> Cell(46086, Kind.NUMBER, 2, "C", frozenset({Mark.WAS_NUMBER})).text
    '46086'

Every reader (xlsx, xls, CSV, HTML) hands out the same records, so what comes after need not know the file's kind.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from pointsbank.sheets.problems import Problem

Value = str | int | Decimal | date | datetime | bool | None


class Kind(StrEnum):
    """What the file says the cell is; the parsers decide what it means."""

    BLANK = "blank"
    TEXT = "text"
    NUMBER = "number"
    DAY = "day"            # a date
    MOMENT = "moment"      # a date with a time of day, as written (no zone: Asia/Shanghai is meant)
    TIME = "time"          # a time of day or a duration; the value is a Decimal of days (0.0625 is 1:30)
    TRUTH = "truth"
    ERROR = "error"        # #DIV/0!, #REF! …: the value is that text


class Mark(StrEnum):
    """What a reader of the table must be told about a cell besides its value."""

    FILLED_FROM_MERGED = "filled_from_merged"    # the value stands in the first cell of a merged block
    FORMULA_CACHED = "formula_cached"            # a formula's stored result was used
    FORMULA_MISSING = "formula_missing"          # a formula without a stored result: there is no value
    WAS_NUMBER = "was_number"                    # the file keeps a number: leading zeros and late digits are gone
    HIDDEN = "hidden"                            # in a hidden column or row
    DAYS_FROM_1904 = "days_from_1904"            # serial days of this workbook count from 1904-01-01


NO_MARKS: frozenset[Mark] = frozenset()


class Cell(NamedTuple):
    """One cell. `row` counts from 1 as spreadsheet programs show it; `column` is the letter address."""

    value: Value
    kind: Kind
    row: int
    column: str
    marks: frozenset[Mark] = NO_MARKS

    @property
    def address(self) -> str:
        return f"{self.column}{self.row}"

    @property
    def text(self) -> str:
        """The value as a person would type it; '' when blank."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "TRUE" if self.value else "FALSE"
        if isinstance(self.value, Decimal):
            return clock_text(self.value) if self.kind is Kind.TIME else format(self.value, "f")
        if isinstance(self.value, datetime):
            return self.value.isoformat(" ", "minutes" if self.value.second == 0 else "seconds")
        return str(self.value)

    @property
    def is_blank(self) -> bool:
        """Nothing in it, not even a formula that lost its result."""
        return self.value is None and Mark.FORMULA_MISSING not in self.marks


class Row(NamedTuple):
    """One row: its number as shown by spreadsheet programs, and its cells from column A on, without gaps.

    `line` is the line in the file for text files (quoted line breaks make it differ from `number`).
    `problem` is set when the row as such cannot be read (a CSV row with too many columns, a stray quote):
    such a row must be reported, never imported.
    """

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    line: int | None = None
    problem: Problem | None = None

    def cell(self, index: int) -> Cell:
        """The cell at a 0-based column; a blank one beyond the row's end."""
        if 0 <= index < len(self.cells):
            return self.cells[index]
        return Cell(None, Kind.BLANK, self.number, column_letters(index))

    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells)

    @property
    def is_blank(self) -> bool:
        """No cell holds anything of its own: values that only fill a merged block do not make a row."""
        return self.problem is None and all(
            cell.is_blank or Mark.FILLED_FROM_MERGED in cell.marks or
            (isinstance(cell.value, str) and not cell.value.strip()) for cell in self.cells)


def column_letters(index: int) -> str:
    """0 -> 'A', 25 -> 'Z', 26 -> 'AA'."""
    known = _LETTERS[index] if index < len(_LETTERS) else None
    return known or _letters(index)


def column_index(letters: str) -> int:
    """'A' -> 0, 'AA' -> 26; -1 for anything that is no column address."""
    number = 0
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return -1
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def clock_text(days: Decimal) -> str:
    """A Decimal of days as h:mm or h:mm:ss; more than a day goes on counting hours (25:00)."""
    seconds = int((days * 86400).to_integral_value())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours}:{minutes:02d}" + (f":{rest:02d}" if rest else "")


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_LETTERS = [_letters(index) for index in range(256)]
