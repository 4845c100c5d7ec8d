"""Many at once: the last points are spent once, one key has one effect, one sale comes back once. On both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

import ledger
from ledger import AlreadyReversed, BelowFloor, Entry, KeyReused, Outcome, Transfer
from pointsbank.database import write_connection
from tests.ledger.house import (
    BOOK,
    BUDGET,
    DONOR,
    GIVEN,
    SHELF,
    SPENT,
    Book,
    day,
    earn,
    entry,
    noon,
    spend,
    wallet,
)

ON = "2026-03-05"


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def at_once(tries: list[Callable[[], Any]], workers: int) -> list[Any]:
    """Run all, `workers` at a time from one starting gun; each one's answer or refusal. Anything else is a bug."""
    gun = threading.Barrier(workers)

    def run(share: list[Callable[[], Any]]) -> list[Any]:
        gun.wait()
        answers = []
        for one in share:
            try:
                answers.append(one())
            except (BelowFloor, AlreadyReversed, KeyReused) as refusal:
                answers.append(refusal)
        return answers

    with ThreadPoolExecutor(workers) as pool:
        return [answer for answers in pool.map(run, [tries[n::workers] for n in range(workers)]) for answer in answers]


def posting(engine: Engine, what: Entry) -> Callable[[], Outcome]:
    def run() -> Outcome:
        with write_connection(engine) as connection:
            return ledger.post(connection, BOOK, [what], recorded_at=noon(ON))[0]
    return run


def kinds(answers: list[Any]) -> Counter[str]:
    return Counter("replay" if isinstance(one, Outcome) and one.replay else type(one).__name__ for one in answers)


def test_c14_of_64_debits_of_points_for_one_exactly_one_succeeds(book: Book) -> None:
    book.post(earn(1000, ON))
    answers = at_once([posting(book.engine, spend(1000, ON)) for _ in range(64)], 16)
    assert kinds(answers) == {"Outcome": 1, "BelowFloor": 63}
    assert {one.available for one in answers if isinstance(one, BelowFloor)} <= {0}
    assert (book.balance(), len(book.lines()), book.findings()) == (0, 2, [])


def test_c16_the_last_soap_goes_once_and_the_losers_are_not_charged(book: Book) -> None:
    book.post(entry("receipt", ON, Transfer(DONOR, SHELF, 1)),
              *(earn(1000, ON, to=wallet(f"h{n}")) for n in range(8)))
    sales = [entry("sale", ON, Transfer(wallet(f"h{n}"), SPENT, 600), Transfer(SHELF, GIVEN, 1)) for n in range(8)]
    answers = at_once([posting(book.engine, sale) for sale in sales], 8)
    assert kinds(answers) == {"Outcome": 1, "BelowFloor": 7}
    assert sorted(book.balance(wallet(f"h{n}")) for n in range(8)) == [400] + [1000] * 7
    loser = next(n for n in range(8) if book.balance(wallet(f"h{n}")) == 1000)
    with pytest.raises(BelowFloor):  # the same key again gives the same answer
        book.post(sales[loser])
    assert (book.balance(SHELF), book.findings()) == (0, [])


def test_c21_2000_copies_of_one_request_have_one_effect(book: Book) -> None:
    book.post(earn(1000, ON))
    sale = spend(300, ON, key="offline-7")
    answers = at_once([posting(book.engine, sale)] * 2000, 8)
    assert kinds(answers) == {"Outcome": 1, "replay": 1999}
    assert {(one.transaction_id, one.balances[wallet()]) for one in answers} == {
        (answers[0].transaction_id, (1000, 700))}
    assert (book.balance(), len(book.lines()), book.findings()) == (700, 2, [])


def test_one_key_in_two_contents_on_different_wallets_has_one_effect(book: Book) -> None:
    """The wallets' locks do not meet here: only the key's own uniqueness stands between the two."""
    for number in range(12):
        tries = [posting(book.engine, earn(100, ON, to=wallet(f"{number}-{n}"), key=f"same-{number}"))
                 for n in range(4)]
        assert kinds(at_once(tries, 4)) == {"Outcome": 1, "KeyReused": 3}
    assert book.balance(BUDGET) == -1200
    assert book.findings() == []


def test_a_batch_that_loses_one_key_still_posts_its_other_rows(book: Book) -> None:
    def batch(number: int, n: int) -> Callable[[], Any]:
        rows = [earn(100, ON, to=wallet(f"{number}-{n}"), key=f"same-{number}"),
                earn(7, ON, to=wallet(f"{number}-{n}"), key=f"own-{number}-{n}")]

        def run() -> list[Outcome]:
            with write_connection(book.engine) as connection:
                return ledger.post(connection, BOOK, rows, recorded_at=noon(ON), each=True)
        return run

    for number in range(12):
        answers = at_once([batch(number, n) for n in range(4)], 4)
        assert Counter(outcomes[0].refusal is None for outcomes in answers) == {True: 1, False: 3}
        assert {type(outcomes[0].refusal) for outcomes in answers} == {KeyReused, type(None)}
        assert all(outcomes[1].refusal is None for outcomes in answers)
    assert (book.balance(BUDGET), book.findings()) == (-12 * (100 + 4 * 7), [])


def test_overlapping_batches_with_shared_keys_are_each_posted_once(book: Book) -> None:
    rows = [earn(1, ON, to=wallet(f"w{n % 5}"), key=f"row-{n}") for n in range(60)]

    def batch(first: int) -> Callable[[], Any]:
        def run() -> list[Outcome]:
            with write_connection(book.engine) as connection:
                return ledger.post(connection, BOOK, rows[first:first + 30], recorded_at=noon(ON))
        return run

    answers = [one for outcomes in at_once([batch(first) for first in (0, 10, 20, 30) * 2], 8) for one in outcomes]
    assert Counter(one.replay for one in answers) == {False: 60, True: 180}
    assert (book.balance(BUDGET), book.findings()) == (-60, [])


def test_c17_a_sale_comes_back_once_however_many_ask(book: Book) -> None:
    book.post(earn(1000, ON))
    sale = book.one(spend(400, ON))

    def back(number: int) -> Callable[[], Outcome]:
        def run() -> Outcome:
            with write_connection(book.engine) as connection:
                return ledger.reverse(connection, BOOK, sale, scope="till", key=f"r{number}", recorded_at=noon(ON),
                                      effective_on=day(ON))
        return run

    answers = at_once([back(number) for number in range(16)], 8)
    assert kinds(answers) == {"Outcome": 1, "AlreadyReversed": 15}
    first, = {one.transaction_id for one in answers if isinstance(one, Outcome)}
    assert {one.first for one in answers if isinstance(one, AlreadyReversed)} == {first}
    assert (book.balance(), book.findings()) == (1000, [])


def test_sales_sweeps_and_rebuilds_at_once_lose_nothing(book: Book) -> None:
    book.post(*(earn(100, "2026-03-01", "2026-03-31", to=wallet(f"w{n}")) for n in range(6)))
    book.post(*(earn(100, "2026-04-01", "2027-03-31", to=wallet(f"w{n}")) for n in range(6)))

    def sale(number: int) -> Callable[[], Outcome]:
        what = spend(10, "2026-04-02", by=wallet(f"w{number % 6}"))

        def run() -> Outcome:
            with write_connection(book.engine) as connection:
                return ledger.post(connection, BOOK, [what], recorded_at=noon("2026-04-02"))[0]
        return run

    def rebuild() -> int:
        with write_connection(book.engine) as connection:
            return ledger.rebuild(connection, BOOK)

    tries: list[Callable[[], Any]] = [sale(number) for number in range(36)]
    at_once(tries + [lambda: book.sweep("2026-04-02"), rebuild] * 4, 8)
    assert [book.balance(wallet(f"w{n}")) for n in range(6)] == [40] * 6
    assert book.balance(ledger.system("POINT", "expired:230199101201")) == 600
    assert book.findings() == []
