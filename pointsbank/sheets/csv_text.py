"""CSV and its relatives: separators , ; Tab |, any line end, quoted line breaks, read as a stream.

Why not the csv module: it keeps quiet about a stray quote inside a field, and cannot name the line a broken quote
started in. A row with a stray quote carries the problem, so the other rows stay importable; a quote that is never
closed refuses the file, because rows behind it cannot be told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Cell, Kind, Row, column_letters
from pointsbank.sheets.encodings import Encoding, encoding_of, lines_of
from pointsbank.sheets.formula_safety import unguard
from pointsbank.sheets.problems import Problem
from pointsbank.sheets.refusals import TextTooLong, TooManyColumns, UnclosedQuote
from pointsbank.sheets.sources import SheetName, Survey

SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_LINES = 200
_FIELD_LINES_MAX = 500
_RECORD_LENGTH_MAX = 4 * limits.TEXT_MAX
_ANNOUNCED = re.compile(r"(?i)sep=(.)\r?\n?")
_LINE_LENGTH_MAX = 1_000_000
_OPENING = re.compile(r' *"')
_QUOTED = re.compile(r' *"([^"]*(?:""[^"]*)*)"(?!") *')


class Record(NamedTuple):
    line: int              # where it starts in the file, from 1
    fields: list[str]
    stray_quote: bool = False


class CsvSource:
    """A Source with one sheet. Raises NotATable, UnknownEncoding, UnclosedQuote."""

    kind = "csv"

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._encoding: Encoding = encoding_of(data)
        first = next(lines_of(data, self._encoding), "")
        announced = _ANNOUNCED.fullmatch(first)
        self._skipped = 1 if announced else 0
        self.separator = announced[1] if announced else guess_separator(
            islice(lines_of(data, self._encoding), _SAMPLE_LINES))

    def sheets(self) -> list[SheetName]:
        return [SheetName("")]

    def survey(self, index: int) -> Survey:
        has_data = any(line.strip() for line in islice(self._lines(), _SAMPLE_LINES))
        return Survey(has_data, encoding=self._encoding.name, separator=self.separator)

    def rows(self, index: int) -> Iterator[Row]:
        for number, record in enumerate(records(self._lines(), self.separator), start=1):
            if record.fields == [""]:
                continue
            yield _row(number, record, self._skipped)

    def _lines(self) -> Iterator[str]:
        return islice(lines_of(self._data, self._encoding), self._skipped, None)


def _row(number: int, record: Record, skipped: int) -> Row:
    cells = []
    line = record.line + skipped
    if len(record.fields) > limits.COLUMNS_MAX and any(record.fields[limits.COLUMNS_MAX:]):
        raise TooManyColumns(row=line, limit=limits.COLUMNS_MAX)
    for index, field in enumerate(record.fields[:limits.COLUMNS_MAX]):
        if len(field) > limits.TEXT_MAX:
            raise TextTooLong(row=line, limit=limits.TEXT_MAX)
        text = unguard(field)
        cells.append(Cell(text, Kind.TEXT, number, column_letters(index)) if text
                     else Cell(None, Kind.BLANK, number, column_letters(index)))
    problem = Problem("stray_quote", {"line": line}) if record.stray_quote else None
    return Row(number, tuple(cells), line=line, problem=problem)


def records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """Records with their first line. Raises UnclosedQuote."""
    source = iter(lines)
    line = 0
    for text in source:
        line += 1
        start = line
        if len(text) > _LINE_LENGTH_MAX:
            raise TextTooLong(row=line, limit=limits.TEXT_MAX)
        if '"' not in text:
            yield Record(start, text.rstrip("\r\n").split(separator))
            continue
        fields = split_quoted(text, separator)
        while fields is None:
            more = next(source, None)
            line += 1
            if more is None or line - start > _FIELD_LINES_MAX or len(text) > _RECORD_LENGTH_MAX:
                raise UnclosedQuote(line=start)
            text += more
            fields = split_quoted(text, separator) if '"' in more else None
        if fields:
            yield Record(start, fields)
        elif line > start:
            raise UnclosedQuote(line=start)
        else:
            yield Record(start, text.rstrip("\r\n").split(separator), stray_quote=True)


def split_quoted(text: str, separator: str) -> list[str] | None:
    """The fields of one record; None when a quoted field goes on in the next line; [] for a stray quote."""
    text = text.removesuffix("\n").removesuffix("\r")
    fields: list[str] = []
    place = 0
    while True:
        if _OPENING.match(text, place):
            match = _QUOTED.match(text, place)
            if match is None:
                return None
            if match.end() < len(text) and not text.startswith(separator, match.end()):
                return []
            fields.append(match[1].replace('""', '"'))
            end = match.end()
        else:
            end = text.find(separator, place)
            end = len(text) if end < 0 else end
            if '"' in text[place:end]:
                return []
            fields.append(text[place:end])
        if end >= len(text):
            return fields
        place = end + len(separator)


def guess_separator(lines: Iterable[str]) -> str:
    """The separator under which most rows have as many columns as the first row that has several."""
    sample = [line for line in lines if line.strip()]
    best, best_score = SEPARATORS[0], (0, 0)
    for separator in SEPARATORS:
        widths = _widths(sample, separator)
        header = next((width for width in widths[:limits.HEADER_ROWS_SEARCHED] if width > 1), 0)
        score = (widths.count(header) * 1000 // len(widths) if header else 0, header)
        if score > best_score:
            best, best_score = separator, score
    return best


def _widths(sample: list[str], separator: str) -> list[int]:
    widths = []
    try:
        for record in records(sample, separator):
            widths.append(len(record.fields))
    except UnclosedQuote:
        pass    # the sample may end inside a quoted field
    return widths or [0]
