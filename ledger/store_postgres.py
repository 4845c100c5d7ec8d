"""The store on PostgreSQL: arrays in, row locks, and keys claimed by the unique index.

Two writers may send one key at the same time. Both find it free; the second one's INSERT … ON CONFLICT DO NOTHING waits
for the first and then puts nothing in, which `insert_transactions` tells by its count. The door then looks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.store import (
    ACCOUNTS,
    BALANCE_COLUMNS,
    BALANCES,
    CAPTURE_COLUMNS,
    HOLD_CHANGES,
    TRANSACTION_COLUMNS,
    TRANSFER_COLUMNS,
    AccountRow,
    BalanceRow,
    OpenRow,
    Store,
)

TYPES = {
    "id": "uuid", "scope": "text", "key": "text", "kind": "text", "content_hash": "bytea", "effective_on": "date",
    "household": "uuid", "person": "uuid", "rule": "text", "place": "text", "reverses": "uuid",
    "may_go_below": "boolean", "meta": "text", "transaction_id": "uuid", "line": "integer", "debit_account": "uuid",
    "credit_account": "uuid", "commodity": "text", "amount": "bigint", "due_on": "date", "debit_seq": "bigint",
    "debit_after": "bigint", "credit_seq": "bigint", "credit_after": "bigint", "reverses_line": "integer",
    "account_id": "uuid", "posted": "bigint", "last_seq": "bigint", "out_total": "bigint", "last_due_on": "date",
    "last_effective_on": "date", "last_lapse_on": "date", "code": "text", "is_member": "boolean", "floor": "bigint",
    "expires_to": "uuid", "credits": "bigint", "held": "bigint", "hold_id": "uuid", "since_seq": "bigint",
    "until_seq": "bigint", "captured": "bigint", "ended_as": "text", "ended_at": "timestamptz",
}


def unnest(columns: Iterable[str]) -> str:
    return f"unnest({', '.join(f'%s::{TYPES[name]}[]' for name in columns)}) AS given({', '.join(columns)})"


class PostgresStore(Store):
    def balances(self, ids: Sequence[UUID], locked: bool = True) -> list[BalanceRow]:
        rows = self.run(BALANCES + ("FOR UPDATE" if locked else ""), self.book_id, self.ids(ids))
        return [BalanceRow._make(row) for row in rows]

    def accounts(self, ids: Sequence[UUID]) -> dict[UUID, AccountRow]:
        return {row[0]: AccountRow._make(row) for row in self.run(ACCOUNTS, self.book_id, self.ids(ids))}

    def sql(self, statement: str) -> str:
        return statement.replace("{in}", "= ANY(?)").replace("?", "%s")

    def many(self, statement: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *first: Any,
             last: Sequence[Any] = ()) -> int:
        """Run a statement whose `{rows}` stands for the given rows; how many rows it touched."""
        if not rows:
            return 0
        arrays = [list(column) for column in zip(*rows, strict=True)]
        done = self.connection.exec_driver_sql(statement.replace("{rows}", unnest(columns)), (*first, *arrays, *last))
        return done.rowcount

    def key_rows(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Any]:
        arrays = [self.texts(column) for column in zip(*pairs, strict=True)]
        return self.connection.exec_driver_sql(
            "SELECT t.scope, t.key, t.id, t.content_hash, t.recorded_at, NULL::date "
            f"FROM {unnest(('scope', 'key'))} "
            "JOIN ledger_transaction t ON t.book_id = %s AND t.scope = given.scope AND t.key = given.key "
            "UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, closed_until FROM ledger_book WHERE book_id = %s",
            (*arrays, self.book_id, self.book_id)).fetchall()

    def texts(self, values: Sequence[str]) -> Any:
        return list(values)

    def open(self, rows: Sequence[OpenRow]) -> None:
        self.many("INSERT INTO ledger_commodity (book_id, code) SELECT %s, given.code FROM {rows} "
                  "ON CONFLICT DO NOTHING", ("code",), [(name,) for name in sorted({row.commodity for row in rows})],
                  self.book_id)
        columns = OpenRow._fields
        self.many(f"INSERT INTO ledger_account (book_id, {', '.join(columns)}) "
                  f"SELECT %s, {', '.join(f'given.{name}' for name in columns)} FROM {{rows}} ORDER BY given.id "
                  "ON CONFLICT DO NOTHING", columns, rows, self.book_id)
        self.many("INSERT INTO ledger_balance (book_id, account_id, posted, held, last_seq, out_total) "
                  "SELECT %s, given.id, 0, 0, 0, 0 FROM {rows} ORDER BY given.id ON CONFLICT DO NOTHING",
                  ("id",), [(row.id,) for row in rows if row.is_member], self.book_id)

    def insert_transactions(self, rows: Sequence[tuple[Any, ...]], recorded_at: datetime) -> int:
        picked = ", ".join("given.meta::json" if name == "meta" else f"given.{name}" for name in TRANSACTION_COLUMNS)
        return self.many(f"INSERT INTO ledger_transaction (book_id, recorded_at, {', '.join(TRANSACTION_COLUMNS)}) "
                         f"SELECT %s, %s, {picked} FROM {{rows}} ORDER BY given.scope, given.key "
                         "ON CONFLICT (book_id, scope, key) DO NOTHING",
                         TRANSACTION_COLUMNS, rows, self.book_id, recorded_at)

    def insert_transfers(self, rows: Sequence[tuple[Any, ...]]) -> None:
        picked = ", ".join(f"given.{name}" for name in TRANSFER_COLUMNS)
        self.many(f"INSERT INTO ledger_transfer (book_id, {', '.join(TRANSFER_COLUMNS)}) "
                  f"SELECT %s, {picked} FROM {{rows}}", TRANSFER_COLUMNS, rows, self.book_id)

    def insert_unsealed(self, ids: Sequence[UUID]) -> None:
        self.many("INSERT INTO ledger_unsealed (book_id, transaction_id) SELECT %s, given.id FROM {rows}", ("id",),
                  [(transaction,) for transaction in ids], self.book_id)

    def add_due(self, rows: Sequence[tuple[UUID, date, int]]) -> None:
        self.many("INSERT INTO ledger_due AS due (book_id, account_id, due_on, credits) "
                  "SELECT %s, given.account_id, given.due_on, given.credits FROM {rows} "
                  "ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = due.credits + excluded.credits",
                  ("account_id", "due_on", "credits"), rows, self.book_id)

    def update_balances(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.many(f"UPDATE ledger_balance SET {', '.join(f'{name} = given.{name}' for name in BALANCE_COLUMNS)} "
                  "FROM {rows} WHERE ledger_balance.book_id = %s AND ledger_balance.account_id = given.account_id",
                  ("account_id", *BALANCE_COLUMNS), rows, last=(self.book_id,))

    def insert_captures(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.many(f"INSERT INTO ledger_capture (book_id, {', '.join(CAPTURE_COLUMNS)}) "
                  f"SELECT %s, {', '.join(f'given.{name}' for name in CAPTURE_COLUMNS)} FROM {{rows}}",
                  CAPTURE_COLUMNS, rows, self.book_id)

    def update_holds(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self.many(f"UPDATE ledger_hold SET {', '.join(f'{name} = given.{name}' for name in HOLD_CHANGES)} "
                  "FROM {rows} WHERE ledger_hold.book_id = %s AND ledger_hold.id = given.id",
                  ("id", *HOLD_CHANGES), rows, last=(self.book_id,))

    def set_expires_to(self, changed: Mapping[UUID, UUID]) -> None:
        self.many("UPDATE ledger_account SET expires_to = given.expires_to FROM {rows} "
                  "WHERE ledger_account.book_id = %s AND ledger_account.id = given.id", ("id", "expires_to"),
                  sorted(changed.items()), last=(self.book_id,))
