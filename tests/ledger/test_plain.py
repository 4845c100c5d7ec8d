"""The plain road takes what is plain and hands over the rest, each reason by itself, with nothing written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select

import ledger
from ledger import Entry, Hold, Outcome, Transfer
from ledger.roads import plain_road
from ledger.tables import account, balance, due, transaction, transfer, unsealed
from pointsbank.database import write_connection
from tests.ledger.house import (
    BOOK,
    BUDGET,
    DONOR,
    EXPIRED,
    GIVEN,
    SHELF,
    SPENT,
    Book,
    day,
    deduct,
    earn,
    entry,
    noon,
    spend,
    wallet,
)

TODAY = "2026-05-10"
A, B, OLD, HELD, LATE = wallet("a"), wallet("b"), wallet("old"), wallet("held"), wallet("late")
ELSEWHERE = ledger.member("POINT", "wallet:a", expires_to=ledger.system("POINT", "expired:230199101202"))
PLAIN = [lambda: [earn(7, TODAY, "2026-09-01", A), spend(3, TODAY, A), entry("sale", TODAY, Transfer(A, B, 5))],
         lambda: [entry("sale", "2026-05-02", Transfer(BUDGET, B, 2)), spend(4, TODAY, B)],
         lambda: [entry("sale", TODAY, Transfer(A, SPENT, 5), Transfer(SHELF, GIVEN, 1), Transfer(A, SPENT, 5)),
                  entry("receipt", TODAY, Transfer(DONOR, SHELF, 2))],
         lambda: [deduct(10_000, TODAY, A), spend(1, TODAY, B)]]
NOT_PLAIN: dict[str, Callable[[], list[Entry]]] = {
    "an account that is not open": lambda: [earn(1, TODAY, to=wallet("new")), spend(1, TODAY, A)],
    "a system account that is not open": lambda: [
        entry("sale", TODAY, Transfer(A, ledger.system("POINT", "spent:S9"), 1)), spend(1, TODAY, A)],
    "an account asked for with another floor": lambda: [
        spend(1, TODAY, ledger.member("POINT", "wallet:a", floor=-5, expires_to=EXPIRED)), spend(1, TODAY, B)],
    "one account asked for in two ways": lambda: [spend(1, TODAY, A), spend(1, TODAY, ELSEWHERE)],
    "value that is to lapse to another place": lambda: [earn(1, TODAY, to=ELSEWHERE), spend(1, TODAY, B)],
    "a key that is taken": lambda: [spend(1, TODAY, A), earn(500, "2026-05-01", "2026-12-31", A, key="first")],
    "a key that comes twice": lambda: [spend(1, TODAY, A, key="twice"), spend(1, TODAY, A, key="twice")],
    "a floor": lambda: [spend(499, TODAY, A), spend(2, TODAY, A)],
    "a floor in one entry": lambda: [
        spend(1, TODAY, B), entry("sale", TODAY, Transfer(A, SPENT, 300), Transfer(A, SPENT, 300))],
    "an entry that gives and takes": lambda: [
        spend(1, TODAY, A), entry("sale", TODAY, Transfer(BUDGET, A, 5), Transfer(A, B, 5))],
    "a day to come": lambda: [spend(1, TODAY, A), spend(1, "2026-05-11", A)],
    "a month that is closed": lambda: [spend(1, TODAY, A), earn(1, "2026-03-31", to=B)],
    "a debit before the latest day": lambda: [earn(1, TODAY, to=A), spend(1, "2026-05-09", A)],
    "a debit of what is held from": lambda: [spend(1, TODAY, A), spend(1, TODAY, HELD)],
    "a debit where something has lapsed": lambda: [spend(1, TODAY, A), spend(1, TODAY, OLD)],
    "a debit before a lapse that is posted": lambda: [spend(1, TODAY, A), deduct(1, "2026-05-01", LATE)],
}


@pytest.fixture
def book(engine: Engine) -> Book:
    made = Book(engine)
    made.post(earn(500, "2026-03-01", "2026-05-05", OLD), earn(40, "2026-03-01", "2026-05-04", LATE))
    made.post(spend(1, "2026-03-02", OLD))
    with write_connection(engine) as connection:
        ledger.close_period(connection, BOOK, day("2026-03-01"), by="u", recorded_at=noon("2026-05-01"))
    made.post(earn(500, "2026-05-01", "2026-12-31", A, key="first"), earn(500, "2026-05-01", "2026-12-31", B),
              earn(500, "2026-05-01", "2026-12-31", HELD))
    made.post(entry("receipt", "2026-05-01", Transfer(DONOR, SHELF, 9)), spend(1, "2026-05-01", A),
              deduct(1, "2026-05-01", B), entry("sale", "2026-05-01", Transfer(SHELF, GIVEN, 1)), at="2026-05-05")
    with write_connection(engine) as connection:
        ledger.hold(connection, BOOK, Hold("test", "h", HELD, 9, None), recorded_at=noon("2026-05-02"))
    made.post(earn(100, "2026-05-06", "2026-12-31", LATE), spend(1, "2026-05-06", LATE))  # its 40 lapse first
    return made


def state(book: Book) -> list[object]:
    with book.engine.connect() as connection:
        return [sorted(connection.execute(select(table)).all(), key=repr)
                for table in (account, balance, due, transaction, transfer, unsealed)]


def go(book: Book, entries: list[Entry]) -> list[Outcome] | None:
    with write_connection(book.engine) as connection:
        return plain_road(connection, BOOK, entries, noon(TODAY))


def test_the_plain_road_takes_what_is_plain_and_hands_over_what_is_not(book: Book) -> None:
    before = state(book)
    for why, entries in NOT_PLAIN.items():
        assert go(book, entries()) is None, why
        assert state(book) == before, why
    for make in PLAIN:
        done = go(book, make())
        assert done is not None and not any(one.replay or one.refusal for one in done)
    assert book.balance(A) == 499 + 7 - 3 - 5 - 10 - 10_000 and book.findings() == []
