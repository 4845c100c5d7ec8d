"""Writing tables: .xlsx and CSV that open right in Excel and WPS and come back unchanged when imported.

    >>> write_csv(["编号", "名称"], [["H001", "=1+1"]]).decode("utf-8-sig")
    "编号,名称\\r\\nH001,'=1+1\\r\\n"

Text stays text: codes keep their zeros, nothing runs as a formula. Numbers (int, Decimal) and days are written as
such. Rows may be an iterator of any length: .xlsx is written row by row with flat memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pointsbank.sheets import limits
from pointsbank.sheets.cells import Cell, Value, column_letters
from pointsbank.sheets.formula_safety import guard
from pointsbank.sheets.refusals import TextNotWritable

CsvEncoding = Literal["utf-8-sig", "gb18030"]

_WIDTHS = (8, 40)
_DIGITS_EXACT = 15        # beyond that a sheet's number loses digits
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_xlsx(headers: Sequence[str], rows: Iterable[Sequence[Value]], *, sheet: str = "表1") -> bytes:
    """A workbook of one sheet, the header bold and frozen. Raises TextNotWritable."""
    buffer = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(buffer, options) as book:
        formats = {
            "header": book.add_format({"bold": True, "num_format": "@", "bottom": 1, "quote_prefix": True}),
            "text": book.add_format({"num_format": "@", "quote_prefix": True}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "wrapped": book.add_format({"num_format": "@", "quote_prefix": True, "text_wrap": True}),
        }
        page = book.add_worksheet(_sheet_name(sheet))
        page.freeze_panes(1, 0)
        for index, name in enumerate(headers):
            page.set_column(index, index, min(max(2 * len(name) + 2, _WIDTHS[0]), _WIDTHS[1]))
            page.write_string(0, index, _writable(name, 1, index), formats["header"])
        for number, row in enumerate(rows, start=1):
            for index, value in enumerate(row):
                _write_cell(page, number, index, value, formats)
    return buffer.getvalue()


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Value]],
              encoding: CsvEncoding = "utf-8-sig") -> bytes:
    """CSV with a byte order mark, or in GB18030 for old WPS; plain GBK is never written, it loses rare characters.

    Raises TextNotWritable.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guard(_writable(name, 1, index)) for index, name in enumerate(headers)])
    for number, row in enumerate(rows, start=2):
        writer.writerow([_csv_field(value, number, index) for index, value in enumerate(row)])
    return text.getvalue().encode(encoding)


def _csv_field(value: Value, row: int, index: int) -> str:
    if isinstance(value, str):
        return guard(_writable(value, row, index))
    return Cell(value, "", row, "").text      # type: ignore[arg-type]


def _write_cell(page: Worksheet, row: int, index: int, value: Value, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, index, value)
    elif isinstance(value, int | Decimal):
        if len(Decimal(value).as_tuple().digits) > _DIGITS_EXACT:
            page.write_string(row, index, format(value, "f" if isinstance(value, Decimal) else "d"), formats["text"])
        else:
            page.write_number(row, index, value)
    elif isinstance(value, date):
        naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        page.write_datetime(row, index, naive, formats["moment" if isinstance(value, datetime) else "day"])
    else:
        text = _writable(value, row + 1, index)
        page.write_string(row, index, text, formats["wrapped" if "\n" in text else "text"])


def _writable(text: str, row: int, index: int) -> str:
    if len(text) > limits.TEXT_MAX or _UNWRITABLE.search(text):
        raise TextNotWritable(row=row, column=column_letters(index))
    return text


def _sheet_name(name: str) -> str:
    return _NOT_IN_SHEET_NAME.sub(" ", name).strip(" '")[:31] or "表1"
