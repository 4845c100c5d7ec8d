"""Windows of time that limits count by: the day, month, quarter or year a deed fell in, or all of time.

    >>> window_of("quarter", date(2026, 2, 28))
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))

Always the day of the deed, never the day somebody typed it in: late paper must not dodge a cap.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from pointsbank.schedule.rules import Window


def window_of(window: Window, day: date) -> tuple[date, date]:
    """First and last day (inclusive) of the window the day falls in."""
    match window:
        case "day":
            return day, day
        case "month":
            return _months(day.year, day.month, day.month)
        case "quarter":
            first = (day.month - 1) // 3 * 3 + 1
            return _months(day.year, first, first + 2)
        case "year":
            return _months(day.year, 1, 12)
        case "ever":
            return date.min, date.max


def _months(year: int, first: int, last: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])
