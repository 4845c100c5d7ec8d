"""A book goes out whole: as rows and as lines of JSON. Journals: `tests/ledger/test_journals.py`."""

from __future__ import annotations

import csv
import json

import pytest
from sqlalchemy import Engine

import ledger
from ledger.exporting import PAGE, as_csv, as_jsonl
from ledger.journals import as_beancount, as_hledger
from tests.ledger.house import BOOK, DONOR, GIVEN, SHELF, SPENT, Book, deduct, earn, entry, spend, wallet


@pytest.fixture
def book(engine: Engine) -> Book:
    made = Book(engine)
    made.post(earn(1000, "2026-03-01", "2026-06-30", rule="V02", meta={"note": 'a "word", 清雪'}))
    made.post(entry("receipt", "2026-03-01", ledger.Transfer(DONOR, SHELF, 3)))
    sale = made.one(entry("sale", "2026-03-02", ledger.Transfer(wallet(), SPENT, 300),
                          ledger.Transfer(SHELF, GIVEN, 1)))
    made.post(spend(100, "2026-07-03", by=wallet("h2")), deduct(70, "2026-07-03", by=wallet("h2")), each=True)
    made.sweep("2026-07-05")
    made.reverse(sale, "2026-07-06", parts={2: 1})
    return made


def test_every_transfer_is_a_row_and_every_transaction_a_line(book: Book) -> None:
    with book.engine.connect() as connection:
        rows = list(csv.DictReader(as_csv(connection, BOOK)))
        lines = [json.loads(line) for line in as_jsonl(connection, BOOK)]
    assert [row["kind"] for row in rows] == ["earned", "receipt", "sale", "sale", "deducted", "expired", "reversal"]
    assert rows[0]["due_on"] == "2026-06-30"
    assert json.loads(rows[0]["meta"]) == lines[0]["meta"] == {"note": 'a "word", 清雪'}
    assert [len(line["transfers"]) for line in lines] == [1, 1, 2, 1, 1, 1]
    assert lines[5]["reverses"] == lines[2]["id"] == rows[6]["reverses"]


def test_a_book_longer_than_a_page_loses_nothing(book: Book) -> None:
    book.post(*(earn(1, "2026-07-07") for _ in range(PAGE + 3)))
    with book.engine.connect() as connection:
        assert sum(1 for _ in as_jsonl(connection, BOOK)) == 6 + PAGE + 3


def test_an_empty_book_exports_as_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        assert [list(lines(connection, 1)) for lines in (as_jsonl, as_hledger, as_beancount)] == [[], [], []]
        assert len(list(as_csv(connection, 1))) == 1
