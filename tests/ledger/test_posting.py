"""The one door: balances, refusals, replays, all or nothing, item by item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

import ledger
from ledger import BelowFloor, Entry, FutureDay, KeyReused, NotPositive, Transfer
from tests.ledger.house import (
    BUDGET,
    DONOR,
    GIVEN,
    SCORED,
    SERVED,
    SHELF,
    SPENT,
    Book,
    counted,
    day,
    deduct,
    earn,
    entry,
    hours,
    noon,
    score,
    sent,
    spend,
    wallet,
)


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def test_an_award_moves_minutes_points_and_score_in_one_transaction(book: Book) -> None:
    award = entry("earned", "2026-03-05", Transfer(SERVED, hours(), 180), Transfer(BUDGET, wallet(), 300),
                  Transfer(SCORED, score(), 300))
    outcome, = book.post(award)
    assert outcome.balances == {hours(): (0, 180), wallet(): (0, 300), score(): (0, 300)}
    assert [book.balance(one) for one in (hours(), wallet(), score())] == [180, 300, 300]
    assert book.balance(BUDGET) == -300


def test_a_sale_takes_points_and_soap_together_or_not_at_all(book: Book) -> None:
    book.post(earn(1200, "2026-03-01"), entry("receipt", "2026-03-01", Transfer(DONOR, SHELF, 1)))
    sale = (Transfer(wallet(), SPENT, 600), Transfer(SHELF, GIVEN, 1))
    outcome, = book.post(entry("sale", "2026-03-02", *sale))
    assert outcome.balances == {wallet(): (1200, 600), SHELF: (1, 0)}
    with pytest.raises(BelowFloor) as refused:  # no soap left, so no points are taken either
        book.post(entry("sale", "2026-03-02", *sale))
    assert refused.value.account == SHELF
    assert (book.balance(), book.balance(SHELF), len(book.lines())) == (600, 0, 2)


def test_c07_cents_add_up_exactly(book: Book) -> None:
    book.post(earn(26739, "2026-03-01"), earn(89, "2026-03-01"), spend(26828, "2026-03-01"))
    assert book.balance() == 0


@pytest.mark.parametrize("amount", [0, -5, True, 1.0, 10**15 + 1, "5", None])
def test_an_amount_is_a_whole_number_above_zero(amount: Any) -> None:
    with pytest.raises(NotPositive):
        Transfer(BUDGET, wallet(), amount)


def test_a_transfer_that_makes_no_sense_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="cannot turn into"):
        Transfer(BUDGET, hours(), 1)
    with pytest.raises(ValueError, match="both sides"):
        Transfer(wallet(), wallet(), 1)
    with pytest.raises(ValueError, match="touches a member"):
        Transfer(BUDGET, SPENT, 1)
    with pytest.raises(ValueError, match="a day is"):
        Transfer(BUDGET, wallet(), 1, due_on=datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="1 to"):
        Entry("s", "k", "sale", day("2026-03-01"), ())
    with pytest.raises(ValueError, match="1 to"):
        Entry("s", "", "sale", day("2026-03-01"), (Transfer(BUDGET, wallet(), 1),))


def test_the_ledgers_own_kinds_and_scope_belong_to_the_ledger() -> None:
    for kind in ("expired", "unexpired"):
        with pytest.raises(ValueError, match="ledger's own"):
            entry(kind, "2026-03-01", Transfer(BUDGET, wallet(), 1))
    with pytest.raises(ValueError, match="ledger's own"):
        entry("sale", "2026-03-01", Transfer(BUDGET, wallet(), 1), scope="ledger:expiry")


def test_no_effective_day_lies_in_the_future(book: Book) -> None:
    with pytest.raises(FutureDay):
        book.post(earn(1, "2026-03-02"), at="2026-03-01")
    with pytest.raises(ValueError, match="time zone"), book.engine.connect() as connection:
        ledger.post(connection, 1, [earn(1, "2026-03-02")], recorded_at=datetime(2026, 3, 3))


def test_the_day_is_the_villages_day(book: Book) -> None:
    # 16:00 UTC on 1 March is midnight of 2 March in Asia/Shanghai
    at = noon("2026-03-01").replace(hour=16)
    with book.engine.begin() as connection:
        ledger.post(connection, 230199, [earn(1, "2026-03-02")], recorded_at=at)
    assert book.balance() == 1


def test_c22_the_same_key_again_gives_the_first_result_marked_as_a_replay(book: Book) -> None:
    book.post(earn(1000, "2026-03-01"))
    sale = spend(300, "2026-03-01", key="sale-1")
    first, = book.post(sale)
    book.post(earn(50, "2026-03-02"))
    again, = book.post(sale, at="2026-03-03")
    assert (again.transaction_id, again.replay, again.recorded_at) == (first.transaction_id, True, noon("2026-03-01"))
    assert again.balances == first.balances == {wallet(): (1000, 700)}
    assert book.balance() == 750


def test_the_same_key_with_other_content_is_an_error_naming_the_first(book: Book) -> None:
    first, = book.post(earn(100, "2026-03-01", key="row-7"))
    with pytest.raises(KeyReused) as refused:
        book.post(earn(101, "2026-03-01", key="row-7"))
    assert (refused.value.first, refused.value.recorded_at) == (first.transaction_id, noon("2026-03-01"))
    assert book.balance() == 100


def test_nobody_replays_another_scopes_key(book: Book) -> None:
    book.post(earn(100, "2026-03-01", key="1", scope="user:a"), earn(100, "2026-03-01", key="1", scope="user:b"))
    assert book.balance() == 200


def test_c21_a_repeated_row_within_one_call_is_posted_once(book: Book) -> None:
    row = earn(100, "2026-03-01", key="row-7")
    first, second = book.post(row, row)
    assert (first.replay, second.replay, second.transaction_id) == (False, True, first.transaction_id)
    with pytest.raises(KeyReused):
        book.post(earn(1, "2026-03-01", key="row-8"), earn(2, "2026-03-01", key="row-8"))
    assert book.balance() == 100


def test_all_or_nothing_by_default(book: Book) -> None:
    with pytest.raises(BelowFloor):
        book.post(earn(100, "2026-03-01"), spend(101, "2026-03-01"))
    assert (book.balance(), book.lines()) == (0, [])


def test_item_by_item_refuses_the_bad_ones_and_posts_the_rest(book: Book) -> None:
    known = earn(10, "2026-03-01", key="known")
    book.post(known)
    outcomes = book.post(
        earn(100, "2026-03-01"), spend(111, "2026-03-01"), spend(60, "2026-03-01"), spend(60, "2026-03-01"),
        earn(7, "2026-04-01"), known, earn(11, "2026-03-01", key="known"), at="2026-03-01", each=True)
    refusals = [type(one.refusal).__name__ if one.refusal else None for one in outcomes]
    assert refusals == [None, "BelowFloor", None, "BelowFloor", "FutureDay", None, "KeyReused"]
    assert [one.replay for one in outcomes] == [False, False, False, False, False, True, False]
    assert outcomes[2].balances == {wallet(): (110, 50)}
    assert [line.seq for line in book.lines()] == [1, 2, 3]  # a refused item leaves no gap
    assert book.balance() == 50


def test_a_refusal_says_what_was_available(book: Book) -> None:
    book.post(earn(5400, "2026-03-01"), spend(5000, "2026-03-01"))
    with pytest.raises(BelowFloor) as refused:  # C06: available 4
        book.post(spend(1000, "2026-03-01"))
    assert (refused.value.needed, refused.value.available, refused.value.day) == (1000, 400, day("2026-03-01"))
    assert "available 400" not in str(refused.value)
    assert "400 available" in refused.value.sentence("en")


def test_a_deduction_may_push_below_zero_and_then_nothing_is_spent_until_it_is_positive(book: Book) -> None:
    book.post(earn(100, "2026-03-01"), deduct(250, "2026-03-02"))
    assert book.balance() == -150
    with pytest.raises(BelowFloor):
        book.post(spend(1, "2026-03-02"))
    book.post(deduct(10, "2026-03-03"))
    book.post(earn(200, "2026-03-03"))  # new points fill the hole first
    with pytest.raises(BelowFloor):
        book.post(spend(41, "2026-03-03"))
    book.post(spend(40, "2026-03-03"))
    assert book.balance() == 0


def test_a_score_has_no_floor(book: Book) -> None:
    book.post(entry("deducted", "2026-03-01", Transfer(score(), SCORED, 500)))
    assert book.balance(score()) == -500


def test_value_cannot_leave_before_it_has_come_within_one_transaction(book: Book) -> None:
    out, back = Transfer(wallet(), SPENT, 10), Transfer(BUDGET, wallet(), 20)
    with pytest.raises(BelowFloor):
        book.post(entry("odd", "2026-03-01", out, back))
    book.post(entry("odd", "2026-03-01", back, out))
    assert book.balance() == 10


def test_what_the_book_says_of_an_account_stands(book: Book) -> None:
    book.post(earn(100, "2026-03-01"))
    lower = ledger.member("POINT", "wallet:h1", floor=None)
    with pytest.raises(ValueError, match="is open as"):
        book.post(entry("sale", "2026-03-01", Transfer(lower, SPENT, 200)))


def test_books_never_mix(book: Book) -> None:
    book.post(earn(100, "2026-03-01", key="k"))
    with book.engine.begin() as connection:
        ledger.post(connection, 230126, [earn(7, "2026-03-01", key="k")], recorded_at=noon("2026-03-01"))
        assert ledger.balances(connection, 230126, [wallet()])[wallet()].posted == 7
    assert book.balance() == 100


def test_the_number_of_statements_does_not_depend_on_the_number_of_entries(book: Book) -> None:
    def batch(size: int, first: int) -> list[Entry]:
        return [entry("earned", "2026-03-05", Transfer(SERVED, hours(f"p{n}"), 60),
                      Transfer(BUDGET, wallet(f"h{n % 7}"), 100, day("2027-03-31")),
                      Transfer(SCORED, score(f"h{n % 7}"), 100)) for n in range(first, first + size)]

    def sales(size: int) -> list[Entry]:
        return [spend(1, "2026-03-04", by=wallet(f"h{n % 7}")) for n in range(size)]

    book.post(*batch(7, 0))
    book.post(*(earn(500, "2026-03-04", to=wallet(f"h{n}")) for n in range(7)), at="2026-03-05")
    book.post(spend(1, "2026-03-05", by=wallet("h0")))
    counts = []
    for size in (2, 200):
        with counted(book.engine) as seen:
            book.post(*batch(size, 1000 * size))
        counts.append(len(seen))
        with counted(book.engine) as seen:  # back-dated debits of wallets: days and due days are read
            book.post(*sales(size), at="2026-03-05")
        counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 18
    with counted(book.engine) as seen, sent(book.engine) as driven:
        book.post(spend(1, "2026-03-05", by=wallet("h0")))
    assert seen == []  # past SQLAlchemy: on PostgreSQL one call of its function
    assert len(driven) == (6 if book.engine.dialect.name == "sqlite" else 0)


def test_a_household_that_moves_lapses_to_its_new_place(book: Book) -> None:
    book.post(earn(100, "2026-03-01", "2026-03-31"))
    new = ledger.system("POINT", "expired:230199101202")
    moved = ledger.member("POINT", "wallet:h1", expires_to=new)
    book.post(earn(50, "2026-03-02", "2026-03-31", to=moved))
    assert book.sweep("2026-04-01") == 1
    assert book.balance(new) == 150
