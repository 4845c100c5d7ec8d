"""The newest lines of an account: in the order posted, page by page, in two statements."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

import ledger
from tests.ledger.house import BOOK, SPENT, Book, counted, earn, spend, wallet


def test_the_newest_lines_come_first_and_go_on_page_by_page(engine: Engine) -> None:
    book = Book(engine)
    book.post(*(earn(100, "2026-03-01") for _ in range(5)), spend(30, "2026-03-02"), at="2026-03-02")
    with engine.connect() as connection, counted(engine) as seen:
        page = ledger.newest_lines(connection, BOOK, wallet(), 4)
        assert len(seen) == 2
        assert [(line.seq, line.kind, line.amount, line.balance) for line in page] == [
            (6, "sale", -30, 470), (5, "earned", 100, 500), (4, "earned", 100, 400), (3, "earned", 100, 300)]
        rest = ledger.newest_lines(connection, BOOK, wallet(), 4, before=page[-1].seq)
        assert [line.balance for line in rest] == [200, 100]
        assert ledger.newest_lines(connection, BOOK, wallet("nobody")) == []
        with pytest.raises(ValueError, match="no sequence"):
            ledger.newest_lines(connection, BOOK, SPENT)
