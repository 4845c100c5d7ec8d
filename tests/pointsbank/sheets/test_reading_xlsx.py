"""What stands in an .xlsx arrives exact, and what a clerk must be told is told."""

from __future__ import annotations

import io
import resource
import time
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pointsbank.errors import DomainError
from pointsbank.sheets import (
    Kind,
    Mark,
    data_rows,
    find_header,
    open_workbook,
    parse_day,
    parse_minutes,
    parse_number,
    parse_time,
    write_xlsx,
)
from tests.pointsbank.sheets.making import RELATIONS, sheet_xml, xlsx, xlsx_by_hand, xlsx_by_xlsxwriter


def rows_of(data: bytes, **options):
    return list(open_workbook(data, "表.xlsx", **options).rows())


def test_every_kind_of_cell_arrives_exact():
    def fill(book, sheet):
        sheet["D1"].number_format = "yyyy-mm-dd"
        sheet["E1"].number_format = "yyyy/m/d h:mm"
        sheet["F1"].number_format = "h:mm"

    [row] = rows_of(xlsx([["李𬭎", 267.39, 90, 46086, 46086.4375, 0.0625, True, None, 0.1]], fill))
    assert [cell.value for cell in row.cells] == [
        "李𬭎", Decimal("267.39"), 90, date(2026, 3, 5), datetime(2026, 3, 5, 10, 30), Decimal("0.0625"), True, None,
        Decimal("0.1")]
    assert [cell.kind for cell in row.cells[2:6]] == [Kind.NUMBER, Kind.DAY, Kind.MOMENT, Kind.TIME]
    assert row.cells[1].address == "B1" and row.cells[5].text == "1:30"
    assert Mark.WAS_NUMBER in row.cells[1].marks


def test_a_number_of_seventeen_digits_is_the_number_the_person_sees():
    cells = '<row r="1"><c r="A1"><v>1.1000000000000001</v></c><c r="B1"><v>268.28000000000003</v></c>' \
            '<c r="C1"><v>0.30000000000000004</v></c><c r="D1"><v>1.3800138E+10</v></c></row>'
    [row] = rows_of(xlsx_by_hand(sheet_xml(cells)))
    assert [cell.value for cell in row.cells] == [Decimal("1.1"), Decimal("268.28"), Decimal("0.3"), 13800138000]


def test_c38_a_workbook_counting_from_1904_gives_the_day_that_was_typed():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    sheet.append([date(2026, 3, 5), 44624])
    data = io.BytesIO()
    book.save(data)
    [row] = rows_of(data.getvalue())
    assert row.cells[0].value in (date(2026, 3, 5), datetime(2026, 3, 5))
    assert parse_day(row.cells[0]).value == date(2026, 3, 5)
    assert parse_day(row.cells[1]).value == date(2026, 3, 5)      # a bare serial counts from 1904 here too
    assert open_workbook(data.getvalue(), "mac.xlsx").survey.counts_days_from_1904


def test_c40_a_bare_serial_number_is_a_day_where_a_day_is_wanted_and_says_so():
    book = open_workbook(xlsx([["服务日期", "时长"], [46086, 46086], [46086.4375, 1.5]]), "a.xlsx")
    header = find_header(book)
    first, second = data_rows(book, header)
    day = parse_day(first.cell(0))
    assert day.value == date(2026, 3, 5)
    assert day.notices[0].code == "read_as_day" and "2026-03-05" in day.notices[0].zh
    assert day.notices[0].address == "A2"
    assert parse_day(second.cell(0)).value == date(2026, 3, 5)
    assert parse_time(second.cell(0)).value.isoformat() == "10:30:00"
    assert first.cell(1).value == 46086
    assert parse_minutes(first.cell(1), unit="hours").problem.code == "minutes_too_long"
    assert parse_minutes(first.cell(1), unit="minutes").problem.code == "minutes_too_long"


def test_c41_a_merged_household_reaches_all_its_members_and_is_marked():
    def merge(book, sheet):
        sheet.merge_cells("A2:A4")

    rows = rows_of(xlsx([["户主", "成员"], ["王德顺", "王德顺"], [None, "李秀英"], [None, "王磊"]], merge))
    assert [row.cell(0).value for row in rows[1:]] == ["王德顺"] * 3
    assert Mark.FILLED_FROM_MERGED not in rows[1].cell(0).marks
    assert Mark.FILLED_FROM_MERGED in rows[2].cell(0).marks and Mark.FILLED_FROM_MERGED in rows[3].cell(0).marks


def test_c41_a_merged_block_makes_no_rows_of_its_own_and_fills_no_row_outside():
    def merge(book, sheet):
        sheet.merge_cells("A2:A9")

    rows = rows_of(xlsx([["户主", "成员"], ["王德顺", "王德顺"], [None, "李秀英"], [], [], [], [], [], [],
                         [None, "别家"]], merge))
    assert [row.number for row in rows] == [1, 2, 3, 10]
    assert rows[-1].cell(0).is_blank


def test_c41_a_merged_block_over_the_whole_sheet_costs_nothing():
    started = time.process_time()
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>题</t></is></c></row>',
                      '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    assert len(rows_of(xlsx_by_hand(sheet))) == 1
    assert time.process_time() - started < 1


def test_c43_a_formula_with_a_stored_result_is_used_and_marked():
    def fill(book, sheet):
        sheet.write_row(0, 0, ["姓名", "小时", "积分"])
        sheet.write_row(1, 0, ["王芳", 3])
        sheet.write_formula(1, 2, "=B2*1.5", None, 4.5)

    row = rows_of(xlsx_by_xlsxwriter(fill))[1]
    assert row.cell(2).value == Decimal("4.5") and Mark.FORMULA_CACHED in row.cell(2).marks
    parsed = parse_number(row.cell(2))
    assert parsed.value == Decimal("4.5") and [notice.code for notice in parsed.notices] == ["formula_result"]


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
def test_c43_a_formula_without_a_stored_result_is_refused_by_row_and_never_zero(library):
    def fill(book, sheet):
        sheet.write_row(0, 0, ["姓名", "小时", "积分"])
        sheet.write_row(1, 0, ["王芳", 3])
        sheet.write_formula(1, 2, "=B2*1.5")

    data = xlsx_by_xlsxwriter(fill) if library == "xlsxwriter" else \
        xlsx([["姓名", "小时", "积分"], ["王芳", 3, "=B2*1.5"]])
    row = rows_of(data)[1]
    assert row.cell(2).value is None and not row.cell(2).is_blank
    problem = parse_number(row.cell(2)).problem
    assert problem.code == "formula_without_value" and problem.address == "C2"
    assert parse_minutes(row.cell(2), unit="hours").problem.code == "formula_without_value"


def test_c43_a_row_of_nothing_but_formulas_without_results_is_not_dropped():
    assert [row.number for row in rows_of(xlsx([["姓名", "积分"], ["=A9", "=B9*2"]]))] == [1, 2]


def test_c43_a_formula_that_gives_empty_text_is_simply_empty():
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><f>""</f><v></v></c></row>'
    [row] = rows_of(xlsx_by_hand(sheet_xml(cells)))
    assert row.cell(1).is_blank


def test_c43_an_error_value_is_refused_by_name():
    cells = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    [row] = rows_of(xlsx_by_hand(sheet_xml(cells)))
    assert "#DIV/0!" in parse_number(row.cell(1)).problem.zh


def roster_with_hidden_parts() -> bytes:
    def hide(book, sheet):
        for number in (3, 5, 7):
            sheet.row_dimensions[number].hidden = True
        sheet.row_dimensions[40].hidden = True          # empty: nobody is missing there
        sheet.column_dimensions["C"].hidden = True
        old = book.create_sheet("旧数据", 0)
        old.append(["姓名", "旧"])
        old.sheet_state = "hidden"

    return xlsx([["姓名", "日期", "内部"], *([f"村民{number}", "2026-3-5", "x"] for number in range(1, 11))], hide)


def test_c61_hidden_rows_sheets_and_columns_are_counted_and_left_out_unless_wanted():
    data = roster_with_hidden_parts()
    book = open_workbook(data, "花名册.xlsx")
    assert book.sheet == "Sheet" and book.skipped_hidden_sheets == ("旧数据",)
    assert book.survey.hidden_rows == 3 and book.survey.hidden_columns == ("C",)
    assert len(list(data_rows(book, find_header(book)))) == 7
    ticked = open_workbook(data, "花名册.xlsx", include_hidden_rows=True)
    rows = list(data_rows(ticked, find_header(ticked)))
    assert len(rows) == 10 and sum(row.hidden for row in rows) == 3
    assert Mark.HIDDEN in rows[0].cell(2).marks


def test_c61_a_hidden_sheet_can_be_asked_for_by_name():
    assert [row.texts() for row in rows_of(roster_with_hidden_parts(), sheet="旧数据")] == [("姓名", "旧")]


def test_an_unknown_sheet_is_refused_with_the_names_there_are():
    with pytest.raises(DomainError) as refusal:
        open_workbook(roster_with_hidden_parts(), "a.xlsx", sheet="三月")
    assert refusal.value.code == "unknown_sheet" and "Sheet" in refusal.value.sentence("zh")


def test_an_empty_first_sheet_is_passed_over():
    def second(book, sheet):
        book.create_sheet("数据").append(["姓名", "日期"])

    assert open_workbook(xlsx([], second), "a.xlsx").sheet == "数据"


def test_sheets_with_prefixed_names_missing_addresses_and_rich_text_are_read():
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:r><x:t>王</x:t></x:r><x:r>'
             '<x:t>芳</x:t></x:r><x:rPh sb="0" eb="1"><x:t>ワン</x:t></x:rPh></x:is></x:c><x:c><x:v>3</x:v></x:c>'
             '</x:row><x:row hidden="1"><x:c><x:v>4</x:v></x:c></x:row></x:sheetData>'
             '<x:mergeCells><x:mergeCell ref="D1:E1"/></x:mergeCells></x:worksheet>')
    book = open_workbook(xlsx_by_hand(sheet), "a.xlsx", include_hidden_rows=True)
    assert [row.texts() for row in book.rows()] == [("王芳", "3"), ("4",)]
    assert book.survey.hidden_rows == 1 and book.survey.merged_blocks == 1


def test_a_path_inside_the_archive_that_climbs_out_is_only_a_name():
    data = xlsx_by_hand(sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'),
                        {"../../../etc/cron.d/evil": "x", "..\\..\\evil.exe": "x"})
    book = open_workbook(data, "../../../etc/passwd")
    assert book.filename == "passwd" and len(list(book.rows())) == 1
    outside = RELATIONS.replace("worksheets/sheet1.xml", "../../../etc/passwd")
    climbing = xlsx_by_hand(sheet_xml(""), relations=outside)
    with pytest.raises(DomainError):
        open_workbook(climbing, "a.xlsx")


def test_five_thousand_rows_are_read_in_about_a_second():
    data = write_xlsx(["姓名", "日期", "时长"], ([f"村民{number}", date(2026, 3, 5), Decimal("1.5")]
                                                for number in range(5_000)))
    started = time.process_time()
    book = open_workbook(data, "a.xlsx")
    assert sum(1 for _row in data_rows(book, find_header(book))) == 5_000
    assert time.process_time() - started < 2       # 0.2 s on an idle machine


def test_a_hundred_thousand_rows_stream_through_flat_memory():
    rows = ([f"村民{number}", date(2026, 3, 5), 90] for number in range(100_000))
    data = write_xlsx(["姓名", "日期", "时长"], rows)
    book = open_workbook(data, "a.xlsx")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(1 for _row in book.rows()) == 100_001
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000      # kilobytes
