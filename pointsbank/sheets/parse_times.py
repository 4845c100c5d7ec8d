"""Times of day and durations.

    >>> parse_time("上午9点").value, parse_time(Decimal("0.375")).value
    (datetime.time(9, 0), datetime.time(9, 0))
    >>> [parse_minutes(text).value for text in ("1.5h", "90分钟", "1:30", "1.5小时", "１小时３０分")]
    [90, 90, 90, 90, 90]
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from pointsbank.sheets.cells import Cell, Kind, Value, clock_text
from pointsbank.sheets.chinese_numerals import with_digits
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, plain, refuse, shown, unusable, wrong_kind

DAY_MINUTES = 24 * 60
Unit = Literal["hours", "minutes"]

_CLOCK = re.compile(
    r"(?P<part>凌晨|清晨|早晨|早上|早|上午|中午|下午|午后|傍晚|晚上|晚|夜里|半夜|am|pm)?\s*"
    r"(?P<hour>\d{1,2})(?:[:点时](?:(?P<minute>\d{1,2})(?:(?::(?P<second>\d{1,2})(?:\.\d+)?)|分)?"
    r"|(?P<half>半)|(?P<quarter>[13])刻|整|钟)?)\s*(?P<part2>am|pm)?", re.IGNORECASE)
_EARLY = frozenset({"凌晨", "清晨", "早晨", "早上", "早", "上午", "am", "半夜"})
_LATE = frozenset({"下午", "午后", "傍晚", "晚上", "晚", "夜里", "pm"})

_NUMBER = r"(?P<{}>\d{{1,6}}(?:\.\d{{1,10}})?|\.\d{{1,10}})"
_HOURS = r"\s*(?:h|hrs?|hours?|个?小时|个?钟头|时)"
_MINUTES = r"\s*(?:m|mins?|minutes?|分钟?)"
_DURATION = re.compile(
    rf"(?:{_NUMBER.format('hours')}{_HOURS}(?P<half>半)?)?\s*(?:零|又)?\s*(?:{_NUMBER.format('minutes')}{_MINUTES})?",
    re.IGNORECASE)
_HALVES = re.compile(r"(?P<count>\d{0,2})(?:个)?半(?:个)?(?:小时|钟头)")
_COLON = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?\s*(?:h|小时)?", re.IGNORECASE)
_BARE = re.compile(r"\d{1,6}(?:\.\d{1,10})?|\.\d{1,10}")


def parse_time(value: Cell | Value) -> Parsed[time]:
    """A time of day: '9:00', '上午9点', '下午2点半', 0.375 (a sheet's part of a day, with a notice)."""
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    content = cell.value
    if isinstance(content, datetime):
        return accept(cell, content.time().replace(microsecond=0))
    if isinstance(content, date | bool):
        return wrong_kind(cell, "时间", "a time of day")
    if isinstance(content, int | Decimal):
        return _time_of_number(cell, Decimal(content))
    text = with_digits(plain(str(content)))
    if re.fullmatch(r"0?\.\d+", text):
        return _time_of_number(cell, Decimal(text))
    found = time_of_text(text)
    if isinstance(found, time):
        return accept(cell, found)
    return refuse(cell, found or "time_unreadable", given=shown(cell))


def time_of_text(text: str) -> time | str | None:
    """The time of day, or the code of the problem, or None when it is no time at all."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or (match["part"] and match["part2"]):
        return None
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    minute = 30 if match["half"] else int(match["quarter"] or 0) * 15 or minute
    part = (match["part"] or match["part2"] or "").lower()
    if part and hour == 12 and part not in ("中午", "下午", "pm", "凌晨", "am", "午后"):
        return "time_ambiguous"
    if (part in _LATE and hour < 12) or (part == "中午" and hour < 4):
        hour += 12
    elif part in _EARLY and hour == 12:
        hour = 0
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def parse_minutes(value: Cell | Value, *, unit: Unit | None = None,
                  minutes_max: int = DAY_MINUTES) -> Parsed[int]:
    """A duration in whole minutes. `unit` says what a bare number is; without it a bare number is refused.

    Part minutes are rounded half up, with a notice. 0, negative, and more than `minutes_max` are refused.
    """
    cell = as_cell(value)
    if (problem := unusable(cell)) is not None:
        return problem
    if cell.kind in (Kind.DAY, Kind.MOMENT, Kind.TRUTH):
        return wrong_kind(cell, "时长", "a duration")
    content = cell.value
    if cell.kind is Kind.TIME and isinstance(content, int | Decimal):
        seconds = (Decimal(content) * 86400).to_integral_value(ROUND_HALF_UP)     # 1:20 is 0.0555555555555556 there
        return _minutes(cell, seconds / 60, minutes_max)
    if isinstance(content, int | Decimal):
        return _bare(cell, Decimal(content), unit, minutes_max)
    text = with_digits(plain(str(content)))
    negative = text.startswith("-")
    text = text.lstrip("+-").strip()
    exact = _duration_of_text(text)
    if exact is None and _BARE.fullmatch(text):
        return _bare(cell, -Decimal(text) if negative else Decimal(text), unit, minutes_max)
    if exact is None:
        return refuse(cell, "minutes_unreadable", given=shown(cell))
    return _minutes(cell, -exact if negative else exact, minutes_max)


def _time_of_number(cell: Cell, days: Decimal) -> Parsed[time]:
    seconds = int((days % 1 * 86400).to_integral_value(ROUND_HALF_UP))
    if days < 0 or (not days % 1 and days != 0) or seconds >= 86400 or (days >= 1 and cell.kind is Kind.TIME):
        return refuse(cell, "time_unreadable", given=shown(cell))
    found = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    if cell.kind is Kind.TIME:
        return accept(cell, found)
    return accept(cell, found, Notice("read_as_time", {"given": shown(cell), "time": clock_text(days % 1)}))


def _duration_of_text(text: str) -> Decimal | None:
    """Exact minutes of '1:30', '1.5h', '2小时30分', '半小时', '1小时半'; None for other texts."""
    if (colon := _COLON.fullmatch(text)) is not None:
        return Decimal(colon[1]) * 60 + Decimal(colon[2]) + Decimal(colon[3] or 0) / 60
    if (halves := _HALVES.fullmatch(text)) is not None:
        return Decimal(halves["count"] or 0) * 60 + 30
    match = _DURATION.fullmatch(text)
    if match is None or (match["hours"] is None and match["minutes"] is None):
        return None
    half = 30 if match["half"] else 0
    return Decimal(match["hours"] or 0) * 60 + half + Decimal(match["minutes"] or 0)


def _bare(cell: Cell, number: Decimal, unit: Unit | None, minutes_max: int) -> Parsed[int]:
    if unit is None:
        return refuse(cell, "minutes_unit_missing", given=shown(cell))
    return _minutes(cell, number * 60 if unit == "hours" else number, minutes_max)


def _minutes(cell: Cell, exact: Decimal, minutes_max: int) -> Parsed[int]:
    minutes = int(exact.to_integral_value(ROUND_HALF_UP))
    if exact <= 0 or minutes <= 0:
        return refuse(cell, "minutes_not_positive")
    if exact > minutes_max:
        return refuse(cell, "minutes_too_long", limit=format((Decimal(minutes_max) / 60).normalize(), "f"))
    return accept(cell, minutes, Notice("minutes_rounded", {"minutes": minutes}) if minutes != exact else None)
