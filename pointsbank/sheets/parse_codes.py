"""Barcodes of goods and codes of households.

    >>> parse_barcode("012345678905").value, parse_barcode("6901234567892\\r").value
    ('0012345678905', '6901234567892')
    >>> parse_code("ｈ００１").value, parse_code("H1").value
    ('H001', 'H001')
"""

from __future__ import annotations

import re
from decimal import Decimal

from pointsbank.sheets.cells import Cell, Kind, Value
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, plain, refuse, shown, unusable, wrong_kind

_LENGTHS = (8, 12, 13, 14)
_SCANNER_PREFIX = re.compile(r"^\][A-Za-z]\d")       # symbology mark that some scanners send first
_LOOK_ALIKE = {"O": "0", "Q": "0", "L": "1", "I": "1", "|": "1", "Z": "2", "S": "5", "B": "8"}


def parse_barcode(value: Cell | Value) -> Parsed[str]:
    """A GTIN with a fitting check digit, as stored: 13 digits (UPC's 12 get their leading zero), or 8 or 14.

    Zeros lost in a number cell are restored, with a notice; the check digit vouches for them.
    """
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    if cell.kind not in (Kind.TEXT, Kind.NUMBER):
        return wrong_kind(cell, "条码", "a barcode")
    if isinstance(cell.value, Decimal) or (isinstance(cell.value, int) and cell.value < 0):
        return refuse(cell, "barcode_unreadable")
    text = re.sub(r"[\s\-]", "", _SCANNER_PREFIX.sub("", plain(cell.text)))
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text):
        return refuse(cell, "barcode_digits_lost")
    if not text.isascii() or not text.isdigit():
        return refuse(cell, "barcode_unreadable")
    lost_zeros = cell.kind is Kind.NUMBER and len(text) not in _LENGTHS and len(text) < 12
    if len(text) not in _LENGTHS and not lost_zeros:
        return refuse(cell, "barcode_length", found=len(text))
    if not has_check_digit(text):
        return refuse(cell, "barcode_check_digit")
    if len(text) == 14 and text.startswith("0"):
        text = text[1:]
    code = text if len(text) in (8, 14) else text.zfill(8 if len(text) < 8 else 13)
    return accept(cell, code, Notice("barcode_zeros_restored") if lost_zeros else None)


def has_check_digit(digits: str) -> bool:
    """The last digit of a GTIN makes the weighted sum a multiple of ten; zeros in front change nothing."""
    weighted = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return digits.strip("0") != "" and sum(weighted) % 10 == 0


def parse_code(value: Cell | Value, *, prefix: str = "H", digits: int = 3) -> Parsed[str]:
    """A code of one letter group and a number, 'H001': any width and case is read, the number padded to `digits`."""
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    example = prefix + "1".zfill(digits)
    if cell.kind not in (Kind.TEXT, Kind.NUMBER):
        return refuse(cell, "code_unreadable", given=shown(cell), example=example)
    text = re.sub(r"[\s\-_]", "", plain(cell.text)).upper()
    if text.isascii() and text.isdigit():
        return refuse(cell, "code_prefix_missing", example=example)
    number = text.removeprefix(prefix.upper())
    if number == text or not number or len(number) > 9:
        return refuse(cell, "code_unreadable", given=shown(cell), example=example)
    for position, sign in enumerate(number, start=len(prefix) + 1):
        if not "0" <= sign <= "9":
            digit = _LOOK_ALIKE.get(sign)
            return refuse(cell, "code_wrong_character", position=position, sign=sign,
                          hint_zh=f"(是不是 {digit}?)" if digit else "", hint_en=f" ({digit}?)" if digit else "")
    code = prefix + str(int(number)).zfill(digits)
    return accept(cell, code, Notice("code_padded", {"code": code}) if len(number) != len(code) - len(prefix) else None)
