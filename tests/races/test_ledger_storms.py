"""32 writers at one book: a full balance is spent once, value goes to and fro, and every snapshot balances to zero.

LONG=1: 1,000 wallets with 2 to 64 spends each, 20,000 moves.
"""

from __future__ import annotations

import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger import BelowFloor, Entry, Outcome, Transfer
from ledger.sealing import seal_batch
from pointsbank import sealing
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, EXPIRED, Book, earn, entry, noon, spend, wallet
from tests.races.test_ledger_races import at_once

LONG = bool(os.environ.get("LONG"))
WRITERS = 32
WALLETS, MOVES = (1_000, 20_000) if LONG else (16, 400)
ON = "2026-03-05"
ELSEWHERE = ledger.system("POINT", "expired:230199101202")
pytestmark = pytest.mark.timeout(7_200 if LONG else 600)


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def posting(engine: Engine, *entries: Entry) -> Callable[[], list[Outcome]]:
    def run() -> list[Outcome]:
        with write_connection(engine) as connection:
            return ledger.post(connection, BOOK, entries, recorded_at=noon(ON))
    return run


@contextmanager
def polled(book: Book) -> Iterator[list[int]]:
    """Meanwhile somebody adds the whole book up, over and over, each time as of one moment. Gives how much there was.

    Stored balances of members and the sums of all other accounts give zero, commodity by commodity.
    """
    over, seen, wrong = threading.Event(), list[int](), list[Any]()

    def poll() -> None:
        while not over.is_set():
            with sealing.one_moment(book.engine) as connection:
                rows = ledger.trial_balance(connection, BOOK)
                total = Counter({row[0]: int(row[1]) for row in connection.execute(text(
                    "SELECT a.commodity, sum(b.posted) FROM ledger_balance b JOIN ledger_account a "
                    "ON a.book_id = b.book_id AND a.id = b.account_id WHERE b.book_id = :book GROUP BY a.commodity"),
                    {"book": BOOK})})
                seen.append(connection.scalar(text("SELECT count(*) FROM ledger_transaction")) or 0)
            for row in rows:
                total[row.commodity] += 0 if row.is_member else row.balance
            if any(total.values()) or sum(row.balance for row in rows):
                wrong.append((total, rows))

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
    assert not wrong
    assert len(set(seen)) > 2, "the poller died, or nothing was written while it looked"


def test_of_2_to_64_spends_of_a_full_balance_exactly_one_succeeds(book: Book) -> None:
    chance = random.Random(2)
    full = {f"s{number}": chance.randint(1, 9_999) for number in range(WALLETS)}
    book.post(*(earn(amount, ON, to=wallet(name)) for name, amount in full.items()))
    asked = Counter({name: chance.randint(2, 64) for name in full})
    tries = [posting(book.engine, spend(full[name], ON, by=wallet(name))) for name in asked.elements()]
    with polled(book):
        answers = at_once(tries, WRITERS)
    done = Counter(account.code for one in answers if isinstance(one, list) for account in one[0].balances)
    refused = Counter(one.account.code for one in answers if isinstance(one, BelowFloor))
    assert done == {f"wallet:{name}": 1 for name in full}
    assert refused == {f"wallet:{name}": asked[name] - 1 for name in full}
    assert book.findings() == []
    print(f"{len(tries)} spends of {WALLETS} balances: {done.total()} done")


def test_storms_of_moves_to_and_fro_reach_every_caller_with_an_answer(book: Book) -> None:
    """Singles, batches in opposite orders, units of two postings, wallets nobody has opened yet, places that change
    hands, and meanwhile sweeps, seals, rebuilds: no deadlock and no failed serialization reaches a caller.
    """
    chance, names = random.Random(3), "abcd"
    book.post(*(earn(2_000, "2026-03-01", "2026-03-04" if name in "ab" else "2026-12-31", to=wallet(name))
                for name in names), at="2026-03-01")

    def account(name: str) -> ledger.Account:
        return ledger.member("POINT", f"wallet:{name}", expires_to=chance.choice((EXPIRED, ELSEWHERE)))

    def move() -> Entry:
        one, other = chance.sample([*names, f"new{chance.randrange(30)}"], 2)
        return entry("moved", ON, Transfer(account(one), account(other), chance.randint(1, 20)))

    def unit(first: Entry, second: Entry) -> Callable[[], None]:
        sides = [side for one in (first, second) for line in one.transfers for side in (line.debit, line.credit)]

        def run() -> None:
            with write_connection(book.engine) as connection:
                ledger.lock_members(connection, BOOK, sides)
                for one in (first, second):
                    ledger.post(connection, BOOK, [one], recorded_at=noon(ON))
        return run

    def upkeep(number: int) -> Callable[[], None]:
        def run() -> None:
            if number % 3 == 0:
                book.sweep(ON)
                return
            with write_connection(book.engine) as connection:
                if number % 3 == 1:
                    seal_batch(connection, BOOK, at=noon(ON), wait=number % 2 == 0)
                else:
                    ledger.rebuild(connection, BOOK)
        return run

    kinds: list[Callable[[], Callable[[], Any]]] = [
        lambda: posting(book.engine, move()), lambda: posting(book.engine, *(move() for _ in range(5))),
        lambda: unit(move(), move())]
    tries = [upkeep(number) if number % 20 == 9 else chance.choice(kinds)() for number in range(MOVES)]
    with polled(book) as seen:
        answers = at_once(tries, WRITERS)  # anything but an answer or a refusal is raised here
    assert len(answers) == MOVES and sum(isinstance(one, list) for one in answers) > MOVES // 10
    assert book.findings() == []
    print(f"{MOVES} storms: {Counter(type(one).__name__ for one in answers)}, {len(seen)} snapshots")
