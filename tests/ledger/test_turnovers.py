"""Kept turnovers: they grow with the log, answer as the transfers do, and are proved and made anew."""

from __future__ import annotations

import random
import threading

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger.turnover_keeping import turned_until
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, BUDGET, SPENT, Book, counted, day, earn, noon, spend, wallet

QUESTIONS = (("code", "rule", "kind", "month"), ("kind",), ("code",), ("rule", "month"), ())


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def keep(book: Book, seal: bool = True, limit: int = 20_000) -> int:
    with write_connection(book.engine) as connection:
        if seal:
            ledger.seal_now(connection, BOOK, at=noon("2026-06-01"))
        return ledger.carry_turnovers(connection, BOOK, limit)


def answers(book: Book) -> list[object]:
    with book.engine.connect() as connection:
        asked = [ledger.turnovers(connection, BOOK, "POINT", prefix, start, end, by=by)
                 for prefix in ("wallet:", "budget:") for by in QUESTIONS
                 for start, end in ((None, None), (day("2026-02-01"), day("2026-03-31")), (None, day("2026-05-31")))]
        return [*asked, ledger.balances(connection, BOOK, [BUDGET, SPENT])]


def some(chance: random.Random, book: Book, number: int) -> None:
    book.post(*(earn(chance.randint(1, 500), f"2026-0{chance.randint(1, 5)}-1{chance.randint(0, 9)}",
                     to=wallet(f"h{chance.randint(1, 4)}"), rule=chance.choice((None, "V01", "V02")))
                for _ in range(number)), at="2026-05-20")
    book.post(spend(1, "2026-05-20", by=wallet("h1")), at="2026-05-20", each=True)


def test_kept_months_and_what_is_younger_answer_as_the_transfers_do(book: Book) -> None:
    chance, grown = random.Random(5), Book(book.engine)
    for step in range(6):
        some(chance, grown, 7)
        with_kept = answers(book)
        with write_connection(book.engine) as connection:
            connection.execute(text("DELETE FROM ledger_turned"))
        assert answers(book) == with_kept  # nothing kept: read from the transfers alone
        with write_connection(book.engine) as connection:
            connection.execute(text("DELETE FROM ledger_turnover"))
        keep(book, seal=step % 2 == 0)
        assert answers(book) == with_kept
    assert keep(book) > 0 and keep(book) == 0
    assert book.findings() == []


def test_they_are_carried_in_portions_and_a_reversal_counts_under_its_rule(book: Book) -> None:
    some(random.Random(1), book, 9)
    award = book.one(earn(40, "2026-05-20", rule="V09"))
    book.reverse(award, "2026-05-21")
    assert [keep(book, limit=5) for _ in range(4)] == [5, 5, 2, 0]
    with book.engine.connect() as connection:
        assert turned_until(connection, BOOK) == 12
        found = ledger.turnovers(connection, BOOK, "POINT", "wallet:", by=("rule",))
    row, = (one for one in found if one.rule == "V09")
    assert (row.credits, row.debits, row.count) == (40, 40, 2)
    assert book.findings() == []


def test_two_who_carry_at_once_count_nothing_twice(book: Book) -> None:
    some(random.Random(2), book, 60)
    with write_connection(book.engine) as connection:
        ledger.seal_now(connection, BOOK, at=noon("2026-06-01"))
    threads = [threading.Thread(target=keep, args=(book, False, 7)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with book.engine.connect() as connection:
        assert turned_until(connection, BOOK) == 56
    assert book.findings() == []


@pytest.mark.parametrize("edit", [
    "UPDATE ledger_turnover SET credits = credits + 1 WHERE rule = 'V01'",
    "UPDATE ledger_turnover SET transfers = 0", "DELETE FROM ledger_turnover WHERE kind = 'sale'",
    "UPDATE ledger_turned SET position = 3",
    "UPDATE ledger_turnover SET month = '2025-01-01' WHERE rule = 'V02' AND month = '2026-03-01'"])
def test_check_names_a_kept_turnover_that_is_not_so_and_rebuild_mends_it(book: Book, edit: str) -> None:
    some(random.Random(3), book, 30)
    keep(book)
    assert book.findings() == []
    with write_connection(book.engine) as connection:
        connection.execute(text(edit))
    found = book.findings()
    assert found and {one.law for one in found} == {"turnover"} and all(one.account for one in found)
    with write_connection(book.engine) as connection:
        ledger.rebuild(connection, BOOK)
    assert book.findings() == []


def test_a_hot_accounts_balance_costs_its_months_not_its_transfers(book: Book) -> None:
    book.post(*(earn(1, f"2026-03-{n % 28 + 1:02d}", to=wallet(f"h{n % 9}")) for n in range(900)))
    keep(book)
    with book.engine.connect() as connection, counted(book.engine) as seen:
        assert ledger.balances(connection, BOOK, [BUDGET])[BUDGET].posted == -900
        rows = connection.execute(text("SELECT count(*) FROM ledger_turnover WHERE account_id = :id").bindparams(
            id=BUDGET.id.hex if book.engine.dialect.name == "sqlite" else BUDGET.id)).scalar()
    assert (rows, len(seen)) == (1, 3)
