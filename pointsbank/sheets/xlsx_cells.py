"""From the XML events of a sheet to rows of cells."""

from __future__ import annotations

from datetime import date, datetime

from pointsbank.sheets import limits
from pointsbank.sheets.cells import NO_MARKS, Cell, Kind, Mark, Row, Value, column_index, column_letters
from pointsbank.sheets.floats import decimal_from_number_text
from pointsbank.sheets.refusals import TextTooLong, TooManyColumns
from pointsbank.sheets.serials import dated
from pointsbank.sheets.xlsx_parts import safe_parser, unescape

_NUMBER_MARKS = frozenset({Mark.WAS_NUMBER})
_NUMBER_1904_MARKS = frozenset({Mark.WAS_NUMBER, Mark.DAYS_FROM_1904})
_CACHED = frozenset({Mark.FORMULA_CACHED})
_MISSING = frozenset({Mark.FORMULA_MISSING})
_HIDDEN = frozenset({Mark.HIDDEN})
_DIGITS = "0123456789"
_TEXT_IN_FILE_MAX = 7 * limits.TEXT_MAX     # every character may stand there as _xHHHH_


class CellMaker:
    """Turns one cell's raw parts (type, style, text, has it a formula) into a Cell."""

    def __init__(self, texts: list[str], kinds: list[Kind], hidden_columns: frozenset[int], *,
                 from_1904: bool, recalculates: bool) -> None:
        self._texts = texts
        self._kinds = kinds
        self._hidden_columns = hidden_columns
        self._from_1904 = from_1904
        self._recalculates = recalculates
        self._number_marks = _NUMBER_1904_MARKS if from_1904 else _NUMBER_MARKS

    def make(self, row: int, index: int, kind: str, style: str, text: str | None, formula: bool) -> Cell:
        value, what = self._value(row, kind, style, text)
        marks = self._number_marks if what is Kind.NUMBER else NO_MARKS
        if formula:
            marks |= _CACHED
            # A library that computes nothing writes no result, or a 0 together with "compute all on opening".
            no_result = text is None or (text == "" and kind != "str")
            if no_result or (self._recalculates and what is Kind.NUMBER and value == 0):
                value, what, marks = None, Kind.BLANK, _MISSING
        if index in self._hidden_columns:
            marks |= _HIDDEN
        return Cell(value, what, row, column_letters(index), marks)

    def _value(self, row: int, kind: str, style: str, text: str | None) -> tuple[Value, Kind]:
        if text is None or text == "":
            return None, Kind.BLANK
        if kind == "s":
            place = int(text) if text.isascii() and text.isdigit() else len(self._texts)
            return self._text(row, self._texts[place] if place < len(self._texts) else "")
        if kind == "n":
            return self._number(style, text)
        if kind in ("inlineStr", "str"):
            return self._text(row, unescape(text))
        if kind == "b":
            return text in ("1", "true"), Kind.TRUTH
        return _iso_day(text) if kind == "d" else (text, Kind.ERROR)

    def _number(self, style: str, text: str) -> tuple[Value, Kind]:
        number = decimal_from_number_text(text)
        if number is None:
            return text, Kind.ERROR
        place = int(style) if style.isascii() and style.isdigit() else 0
        shown_as = self._kinds[place] if place < len(self._kinds) else Kind.NUMBER
        if shown_as is Kind.NUMBER:
            return number, Kind.NUMBER
        return dated(number, shown_as, from_1904=self._from_1904)

    @staticmethod
    def _text(row: int, text: str) -> tuple[Value, Kind]:
        if len(text) > limits.TEXT_MAX:
            raise TextTooLong(row=row, limit=limits.TEXT_MAX)
        return (text, Kind.TEXT) if text else (None, Kind.BLANK)


class SheetHandler:
    """Listens to expat and collects rows; `take` hands over those that are complete."""

    def __init__(self, maker: CellMaker) -> None:
        self._maker = maker
        self._rows: list[Row] = []
        self._cells: list[Cell] = []
        self._row = 0
        self._next_column = 0
        self._row_hidden = False
        self._in_cell = self._formula = self._collecting = self._phonetic = False
        self._index = 0
        self._kind = self._style = ""
        self._pieces: list[str] | None = None
        self._length = 0
        self._columns: dict[str, int] = {}
        self.parser = safe_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def take(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2] if ":" in name else name
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "v" or tag == "t":
            if self._in_cell and not self._phonetic:
                self._collecting = True
                if self._pieces is None:
                    self._pieces = []
        elif tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isascii() and number.isdigit() else self._row + 1
            self._row_hidden = attributes.get("hidden", "0") in ("1", "true")
            self._cells = []
            self._next_column = 0
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._phonetic = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self._index = self._next_column
        if reference:
            letters = reference.rstrip(_DIGITS)
            known = self._columns.get(letters)
            self._index = self._learn(letters) if known is None else known
        self._next_column = self._index + 1
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._in_cell = True
        self._formula = False
        self._pieces = None
        self._length = 0

    def _learn(self, letters: str) -> int:
        index = column_index(letters)
        if len(self._columns) <= limits.COLUMNS_MAX:
            self._columns[letters] = index
        return index

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2] if ":" in name else name
        if tag == "v" or tag == "t":
            self._collecting = False
        elif tag == "c":
            self._in_cell = False
            if self._pieces is not None or self._formula:
                self._add_cell("".join(self._pieces) if self._pieces is not None else None)
        elif tag == "row":
            if self._cells:
                self._rows.append(Row(self._row, tuple(self._cells), self._row_hidden))
                self._cells = []
        elif tag == "rPh":
            self._phonetic = False

    def _add_cell(self, text: str | None) -> None:
        if not 0 <= self._index < limits.COLUMNS_MAX:
            if text:
                raise TooManyColumns(row=self._row, limit=limits.COLUMNS_MAX)
            return
        cell = self._maker.make(self._row, self._index, self._kind, self._style, text, self._formula)
        while len(self._cells) < self._index:
            self._cells.append(Cell(None, Kind.BLANK, self._row, column_letters(len(self._cells))))
        if len(self._cells) == self._index:
            self._cells.append(cell)
        else:
            self._cells[self._index] = cell

    def _characters(self, text: str) -> None:
        if self._collecting and self._pieces is not None:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > _TEXT_IN_FILE_MAX:
                raise TextTooLong(row=self._row, limit=limits.TEXT_MAX)


def _iso_day(text: str) -> tuple[Value, Kind]:
    """A cell of type 'd' holds ISO 8601 text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text, Kind.ERROR
    if len(text) <= len("2026-03-05"):
        return date(moment.year, moment.month, moment.day), Kind.DAY
    return moment.replace(tzinfo=None), Kind.MOMENT
