"""Phone numbers and identity numbers. A number the file has damaged is refused: it must never be stored half right.

    >>> parse_phone("+86 138-0013-8000").value, parse_phone("13800138000.0").value
    ('13800138000', '13800138000')
    >>> parse_id_number("２３０１９９１９７５０３０９００８ｘ").value.text
    '23019919750309008X'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from stdnum.iso7064 import mod_11_2

from pointsbank.sheets.cells import Cell, Kind, Value
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, plain, refuse, unusable, wrong_kind

_SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,2})")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_SERVICE = re.compile(r"[48]00\d{7}")
_DIGITS_KEPT = 8            # 1.3800138E+10 still says all; 1.38E+10 does not
_PROVINCES = frozenset({11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
                        53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91, 92, 93, 94, 95, 96, 97, 98, 99})
_LOOK_ALIKE = {"O": "0", "o": "0", "D": "0", "Q": "0", "l": "1", "I": "1", "i": "1", "L": "1", "|": "1", "Z": "2",
               "S": "5", "B": "8"}


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked resident number: 18 characters, or 15 digits of the old kind. `as_18` is one and the same for both."""

    text: str
    as_18: str
    born_on: date
    is_old: bool = False


def parse_phone(value: Cell | Value) -> Parsed[str]:
    """A mobile number as 11 digits, or a landline with its area code (with a notice)."""
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    if cell.kind not in (Kind.TEXT, Kind.NUMBER):
        return wrong_kind(cell, "电话号码", "a phone number")
    if isinstance(cell.value, int | Decimal) and cell.value < 0:
        return refuse(cell, "phone_unreadable")
    text = plain(cell.text)
    if (scientific := _SCIENTIFIC.fullmatch(text)) is not None:
        if len(scientific[1].replace(".", "")) < _DIGITS_KEPT:
            return refuse(cell, "phone_digits_lost")
        text = format(Decimal(text), "f")
    text = re.sub(r"\.0+$", "", text)
    if re.search(r"\d{7,}\s*[,;/、,;\n]\s*\d{7,}", text) or len(re.findall(r"1[3-9]\d{9}", text)) > 1:
        return refuse(cell, "phone_two")
    digits = re.sub(r"[\s().\-]", "", text)
    digits = re.sub(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|0?[1-9]\d{9,10}$)", "", digits)
    if not digits.isascii() or not digits.isdigit():
        return refuse(cell, "phone_unreadable")
    return _judged_phone(cell, digits)


def _judged_phone(cell: Cell, digits: str) -> Parsed[str]:
    if _MOBILE.fullmatch(digits):
        return accept(cell, digits)
    if _LANDLINE.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return accept(cell, digits, Notice("phone_landline"))
    if _LANDLINE.fullmatch("0" + digits):
        return refuse(cell, "phone_zero_lost")
    if len(digits) in (7, 8):
        return refuse(cell, "phone_no_area")
    return refuse(cell, "phone_unreadable" if len(digits) == 11 else "phone_length", found=len(digits))


def parse_id_number(value: Cell | Value, *, allow_old: bool = True, not_after: date | None = None) -> Parsed[IdNumber]:
    """A resident identity number (GB 11643): form, province, day of birth, check character.

    `allow_old` takes the 15-digit kind, with a notice; a form that asks for 18 characters passes False.
    `not_after` refuses later days of birth (pass today).
    """
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    if cell.kind not in (Kind.TEXT, Kind.NUMBER):
        return wrong_kind(cell, "证件号", "an ID number")
    if isinstance(cell.value, Decimal) or (isinstance(cell.value, int) and cell.value >= 10 ** 15):
        return refuse(cell, "id_digits_lost")
    text = re.sub(r"[\s\-]", "", plain(cell.text))
    if re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d+", text) or re.fullmatch(r"\d{15,18}\.0*", text):
        return refuse(cell, "id_digits_lost")
    upper = text[:-1] + text[-1:].upper()
    for position, sign in enumerate(upper, start=1):
        if not ("0" <= sign <= "9" or (sign == "X" and position == len(upper) and len(upper) != 15)):
            return _wrong_character(cell, "id_wrong_character", position, sign)
    if len(upper) == 15:
        return _old(cell, upper, allow_old, not_after)
    if len(upper) != 18:
        return refuse(cell, "id_length", found=len(upper))
    return _new(cell, upper, not_after)


def _wrong_character(cell: Cell, code: str, position: int, sign: str) -> Parsed[IdNumber]:
    digit = _LOOK_ALIKE.get(sign)
    return refuse(cell, code, position=position, sign=sign, hint_zh=f"(是不是 {digit}?)" if digit else "",
                  hint_en=f" ({digit}?)" if digit else "")


def _new(cell: Cell, text: str, not_after: date | None) -> Parsed[IdNumber]:
    born = _day(text[6:14])
    if int(text[:2]) not in _PROVINCES:
        return refuse(cell, "id_region")
    if born is None or born.year < 1880 or (not_after is not None and born > not_after):
        return refuse(cell, "id_birth_day", position=7, last=14)
    if mod_11_2.checksum(text) != 1:
        return refuse(cell, "id_digits_lost" if text.endswith("000") else "id_check_digit")
    return accept(cell, IdNumber(text, text, born))


def _old(cell: Cell, text: str, allow_old: bool, not_after: date | None) -> Parsed[IdNumber]:
    born = _day("19" + text[6:12])
    typed_short = _day(text[6:14])
    if typed_short is not None and typed_short.year // 100 in (19, 20):
        return refuse(cell, "id_truncated")       # 2010-12-.. also reads as 1920-10-12, a person of over a hundred
    if born is None and text[6:8] in ("19", "20"):
        return refuse(cell, "id_truncated")
    if not allow_old:
        return refuse(cell, "id_old_not_here")
    if int(text[:2]) not in _PROVINCES:
        return refuse(cell, "id_region")
    if born is None or (not_after is not None and born > not_after):
        return refuse(cell, "id_birth_day", position=7, last=12)
    long = text[:6] + "19" + text[6:]
    return accept(cell, IdNumber(text, long + mod_11_2.calc_check_digit(long), born, is_old=True), Notice("id_old"))


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
