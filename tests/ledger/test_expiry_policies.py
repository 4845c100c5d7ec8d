"""Every way points can expire, and caps on what is carried into a new year, each worked by hand.

One household, in points: 12.00 earned on 5 March 2026, 5.00 on 25 November 2026, 4.00 redeemed on 10 January 2027.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

import ledger
from ledger import BelowFloor, Hold
from pointsbank.database import db, write_connection
from pointsbank.records.policy import POLICY, Policy
from tests.ledger.house import BOOK, EXPIRED, Book, day, earn, noon, spend, wallet

MARCH, NOVEMBER, JANUARY = "2026-03-05", "2026-11-25", "2027-01-10"


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def policy(expiry: str, months: int = 0) -> Policy:
    return replace(POLICY, expiry=expiry, expiry_months=months)


def earned(book: Book, rule: Policy) -> None:
    for amount, on in ((1200, MARCH), (500, NOVEMBER)):
        due = rule.due_on(day(on))
        book.post(earn(amount, on, due.isoformat() if due else None))


def test_never_nothing_lapses(book: Book) -> None:
    earned(book, policy("never"))
    book.post(spend(400, JANUARY))
    assert (book.expiring(JANUARY), book.sweep("2040-01-01"), book.balance()) == ([], 0, 1300)


def test_at_the_end_of_the_year_all_of_it_lapses(book: Book) -> None:
    earned(book, policy("year_end"))
    assert book.expiring("2026-12-31") == [("2026-12-31", 1700)]
    with pytest.raises(BelowFloor):
        book.post(spend(400, JANUARY))
    assert (book.sweep("2027-01-01"), book.balance(), book.balance(EXPIRED)) == (1, 0, 1700)


def test_with_a_grace_of_three_months_the_old_year_can_be_spent_until_31_march(book: Book) -> None:
    earned(book, policy("year_end_with_grace", 3))
    assert book.expiring("2026-12-31") == [("2027-03-31", 1700)]
    book.post(spend(400, JANUARY), earn(100, "2027-02-01", "2028-03-31"))
    assert book.expiring("2027-03-31") == [("2027-03-31", 1300), ("2028-03-31", 100)]
    assert (book.sweep("2027-03-31"), book.sweep("2027-04-01"), book.balance()) == (0, 1, 100)


def test_rolling_twelve_months_each_deed_has_its_own_day_and_the_oldest_is_spent_first(book: Book) -> None:
    earned(book, policy("rolling_months", 12))
    assert book.expiring("2026-12-31") == [("2027-03-05", 1200), ("2027-11-25", 500)]
    book.post(spend(400, JANUARY))
    assert book.expiring(JANUARY) == [("2027-03-05", 800), ("2027-11-25", 500)]
    assert (book.sweep("2027-03-06"), book.balance()) == (1, 500)
    assert (book.sweep("2027-11-26"), book.balance(), book.balance(EXPIRED)) == (1, 0, 1300)
    assert book.findings() == []


@pytest.mark.parametrize(("rule", "on", "due"), [
    (policy("rolling_months", 12), date(2028, 2, 29), date(2029, 2, 28)),
    (policy("rolling_months", 1), date(2027, 1, 31), date(2027, 2, 28)),
    (policy("rolling_months", 48), date(2024, 2, 29), date(2028, 2, 29)),
    (policy("year_end_with_grace", 2), date(2027, 6, 1), date(2028, 2, 29)),
    (policy("year_end_with_grace", 0), date(2027, 6, 1), date(2027, 12, 31)),
    (policy("year_end"), date(2027, 12, 31), date(2027, 12, 31)), (policy("never"), date(2027, 6, 1), None)])
def test_the_last_day_of_short_months_and_leap_years(rule: Policy, on: date, due: date | None) -> None:
    assert rule.due_on(on) == due


def test_when_the_policy_changes_the_due_day_never_steps_back(book: Book) -> None:
    book.post(earn(1200, MARCH, "2027-03-31"))  # grace until March
    changed = policy("year_end").due_on(day(NOVEMBER))  # then: the year's end
    assert changed == day("2026-12-31")
    book.post(earn(500, NOVEMBER, changed.isoformat()))
    assert book.expiring(NOVEMBER) == [("2027-03-31", 1700)]


# -- caps --------------------------------------------------------------------------------------------------------------
def cap(book: Book, at: str = "2027-01-02", **how: Any) -> int:
    with write_connection(book.engine) as connection:
        taken = ledger.cap_carried(connection, BOOK, [wallet()], cut_off=day("2026-12-31"), recorded_at=noon(at), **how)
    return taken.get(wallet(), 0)


def test_ten_points_at_most_are_carried_on_and_the_oldest_go(book: Book) -> None:
    earned(book, policy("rolling_months", 12))
    assert cap(book, most=1000) == 700  # 17.00 - 10.00
    assert (book.balance(), book.balance(EXPIRED)) == (1000, 700)
    assert book.expiring("2027-01-02") == [("2027-03-05", 500), ("2027-11-25", 500)]  # 7.00 of March's 12.00
    last = book.lines()[-1]
    assert (last.kind, last.effective_on, last.amount) == ("capped", day("2027-01-01"), -700)
    assert cap(book, most=1000) == cap(book, most=0) == 0  # once for a day
    assert book.findings() == []


@pytest.mark.parametrize(("how", "carried"), [
    ({"percent": 50}, 850), ({"percent": 33}, 561), ({"percent": 0}, 0), ({"percent": 100}, 1700), ({"most": 0}, 0),
    ({"most": 800, "percent": 50}, 800), ({"most": 900, "percent": 50}, 850), ({"most": 5000}, 1700)])
def test_a_share_a_number_or_whichever_is_less(book: Book, how: dict[str, int], carried: int) -> None:
    earned(book, policy("never"))
    assert cap(book, **how) == 1700 - carried
    assert book.balance() == carried


def test_what_lapses_at_the_cut_off_by_itself_is_not_taken_twice(book: Book) -> None:
    for swept in (False, True):
        mine = wallet(f"swept-{swept}")
        book.post(earn(600, MARCH, "2026-12-31", to=mine), earn(1100, NOVEMBER, "2027-12-31", to=mine))
        if swept:
            book.sweep("2027-01-01")
        with write_connection(book.engine) as connection:
            assert ledger.cap_carried(connection, BOOK, [mine], cut_off=day("2026-12-31"), most=1000,
                                      recorded_at=noon("2027-01-02")) == {mine: 100}  # 17.00 - 6.00 - 10.00
        assert book.balance(mine) == 1000
    assert book.findings() == []


def test_what_is_held_is_left_alone_and_what_was_spent_since_came_from_what_was_carried(book: Book) -> None:
    earned(book, policy("never"))
    with write_connection(book.engine) as connection:
        ledger.hold(connection, BOOK, Hold("till", "h1", wallet(), 300), recorded_at=noon("2026-12-01"))
    book.post(earn(50, "2027-01-01"), spend(200, "2027-01-02"))
    assert cap(book, "2027-01-05", most=1000) == 400  # 17.00 - 3.00 held - 10.00
    assert book.balance() == 1700 - 400 + 50 - 200
    other = Book(book.engine)
    other.post(earn(1700, MARCH, to=wallet("h2")), spend(1600, "2027-01-02", by=wallet("h2")))
    with write_connection(book.engine) as connection:  # 7.00 are too much, but only 1.00 is left of it
        assert ledger.cap_carried(connection, BOOK, [wallet("h2")], cut_off=day("2026-12-31"), most=1000,
                                  recorded_at=noon("2027-01-05")) == {wallet("h2"): 100}
    assert book.findings() == []


def test_a_cap_that_is_none_and_a_day_that_is_not_over_are_refused(book: Book) -> None:
    earned(book, policy("never"))
    for how in ({}, {"most": -1}, {"percent": 101}):
        with pytest.raises(ValueError, match="a cap is"):
            cap(book, **how)
    with pytest.raises(ledger.FutureDay):
        cap(book, "2026-12-31", most=0)
    assert book.balance() == 1700


def test_the_operator_caps_a_book_once(app: Flask, village: Any) -> None:
    earned(Book(db.engine), policy("never"))
    run = app.test_cli_runner().invoke
    asked = ["ledger", "cap", "--on", "2026-03-31", "--most", "1000", "--json"]
    assert json.loads(run(args=asked).output) == {str(BOOK): {"wallet:h1": 200}}
    assert json.loads(run(args=asked).output) == {str(BOOK): {}}
    assert run(args=["ledger", "cap", "--on", "2026-03-31"]).exit_code == 2
