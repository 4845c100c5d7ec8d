"""The operator's ledger commands: what they print and how they end."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from pointsbank.database import db, write_connection
from pointsbank.ledger_cli import bar
from tests.ledger.house import BOOK, Book, earn


@pytest.fixture
def run(app: Flask, village: Any) -> Any:
    Book(db.engine).post(earn(1000, "2026-03-01", "2026-06-30"))
    return app.test_cli_runner().invoke


def test_check_is_quiet_when_all_is_well_and_ends_with_1_when_not(run: Any) -> None:
    good = run(args=["ledger", "check"])
    assert (good.exit_code, good.output.strip()) == (0, f"{BOOK}: 0 findings")
    with write_connection(db.engine) as connection:
        connection.execute(text("UPDATE ledger_balance SET posted = 1"))
    bad = run(args=["ledger", "check", "--json"])
    assert bad.exit_code == 1
    finding, = json.loads(bad.output)[str(BOOK)]
    assert (finding["law"], finding["account"]) == ("balance", "wallet:h1")
    assert run(args=["ledger", "rebuild"]).exit_code == 0
    assert run(args=["ledger", "check"]).exit_code == 0


def test_expire_posts_what_lapsed_once(run: Any) -> None:
    assert json.loads(run(args=["ledger", "expire", "--json"]).output) == {str(BOOK): 1}
    assert json.loads(run(args=["ledger", "expire", "--json"]).output) == {str(BOOK): 0}


def test_export_writes_each_format_to_a_file_or_to_the_screen(run: Any, tmp_path: Path) -> None:
    for form, first in (("csv", "transaction,line"), ("jsonl", '{"id"'), ("hledger", "; book"),
                        ("beancount", "option")):
        assert run(args=["ledger", "export", "--format", form]).output.startswith(first)
        target = tmp_path / form
        told = run(args=["ledger", "export", "--format", form, "--output", str(target), "--json"])
        assert json.loads(told.output)["lines"] == target.read_text(encoding="utf-8").count("\n")
        assert target.read_text(encoding="utf-8").startswith(first)


def test_a_book_that_is_not_there_ends_with_2(run: Any) -> None:
    for command in ("check", "rebuild", "expire", "export"):
        assert run(args=["ledger", command, "--book", "1"]).exit_code == 2


def test_every_command_has_help_with_an_example(run: Any) -> None:
    for command in ("check", "rebuild", "expire", "export"):
        assert "Example: flask --app wsgi ledger" in run(args=["ledger", command, "--help"]).output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_at_a_terminal_sees_how_far_it_is_and_a_program_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for as_json, shows in ((False, True), (True, False)):
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        with bar("230199", 2, as_json) as moved:
            moved(1)
            moved(1)
        assert ("100%" in screen.getvalue()) is shows
