"""Real files for the tests of this room: made by openpyxl, xlsxwriter and xlwt, or put together by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import openpyxl
import xlsxwriter
import xlwt

Rows = Iterable[Sequence[Any]]


def xlsx(rows: Rows, prepare: Callable[[Any, Any], None] | None = None) -> bytes:
    """By openpyxl; `prepare(book, sheet)` may merge, hide, format afterwards."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if prepare is not None:
        prepare(book, sheet)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def xlsx_by_xlsxwriter(fill: Callable[[Any, Any], None], options: Mapping[str, Any] | None = None) -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True, **(options or {})}) as book:
        fill(book, book.add_worksheet("时长"))
    return data.getvalue()


def xls(fill: Callable[[Any, Any], None], *, from_1904: bool = False) -> bytes:
    book = xlwt.Workbook()
    book.dates_1904 = int(from_1904)
    fill(book, book.add_sheet("时长"))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


WORKBOOK = ('<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="表" sheetId="1" r:id="rId1"/>'
            '</sheets></workbook>')
RELATIONS = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
             'Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
             'Target="worksheets/sheet1.xml"/></Relationships>')


def xlsx_by_hand(sheet: str | bytes, more: Mapping[str, str | bytes] | None = None, *, workbook: str = WORKBOOK,
                 relations: str = RELATIONS) -> bytes:
    """The least an .xlsx needs, around a sheet's XML."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", workbook)
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return data.getvalue()


def sheet_xml(rows: str, after: str = "", before: str = "") -> str:
    return ('<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f'{before}<sheetData>{rows}</sheetData>{after}</worksheet>')
