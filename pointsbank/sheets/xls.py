"""Old workbooks as a Source: the cells of their records, with the same marks as those of an .xlsx."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from decimal import Decimal

from pointsbank.sheets import biff, limits
from pointsbank.sheets.biff import BookRecords, SheetRecords
from pointsbank.sheets.biff_texts import Segments, read_text
from pointsbank.sheets.cells import Cell, Kind, Mark, Row, Value, column_letters
from pointsbank.sheets.floats import decimal_from_double, decimal_from_packed
from pointsbank.sheets.merges import fill
from pointsbank.sheets.ole2 import Container
from pointsbank.sheets.refusals import DamagedFile, OtherSpreadsheet, TextTooLong, TooManyColumns
from pointsbank.sheets.serials import dated
from pointsbank.sheets.sources import SheetName, Survey

_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_TEXT_FOLLOWS, _TRUTH, _ERROR = 0, 1, 2
_BLANK: tuple[Value, Kind] = (None, Kind.BLANK)

# One cell as found: row from 1, column from 0, value, kind, and for formulas whether a result is stored.
Found = tuple[int, int, Value, Kind, bool | None]


class XlsSource:
    """A Source. Raises DamagedFile, LockedFile, OtherSpreadsheet."""

    kind = "xls"

    def __init__(self, container: Container) -> None:
        if "Workbook" not in container:
            raise OtherSpreadsheet(kind={"zh": "Excel 95 文件", "en": "an Excel 95 file"})
        self._stream = container.read("Workbook")
        self._book: BookRecords = biff.read_book(self._stream)
        self._read: set[int] = set()

    def sheets(self) -> list[SheetName]:
        return [SheetName(sheet.name, sheet.hidden) for sheet in self._book.sheets]

    def survey(self, index: int) -> Survey:
        sheet = self._sheet(index)
        columns = tuple(column_letters(column) for column in sorted(sheet.hidden_columns))
        return Survey(bool(sheet.filled_rows), len(sheet.hidden_rows & sheet.filled_rows), columns,
                      len(sheet.blocks), self._book.from_1904)

    def rows(self, index: int) -> Iterator[Row]:
        sheet = self._sheet(index)
        return fill(self._plain_rows(sheet), sheet.blocks)

    def _sheet(self, index: int) -> SheetRecords:
        sheet = self._book.sheets[index]
        if index not in self._read:
            biff.read_sheet(self._stream, sheet)
            sheet.blocks = sheet.blocks[:limits.MERGED_BLOCKS_MAX]
            self._read.add(index)
        return sheet

    def _plain_rows(self, sheet: SheetRecords) -> Iterator[Row]:
        try:
            found: Iterator[Found] = _CellReader(self._stream, sheet, self._book).cells()
            if not sheet.in_order:
                found = iter(sorted(found, key=lambda cell: cell[:2]))
            number, cells = 0, dict[int, Cell]()
            for cell in found:
                if cell[0] != number and cells:
                    yield _row(number, cells, sheet)
                    cells = {}
                number = cell[0]
                cells[cell[1]] = self._cell(cell, sheet)
            if cells:
                yield _row(number, cells, sheet)
        except (struct.error, IndexError) as broken:
            raise DamagedFile(kind=".xls") from broken

    def _cell(self, found: Found, sheet: SheetRecords) -> Cell:
        row, column, value, kind, stored = found
        if isinstance(value, str) and len(value) > limits.TEXT_MAX:
            raise TextTooLong(row=row, limit=limits.TEXT_MAX)
        marks = set()
        if kind is Kind.NUMBER:
            marks.add(Mark.WAS_NUMBER)
            if self._book.from_1904:
                marks.add(Mark.DAYS_FROM_1904)
        if stored is not None:
            marks.add(Mark.FORMULA_CACHED if stored else Mark.FORMULA_MISSING)
        if column in sheet.hidden_columns:
            marks.add(Mark.HIDDEN)
        return Cell(value, kind, row, column_letters(column), frozenset(marks))


def _row(number: int, cells: dict[int, Cell], sheet: SheetRecords) -> Row:
    width = max(cells) + 1
    if width > limits.COLUMNS_MAX:
        raise TooManyColumns(row=number, limit=limits.COLUMNS_MAX)
    dense = tuple(cells.get(column) or Cell(None, Kind.BLANK, number, column_letters(column))
                  for column in range(width))
    return Row(number, dense, number in sheet.hidden_rows)


class _CellReader:
    """The cells of one sheet in the order of the file."""

    def __init__(self, stream: bytes, sheet: SheetRecords, book: BookRecords) -> None:
        self._stream = stream
        self._sheet = sheet
        self._book = book

    def cells(self) -> Iterator[Found]:
        waiting: tuple[int, int] | None = None      # a formula whose text stands in a record of its own
        text: list[bytes] = []
        for kind, body in biff.records(self._stream, self._sheet.place):
            if waiting is not None:
                if kind == biff.STRING or (kind == biff.CONTINUE and text):
                    text.append(body)
                    continue
                if text or kind in biff.CELLS:
                    yield self._formula_text(waiting, text)
                    waiting, text = None, []
            if kind not in biff.CELLS or len(body) < 6:
                continue
            row, column, style = struct.unpack_from("<3H", body)
            if kind == biff.PACKED_MANY:
                yield from self._many(row + 1, column, body)
            elif kind == biff.FORMULA:
                if body[12:14] == b"\xff\xff" and body[6] == _TEXT_FOLLOWS:
                    waiting = (row + 1, column)
                else:
                    yield self._formula(row + 1, column, style, body)
            else:
                value, what = self._value(kind, style, body)
                yield row + 1, column, value, what, None
        if waiting is not None:
            yield self._formula_text(waiting, text)

    def _value(self, kind: int, style: int, body: bytes) -> tuple[Value, Kind]:
        if kind == biff.LABEL_SHARED:
            place, = struct.unpack_from("<I", body, 6)
            return _text(self._book.texts[place])
        if kind in (biff.LABEL, biff.RICH_LABEL):
            return _text(read_text(body, 6))
        if kind == biff.TRUTH_OR_ERROR:
            return (_ERRORS.get(body[6], "#N/A"), Kind.ERROR) if body[7] else (bool(body[6]), Kind.TRUTH)
        if kind == biff.PACKED:
            return self._number(style, decimal_from_packed(struct.unpack_from("<I", body, 6)[0]))
        return self._number(style, decimal_from_double(body[6:14]))

    def _many(self, row: int, first: int, body: bytes) -> Iterator[Found]:
        for count, place in enumerate(range(4, len(body) - 7, 6)):
            style, packed = struct.unpack_from("<HI", body, place)
            value, kind = self._number(style, decimal_from_packed(packed))
            yield row, first + count, value, kind, None

    def _number(self, style: int, number: int | Decimal | None) -> tuple[Value, Kind]:
        if number is None:
            return "#NUM!", Kind.ERROR
        shown_as = self._book.kinds[style] if style < len(self._book.kinds) else Kind.NUMBER
        if shown_as is Kind.NUMBER:
            return number, Kind.NUMBER
        return dated(number, shown_as, from_1904=self._book.from_1904)

    def _formula(self, row: int, column: int, style: int, body: bytes) -> Found:
        """A stored result; libraries that compute nothing write an empty text or 0 and name no computing engine."""
        if body[12:14] == b"\xff\xff":
            if body[6] == _TRUTH:
                return row, column, bool(body[8]), Kind.TRUTH, True
            if body[6] == _ERROR:
                return row, column, _ERRORS.get(body[8], "#N/A"), Kind.ERROR, True
            return row, column, *_BLANK, self._book.computed
        value, kind = self._number(style, decimal_from_double(body[6:14]))
        if value == 0 and not self._book.computed:
            return row, column, *_BLANK, False
        return row, column, value, kind, True

    @staticmethod
    def _formula_text(place: tuple[int, int], bodies: list[bytes]) -> Found:
        if not bodies:
            return *place, *_BLANK, False
        return *place, *_text(Segments(bodies).text()), True


def _text(text: str) -> tuple[Value, Kind]:
    return (text, Kind.TEXT) if text else _BLANK
