"""What is written opens as what it is, and comes back unchanged."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pointsbank.errors import DomainError
from pointsbank.sheets import Mark, open_workbook, parse_barcode, write_csv, write_xlsx
from pointsbank.sheets.formula_safety import guard, unguard

STARTERS = ["=1+1", "@SUM(1)", "+8613800138000", "-扣分说明", "＝1+1", "\t=1+1", "\r=1+1", "\n=1+1", "'=1+1", "'",
 "''=1",
            " =1+1", "\u3000=1+1", "＋1", "－1", "＠x", "−5", "=HYPERLINK(\"http://x\")", "=cmd|'/c calc'!A1"]
CODES = ["0012345678905", "6901234567892", "012", "230199620817201", "23019919750309008X", "1E5", "3-5", "2026-03-05",
         "1/2", "9:30", "0012345678905\t", "H001"]


def written(kind: str, headers, rows, **options) -> bytes:
    return write_xlsx(headers, rows) if kind == "xlsx" else write_csv(headers, rows, **options)


def read_back(data: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in open_workbook(data, "a.xlsx").rows()]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_c64_text_that_would_run_as_a_formula_comes_back_as_it_was(kind):
    rows = [[text, "活动"] for text in STARTERS]
    assert read_back(written(kind, ["名称", "类型"], rows))[1:] == rows


@pytest.mark.parametrize("text", STARTERS)
def test_c64_in_csv_nothing_starts_like_a_formula(text):
    [[field, _last]] = list(csv.reader(io.StringIO(write_csv([text, "x"], []).decode("utf-8-sig"), newline="")))
    assert field.startswith("'")


def test_c64_in_xlsx_such_text_is_a_text_cell_that_stays_text_when_edited():
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(["名称"], [[text] for text in STARTERS]))).active
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type == "s" and cell.quotePrefix and cell.number_format == "@"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_c35_codes_keep_their_zeros_and_the_round_trip_changes_nothing(kind):
    rows = [[code, "香皂"] for code in CODES]
    assert read_back(written(kind, ["条码", "名称"], rows))[1:] == rows
    data = written(kind, ["条码", "名称"], [["0012345678905", "香皂"]])
    [_header, row] = open_workbook(data, "a").rows()
    assert parse_barcode(row.cell(0)).value == "0012345678905" and Mark.WAS_NUMBER not in row.cell(0).marks


def test_c35_a_code_in_csv_is_kept_as_text_by_an_invisible_tab():
    assert b"0012345678905\t," in write_csv(["a", "b"], [["0012345678905", "x"]])


def test_c46_csv_carries_a_byte_order_mark_and_crlf():
    data = write_csv(["姓名", "电话"], [["王芳", "13800138000"]])
    assert data.startswith("\ufeff姓名,电话\r\n".encode()) and data.endswith(b"\r\n")


def test_c47_gb18030_keeps_rare_names():
    data = write_csv(["姓名", "组"], [["李𬭎", "1"], ["王㛃", "2"]], encoding="gb18030")
    assert data.decode("gb18030").splitlines()[1] == "李𬭎,1"
    book = open_workbook(data, "a.csv")
    assert book.survey.encoding == "GB18030" and [row.cell(0).text for row in book.rows()] == ["姓名", "李𬭎", "王㛃"]


def test_numbers_and_days_are_numbers_and_days():
    values = [12, Decimal("4.50"), date(2026, 3, 5), datetime(2026, 3, 5, 10, 30), True, None, -5, Decimal("-0.01")]
    data = write_xlsx(list("abcdefgh"), [values])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet[2]] == [
        12, 4.5, datetime(2026, 3, 5), datetime(2026, 3, 5, 10, 30), True, None, -5, -0.01]
    assert sheet["B2"].number_format == "0.00" and sheet.freeze_panes == "A2" and sheet["A1"].font.b
    [_header, row] = open_workbook(data, "a.xlsx").rows()
    assert [cell.value for cell in row.cells] == values
    assert write_csv(list("abcdefgh"), [values]).decode("utf-8-sig").splitlines()[1] == \
        "12,4.50,2026-03-05,2026-03-05 10:30,TRUE,,-5,-0.01"


def test_numbers_too_long_for_a_sheet_are_written_as_text():
    [_header, row] = open_workbook(write_xlsx(["a"], [[12345678901234567]]), "a.xlsx").rows()
    assert row.cell(0).value == "12345678901234567"


def test_other_readers_see_the_same_texts():
    texts = ["李𬭎", "a<b>&\"c\"", "两行\n文字", "  空格  ", "=1+1"]
    [_header, row] = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(list("abcde"), [texts]))).get_sheet_by_index(
        0).to_python()
    assert row == texts


@pytest.mark.parametrize("text", ["长" * 40_000, "\ud800", "x\uffff"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_text_a_sheet_cannot_hold_is_refused_by_its_place(kind, text):
    with pytest.raises(DomainError) as refusal:
        written(kind, ["a", "b"], [["x", text]])
    assert refusal.value.facts == {"row": 2, "column": "B"}


def test_the_same_rows_give_the_same_bytes_and_odd_sheet_names_are_made_fit():
    assert write_xlsx(["a"], [["b"]]) == write_xlsx(["a"], [["b"]])
    odd = write_xlsx(["a", "b"], [], sheet="2026/3月[时长]:'<&>" + "长" * 40)
    assert open_workbook(odd, "a").sheet.startswith("2026 3月")


def test_many_rows_are_written_without_holding_them():
    rows = ([f"村民{number}", date(2026, 3, 5), Decimal("1.5")] for number in range(30_000))
    tracemalloc.start()
    data = write_xlsx(["姓名", "日期", "时长"], rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(data) + 2_000_000


WRITABLE = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff"), max_size=12)
VISIBLE = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
TRICKY = st.text(st.sampled_from("'=+-@\t\r\n \"',;|0123456789Ee/:.＝−\ufeff_x000D_"), max_size=9)


@given(text=WRITABLE | TRICKY)
@settings(max_examples=400, deadline=None)
def test_c64_the_guards_are_taken_off_exactly(text):
    assert unguard(guard(text)) == text


def round_trip(data: bytes) -> list[tuple[str, str]]:
    return [(row.cell(0).text, row.cell(1).text) for row in open_workbook(data, "a").rows()][1:]


@given(rows=st.lists(st.tuples(TRICKY | WRITABLE, TRICKY), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_c64_any_text_survives_the_round_trip_through_xlsx(rows):
    rows = [(text + "a", other) for text, other in rows]      # a row of nothing but blanks is no row
    assert round_trip(write_xlsx(["甲", "乙"], rows)) == rows


@given(rows=st.lists(st.tuples(TRICKY | VISIBLE, TRICKY), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_c35_c64_any_visible_text_survives_the_round_trip_through_csv(encoding, rows):
    rows = [(text + "a" if not text.strip() else text, other) for text, other in rows]
    assert round_trip(write_csv(["甲", "乙"], rows, encoding)) == rows
