"""docs/security.md names tests: each of them exists, and its figures are those of the code."""

from __future__ import annotations

import re

from pointsbank.access.devices import ABSOLUTE, IDLE, IDLE_AT_A_TILL
from pointsbank.access.tries import FROM_ONE_SOURCE, IN_A_WEEK, TRIES, WEEK, WINDOW
from tests.test_tidy import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 30
    assert [pair for pair in named if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text(encoding="utf-8")] == []


def test_every_line_says_how_far_it_is_met():
    rows = [line.split("|")[1:-1] for line in TEXT.splitlines() if re.match(r"\| [0-9]", line)]
    assert len(rows) > 70
    assert {row[2].strip() for row in rows} <= {"yes", "partly", "no", "not yet", "not used"}
    assert all(row[3].strip() for row in rows)


def test_the_figures_are_those_of_the_code():
    minutes, days = WINDOW.seconds // 60, WEEK.days
    for line in (f"| {TRIES} | {minutes} minutes |", f"| {IN_A_WEEK} | {days} days |",
                 f"| {FROM_ONE_SOURCE} | {minutes} minutes |",
                 f"{IDLE_AT_A_TILL.seconds // 60} minutes idle", f"{ABSOLUTE.seconds // 3600} hours at the longest"):
        assert line in TEXT
    assert IDLE.seconds == 2 * 3600
