"""Barcodes as scanners and spreadsheets deliver them, and household codes as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pointsbank.sheets import Cell, Kind, parse_barcode, parse_code


def number(value):
    return Cell(value, Kind.NUMBER, 2, "A")


@pytest.mark.parametrize("text", [
    "0012345678905", "012345678905", "012345678905\r", "\t0012345678905\n", "００１２３４５６７８９０５",
    "]E00012345678905", "00012345678905", number(12345678905)])
def test_c34_a_code_that_starts_with_zeros_is_one_good_however_it_is_scanned(text):
    assert parse_barcode(text).value == "0012345678905"


@pytest.mark.parametrize("text", [
    "6901234567892", "6901234567892\r", "6901234567892\t", "6901234567892\r\n", number(6901234567892),
    "6901234-567892"])
def test_c34_a_trailing_return_or_tab_of_the_scanner_is_nothing(text):
    parsed = parse_barcode(text)
    assert parsed.value == "6901234567892" and parsed.notices == ()


def test_c35_zeros_lost_in_a_number_cell_are_restored_with_a_notice():
    assert [notice.code for notice in parse_barcode(number(12345678905)).notices] == ["barcode_zeros_restored"]
    assert parse_barcode("12345678905").problem.code == "barcode_length"


def test_short_and_carton_codes_keep_their_length():
    assert parse_barcode("96385074").value == "96385074"
    assert parse_barcode("16901234567899").value == "16901234567899"


@pytest.mark.parametrize(("text", "code"), [
    ("6901234567893", "barcode_check_digit"), ("690123456789", "barcode_check_digit"),
    ("69012345678", "barcode_length"), ("6.90123E+12", "barcode_digits_lost"),
    ("69O1234567892", "barcode_unreadable"), ("香皂", "barcode_unreadable"),
    (number(Decimal("12345678905.5")), "barcode_unreadable"), ("0000000000000", "barcode_check_digit"),
    ("", "blank"), (True, "wrong_kind"), ("1" * 3000, "barcode_length"),
    (number(-6901234567892), "barcode_unreadable")])
def test_barcodes_that_cannot_be_are_refused(text, code):
    parsed = parse_barcode(text)
    assert parsed.value is None and parsed.problem.code == code and parsed.problem.zh and parsed.problem.en


@pytest.mark.parametrize(("text", "notices"), [
    ("H001", []), ("h001", []), ("Ｈ００１", []), (" ｈ001\u3000", []), ("H 001", []), ("H-001", []),
    ("H1", ["code_padded"]), ("H0001", ["code_padded"])])
def test_a_household_code_is_read_in_any_width_and_case(text, notices):
    parsed = parse_code(text)
    assert parsed.value == "H001" and [notice.code for notice in parsed.notices] == notices


@pytest.mark.parametrize(("text", "code"), [
    ("001", "code_prefix_missing"), (1, "code_prefix_missing"), ("HO01", "code_wrong_character"),
    ("Hl01", "code_wrong_character"), ("H", "code_unreadable"), ("K001", "code_unreadable"),
    ("H" + "1" * 20, "code_unreadable"), ("王德顺", "code_unreadable"), ("", "blank")])
def test_codes_that_cannot_be_are_refused(text, code):
    problem = parse_code(text).problem
    assert problem.code == code and problem.zh and problem.en


def test_other_letters_and_lengths_are_the_callers():
    assert parse_code("p7", prefix="P", digits=2).value == "P07"
    assert parse_code("H1234").value == "H1234"
