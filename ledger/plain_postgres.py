"""Plain batches on PostgreSQL: lock and read in one statement, COPY three tables, one grouped update.

Client and server work at the same time: while the server locks the balances the contents are hashed and packed; while
it indexes the transactions the sums are made; while it indexes the transfers the update is prepared. COPY knows no ON
CONFLICT: a key that is taken ends the road, as all that is not plain does. Everything stands in a savepoint, so the
longer road starts from where this one did. See `ledger.plain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.days import shanghai_day
from ledger.drafts import as_json, hash_of_entry
from ledger.plain import Asked, Batch, Row, Standing, gather
from ledger.planning import new_id
from ledger.records import Entry, Outcome, account_id
from ledger.store import TRANSACTION_COLUMNS, TRANSFER_COLUMNS
from ledger.store_copy import (
    EPOCH,
    HEADER,
    MICROSECOND,
    NULL,
    TRAILER,
    day,
    four_numbers,
    large,
    text_array,
    transaction_fields,
    transaction_start,
    transfer_start,
    two_numbers,
    word,
)

LOCK = """
    SELECT b.posted, b.held, b.last_seq, b.out_total, b.last_due_on, b.last_effective_on, b.last_lapse_on, a.floor,
           a.expires_to, CASE WHEN a.expires_to IS NOT NULL THEN (
               SELECT sum(d.credits)::bigint FROM ledger_due d
               WHERE d.book_id = %s AND d.account_id = b.account_id AND d.due_on < %s) END
    FROM ledger_balance b JOIN ledger_account a ON a.book_id = b.book_id AND a.id = b.account_id AND a.is_member
    WHERE b.book_id = %s AND b.account_id = ANY(%s::uuid[]) ORDER BY b.account_id FOR UPDATE OF b"""
REST = """
    SELECT (SELECT closed_until FROM ledger_book WHERE book_id = %s),
           (SELECT count(*) FROM ledger_account WHERE book_id = %s AND id = ANY(%s::uuid[]) AND NOT is_member)"""
BALANCE = """
    UPDATE ledger_balance b SET posted = v.posted, last_seq = v.seq, out_total = v.gone, last_due_on = v.due,
                                last_effective_on = v.latest
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::date[])
        AS v(id, posted, seq, gone, due, latest)
    WHERE b.book_id = %s AND b.account_id = v.id"""
DUE = """
    INSERT INTO ledger_due AS n (book_id, account_id, due_on, credits)
    SELECT %s, v.* FROM unnest(%s::uuid[], %s::date[], %s::bigint[]) AS v
    ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = n.credits + excluded.credits"""
SAVEPOINT, BACK, DONE = "SAVEPOINT ledger_plain", "ROLLBACK TO SAVEPOINT ledger_plain", "RELEASE SAVEPOINT ledger_plain"


class NotPlain(Exception):
    """Never leaves this module."""


@lru_cache(maxsize=200_000)
def raw_id(commodity: str, code: str) -> bytes:
    return account_id(commodity, code).bytes


def id_array(ids: Sequence[bytes]) -> str:
    return "{" + ",".join([key.hex() for key in ids]) + "}"


def post_plain(connection: Connection, book_id: int, entries: Sequence[Entry],
               recorded_at: datetime) -> list[Outcome] | None:
    """Post the entries; None, with nothing written and nothing locked, where one of them is not plain."""
    from psycopg.errors import DeadlockDetected, UniqueViolation

    today = shanghai_day(recorded_at)
    asked = gather(entries, today)
    if asked is None:
        return None
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        cursor.execute(SAVEPOINT)
        try:
            return Copying(driver, cursor, book_id, entries, asked, recorded_at, today).post()
        except (NotPlain, UniqueViolation, DeadlockDetected):
            cursor.execute(BACK)
            return None


class Copying:
    """One call's work, in the order it is done."""

    def __init__(self, driver: Any, cursor: Any, book_id: int, entries: Sequence[Entry], asked: Asked,
                 recorded_at: datetime, today: date) -> None:
        self.driver, self.cursor, self.book_id, self.entries = driver, cursor, int(book_id), entries
        self.asked, self.recorded_at, self.today = asked, recorded_at, today
        names = [(raw_id(one.commodity, one.code), one) for one in asked.accounts]
        self.members = sorted((pair for pair in names if pair[1].is_member), key=itemgetter(0))
        self.systems = [key for key, one in names if not one.is_member]

    def post(self) -> list[Outcome]:
        cursor, book = self.cursor, self.book_id
        ids = [new_id() for _ in self.entries]
        with self.driver.pipeline(), self.driver.cursor(binary=True) as second:
            cursor.execute(LOCK, (book, self.today, book, id_array([key for key, _ in self.members])))
            second.execute(REST, (book, book, id_array(self.systems)))
            heads = self.heads(ids)
            rows = cursor.fetchall()
            closed_until, systems = second.fetchone()
        if len(rows) < len(self.members) or systems < len(self.systems):
            raise NotPlain
        batch = Batch(self.today, closed_until, day)
        with self.copying("ledger_transaction", ("book_id", "recorded_at", *TRANSACTION_COLUMNS)) as copy:
            copy.write(heads)
            standings = self.standings(rows)
            by_id = {one.id: one for one in standings}
            by_id.update({key: Standing(key, False) for key in self.systems})
            accounts = [by_id[raw_id(one.commodity, one.code)] for one in self.asked.accounts]
            names = [key.bytes for key in ids]
            if not batch.book(self.entries, ids, names, [accounts[place] for place in self.asked.places],
                              self.recorded_at):
                raise NotPlain
            lines = b"".join([transfer_row(book, row) for row in batch.transfers])
        with self.copying("ledger_transfer", ("book_id", *TRANSFER_COLUMNS)) as copy:
            copy.write(lines)
            start = b"\0\2\0\0\0\4" + book.to_bytes(4, "big") + b"\0\0\0\x10"
            queue = start + start.join(names)
            update = (id_array([one.id for one in standings]), *(
                text_array([getattr(one, name) for one in standings])
                for name in ("posted", "seq", "gone", "last_due", "latest")), book)
        with self.copying("ledger_unsealed", ("book_id", "transaction_id")) as copy:
            copy.write(queue)
        with self.driver.pipeline():
            if batch.dues:
                dues = sorted(batch.dues.items())
                cursor.execute(DUE, (book, id_array([key for (key, _), _ in dues]),
                                     text_array([on for (_, on), _ in dues]),
                                     text_array([amount for _, amount in dues])))
            cursor.execute(BALANCE, update)
            cursor.execute(DONE)
        return batch.outcomes

    def heads(self, ids: Sequence[UUID]) -> bytes:
        """The transactions, packed, in the order of their keys: batches with the same keys wait for each other."""
        start = transaction_start(2 + len(TRANSACTION_COLUMNS), 4, self.book_id, 8,
                                  (self.recorded_at - EPOCH) // MICROSECOND)
        packed = []
        for key, entry in sorted(zip(ids, self.entries, strict=True), key=lambda pair: (pair[1].scope, pair[1].key)):
            meta, party = as_json(entry.meta) if entry.meta else "{}", entry.party
            packed.append(start + transaction_fields((
                key, entry.scope, entry.key, entry.kind, hash_of_entry(entry, meta), entry.effective_on,
                party.household, party.person, entry.rule, entry.place, None, entry.may_go_below, meta)))
        return b"".join(packed)

    def standings(self, rows: Sequence[Row]) -> list[Standing]:
        """The members as they stand, in the order of their ids."""
        found = []
        for (key, account), (posted, held, seq, gone, last_due, latest, lapsed_on, floor, expires_to, lapsed) in zip(
                self.members, rows, strict=True):
            target = account.expires_to
            if floor != account.floor or (target is not None and target.id != expires_to):
                raise NotPlain
            found.append(Standing(key, True, floor, posted, seq, gone, last_due, latest, lapsed_on,
                                  not held and (lapsed is None or lapsed <= gone)))
        return found

    @contextmanager
    def copying(self, table: str, columns: Sequence[str]) -> Iterator[Any]:
        with self.driver.cursor() as cursor, cursor.copy(
                f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEADER)
            yield copy
            copy.write(TRAILER)


def transfer_row(book: int, row: Row) -> bytes:
    (key, line, debit, credit, commodity, amount, effective_on, due_on, debit_seq, debit_after, credit_seq,
     credit_after) = row
    if debit_seq is not None and credit_seq is not None:
        numbers = four_numbers(8, debit_seq, 8, debit_after, 8, credit_seq, 8, credit_after)
    elif debit_seq is None:
        numbers = NULL + NULL + two_numbers(8, credit_seq, 8, credit_after)
    else:
        numbers = two_numbers(8, debit_seq, 8, debit_after) + NULL + NULL
    return b"".join((transfer_start(14, 4, book, 16, key, 4, line, 16, debit, 16, credit), word(commodity),
                     large(8, amount), effective_on, due_on, numbers, NULL))
