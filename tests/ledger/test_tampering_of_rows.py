"""Every column of a posted row, edited past the triggers: found, and the row named. So are the tables beside the log.

LONG=1: 200 edits of columns, of rows taken at random.
"""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Date, Engine, Integer, LargeBinary, Uuid, text
from sqlalchemy.exc import IntegrityError

import ledger
from ledger.tables import Instant, transaction, transfer
from ledger.verifier import read_key
from ledger.verifying import Fault, verify
from pointsbank import sealing
from pointsbank.database import write_connection
from tests.ledger.house import BOOK, earn, noon, wallet
from tests.ledger.sealed import SealedBook, as_owner

COLUMNS = [column for table in (transaction, transfer) for column in table.columns]
EDITS = 200 if os.environ.get("LONG") else len(COLUMNS)


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> SealedBook:
    made = SealedBook(engine, tmp_path / "seal-keys")
    made.some_past(households=3, rounds=2)
    return made


def other_value(column: Column[Any], dialect: str) -> str:
    """SQL that gives another value of the column's type than any row has."""
    kind = column.type
    if isinstance(kind, Uuid):
        return f"'{'ab' * 16}'"
    if isinstance(kind, Date):
        return "'2020-02-29'"
    if isinstance(kind, Instant):
        return "'2020-02-29 00:00:00.000000'"
    if isinstance(kind, Boolean):
        return f"NOT {column.name}"
    if isinstance(kind, LargeBinary):
        return "x'00'" if dialect == "sqlite" else r"'\x00'::bytea"
    if isinstance(kind, Integer):
        return f"coalesce({column.name}, 0) + 1000"
    return "'{\"a\": 1}'" if column.name == "meta" else f"substr(coalesce({column.name}, '') || 'x', 1, 12)"


def faults_of(connection: Connection, book: SealedBook) -> list[Fault]:
    return verify(connection, BOOK, read_key(book.key), remembered=sealing.recall(book.keys_dir, BOOK).state).faults


def test_an_edit_of_any_column_is_found_and_its_row_named(book: SealedBook, database_urls: tuple[str, str]) -> None:
    chance, leaves, found = random.Random(4), book.leaves(), 0
    with as_owner(database_urls[1]) as connection:
        for number in range(EDITS):
            column = COLUMNS[number % len(COLUMNS)]
            place, victim = chance.choice(leaves)
            key = "id" if column.table is transaction else "transaction_id"
            trial = connection.begin_nested()
            try:
                connection.execute(text(
                    f"UPDATE {column.table.name} SET {column.name} = {other_value(column, connection.dialect.name)} "
                    f"WHERE {key} = '{victim}'"))
            except IntegrityError:  # the row's own checks refuse it: half of a pair, or a transaction with transfers
                trial.rollback()
                continue
            faults = faults_of(connection, book)
            assert (place, victim) in [(one.leaf, one.transaction) for one in faults], column
            trial.rollback()
            found += 1
        assert faults_of(connection, book) == []
    assert found >= EDITS * 3 // 4


BESIDE_THE_LOG = {  # statement -> what names it: the law, and the account or the transaction
    "DELETE FROM ledger_unsealed": ("unsealed", "waiting"),
    "INSERT INTO ledger_unsealed SELECT book_id, transaction_id FROM ledger_leaf WHERE position = 4": ("queue", "4"),
    "UPDATE ledger_log SET size = size - 1, frontier = frontier": ("log", None),
    "UPDATE ledger_balance SET last_seq = last_seq + 1 WHERE account_id = :h7": ("balance", "wallet:h7"),
    "UPDATE ledger_due SET credits = credits + 5 WHERE account_id = :h7": ("due row", "wallet:h7"),
    "UPDATE ledger_balance SET held = held + 5 WHERE account_id = :h7": ("held", "wallet:h7"),
    "UPDATE ledger_hold SET captured = 1": ("capture", "wallet:h7"),
    "UPDATE ledger_hold SET ended_at = reserved_at, ended_as = 'released'": ("held", "wallet:h7"),
    "UPDATE ledger_period_balance SET balance = balance + 5 WHERE account_id = :h7": ("period", "wallet:h7"),
    "UPDATE ledger_book SET closed_until = NULL": ("period", None),
}


def test_edits_beside_the_log_are_found_by_verify_or_check(book: SealedBook, database_urls: tuple[str, str]) -> None:
    """Balances, due days, holds, closings and the queue carry no seal: what they follow from gives them away."""
    mine = wallet("h7")
    book.post(earn(700, "2026-03-03", "2026-12-31", to=mine))
    with write_connection(book.engine) as connection:
        ledger.hold(connection, BOOK, ledger.Hold("till", "k", mine, 50), recorded_at=noon("2026-03-03"))
        ledger.close_period(connection, BOOK, date(2026, 3, 1), by="a", recorded_at=noon("2026-04-01"))
    book.seal()
    waiting = book.one(earn(1, "2026-04-01"))
    with as_owner(database_urls[1]) as connection:
        for edit, (law, where) in BESIDE_THE_LOG.items():
            trial = connection.begin_nested()
            assert connection.execute(text(edit.replace(":h7", f"'{mine.id.hex}'"))).rowcount, edit
            said = [(one.law, one.account, None) for one in ledger.check(connection, BOOK)]
            said += [(one.law, one.account, one.transaction) for one in faults_of(connection, book)]
            named = {"waiting": waiting.hex, "4": dict(book.leaves())[4]}.get(where or "")
            assert any(one[0] == law and (where is None or one[1] == where or one[2] == named) for one in said), (
                edit, said)
            trial.rollback()
        assert (ledger.check(connection, BOOK), faults_of(connection, book)) == ([], [])
