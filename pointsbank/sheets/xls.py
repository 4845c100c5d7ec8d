"""Old workbooks: .xls of Excel 97-2003 and WPS, and WPS's own .et (the same records inside).

Values come from python-calamine (it also knows Excel 95 and odd code pages); what it does not tell comes from
`biff.read_records`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from pointsbank.sheets import limits
from pointsbank.sheets.biff import BookRecords, SheetRecords, read_records
from pointsbank.sheets.cells import Cell, Kind, Mark, Row, Value, column_letters
from pointsbank.sheets.floats import decimal_from_reader
from pointsbank.sheets.merges import fill
from pointsbank.sheets.ole2 import Container
from pointsbank.sheets.refusals import DamagedFile, LockedFile, TooManyColumns
from pointsbank.sheets.sources import Block, SheetName, Survey

_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
_MICROSECONDS = Decimal(86_400_000_000)


class XlsSource:
    """A Source. Raises DamagedFile, LockedFile."""

    kind = "xls"

    def __init__(self, data: bytes, container: Container) -> None:
        stream = container.read("Workbook") if "Workbook" in container else b""
        if "Workbook" in container and not stream:
            raise DamagedFile(kind=".xls")
        self._records = read_records(stream) if stream else BookRecords()
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            metadata = self._book.sheets_metadata
        except PasswordError as locked:
            raise LockedFile() from locked
        except (CalamineError, OSError, ValueError) as broken:
            raise DamagedFile(kind=".xls") from broken
        self._sheets = [SheetName(sheet.name, sheet.visible is not SheetVisibleEnum.Visible) for sheet in metadata
                        if sheet.typ is SheetTypeEnum.WorkSheet][:limits.SHEETS_MAX]

    def sheets(self) -> list[SheetName]:
        return list(self._sheets)

    def survey(self, index: int) -> Survey:
        records = self._of(index)
        rows = list(self._plain_rows(index)) if records.hidden_rows else []
        hidden = sum(row.hidden and not row.is_blank for row in rows)
        columns = tuple(column_letters(column) for column in sorted(records.hidden_columns))
        has_data = any(not row.is_blank for row in self._plain_rows(index))
        return Survey(has_data, hidden, columns, len(self._blocks(index)), self._records.from_1904)

    def rows(self, index: int) -> Iterator[Row]:
        return fill(self._plain_rows(index), self._blocks(index))

    def _of(self, index: int) -> SheetRecords:
        return self._records.sheets.get(self._sheets[index].name) or SheetRecords()

    def _blocks(self, index: int) -> list[Block]:
        ranges = self._book.get_sheet_by_name(self._sheets[index].name).merged_cell_ranges or []
        return [Block(top + 1, left, bottom + 1, right)
                for (top, left), (bottom, right) in ranges[:limits.MERGED_BLOCKS_MAX]]

    def _plain_rows(self, index: int) -> Iterator[Row]:
        records = self._of(index)
        try:
            sheet = self._book.get_sheet_by_name(self._sheets[index].name)
            start = sheet.start
        except (CalamineError, OSError, ValueError) as broken:
            raise DamagedFile(kind=".xls") from broken
        if start is None:
            return
        for number, values in enumerate(sheet.iter_rows(), start=1):
            cells = [self._cell(value, number, column, records) for column, value in enumerate(values, start[1])
                     if column < limits.COLUMNS_MAX or _refuse_beyond(value, number)]
            before = [Cell(None, Kind.BLANK, number, column_letters(column)) for column in range(start[1])]
            yield Row(number, tuple(before + cells), number in records.hidden_rows)

    def _cell(self, raw: object, row: int, column: int, records: SheetRecords) -> Cell:
        value, kind = _value(raw)
        marks = set()
        if kind is Kind.NUMBER:
            marks.add(Mark.WAS_NUMBER)
            if self._records.from_1904:
                marks.add(Mark.DAYS_FROM_1904)
        stored = records.formulas.get((row, column))
        if stored is not None:
            marks.add(Mark.FORMULA_CACHED if value is not None or stored else Mark.FORMULA_MISSING)
        if column in records.hidden_columns:
            marks.add(Mark.HIDDEN)
        return Cell(value, kind, row, column_letters(column), frozenset(marks))


def _refuse_beyond(value: object, row: int) -> bool:
    if value not in (None, ""):
        raise TooManyColumns(row=row, limit=limits.COLUMNS_MAX)
    return False


def _value(raw: object) -> tuple[Value, Kind]:
    """A value of the library as ours."""
    if isinstance(raw, bool):
        return raw, Kind.TRUTH
    if isinstance(raw, str):
        return (raw, Kind.ERROR if raw in _ERRORS else Kind.TEXT) if raw else (None, Kind.BLANK)
    if isinstance(raw, datetime):
        return raw.replace(microsecond=0) + timedelta(seconds=raw.microsecond >= 500_000), Kind.MOMENT
    if isinstance(raw, date):
        return raw, Kind.DAY
    if isinstance(raw, time):
        raw = timedelta(hours=raw.hour, minutes=raw.minute, seconds=raw.second, microseconds=raw.microsecond)
    if isinstance(raw, timedelta):
        return Decimal(raw // timedelta(microseconds=1)) / _MICROSECONDS, Kind.TIME
    if isinstance(raw, int):
        return raw, Kind.NUMBER
    number = decimal_from_reader(raw)
    return (number, Kind.NUMBER) if number is not None else (None, Kind.BLANK)
