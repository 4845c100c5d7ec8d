"""docs/security.md and docs/asvs.md name tests: each exists; the list is whole; the figures are those of the code."""

from __future__ import annotations

import re
from collections import Counter

from pointsbank.access.devices import ABSOLUTE, IDLE, IDLE_AT_A_TILL
from pointsbank.access.tries import FROM_ONE_SOURCE, IN_A_WEEK, TRIES, WEEK, WINDOW
from tests.test_tidy import ROOT

TEXT, ASVS = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("security.md", "asvs.md"))
ROWS = [[cell.strip() for cell in line.split(" | ")] for line in re.findall(r"^\| ([0-9].*) \|$", ASVS, re.M)]


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT + ASVS)
    assert len(named) > 100
    assert [pair for pair in named if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text(encoding="utf-8")] == []


def test_every_document_that_is_named_exists():
    named = re.findall(r"`((?:docs/|README|pointsbank/)[\w./-]+)`", ASVS)
    assert len(named) > 10 and [name for name in named if not (ROOT / name).exists()] == []


def test_every_requirement_of_levels_1_and_2_has_one_line_that_says_how_it_is_met():
    numbers = [row[0] for row in ROWS]
    assert len(set(numbers)) == len(numbers)
    assert Counter(row[1] for row in ROWS if row[1] != "3") == {"1": 70, "2": 183}
    for number, _level, what, shown in ROWS:
        kind = shown.startswith(("not met: ", "no test: ", "not applicable because ")) or "`" in shown
        assert what and kind, number


def test_the_figures_are_those_of_the_code():
    minutes, days = WINDOW.seconds // 60, WEEK.days
    for line in (f"| {TRIES} | {minutes} minutes |", f"| {IN_A_WEEK} | {days} days |",
                 f"| {FROM_ONE_SOURCE} | {minutes} minutes |",
                 f"{IDLE_AT_A_TILL.seconds // 60} minutes idle", f"{ABSOLUTE.seconds // 3600} hours at the longest"):
        assert line in TEXT
    assert IDLE.seconds == 2 * 3600
