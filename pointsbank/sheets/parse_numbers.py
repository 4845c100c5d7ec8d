"""Plain numbers as people write them: '1,234', '￥1,234.50', '１２', '12分'.

    >>> parse_number("￥1,234.50").value, parse_number("12分").value
    (Decimal('1234.50'), Decimal('12'))
    >>> parse_number("(200)").problem.code
    'number_parenthesised'
"""

from __future__ import annotations

import re
from decimal import Decimal

from pointsbank.sheets.cells import Cell, Kind, Value
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, plain, refuse, shown, unusable, wrong_kind

_PLAIN = re.compile(r"[-+]?(?:\d{1,15}(?:\.\d{1,12})?|\.\d{1,12})")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,12})?")
_SIGN = re.compile(r"^([-+]?)\s*(?:¥|￥|RMB|CNY|人民币)\s*([-+]?)", re.IGNORECASE)
_UNIT = re.compile(r"(?<=[\d.])\s*([^\d\s.,()%‰+\-]{1,4})$")
_COUNTING_WORD = re.compile("[万千百亿十仟佰拾]|[kKwW]$")
_BRACKETS = re.compile(r"\(\s*(?:¥|￥)?\s*([\d,.]+)\s*\)|([\d,.]+)-")
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d+")


def parse_number(value: Cell | Value, *, decimals: int | None = None, least: Decimal | int | None = None,
                 most: Decimal | int | None = None) -> Parsed[Decimal]:
    """An exact number. A unit behind it and a currency sign are left out, with a notice; '(200)' asks what is meant.

    `decimals` is how many are allowed at most; nothing is ever rounded here.
    """
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    if cell.kind in (Kind.DAY, Kind.MOMENT, Kind.TIME, Kind.TRUTH):
        return wrong_kind(cell, "数字", "a number")
    if isinstance(cell.value, int | Decimal):
        return _within(cell, Decimal(cell.value), (), decimals, least, most)
    text, notices = _without_signs(plain(str(cell.value)))
    if (code := _objection(text)) is not None:
        inner = _BRACKETS.fullmatch(text)
        return refuse(cell, code, given=shown(cell), inner=(inner[1] or inner[2]) if inner else "")
    return _within(cell, Decimal(text.replace(",", "")), notices, decimals, least, most)


def _without_signs(text: str) -> tuple[str, tuple[Notice, ...]]:
    notices = []
    if _SIGN.match(text):
        text = _SIGN.sub(r"\1\2", text)
        notices.append(Notice("sign_left_out"))
    unit = _UNIT.search(text)
    if unit is not None and not _COUNTING_WORD.search(unit[1]):
        text = text[:unit.start()]
        notices.append(Notice("unit_left_out", {"unit": unit[1]}))
    return text.strip(), tuple(notices)


def _objection(text: str) -> str | None:
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return None
    if _BRACKETS.fullmatch(text):
        return "number_parenthesised"
    if _SCIENTIFIC.fullmatch(text):
        return "number_scientific"
    if re.search(r"\d", text) and _COUNTING_WORD.search(text):
        return "number_in_words"
    return "number_grouping" if re.fullmatch(r"[-+]?[\d.,\s']+", text) and re.search(r"\d", text) \
        else "number_unreadable"


def _within(cell: Cell, number: Decimal, notices: tuple[Notice, ...], decimals: int | None,
            least: Decimal | int | None, most: Decimal | int | None) -> Parsed[Decimal]:
    exponent = number.normalize().as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
        return refuse(cell, "number_too_precise", decimals=decimals)
    if (least is not None and number < least) or (most is not None and number > most):
        return refuse(cell, "number_out_of_range", least="…" if least is None else least,
                      most="…" if most is None else most)
    return accept(cell, number, *notices)
