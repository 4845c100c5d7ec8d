"""Days and moments, in the forms people write them.

    >>> parse_day("2026年3月5日").value, parse_day("２０２６．３．５").value
    (datetime.date(2026, 3, 5), datetime.date(2026, 3, 5))
    >>> parse_day("26-3-5").problem.code
    'day_ambiguous'

A moment has no zone: it is the wall clock of Asia/Shanghai, as written. Text with an explicit offset is moved there.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from pointsbank.sheets.cells import Cell, Kind, Mark, Value
from pointsbank.sheets.chinese_numerals import with_digits
from pointsbank.sheets.parse_times import time_of_text
from pointsbank.sheets.problems import Notice, Parsed
from pointsbank.sheets.reading import accept, as_cell, plain, refuse, shown, unusable, wrong_kind
from pointsbank.sheets.serials import moment_of_serial

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
_SHANGHAI = timezone(timedelta(hours=8))
_SERIALS = range(10_000, 100_000)       # five digits: 1927 to 2173; smaller bare numbers are no dates

_WRITTEN = re.compile(
    r"(?P<year>\d{4})(?:(?P<sign>[-./])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"|年(?P<month2>\d{1,2})月(?P<day2>\d{1,2})[日号]?)(?P<rest>.*)", re.DOTALL)
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})(?P<rest>|\D.*)", re.DOTALL)
_WEEKDAY = re.compile(r"^[\s,(]*(?:周|星期|礼拜)[一二三四五六日天1-6][)\s]*")
_AMBIGUOUS = re.compile(
    r"\d{1,2}[-./]\d{1,2}(?:[-./]\d{1,4})?(?:\s.*)?|\d{2}年\d{1,2}月\d{1,2}[日号]?|\d{1,2}月\d{1,2}[日号]?"
    r"|\d{4}(?:[-./]|年)\d{1,2}月?|\d{1,2}[日号]|\d{6}|\d{1,2}[- ][A-Za-z]{3,9}\.?[- ,]*\d{0,4}"
    r"|[A-Za-z]{3,9}\.?[- ]\d{1,2},?[- ]*\d{0,4}")
_LUNAR = re.compile(r"农历|阴历|旧历|正月|腊月|冬月|闰|初[一二三四五六七八九十\d]")
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")


def parse_day(value: Cell | Value, *, not_before: date = FIRST_DAY, not_after: date = LAST_DAY) -> Parsed[date]:
    """A calendar day. A bare five-digit number is a sheet's serial day, with a notice."""
    cell = as_cell(value)
    found = _moment(cell)
    if not isinstance(found, tuple):
        return found
    day, clock, notice = found
    if not not_before <= day <= not_after:
        return refuse(cell, "day_out_of_range", given=shown(cell), first=not_before.isoformat(),
                      last=not_after.isoformat())
    if clock not in (None, time(0)) and notice is None:
        notice = Notice("time_left_out")
    return accept(cell, day, notice)


def parse_moment(value: Cell | Value, *, not_before: date = FIRST_DAY, not_after: date = LAST_DAY) -> Parsed[datetime]:
    """A day with a time of day, without zone. A day alone is refused (`time_missing`)."""
    cell = as_cell(value)
    found = _moment(cell)
    if not isinstance(found, tuple):
        return found
    day, clock, notice = found
    if not not_before <= day <= not_after:
        return refuse(cell, "day_out_of_range", given=shown(cell), first=not_before.isoformat(),
                      last=not_after.isoformat())
    if clock is None:
        return refuse(cell, "time_missing", given=shown(cell))
    return accept(cell, datetime.combine(day, clock), notice)


Found = tuple[date, time | None, Notice | None]


def _moment(cell: Cell) -> Found | Parsed[Any]:
    if (problem := unusable(cell)) is not None:
        return problem
    content = cell.value
    if isinstance(content, datetime):
        return content.date(), content.time(), None
    if isinstance(content, date):
        return content, None, None
    if cell.kind in (Kind.TIME, Kind.TRUTH):
        return wrong_kind(cell, "日期", "a date")
    if isinstance(content, int | Decimal):
        return _of_number(cell, content)
    text = with_digits(plain(str(content)))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _of_number(cell, Decimal(text))
    return _of_text(cell, text)


def _of_number(cell: Cell, number: int | Decimal) -> Found | Parsed[Any]:
    if number == int(number) and 10_000_000 <= number < 100_000_000:
        return _of_text(cell, str(int(number)))
    moment = None
    if int(number) in _SERIALS:
        moment = moment_of_serial(number, from_1904=Mark.DAYS_FROM_1904 in cell.marks)
    if moment is None:
        return refuse(cell, "day_unreadable", given=shown(cell))
    notice = Notice("read_as_day", {"given": shown(cell), "day": moment.date().isoformat()})
    return moment.date(), moment.time() if number != int(number) else None, notice


def _of_text(cell: Cell, text: str) -> Found | Parsed[Any]:
    if _LUNAR.search(text):
        return refuse(cell, "day_lunar", given=shown(cell))
    squeezed = re.sub(r"\s*([年月日号])\s*", r"\1", re.sub(r"\s*([-./])\s*", r"\1", text))
    match = _WRITTEN.fullmatch(squeezed)
    parts: tuple[str, ...] = ()
    if match is not None:
        parts = match["year"], match["month"] or match["month2"], match["day"] or match["day2"]
    elif (match := _EIGHT.fullmatch(squeezed)) is not None:
        parts = match.group(1, 2, 3)
    if match is None:
        code = "day_ambiguous" if _AMBIGUOUS.fullmatch(squeezed) else "day_unreadable"
        return refuse(cell, code, given=shown(cell))
    rest = _WEEKDAY.sub("", match["rest"]).strip()
    year, month, day = (int(part) for part in parts)
    if year < FIRST_DAY.year:
        return refuse(cell, "day_out_of_range", given=shown(cell), first=FIRST_DAY.isoformat(),
                      last=LAST_DAY.isoformat())
    try:
        found = date(year, month, day)
    except ValueError:
        return refuse(cell, "day_impossible", given=shown(cell))
    return _with_time(cell, found, rest) if rest else (found, None, None)


def _with_time(cell: Cell, day: date, rest: str) -> Found | Parsed[Any]:
    clock_text = rest.removeprefix("T").removeprefix("t").strip()
    offset = _OFFSET.search(clock_text)
    if offset is not None:
        try:
            moment = datetime.fromisoformat(f"{day.isoformat()}T{clock_text}").astimezone(_SHANGHAI)
        except (ValueError, OverflowError):
            return refuse(cell, "day_unreadable", given=shown(cell))
        return moment.date(), moment.time().replace(tzinfo=None, microsecond=0), None
    clock = time_of_text(clock_text)
    if not isinstance(clock, time):
        return refuse(cell, "day_unreadable" if clock is None else clock, given=shown(cell))
    return day, clock, None
