"""Which numbers a sheet shows as days or times: told by the cell's number format alone.

    >>> kind_of_format("yyyy\\"年\\"m\\"月\\"d\\"日\\""), kind_of_format("h:mm"), kind_of_format("0.00")
    (<Kind.DAY: 'day'>, <Kind.TIME: 'time'>, <Kind.NUMBER: 'number'>)
"""

from __future__ import annotations

import re
from functools import lru_cache

from pointsbank.sheets.cells import Kind

_DAYS, _TIMES, _MOMENTS = Kind.DAY, Kind.TIME, Kind.MOMENT

# Built-in formats have no text in the file. 27-36 and 50-58 are the East Asian dates.
_BUILT_IN: dict[int, Kind] = {
    **dict.fromkeys((14, 15, 16, 17), _DAYS), **dict.fromkeys((18, 19, 20, 21), _TIMES), 22: _MOMENTS,
    **dict.fromkeys((27, 28, 29, 30, 31, 36), _DAYS), **dict.fromkeys((32, 33, 34, 35), _TIMES),
    **dict.fromkeys((45, 46, 47), _TIMES),
    **dict.fromkeys((50, 51, 52, 53, 54, 57, 58), _DAYS), **dict.fromkeys((55, 56), _TIMES),
}
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p|上午/下午', re.IGNORECASE)
_FRACTION = re.compile(r"s\.0+")
_GENERAL = re.compile(r"general|g/通用格式|@", re.IGNORECASE)


def kind_of_built_in(number: int) -> Kind:
    return _BUILT_IN.get(number, Kind.NUMBER)


@lru_cache(maxsize=1024)
def kind_of_format(code: str) -> Kind:
    """DAY, TIME, MOMENT (both) or NUMBER for a custom number format; only its first section counts."""
    plain = _GENERAL.sub("", _NOT_CODE.sub("", code)).split(";", 1)[0].lower()
    if "0" in _FRACTION.sub("", plain) or "#" in plain or "?" in plain:
        return Kind.NUMBER
    has_day = "y" in plain or "d" in plain or ("e" in plain and "m" in plain)
    has_time = "h" in plain or "s" in plain or "[m" in plain
    if has_day and has_time:
        return Kind.MOMENT
    if has_time:
        return Kind.TIME
    return Kind.DAY if has_day or "m" in plain else Kind.NUMBER
