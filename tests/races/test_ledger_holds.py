"""Many at once: nothing is held twice, a hold is captured once, nothing slips into a month that is being closed."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine

import ledger
from ledger import DomainError, Hold
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, Book, earn, noon, spend, wallet

ON = "2026-03-05"
Deed = Callable[[Connection], Any]


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def at_once(engine: Engine, deeds: list[Deed], workers: int = 8) -> list[Any]:
    """Every deed in a transaction of its own, from one starting gun; each one's answer or refusal."""
    gun = threading.Barrier(workers)

    def run(share: list[Deed]) -> list[Any]:
        gun.wait()
        answers: list[Any] = []
        for deed in share:
            try:
                with write_connection(engine) as connection:
                    answers.append(deed(connection))
            except DomainError as refusal:
                answers.append(refusal)
        return answers

    with ThreadPoolExecutor(workers) as pool:
        return [one for answers in pool.map(run, [deeds[n::workers] for n in range(workers)]) for one in answers]


def holding(key: str, amount: int, name: str = "h1") -> Deed:
    return lambda connection: ledger.hold(connection, BOOK, Hold("till", key, wallet(name), amount),
                                          recorded_at=noon(ON))


def posting(what: ledger.Entry, at: str = ON) -> Deed:
    return lambda connection: ledger.post(connection, BOOK, [what], recorded_at=noon(at))[0]


def capturing(hold: UUID, what: ledger.Entry) -> Deed:
    return lambda connection: ledger.capture(connection, BOOK, hold, what, recorded_at=noon(ON))


def kinds(answers: list[Any]) -> Counter[str]:
    return Counter("replay" if getattr(one, "replay", False) else type(one).__name__ for one in answers)


def figures(book: Book) -> tuple[int, int, int]:
    with book.engine.connect() as connection:
        found = ledger.balances(connection, BOOK, [wallet()])[wallet()]
    return found.posted, found.held, found.available


def test_c18_holds_and_sales_together_never_take_more_than_there_is(book: Book) -> None:
    book.post(earn(50, ON))
    deeds = [holding(f"k{number}", 10) for number in range(16)] + [posting(spend(10, ON)) for _ in range(16)]
    answers = kinds(at_once(book.engine, deeds))
    assert (answers["HoldOutcome"] + answers["Outcome"], answers["BelowFloor"]) == (5, 27)
    posted, held, available = figures(book)
    assert (available, held, posted) == (0, 10 * answers["HoldOutcome"], 10 * answers["HoldOutcome"])
    assert book.findings() == []


def test_one_key_holds_once_on_whatever_wallet(book: Book) -> None:
    book.post(*(earn(50, ON, to=wallet(f"w{number}")) for number in range(4)))
    for number in range(6):
        answers = kinds(at_once(book.engine, [holding(f"same-{number}", 5, f"w{n}") for n in range(4)], 4))
        assert answers == {"HoldOutcome": 1, "KeyReused": 3}
    with book.engine.connect() as connection:
        assert sum(one.held for one in ledger.balances_by_prefix(connection, BOOK, "POINT", "wallet:").values()) == 30
    assert book.findings() == []


def test_a_hold_is_captured_or_released_once_however_many_ask(book: Book) -> None:
    book.post(earn(50, ON))
    with write_connection(book.engine) as connection:
        made = ledger.hold(connection, BOOK, Hold("till", "k", wallet(), 50), recorded_at=noon(ON)).hold
    same = spend(30, ON, key="same")
    deeds = [capturing(made.id, same) for _ in range(8)] + [capturing(made.id, spend(20, ON)) for _ in range(8)]
    deeds += [lambda connection: ledger.release(connection, BOOK, made.id, recorded_at=noon(ON))] * 8
    answers = kinds(at_once(book.engine, deeds))
    assert answers["Outcome"] + answers["HoldOutcome"] == 1
    assert figures(book)[1] == 0
    if answers["HoldOutcome"]:
        assert (book.balance(), answers["HoldEnded"]) == (50, 16)  # the other releases are replays
    else:
        assert (book.balance(), answers["HoldEnded"]) in ((20, 16), (30, 23))  # the shared key has replays, too
    assert book.findings() == []


def test_nothing_slips_into_a_month_that_is_being_closed(book: Book) -> None:
    book.post(earn(50, "2026-03-01"))

    def close(connection: Connection) -> ledger.Period:
        return ledger.close_period(connection, BOOK, date(2026, 3, 1), by="user:1", recorded_at=noon("2026-04-01"))

    deeds: list[Deed] = [posting(earn(1, "2026-03-31", to=wallet(f"w{n % 9}")), "2026-03-31") for n in range(80)]
    deeds[40:40] = [close]
    answers = at_once(book.engine, deeds)
    closing = next(one for one in answers if isinstance(one, ledger.Period))
    assert kinds(answers).keys() <= {"Outcome", "PeriodClosed", "Period"}
    with book.engine.connect() as connection:
        kept = ledger.closed_balance(connection, BOOK, closing)
    assert sum(row.balance for row in kept if row.is_member) == 50 + kinds(answers)["Outcome"]
    assert book.findings() == []
