""".xlsx and .xlsm: the sheet's XML read as a stream, cell by cell, with everything a clerk must be told.

Why not a library: calamine and openpyxl's read-only mode give values only. Here each cell also says whether it is a
formula with or without a stored result, hidden, or shown as a date: 100,000 rows of 8 cells in about 3 s with flat
memory (the shared texts are the one thing held).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from pointsbank.sheets import limits
from pointsbank.sheets.archive import Archive
from pointsbank.sheets.cells import Row, column_index, column_letters
from pointsbank.sheets.merges import fill
from pointsbank.sheets.refusals import DamagedFile, ExpandsTooFar, UnsafeXml
from pointsbank.sheets.sources import Block, SheetName, Survey
from pointsbank.sheets.xlsx_cells import CellMaker, SheetHandler
from pointsbank.sheets.xlsx_parts import CHUNK, read_book, read_number_kinds, read_shared_texts

# Every pattern stops at the next '<': nothing here runs longer than the text it looks at, whatever the text.
_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b[^<>]*>")
_IS_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_ROW_END = re.compile(rb"</(?:\w{1,20}:)?row>")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?(?:v|t)(?:\s[^<>]*)?>")
_COLUMN = re.compile(rb"<(?:\w{1,20}:)?col\b[^<>]*>")
_MERGED = re.compile(
    rb"""<(?:\w{1,20}:)?mergeCell\b[^<>]*\bref=["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_ATTRIBUTE = re.compile(rb"""\b(min|max|hidden)=["']([^"']*)["']""")
_UNFINISHED_MAX = 16 * limits.MEGABYTE     # one hidden row longer than this is no honest row


class XlsxSource:
    """A Source over the archive. Raises DamagedFile, UnsafeXml, ExpandsTooFar."""

    kind = "xlsx"

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._book = read_book(archive)
        self._kinds = read_number_kinds(archive, self._book.styles)
        self._texts: list[str] | None = None
        self._scans: dict[int, _Scan] = {}

    def sheets(self) -> list[SheetName]:
        return [SheetName(sheet.name, sheet.hidden) for sheet in self._book.sheets]

    def survey(self, index: int) -> Survey:
        scan = self._scan(index)
        hidden = tuple(column_letters(column) for column in sorted(scan.hidden_columns))
        return Survey(scan.has_data, scan.hidden_rows, hidden, len(scan.blocks), self._book.from_1904)

    def rows(self, index: int) -> Iterator[Row]:
        scan = self._scan(index)
        if self._texts is None:
            self._texts = read_shared_texts(self._archive, self._book.shared_texts)
        maker = CellMaker(self._texts, self._kinds, scan.hidden_columns,
                          from_1904=self._book.from_1904, recalculates=self._book.recalculates)
        with self._archive.open(self._book.sheets[index].part) as stream:
            yield from fill(_stream(stream, SheetHandler(maker)), scan.blocks)

    def _scan(self, index: int) -> _Scan:
        if index not in self._scans:
            scan = _Scan()
            with self._archive.open(self._book.sheets[index].part) as stream:
                scan.read(stream)
            self._scans[index] = scan
        return self._scans[index]


def _stream(stream: IO[bytes], handler: SheetHandler) -> Iterator[Row]:
    try:
        while chunk := stream.read(CHUNK):
            handler.parser.Parse(chunk, False)
            yield from handler.take()
        handler.parser.Parse(b"", True)
    except expat.ExpatError as broken:
        raise DamagedFile(kind=".xlsx") from broken
    yield from handler.take()


class _Scan:
    """A first quick look over the bytes of a sheet: what stands after the rows (merged blocks) or must be told
    before they are read (hidden rows and columns). A pattern search, so ten times faster than parsing."""

    def __init__(self) -> None:
        self.has_data = False
        self.hidden_rows = 0
        self.hidden_columns: frozenset[int] = frozenset()
        self.blocks: list[Block] = []

    def read(self, stream: IO[bytes]) -> None:
        kept = b""
        first = True
        while chunk := stream.read(CHUNK):
            text = kept + chunk
            if first:
                self._head(text)
                first = False
            kept = text[self._look(text):]
            if len(kept) > _UNFINISHED_MAX:
                raise ExpandsTooFar()
        self._look(kept + b"<")

    def _head(self, text: bytes) -> None:
        if b"<!DOCTYPE" in text.replace(b"\0", b"") or b"<!ENTITY" in text.replace(b"\0", b""):
            raise UnsafeXml()
        hidden: set[int] = set()
        for tag in _COLUMN.findall(text):
            attributes = dict(_ATTRIBUTE.findall(tag))
            if attributes.get(b"hidden") in (b"1", b"true"):
                first, last = int(attributes.get(b"min", b"1")), int(attributes.get(b"max", b"1"))
                hidden.update(range(first - 1, min(last, limits.COLUMNS_MAX)))
        self.hidden_columns = frozenset(hidden)

    def _look(self, text: bytes) -> int:
        """Count what is complete in `text`; the answer is how far it has been dealt with. What stands after the last
        '<', and a hidden row that has not ended yet, wait for the next chunk."""
        dealt_with = max(text.rfind(b"<"), 0)
        self.has_data = self.has_data or _VALUE.search(text) is not None
        for match in _ROW.finditer(text) if b"hidden" in text else ():
            if match[0].endswith(b"/>") or not _IS_HIDDEN.search(match[0]):
                continue
            end = _ROW_END.search(text, match.end())
            if end is None or end.end() > dealt_with:
                dealt_with = min(dealt_with, match.start())
                break
            self.hidden_rows += _VALUE.search(text, match.end(), end.start()) is not None
        for match in _MERGED.finditer(text, 0, dealt_with):
            self._add_block(*match.groups())
        return dealt_with

    def _add_block(self, left: bytes, top: bytes, right: bytes, bottom: bytes) -> None:
        if len(self.blocks) >= limits.MERGED_BLOCKS_MAX:
            raise ExpandsTooFar()
        self.blocks.append(Block(int(top), column_index(left.decode()), int(bottom), column_index(right.decode())))
