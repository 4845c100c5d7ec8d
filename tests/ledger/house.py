"""A small book to post in: accounts, days and short-hand for entries, as every ledger test needs them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event

import ledger
from ledger import Account, Entry, Outcome, Transfer
from pointsbank.database import write_connection

BOOK = 230199
EXPIRED = ledger.system("POINT", "expired:230199101201")
BUDGET = ledger.system("POINT", "budget:230199101201")
SPENT = ledger.system("POINT", "spent:S1")
PENALTY = ledger.system("POINT", "penalty:230199101201")
SERVED = ledger.system("MINUTE", "served:230199101201")
SCORED = ledger.system("SCORE", "scored:230199101201")
DONOR = ledger.system("SOAP", "donor:D1")
GIVEN = ledger.system("SOAP", "given:S1")
SHELF = ledger.member("SOAP", "shelf:S1:B1")
_keys = itertools.count(1)


def wallet(name: str = "h1") -> Account:
    return ledger.member("POINT", f"wallet:{name}", expires_to=EXPIRED)


def hours(name: str = "p1") -> Account:
    return ledger.member("MINUTE", f"hours:{name}")


def score(name: str = "h1") -> Account:
    return ledger.member("SCORE", f"score:{name}", floor=None)


def day(text: str) -> date:
    return date.fromisoformat(text)


def noon(on: date | str) -> datetime:
    """12:00 in the village on that day, as the instant it is."""
    on = day(on) if isinstance(on, str) else on
    return datetime(on.year, on.month, on.day, 4, tzinfo=UTC)


def entry(kind: str, on: str, *transfers: Transfer, key: str | None = None, scope: str = "test",
          **more: Any) -> Entry:
    return Entry(scope, key or f"k{next(_keys)}", kind, day(on), transfers, **more)


def earn(amount: int, on: str, due: str | None = None, to: Account | None = None, **more: Any) -> Entry:
    return entry("earned", on, Transfer(BUDGET, to or wallet(), amount, day(due) if due else None), **more)


def spend(amount: int, on: str, by: Account | None = None, **more: Any) -> Entry:
    return entry("sale", on, Transfer(by or wallet(), SPENT, amount), **more)


def deduct(amount: int, on: str, by: Account | None = None, **more: Any) -> Entry:
    return entry("deducted", on, Transfer(by or wallet(), PENALTY, amount), may_go_below=True, **more)


class Book:
    """One book on one database; every verb is its own committed transaction, recorded at noon of `now`."""

    def __init__(self, engine: Engine, now: str = "2026-03-01") -> None:
        self.engine, self.now = engine, now

    def post(self, *entries: Entry, at: str | None = None, each: bool = False) -> list[Outcome]:
        latest = max(one.effective_on for one in entries).isoformat()
        with write_connection(self.engine) as connection:
            return ledger.post(connection, BOOK, entries, recorded_at=noon(at or latest), each=each)

    def one(self, what: Entry, at: str | None = None) -> UUID:
        transaction_id = self.post(what, at=at)[0].transaction_id
        assert transaction_id is not None
        return transaction_id

    def reverse(self, transaction_id: UUID, on: str, at: str | None = None, **more: Any) -> Outcome:
        more.setdefault("scope", "test")
        more.setdefault("key", f"k{next(_keys)}")
        with write_connection(self.engine) as connection:
            return ledger.reverse(connection, BOOK, transaction_id, effective_on=day(on),
                                  recorded_at=noon(at or on), **more)

    def sweep(self, today: str) -> int:
        with write_connection(self.engine) as connection:
            return ledger.expire(connection, BOOK, today=day(today), recorded_at=noon(today))

    def balance(self, of: Account | None = None, **more: Any) -> int:
        of = of or wallet()
        with self.engine.connect() as connection:
            return ledger.balances(connection, BOOK, [of], **more)[of].posted

    def available(self, today: str, of: Account | None = None) -> int:
        of = of or wallet()
        with self.engine.connect() as connection:
            return ledger.balances(connection, BOOK, [of], today=day(today))[of].available

    def lines(self, of: Account | None = None, **more: Any) -> list[ledger.Line]:
        with self.engine.connect() as connection:
            return ledger.lines(connection, BOOK, of or wallet(), **more)

    def expiring(self, today: str, of: Account | None = None) -> list[tuple[str, int]]:
        with self.engine.connect() as connection:
            found = ledger.expiring(connection, BOOK, of or wallet(), day(today))
        return [(on.isoformat(), amount) for on, amount in found]

    def findings(self) -> list[ledger.Finding]:
        with self.engine.connect() as connection:
            return ledger.check(connection, BOOK)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements run meanwhile; BEGIN, savepoints and planner settings left out."""
    seen: list[str] = []

    def note(_connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET LOCAL")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@contextmanager
def sent(engine: Engine) -> Iterator[list[str]]:
    """On SQLite, every statement that reached the database meanwhile, past SQLAlchemy too; triggers left out."""
    seen: list[str] = []

    def note(statement: str) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "--")) and statement not in seen[-1:]:
            seen.append(statement)  # one that runs a trigger is told twice

    def watch(driver: Any, *_: Any) -> None:
        driver.set_trace_callback(note)

    def leave(driver: Any, *_: Any) -> None:
        driver.set_trace_callback(None)

    watched = engine.dialect.name == "sqlite"
    if watched:
        event.listen(engine, "checkout", watch)
        event.listen(engine, "checkin", leave)
    try:
        yield seen
    finally:
        if watched:
            event.remove(engine, "checkout", watch)
            event.remove(engine, "checkin", leave)
