"""The statements behind the door, in both dialects. A constant number of them, whatever the number of entries.

Lists travel as one parameter: a JSON text read by json_each on SQLite, arrays on PostgreSQL. Statements are driver SQL
run on the caller's connection, so they join its transaction and show up in its log.

SQL here is written once, with two marks: `?` for a parameter and `{in}` for "is one of the ids in this parameter".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.days import shanghai_day
from ledger.expiry import GIVEN_BACK_KIND, Span
from ledger.held import Held

TRANSACTION_COLUMNS = ("id", "scope", "key", "kind", "content_hash", "effective_on", "household", "person", "rule",
                       "place", "reverses", "may_go_below", "meta")
TRANSFER_COLUMNS = ("transaction_id", "line", "debit_account", "credit_account", "commodity", "amount",
                    "effective_on", "due_on", "debit_seq", "debit_after", "credit_seq", "credit_after",
                    "reverses_line")
BALANCE_COLUMNS = ("posted", "held", "last_seq", "out_total", "last_due_on", "last_effective_on", "last_lapse_on")
HOLD_COLUMNS = ("id", "scope", "key", "kind", "content_hash", "account_id", "amount", "captured", "reserved_at",
                "lapses_at", "since_seq", "household", "person", "place", "meta")
CAPTURE_COLUMNS = ("transaction_id", "account_id", "hold_id", "amount", "since_seq")
HOLD_CHANGES = ("captured", "ended_as", "until_seq", "ended_at")

ACCOUNTS = "SELECT id, is_member, floor, expires_to FROM ledger_account WHERE book_id = ? AND id {in}"
BALANCES = (f"SELECT account_id, {', '.join(BALANCE_COLUMNS)} FROM ledger_balance "
            "WHERE book_id = ? AND account_id {in} ORDER BY account_id ")
DUE = "SELECT account_id, due_on, credits FROM ledger_due WHERE book_id = ? AND account_id {in}"
DAYS = """
    SELECT account, effective_on, sum(amount) FROM (
        SELECT debit_account AS account, effective_on, -amount AS amount FROM ledger_transfer
        WHERE book_id = ? AND debit_account {in} AND effective_on > ?
        UNION ALL
        SELECT credit_account, effective_on, amount FROM ledger_transfer
        WHERE book_id = ? AND credit_account {in} AND effective_on > ?) AS side
    GROUP BY account, effective_on"""
MOVES = """
    SELECT f.debit_account, f.debit_seq, f.amount, f.effective_on, f.due_on, 1, t.kind,
           t.id, f.line, t.reverses, f.reverses_line, f.credit_account, c.since_seq
    FROM ledger_transfer f JOIN ledger_transaction t ON t.book_id = f.book_id AND t.id = f.transaction_id
    LEFT JOIN ledger_capture c ON c.book_id = f.book_id AND c.transaction_id = f.transaction_id
                              AND c.account_id = f.debit_account
    WHERE f.book_id = ? AND f.debit_account {in}
    UNION ALL
    SELECT f.credit_account, f.credit_seq, f.amount, f.effective_on, f.due_on, 0, t.kind,
           t.id, f.line, t.reverses, f.reverses_line, f.debit_account, NULL
    FROM ledger_transfer f JOIN ledger_transaction t ON t.book_id = f.book_id AND t.id = f.transaction_id
    WHERE f.book_id = ? AND f.credit_account {in}
    ORDER BY 1, 2"""
RETURNS = """
    SELECT f.credit_account, f.credit_seq, f.amount, f.effective_on, f.due_on
    FROM ledger_transfer f JOIN ledger_transaction t ON t.book_id = f.book_id AND t.id = f.transaction_id
    WHERE f.book_id = ? AND f.credit_account {in} AND f.reverses_line IS NOT NULL AND t.kind <> ?"""
REPLAYED = """
    SELECT transaction_id, line, debit_account, debit_after, credit_account, credit_after, amount
    FROM ledger_transfer WHERE book_id = ? AND transaction_id {in} ORDER BY transaction_id, line"""

HOLDS = """
    SELECT id, account_id, amount, captured, reserved_at, lapses_at, since_seq
    FROM ledger_hold WHERE book_id = ? AND account_id {in} AND ended_at IS NULL"""
SPANS = """
    SELECT account_id, amount - captured, since_seq, until_seq FROM ledger_hold
    WHERE book_id = ? AND account_id {in} AND until_seq > since_seq AND amount > captured"""


class AccountRow(NamedTuple):
    id: UUID
    is_member: bool
    floor: int | None
    expires_to: UUID | None


class BalanceRow(NamedTuple):
    account_id: UUID
    posted: int
    held: int
    last_seq: int
    out_total: int
    last_due_on: date | None
    last_effective_on: date | None
    last_lapse_on: date | None


class KeyRow(NamedTuple):
    scope: str
    key: str
    id: UUID
    content_hash: bytes
    recorded_at: datetime


class OpenRow(NamedTuple):
    """An account to open."""

    id: UUID
    commodity: str
    code: str
    is_member: bool
    floor: int | None
    expires_to: UUID | None


class Store(ABC):
    """What both dialects share; `SqliteStore` and `PostgresStore` say how lists and conflicts are written."""

    def __init__(self, connection: Connection, book_id: int) -> None:
        self.connection, self.book_id = connection, book_id

    # -- values: identity on PostgreSQL, text on SQLite ------------------------------------------------------
    def uuid(self, value: Any) -> UUID:
        return value  # type: ignore[no-any-return]

    def day(self, value: Any) -> date | None:
        return value  # type: ignore[no-any-return]

    def moment(self, value: Any) -> datetime:
        return value  # type: ignore[no-any-return]

    def ids(self, ids: Iterable[UUID]) -> Any:
        return list(ids)

    @abstractmethod
    def sql(self, statement: str) -> str:
        """The statement in this dialect."""

    def run(self, statement: str, *parameters: Any) -> Sequence[Any]:
        return self.connection.exec_driver_sql(self.sql(statement), parameters).fetchall()

    def uuid_or_none(self, value: Any) -> UUID | None:
        return None if value is None else self.uuid(value)

    # -- reads -------------------------------------------------------------------------------------------------
    def accounts(self, ids: Sequence[UUID]) -> dict[UUID, AccountRow]:
        rows = (AccountRow(self.uuid(row[0]), bool(row[1]), row[2], self.uuid_or_none(row[3]))
                for row in self.run(ACCOUNTS, self.book_id, self.ids(ids)))
        return {row.id: row for row in rows}

    def due(self, ids: Sequence[UUID]) -> dict[UUID, dict[date, int]]:
        found: dict[UUID, dict[date, int]] = {account: {} for account in ids}
        for account, day, credits in self.run(DUE, self.book_id, self.ids(ids)):
            due_on = self.day(day)
            assert due_on is not None
            found[self.uuid(account)][due_on] = credits
        return found

    def days(self, ids: Sequence[UUID], after: date) -> dict[UUID, dict[date, int]]:
        """Signed sums per effective day later than `after`."""
        found: dict[UUID, dict[date, int]] = {account: {} for account in ids}
        listed, first = self.ids(ids), self.value(after)
        for account, day, amount in self.run(DAYS, self.book_id, listed, first, self.book_id, listed, first):
            effective_on = self.day(day)
            assert effective_on is not None
            found[self.uuid(account)][effective_on] = int(amount)
        return found

    def moves(self, ids: Sequence[UUID]) -> Sequence[Any]:
        listed = self.ids(ids)
        return self.run(MOVES, self.book_id, listed, self.book_id, listed)

    def returns(self, ids: Sequence[UUID]) -> Sequence[Any]:
        """What came back to accounts: id, number, amount, effective and due day. Lapses given back are none."""
        return self.run(RETURNS, self.book_id, self.ids(ids), GIVEN_BACK_KIND)

    def replayed(self, transaction_ids: Sequence[UUID]) -> Sequence[Any]:
        return self.run(REPLAYED, self.book_id, self.ids(transaction_ids))

    def holds(self, ids: Sequence[UUID]) -> list[Held]:
        """The open holds of accounts; whoever acts on them has the accounts locked."""
        return [Held(self.uuid(row[0]), self.uuid(row[1]), row[2], row[3], shanghai_day(self.moment(row[4])),
                     None if row[5] is None else self.moment(row[5]), row[6])
                for row in self.run(HOLDS, self.book_id, self.ids(ids))]

    def spans(self, ids: Sequence[UUID]) -> dict[UUID, list[Span]]:
        """Where, in the sequences of accounts, something was held that was handed back later."""
        found: dict[UUID, list[Span]] = {account: [] for account in ids}
        for account, amount, since, until in self.run(SPANS, self.book_id, self.ids(ids)):
            found[self.uuid(account)].append(Span(amount, since, until))
        return found

    def closed_until(self) -> date | None:
        """The last closed day. Read it only under a member's lock: `close_period` waits for those."""
        rows = self.run("SELECT closed_until FROM ledger_book WHERE book_id = ?", self.book_id)
        return self.day(rows[0][0]) if rows else None

    def keys(self, pairs: Sequence[tuple[str, str]]) -> list[KeyRow]:
        return self.look_up(pairs)[0]

    def look_up(self, pairs: Sequence[tuple[str, str]]) -> tuple[list[KeyRow], date | None]:
        """What is posted under the keys, and the last closed day, in one statement."""
        found, closed_until = [], None
        for row in self.key_rows(pairs):
            if row[2] is None:
                closed_until = self.day(row[5])
            else:
                found.append(KeyRow(row[0], row[1], self.uuid(row[2]), bytes(row[3]), self.moment(row[4])))
        return found, closed_until

    def insert_hold(self, row: Sequence[Any]) -> bool:
        """False when another writer has claimed its key."""
        done = self.connection.exec_driver_sql(self.sql(
            f"INSERT INTO ledger_hold (book_id, {', '.join(HOLD_COLUMNS)}) "
            f"VALUES (?, {', '.join('?' * len(HOLD_COLUMNS))}) ON CONFLICT DO NOTHING"),
            (self.book_id, *(self.value(value) for value in row)))
        return done.rowcount == 1

    def lapses_on(self) -> bool:
        """Is expiry switched on for this book? It is unless somebody switched it off."""
        rows = self.run("SELECT lapses FROM ledger_book WHERE book_id = ?", self.book_id)
        return bool(rows[0][0]) if rows else True

    def balances(self, ids: Sequence[UUID], locked: bool = True) -> list[BalanceRow]:
        """The balance rows, in account order, locked to the end of the transaction where locks exist."""
        rows = self.run(BALANCES, self.book_id, self.ids(ids))
        return [BalanceRow(self.uuid(row[0]), *row[1:5], *(self.day(day) for day in row[5:8]))  # type: ignore[arg-type]
                for row in rows]

    def value(self, value: Any) -> Any:
        """A Python value as this driver's parameter."""
        return value

    def directly(self) -> Store:
        """Itself, running what follows on the driver's own cursor where that saves something."""
        return self

    def insert_rows(self, transactions: Sequence[tuple[Any, ...]], transfers: Sequence[tuple[Any, ...]],
                    recorded_at: datetime) -> bool:
        """Write transactions, their transfers, and queue them. False when another writer has claimed a key."""
        if self.insert_transactions(transactions, recorded_at) < len(transactions):
            return False
        self.insert_transfers(transfers)
        self.insert_unsealed([row[0] for row in transactions])
        return True

    # -- dialects say how ----------------------------------------------------------------------------------------
    @abstractmethod
    def key_rows(self, pairs: Sequence[tuple[str, str]]) -> Sequence[Any]:
        """KeyRow's columns and a NULL; and, where a month is closed, NULLs and the last closed day."""

    @abstractmethod
    def open(self, rows: Sequence[OpenRow]) -> None:
        """Open accounts that are missing; a row that somebody else opened meanwhile stays as it is."""

    @abstractmethod
    def insert_transactions(self, rows: Sequence[tuple[Any, ...]], recorded_at: datetime) -> int:
        """How many went in: fewer than given when another writer has claimed a key."""

    @abstractmethod
    def insert_transfers(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows are TRANSFER_COLUMNS."""

    @abstractmethod
    def insert_unsealed(self, ids: Sequence[UUID]) -> None:
        """Queue transactions for their seal."""

    @abstractmethod
    def add_due(self, rows: Sequence[tuple[UUID, date, int]]) -> None:
        """Rows are account id, due day, signed amount."""

    @abstractmethod
    def update_balances(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows are account id and BALANCE_COLUMNS."""

    @abstractmethod
    def insert_captures(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows are CAPTURE_COLUMNS."""

    @abstractmethod
    def update_holds(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows are hold id and HOLD_CHANGES."""

    @abstractmethod
    def set_expires_to(self, changed: Mapping[UUID, UUID]) -> None:
        """Households move: their value lapses to another place from now on."""
