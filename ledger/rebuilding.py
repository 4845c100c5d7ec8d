"""`rebuild`: drop every derived row of a book and refill it from the transfers (law 10)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, insert

from ledger.folding import fold, fold_due, fold_held, whole_book
from ledger.tables import balance, due, turnover
from ledger.turnover_keeping import rebuild_turnovers

CHUNK = 1_000
REBUILT = (due, balance, turnover)


def rebuild(connection: Connection, book_id: int, progress: Callable[[int], None] = lambda _: None) -> int:
    """Refill balances, due days and turnovers; how many balance rows. Posting waits meanwhile.

    `check` is clean afterwards. What is held follows from the open holds. `progress` is told 1 after each of `REBUILT`.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE ledger_balance, ledger_due IN EXCLUSIVE MODE")
    held = {row.account_id: int(row.held) for row in connection.execute(fold_held(book_id))}
    with whole_book(connection):
        rows = [{"book_id": book_id, "account_id": one.account_id, "posted": one.posted,
                 "held": held.get(one.account_id, 0), "last_seq": one.last_seq, "out_total": one.out_total,
                 "last_due_on": one.last_due_on, "last_effective_on": one.last_effective_on,
                 "last_lapse_on": one.last_lapse_on} for one in fold(connection, book_id)]
        dues = [{"book_id": book_id, "account_id": row.account, "due_on": row.due_on, "credits": int(row.credits)}
                for row in connection.execute(fold_due(book_id))]
    for table, filled in ((due, dues), (balance, rows)):
        connection.execute(delete(table).where(table.c.book_id == book_id))
        refill(connection, table, filled)
        progress(1)
    rebuild_turnovers(connection, book_id)
    progress(1)
    return len(rows)


def refill(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(table), rows[start:start + CHUNK])
