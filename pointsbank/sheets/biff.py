"""The records of an old workbook (.xls of Excel 97-2003 and WPS, .et): everything but the cells.

The numbers and names of the records are those of Microsoft's [MS-XLS]. Read here in plain Python because the fast
library for it ends the whole process (not only the request) on some damaged files.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pointsbank.sheets import limits
from pointsbank.sheets.biff_texts import read_shared_texts, read_text
from pointsbank.sheets.cells import Kind
from pointsbank.sheets.number_formats import kind_of_built_in, kind_of_format
from pointsbank.sheets.refusals import DamagedFile, LockedFile, OtherSpreadsheet
from pointsbank.sheets.sources import Block

CONTINUE, FORMULA, STRING = 0x003C, 0x0006, 0x0207
LABEL, LABEL_SHARED, RICH_LABEL = 0x0204, 0x00FD, 0x00D6
NUMBER, PACKED, PACKED_MANY, TRUTH_OR_ERROR = 0x0203, 0x027E, 0x00BD, 0x0205
CELLS = frozenset({FORMULA, LABEL, LABEL_SHARED, RICH_LABEL, NUMBER, PACKED, PACKED_MANY, TRUTH_OR_ERROR})

_BEGIN, _END_OF_SHEET, _VERSION_8 = 0x0809, 0x000A, 0x0600
_LOCKED, _DATE_BASE, _SHEET, _SHARED = 0x002F, 0x0022, 0x0085, 0x00FC
_STYLE, _FORMAT = 0x00E0, 0x041E
_COLUMNS, _ROW, _MERGED = 0x007D, 0x0208, 0x00E5
_COMPUTED_BY = 0x01C1          # which engine computed the results; libraries that compute nothing leave it out
_WORKSHEET = 0
_RECORDS_MAX = 8_000_000       # a full 50 MB file has about 4 million


@dataclass(slots=True)
class SheetRecords:
    """A sheet's place in the stream and what is told about it. Rows from 1, columns from 0."""

    name: str
    hidden: bool
    place: int
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    filled_rows: set[int] = field(default_factory=set)
    blocks: list[Block] = field(default_factory=list)
    in_order: bool = True


@dataclass(slots=True)
class BookRecords:
    from_1904: bool = False
    computed: bool = False
    texts: list[str] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)         # by cell style
    sheets: list[SheetRecords] = field(default_factory=list)


def read_book(stream: bytes) -> BookRecords:
    """Raises LockedFile, DamagedFile, OtherSpreadsheet (Excel 95)."""
    book = BookRecords()
    try:
        _globals(stream, book)
    except (struct.error, IndexError) as broken:
        raise DamagedFile(kind=".xls") from broken
    return book


def read_sheet(stream: bytes, sheet: SheetRecords) -> None:
    """Fill in what a first walk over the sheet's records tells. Raises DamagedFile."""
    last_row = 0
    try:
        for kind, body in records(stream, sheet.place):
            if kind in CELLS:
                row = int.from_bytes(body[:2], "little") + 1
                sheet.in_order = sheet.in_order and row >= last_row
                last_row = row
                sheet.filled_rows.add(row)
            elif kind == _ROW:
                number, options = struct.unpack_from("<H10xH", body)
                if options & 0x20:
                    sheet.hidden_rows.add(number + 1)
            elif kind == _COLUMNS:
                first, last, options = struct.unpack_from("<HH4xH", body)
                if options & 1:
                    sheet.hidden_columns.update(range(first, min(last, limits.COLUMNS_MAX - 1) + 1))
            elif kind == _MERGED:
                for place in range(2, len(body) - 7, 8):
                    top, bottom, left, right = struct.unpack_from("<4H", body, place)
                    sheet.blocks.append(Block(top + 1, left, bottom + 1, right))
    except struct.error as broken:
        raise DamagedFile(kind=".xls") from broken


def records(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """Number and body of each record up to the end of the part that begins at `place`; charts inside are crossed.

    Raises DamagedFile when the stream ends before the part does.
    """
    depth = count = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        yield kind, stream[place + 4:place + 4 + size]
        place += 4 + size
        count += 1
        if count > _RECORDS_MAX:
            raise DamagedFile(kind=".xls")
        if kind == _BEGIN:
            depth += 1
        elif kind == _END_OF_SHEET:
            depth -= 1
            if depth <= 0:
                return
    raise DamagedFile(kind=".xls")        # cut off: rows would be missing without a word


def _globals(stream: bytes, book: BookRecords) -> None:
    formats: dict[int, str] = {}
    styles: list[int] = []
    shared: list[bytes] = []
    previous = 0
    for kind, body in records(stream, 0):
        if kind == _LOCKED:
            raise LockedFile()
        if kind == _BEGIN and not previous and struct.unpack_from("<H", body)[0] != _VERSION_8:
            raise OtherSpreadsheet(kind={"zh": "Excel 95 文件", "en": "an Excel 95 file"})
        if kind == _SHARED or (kind == CONTINUE and previous == _SHARED):
            shared.append(body)
            previous = _SHARED
            continue
        previous = kind
        if kind == _DATE_BASE:
            book.from_1904 = body[:1] == b"\1"
        elif kind == _COMPUTED_BY:
            book.computed = True
        elif kind == _FORMAT:
            formats[int.from_bytes(body[:2], "little")] = read_text(body, 2)
        elif kind == _STYLE:
            styles.append(int.from_bytes(body[2:4], "little"))
        elif kind == _SHEET and body[5] == _WORKSHEET and len(book.sheets) < limits.SHEETS_MAX:
            book.sheets.append(SheetRecords(read_text(body, 6, 1), bool(body[4] & 3),
                                            int.from_bytes(body[:4], "little")))
    book.texts = read_shared_texts(shared)
    book.kinds = [kind_of_format(formats[number]) if number in formats else kind_of_built_in(number)
                  for number in styles]
