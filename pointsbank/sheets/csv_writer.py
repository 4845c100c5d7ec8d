"""Writing CSV that opens right in Excel and WPS and comes back unchanged when imported. (.xlsx: `xlsx_writer`.)

    >>> write_csv(["编号", "名称"], [["H001", "=1+1"]]).decode("utf-8-sig")
    "编号,名称\\r\\nH001,'=1+1\\r\\n"
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal

from pointsbank.sheets.cells import Cell, Kind, Value
from pointsbank.sheets.formula_safety import guard
from pointsbank.sheets.xlsx_writer import writable

CsvEncoding = Literal["utf-8-sig", "gb18030"]


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[Value]],
              encoding: CsvEncoding = "utf-8-sig") -> bytes:
    """CSV with a byte order mark, or in GB18030 for old WPS; plain GBK is never written, it loses rare characters.

    Text that would run as a formula, or lose its zeros, is guarded (see `formula_safety`); numbers and days are
    written as such. Raises TextNotWritable.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guard(writable(name, 1, index)) for index, name in enumerate(headers)])
    for number, row in enumerate(rows, start=2):
        writer.writerow([_field(value, number, index) for index, value in enumerate(row)])
    return text.getvalue().encode(encoding)


def _field(value: Value, row: int, index: int) -> str:
    if isinstance(value, str):
        return guard(writable(value, row, index))
    return Cell(value, Kind.BLANK, row, "").text
