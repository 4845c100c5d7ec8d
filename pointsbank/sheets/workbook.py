"""Opening an upload: what kind of file it is, judged by its content, and a Workbook over it.

    >>> book = open_workbook("姓名,时长\\n王芳,1.5\\n".encode("gb18030"), "时长.xlsx")
    >>> book.kind, book.survey.encoding, [row.texts() for row in book.rows()]
    ('csv', 'GB18030', [('姓名', '时长'), ('王芳', '1.5')])

The file's name is only shown, never believed: a CSV named .xlsx is read as CSV. Nothing is written to disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pointsbank.sheets import limits
from pointsbank.sheets.archive import Archive
from pointsbank.sheets.cells import Row
from pointsbank.sheets.csv_text import CsvSource
from pointsbank.sheets.html_table import HtmlSource
from pointsbank.sheets.ole2 import SIGNATURE, Container
from pointsbank.sheets.refusals import (
    EmptyFile,
    FileTooLarge,
    LockedFile,
    NotATable,
    NoVisibleSheet,
    OtherSpreadsheet,
    TooManyRows,
    UnknownSheet,
)
from pointsbank.sheets.sources import SheetName, Source, Survey
from pointsbank.sheets.xls import XlsSource
from pointsbank.sheets.xlsx import XlsxSource


@dataclass(frozen=True, slots=True)
class Workbook:
    """One sheet of an upload, chosen; `rows` may be walked as often as needed, each time streaming.

    `sheets` lists all sheets of the file; `skipped_hidden_sheets` those that were passed over.
    """

    kind: str                      # 'xlsx', 'xls', 'csv', 'html'
    filename: str                  # last part of the given name, without control characters
    sheets: tuple[SheetName, ...]
    sheet: str
    survey: Survey
    includes_hidden_rows: bool
    _source: Source
    _index: int

    @property
    def skipped_hidden_sheets(self) -> tuple[str, ...]:
        return tuple(sheet.name for sheet in self.sheets if sheet.hidden and sheet.name != self.sheet)

    def rows(self) -> Iterator[Row]:
        """Rows that hold something, in order; hidden ones only when asked for at opening.

        Raises TooManyRows, TooManyColumns, TextTooLong, UnclosedQuote, DamagedFile while it walks.
        """
        count = 0
        for row in self._source.rows(self._index):
            if (row.hidden and not self.includes_hidden_rows) or row.is_blank:
                continue
            count += 1
            if count > limits.ROWS_MAX:
                raise TooManyRows(limit=limits.ROWS_MAX)
            yield row


def open_workbook(data: bytes, filename: str, *, include_hidden_rows: bool = False,
                  sheet: str | None = None) -> Workbook:
    """Judge, measure and open an upload. Hidden sheets are passed over unless named by `sheet`.

    Raises a FileRefused: FileTooLarge, EmptyFile, NotATable, OtherSpreadsheet, LockedFile, DamagedFile,
    ExpandsTooFar, UnsafeXml, UnknownEncoding, UnclosedQuote, UnknownSheet, NoVisibleSheet, TextTooLong, TooManyRows.
    """
    if len(data) > limits.BYTES_MAX:
        raise FileTooLarge(size_mb=-(-len(data) // limits.MEGABYTE), limit_mb=limits.BYTES_MAX // limits.MEGABYTE)
    source = _source_of(data)
    sheets = source.sheets()
    index, survey = _choose(source, sheets, sheet)
    return Workbook(source.kind, safe_filename(filename), tuple(sheets), sheets[index].name, survey,
                    include_hidden_rows, source, index)


def safe_filename(name: str) -> str:
    """The last part of a name, for showing: no folders, no control or direction characters, at most 120 long."""
    last = re.split(r"[/\\]", name)[-1]
    shown = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", last).strip(" .")
    return shown[-120:] or "未命名"


def _choose(source: Source, sheets: list[SheetName], wanted: str | None) -> tuple[int, Survey]:
    """The named sheet, or the first visible one that holds data."""
    if not sheets:
        raise EmptyFile()
    if wanted is not None:
        for index, sheet in enumerate(sheets):
            if sheet.name == wanted:
                return index, source.survey(index)
        raise UnknownSheet(sheet=wanted[:60], sheets="、".join(sheet.name for sheet in sheets if not sheet.hidden))
    visible = [index for index, sheet in enumerate(sheets) if not sheet.hidden]
    if not visible:
        raise NoVisibleSheet()
    for index in visible:
        survey = source.survey(index)
        if survey.has_data:
            return index, survey
    raise EmptyFile()


def _source_of(data: bytes) -> Source:
    if not data.strip(b"\0 \t\r\n"):
        raise EmptyFile()
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zipped(data)
    if data.startswith(SIGNATURE):
        return _ole2(data)
    if data.startswith((b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00")):
        raise OtherSpreadsheet(kind={"zh": "很老的 Excel 文件(95 以前)", "en": "a very old Excel file (before 95)"})
    if (named := next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)) is not None:
        raise NotATable(kind=named)
    return _text(data)


def _zipped(data: bytes) -> Source:
    archive = Archive(data)
    names = archive.names()
    if "xl/workbook.bin" in archive:
        raise OtherSpreadsheet(kind={"zh": "二进制工作簿(.xlsb)", "en": "a binary workbook (.xlsb)"})
    if "content.xml" in archive and "mimetype" in archive:
        if b"spreadsheet" in archive.read("mimetype"):
            raise OtherSpreadsheet(kind={"zh": "开放文档表格(.ods)", "en": "an OpenDocument table (.ods)"})
        raise NotATable(kind={"zh": "开放文档", "en": "an OpenDocument file"})
    for folder, kind in (("word/", {"zh": "Word 文档", "en": "a Word document"}),
                         ("ppt/", {"zh": "演示文稿", "en": "a presentation"})):
        if any(name.startswith(folder) for name in names):
            raise NotATable(kind=kind)
    if any(name.startswith("index/") and name.endswith(".iwa") for name in names):
        raise OtherSpreadsheet(kind={"zh": "苹果 Numbers 表格", "en": "an Apple Numbers table"})
    if "xl/workbook.xml" not in archive and "[content_types].xml" not in archive:
        raise NotATable(kind={"zh": "压缩包,请先解压", "en": "a zip archive: unpack it first"})
    return XlsxSource(archive)


def _ole2(data: bytes) -> Source:
    container = Container(data)
    if "EncryptedPackage" in container:
        raise LockedFile()
    if "Workbook" in container or "Book" in container:
        return XlsSource(container)
    if "WordDocument" in container:
        raise NotATable(kind={"zh": "Word 文档", "en": "a Word document"})
    if any(name in container for name in ("ETBook", "WpsWorkbook", "ET")):
        raise OtherSpreadsheet(kind={"zh": "WPS 表格(.et)", "en": "a WPS table (.et)"})
    raise NotATable(kind={"zh": "别的 Office 文件", "en": "another kind of Office file"})


def _text(data: bytes) -> Source:
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if head.startswith(b"mime-version") or b"content-type: multipart/related" in head:
        raise OtherSpreadsheet(kind={"zh": "网页存档(.mht)", "en": "a web archive (.mht)"})
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise OtherSpreadsheet(kind={"zh": "XML 表格 2003", "en": "an XML Spreadsheet 2003"})
    if head.startswith(b"{\\rtf"):
        raise NotATable(kind={"zh": "RTF 文档", "en": "an RTF document"})
    if head.startswith((b"<?xml", b"{", b"[{")) and b"<table" not in head and b"<html" not in head:
        raise NotATable(kind={"zh": "XML 或 JSON 数据", "en": "XML or JSON data"})
    if re.match(rb"<(?:!doctype html|html|head|body|meta|table|style|div|!--)", head) or b"<table" in head[:2048]:
        return HtmlSource(data)
    return CsvSource(data)


_SIGNATURES: tuple[tuple[bytes, dict[str, str]], ...] = (
    (b"%PDF", {"zh": "PDF 文档", "en": "a PDF document"}),
    (b"\x89PNG", {"zh": "图片", "en": "a picture"}),
    (b"\xff\xd8\xff", {"zh": "图片", "en": "a picture"}),
    (b"GIF8", {"zh": "图片", "en": "a picture"}),
    (b"Rar!", {"zh": "压缩包,请先解压", "en": "an archive: unpack it first"}),
    (b"7z\xbc\xaf", {"zh": "压缩包,请先解压", "en": "an archive: unpack it first"}),
    (b"\x1f\x8b", {"zh": "压缩包,请先解压", "en": "an archive: unpack it first"}),
    (b"MZ", {"zh": "程序", "en": "a program"}),
    (b"\x7fELF", {"zh": "程序", "en": "a program"}),
    (b"SQLite format 3", {"zh": "数据库", "en": "a database"}),
)
