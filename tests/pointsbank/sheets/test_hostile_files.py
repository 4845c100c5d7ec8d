"""Files made to cost time or memory: every one is answered quickly, whatever it says."""

from __future__ import annotations

import struct
import time

import pytest

from pointsbank.sheets import FileRefused, limits, open_workbook
from pointsbank.sheets.ole2 import SIGNATURE
from tests.pointsbank.sheets.making import sheet_xml, xls, xlsx_by_hand

CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def seconds_for(data: bytes, name: str = "a.xlsx") -> int:
    """Processor time, in whole seconds."""
    started = time.process_time()
    try:
        list(open_workbook(data, name).rows())
    except FileRefused as refusal:
        assert refusal.sentence("zh") and refusal.sentence("en")
    return int(time.process_time() - started)


@pytest.mark.parametrize("inside", ["<row " * 600_000, "<col " * 600_000, "<mergeCell " * 300_000,
                                    '<row ' + 'hidden="1" ' * 150_000, "<v " * 900_000,
                                    '<row hidden="1"><c>' + "<c/>" * 500_000])
def test_tags_that_never_end_cost_no_more_than_their_length(inside):
    assert seconds_for(xlsx_by_hand(sheet_xml(CELL + inside))) < 5


@pytest.mark.parametrize("text", [
    "<table><tr><td>" + "<!--" * 700_000, "<table><tr><td>" + "<" * 2_000_000, "<table>" + "<td " * 700_000,
    "<table><tr><td>" + "</" * 1_000_000, "<table>" * 300_000, "<table><tr><td>" + "<![CDATA[" * 300_000,
    "<table><tr><td colspan=99999 rowspan=99999>x<td>y</table>", "<table>" + '<td a="' * 300_000])
def test_broken_pages_cost_no_more_than_their_length(text):
    assert seconds_for(text.encode(), "a.xls") < 5


@pytest.mark.parametrize("text", [
    '"' + "a,b," * 200_000, 'a,"b",' * 150_000, "," * 3_000_000, '"a\n' * 100_000, '""' * 400_000, '"""' * 300_000,
    "a" * 5_000_000, " " * 900_000 + '"', ("x" * 900 + '"\n') * 20_000, "a,b\n" + '"x' + "\ny" * 900_000])
def test_broken_text_files_cost_no_more_than_their_length(text):
    assert seconds_for(text.encode(), "a.csv") < 5


def test_half_a_million_entries_in_an_archive_are_not_listed():
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 400_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * count, 4, 0)
    with pytest.raises(FileRefused) as refusal:
        open_workbook(b"PK\x03\x04" + entry * count + end, "a.xlsx")
    assert refusal.value.code == "file_expands_too_far"


def test_sectors_that_point_at_themselves_do_not_fill_the_memory():
    head = bytearray(SIGNATURE.ljust(512, b"\0"))
    head[30:34] = struct.pack("<HH", 9, 6)
    head[44:64] = struct.pack("<5I", 1, 0, 0, 4096, 0)
    head[68:72] = struct.pack("<I", 0xFFFFFFFE)
    head[76:512] = struct.pack("<109I", *([0] * 109))
    data = bytes(head) + struct.pack("<128I", *([0] * 128)) * 2_000
    with pytest.raises(FileRefused):
        open_workbook(data, "a.xls")
    assert seconds_for(data) < 5


def test_a_sheet_that_two_hundred_names_point_at_is_walked_only_when_chosen():
    def fill(book, sheet):
        for number in range(5_000):
            sheet.write(number, 0, number)
        for number in range(200):
            book.add_sheet(f"{number}")

    assert seconds_for(xls(fill), "a.xls") < 5


def test_a_lone_cell_in_the_last_corner_of_an_old_workbook_makes_no_empty_rows():
    def fill(book, sheet):
        sheet.write(0, 0, "姓名")
        sheet.write(65_535, 255, "x")

    book = open_workbook(xls(fill), "a.xls")
    assert [row.number for row in book.rows()] == [1, 65_536]
    assert len(list(book.rows())[-1].cells) == limits.COLUMNS_MAX
