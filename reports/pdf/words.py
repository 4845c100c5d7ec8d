"""Days and moments as the paper documents write them, and the words of their language."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date

from pointsbank.clock import SHANGHAI
from pointsbank.words import words

__all__ = ["day_span", "day_text", "moment_text", "words"]


def day_text(day: date, lang: str = "zh") -> str:
    """'2026年3月5日' / '5 Mar 2026', as on the pages."""
    if lang.startswith("en"):
        return format_date(day, "d MMM y", locale="en")
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(at: datetime, lang: str = "zh") -> str:
    """The instant in Asia/Shanghai, to the minute: '2026年3月5日 18:02'."""
    local = at.astimezone(SHANGHAI)
    return f"{day_text(local.date(), lang)} {local:%H:%M}"


def day_span(start: date, end: date, lang: str = "zh") -> str:
    """'2026年3月1日 — 2026年3月31日'."""
    return f"{day_text(start, lang)} — {day_text(end, lang)}"
