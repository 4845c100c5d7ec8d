"""A place's carry-over cap: set as data, applied by the job once a year, told in words, gone on with after a kill."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

import ledger
from ledger import Entry, Transfer
from pointsbank import accounts
from pointsbank.access import system_actor
from pointsbank.database import db, unit_of_work
from pointsbank.errors import BadInput
from pointsbank.jobs import run_job
from pointsbank.records import SetPolicy, carry_caps, policy_of, set_policy
from pointsbank.records.models import CarryCapDone
from pointsbank.wallets import narrate
from tests.pointsbank.records.a_village import AT, BOOK, NEXT, TOWN, VILLAGE, Hamlet

NEW_YEAR = datetime(2027, 1, 1, 2, tzinfo=UTC)  # AT: 10 March 2026
BY = system_actor(BOOK, "t")


@pytest.fixture
def rich(hamlet: Hamlet) -> Hamlet:
    """H001 has 150 points, H002 90, H003 100; they can be spent until March 2028."""
    for home, points in (("H001", 150_00), ("H002", 90_00), ("H003", 100_00)):
        card = hamlet.homes[home]
        with unit_of_work(hamlet.s):
            ledger.post(hamlet.s.connection(), BOOK, [Entry("t", home, "earned", date(2026, 3, 10), (Transfer(
                accounts.budget(VILLAGE), accounts.wallet(card.id, VILLAGE), points, date(2028, 3, 31)),))],
                recorded_at=AT)
    return hamlet


def job(hamlet: Hamlet, at: datetime = NEW_YEAR) -> str:
    return run_job(hamlet.s, BOOK, "cap-carried", at=at)


def points(hamlet: Hamlet) -> list[int]:
    return [hamlet.points(home) // 100 for home in ("H001", "H002", "H003")]


def test_the_job_caps_a_year_once_and_says_so_in_the_passbook(app: Flask, rich: Hamlet) -> None:
    assert job(rich) == "0 caps, 0 wallets, 0.00 points"  # no place has a cap
    set_policy(rich.s, SetPolicy(TOWN, carry_most=100_00), by=BY, at=AT)  # holds for the villages below
    assert job(rich, datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).startswith("0 caps")  # the year is not over
    assert job(rich) == "2 caps, 1 wallets, 50.00 points"
    assert points(rich) == [100, 90, 100]
    assert job(rich).startswith("0 caps") and points(rich) == [100, 90, 100]
    wallet = accounts.wallet(rich.homes["H001"].id, VILLAGE)
    last = ledger.lines(rich.s.connection(), BOOK, wallet)[-1]
    assert (last.kind, last.effective_on, last.amount) == ("capped", date(2027, 1, 1), -50_00)
    assert narrate(rich.s, BOOK, [last])[last.transaction_id] == "2026-12-31 结转:最多 100.00 分,超出部分作废"
    assert ledger.check(rich.s.connection(), BOOK) == []


@pytest.mark.parametrize(("rule", "left"), [({"carry_percent": 50}, [75, 45, 50]), ({"carry_most": 0}, [0, 0, 0]),
                                            ({"carry_most": 80_00, "carry_percent": 60}, [80, 54, 60])])
def test_a_share_and_a_number(app: Flask, rich: Hamlet, rule: dict[str, int], left: list[int]) -> None:
    set_policy(rich.s, SetPolicy(VILLAGE, **rule), by=BY, at=AT)
    set_policy(rich.s, SetPolicy(NEXT), by=BY, at=AT)
    job(rich)
    assert points(rich) == left
    line = ledger.lines(rich.s.connection(), BOOK, accounts.wallet(rich.homes["H001"].id, VILLAGE))[-1]
    assert "结转:" in narrate(rich.s, BOOK, [line])[line.transaction_id]


def test_a_year_that_was_over_before_the_cap_was_set_is_left_alone(app: Flask, rich: Hamlet) -> None:
    set_policy(rich.s, SetPolicy(VILLAGE, carry_most=0), by=BY, at=NEW_YEAR)
    assert job(rich).startswith("0 caps")
    set_policy(rich.s, SetPolicy(VILLAGE, carry_most=0, late_days=3), by=BY, at=datetime(2028, 1, 2, tzinfo=UTC))
    assert policy_of(rich.s, VILLAGE).carry_since == date(2027, 1, 1)  # what stays as it was, holds as it did
    assert job(rich, datetime(2029, 1, 1, 2, tzinfo=UTC)).startswith("2 caps")  # 2027, and 2028 after it


def test_killed_between_two_portions_it_goes_on_where_it_was(
        app: Flask, rich: Hamlet, monkeypatch: pytest.MonkeyPatch) -> None:
    set_policy(rich.s, SetPolicy(VILLAGE, carry_percent=50), by=BY, at=AT)
    monkeypatch.setattr(carry_caps, "PORTION", 1)
    seen: list[str] = []

    def kill(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO audit_event"):
            seen.append(statement)
            if len(seen) == 2:
                raise KeyboardInterrupt

    event.listen(rich.s.get_bind(), "before_cursor_execute", kill)
    with pytest.raises(KeyboardInterrupt):
        job(rich)
    event.remove(rich.s.get_bind(), "before_cursor_execute", kill)
    assert points(rich) not in ([75, 45, 50], [150, 90, 100])
    assert rich.s.scalar(select(CarryCapDone.place_code)) is None
    assert job(rich).startswith("1 caps, 2 wallets")
    assert points(rich) == [75, 45, 50] and rich.s.scalar(select(CarryCapDone.place_code)) == VILLAGE


def test_a_cap_that_is_none_is_refused(hamlet: Hamlet) -> None:
    for wrong in ({"carry_most": -1}, {"carry_percent": 101}):
        with pytest.raises(BadInput):
            set_policy(hamlet.s, SetPolicy(VILLAGE, **wrong), by=BY, at=AT)


def test_the_operator_rules_and_reads_what_a_place_has_ruled(app: Flask, village: Any) -> None:
    run = app.test_cli_runner().invoke
    place = village.place_code
    assert "carried on after 31 December: everything" in run(args=["bank", "policy", place]).output
    assert run(args=["bank", "policy", place, "--carry-most", "100"]).exit_code == 2  # by whom?
    assert run(args=["bank", "policy", place, "--carry-most", "100", "--by", "clerk"]).exit_code == 2  # may not
    told = run(args=["bank", "policy", place, "--carry-most", "100", "--late-days", "7", "--by", "admin", "--json"])
    assert json.loads(told.output)["carry_most"] == 100_00
    assert "at most 100.00 points, since" in run(args=["bank", "policy", place]).output
    stands = policy_of(db.session(), place)
    assert (stands.late_days, stands.expiry, stands.carry_most) == (7, "year_end_with_grace", 100_00)
    assert json.loads(run(args=["bank", "policy", place, "--no-cap", "--by", "admin", "--json"]).output)[
        "carry_most"] is None
    assert run(args=["bank", "policy", "999999999999"]).exit_code == 2
