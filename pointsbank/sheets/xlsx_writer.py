"""An .xlsx of one sheet, written row by row straight into a zip in memory.

Why not a library: xlsxwriter either holds all rows in memory or puts them unencrypted into temporary files, and the
rows are people's names and numbers. The format needed here is small: texts, numbers, days, one header.

Texts are inline and marked as text (format @, quote prefix), so that nothing runs as a formula, not even after
somebody edits the cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Value, column_letters
from pointsbank.sheets.refusals import TextNotWritable

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN, _TEXT, _HEADING, _DAY, _MOMENT, _CENTS = range(6)      # places in cellXfs below


def _style(number_format: int, more: str = "", *, font: int = 0) -> str:
    return (f'<xf numFmtId="{number_format}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
            f'{more}/>')


_PARTS = {
    "[Content_Types].xml":
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels":
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
        f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        '</Relationships>',
    "xl/styles.xml":
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
        '<name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
        '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/>'
        '<bottom/><diagonal/></border></borders><cellStyleXfs count="1">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">'
        + _style(0) + _style(49, 'quotePrefix="1"') + _style(49, 'quotePrefix="1" applyFont="1"', font=1)
        + _style(164) + _style(165) + _style(2) +
        '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_DIGITS_EXACT = 15                                   # beyond that a sheet's number loses digits
_FIRST_SERIAL_DAY = date(1900, 3, 1)                 # before it the serials are off by the 29 February that never was
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NEEDS_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_STEADY_TIME = (2000, 1, 1, 0, 0, 0)                 # the same rows give the same bytes


def write_xlsx(headers: Sequence[str], rows: Iterable[Sequence[Value]], *, sheet: str = "表1") -> bytes:
    """A workbook of one sheet, the header bold and frozen. Rows may be an iterator. Raises TextNotWritable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        name = _NOT_IN_SHEET_NAME.sub(" ", sheet).strip(" '")[:31] or "表1"
        book = (f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name={quoteattr(name)} sheetId="1" '
                'r:id="rId1"/></sheets></workbook>')
        for part, content in (*_PARTS.items(), ("xl/workbook.xml", book)):
            archive.writestr(_entry(part), _HEAD + content)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as stream:
            _write_sheet(stream, headers, rows)
    return buffer.getvalue()


def writable(text: str, row: int, index: int) -> str:
    """The text, if a sheet can hold it."""
    if len(text) > limits.TEXT_MAX or _UNWRITABLE.search(text):
        raise TextNotWritable(row=row, column=column_letters(index))
    return text


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STEADY_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write_sheet(stream: IO[bytes], headers: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    widths = "".join(f'<col min="{index}" max="{index}" width="{min(max(2 * len(name) + 2, 9), 40)}" customWidth="1"/>'
                     for index, name in enumerate(headers, start=1))
    stream.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
                 'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
                 f'{f"<cols>{widths}</cols>" if widths else ""}<sheetData>'.encode())
    pending = [_row(1, headers, _HEADING)]
    for number, row in enumerate(rows, start=2):
        pending.append(_row(number, row, _TEXT))
        if len(pending) >= 500:
            stream.write("".join(pending).encode())
            pending.clear()
    stream.write(("".join(pending) + "</sheetData></worksheet>").encode())


def _row(number: int, values: Sequence[Value], text_style: int) -> str:
    cells = "".join(_cell(number, index, value, text_style) for index, value in enumerate(values))
    return f'<row r="{number}">{cells}</row>'


def _cell(row: int, index: int, value: Value, text_style: int) -> str:
    if value is None or value == "":
        return ""
    place = f'<c r="{column_letters(index)}{row}"'
    if isinstance(value, bool):
        return f'{place} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) >= _FIRST_SERIAL_DAY:
        return f'{place} s="{_MOMENT if isinstance(value, datetime) else _DAY}"><v>{_serial(value)}</v></c>'
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        if number.is_finite() and len(number.as_tuple().digits) <= _DIGITS_EXACT:
            style = _CENTS if number.as_tuple().exponent == -2 else _PLAIN
            return f'{place} s="{style}"><v>{number:f}</v></c>'
    text = writable(value.isoformat(" ") if isinstance(value, datetime) else str(value), row, index)
    escaped = escape(_NEEDS_ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text))
    return f'{place} s="{text_style}" t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def _serial(value: date) -> str:
    if not isinstance(value, datetime):
        return str((value - date(1899, 12, 30)).days)
    passed = value.replace(tzinfo=None) - datetime(1899, 12, 30)      # noqa: DTZ001  a sheet's clock has no zone
    return format(Decimal(passed // timedelta(seconds=1)) / 86400, ".10f")
