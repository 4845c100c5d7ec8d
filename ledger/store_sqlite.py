"""The store on SQLite: one writer at a time (the caller holds it), lists as JSON text, ids and days as text.

`directly()` takes the driver's own cursor: for a single posting SQLAlchemy's care around each statement costs more than
the statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from ledger.store import (
    BALANCE_COLUMNS,
    CAPTURE_COLUMNS,
    HOLD_CHANGES,
    TRANSACTION_COLUMNS,
    TRANSFER_COLUMNS,
    OpenRow,
    Store,
)

AS_TEXT: dict[type, Callable[[Any], str]] = {  # how SQLAlchemy's own types write these values on SQLite
    UUID: lambda value: value.hex,
    date: date.isoformat,
    datetime: lambda value: value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"),
}


@lru_cache(maxsize=200_000)
def uuid_of(text: str) -> UUID:
    """Accounts come again and again, and an id takes long to make."""
    return UUID(hex=text)


@lru_cache(maxsize=4_000)
def day_of(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=4_000)
def day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def hex_or_none(value: UUID | None) -> str | None:
    return None if value is None else value.hex


class SqliteStore(Store):
    """One writer at a time, so keys are looked up and rows inserted plainly."""

    cursor: Any = None

    def directly(self) -> Store:
        """Itself, running what follows on the driver's cursor, in the caller's transaction."""
        if not self.connection.in_transaction():
            self.connection.begin()
        self.cursor = self.connection.connection.cursor()
        return self

    def run(self, statement: str, *parameters: Any) -> Sequence[Any]:
        if self.cursor is None:
            return super().run(statement, *parameters)
        return self.cursor.execute(self.sql(statement), parameters).fetchall()  # type: ignore[no-any-return]

    def uuid(self, value: Any) -> UUID:
        return uuid_of(value)

    def day(self, value: Any) -> date | None:
        return None if value is None else day_of(value)

    def moment(self, value: Any) -> datetime:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)

    def ids(self, ids: Iterable[UUID]) -> Any:
        return json.dumps([account.hex for account in ids])

    def sql(self, statement: str) -> str:
        return statement.replace("{in}", "IN (SELECT value FROM json_each(?))")

    def value(self, value: Any) -> Any:
        as_text = AS_TEXT.get(type(value))
        return as_text(value) if as_text else value

    def many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        known = AS_TEXT.get
        self.packed(statement, [tuple([as_text(value) if (as_text := known(type(value))) else value for value in row])
                                for row in rows])

    def packed(self, statement: str, packed: list[tuple[Any, ...]]) -> None:
        """Run a statement for each of these rows of driver values."""
        if packed:
            if self.cursor is None:
                self.connection.exec_driver_sql(statement, packed)
            elif len(packed) == 1:
                self.cursor.execute(statement, packed[0])
            else:
                self.cursor.executemany(statement, packed)

    def key_rows(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Any]:
        return self.run("SELECT t.scope, t.key, t.id, t.content_hash, t.recorded_at, NULL FROM json_each(?) AS wanted "
                        "CROSS JOIN ledger_transaction t ON t.book_id = ? "
                        "AND t.scope = json_extract(wanted.value, '$[0]') "
                        "AND t.key = json_extract(wanted.value, '$[1]') "
                        "UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, closed_until FROM ledger_book "
                        "WHERE book_id = ?", json.dumps(pairs), self.book_id, self.book_id)

    def open(self, rows: Sequence[OpenRow]) -> None:
        self.many("INSERT INTO ledger_commodity (book_id, code) VALUES (?, ?) ON CONFLICT DO NOTHING",
                  [(self.book_id, name) for name in sorted({row.commodity for row in rows})])
        self.many("INSERT INTO ledger_account (book_id, id, commodity, code, is_member, floor, expires_to) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", [(self.book_id, *row) for row in rows])
        self.many("INSERT INTO ledger_balance (book_id, account_id, posted, held, last_seq, out_total) "
                  "VALUES (?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
                  [(self.book_id, row.id) for row in rows if row.is_member])

    def insert_transactions(self, rows: Sequence[tuple[Any, ...]], recorded_at: datetime) -> int:
        columns = ("book_id", "recorded_at", *TRANSACTION_COLUMNS)
        at, book, text, identity = AS_TEXT[datetime](recorded_at), self.book_id, day_text, hex_or_none
        self.packed(f"INSERT INTO ledger_transaction ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [
            (book, at, key.hex, scope, name, kind, content, text(day), identity(household), identity(person), rule,
             place, identity(reverses), below, meta)
            for key, scope, name, kind, content, day, household, person, rule, place, reverses, below, meta in rows])
        return len(rows)

    def insert_transfers(self, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = ("book_id", *TRANSFER_COLUMNS)
        book, text = self.book_id, day_text
        self.packed(f"INSERT INTO ledger_transfer ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [
            (book, row[0].hex, row[1], row[2].hex, row[3].hex, row[4], row[5], text(row[6]), text(row[7]), *row[8:])
            for row in rows])

    def insert_unsealed(self, ids: Sequence[UUID]) -> None:
        self.packed("INSERT INTO ledger_unsealed (book_id, transaction_id) VALUES (?, ?)",
                    [(self.book_id, transaction.hex) for transaction in ids])

    def add_due(self, rows: Sequence[tuple[UUID, date, int]]) -> None:
        self.many("INSERT INTO ledger_due (book_id, account_id, due_on, credits) VALUES (?, ?, ?, ?) "
                  "ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = credits + excluded.credits",
                  [(self.book_id, *row) for row in rows])

    def update_balances(self, rows: Sequence[tuple[Any, ...]]) -> None:
        book, text = self.book_id, day_text
        self.packed(f"UPDATE ledger_balance SET {', '.join(f'{name} = ?' for name in BALANCE_COLUMNS)} "
                    "WHERE book_id = ? AND account_id = ?", [
                        (posted, held, seq, out, text(due), text(effective), text(lapse), book, key.hex)
                        for key, posted, held, seq, out, due, effective, lapse in rows])

    def insert_captures(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.many(f"INSERT INTO ledger_capture (book_id, {', '.join(CAPTURE_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)",
                  [(self.book_id, *row) for row in rows])

    def update_holds(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.many(f"UPDATE ledger_hold SET {', '.join(f'{name} = ?' for name in HOLD_CHANGES)} "
                  "WHERE book_id = ? AND id = ?", [(*row[1:], self.book_id, row[0]) for row in rows])

    def set_expires_to(self, changed: Mapping[UUID, UUID]) -> None:
        self.many("UPDATE ledger_account SET expires_to = ? WHERE book_id = ? AND id = ?",
                  [(target, self.book_id, account) for account, target in changed.items()])
