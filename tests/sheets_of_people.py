"""Generated rosters: families of four with heads, phones shared by a family, and rows that are bad in known ways."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import xlsxwriter
from stdnum.iso7064 import mod_11_2

HEADER = ("户号", "姓名", "与户主关系", "组别", "电话", "证件号", "出生日期", "监护人(已签同意书)")
FAMILY = 4
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈", "春夏秋冬梅兰竹菊山水江河湖海林森石玉金银"
RELATIONS = ("户主", "配偶", "儿子", "母亲")
BAD = {"number_broken": "id_check_digit", "blank_name": "blank", "future": "born_later", "child_alone": "under_14",
       "twice": "twice_in_file"}


def id_number(number: int) -> str:
    """A made-up number of a district that never was (230198; the demo has 230199), with its check digit."""
    born = date(1940, 1, 1) + timedelta(days=number % 23_000)
    head = f"230198{born:%Y%m%d}{number // 23_000 % 1000:03d}"
    return head + mod_11_2.calc_check_digit(head)


def member(number: int) -> list[object]:
    home, place = divmod(number, FAMILY)
    name = SURNAMES[home % 10] + GIVEN[number % 20] + GIVEN[number // 20 % 20]
    return [f"J{home + 1:05d}", name, RELATIONS[place], home % 9 + 1, f"139{home % 100_000_000:08d}",
            id_number(number), None, None]


def spoiled(kind: str, row: list[object], today: date) -> list[object]:
    bad = list(row)
    bad[2] = "亲属"
    if kind == "number_broken":
        text = str(bad[5])
        bad[5] = text[:-1] + ("3" if text[-1] == "2" else "2")  # not 0: four noughts would say that Excel lost digits
    elif kind == "blank_name":
        bad[1] = "　　"
    elif kind == "future":
        bad[5], bad[6] = None, today + timedelta(days=3)
    elif kind == "child_alone":
        bad[1], bad[5], bad[6] = f"{bad[1]}小", None, today - timedelta(days=3000)
    return bad


def rows(count: int, today: date, every: int) -> Iterator[tuple[list[object], str | None]]:
    """`count` rows; after every `every` good ones a bad one follows, of each kind in turn."""
    kinds, number, made = list(BAD), 0, 0
    while made < count:
        row = member(number)
        yield row, None
        number, made = number + 1, made + 1
        if number % every == 0 and made < count:
            kind = kinds[(number // every) % len(kinds)]
            yield spoiled(kind, row, today), kind
            made += 1


def roster(count: int, today: date, every: int = 50) -> tuple[bytes, dict[int, str]]:
    """(XLSX file, row number -> code of what is wrong)."""
    buffer, wrong = io.BytesIO(), {}
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        sheet, day = book.add_worksheet("名册"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for number, (row, kind) in enumerate(rows(count, today, every), start=1):
            if kind:
                wrong[number + 1] = BAD[kind]
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(number, column, value, day)
                elif value is not None:
                    sheet.write(number, column, value)
    return buffer.getvalue(), wrong
