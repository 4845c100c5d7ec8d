"""`check` sees what is broken, and `rebuild` mends what is derived."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

import ledger
from ledger import Transfer
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import (
    BOOK,
    BUDGET,
    SERVED,
    SPENT,
    Book,
    deduct,
    earn,
    entry,
    hours,
    spend,
    wallet,
)


@pytest.fixture
def book(engine: Engine) -> Book:
    """A book with a bit of everything: a lapse given back, a return, a wallet in the red."""
    made = Book(engine)
    award = made.one(earn(1000, "2026-03-01", "2026-06-30"))
    made.post(entry("earned", "2026-03-02", Transfer(SERVED, hours(), 60), Transfer(BUDGET, wallet("h2"), 100)))
    sale = made.one(spend(300, "2026-03-05"))
    made.sweep("2026-07-01")
    made.reverse(sale, "2026-07-02", kind="sale_return")
    made.reverse(award, "2026-07-03", claw_back=True)
    made.post(deduct(500, "2026-07-04", by=wallet("h2")))
    made.post(earn(70, "2026-07-05", "2027-06-30"))
    assert made.findings() == []
    return made


@pytest.fixture
def owner(database_urls: tuple[str, str]) -> Iterator[Engine]:
    made = engine_for(database_urls[1])
    yield made
    made.dispose()


def laws(book: Book) -> set[str]:
    return {finding.law for finding in book.findings()}


@pytest.mark.parametrize(("statement", "law"), [
    ("UPDATE ledger_balance SET posted = posted + 1", "balance"),
    ("UPDATE ledger_balance SET out_total = out_total + 1", "balance"),
    ("UPDATE ledger_balance SET last_seq = last_seq + 1", "balance"),
    ("UPDATE ledger_balance SET last_due_on = NULL WHERE last_due_on IS NOT NULL", "balance"),
    ("UPDATE ledger_balance SET last_lapse_on = '2026-01-01' WHERE last_lapse_on IS NOT NULL", "balance"),
    ("UPDATE ledger_balance SET last_effective_on = '2026-01-01'", "balance"),
    ("DELETE FROM ledger_balance", "balance"),
    ("UPDATE ledger_due SET credits = credits + 5", "due row"),
    ("DELETE FROM ledger_due WHERE credits <> 0", "due row"),
    ("DELETE FROM ledger_unsealed", "seal"),
])
def test_a_damaged_derived_row_is_found(book: Book, statement: str, law: str) -> None:
    with write_connection(book.engine) as connection:
        connection.execute(text(statement))
    assert laws(book) == {law}
    if law == "seal":
        return
    assert all(finding.account for finding in book.findings())
    with write_connection(book.engine) as connection:
        assert ledger.rebuild(connection, BOOK) == 3
    assert book.findings() == []


def test_rebuild_gives_the_same_rows_that_posting_left(book: Book) -> None:
    def derived() -> list[object]:
        with book.engine.connect() as connection:
            return [list(connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3")))
                    for table in ("ledger_balance", "ledger_due")]

    before = derived()
    with write_connection(book.engine) as connection:
        ledger.rebuild(connection, BOOK)
    assert derived() == before
    book.post(earn(5, "2026-07-06"))
    assert book.findings() == []


FORGERIES = [
    ("UPDATE ledger_transfer SET amount = amount + 1 WHERE credit_seq = 1", {"chain", "balance", "due row"}),
    ("UPDATE ledger_transfer SET credit_seq = 9 WHERE credit_seq = 1 AND commodity = 'MINUTE'",
     {"sequence", "balance"}),
    ("UPDATE ledger_transfer SET effective_on = '2026-03-04' WHERE commodity = 'MINUTE'", {"lines", "balance"}),
    ("UPDATE ledger_transaction SET effective_on = '2030-01-01' WHERE kind = 'deducted'", {"lines", "future"}),
    ("UPDATE ledger_transaction SET may_go_below = false WHERE kind = 'deducted'", {"floor", "day floor"}),
    ("UPDATE ledger_transfer SET commodity = 'SOAP' WHERE commodity = 'MINUTE'", {"accounts"}),
    ("DELETE FROM ledger_transfer WHERE commodity = 'MINUTE'", {"lines", "balance"}),
    ("UPDATE ledger_transfer SET reverses_line = 2 WHERE reverses_line = 1", {"reversal"}),
    ("UPDATE ledger_transfer SET effective_on = '2026-07-03', amount = amount + 5 WHERE credit_seq IS NULL AND "
     "transaction_id IN (SELECT id FROM ledger_transaction WHERE kind = 'expired')", {"lapse", "chain", "lines"}),
    ("UPDATE ledger_transfer SET due_on = '2026-03-30' WHERE credit_seq > 1 AND due_on = '2027-06-30'",
     {"due day", "balance", "due row"}),
]


@pytest.mark.parametrize(("statement", "expected"), FORGERIES)
def test_a_forged_history_is_found(book: Book, owner: Engine, statement: str, expected: set[str]) -> None:
    with write_connection(owner) as connection:  # only by taking the triggers away first
        if owner.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))
    assert expected <= laws(book), book.findings()


def test_a_finding_names_account_and_transaction(book: Book, owner: Engine) -> None:
    test_a_forged_history_is_found(book, owner, FORGERIES[0][0], {"chain"})
    chain = next(finding for finding in book.findings() if finding.law == "chain" and finding.account == "wallet:h1")
    assert chain.transaction == book.lines()[0].transaction_id
    assert SPENT.code not in {finding.account for finding in book.findings()}
