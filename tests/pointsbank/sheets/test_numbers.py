"""Numbers with commas, currency signs, units and brackets; nothing is guessed, nothing becomes zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pointsbank.sheets import Cell, Kind, parse_number


@pytest.mark.parametrize(("text", "expected", "notices"), [
    ("1,234", "1234", []), ("1,234,567.80", "1234567.80", []), ("￥1,234.50", "1234.50", ["sign_left_out"]),
    ("¥12", "12", ["sign_left_out"]), ("-¥12", "-12", ["sign_left_out"]), ("１２", "12", []),
    ("１，２３４", "1234", []), ("12分", "12", ["unit_left_out"]), ("1.5小时", "1.5", ["unit_left_out"]),
    ("12 积分", "12", ["unit_left_out"]), ("30元", "30", ["unit_left_out"]),
    ("￥30元", "30", ["sign_left_out", "unit_left_out"]), ("5kg", "5", ["unit_left_out"]), ("−5", "-5", []),
    ("+5", "5", []), (".5", "0.5", []), ("0012", "12", []), ("\u3000 7\u00a0", "7", []), (12, "12", []),
    (Decimal("0.1"), "0.1", [])])
def test_c62_numbers_are_read_as_they_are_meant(text, expected, notices):
    parsed = parse_number(text)
    assert parsed.value == Decimal(expected) and [notice.code for notice in parsed.notices] == notices


def test_c62_the_unit_left_out_is_named():
    assert "分" in parse_number("12分").notices[0].zh


@pytest.mark.parametrize(("text", "code"), [
    ("(200)", "number_parenthesised"), ("（２００）", "number_parenthesised"), ("200-", "number_parenthesised"),
    ("1.23E+12", "number_scientific"), ("1e3", "number_scientific"), ("1.5万", "number_in_words"),
    ("3千", "number_in_words"), ("两百", "number_unreadable"), ("1,23", "number_grouping"),
    ("1.234,50", "number_grouping"), ("12,34,567", "number_grouping"), ("1 234", "number_grouping"),
    ("1.2.3", "number_grouping"), ("50%", "number_unreadable"), ("NaN", "number_unreadable"),
    ("Infinity", "number_unreadable"), ("十分", "number_unreadable"), ("abc", "number_unreadable"),
    ("=1+1", "number_unreadable"), ("12 or 13", "number_unreadable"), ("", "blank"), ("无", "blank"),
    (True, "wrong_kind"), (date(2026, 3, 5), "wrong_kind"), ("9" * 100, "number_grouping")])
def test_c62_numbers_that_are_not_clear_are_refused_and_never_zero(text, code):
    parsed = parse_number(text)
    assert parsed.value is None and parsed.problem.code == code
    assert parsed.problem.zh and parsed.problem.en


def test_c62_brackets_ask_what_is_meant():
    assert "−200" in parse_number("(200)").problem.zh and "还是 200" in parse_number("(200)").problem.zh


def test_limits_of_size_and_decimals_are_the_callers():
    assert parse_number("1.50", decimals=1).value == Decimal("1.5")
    assert parse_number("1.55", decimals=1).problem.code == "number_too_precise"
    assert parse_number("-1", least=0).problem.code == parse_number(11, most=10).problem.code == "number_out_of_range"
    assert parse_number(100, decimals=0, most=100).value == 100


def test_an_error_cell_is_no_number():
    assert parse_number(Cell("#REF!", Kind.ERROR, 3, "B")).problem.address == "B3"
