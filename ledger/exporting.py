"""A book as rows for other programs: CSV (a row per transfer) and JSON lines (a transaction each).

Streamed in the order of posting, 500 transactions at a time. Amounts stay whole numbers in smallest units. Journals
that a foreign program recomputes are in `ledger.journals`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger.records import TransactionView
from ledger.tables import transaction
from ledger.views import heads, viewed

PAGE = 500
CSV_COLUMNS = ("transaction", "line", "effective_on", "recorded_at", "kind", "rule", "place", "household", "person",
               "commodity", "debit", "credit", "amount", "due_on", "debit_seq", "debit_after", "credit_seq",
               "credit_after", "reverses", "reverses_line", "scope", "key", "meta")


def history(connection: Connection, book_id: int) -> Iterator[TransactionView]:
    """Every transaction of the book in the order of posting; `reversed_by` is left out, it has not happened yet."""
    last: UUID | None = None
    while True:
        query = heads(book_id).order_by(transaction.c.id).limit(PAGE)
        page = viewed(connection, book_id, query if last is None else query.where(transaction.c.id > last),
                      with_reversals=False)
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].id


def as_csv(connection: Connection, book_id: int) -> Iterator[str]:
    """Lines of a CSV file, its heading first."""
    yield csv_line(CSV_COLUMNS)
    for one in history(connection, book_id):
        for line in one.transfers:
            yield csv_line((
                one.id, line.line, one.effective_on, one.recorded_at.isoformat(), one.kind, one.rule, one.place,
                one.party.household, one.party.person, line.debit.commodity, line.debit.code, line.credit.code,
                line.amount, line.due_on, line.debit_seq, line.debit_after, line.credit_seq, line.credit_after,
                one.reverses, line.reverses_line, one.scope, one.key, json.dumps(one.meta, ensure_ascii=False)))


def csv_line(values: tuple[Any, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(["" if value is None else value for value in values])
    return out.getvalue()


def as_jsonl(connection: Connection, book_id: int) -> Iterator[str]:
    """One transaction a line."""
    for one in history(connection, book_id):
        yield json.dumps(as_record(one), ensure_ascii=False) + "\n"


def as_record(one: TransactionView) -> dict[str, Any]:
    """A transaction as JSON says it."""
    return {
        "id": str(one.id), "scope": one.scope, "key": one.key, "kind": one.kind,
        "effective_on": one.effective_on.isoformat(), "recorded_at": one.recorded_at.isoformat(),
        "household": text(one.party.household), "person": text(one.party.person), "rule": one.rule,
        "place": one.place, "reverses": text(one.reverses), "may_go_below": one.may_go_below, "meta": one.meta,
        "transfers": [{
            "line": line.line, "debit": line.debit.code, "credit": line.credit.code,
            "commodity": line.debit.commodity, "amount": line.amount, "due_on": text(line.due_on),
            "debit_seq": line.debit_seq, "debit_after": line.debit_after, "credit_seq": line.credit_seq,
            "credit_after": line.credit_after, "reverses_line": line.reverses_line} for line in one.transfers],
    }


def text(value: UUID | date | None) -> str | None:
    return None if value is None else str(value)


ROWS: dict[str, Callable[[Connection, int], Iterator[str]]] = {"csv": as_csv, "jsonl": as_jsonl}
