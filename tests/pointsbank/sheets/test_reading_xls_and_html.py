"""Old workbooks, WPS tables and web pages named .xls: judged by content, read with the same answers as .xlsx."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import xlwt

from pointsbank.errors import DomainError
from pointsbank.sheets import (
    Kind,
    Mark,
    data_rows,
    find_header,
    guess_mapping,
    open_workbook,
    parse_day,
    parse_minutes,
    parse_number,
)
from pointsbank.sheets.ole2 import SIGNATURE
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
