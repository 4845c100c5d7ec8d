"""Both languages say the same, every kind of step has its sentence, and lengths of service are read as written."""

from __future__ import annotations

import re

import pytest

from pointsbank.schedule import Step, explain_step, parse_duration
from pointsbank.schedule.errors import BadDuration
from pointsbank.schedule.explaining import SENTENCES
from pointsbank.schedule.units import plurals


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_both_languages_fill_the_same_places(kind: str):
    zh, en = (set(re.findall(r"{(\w+)}", text)) for text in SENTENCES[kind])
    assert zh == en


def test_a_stored_step_is_explained_without_its_rule():
    step = Step.from_json({"kind": "cap_points", "before": 450, "after": 400, "capped_off": 50, "data": {
        "subject": "person", "window": "day", "limit": "4.00", "used": "0.00"}})
    assert explain_step(step) == "每人每日上限 4.00 → 4.00,削减 0.50"
    assert Step.from_json(step.as_json()) == step


@pytest.mark.parametrize(("text", "said"), [
    ("at most 1 time(s)", "at most 1 time"), ("at most 12 time(s)", "at most 12 times"), ("1.5 person-day(s)",
     "1.5 person-days"), ("slice 0–1 time(s)", "slice 0–1 times"), ("household-month(s)", "household-months"),
    ("5.00 per 1 case(s) (3 so far)", "5.00 per 1 case (3 so far)"), ("2.1 item(s)", "2.1 items")])
def test_english_counts(text: str, said: str):
    assert plurals(text) == said


@pytest.mark.parametrize("text", ["1.5h", "90分钟", "1:30", "1.5小时", "1小时30分", "90 min", "1个小时30分钟",
                                  "１．５小时", "1:30h", " 90 分 ", "1:30:00"])
def test_ninety_minutes_are_read_however_they_are_written(text: str):
    assert parse_duration(text) == 90


@pytest.mark.parametrize("text", ["25:00", "25:00h", "24:01", "24:01 h", "25小时", "1441分钟"])
def test_no_day_is_longer_than_twenty_four_hours(text: str):
    with pytest.raises(BadDuration, match="最多 24 小时"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0 min", "−30 min", "-30分钟", "0:00", "0小时"])
def test_nothing_and_less_than_nothing_are_refused(text: str):
    with pytest.raises(BadDuration, match="应大于 0"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["", "90", "1.5", "一下午", "1e2分", "nan", "1:75", "小时", "3人"])
def test_what_could_mean_anything_is_refused(text: str):
    with pytest.raises(BadDuration, match="请写成"):
        parse_duration(text)


def test_a_bare_number_means_what_its_column_says():
    assert parse_duration("1.5", bare="hours") == parse_duration("90", bare="minutes") == 90
    assert parse_duration("0.33", bare="hours") == 20
    assert parse_duration("24:00") == 1440
