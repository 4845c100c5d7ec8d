"""Old workbooks, WPS tables and web pages named .xls: judged by content, read with the same answers as .xlsx."""

from __future__ import annotations

import io
import random
import struct
from datetime import date, datetime
from decimal import Decimal

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pointsbank.errors import DomainError
from pointsbank.sheets import (
    FileRefused,
    Kind,
    Mark,
    Row,
    biff,
    data_rows,
    find_header,
    guess_mapping,
    open_workbook,
    parse_day,
    parse_minutes,
    parse_number,
)
from pointsbank.sheets.ole2 import SIGNATURE
from pointsbank.sheets.xls import XlsSource
from tests.pointsbank.sheets.making import xls


def style(code: str) -> xlwt.XFStyle:
    return xlwt.easyxf(num_format_str=code)


def service_hours(book, sheet):
    for index, name in enumerate(("户主", "姓名", "日期", "时长", "内部")):
        sheet.write(0, index, name)
    sheet.write_merge(1, 3, 0, 0, "王德顺")
    for number, name in enumerate(("王德顺", "李𬭎", "王磊"), start=1):
        sheet.write(number, 1, name)
        sheet.write(number, 2, date(2026, 3, 5), style("yyyy-mm-dd"))
        sheet.write(number, 3, 0.0625, style("h:mm"))
    sheet.write(1, 4, 0.1)
    sheet.row(3).hidden = True
    sheet.col(4).hidden = True
    book.add_sheet("旧数据").visibility = 1


@pytest.mark.parametrize("filename", ["时长.xls", "时长.xlsx", "时长.et", "时长"])
def test_c44_c45_an_old_workbook_is_read_whatever_its_name(filename):
    book = open_workbook(xls(service_hours), filename, include_hidden_rows=True)
    assert book.kind == "xls" and book.skipped_hidden_sheets == ("旧数据",)
    rows = list(data_rows(book, find_header(book)))
    assert [row.texts()[:4] for row in rows] == [("王德顺", name, "2026-03-05", "1:30")
                                                 for name in ("王德顺", "李𬭎", "王磊")]
    assert rows[0].cell(4).value == Decimal("0.1")
    assert parse_minutes(rows[0].cell(3)).value == 90


def test_c41_c61_merged_and_hidden_parts_of_an_old_workbook_are_told():
    book = open_workbook(xls(service_hours), "a.xls")
    assert (book.survey.hidden_rows, book.survey.hidden_columns, book.survey.merged_blocks) == (1, ("E",), 1)
    rows = list(book.rows())
    assert [row.number for row in rows] == [1, 2, 3]
    assert Mark.FILLED_FROM_MERGED in rows[2].cell(0).marks and Mark.HIDDEN in rows[1].cell(4).marks


def test_an_old_workbook_that_does_not_begin_in_a1_keeps_its_addresses():
    def fill(book, sheet):
        sheet.write(2, 1, "姓名")
        sheet.write(3, 1, "王芳")
        sheet.write(3, 2, datetime(2026, 3, 5, 10, 30), style("yyyy-mm-dd hh:mm"))

    rows = list(open_workbook(xls(fill), "a.xls").rows())
    assert [cell.address for row in rows for cell in row.cells if cell.value is not None] == ["B3", "B4", "C4"]
    assert rows[1].cell(2).value == datetime(2026, 3, 5, 10, 30)


def test_c38_an_old_workbook_counting_from_1904_gives_the_day_that_was_typed():
    def fill(book, sheet):
        sheet.write(0, 0, date(2026, 3, 5), style("yyyy-mm-dd"))
        sheet.write(0, 1, 44624)

    [row] = open_workbook(xls(fill, from_1904=True), "mac.xls").rows()
    assert [parse_day(cell).value for cell in row.cells] == [date(2026, 3, 5)] * 2


def test_c43_a_formula_without_result_in_an_old_workbook_is_refused_by_row():
    def fill(book, sheet):
        sheet.write(0, 0, "积分")
        sheet.write(1, 0, xlwt.Formula("B2*1.5"))
        sheet.write(1, 1, 3)

    rows = list(open_workbook(xls(fill), "a.xls").rows())
    assert parse_number(rows[1].cell(0)).problem.code == "formula_without_value"


def test_c36_large_numbers_of_an_old_workbook_are_marked_as_numbers():
    [row] = open_workbook(xls(lambda book, sheet: sheet.write(0, 0, 230199196208172010)), "a.xls").rows()
    assert row.cell(0).kind is Kind.NUMBER and Mark.WAS_NUMBER in row.cell(0).marks


def test_a_hundred_pages_of_texts_survive_the_seams_of_the_file():
    """Texts of one and two bytes a character, cut anywhere by the format's records of 8 KB."""
    words = ("plain ascii ", "王德顺𬭎㛃", "王德顺𬭎㛃")
    texts = [words[number % 3] * (number % 40 + 1) + str(number) for number in range(3_000)]

    def fill(book, sheet):
        for number, text in enumerate(texts):
            sheet.write(number, 0, text)
            sheet.write(number, 1, number / 8)

    rows = list(open_workbook(xls(fill), "a.xls").rows())
    assert [row.cell(0).value for row in rows] == texts
    assert [row.cell(1).value for row in rows] == [Decimal(number) / 8 for number in range(3_000)]


@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)
                       | st.integers(-2**40, 2**40) | st.booleans() | st.text("王芳ab𬭎é", min_size=1, max_size=9),
                       min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_values_equal_those_of_another_reader(values):
    data = xls(lambda book, sheet: [sheet.write(number, 0, value) for number, value in enumerate(values)])
    ours = [row.cell(0).value for row in open_workbook(data, "a.xls").rows()]
    theirs = [row[0] for row in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()]
    assert len(ours) == len(theirs) == len(values)
    for our, other in zip(ours, theirs, strict=True):
        assert our == other or (our == 0 and abs(other) < 1e-30) or float(f"{other:.15g}") == float(our)


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


BEGIN, END = record(0x809, struct.pack("<HH", 0x0600, 0x10) + b"\0" * 12), record(0x0A, b"")


def cells_of(*parts: bytes, computed: bool = True, end: bytes = END) -> list[Row]:
    """The rows of a sheet whose records are these."""
    sheet = BEGIN + b"".join(parts) + end
    head = BEGIN + (record(0x1C1, b"\0" * 8) if computed else b"")
    place = len(head) + len(record(0x85, b"\0" * 9)) + len(END)
    stream = head + record(0x85, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"S") + END + sheet
    book = biff.read_book(stream)
    assert book.sheets[0].place == place
    source = XlsSource.__new__(XlsSource)
    source._stream, source._book, source._read = stream, book, set()
    return list(source.rows(0))


def formula(row: int, column: int, result: bytes) -> bytes:
    return record(0x06, struct.pack("<3H", row, column, 0) + result + b"\0" * 8)


def test_packed_numbers_are_read_in_all_their_forms():
    many = struct.pack("<HH", 0, 0) + b"".join(struct.pack("<HI", 0, packed) for packed in (
        (1234 << 2) | 3, (5 << 2) | 2, (-7 << 2) & 0xFFFFFFFF | 2, 0x3FF80000, 0x40590001)) + struct.pack("<H", 4)
    [row] = cells_of(record(0xBD, many))
    assert [cell.value for cell in row.cells] == [Decimal("12.34"), 5, -7, Decimal("1.5"), 1]


def test_c43_results_of_formulas_in_an_old_workbook():
    number, truth = struct.pack("<d", 4.5), b"\1\0\1\0\0\0\xff\xff"
    error, follows, empty = b"\2\0\7\0\0\0\xff\xff", b"\0\0\0\0\0\0\xff\xff", b"\3\0\0\0\0\0\xff\xff"
    text = record(0x207, struct.pack("<HB", 2, 1) + "王芳".encode("utf-16-le"))
    parts = (formula(0, 0, number), formula(0, 1, truth), formula(0, 2, error), formula(0, 3, follows),
             record(0x4BC, b"\0" * 8), text, formula(0, 4, follows), formula(0, 5, empty))
    [row] = cells_of(*parts)
    assert [cell.value for cell in row.cells] == [Decimal("4.5"), True, "#DIV/0!", "王芳", None, None]
    assert Mark.FORMULA_CACHED in row.cell(0).marks and Mark.FORMULA_MISSING in row.cell(4).marks
    assert row.cell(5).is_blank
    [row] = cells_of(formula(0, 0, struct.pack("<d", 0)), formula(0, 1, empty), computed=False)
    assert all(Mark.FORMULA_MISSING in cell.marks for cell in row.cells)


def test_rows_that_stand_out_of_order_are_put_in_order():
    rows = cells_of(*(record(0x203, struct.pack("<3Hd", row, 0, 0, row)) for row in (3, 1, 2)))
    assert [(row.number, row.cell(0).value) for row in rows] == [(2, 1), (3, 2), (4, 3)]


def test_a_sheet_that_breaks_off_between_two_records_is_damaged_not_short():
    with pytest.raises(FileRefused) as refusal:
        cells_of(record(0x203, struct.pack("<3Hd", 0, 0, 0, 1)), end=b"")
    assert refusal.value.code == "file_damaged"


def test_an_excel_95_file_is_refused_with_advice():
    with pytest.raises(DomainError) as refusal:
        biff.read_book(record(0x809, struct.pack("<HH", 0x0500, 5) + b"\0" * 4) + END)
    assert refusal.value.code == "file_other_spreadsheet" and "另存为" in refusal.value.sentence("zh")


def test_a_locked_old_workbook_is_refused_with_advice():
    with pytest.raises(DomainError) as refusal:
        biff.read_book(BEGIN + record(0x2F, b"\1\0" + b"\0" * 50) + END)
    assert refusal.value.code == "file_locked" and "密码" in refusal.value.sentence("zh")


def test_random_damage_to_an_old_workbook_never_crashes():
    dice = random.Random(7)
    good = xls(service_hours)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(dice.randrange(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            list(open_workbook(bytes(data), "a.xls").rows())
        except FileRefused as refusal:
            assert refusal.sentence("zh")


@pytest.mark.parametrize("cut", [520, 2_000, 5_000])
def test_a_cut_off_old_workbook_is_refused_with_advice(cut):
    with pytest.raises(DomainError) as refusal:
        list(open_workbook(xls(service_hours)[:cut], "a.xls").rows())
    assert refusal.value.status == 422 and "xlsx" in refusal.value.sentence("zh")


def test_sectors_that_run_in_a_circle_end_in_a_refusal():
    data = bytearray(xls(service_hours))
    data[76:80] = (0).to_bytes(4, "little")
    data[512:1024] = b"\0" * 512
    with pytest.raises(DomainError):
        open_workbook(bytes(data), "a.xls")
    with pytest.raises(DomainError):
        open_workbook(SIGNATURE + b"\xff" * 600, "a.xls")


PAGE = """<html><head><meta charset="{charset}"><style>td {{}}</style></head><body><table border=1>
<tr><td colspan="3"><b>志愿服务时长表</b></td></tr><tr><th>姓名</th><th>日期</th><th>时长</th></tr>
<tr><td rowspan=2>李𬭎&nbsp;</td><td>2026-03-05</td><td>1.5小时</td></tr><tr><td>2026-03-06<td>2小时
<tr style="display:none"><td>王芳</td><td>2026-03-07</td><td>1小时</td></tr>
</table><script>document.write("<table><tr><td>x</td><td>y</td></tr></table>")</script></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_c44_a_web_page_named_xls_is_read_as_its_table(charset):
    book = open_workbook(PAGE.format(charset=charset).encode(charset), "导出.xls")
    assert book.kind == "html" and book.survey.hidden_rows == 1 and len(book.sheets) == 1
    header = find_header(book, {"name": ["姓名"], "day": ["日期"], "minutes": ["时长"]})
    assert header.names == ("姓名", "日期", "时长")
    columns = guess_mapping(header.names, {"name": ["姓名"], "minutes": ["时长"]})
    rows = list(data_rows(book, header))
    assert [row.cell(columns["name"]).text.strip() for row in rows] == ["李𬭎", "李𬭎"]
    assert [parse_minutes(row.cell(columns["minutes"])).value for row in rows] == [90, 120]


def test_c44_a_web_page_without_a_table_is_refused():
    with pytest.raises(DomainError) as refusal:
        open_workbook("<html><body>请先登录</body></html>".encode(), "导出.xls")
    assert refusal.value.code == "file_empty"
