"""The stretch of days a rating looks at: a year, a half or a quarter of it.

    >>> days_of(2026, "H2")
    (datetime.date(2026, 7, 1), datetime.date(2026, 12, 31))
    >>> days_of(2026, "Q1")
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    >>> periods_of("quarter"), period_on("half", date(2026, 6, 30))
    (('Q1', 'Q2', 'Q3', 'Q4'), 'H1')
"""

from __future__ import annotations

from datetime import date, timedelta

PERIODS: dict[str, tuple[str, ...]] = {"year": ("Y",), "half": ("H1", "H2"), "quarter": ("Q1", "Q2", "Q3", "Q4")}
YEAR = "Y"
MONTHS = {"Y": (1, 12), "H1": (1, 6), "H2": (7, 12), "Q1": (1, 3), "Q2": (4, 6), "Q3": (7, 9), "Q4": (10, 12)}
WORDS = {"Y": ("{year} 年度", "{year}"), "H1": ("{year} 年上半年", "first half of {year}"),
         "H2": ("{year} 年下半年", "second half of {year}"), "Q1": ("{year} 年第一季度", "first quarter of {year}"),
         "Q2": ("{year} 年第二季度", "second quarter of {year}"),
         "Q3": ("{year} 年第三季度", "third quarter of {year}"),
         "Q4": ("{year} 年第四季度", "fourth quarter of {year}")}


def periods_of(rhythm: str) -> tuple[str, ...]:
    """The periods of a year in a rhythm: year, half or quarter."""
    return PERIODS[rhythm]


def days_of(year: int, period: str) -> tuple[date, date]:
    """First and last day."""
    first, last = MONTHS[period]
    end = date(year, 12, 31) if last == 12 else date(year, last + 1, 1) - timedelta(days=1)
    return date(year, first, 1), end


def period_on(rhythm: str, on: date) -> str:
    """The period a day lies in."""
    return next(period for period in PERIODS[rhythm] if MONTHS[period][0] <= on.month <= MONTHS[period][1])


def period_of(rhythm: str, year: int, today: date) -> str:
    """The period of a year that runs today, or the year's last one when the year is over.

    >>> period_of("half", 2026, date(2026, 3, 1)), period_of("half", 2025, date(2026, 3, 1))
    ('H1', 'H2')
    """
    return period_on(rhythm, min(today, date(year, 12, 31)))


def period_words(year: int, period: str, lang: str = "zh") -> str:
    """'2026 年第一季度'."""
    zh, en = WORDS[period]
    return (en if lang.startswith("en") else zh).format(year=year)
