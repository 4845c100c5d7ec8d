"""HTML tables saved as .xls, as many web systems "export to Excel".

Each table of the page is a sheet ("表1", "表2" …); spans are filled like merged cells, rows styled `display:none` are
hidden ones. Nothing is fetched and no script is run: only text inside td and th is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Cell, Kind, Row, column_letters
from pointsbank.sheets.encodings import encoding_of, lines_of
from pointsbank.sheets.merges import fill
from pointsbank.sheets.refusals import ExpandsTooFar, TextTooLong, TooManyRows
from pointsbank.sheets.sources import Block, SheetName, Survey

_BLANKS = re.compile(r"[ \t\r\n\f]+")
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})\b([^<>]*)>|<[!?/A-Za-z][^<>]*>")
_ACROSS = re.compile(r"\bcolspan\s*=\s*[\"']?\s*([0-9]{1,5})\b", re.IGNORECASE)
_DOWN = re.compile(r"\browspan\s*=\s*[\"']?\s*([0-9]{1,5})\b", re.IGNORECASE)
_TABLES_MAX = 5_000
_SILENT = ("script", "style", "template")


class HtmlSource:
    """A Source over the tables of a page."""

    kind = "html"

    def __init__(self, data: bytes) -> None:
        encoding = encoding_of(data)
        self._encoding = encoding.name
        reader = _Tables()
        reader.read(_without_comments("".join(lines_of(data, encoding))))
        self._tables = [table for table in reader.tables if table.rows][:limits.SHEETS_MAX]

    def sheets(self) -> list[SheetName]:
        return [SheetName(f"表{number}") for number, _table in enumerate(self._tables, start=1)]

    def survey(self, index: int) -> Survey:
        table = self._tables[index]
        hidden = sum(row.hidden and not row.is_blank for row in table.rows)
        has_data = any(len(row.cells) > 1 and not row.is_blank for row in table.rows)
        return Survey(has_data, hidden, merged_blocks=len(table.blocks), encoding=self._encoding)

    def rows(self, index: int) -> Iterator[Row]:
        table = self._tables[index]
        return fill(table.rows, table.blocks)


class _Table:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.blocks: list[Block] = []
        self.number = 0
        self.hidden = False
        self.cells: dict[int, str] | None = None      # of the row being read
        self.taken: dict[int, int] = {}                # column -> last row that a span from above covers
        self.column = 0
        self.span = (1, 1)
        self.pieces: list[str] | None = None           # of the cell being read

    def start_row(self, hidden: bool) -> None:
        self.end_row()
        self.number += 1
        self.cells, self.column, self.hidden = {}, 0, hidden

    def start_cell(self, across: int, down: int) -> None:
        if self.cells is None:
            self.start_row(False)
        self.end_cell()
        while self.taken.get(self.column, 0) >= self.number:
            self.column += 1
        self.span, self.pieces = (across, down), []

    def end_cell(self) -> None:
        if self.pieces is None or self.cells is None:
            return
        lines = "".join(self.pieces).split("\v")
        text = "\n".join(_BLANKS.sub(" ", line).strip(" ") for line in lines).strip("\n")
        if len(text) > limits.TEXT_MAX:
            raise TextTooLong(row=self.number, limit=limits.TEXT_MAX)
        self.pieces = None
        across, down = self.span
        last = min(self.column + across, limits.COLUMNS_MAX) - 1
        if self.column < limits.COLUMNS_MAX:
            self.cells[self.column] = text
            if across * down > 1 and len(self.blocks) < limits.MERGED_BLOCKS_MAX:
                self.blocks.append(Block(self.number, self.column, self.number + down - 1, last))
        for column in range(self.column, last + 1):
            self.taken[column] = self.number + down - 1
        self.column = max(last + 1, self.column + 1)

    def end_row(self) -> None:
        self.end_cell()
        if self.cells and any(self.cells.values()):
            width = max(self.cells) + 1
            texts = [self.cells.get(column, "") for column in range(width)]
            cells = tuple(Cell(text or None, Kind.TEXT if text else Kind.BLANK, self.number, column_letters(column))
                          for column, text in enumerate(texts))
            self.rows.append(Row(self.number, cells, self.hidden))
            if len(self.rows) > limits.ROWS_MAX:
                raise TooManyRows(limit=limits.ROWS_MAX)
        self.cells = None


class _Tables:
    """The tags of a page, one after the other. The standard parser takes quadratic time for some malformed pages;
    this one looks at every character once."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._silent = 0

    def read(self, page: str) -> None:
        place = 0
        for match in _TAG.finditer(page):
            self._text(page[place:match.start()])
            place = match.end()
            if match[2] is not None:
                self._tag(match[2].lower(), bool(match[1]), match[3])
        while self._open:
            self._open.pop().end_row()

    def _tag(self, tag: str, closing: bool, attributes: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent + (-1 if closing else 1), 0)
        elif tag == "table" and not closing:
            if len(self.tables) > _TABLES_MAX:
                raise ExpandsTooFar()
            self._open.append(_Table())
            self.tables.append(self._open[-1])
        elif not self._open:
            return
        elif tag == "table":
            self._open.pop().end_row()
        elif tag == "tr":
            if closing:
                self._open[-1].end_row()
            else:
                self._open[-1].start_row(_INVISIBLE.search(attributes) is not None)
        elif tag in ("td", "th"):
            if closing:
                self._open[-1].end_cell()
            else:
                self._open[-1].start_cell(_span(attributes, _ACROSS), _span(attributes, _DOWN))
        elif tag == "br":
            self._text("\v")

    def _text(self, text: str) -> None:
        if text and self._open and not self._silent and self._open[-1].pieces is not None:
            self._open[-1].pieces.append(unescape(text))


def _without_comments(page: str) -> str:
    kept = []
    place = 0
    while (start := page.find("<!--", place)) >= 0:
        kept.append(page[place:start])
        end = page.find("-->", start)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join(kept) + page[place:] if kept else page


def _span(attributes: str, pattern: re.Pattern[str]) -> int:
    found = pattern.search(attributes)
    return min(max(int(found[1]), 1), 10_000) if found else 1
