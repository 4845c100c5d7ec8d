"""What lapses, when, and what is given back: expiry worked by hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

import ledger
from ledger import BelowFloor, Transfer
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, BUDGET, EXPIRED, SPENT, Book, counted, day, deduct, earn, entry, spend, wallet


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def kinds(book: Book) -> list[tuple[str, int, str]]:
    return [(line.kind, line.amount, line.effective_on.isoformat()) for line in book.lines()]


def test_c11_each_due_day_is_listed_with_its_amount_and_lapses_as_a_posted_entry(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"), earn(3000, "2027-01-05", "2028-03-31"))
    assert book.expiring("2027-03-31") == [("2027-03-31", 2000), ("2028-03-31", 3000)]
    assert book.sweep("2027-03-31") == 0
    assert book.sweep("2027-04-01") == 1
    assert kinds(book)[-1] == ("expired", -2000, "2027-04-01")
    assert (book.balance(), book.balance(EXPIRED)) == (3000, 2000)
    assert book.expiring("2027-04-01") == [("2028-03-31", 3000)]
    assert book.sweep("2027-04-02") == 0
    assert book.findings() == []


def test_c11_switched_off_nothing_lapses_and_on_again_the_rest_does(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"))
    with write_connection(book.engine) as connection:
        ledger.switch_expiry(connection, BOOK, False)
    assert (book.sweep("2027-04-01"), book.available("2027-04-01"), book.expiring("2027-04-01")) == (0, 2000, [])
    book.post(spend(500, "2027-04-02"))
    assert [kind for kind, _, _ in kinds(book)] == ["earned", "sale"]
    with write_connection(book.engine) as connection:
        ledger.switch_expiry(connection, BOOK, True)
        assert ledger.expiry_is_on(connection, BOOK)
    assert (book.available("2027-04-03"), book.sweep("2027-04-03"), book.balance()) == (0, 1, 0)
    assert book.findings() == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_c10_points_are_good_to_the_last_second_of_their_day(
        book: Book, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    book.post(earn(2000, "2026-03-01", "2027-03-31"))
    last_second = datetime(2027, 3, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Asia/Shanghai
    with write_connection(book.engine) as connection:
        ledger.post(connection, BOOK, [spend(700, "2027-03-31")], recorded_at=last_second)
    with pytest.raises(BelowFloor), write_connection(book.engine) as connection:
        ledger.post(connection, BOOK, [spend(1, "2027-04-01")], recorded_at=last_second.replace(hour=16, minute=0))
    monkeypatch.undo()
    if hasattr(time, "tzset"):
        time.tzset()
    assert (book.available("2027-03-31"), book.available("2027-04-01")) == (1300, 0)
    assert book.expiring("2027-03-31") == [("2027-03-31", 1300)]
    assert book.expiring("2027-04-01") == []


def test_a_debit_posts_the_lapse_first_in_its_own_transaction(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"), earn(3000, "2027-01-05", "2028-03-31"))
    sale, = book.post(spend(1000, "2027-06-01"))
    assert sale.lapsed == {wallet(): 2000}
    assert sale.balances == {wallet(): (3000, 2000)}  # the sale's own lines stay clean
    assert kinds(book)[2:] == [("expired", -2000, "2027-04-01"), ("sale", -1000, "2027-06-01")]
    with book.engine.connect() as connection:
        assert sale.transaction_id
        assert len(ledger.transaction(connection, BOOK, sale.transaction_id).transfers) == 1


def test_a_refused_debit_posts_no_lapse_either(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"))
    with pytest.raises(BelowFloor) as refused:
        book.post(spend(1, "2027-06-01"))
    assert refused.value.available == 0
    refusals = book.post(spend(1, "2027-06-01"), earn(5, "2027-06-01"), each=True)
    assert isinstance(refusals[0].refusal, BelowFloor)
    assert [kind for kind, _, _ in kinds(book)] == ["earned", "earned"]
    assert book.findings() == []


def test_spending_takes_the_oldest_points_first(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"), earn(3000, "2027-01-05", "2028-03-31"),
              spend(1500, "2027-01-06"))
    assert book.expiring("2027-01-06") == [("2027-03-31", 500), ("2028-03-31", 3000)]
    book.sweep("2027-04-01")
    assert book.balance() == 3000


def test_a_credit_is_never_due_before_the_one_before_it(book: Book) -> None:
    book.post(earn(100, "2026-03-01", "2027-03-31"), earn(100, "2026-03-02", "2026-12-31"))
    assert book.expiring("2026-03-02") == [("2027-03-31", 200)]
    book.post(earn(100, "2026-03-03"), earn(100, "2026-03-04", "2027-03-31"))  # for ever; then so is the next
    assert book.expiring("2026-03-04") == [("2027-03-31", 200)]
    assert [line.due_on for line in book.lines()][2:] == [None, None]


def test_a_credit_posted_late_can_be_spent_for_thirty_days(book: Book) -> None:
    book.post(earn(100, "2026-12-20", "2027-03-31"), at="2027-03-25")
    assert book.expiring("2027-03-25") == [("2027-04-24", 100)]
    book.post(earn(100, "2027-03-25", "2027-03-31"), at="2027-03-25")  # not late, but never before the one before
    assert book.expiring("2027-03-25") == [("2027-04-24", 200)]


def test_what_a_return_hands_back_after_its_day_lapses_at_the_end_of_the_day_of_the_return(book: Book) -> None:
    book.post(earn(2000, "2026-03-01", "2027-03-31"))
    sale = book.one(spend(500, "2027-03-20"))
    book.sweep("2027-04-01")
    assert book.balance() == 0
    book.reverse(sale, "2027-04-05", kind="sale_return")
    assert (book.available("2027-04-05"), book.expiring("2027-04-05")) == (500, [("2027-04-05", 500)])
    book.post(spend(200, "2027-04-05"))  # soap back, rice instead: that day it can be spent
    assert (book.sweep("2027-04-05"), book.available("2027-04-06"), book.sweep("2027-04-06")) == (0, 0, 1)
    assert kinds(book)[-1] == ("expired", -300, "2027-04-06")
    assert book.findings() == []


def test_reversing_a_lapsed_credit_gives_its_lapse_back_first(book: Book) -> None:
    award = book.one(earn(1000, "2026-03-01", "2027-03-31"))
    book.sweep("2027-04-01")
    book.reverse(award, "2027-04-10")  # no claw-back needed: nothing of it was spent
    assert kinds(book)[1:] == [("expired", -1000, "2027-04-01"), ("unexpired", 1000, "2027-04-10"),
                               ("reversal", -1000, "2027-04-10")]
    lapse, given_back = book.lines()[1:3]
    assert given_back.reverses == lapse.transaction_id
    assert (book.balance(), book.balance(EXPIRED), book.sweep("2027-05-01")) == (0, 0, 0)
    assert book.findings() == []


def test_reversing_a_spent_credit_lets_the_spending_fall_on_what_lapsed(book: Book) -> None:
    # 10 + 10 due together, 10 spent, so 10 lapse. Without the first 10, the spending took the second: nothing lapses.
    first = book.one(earn(1000, "2026-03-01", "2027-03-31"))
    book.post(earn(1000, "2026-03-02", "2027-03-31"), spend(1000, "2026-03-03"))
    book.sweep("2027-04-01")
    assert book.balance() == 0
    book.reverse(first, "2027-04-10")
    assert (book.balance(), book.balance(EXPIRED)) == (0, 0)
    assert book.findings() == []


def test_a_late_debit_from_before_the_cut_off_counts_before_it_whether_or_not_the_sweep_ran(book: Book) -> None:
    for name, swept_first in (("early", True), ("late", False)):
        mine = wallet(name)
        book.post(earn(2000, "2026-03-01", "2027-03-31", to=mine))
        if swept_first:
            book.sweep("2027-04-01")
        book.post(spend(500, "2027-03-31", by=mine), at="2027-04-02")
        book.sweep("2027-04-02")
        assert book.balance(mine) == 0
        assert sum(line.amount for line in book.lines(mine) if "expired" in line.kind) == -1500
        ends_of_days = {line.effective_on: line.balance for line in book.lines(mine)}
        assert ends_of_days == {day("2026-03-01"): 2000, day("2027-03-31"): 1500, day("2027-04-01"): 0}
    assert book.findings() == []


def test_reversing_a_credit_before_its_day_lets_less_lapse(book: Book) -> None:
    award = book.one(earn(1000, "2026-03-01", "2027-03-31"))
    book.post(earn(400, "2026-03-01", "2027-03-31"))
    book.reverse(award, "2026-06-01")
    assert book.expiring("2026-06-01") == [("2027-03-31", 400)]
    book.sweep("2027-04-01")
    assert book.balance() == 0
    assert kinds(book)[-1] == ("expired", -400, "2027-04-01")


def test_new_points_fill_a_hole_first_and_only_the_rest_can_lapse(book: Book) -> None:
    book.post(earn(100, "2026-03-01", "2027-03-31"), deduct(300, "2026-03-02"), earn(500, "2026-03-03", "2027-03-31"))
    assert book.expiring("2026-03-03") == [("2027-03-31", 300)]
    book.sweep("2027-04-01")
    assert book.balance() == 0


def test_due_days_travel_with_moves_and_come_back_with_reversals(book: Book) -> None:
    pool = ledger.member("POINT", "pool:help", expires_to=EXPIRED)
    book.post(earn(1000, "2026-03-01", "2027-03-31"))
    move = book.one(entry("moved", "2026-04-01", Transfer(wallet(), pool, 600, day("2027-03-31"))))
    assert (book.expiring("2026-04-01"), book.expiring("2026-04-01", of=pool)) == (
        [("2027-03-31", 400)], [("2027-03-31", 600)])
    book.reverse(move, "2026-05-01")
    assert (book.expiring("2026-05-01"), book.expiring("2026-05-01", of=pool)) == ([("2027-03-31", 1000)], [])
    assert book.sweep("2027-04-01") == 1
    assert book.findings() == []


def test_an_account_that_says_nowhere_to_lapse_to_does_not_lapse(book: Book) -> None:
    pool = ledger.member("POINT", "pool:for-ever")
    book.post(entry("given", "2026-03-01", Transfer(BUDGET, pool, 100, day("2026-04-01"))))
    book.post(entry("given", "2027-03-01", Transfer(pool, SPENT, 100)))
    assert (book.balance(pool), book.sweep("2027-04-01")) == (0, 0)


def test_the_sweep_takes_many_wallets_in_few_statements(book: Book) -> None:
    book.post(*(earn(10 + n, "2026-03-01", "2027-03-31", to=wallet(f"w{n}")) for n in range(1200)))
    with counted(book.engine) as seen:
        assert book.sweep("2027-04-01") == 1200
    assert len(seen) <= 1 + 3 * 12 + 1
    assert book.balance(EXPIRED) == sum(10 + n for n in range(1200))
    assert book.findings() == []
