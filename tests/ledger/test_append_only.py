"""Law 2 by raw SQL: posted rows cannot be changed, replaced or taken away, by the application's role or the owner."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from pointsbank.database import SQLITE_MODULE, engine_for
from tests.ledger.house import Book, earn

COPY_TRANSACTION = ("SELECT book_id, id, scope, key, kind, content_hash, effective_on, recorded_at, household, "
                    "person, rule, place, reverses, may_go_below, meta FROM ledger_transaction")
FORBIDDEN = [
    "UPDATE ledger_transaction SET kind = 'gift'",
    "DELETE FROM ledger_transaction",
    "UPDATE ledger_transfer SET amount = 1",
    "DELETE FROM ledger_transfer",
    f"INSERT INTO ledger_transaction {COPY_TRANSACTION} WHERE true "
    "ON CONFLICT (book_id, id) DO UPDATE SET kind = 'gift'",
    f"INSERT INTO ledger_transaction {COPY_TRANSACTION} WHERE true "
    "ON CONFLICT (book_id, scope, key) DO UPDATE SET kind = 'gift'",
    "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer WHERE true "
    "ON CONFLICT (book_id, transaction_id, line) DO UPDATE SET amount = 1",
    "INSERT INTO ledger_transfer SELECT * FROM ledger_transfer WHERE true "
    "ON CONFLICT (book_id, credit_account, credit_seq) DO UPDATE SET amount = 1",
]
ON_SQLITE = [
    f"INSERT OR REPLACE INTO ledger_transaction {COPY_TRANSACTION}",
    f"REPLACE INTO ledger_transaction {COPY_TRANSACTION}",
    "INSERT OR REPLACE INTO ledger_transfer SELECT * FROM ledger_transfer",
    "UPDATE OR REPLACE ledger_transfer SET line = 2",
    "INSERT OR REPLACE INTO ledger_transfer SELECT book_id, x'00', 9, debit_account, credit_account, commodity, 1, "
    "effective_on, due_on, debit_seq, debit_after, credit_seq, credit_after, reverses_line FROM ledger_transfer",
    # by SQLite's own row number, under a new key
    "INSERT OR REPLACE INTO ledger_transaction (rowid, book_id, id, scope, key, kind, content_hash, effective_on, "
    "recorded_at, may_go_below, meta) SELECT rowid, book_id, x'00', scope, 'other', 'gift', content_hash, "
    "effective_on, recorded_at, may_go_below, meta FROM ledger_transaction",
    "INSERT OR REPLACE INTO ledger_transfer (rowid, book_id, transaction_id, line, debit_account, credit_account, "
    "commodity, amount, effective_on, debit_seq, debit_after, credit_seq, credit_after) SELECT rowid, book_id, x'00', "
    "line, debit_account, credit_account, commodity, 1, effective_on, debit_seq + 900, debit_after, credit_seq + 900, "
    "credit_after FROM ledger_transfer",
]
ON_POSTGRESQL = ["TRUNCATE ledger_transfer", "TRUNCATE ledger_transaction CASCADE"]


def rows(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return [list(connection.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2")))
                for table in ("ledger_transaction", "ledger_transfer")]


def test_posted_rows_cannot_be_changed_by_anyone(engine: Engine, database_urls: tuple[str, str]) -> None:
    Book(engine).post(earn(100, "2026-03-01"), earn(200, "2026-03-01"))
    before = rows(engine)
    sqlite = engine.dialect.name == "sqlite"
    owner = engine_for(database_urls[1])
    for who in (engine, owner):
        for statement in FORBIDDEN + (ON_SQLITE if sqlite else ON_POSTGRESQL):
            with pytest.raises(DBAPIError, match=r"append-only|permission denied"), who.begin() as connection:
                connection.execute(text(statement))
        for statement in FORBIDDEN:  # by the owner it is the trigger that refuses, not a missing right
            with pytest.raises(DBAPIError, match="append-only"), owner.begin() as connection:
                connection.execute(text(statement))
    assert rows(engine) == before
    owner.dispose()


def test_a_foreign_sqlite_connection_meets_the_same_wall(engine: Engine, database_urls: tuple[str, str]) -> None:
    if engine.dialect.name != "sqlite":
        return  # on PostgreSQL every connection is a foreign one
    Book(engine).post(earn(100, "2026-03-01"))
    stranger = SQLITE_MODULE.connect(database_urls[0].removeprefix("sqlite:///"))  # none of our pragmas
    for statement in FORBIDDEN + ON_SQLITE:
        with pytest.raises(SQLITE_MODULE.DatabaseError, match="append-only"):
            stranger.execute(statement)
    stranger.close()
    assert Book(engine).balance() == 100
