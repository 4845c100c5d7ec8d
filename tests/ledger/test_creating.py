"""A project of one's own: the tables are made in one call, are those of the migrations, and keep what was posted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger.creating import APPEND_ONLY
from ledger.tables import metadata
from pointsbank import migrate
from pointsbank.database import engine_for, write_connection
from tests import databases
from tests.ledger.house import BOOK, Book, earn, noon


@pytest.fixture
def own(database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database that has never seen a migration; the ledger's tables were made in it, twice."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    if database_kind == "postgresql":
        databases.admin(f"CREATE DATABASE {name}")
    made = engine_for(databases.url_of(name) if database_kind == "postgresql" else f"sqlite:///{tmp_path / 'own.db'}")
    for _ in range(2):
        with write_connection(made) as connection:
            ledger.create(connection)
    yield made
    made.dispose()
    if database_kind == "postgresql":
        databases.admin(f"DROP DATABASE {name}")


def test_a_fresh_database_becomes_a_ledger_that_breaks_no_law(own: Engine) -> None:
    book = Book(own)
    book.post(earn(100, "2026-03-01"))
    with write_connection(own) as connection:
        ledger.seal_now(connection, BOOK, at=noon("2026-03-01"))
        assert ledger.carry_turnovers(connection, BOOK) == 1
    assert book.findings() == []
    with own.connect() as connection:
        context = MigrationContext.configure(connection, opts={  # on SQLite only: see `ledger.tables`
            "include_object": lambda _item, label, *_: label != "fk_ledger_transfer_transaction"})
        assert compare_metadata(context, metadata) == []


def test_what_is_append_only_is_so_there_too_and_it_is_the_banks_own_list(own: Engine) -> None:
    assert {table.name for table in APPEND_ONLY} == {name for name in migrate.APPEND_ONLY if name.startswith("ledger_")}
    Book(own).post(earn(100, "2026-03-01"))
    tries = ["UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_transaction"]
    tries += (["TRUNCATE ledger_transfer"] if own.dialect.name == "postgresql" else
              ["INSERT OR REPLACE INTO ledger_transfer SELECT * FROM ledger_transfer",
               "INSERT OR REPLACE INTO ledger_transaction SELECT * FROM ledger_transaction"])
    for statement in tries:
        with pytest.raises(DBAPIError, match="append-only"), write_connection(own) as connection:
            connection.execute(text(statement))
    assert Book(own).balance() == 100
