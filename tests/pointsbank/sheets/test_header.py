"""The header is found below titles, two levels are joined, columns are matched to what is wanted."""

from __future__ import annotations

import pytest

from pointsbank.sheets import clean_header, data_rows, find_header, guess_mapping, open_workbook, unit_of_header
from tests.pointsbank.sheets.making import xlsx

WANTED = {"name": ["姓名", "志愿者姓名", "name"], "day": ["日期", "服务日期"], "minutes": ["时长", "服务时长"],
          "points": ["积分"], "household": ["户编号", "户号"]}


def merged(*blocks: str):
    def merge(book, sheet):
        for block in blocks:
            sheet.merge_cells(block)
    return merge


TWO_LEVELS = [["2026年3月志愿服务时长表"], ["姓名", "志愿服务", None, "备注"], [None, "时长", "积分", None],
              ["王芳", 1.5, 2, "好"]]


@pytest.mark.parametrize("blocks", [("A1:D1", "A2:A3", "B2:C2", "D2:D3"), ("A1:D1", "B2:C2"), ("A1:B1", "B2:C2"), ()])
@pytest.mark.parametrize("wanted", [None, WANTED])
def test_c42_a_title_and_a_two_row_merged_header_are_joined(blocks, wanted):
    book = open_workbook(xlsx(TWO_LEVELS, merged(*blocks)), "a.xlsx")
    header = find_header(book, wanted)
    assert header.names == ("姓名", "志愿服务/时长", "志愿服务/积分", "备注")
    assert [row.cell(0).text for row in data_rows(book, header)] == ["王芳"]
    assert guess_mapping(header.names, WANTED) == {"name": 0, "minutes": 1, "points": 2}


def test_c42_the_same_two_levels_in_csv_are_joined():
    content = "2026年3月志愿服务时长表,,,\n姓名,志愿服务,,备注\n,时长,积分,\n王芳,1.5,2,好\n"
    book = open_workbook(content.encode("gb18030"), "a.csv")
    assert find_header(book, WANTED).names == ("姓名", "志愿服务/时长", "志愿服务/积分", "备注")


def test_c42_names_in_the_second_row_beside_a_merged_heading_are_kept():
    book = open_workbook(xlsx([[None, None, "志愿服务", None], ["姓名", "日期", "时长", "积分"], ["王芳", "x", 1, 2]],
                              merged("C1:D1")), "a.xlsx")
    assert find_header(book, WANTED).names == ("姓名", "日期", "志愿服务/时长", "志愿服务/积分")


def test_the_first_row_of_data_is_never_taken_for_a_second_level():
    for last in (None, "备注"):
        book = open_workbook(xlsx([["姓名", "备注", last], ["王芳", "好", "很好"]]), "a.xlsx")
        header = find_header(book, WANTED)
        assert header.last_row == 1 and len(list(data_rows(book, header))) == 1
    book = open_workbook(xlsx([["姓名", "备注", None], ["王芳", "好", "很好"]], merged("B1:C1")), "a.xlsx")
    assert find_header(book, WANTED).last_row == 1


def test_title_and_statement_rows_above_the_header_are_passed_over():
    rows = [["向阳村志愿服务时长表"], [], ["填表单位:向阳村", None, "填表日期:2026年3月"], ["2026-03-05", "第1页"],
            ["序号", "姓 名", "服务日期", "时长\n(小时)"], [1, "王芳", "2026-03-05", 1.5]]
    book = open_workbook(xlsx(rows, merged("A1:D1", "A3:B3", "C3:D3")), "a.xlsx")
    for wanted in (None, WANTED):
        header = find_header(book, wanted)
        assert header.names == ("序号", "姓名", "服务日期", "时长(小时)") and header.first_row == 5


def test_a_header_below_the_tenth_row_is_not_looked_for():
    book = open_workbook(xlsx([["题"]] * 10 + [["姓名", "日期"]]), "a.xlsx")
    with pytest.raises(Exception, match="前 10 行"):
        find_header(book)


def test_columns_of_other_names_can_still_be_mapped_by_hand():
    header = find_header(open_workbook(xlsx([["甲", "乙"], ["王芳", 1]]), "a.xlsx"), WANTED)
    assert header.names == ("甲", "乙") and guess_mapping(header.names, WANTED) == {}


def test_c46_c48_blanks_of_every_kind_and_marks_are_trimmed_from_headers():
    assert clean_header("\ufeff 姓\u00a0名\u3000*") == "姓名"
    assert clean_header("时长\r\n（小时）") == "时长(小时)"
    assert guess_mapping(["\u3000户编号\u00a0", "ＮＡＭＥ"], WANTED) == {"household": 0, "name": 1}


def test_each_column_is_used_once_and_the_exact_name_wins():
    headers = ["服务日期说明", "服务日期", "日期", "服务时长(分钟)", "时长"]
    assert guess_mapping(headers, {"day": ["日期"], "when": ["服务日期"], "minutes": ["时长"]}) == {
        "day": 2, "when": 1, "minutes": 4}
    assert guess_mapping(["姓名", "姓名"], {"a": ["姓名"], "b": ["姓名"]}) == {"a": 0, "b": 1}


@pytest.mark.parametrize(("name", "unit"), [
    ("时长(小时)", "hours"), ("时长（分钟）", "minutes"), ("服务分钟数", "minutes"),
    ("志愿服务/时长(h)", "hours"), ("时长(min)", "minutes"), ("时长", None), ("积分", None),
    ("时长(分)", "minutes")])
def test_the_unit_is_told_by_the_header(name, unit):
    assert unit_of_header(name) == unit
