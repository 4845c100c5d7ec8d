"""Finding the header row, joining two-level headers, matching columns to the fields that are wanted.

    >>> guess_mapping(("姓 名", "志愿服务/时长(小时)", "备注"), {"name": ["姓名"], "time": ["时长", "服务时长"]})
    {'name': 0, 'time': 1}
    >>> unit_of_header("时长(小时)"), unit_of_header("服务分钟数"), unit_of_header("时长")
    ('hours', 'minutes', None)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Literal, NamedTuple

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Cell, Kind, Mark, Row
from pointsbank.sheets.problems import Problem
from pointsbank.sheets.refusals import NoHeader
from pointsbank.sheets.workbook import Workbook

Wanted = Mapping[str, Sequence[str]]
Unit = Literal["hours", "minutes"]

_BLANKS = re.compile(r"[\s\u00a0\u3000\ufeff\u200b-\u200f\u2060]+")
_BRACKETS = re.compile(r"[(\[【〔<《].*?[)\]】〕>》]")
_DECORATION = "*:;,.、。_-#※★"
_LENGTH_MAX = 60
_STATEMENT = re.compile(r"[:：]\s*\S")      # "填表单位:向阳村" stands above a table and names no column


class Header(NamedTuple):
    """Column names by position ('' where a column has none) and the rows they stand in."""

    names: tuple[str, ...]
    first_row: int
    last_row: int


def find_header(workbook: Workbook, wanted: Wanted | None = None) -> Header:
    """The header within the first ten rows: the row that names most wanted columns, else the first that looks
    like column names. Raises NoHeader."""
    top = list(takewhile(lambda row: row.number <= limits.HEADER_ROWS_SEARCHED, workbook.rows()))
    best: tuple[int, Header] | None = None
    for place, row in enumerate(top):
        names = _names(row)
        if len({name for name in names if name}) < (1 if wanted else 2) or not _looks_like_names(row):
            continue
        following = top[place + 1] if place + 1 < len(top) else None
        header = Header(names, row.number, row.number)
        if following is not None and (joined := _joined(row, following)) is not None:
            header = Header(joined, row.number, following.number)
        score = len(guess_mapping(header.names, wanted)) if wanted else 1
        if score and (best is None or score > best[0]):
            best = (score, header)
    if best is None:
        best = _first_of_many(top) if wanted else None
    if best is None:
        raise NoHeader(limit=limits.HEADER_ROWS_SEARCHED)
    return best[1]


def data_rows(workbook: Workbook, header: Header) -> Iterator[Row]:
    """The rows below the header. A text file's row with more columns than the header carries a `column_count`
    problem: a comma inside a value has shifted everything behind it."""
    width = len(header.names)
    for row in workbook.rows():
        if row.number <= header.last_row:
            continue
        if row.line is not None and row.problem is None and any(not cell.is_blank for cell in row.cells[width:]):
            facts = {"line": row.line, "found": len(row.cells), "expected": width}
            row = row._replace(problem=Problem("column_count", facts))
        yield row


def clean_header(text: str) -> str:
    """A column name without blanks, line breaks, byte order marks; full-width letters as plain ones."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).strip(_DECORATION)[:_LENGTH_MAX]


def guess_mapping(headers: Sequence[str], wanted: Wanted) -> dict[str, int]:
    """Field -> 0-based column, each column at most once. Tried in this order over all fields: the whole name, its
    lower level ('志愿服务/时长' is 时长), the name without brackets, the name containing a synonym."""
    cleaned = [clean_header(name) for name in headers]
    synonyms = {field: [clean_header(word).lower() for word in words] for field, words in wanted.items()}
    found: dict[str, int] = {}
    for form in (_whole, _lower_level, _without_brackets):
        for field, words in synonyms.items():
            free = (index for index, name in enumerate(cleaned) if index not in found.values() and form(name) in words)
            if field not in found and (index := next(free, None)) is not None:
                found[field] = index
    for field, words in synonyms.items():
        if field not in found and (index := _containing(cleaned, words, found)) is not None:
            found[field] = index
    return {field: found[field] for field in wanted if field in found}


def unit_of_header(name: str) -> Unit | None:
    """The unit a column name states for the bare numbers below it."""
    cleaned = clean_header(name).lower()
    if re.search(r"分钟|minute|\bmin\b|\(min\)|\(分\)", cleaned):
        return "minutes"
    return "hours" if re.search(r"小时|工时|hour|\(h\)|\(时\)", cleaned) else None


def _names(row: Row) -> tuple[str, ...]:
    names = [clean_header(cell.text) if cell.kind is Kind.TEXT else "" for cell in row.cells]
    return tuple(names)


def _looks_like_names(row: Row) -> bool:
    """Mostly short texts, no plain numbers or days, and not one title spread over all columns."""
    filled = [cell for cell in row.cells if not cell.is_blank]
    texts = [cell for cell in filled if cell.kind is Kind.TEXT and not _is_figure(cell.text)]
    distinct = {clean_header(cell.text) for cell in texts}
    return len(texts) == len(filled) and len(distinct - {""}) >= 1 and max(map(len, distinct)) < _LENGTH_MAX and \
        not any(_STATEMENT.search(cell.text) for cell in texts)


def _is_figure(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).strip()
    return re.fullmatch(r"[-+¥]?[\d.,:/\-年月日]+[a-z]?|[A-Za-z]?\d+", plain) is not None


def _joined(upper: Row, lower: Row) -> tuple[str, ...] | None:
    """The names of a two-level header, or None when the lower row is no second level.

    A heading spreads over the columns of its merged block; where nothing is merged (CSV), over the empty cells on
    its right. Below a heading that does not spread, a second level has nothing: else it is the first row of data.
    """
    if not _looks_like_names(lower):
        return None
    width = max(len(upper.cells), len(lower.cells))
    headings, spread = _headings(upper, width)
    own = {index for index in range(width) if not lower.cell(index).is_blank and not _is_fill(lower.cell(index))}
    if not own & spread or any(headings[index] for index in own - spread):
        return None
    if len(set(headings) - {""}) == 1 and (0 in spread or not own - spread):
        return None     # a title over the table
    names = []
    for heading, under in zip(headings, (clean_header(lower.cell(index).text) for index in range(width)), strict=True):
        names.append(f"{heading}/{under}" if heading and under and under != heading else under or heading)
    return tuple(names)


def _headings(upper: Row, width: int) -> tuple[list[str], set[int]]:
    """The heading over each column, and the columns whose heading covers several."""
    cells = [upper.cell(index) for index in range(width)]
    merged = any(_is_fill(cell) for cell in cells)
    headings: list[str] = []
    spread: set[int] = set()
    for index, cell in enumerate(cells):
        text = clean_header(cell.text)
        left = headings[-1] if headings else ""
        goes_on = bool(left) and (_is_fill(cell) and text == left if merged else cell.is_blank)
        if goes_on:
            spread |= {index - 1, index}
        headings.append(left if goes_on else text)
    return headings, spread


def _is_fill(cell: Cell) -> bool:
    return Mark.FILLED_FROM_MERGED in cell.marks


def _whole(name: str) -> str:
    return name.lower()


def _lower_level(name: str) -> str:
    return name.rpartition("/")[2].lower()


def _without_brackets(name: str) -> str:
    return _BRACKETS.sub("", name.rpartition("/")[2]).strip(_DECORATION).lower()


def _containing(names: list[str], words: list[str], found: dict[str, int]) -> int | None:
    for word in words:
        for index, name in enumerate(names):
            if len(word) >= 2 and word in name.lower() and index not in found.values():
                return index
    return None


def _first_of_many(top: list[Row]) -> tuple[int, Header] | None:
    """No wanted column is named: the first row of at least two different names, so that they can be mapped by hand."""
    for row in top:
        names = _names(row)
        if len({name for name in names if name}) >= 2 and _looks_like_names(row):
            return 0, Header(names, row.number, row.number)
    return None
