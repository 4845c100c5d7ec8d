"""Generated sheets of service hours: 5,000 rows, of which 40 are bad in 10 ways, each known by row and code."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from uuid import UUID

import xlsxwriter

from pointsbank.people import PersonCard, age_on

HEADER = ("户号", "姓名", "细则编码", "服务日期", "开始时间", "时长(小时)", "活动名称", "流水号")
# kind of mistake -> (column, what the finding's code must be)
BAD = {
    "unknown_household": ("户号", "unknown_household"), "unknown_person": ("姓名", "unknown_person"),
    "unknown_rule": ("细则编码", "unknown_rule"), "year_1899": ("服务日期", "day_out_of_range"),
    "year_0226": ("服务日期", "day_out_of_range"), "no_such_day": ("服务日期", "day_ambiguous"),
    "future": ("服务日期", "future_service"), "25_hours": ("时长(小时)", "minutes_too_long"),
    "zero": ("时长(小时)", "minutes_not_positive"), "twice": ("", "twice_in_one_batch"),
}
EACH = 4
Busy = frozenset[tuple[UUID, date]]


def adults(people: list[PersonCard], today: date) -> list[PersonCard]:
    return [person for person in people if person.born_on and age_on(person.born_on, today) >= 18]


def good_rows(people: list[PersonCard], today: date, count: int,
              busy: Busy = frozenset()) -> list[list[object]]:
    """Deeds that can all be recorded: nobody twice at the same time, nobody more than seven hours a day.

    `busy`: whose days hold something already.
    """
    rows: list[list[object]] = []
    grown = adults(people, today)
    for slots in (((8, 2), (11, "1.5小时"), (14, 2.5)), ((18, 1),)):
        for back in range(1, 30):
            day = today - timedelta(days=back)
            for slot, hours in slots:
                for person in grown:
                    if len(rows) == count:
                        return rows
                    if (person.id, day) not in busy:
                        rows.append([person.household_code, person.name, "V01", day, f"{slot}:00", hours, "村道清扫",
                                     f"LJ-{len(rows) + 1:05d}"])
    raise ValueError(f"only {len(rows)} good rows can be made")


def spoil(row: list[object], kind: str, before: list[object], today: date) -> list[object]:
    """The row with one mistake of a kind."""
    bad = list(row)
    if kind == "unknown_household":
        bad[0] = "H999"
    elif kind == "unknown_person":
        bad[1] = "查无此人"
    elif kind == "unknown_rule":
        bad[2] = "Q77"
    elif kind == "year_1899":
        bad[3] = "1899-12-31"
    elif kind == "year_0226":
        bad[3] = "0226-11-05"
    elif kind == "no_such_day":
        bad[3] = "26-3-5"
    elif kind == "future":
        bad[3] = today + timedelta(days=3)
    elif kind == "25_hours":
        bad[5] = 25
    elif kind == "zero":
        bad[5] = 0
    elif kind == "twice":
        bad = list(before)
    return bad


def workbook(rows: list[list[object]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})  # the same rows are the same bytes
        sheet, day = book.add_worksheet("时长"), book.add_format({"num_format": "yyyy-mm-dd"})
        for column, title in enumerate(HEADER):
            sheet.write_string(0, column, title)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                else:
                    sheet.write(number, column, value)
    return buffer.getvalue()


def sheet_with_mistakes(people: list[PersonCard], today: date, count: int = 5000,
                        busy: Busy = frozenset()) -> tuple[bytes, dict[int, str], list[list[object]]]:
    """(file, row number -> kind of mistake, the good rows). Mistakes are spread over the whole sheet."""
    good = good_rows(people, today, count - EACH * len(BAD), busy)
    rows, wrong = list(good), {}
    kinds = [kind for kind in BAD for _ in range(EACH)]
    gap = len(good) // (len(kinds) + 1)
    for number, kind in enumerate(kinds, start=1):
        place = number * gap + number - 1
        rows.insert(place, spoil(rows[place], kind, rows[place - 1], today))
        if kind != "twice":
            rows[place][7] = f"BAD-{number:02d}"
        wrong[place + 2] = kind  # row 1 is the header
    return workbook(rows), wrong, good
