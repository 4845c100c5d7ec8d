"""Names keep their rare characters; blanks, dots and damage are dealt with."""

from __future__ import annotations

from datetime import date

import pytest

from pointsbank.sheets import Cell, Kind, Mark, parse_name


def outcome(text):
    parsed = parse_name(text)
    return parsed.value, [notice.code for notice in parsed.notices]


@pytest.mark.parametrize("text", ["　　", "\u00a0", "", None, " \u3000\u00a0\t", "\u200b\ufeff", "\u2800"])
def test_c48_a_name_of_only_blanks_is_refused(text):
    assert parse_name(text).problem.code == "blank"


@pytest.mark.parametrize(("text", "expected"), [
    ("\u3000王芳\u00a0", ("王芳", [])), ("王　芳", ("王芳", ["blanks_removed"])),
    ("王 芳", ("王芳", ["blanks_removed"])), ("王\u00a0\u3000芳", ("王芳", ["blanks_removed"])),
    (" 王芳\r\n", ("王芳", [])), ("\ufeff王芳", ("王芳", ["invisible_removed"])),
    ("John  Smith", ("John Smith", []))])
def test_c48_padding_is_trimmed_and_a_padded_name_is_the_same_name_with_a_notice(text, expected):
    assert outcome(text) == expected


@pytest.mark.parametrize("dot", "‧・•･∙⋅·．.")
def test_c48_every_dot_of_a_minority_name_becomes_the_one_middle_dot(dot):
    value, notices = outcome(f"阿依古丽{dot}买买提")
    assert value == "阿依古丽·买买提" and notices == ([] if dot == "·" else ["dot_unified"])
    assert outcome(f"阿依古丽 {dot} 买买提")[0] == "阿依古丽·买买提"


@pytest.mark.parametrize("name", ["李𬭎", "王㛃", "𠮷田", "赵\U00030000", "龙\ufa0c", "刘〇", "邓䶮", "葛\U000e0100"])
def test_rare_characters_are_kept_as_they_are(name):
    assert outcome(name) == (name, [])


def test_a_loose_accent_joins_its_letter():
    assert outcome("Zoe\u0308")[0] == "Zoë"


@pytest.mark.parametrize(("text", "code"), [
    ("王\x00芳", "control_character"), ("王\n芳", "control_character"), ("王\t芳", "control_character"),
    ("王\u202e芳", "control_character"), ("王\x1b芳", "control_character"), ("王\ud800", "control_character"),
    ("李?", "name_damaged"), ("李？", "name_damaged"), ("李\ufffd", "name_damaged"), ("李〓", "name_damaged"),
    ("李□", "name_damaged"), ("长" * 51, "name_too_long"), ("13800138000", "name_is_number"),
    (123, "name_is_number"), (date(2026, 3, 5), "name_is_number")])
def test_names_that_cannot_be_are_refused(text, code):
    problem = parse_name(text).problem
    assert problem.code == code and problem.zh and problem.en


def test_a_name_of_fifty_characters_is_still_a_name_and_the_place_of_damage_is_told():
    assert parse_name("长" * 50).value == "长" * 50
    assert "第 2 个字" in parse_name("李?").problem.zh


def test_a_private_character_of_an_old_system_is_kept_with_a_notice():
    assert outcome("李\ue123") == ("李\ue123", ["private_character"])


def test_c41_c43_where_a_value_came_from_is_noticed():
    cell = Cell("王芳", Kind.TEXT, 3, "A", frozenset({Mark.FILLED_FROM_MERGED, Mark.FORMULA_CACHED}))
    assert [(notice.code, notice.address) for notice in parse_name(cell).notices] == [
        ("filled_from_merged", "A3"), ("formula_result", "A3")]


def test_a_name_is_never_repeated_in_a_sentence():
    for text in ("李秀英?", "王\n芳芳", "欧阳" * 40):
        problem = parse_name(text).problem
        assert text[:2] not in problem.zh and text[:2] not in problem.en
