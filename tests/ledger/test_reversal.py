"""Corrections are reversals: once, of what was posted, naming it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import Engine

from ledger import AlreadyReversed, BelowFloor, KeyReused, MoreThanPosted, NotReversible, Transfer, UnknownTransaction
from tests.ledger.house import (
    BUDGET,
    DONOR,
    GIVEN,
    SCORED,
    SERVED,
    SHELF,
    SPENT,
    Book,
    day,
    deduct,
    earn,
    entry,
    hours,
    noon,
    score,
    spend,
    wallet,
)


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def test_c01_a_returned_sale_gives_points_and_goods_back_once(book: Book) -> None:
    book.post(earn(14600, "2026-03-01"), entry("receipt", "2026-03-01", Transfer(DONOR, SHELF, 5)))
    sale = book.one(entry("sale", "2026-03-02", Transfer(wallet(), SPENT, 4300), Transfer(SHELF, GIVEN, 2)))
    back = book.reverse(sale, "2026-03-03", kind="sale_return")
    assert back.balances == {wallet(): (10300, 14600), SHELF: (3, 5)}
    assert [(line.kind, line.reverses) for line in book.lines()][-1] == ("sale_return", sale)
    with pytest.raises(AlreadyReversed) as refused:  # C17: a second return, under another key
        book.reverse(sale, "2026-03-03")
    assert (refused.value.first, refused.value.recorded_at) == (back.transaction_id, noon("2026-03-03"))
    assert (book.balance(), book.balance(SHELF)) == (14600, 5)


def test_c02_an_undone_fact_takes_its_spent_points_back_and_blocks_spending(book: Book) -> None:
    award = book.one(entry("earned", "2026-03-01", Transfer(SERVED, hours(), 180), Transfer(BUDGET, wallet(), 300),
                           Transfer(SCORED, score(), 300)))
    book.post(spend(300, "2026-03-02"))
    with pytest.raises(BelowFloor):
        book.reverse(award, "2026-03-03")
    book.reverse(award, "2026-03-03", claw_back=True)
    assert [book.balance(one) for one in (hours(), wallet(), score())] == [0, -300, 0]
    book.post(earn(300, "2026-03-04"))
    with pytest.raises(BelowFloor):
        book.post(spend(1, "2026-03-04"))


def test_c66_a_reversal_reads_the_posted_entry(book: Book) -> None:
    award = book.one(earn(500, "2026-03-01", rule="E03"))
    book.reverse(award, "2026-09-01")
    assert [(line.rule, line.amount) for line in book.lines()] == [("E03", 500), ("E03", -500)]


def test_parts_come_back_line_by_line_and_never_more_than_was_posted(book: Book) -> None:
    book.post(earn(1000, "2026-03-01"))
    sale = book.one(entry("sale", "2026-03-01", Transfer(wallet(), SPENT, 600), Transfer(wallet(), SPENT, 100)))
    first = book.reverse(sale, "2026-03-02", parts={1: 200})
    assert book.balance() == 500
    with pytest.raises(AlreadyReversed) as refused:
        book.reverse(sale, "2026-03-02", parts={1: 401})
    assert (refused.value.first, refused.value.line) == (first.transaction_id, 1)
    with pytest.raises(MoreThanPosted):
        book.reverse(sale, "2026-03-02", parts={2: 101})
    with pytest.raises(MoreThanPosted):
        book.reverse(sale, "2026-03-02", parts={3: 1})
    book.reverse(sale, "2026-03-02")  # the rest of both lines
    assert book.balance() == 1000
    with pytest.raises(AlreadyReversed):
        book.reverse(sale, "2026-03-02", parts={2: 1})


def test_the_same_reversal_again_is_a_replay_even_when_nothing_is_left(book: Book) -> None:
    award = book.one(earn(500, "2026-03-01"))
    first = book.reverse(award, "2026-03-02", key="undo")
    again = book.reverse(award, "2026-03-02", at="2026-03-05", key="undo")
    assert (again.transaction_id, again.replay, again.balances) == (first.transaction_id, True, first.balances)
    with pytest.raises(KeyReused):
        book.reverse(award, "2026-03-03", key="undo")


def test_a_reversal_cannot_be_reversed_but_the_fact_can_be_posted_anew(book: Book) -> None:
    award = book.one(earn(500, "2026-03-01", key="record-1"))
    undo = book.reverse(award, "2026-03-02")
    assert undo.transaction_id
    with pytest.raises(NotReversible):
        book.reverse(undo.transaction_id, "2026-03-03")
    book.post(earn(450, "2026-03-01", key="record-1:2"), at="2026-03-03")
    assert book.balance() == 450


def test_what_was_never_posted_cannot_be_reversed(book: Book) -> None:
    with pytest.raises(UnknownTransaction):
        book.reverse(uuid4(), "2026-03-01")


def test_a_refused_reversal_changed_nothing(book: Book) -> None:
    award = book.one(earn(500, "2026-03-01"))
    book.post(spend(100, "2026-03-01"))
    with pytest.raises(BelowFloor):
        book.reverse(award, "2026-03-02")
    assert (book.balance(), len(book.lines())) == (400, 2)


def test_c20_a_back_dated_debit_is_refused_naming_the_first_day_it_would_break(book: Book) -> None:
    book.post(earn(1000, "2026-03-05"))
    with pytest.raises(BelowFloor) as refused:
        book.post(spend(3000, "2026-03-01"), at="2026-03-06")
    assert refused.value.day == day("2026-03-01")
    book.post(earn(5000, "2026-03-01"), spend(4500, "2026-03-04"), earn(4500, "2026-03-08"), at="2026-03-10")
    # end of day: 1st 50.00, 4th 5.00, 5th 15.00, 8th 60.00
    with pytest.raises(BelowFloor) as refused:
        book.post(spend(600, "2026-03-02"), at="2026-03-10")
    assert (refused.value.day, refused.value.available) == (day("2026-03-04"), 500)
    book.post(spend(500, "2026-03-02"), at="2026-03-10")
    book.post(spend(4500, "2026-03-10"))
    with pytest.raises(BelowFloor) as refused:
        book.post(spend(1001, "2026-03-07"), at="2026-03-10")
    assert refused.value.day == day("2026-03-07")


def test_a_back_dated_reversal_meets_the_same_wall_unless_it_claws_back(book: Book) -> None:
    award = book.one(earn(1000, "2026-03-01"))
    book.post(spend(800, "2026-03-05"), earn(900, "2026-03-08"))
    with pytest.raises(BelowFloor) as refused:
        book.reverse(award, "2026-03-02", at="2026-03-09")
    assert refused.value.day == day("2026-03-05")
    book.reverse(award, "2026-03-02", at="2026-03-09", claw_back=True)
    book.post(deduct(5, "2026-03-01"), at="2026-03-09")
    assert book.balance() == 95
