"""Days, moments, times of day and durations in the forms people write."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from pointsbank.sheets import Cell, Kind, Mark, parse_day, parse_minutes, parse_moment, parse_time


@pytest.mark.parametrize("text", [
    "2026.3.5", "2026年3月5日", "2026/3/5", "20260305", "2026-03-05 00:00:00", "２０２６年３月５日",
    "2026-03-05", " 2026 年 3 月 5 日 ", "2026年3月5号", "2026年3月5", "2026-3-5 星期四", "2026年3月5日(周四)",
    "2026-03-05T00:00:00", "2026-03-05T00:00:00+08:00", "2026-03-04T16:00:00Z", "2026－03－05", "2026．3．5",
    "2026。3。5", "\u00a02026-03-05\ufeff", "二〇二六年三月五日", "二○二六年三月五日", "2026.03.05 10:30",
    "46086", "46086.4375", 46086, 20260305, date(2026, 3, 5), datetime(2026, 3, 5, 10, 30)])
def test_c39_everyday_forms_of_a_day_are_read(text):
    assert parse_day(text).value == date(2026, 3, 5)


@pytest.mark.parametrize("text", [
    "26-3-5", "3月5日", "26年3月5日", "3/5/2026", "05/03/2026", "2026年3月", "2026-03", "202603", "5日", "3-5",
    "5-Mar-26", "Mar 5, 2026"])
def test_c39_ambiguous_days_are_refused_with_the_address_of_the_cell(text):
    problem = parse_day(Cell(text, Kind.TEXT, 7, "C")).problem
    assert problem.code == "day_ambiguous" and problem.address == "C7" and text in problem.zh


@pytest.mark.parametrize(("text", "code"), [
    ("1899-12-31", "day_out_of_range"), ("0226-03-05", "day_out_of_range"),
    ("1899年1月1日", "day_out_of_range"), (date(1899, 12, 30), "day_out_of_range"),
    ("2226-03-05", "day_out_of_range"), ("2026-02-30", "day_impossible"), ("2026-13-01", "day_impossible"),
    ("20260230", "day_impossible"), ("农历正月初五", "day_lunar"), ("2026年腊月初八", "day_lunar"),
    ("上周三", "day_unreadable"), ("2026-3/5", "day_unreadable"), (226, "day_unreadable"),
    (Decimal("2026.3"), "day_unreadable"), (-5, "day_unreadable"), (True, "wrong_kind"), ("", "blank"),
    (None, "blank"), ("\u3000", "blank"), ("/", "blank"), ("2026-03-05 25:99", "day_unreadable"),
    ("9999999-03-05", "day_unreadable"), ("2026-03-05" * 50, "day_unreadable")])
def test_days_that_cannot_be_are_refused_by_reason(text, code):
    problem = parse_day(text).problem
    assert problem.code == code and problem.zh and problem.en


def test_a_serial_of_an_impossible_day_is_refused():
    assert parse_day(Cell(60, Kind.NUMBER, 1, "A")).problem.code == "day_unreadable"
    assert parse_day(Cell(date(1900, 1, 5), Kind.DAY, 1, "A"), not_before=date(2000, 1, 1)).problem.code == \
        "day_out_of_range"


def test_the_caller_sets_the_days_that_are_possible():
    parsed = parse_day("2026-03-06", not_before=date(2025, 1, 1), not_after=date(2026, 3, 5))
    assert parsed.problem.facts == {"given": "2026-03-06", "first": "2025-01-01", "last": "2026-03-05"}


def test_c38_a_bare_serial_of_a_1904_workbook_counts_from_1904():
    cell = Cell(44624, Kind.NUMBER, 2, "B", frozenset({Mark.WAS_NUMBER, Mark.DAYS_FROM_1904}))
    assert parse_day(cell).value == date(2026, 3, 5)


def test_a_time_that_is_left_out_is_noticed():
    assert [notice.code for notice in parse_day("2026-03-05 10:30").notices] == ["time_left_out"]
    assert parse_day("2026-03-05 00:00:00").notices == ()


@pytest.mark.parametrize("text", [
    "2026-03-05 10:30", "2026年3月5日 上午10点半", "2026/3/5 10:30:00", "2026-03-05T02:30:00Z", "46086.4375",
    Decimal("46086.4375"), datetime(2026, 3, 5, 10, 30)])
def test_moments_are_read_as_the_clock_of_shanghai(text):
    assert parse_moment(text).value == datetime(2026, 3, 5, 10, 30)


def test_a_moment_without_a_time_is_refused():
    for text in ("2026-03-05", date(2026, 3, 5), 46086):
        assert parse_moment(text).problem.code == "time_missing"
    assert parse_moment("2026-03-05 晚上12点").problem.code == "time_ambiguous"


@pytest.mark.parametrize(("text", "expected"), [
    ("9:00", time(9)), ("09:00:30", time(9, 0, 30)), ("上午9点", time(9)), ("下午2点半", time(14, 30)),
    ("14时30分", time(14, 30)), ("晚上8点", time(20)), ("中午12点", time(12)), ("中午1点", time(13)),
    ("九点一刻", time(9, 15)), ("下午三点三刻", time(15, 45)), ("9:00 AM", time(9)), ("2:05pm", time(14, 5)),
    ("12:30 PM", time(12, 30)), ("９：００", time(9)), ("8点整", time(8)), ("0:00", time(0)),
    ("23:59", time(23, 59)), (Decimal("0.375"), time(9)), ("0.375", time(9)),
    (Decimal("46086.4375"), time(10, 30)), (datetime(2026, 3, 5, 10, 30), time(10, 30)), ("十二点", time(12))])
def test_times_of_day_are_read(text, expected):
    assert parse_time(text).value == expected


@pytest.mark.parametrize(("text", "code"), [
    ("24:00", "time_unreadable"), ("9:60", "time_unreadable"), ("晚上12点", "time_ambiguous"),
    ("上午12点", "time_ambiguous"), ("9:00-11:00", "time_unreadable"), (46086, "time_unreadable"),
    (date(2026, 3, 5), "wrong_kind"), ("下午13:00am", "time_unreadable"), (Decimal("-0.5"), "time_unreadable")])
def test_times_that_cannot_be_are_refused(text, code):
    assert parse_time(text).problem.code == code


def test_a_part_of_a_day_read_as_a_time_is_noticed():
    assert "9:00" in parse_time(Decimal("0.375")).notices[0].zh
    assert parse_time(Cell(Decimal("0.375"), Kind.TIME, 1, "A")).notices == ()


@pytest.mark.parametrize("text", [
    "1.5h", "90分钟", "1:30", "1.5小时", "1小时30分", "1 小时 30 分钟", "１．５小时", "90min", "1h30m",
    "1个半小时", "一个半小时", "1小时半", "1.5 hours", "90 分", "一小时三十分", "1.5个小时", "1时30分",
    "1:30:00", "01：30", Cell(Decimal("0.0625"), Kind.TIME, 1, "A")])
def test_c27_every_spelling_of_an_hour_and_a_half_is_ninety_minutes(text):
    parsed = parse_minutes(text)
    assert parsed.value == 90 and parsed.notices == ()


@pytest.mark.parametrize("text", [Decimal("1.5"), "1.5", "１．５", "1.50"])
def test_c27_a_bare_number_means_what_the_column_says(text):
    assert parse_minutes(text, unit="hours").value == 90
    assert parse_minutes("90", unit="minutes").value == parse_minutes(90, unit="minutes").value == 90
    assert parse_minutes(text).problem.code == "minutes_unit_missing"


@pytest.mark.parametrize(("text", "code"), [
    ("25:00 h", "minutes_too_long"), ("24:01", "minutes_too_long"), ("25小时", "minutes_too_long"),
    ("1441分钟", "minutes_too_long"), ("40小时59分", "minutes_too_long"), ("0 min", "minutes_not_positive"),
    ("0", "minutes_not_positive"), ("0:00", "minutes_not_positive"), ("−30 min", "minutes_not_positive"),
    ("-30", "minutes_not_positive"), ("-1:30", "minutes_not_positive"), (-2, "minutes_not_positive"),
    (25, "minutes_too_long"), ("90", "minutes_too_long"), ("很久", "minutes_unreadable"),
    ("1:75", "minutes_unreadable"), ("1,5", "minutes_unreadable"), ("1.5天", "minutes_unreadable"),
    ("", "blank"), (date(2026, 3, 5), "wrong_kind"), ("小时", "minutes_unreadable"),
    ("1e5", "minutes_unreadable"), ("9" * 400, "minutes_unreadable"),
    (Cell(Decimal("1.0416666666667"), Kind.TIME, 1, "A"), "minutes_too_long")])
def test_c27_more_than_a_day_nothing_and_less_than_nothing_are_refused(text, code):
    problem = parse_minutes(text, unit="hours").problem
    assert problem.code == code and problem.zh and problem.en


def test_c27_a_whole_day_is_still_a_day_and_the_caller_may_lower_the_limit():
    assert parse_minutes("24:00").value == parse_minutes("24小时").value == 1440
    assert parse_minutes("5小时", minutes_max=180).problem.facts == {"limit": "3"}


def test_part_minutes_are_rounded_half_up_and_noticed():
    for text, minutes in (("0.33小时", 20), ("1:30:30", 91), ("0.5分钟", 1)):
        parsed = parse_minutes(text)
        assert parsed.value == minutes and parsed.notices[0].code == "minutes_rounded"
    assert parse_minutes(Cell(Decimal("0.0555555555555556"), Kind.TIME, 1, "A")).notices == ()     # 1:20
