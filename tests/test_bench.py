"""The benchmarks run, at a size that shows nothing but that; no time is asserted."""

from __future__ import annotations

import json

import pytest

from tests.bench.__main__ import PARTS
from tests.bench.measuring import TINY, Line, Table


@pytest.mark.parametrize("part", ["posting", "keeping", "county"])
def test_the_benchmarks_run_and_keep_what_they_measured(database_kind, part, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = Table(TINY)
    PARTS[part](table, database_kind, tmp_path)
    kept = json.loads((tmp_path / table.save()).read_text("utf-8"))
    assert [line["what"] for line in kept["lines"]] == [line.what for line in table.lines]
    assert kept["machine"]["cpus"] and not kept["not_measured"]
    assert all(line.text() in capsys.readouterr().out for line in table.lines[:1])


def test_a_target_is_reached_in_its_own_direction():
    faster = Line("sqlite", "posting", "raw", 80, 100, 0.8, target=0.75)
    slower = Line("sqlite", "verify", "reading", 3, 1, 3.0, target=2.5, at_most=True, unit=" s")
    assert (faster.reached, slower.reached) == (True, False)
    assert "≥ 0.75 × yes" in faster.text() and "≤ 2.50 × no" in slower.text()


def test_a_row_that_is_too_large_for_its_share_is_sized_down_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = Table(TINY)
    assert table.fitting("books", 5_000, "reads", lambda size: None) == 5_000  # no share, no limit
    assert table.shortened("books", 5_000, 5_000) == 5_000 and table.smaller == []
    assert table.shortened("books", 5_000, 4_321) == 4_000
    assert "SIZED DOWN: books: 4,000, not 5,000" in capsys.readouterr().out
    assert json.loads(table.save().read_text("utf-8"))["sized_down"] == table.smaller
