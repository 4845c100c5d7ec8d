"""The migrated database and the tables in code agree; every key starts with the book; the examples in the code run."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import ledger
from ledger.tables import Instant, metadata


def test_the_migrated_database_is_what_the_code_expects(engine: Engine) -> None:
    def same_type(_context: Any, _inspected: Any, _column: Any, found: Any, ours: Any) -> bool | None:
        return False if isinstance(ours, Instant) and "TIME" in str(found).upper() else None

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "compare_type": same_type,
            "include_object": lambda _object, name, *_rest: not (
                engine.dialect.name == "postgresql" and name == "fk_ledger_transfer_transaction"),  # see ledger.tables
            "include_name": lambda name, kind, _parents: kind != "table" or str(name).startswith("ledger_")})
        assert compare_metadata(context, metadata) == []


def test_the_book_leads_every_key_and_is_never_missing(engine: Engine) -> None:
    found = inspect(engine)
    for table in metadata.tables:
        keys = [found.get_pk_constraint(table)["constrained_columns"]]
        keys += [unique["column_names"] for unique in found.get_unique_constraints(table)]
        keys += [foreign["constrained_columns"] for foreign in found.get_foreign_keys(table)]
        keys += [foreign["referred_columns"] for foreign in found.get_foreign_keys(table)]
        assert {key[0] for key in keys} == {"book_id"}, table
        assert not next(column for column in found.get_columns(table) if column["name"] == "book_id")["nullable"]


def test_the_examples_in_the_code_are_true() -> None:
    folder = Path(ledger.__file__).parent
    ran = 0
    for path in sorted(folder.glob("*.py")):
        result = doctest.testmod(import_module(f"ledger.{path.stem}"), optionflags=doctest.NORMALIZE_WHITESPACE)
        assert result.failed == 0, path.name
        ran += result.attempted
    assert ran > 8
