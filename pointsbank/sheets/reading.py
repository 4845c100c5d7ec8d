"""What all parsers share: taking a cell or a bare value, and writing full-width and look-alike signs the plain way.

    >>> plain("　２０２６－３－５ "), plain("−30 min")
    ('2026-3-5', '-30 min')
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pointsbank.sheets.cells import Cell, Kind, Mark, Value
from pointsbank.sheets.problems import Notice, Parsed, Problem

T = TypeVar("T")

_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-",
                         "\u2212": "-", "\uff0d": "-", "\ufe63": "-", "\u3002": "."})
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")
_KINDS = {Kind.DAY: ("日期", "a date"), Kind.MOMENT: ("日期时间", "a date with a time"), Kind.TIME: ("时间", "a time"),
          Kind.TRUTH: ("真假值", "true or false"), Kind.NUMBER: ("数字", "a number"), Kind.TEXT: ("文字", "text")}
_NOTHING = frozenset({"", "-", "--", "---", "/", "\\", "无", "空", "N/A", "n/a", "NULL", "null", "None"})


def as_cell(value: Cell | Value) -> Cell:
    """A bare value as a cell without an address (row 0)."""
    if isinstance(value, Cell):
        return value
    kind = Kind.TEXT
    if value is None:
        kind = Kind.BLANK
    elif isinstance(value, bool):
        kind = Kind.TRUTH
    elif isinstance(value, int | Decimal):
        kind = Kind.NUMBER
    elif isinstance(value, datetime):
        kind = Kind.MOMENT
    elif isinstance(value, date):
        kind = Kind.DAY
    return Cell(value, kind, 0, "")


def plain(text: str) -> str:
    """NFKC (full-width digits, Roman Ⅹ), one kind of dash, no invisible characters, no blanks at the ends."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_DASHES).strip()


def shown(cell: Cell) -> str:
    """The content as it may be repeated in a sentence: short, on one line, never a formula's braces."""
    return " ".join(cell.text.split())[:40]


def refuse(cell: Cell, code: str, **facts: Any) -> Parsed[Any]:
    address = cell.address if cell.row else ""
    return Parsed(None, Problem(code, facts, address))


def accept(cell: Cell, value: T, *notices: Notice | None) -> Parsed[T]:
    """The value, with the parser's notices and those that the cell's marks call for."""
    address = cell.address if cell.row else ""
    found = [Notice(notice.code, notice.facts, address) for notice in notices if notice is not None]
    if Mark.FILLED_FROM_MERGED in cell.marks:
        found.append(Notice("filled_from_merged", {}, address))
    if Mark.FORMULA_CACHED in cell.marks:
        found.append(Notice("formula_result", {}, address))
    return Parsed(value, None, tuple(found))


def unusable(cell: Cell) -> Parsed[Any] | None:
    """The problem of a cell that no parser can use: empty, an error value, a formula without a stored value."""
    if Mark.FORMULA_MISSING in cell.marks:
        return refuse(cell, "formula_without_value")
    if cell.kind is Kind.ERROR:
        return refuse(cell, "error_cell", given=shown(cell))
    if cell.value is None or (isinstance(cell.value, str) and plain(cell.value) in _NOTHING):
        return refuse(cell, "blank")
    return None


def wrong_kind(cell: Cell, wanted_zh: str, wanted_en: str) -> Parsed[Any]:
    zh, en = _KINDS.get(cell.kind, ("别的", "something else"))
    return refuse(cell, "wrong_kind", kind_zh=zh, kind_en=en, wanted_zh=wanted_zh, wanted_en=wanted_en)
