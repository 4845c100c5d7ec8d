"""The records of an old workbook (.xls, .et) that the reading library does not tell: hidden rows and columns, which
cells are formulas, whether the file is locked, which base its days count from.

The numbers and names of the records are those of Microsoft's [MS-XLS]; one pass, nothing is interpreted beyond need.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pointsbank.sheets.refusals import DamagedFile, LockedFile

_BEGIN, _END_OF_SHEET = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A
_LOCKED, _DATE_BASE, _SHEET = 0x002F, 0x0022, 0x0085
_FORMULA, _COLUMNS, _ROW = (0x0006, 0x0206, 0x0406), 0x007D, 0x0208
_COMPUTED_BY = 0x01C1          # which engine computed the results; libraries that compute nothing leave it out
_WORKSHEET = 0


@dataclass(slots=True)
class SheetRecords:
    """Rows from 1, columns from 0. `formulas` tells of each formula whether an empty result was really
    computed; results that are not empty come with the value."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: dict[tuple[int, int], bool] = field(default_factory=dict)


@dataclass(slots=True)
class BookRecords:
    from_1904: bool = False
    computed: bool = False
    sheets: dict[str, SheetRecords] = field(default_factory=dict)


def read_records(stream: bytes) -> BookRecords:
    """Raises LockedFile, DamagedFile."""
    book = BookRecords()
    try:
        for name, place in _globals(stream, book):
            book.sheets[name] = _sheet(stream, place, computed=book.computed)
    except struct.error as broken:
        raise DamagedFile(kind=".xls") from broken
    return book


def _records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    depth = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4:place + 4 + size]
        place += 4 + size
        if kind in _BEGIN:
            depth += 1
        elif kind == _END_OF_SHEET:
            depth -= 1
            if depth <= 0:
                return


def _globals(stream: bytes, book: BookRecords) -> list[tuple[str, int]]:
    found = []
    for kind, body in _records(stream, 0):
        if kind == _LOCKED:
            raise LockedFile()
        if kind == _DATE_BASE and len(body) >= 2:
            book.from_1904 = body[0] == 1
        elif kind == _COMPUTED_BY:
            book.computed = True
        elif kind == _SHEET:
            place, _hidden, sort, length, wide = struct.unpack_from("<IBBBB", body)
            name = body[8:8 + 2 * length].decode("utf-16-le", "replace") if wide & 1 else \
                body[8:8 + length].decode("latin-1")
            if sort == _WORKSHEET:
                found.append((name, place))
    return found


def _sheet(stream: bytes, place: int, *, computed: bool) -> SheetRecords:
    sheet = SheetRecords()
    for kind, body in _records(stream, place):
        if kind == _ROW and len(body) >= 16:
            number, = struct.unpack_from("<H", body)
            options, = struct.unpack_from("<H", body, 12)
            if options & 0x20:
                sheet.hidden_rows.add(number + 1)
        elif kind == _COLUMNS and len(body) >= 10:
            first, last, _width, _style, options = struct.unpack_from("<5H", body)
            if options & 1:
                sheet.hidden_columns.update(range(first, min(last, 255) + 1))
        elif kind in _FORMULA and len(body) >= 14:
            row, column, _style = struct.unpack_from("<3H", body)
            sheet.formulas[row + 1, column] = computed and _is_empty_text(body[6:14])
    return sheet


def _is_empty_text(result: bytes) -> bool:
    """A formula whose stored result is '' (=IF(A1>0,A1,"")). Libraries that compute nothing write the same."""
    return result[6:8] == b"\xff\xff" and result[0] == 3
