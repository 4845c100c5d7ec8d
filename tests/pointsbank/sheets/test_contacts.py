"""Phones and identity numbers: one form in, or a reason; never half a number."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pointsbank.sheets import Cell, Kind, Mark, open_workbook, parse_id_number, parse_phone
from tests.pointsbank.sheets.making import xlsx


def number(value):
    return Cell(value, Kind.NUMBER, 2, "C", frozenset({Mark.WAS_NUMBER}))


@pytest.mark.parametrize("text", [
    "13800138000", "13800138000.0", "1.3800138E+10", "138 0013 8000", "138-0013-8000", "+8613800138000",
    "8613800138000", "0086 13800138000", "１３８００１３８０００", "\u00a013800138000\t",
    "138\u30000013\u30008000", "+86-138-0013-8000", "(+86)13800138000", number(13800138000),
    number(8613800138000)])
def test_c37_every_way_a_mobile_number_is_written_is_one_number(text):
    parsed = parse_phone(text)
    assert parsed.value == "13800138000" and parsed.notices == ()


@pytest.mark.parametrize(("text", "code"), [
    (number(45112345678), "phone_zero_lost"), ("45112345678", "phone_zero_lost"),
    (number(1012345678), "phone_zero_lost"), ("12345678", "phone_no_area"), (number(5551234), "phone_no_area"),
    ("1.38E+10", "phone_digits_lost"), ("1.38001E+10", "phone_digits_lost"), ("1380013800", "phone_length"),
    ("138001380000", "phone_length"), ("12800138000", "phone_unreadable"), ("13800138OOO", "phone_unreadable"),
    ("见备注", "phone_unreadable"), ("13800138000/13900139000", "phone_two"),
    ("13800138000、13900139000", "phone_two"), ("0451-12345678转8", "phone_unreadable"),
    (number(Decimal("13800138000.5")), "phone_length"), ("", "blank"), ("无", "blank"), ("-", "blank"),
    (date(2026, 3, 5), "wrong_kind"), ("1" * 5000, "phone_length"), (number(-13800138000), "phone_unreadable")])
def test_c37_doubtful_numbers_are_flagged_and_not_stored(text, code):
    parsed = parse_phone(text)
    assert parsed.value is None and parsed.problem.code == code and parsed.problem.zh and parsed.problem.en


@pytest.mark.parametrize(("text", "expected"), [
    ("0451-12345678", "045112345678"), ("(010)12345678", "01012345678"), ("0453 1234567", "04531234567"),
    ("400-123-4567", "4001234567"), ("+86 451 12345678", None)])
def test_a_whole_landline_number_is_kept_with_a_notice(text, expected):
    parsed = parse_phone(text)
    assert parsed.value == expected
    if expected:
        assert [notice.code for notice in parsed.notices] == ["phone_landline"]


@pytest.mark.parametrize("text", [
    "23019919750309008X", "23019919750309008x", "23019919750309008Ｘ", "23019919750309008Ⅹ",
    "23019919750309008ⅹ", "２３０１９９１９７５０３０９００８Ｘ", " 230199 19750309 008X\u3000"])
def test_c49_every_way_to_write_the_last_x_is_one_and_the_same_number(text):
    found = parse_id_number(text).value
    assert found.text == found.as_18 == "23019919750309008X"
    assert found.born_on == date(1975, 3, 9) and not found.is_old


def test_c36_a_number_cell_has_lost_its_last_digits_and_is_refused_by_row():
    data = xlsx([["姓名", "证件号"], ["李明", 230199196208172010], ["王芳", "23019919750309008X"]])
    rows = list(open_workbook(data, "a.xlsx").rows())
    problem = parse_id_number(rows[1].cell(1)).problem
    assert problem.code == "id_digits_lost" and problem.address == "B2" and "设为文本" in problem.zh
    assert parse_id_number(rows[2].cell(1)).ok


@pytest.mark.parametrize("text", [
    "2.30199E+17", "2.30199196208172E+17", "230199196208172000", "230199196208172010.0",
    number(230199196208172000), number(Decimal("230199196208172.5"))])
def test_c36_a_number_that_was_cut_is_refused_in_text_too(text):
    assert parse_id_number(text).problem.code == "id_digits_lost"


def test_c36_a_long_number_cell_is_refused_even_when_its_check_character_fits():
    assert parse_id_number("230199196702130019").ok
    for lost in (230199196702130019, 2301991967021300):
        assert parse_id_number(number(lost)).problem.code == "id_digits_lost"


def test_c50_an_old_number_is_accepted_with_its_mark_and_its_eighteen_characters():
    for text in ("230199620817201", number(230199620817201)):
        parsed = parse_id_number(text)
        assert parsed.value.text == "230199620817201" and parsed.value.is_old
        assert parsed.value.born_on == date(1962, 8, 17) and parsed.value.as_18[:17] == "23019919620817201"
        assert parse_id_number(parsed.value.as_18).value.as_18 == parsed.value.as_18
        assert [notice.code for notice in parsed.notices] == ["id_old"]


@pytest.mark.parametrize(("text", "code"), [
    ("230199621317201", "id_birth_day"), ("abcdefghijklmno", "id_wrong_character"),
    ("230199196208172", "id_truncated"), ("230199201012051", "id_truncated"),
    ("230199200503051", "id_truncated"), ("2301991962081720", "id_length"), ("23019919620817201", "id_length"),
    ("2301991962081720100", "id_length"), ("120199620817201", None), ("000199620817201", "id_region"),
    ("23019962081720X", "id_wrong_character"), ("", "blank")])
def test_c50_half_typed_and_impossible_numbers_are_refused(text, code):
    problem = parse_id_number(text).problem
    assert (problem and problem.code) == code


def test_c50_a_field_for_eighteen_characters_never_takes_fifteen():
    assert parse_id_number("230199620817201", allow_old=False).problem.code == "id_old_not_here"


@pytest.mark.parametrize(("text", "position", "sign"), [
    ("23O199196208172010", 3, "O"), ("2301991962081720l0", 17, "l"), ("230199196208172O1X", 16, "O"),
    ("X30199196208172010", 1, "X"), ("2301991962081720*0", 17, "*"), ("2301991962081720一", 17, "一"),
    ("23019919620817²01a", 18, "A")])
def test_c51_a_letter_inside_the_number_is_named_by_its_position(text, position, sign):
    problem = parse_id_number(text).problem
    assert problem.code == "id_wrong_character"
    assert (problem.facts["position"], problem.facts["sign"]) == (position, sign)
    assert f"第 {position} 位" in problem.zh


def test_c51_a_look_alike_letter_is_asked_about():
    assert "是不是 0" in parse_id_number("23O199196208172010").problem.zh
    assert "是不是 1" in parse_id_number("2301991962081720l0").problem.zh


@pytest.mark.parametrize(("text", "code"), [
    ("230199197503090081", "id_check_digit"), ("23019919751309008X", "id_birth_day"),
    ("07019919750309008X", "id_region"), ("230199203003050019", "id_birth_day")])
def test_checks_of_the_national_standard(text, code):
    problem = parse_id_number(text, not_after=date(2026, 3, 5)).problem
    assert problem.code == code


def test_no_sentence_repeats_the_number():
    for text in ("230199197503090081", "230199621317201", "2301991962081720"):
        problem = parse_id_number(text).problem
        assert text[:8] not in problem.zh + problem.en + str(problem.facts)
