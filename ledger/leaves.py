"""Leaves: the canonical bytes of a posted transaction, made from its stored rows alone.

A leaf is a row of fields, each as `<length in bytes>:<text>,` or `-` when there is none, so no two contents share
their bytes. It holds what the rows hold: ids, amounts, days, rule and place; never a name (law 11).

    >>> packed(["ab", None, 7])
    b'2:ab,-1:7,'

The layout (format 1): "1", book, the fields of HEAD, the number of transfers, then the fields of LINE for each
transfer in line order. Ids are 32 hex digits, days YYYY-MM-DD, instants UTC with microseconds, `meta` is JSON with
sorted keys and ASCII only. `ledger/verifier.py` says the same in its own words; a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ledger.store import Store

FORMAT = "1"
HEAD = ("id", "scope", "key", "kind", "content_hash", "effective_on", "recorded_at", "household", "person", "rule",
        "place", "reverses", "may_go_below", "meta")
LINE = ("line", "debit_account", "credit_account", "commodity", "amount", "effective_on", "due_on", "debit_seq",
        "debit_after", "credit_seq", "credit_after", "reverses_line")
UUIDS = {"id", "household", "person", "reverses", "debit_account", "credit_account", "transaction_id", "account_id"}
DAYS = {"effective_on", "due_on"}
POSTGRESQL = {"uuid": "encode(uuid_send({}), 'hex')", "bytes": "encode({}, 'hex')",
              "day": "to_char({}, 'YYYY-MM-DD')", "bool": "{}::int", "json": "{}::text", "plain": "{}",
              "instant": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"}
SQLITE = {"uuid": "{}", "bytes": "lower(hex({}))", "day": "{}", "bool": "{}", "json": "{}", "plain": "{}",
          "instant": "replace({}, ' ', 'T') || 'Z'"}
Row = Sequence[Any]


class Posted(NamedTuple):
    """A transaction as its rows say it: HEAD values, and LINE values of each transfer in line order."""

    head: Row
    lines: list[Row]

    @property
    def id(self) -> str:
        return str(self.head[0])


def sort_of(name: str) -> str:
    if name in UUIDS:
        return "uuid"
    if name in DAYS:
        return "day"
    return {"content_hash": "bytes", "recorded_at": "instant", "may_go_below": "bool", "meta": "json"}.get(
        name, "plain")


def columns(store: Store, alias: str, names: Iterable[str]) -> str:
    """The SELECT list that gives these columns as the canonical texts and whole numbers."""
    forms = POSTGRESQL if store.connection.dialect.name == "postgresql" else SQLITE
    return ", ".join(forms[sort_of(name)].format(f"{alias}.{name}") for name in names)


def column(store: Store, alias: str, name: str) -> str:
    return columns(store, alias, (name,))


def ids_in(store: Store, ids: Sequence[str]) -> Any:
    """Hex ids as the one parameter that `{ids}` stands for."""
    return list(ids) if store.connection.dialect.name == "postgresql" else json.dumps(list(ids))


def run(store: Store, statement: str, *parameters: Any) -> Sequence[Row]:
    """A statement with `?` for parameters and `{ids}` for 'is one of these hex ids'."""
    several = ("= ANY(?::uuid[])" if store.connection.dialect.name == "postgresql"
               else "IN (SELECT value FROM json_each(?))")
    result = store.connection.exec_driver_sql(store.sql(statement.replace("{ids}", several)), parameters)
    rows: Sequence[Row] = result.cursor.fetchall()  # the driver's plain tuples: these are read by the million
    result.close()
    return rows


def with_lines(store: Store, heads: Sequence[Row]) -> Iterator[Posted]:
    """The transactions whose HEAD values these are, with their transfers; one statement."""
    if not heads:
        return
    lines: dict[str, list[Row]] = {}
    for row in run(store, f"SELECT {columns(store, 'f', ('transaction_id', *LINE))} FROM ledger_transfer f "
                          "WHERE f.book_id = ? AND f.transaction_id {ids} ORDER BY f.transaction_id, f.line",
                   store.book_id, ids_in(store, [head[0] for head in heads])):
        lines.setdefault(row[0], []).append(row[1:])
    for head in heads:
        yield Posted(head[:len(HEAD)], lines.get(head[0], []))


in_one_form = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@lru_cache(maxsize=4_096)
def canonical_json(text: str) -> str:
    """JSON text in its one form; what is no JSON (somebody wrote over it) is marked, so that it never passes.

    >>> canonical_json('{"b": 1, "a": "é"}')
    '{"a":"\\\\u00e9","b":1}'
    """
    try:
        return in_one_form(json.loads(text))
    except ValueError:
        return f"!{text}"


def packed(fields: Sequence[object]) -> bytes:
    """Fields as bytes, each with its length."""
    joined = "".join(["-" if field is None
                      else f"{len(text := field if type(field) is str else str(field))}:{text}," for field in fields])
    if joined.isascii():  # nearly always: then characters are bytes
        return joined.encode()
    raws = (None if field is None else str(field).encode("utf-8", "surrogatepass") for field in fields)
    return b"".join(b"-" if raw is None else b"%d:%b," % (len(raw), raw) for raw in raws)


def leaf_bytes(book_id: int, posted: Posted) -> bytes:
    """The bytes whose hash the log holds."""
    head, lines = posted
    meta = head[-1]
    fields = [FORMAT, book_id, *head[:-1], "{}" if meta == "{}" else canonical_json(str(meta)), len(lines)]
    for line in lines:
        fields += line
    return packed(fields)
