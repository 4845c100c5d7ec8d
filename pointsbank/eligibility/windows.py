"""The days a counted fact looks at: the caller's window, or one of those that a rule may name.

    hours            the window of the question (a rating's year or quarter; this year when nobody says otherwise)
    hours__12m       the twelve calendar months up to the day
    >>> named("12m", date(2026, 11, 25))
    Window(start=datetime.date(2025, 12, 1), end=datetime.date(2026, 11, 25))
    >>> named("lastyear", date(2026, 11, 25)).end.isoformat(), in_words("本年志愿服务时长", "12m", "zh")
    ('2025-12-31', '近 12 个月志愿服务时长')

Every named window begins with a month, so that monthly sums answer it.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import NamedTuple

DAWN = date(1900, 1, 1)  # before any book


class Window(NamedTuple):
    """The days looked at, both included."""

    start: date
    end: date


WINDOWS: dict[str, dict[str, str]] = {
    "month": {"zh": "本月", "en": "this month"}, "lastmonth": {"zh": "上月", "en": "last month"},
    "quarter": {"zh": "本季度", "en": "this quarter"}, "half": {"zh": "本半年", "en": "this half-year"},
    "year": {"zh": "今年", "en": "this calendar year"}, "lastyear": {"zh": "去年", "en": "last year"},
    "12m": {"zh": "近 12 个月", "en": "in the last 12 months"},
    "24m": {"zh": "近 24 个月", "en": "in the last 24 months"},
    "36m": {"zh": "近 36 个月", "en": "in the last 36 months"}, "ever": {"zh": "历年", "en": "ever"}}
_OWN = {"zh": "本年", "en": "this year"}


def year_to(on: date) -> Window:
    """From the first of January to the day."""
    return Window(date(on.year, 1, 1), on)


def months_back(on: date, months: int) -> date:
    """The same day of an earlier month, or its last day when that month is shorter."""
    index = on.year * 12 + on.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def month_number(day: date) -> int:
    """Months counted on through the years, so that December and January are neighbours."""
    return day.year * 12 + day.month - 1


def named(name: str, on: date) -> Window:
    """The window of a name, seen from a day."""
    first = on.replace(day=1)
    if name == "lastmonth":
        return Window(months_back(first, 1), first - timedelta(days=1))
    if name == "lastyear":
        return Window(date(on.year - 1, 1, 1), date(on.year - 1, 12, 31))
    starts = {"month": first, "quarter": date(on.year, (on.month - 1) // 3 * 3 + 1, 1),
              "half": date(on.year, 1 if on.month <= 6 else 7, 1), "year": date(on.year, 1, 1),
              "12m": months_back(first, 11), "24m": months_back(first, 23), "36m": months_back(first, 35), "ever": DAWN}
    return Window(starts[name], on)


def in_words(title: str, name: str, lang: str) -> str:
    """A title that speaks of this year, speaking of the window."""
    words = WINDOWS[name][lang]
    if _OWN[lang] in title:
        return title.replace(_OWN[lang], words)
    return f"{words}{title}" if lang == "zh" else f"{title} {words}"
