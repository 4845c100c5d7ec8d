"""Names of persons: rare characters kept as they are, blanks and dots made uniform, lost characters found.

    >>> parse_name("　王　芳 ").value, parse_name("阿依古丽‧买买提").value
    ('王芳', '阿依古丽·买买提')
    >>> parse_name("李?").problem.code
    'name_damaged'

No compatibility normalisation: it would replace rare characters by look-alikes. Only loose accents of Latin letters
are joined to their letters.
"""

from __future__ import annotations

import re
import unicodedata

from pointsbank.sheets.cells import Cell, Kind, Value
from pointsbank.sheets.limits import NAME_MAX
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, refuse, unusable

MIDDLE_DOT = "\u00b7"
_DOTS = re.compile("\\s*[\u00b7\u2027\u30fb\u2022\uff65\u2219\u22c5\u2e31\u16eb\u0387]\\s*")
_POINT_IN_HAN = re.compile("(?<=[\u3400-\u9fff])\\s*[.\uff0e\u3002]\\s*(?=[\u3400-\u9fff])")
_BLANKS = re.compile("[\\s\u00a0\u3000\u2800\u3164\uffa0]+")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff\U000f0000-\U0010ffff\u00b7"
_BLANK_IN_HAN = re.compile(f"(?<=[{_HAN}]) (?=[{_HAN}])")
_LOST = "?\uff1f\ufffd\u3013\u25a1\u25a0\u20de"


def parse_name(value: Cell | Value, *, length_max: int = NAME_MAX) -> Parsed[str]:
    """A person's name. Blank names, numbers, control characters and lost characters ('李?') are refused."""
    cell = as_cell(value)
    if cell.kind in (Kind.NUMBER, Kind.DAY, Kind.MOMENT, Kind.TIME, Kind.TRUTH):
        return refuse(cell, "name_is_number")
    if (problem := unusable(cell)) is not None:
        return problem
    name, notices = _tidied(cell.text)
    if not name:
        return refuse(cell, "blank")
    if re.fullmatch(r"[\d\s.,+\-]+", name):
        return refuse(cell, "name_is_number")
    if len(name) > length_max:
        return refuse(cell, "name_too_long", limit=length_max)
    for position, sign in enumerate(name, start=1):
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return refuse(cell, "control_character", position=position)
        if sign in _LOST:
            return refuse(cell, "name_damaged", position=position, sign=sign)
        if unicodedata.category(sign) == "Co":
            notices.append(Notice("private_character", {"position": position}))
    return accept(cell, name, *notices)


def _tidied(text: str) -> tuple[str, list[Notice]]:
    notices = []
    seen = _INVISIBLE.sub("", text)
    if seen.strip() != text.strip():
        notices.append(Notice("invisible_removed"))
    ends = re.sub(r"^[\t\r\n]+|[\t\r\n]+$", "", seen)
    name = _blanks_as_space(ends).strip(" ")
    joined = _BLANK_IN_HAN.sub("", name)
    dotted = _POINT_IN_HAN.sub(MIDDLE_DOT, _DOTS.sub(MIDDLE_DOT, name))
    if joined != name and dotted == name:
        notices.append(Notice("blanks_removed"))
    if dotted != name:
        notices.append(Notice("dot_unified"))
    name = _BLANK_IN_HAN.sub("", dotted)
    if any(unicodedata.combining(sign) for sign in name):
        name = unicodedata.normalize("NFC", name)
    return name, notices


def _blanks_as_space(text: str) -> str:
    """Every run of blanks one space; line breaks and tabs inside stay, to be refused as control characters."""
    return "".join(piece if re.search("[\t\r\n\x0b\x0c\x1c-\x1f\x85]", piece) else " "
                   if _BLANKS.fullmatch(piece) else piece for piece in re.split(f"({_BLANKS.pattern})", text))
