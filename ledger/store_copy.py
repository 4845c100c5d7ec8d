"""The store for batches on PostgreSQL: the rows of transactions, transfers and queue go in by binary COPY.

COPY knows no ON CONFLICT. A key that another writer claimed meanwhile ends it, inside the door's savepoint; the door
takes the savepoint back and looks again, as it does on its other road. Packing rows here and indexing them there
overlap: what comes next is packed before the server is asked whether it has finished.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from struct import Struct
from typing import Any
from uuid import UUID

from ledger.store import BALANCE_COLUMNS, TRANSACTION_COLUMNS, TRANSFER_COLUMNS
from ledger.store_postgres import TYPES, PostgresStore

Row = tuple[Any, ...]
HEADER, TRAILER, NULL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff", b"\xff\xff\xff\xff"
EPOCH, MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
EPOCH_DAY = EPOCH.toordinal()
TRUE, FALSE = b"\0\0\0\1\1", b"\0\0\0\1\0"
CHUNK = 100  # rows to pack at a time: while they travel the next are packed
length, small, large = Struct(">i").pack, Struct(">ii").pack, Struct(">iq").pack
transaction_start = Struct(">hiiiq").pack  # columns, book, recorded at
transfer_start = Struct(">hiii16siii16si16s").pack  # columns, book, transaction, line, both accounts
four_numbers, two_numbers = Struct(">iqiqiqiq").pack, Struct(">iqiq").pack
queue_row = Struct(">hiii16s").pack


class CopyingStore(PostgresStore):
    """As PostgresStore; what every batch writes goes by COPY, and lists as PostgreSQL's text of an array."""

    def ids(self, ids: Iterable[UUID]) -> Any:
        return "{" + ",".join([key.hex for key in ids]) + "}"

    def texts(self, values: Sequence[str]) -> Any:
        return "{" + ",".join(['"' + (value if value.isalnum() else escaped(value)) + '"' for value in values]) + "}"

    def insert_rows(self, transactions: Sequence[Row], transfers: Sequence[Row], recorded_at: datetime) -> bool:
        from psycopg.errors import UniqueViolation

        book, at = self.book_id, (recorded_at - EPOCH) // MICROSECOND
        start = transaction_start(2 + len(TRANSACTION_COLUMNS), 4, book, 8, at)
        by_key = sorted(transactions, key=itemgetter(1, 2))  # batches with the same keys then wait: no deadlock
        try:
            with self.copying("ledger_transaction", ("book_id", "recorded_at", *TRANSACTION_COLUMNS)) as write:
                for part in packed_rows(by_key, lambda row: start + transaction_fields(row)):
                    write(part)
                lines = list(packed_rows(transfers, lambda row: transfer_row(book, row)))
                queue = b"".join([queue_row(2, 4, book, 16, row[0].bytes) for row in transactions])
        except UniqueViolation:
            return False
        with self.copying("ledger_transfer", ("book_id", *TRANSFER_COLUMNS)) as write:
            for part in lines:
                write(part)
        with self.copying("ledger_unsealed", ("book_id", "transaction_id")) as write:
            write(queue)
        return True

    def update_balances(self, rows: Sequence[Row]) -> None:
        self.by_text(f"UPDATE ledger_balance SET {', '.join(f'{name} = given.{name}' for name in BALANCE_COLUMNS)} "
                     "FROM {rows} WHERE ledger_balance.book_id = %s AND ledger_balance.account_id = given.account_id",
                     ("account_id", *BALANCE_COLUMNS), rows, self.book_id)

    def add_due(self, rows: Sequence[tuple[UUID, date, int]]) -> None:
        self.by_text("INSERT INTO ledger_due AS due (book_id, account_id, due_on, credits) "
                     f"SELECT {int(self.book_id)}, given.account_id, given.due_on, given.credits FROM {{rows}} "
                     "ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = due.credits + excluded.credits",
                     ("account_id", "due_on", "credits"), rows)

    def by_text(self, statement: str, columns: Sequence[str], rows: Sequence[Row], *last: Any) -> None:
        if rows:
            given = ", ".join(f"%s::{TYPES[name]}[]" for name in columns)
            ids, *others = zip(*rows, strict=True)
            arrays = [self.ids(ids), *(text_array(column) for column in others)]
            self.connection.exec_driver_sql(
                statement.replace("{rows}", f"unnest({given}) AS given({', '.join(columns)})"), (*arrays, *last))

    @contextmanager
    def copying(self, table: str, columns: Sequence[str]) -> Iterator[Callable[[bytes], None]]:
        driver: Any = self.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(
                f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER)
            yield copy.write
            copy.write(TRAILER)


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def text_array(values: Sequence[Any]) -> str:
    """Days, whole numbers and NULLs as PostgreSQL's text of an array: nothing in them needs quoting."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


# -- PostgreSQL's binary form: each field its length and its bytes ---------------------------------------------------
def packed_rows(rows: Sequence[Row], pack: Callable[[Row], bytes]) -> Iterator[bytes]:
    for start in range(0, len(rows), CHUNK):
        yield b"".join([pack(row) for row in rows[start:start + CHUNK]])


@lru_cache(maxsize=1_000)
def day(value: date | None) -> bytes:
    return NULL if value is None else small(4, value.toordinal() - EPOCH_DAY)


@lru_cache(maxsize=1_000)
def word(value: str | None) -> bytes:
    """A text that comes again and again: a scope, a kind, a place."""
    return NULL if value is None else text(value)


def text(value: str) -> bytes:
    raw = value.encode()
    return length(len(raw)) + raw


def identity(value: UUID | None) -> bytes:
    return NULL if value is None else b"\0\0\0\x10" + value.bytes


def transaction_fields(row: Row) -> bytes:
    (key, scope, name, kind, content, effective_on, household, person, rule, place, reverses, below, meta) = row
    return b"".join((identity(key), word(scope), text(name), word(kind), b"\0\0\0\x20", content, day(effective_on),
                     identity(household), identity(person), word(rule), word(place), identity(reverses),
                     TRUE if below else FALSE, text(meta)))


def transfer_row(book: int, row: Row) -> bytes:
    (key, line, debit, credit, commodity, amount, effective_on, due_on, debit_seq, debit_after, credit_seq,
     credit_after, reverses_line) = row
    start = transfer_start(14, 4, book, 16, key.bytes, 4, line, 16, debit.bytes, 16, credit.bytes)
    if debit_seq is not None and credit_seq is not None:
        numbers = four_numbers(8, debit_seq, 8, debit_after, 8, credit_seq, 8, credit_after)
    else:
        numbers = b"".join([NULL if value is None else large(8, value)
                            for value in (debit_seq, debit_after, credit_seq, credit_after)])
    return b"".join((start, word(commodity), large(8, amount), day(effective_on), day(due_on), numbers,
                     NULL if reverses_line is None else small(4, reverses_line)))
