"""Words of the paper documents in the reader's language, from the one catalogue all pages use.

    >>> _ = words("zh")
    >>> _("第 %(page)s 页", page=3)
    '第 3 页'

Documents are made by jobs and commands too, so the language is a parameter and not taken from a request.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from babel.dates import format_date
from babel.support import NullTranslations, Translations

import pointsbank
from pointsbank.clock import SHANGHAI

CATALOGUE = Path(str(pointsbank.__path__[0])) / "translations"


@functools.cache
def _catalogue(lang: str) -> NullTranslations:
    return Translations.load(CATALOGUE, [lang])


def words(lang: str) -> Callable[..., str]:
    """The translating function for a language; the Chinese text is its own key."""
    catalogue = _catalogue("en" if lang.startswith("en") else "zh")

    def translate(message: str, **values: object) -> str:
        text = str(catalogue.gettext(message))
        return text % values if values else text

    return translate


def day_text(day: date, lang: str = "zh") -> str:
    """'2026年3月5日' / '5 March 2026'."""
    if lang.startswith("en"):
        return format_date(day, "d MMMM y", locale="en")
    return f"{day.year}年{day.month}月{day.day}日"


def moment_text(at: datetime, lang: str = "zh") -> str:
    """The instant in Asia/Shanghai, to the minute: '2026年3月5日 18:02'."""
    local = at.astimezone(SHANGHAI)
    return f"{day_text(local.date(), lang)} {local:%H:%M}"


def day_span(start: date, end: date, lang: str = "zh") -> str:
    """'2026年3月1日 — 2026年3月31日'."""
    return f"{day_text(start, lang)} — {day_text(end, lang)}"
