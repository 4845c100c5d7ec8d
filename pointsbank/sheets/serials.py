"""Serial days: the number a sheet keeps for a date. 46086 is 2026-03-05; a Mac's old base gives 44624 for it.

    >>> day_of_serial(46086, from_1904=False), day_of_serial(44624, from_1904=True)
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5))
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pointsbank.sheets.cells import Kind, Value

_LAST_SERIAL = 2_958_465       # 9999-12-31
_FEBRUARY_30 = 60              # the 1900 base holds a 29 February 1900 that never was
_SECONDS = Decimal(86400)


def day_of_serial(serial: int, *, from_1904: bool) -> date | None:
    """The day, or None where the serial is no day."""
    if not 0 <= serial <= _LAST_SERIAL:
        return None
    if from_1904:
        return date(1904, 1, 1) + timedelta(days=serial) if serial < _LAST_SERIAL - 1462 else None
    if serial == _FEBRUARY_30:
        return None
    return date(1899, 12, 31 if 0 < serial < _FEBRUARY_30 else 30) + timedelta(days=serial)


def moment_of_serial(serial: int | Decimal, *, from_1904: bool) -> datetime | None:
    """Day and time of day, to the second."""
    days = int(serial)
    seconds = int(((serial - days) * _SECONDS).to_integral_value()) if isinstance(serial, Decimal) else 0
    day = day_of_serial(days, from_1904=from_1904)
    return None if day is None else datetime.combine(day, time()) + timedelta(seconds=seconds)


def dated(number: int | Decimal, shown_as: Kind, *, from_1904: bool) -> tuple[Value, Kind]:
    """The value and kind of a number that the sheet shows as a day, a moment or a time."""
    is_small = 0 <= number < 1
    if (shown_as is Kind.TIME and number < 10_000) or (shown_as is Kind.MOMENT and is_small and number):
        return Decimal(number), Kind.TIME
    moment = moment_of_serial(number, from_1904=from_1904) if number >= 0 else None
    if moment is None:
        return number, Kind.NUMBER
    if shown_as is Kind.DAY and isinstance(number, int):
        return moment.date(), Kind.DAY
    return moment, Kind.MOMENT
