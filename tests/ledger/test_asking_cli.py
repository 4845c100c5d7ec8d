"""The operator's questions: balance, turnovers, holds, assertions, and one account's proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import ledger
from pointsbank import clock
from pointsbank.database import db, write_connection
from tests.ledger.house import BOOK, Book, earn, noon, spend, wallet
from tests.ledger.sealed import alone


@pytest.fixture
def run(app: Flask, village: Any) -> Any:
    book = Book(db.engine)
    book.post(earn(1000, "2026-03-01", rule="V01"), spend(300, "2026-03-02"))
    with write_connection(db.engine) as connection:
        ledger.seal_now(connection, BOOK, at=noon("2026-03-02"))
    book.post(earn(50, "2026-03-02"), at="2026-03-09")
    return app.test_cli_runner().invoke


def told(run: Any, *arguments: str) -> Any:
    done = run(args=["ledger", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_a_balance_is_told_as_it_stands_at_a_day_and_as_known(run: Any) -> None:
    assert told(run, "balance", "wallet:h1")["posted"] == 750
    assert told(run, "balance", "wallet:h1", "--on", "2026-03-01")["posted"] == 1000
    assert told(run, "balance", "wallet:h1", "--on", "2026-03-02", "--position", "2")["posted"] == 700
    assert told(run, "balance", "wallet:h1", "--known-at", "2026-03-05")["posted"] == 700
    assert run(args=["ledger", "balance", "wallet:h1"]).output == "wallet:h1: posted 750, held 0, available 750\n"
    assert run(args=["ledger", "balance", "wallet:nobody"]).exit_code == 2


def test_turnovers_by_what_is_asked(run: Any) -> None:
    assert told(run, "turnovers", "wallet:", "--by", "kind") == [
        {"kind": "earned", "credits": 1050, "debits": 0, "transfers": 2},
        {"kind": "sale", "credits": 0, "debits": 300, "transfers": 1}]
    assert "month 2026-03  kind sale" in run(args=["ledger", "turnovers", "wallet:"]).output
    assert run(args=["ledger", "turnovers", "wallet:", "--by", "weather"]).exit_code == 2


def test_holds_and_leases_are_listed(run: Any) -> None:
    assert run(args=["ledger", "holds"]).output == "nothing is set aside\n"
    with write_connection(db.engine) as connection:
        ledger.hold(connection, BOOK, ledger.Hold("till:1", "lease-1", wallet(), 40, kind="lease"),
                    recorded_at=noon("2026-03-10"))
    one, = told(run, "holds")
    assert (one["account"], one["left"], one["expires_at"]) == ("wallet:h1", 40, None)
    assert "(lease), a lease" in run(args=["ledger", "holds"]).output


def test_an_assertion_is_recorded_judged_and_taken_back(run: Any) -> None:
    said, = told(run, "assert", "wallet:h1", "2026-03-02", "750", "--by", "auditor")
    assert run(args=["ledger", "check"]).exit_code == 0
    with write_connection(db.engine) as connection:
        late = ledger.post(connection, BOOK, [earn(9, "2026-03-02")], recorded_at=clock.now())[0].transaction_id
    broken = run(args=["ledger", "check"])
    assert broken.exit_code == 1 and f"wallet:h1 {late}" in broken.output and "asserted 750" in broken.output
    gone, = told(run, "assert", "--withdraw", said["id"], "--by", "auditor")
    assert gone["withdrawn_at"] and run(args=["ledger", "check"]).exit_code == 0
    assert "withdrawn" in run(args=["ledger", "assert"]).output
    for wrong in (["wallet:h1", "2026-03-02"], ["wallet:h1", "2026-03-02", "1"],
                  ["wallet:h1", "2026-03-02", "1", "--by", "nobody"], ["--withdraw", said["id"]]):
        assert run(args=["ledger", "assert", *wrong]).exit_code == 2, wrong


def test_an_account_is_proved_to_whoever_kept_an_old_checkpoint(run: Any, tmp_path: Path) -> None:
    kept, file = tmp_path / "kept.txt", tmp_path / "h1.json"
    assert run(args=["ledger", "checkpoint", "--output", str(kept)]).exit_code == 0
    Book(db.engine).post(spend(1, "2026-03-10"))
    done = told(run, "prove", "wallet:h1", "--output", str(file), "--since", "2")
    assert (done["lines"], done["size"]) == (4, 4)
    key = run(args=["ledger", "checkpoint", "--key"]).output.strip()
    assert alone("--key", key, "--checkpoint", str(kept), str(file)) == 0
    assert set(json.loads(file.read_text("utf-8"))["continues"]) == {"2", "3", "4"}
    assert run(args=["ledger", "prove", "budget:230199101201", "--output", str(file)]).exit_code == 2


def test_every_command_has_help_with_an_example_and_json(run: Any) -> None:
    shown = run(args=["ledger", "--help"]).output
    for command in ("assert", "balance", "check", "checkpoint", "close", "expire", "export", "holds", "prove",
                    "rebuild", "seal", "turnovers", "verify", "cap"):
        said = run(args=["ledger", command, "--help"]).output
        assert command in shown and "Example: flask --app wsgi ledger" in said and "--json" in said, command
