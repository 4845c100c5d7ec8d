"""`ledger close`: what it prints, whom it asks for, and how it ends; and the job that ends holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import ledger
from pointsbank.access import AppUser
from pointsbank.audit import events_of
from pointsbank.database import db, write_connection
from pointsbank.jobs import run_job
from tests.ledger.house import BOOK, Book, earn, noon, wallet


@pytest.fixture
def run(app: Flask, village: Any) -> Any:
    Book(db.engine).post(earn(1000, "2026-03-01"))
    return app.test_cli_runner().invoke


def logins() -> list[str]:
    with Session(db.engine) as s:
        return [user.login for user in s.query(AppUser).filter_by(book_id=BOOK, kind="staff").order_by(AppUser.login)]


def test_a_month_is_closed_listed_and_reopened_by_two(run: Any) -> None:
    one, two = logins()[:2]
    assert run(args=["ledger", "close"]).output.strip() == "no month is closed"
    done = run(args=["ledger", "close", "2026-03", "--by", one])
    assert (done.exit_code, done.output.strip()) == (0, f"{BOOK}: 2026-03 closed, 2 accounts moved in it; 1 in the log")
    again = json.loads(run(args=["ledger", "close", "2026-03", "--by", one, "--json"]).output)
    assert again[str(BOOK)]["accounts"] == 2
    with pytest.raises(ledger.PeriodClosed):
        Book(db.engine).post(earn(1, "2026-03-09"), at="2026-04-09")
    reopen = ["ledger", "close", "2026-03", "--reopen", "--by", one, "--reason", "m-17"]
    for second in (one, "nobody"):
        assert run(args=[*reopen, "--with", second]).exit_code == 2
    assert run(args=[*reopen, "--with", two]).output.strip() == f"{BOOK}: 2026-03 reopened"
    assert run(args=[*reopen, "--with", two]).exit_code == 0
    assert "(m-17)" in run(args=["ledger", "close"]).output
    assert json.loads(run(args=["ledger", "close", "--json"]).output)[str(BOOK)][0]["reason"] == "m-17"
    with Session(db.engine) as s:
        assert [event.action for event in events_of(s, BOOK, "period:2026-03")] == [
            "period.closed", "period.reopened", "period.reopened"]


def test_what_cannot_be_closed_ends_with_2_and_says_why(run: Any) -> None:
    one = logins()[0]
    for wrong in (["2026-13", "--by", one], ["2026-03"], ["2026-05", "--by", one], ["2099-01", "--by", one],
                  ["2026-03", "--by", one, "--reopen"],
                  ["2026-03", "--reopen", "--by", one, "--with", "x", "--reason", "because of Ms. Li"]):
        assert run(args=["ledger", "close", *wrong]).exit_code == 2
    assert "2026-03" in run(args=["ledger", "close", "2026-05", "--by", one]).output


def test_the_job_ends_holds_whose_time_is_over(run: Any, s: Session) -> None:
    with write_connection(db.engine) as connection:
        ledger.hold(connection, BOOK, ledger.Hold("till", "k", wallet(), 300, datetime(2026, 3, 5, 5, tzinfo=UTC)),
                    recorded_at=noon("2026-03-05"))
    assert run_job(s, BOOK, "expire-holds", at=noon("2026-03-05")) == "0 holds"
    assert run_job(s, BOOK, "expire-holds", at=noon("2026-03-06")) == "1 holds"
    with db.engine.connect() as connection:
        assert ledger.balances(connection, BOOK, [wallet()])[wallet()].available == 1000
