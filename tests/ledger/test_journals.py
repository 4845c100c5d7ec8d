"""The book as a journal: hledger, beancount and a reader of our own compute the same balances to the last unit."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

import ledger
from ledger.journals import Decimals, as_beancount, as_hledger, month_ends, plain
from pointsbank.database import write_connection
from tests.ledger.foreign import Balances, Read, beancount, hledger, nonzero
from tests.ledger.house import (
    BOOK,
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
    wallet,
)

DECIMALS: Decimals = {"POINT": 2, "SCORE": 2}


@pytest.fixture
def book(engine: Engine) -> Book:
    made = Book(engine)
    made.post(earn(1005, "2026-01-31", "2026-06-30", rule="V02; x"), earn(3, "2026-02-01", to=wallet("odd  name;")))
    made.post(entry("receipt", "2026-03-01", ledger.Transfer(DONOR, SHELF, 3)))
    sale = made.one(entry("sale", "2026-03-31", ledger.Transfer(wallet(), SPENT, 300),
                          ledger.Transfer(SHELF, GIVEN, 1)))
    made.post(deduct(70, "2026-03-31", by=wallet("h2")), earn(7, "2026-03-01"), each=True)  # late: a day before
    made.sweep("2026-07-05")
    made.reverse(sale, "2026-07-06", parts={2: 1})
    return made


def exported(book: Book, folder: Path) -> tuple[Path, Path]:
    """The book as hledger and as beancount files."""
    paths = folder / "book.journal", folder / "book.beancount"
    with book.engine.connect() as connection:
        for path, lines in zip(paths, (as_hledger, as_beancount), strict=True):
            with path.open("w", encoding="utf-8") as file:
                for text in lines(connection, BOOK, DECIMALS):
                    file.write(text)
    return paths


def ours(engine: Engine) -> Balances:
    """The trial balance, by the names that hledger sees."""
    with engine.connect() as connection:
        return {(plain(row.code), row.commodity): Decimal(row.balance).scaleb(-DECIMALS.get(row.commodity, 0))
                for row in ledger.trial_balance(connection, BOOK)}


def test_three_programs_compute_our_balances(book: Book, tmp_path: Path) -> None:
    journal, beans = exported(book, tmp_path)
    with journal.open(encoding="utf-8") as file:
        read = Read(file)
    mine = ours(book.engine)
    assert (read.wrong, dict(read.balances), read.transactions) == ([], mine, 8)
    assert mine["wallet:h1", "POINT"] == Decimal("0.07")  # posted without a due day; 10.05 - 3.00 lapsed
    assert mine["expired:230199101201", "POINT"] == Decimal("7.05")
    if answer := hledger(journal):
        assert (answer[0], nonzero(answer[1])) == (None, nonzero(mine))
    said, found = beancount(beans)
    assert said == ""
    assert sorted(nonzero(found).values()) == sorted(nonzero(mine).values())
    assert found["Equity:Expired:230199101201", "POINT"] == Decimal("7.05")


def test_each_month_ends_with_the_balances_of_what_moved_in_it(book: Book) -> None:
    with book.engine.connect() as connection:
        ends = [(end.on.isoformat(), end.code, end.balance) for end in month_ends(connection, BOOK)]
    assert [end for end in ends if end[1].startswith(("wallet", "shelf"))] == [
        ("2026-01-31", "wallet:h1", 1005), ("2026-02-28", "wallet:odd  name;", 3), ("2026-03-31", "wallet:h1", 712),
        ("2026-03-31", "wallet:h2", -70), ("2026-03-31", "shelf:S1:B1", 2)]


def test_a_balance_that_is_off_by_a_hundredth_is_refused_by_each_program(book: Book, tmp_path: Path) -> None:
    journal, beans = exported(book, tmp_path)
    for path, was, becomes in ((journal, '= 7.12 "POINT"', '= 7.13 "POINT"'), (beans, "7.12 ~ 0", "7.13 ~ 0")):
        text = path.read_text(encoding="utf-8")
        assert text.count(was) >= 1
        path.write_text(text.replace(was, becomes), encoding="utf-8")
    assert Read(journal.read_text(encoding="utf-8").splitlines(keepends=True)).wrong
    if answer := hledger(journal):
        assert answer[0] and "7.13" in answer[0]
    assert "7.13" in beancount(beans)[0]


def test_an_amount_changed_in_an_entry_is_refused_by_each_program(book: Book, tmp_path: Path) -> None:
    journal, beans = exported(book, tmp_path)
    for path in (journal, beans):  # both sides of one transfer, so that the entry itself still balances
        path.write_text(path.read_text(encoding="utf-8").replace("10.05", "10.06", 2), encoding="utf-8")
    assert Read(journal.read_text(encoding="utf-8").splitlines(keepends=True)).wrong
    if answer := hledger(journal):
        assert answer[0]
    assert beancount(beans)[0]


# -- a large random book ---------------------------------------------------------------------------------------------
def random_book(engine: Engine, transactions: int, seed: int = 7) -> None:
    """Earnings, sales with goods, deductions and returns of two years, posted by the thousand through the one door."""
    chance, posted, homes = random.Random(seed), [], [f"h{n}" for n in range(500)]
    start, on = day("2025-01-01"), day("2025-01-01")
    with write_connection(engine) as connection:
        ledger.post(connection, BOOK, [entry("receipt", "2025-01-01", ledger.Transfer(DONOR, SHELF, 10 ** 6))],
                    recorded_at=noon(on))
    done = 1
    while done < transactions:
        batch, on = [], start + timedelta(days=done * 720 // transactions)
        while len(batch) < min(1_000, transactions - done):
            home, kind = chance.choice(homes), chance.random()
            amount, when = chance.randint(1, 5_000), (on - timedelta(days=chance.randint(0, 20))).isoformat()
            when = max(when, "2025-01-01")
            if kind < 0.6:
                batch.append(entry(
                    "earned", when, ledger.Transfer(SERVED, hours(home), amount % 240 + 1),
                    ledger.Transfer(BUDGET, wallet(home), amount, day("2026-03-31") if amount % 2 else None),
                    ledger.Transfer(SCORED, score(home), amount), rule=f"V{amount % 30:02d}"))
            elif kind < 0.9:
                batch.append(entry("sale", when, ledger.Transfer(wallet(home), SPENT, amount // 4 + 1),
                                   ledger.Transfer(SHELF, GIVEN, 1)))
            else:
                batch.append(deduct(amount // 10 + 1, when, by=wallet(home)))
        with write_connection(engine) as connection:
            outcomes = ledger.post(connection, BOOK, batch, recorded_at=noon(on), each=True)
        good = [one.transaction_id for one in outcomes if one.transaction_id]
        posted += good[:3]
        done += len(good)
        with write_connection(engine) as connection:
            for one in chance.sample(posted, 2) if done < transactions else ():
                try:
                    ledger.reverse(connection, BOOK, one, scope="test", key=f"undo-{done}-{one}", recorded_at=noon(on),
                                   effective_on=on, claw_back=True)
                    done += 1
                except ledger.AlreadyReversed:
                    continue


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Says how long it took and the most memory this process, or a program it ran, has had."""
    began = time.monotonic()
    yield
    own, child = (resource.getrusage(who).ru_maxrss // 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{what}: {time.monotonic() - began:.1f} s; peak {own} MiB here, {child} MiB in a program it ran")


@pytest.mark.parametrize("transactions", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.timeout(3_600)
def test_a_large_random_book_is_accepted_with_the_same_balances(engine: Engine, tmp_path: Path,
                                                                transactions: int) -> None:
    with measured(f"posting {transactions}"):
        random_book(engine, transactions)
    with measured("export"):
        journal, beans = exported(Book(engine), tmp_path)
    with journal.open(encoding="utf-8") as file, measured("our reader"):
        read = Read(file)
    mine = ours(engine)
    assert (read.wrong, dict(read.balances)) == ([], mine)
    assert read.transactions >= transactions and read.assertions > 2_000
    with measured("hledger"):
        if answer := hledger(journal):
            assert (answer[0], nonzero(answer[1])) == (None, nonzero(mine))
    if transactions < 10_000:  # beancount keeps a whole book in memory; the demo village's size is what it is asked for
        said, found = beancount(beans)
        assert (said, sorted(nonzero(found).values())) == ("", sorted(nonzero(mine).values()))
