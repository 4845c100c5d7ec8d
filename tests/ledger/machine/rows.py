"""A book as its stored rows say it: read by plain SELECTs, so that no query of the ledger judges the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection


class Head(NamedTuple):
    id: str
    scope: str
    key: str
    kind: str
    content_hash: bytes
    effective_on: date
    recorded_at: datetime
    household: str | None
    rule: str | None
    place: str | None
    reverses: str | None
    may_go_below: bool


class Line(NamedTuple):
    transaction_id: str
    line: int
    debit_account: str
    credit_account: str
    commodity: str
    amount: int
    effective_on: date
    due_on: date | None
    debit_seq: int | None
    debit_after: int | None
    credit_seq: int | None
    credit_after: int | None
    reverses_line: int | None


class Side(NamedTuple):
    """A line as one of its accounts sees it: `amount` is signed."""

    seq: int | None
    amount: int
    after: int | None
    is_debit: bool
    line: Line


class Held(NamedTuple):
    id: str
    account_id: str
    amount: int
    captured: int
    reserved_at: datetime
    lapses_at: datetime | None
    ended_as: str | None
    since_seq: int
    until_seq: int | None


class Kept(NamedTuple):
    account_id: str
    posted: int
    held: int
    last_seq: int
    out_total: int
    last_due_on: date | None
    last_effective_on: date | None
    last_lapse_on: date | None


class Opened(NamedTuple):
    id: str
    commodity: str
    code: str
    is_member: bool
    floor: int | None


class Due(NamedTuple):
    account_id: str
    due_on: date
    credits: int


class Leaf(NamedTuple):
    position: int
    transaction_id: str
    hash: bytes
    sealed_at: datetime


class Capture(NamedTuple):
    transaction_id: str
    account_id: str
    hold_id: str
    amount: int


class Closing(NamedTuple):
    month: date
    closed_at: datetime
    account_id: str
    debits: int
    credits: int
    balance: int


@dataclass
class Rows:
    """Everything of one book at one moment. Two of them are equal when no row differs."""

    heads: dict[Any, Head] = field(default_factory=dict)
    lines: dict[Any, Line] = field(default_factory=dict)
    balances: dict[Any, Kept] = field(default_factory=dict)
    dues: dict[Any, Due] = field(default_factory=dict)
    holds: dict[Any, Held] = field(default_factory=dict)
    captures: dict[Any, Capture] = field(default_factory=dict)
    closings: dict[Any, Closing] = field(default_factory=dict)
    leaves: dict[Any, Leaf] = field(default_factory=dict)
    accounts: dict[Any, Opened] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    worked_out: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, work: Callable[[], Any]) -> Any:
        if name not in self.worked_out:
            self.worked_out[name] = work()
        return self.worked_out[name]

    def sides(self) -> dict[str, list[Side]]:
        """Every account's lines, a member's in the order of its numbers."""
        return self.once("sides", self.by_account)

    def by_account(self) -> dict[str, list[Side]]:
        found: dict[str, list[Side]] = {}
        for line in self.lines.values():
            found.setdefault(line.debit_account, []).append(
                Side(line.debit_seq, -line.amount, line.debit_after, True, line))
            found.setdefault(line.credit_account, []).append(
                Side(line.credit_seq, line.amount, line.credit_after, False, line))
        for sides in found.values():
            sides.sort(key=lambda side: side.seq or 0)
        return found

    def of(self, transaction_id: str) -> list[Line]:
        return self.once("of", self.by_transaction).get(transaction_id, [])

    def by_transaction(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for _, line in sorted(self.lines.items()):
            found.setdefault(line.transaction_id, []).append(line)
        return found


# field of Rows: (table, record, how many of its first columns are the key)
TABLES: dict[str, tuple[str, Any, int]] = {
    "heads": ("ledger_transaction", Head, 1), "lines": ("ledger_transfer", Line, 2),
    "balances": ("ledger_balance", Kept, 1), "dues": ("ledger_due", Due, 2), "holds": ("ledger_hold", Held, 1),
    "captures": ("ledger_capture", Capture, 2), "closings": ("ledger_period_balance", Closing, 3),
    "leaves": ("ledger_leaf", Leaf, 1), "accounts": ("ledger_account", Opened, 1)}
GROWING = ("heads", "lines", "captures", "closings", "leaves")  # nothing in them ever changes or goes
IDS = {"id", "household", "reverses", "transaction_id", "debit_account", "credit_account", "account_id", "hold_id"}
DAYS = {"effective_on", "due_on", "last_due_on", "last_effective_on", "last_lapse_on", "month"}
INSTANTS = {"recorded_at", "reserved_at", "lapses_at", "closed_at", "sealed_at"}


@lru_cache(maxsize=10_000)
def day_of(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=10_000)
def instant_of(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def reader(name: str, dialect: str) -> Callable[[Any], Any] | None:
    """How a column's value becomes the same on both databases; None: as it is."""
    if dialect == "sqlite":
        how: Any = day_of if name in DAYS else instant_of if name in INSTANTS else None
        return how or (bool if name in ("may_go_below", "is_member") else None)
    return (lambda value: value.hex) if name in IDS else (
        (lambda value: value.astimezone(UTC)) if name in INSTANTS else None)


@lru_cache
def readers(record: Any, dialect: str) -> list[tuple[int, Callable[[Any], Any]]]:
    return [(at, how) for at, name in enumerate(record._fields) if (how := reader(name, dialect))]


def read(connection: Connection, book_id: int) -> Rows:
    """The book as this connection sees it; ten statements."""
    dialect, rows = connection.dialect.name, Rows()
    for field_name, (table, record, width) in TABLES.items():
        ways, found = readers(record, dialect), {}
        for raw in connection.exec_driver_sql(
                f"SELECT {', '.join(record._fields)} FROM {table} WHERE book_id = {book_id}").cursor.fetchall():
            values = list(raw)
            for at, how in ways:
                if values[at] is not None:
                    values[at] = how(values[at])
            found[values[0] if width == 1 else tuple(values[:width])] = record(*values)
        setattr(rows, field_name, found)
    waiting = connection.exec_driver_sql(f"SELECT transaction_id FROM ledger_unsealed WHERE book_id = {book_id}")
    rows.waiting = frozenset(row[0] if dialect == "sqlite" else row[0].hex for row in waiting.cursor.fetchall())
    return rows
