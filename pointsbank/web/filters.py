"""Amounts and days as people read them, in the language of the page. Jinja filters; formatting comes last.

    {{ 14600|points }} 146.00 · {{ -500|signed }} −5.00 · {{ 210|minutes }} 3 小时 30 分 · {{ 210|hours }} 3.5
    {{ day|day }} 2026年3月5日 · {{ at|moment }} 2026年3月5日 14:05 (Asia/Shanghai) · {{ day|month }} 2026年3月
"""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from pointsbank import amounts
from pointsbank.clock import SHANGHAI
from pointsbank.web.viewer import language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def minutes(value: int) -> str:
    return amounts.format_minutes(value, language())


def day(value: date) -> str:
    """A day; an instant is shown as the village's day."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    if language() == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def month(value: date) -> str:
    if language() == "en":
        return f"{_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月"


def short_month(value: date) -> str:
    """Beneath a bar: 3月 / Mar."""
    return _MONTHS[value.month - 1] if language() == "en" else f"{value.month}月"


def moment(value: datetime) -> str:
    """Day and time in Asia/Shanghai."""
    local = value.astimezone(SHANGHAI)
    return f"{day(local)} {local:%H:%M}"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        points=amounts.format_points, signed=amounts.format_signed, hours=amounts.format_hours,
        minutes=minutes, day=day, month=month, short_month=short_month,
        moment=moment)
