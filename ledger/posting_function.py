"""The shortest road behind the door: one plain transaction by one call of a PostgreSQL function.

Most postings are plain: accounts that are open, nothing held, nothing lapsed, no back-dated debit, a key that is free.
For these the function `ledger_post` (its migration says how) locks, judges and writes in one round trip; on a
connection in autocommit mode that is all there is. For anything else, a refusal included, it answers NULL and has
written nothing, and the door goes on by its statements: what is refused, replayed or lapsed is decided in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from ledger.days import shanghai_day
from ledger.drafts import as_json, hash_of_entry
from ledger.plain import gather
from ledger.planning import new_id
from ledger.records import Entry, Outcome, hex_id
from ledger.store_copy import escaped

TYPES = ("integer", "uuid", "text", "text", "text", "bytea", "date", "timestamptz", "date", "uuid", "uuid", "text",
         "text", "boolean", "json", "uuid[]", "bigint[]", "uuid[]", "bigint[]", "integer[]", "integer[]", "text[]",
         "bigint[]", "date[]")
CALL = f"SELECT ledger_post({', '.join(f'${number}::{name}' for number, name in enumerate(TYPES, start=1))})".encode()
# Text, ids, JSON and the hash go as they are, with their length; days, numbers and lists as the server's own text.
RAW = [int(name in ("text", "uuid", "bytea", "json")) for name in TYPES]
NAME = b"ledger_post"
USABLE = ("SELECT coalesce(has_function_privilege(to_regproc('ledger_post')::oid, 'EXECUTE'), false)")
_usable: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()


def usable(connection: Connection) -> bool:
    """Is the function there for this engine? Asked once; a library's user may have tables without it."""
    if connection.dialect.driver != "psycopg":
        return False
    known = _usable.get(connection.engine)
    if known is None:
        known = _usable[connection.engine] = bool(connection.exec_driver_sql(USABLE).scalar())
    return known


def post_one(connection: Connection, book_id: int, entry: Entry, recorded_at: datetime) -> list[Outcome] | None:
    """Post a plain entry; None, with nothing written, for one that is not plain."""
    today = shanghai_day(recorded_at)
    if not usable(connection) or (asked := gather((entry,), today)) is None:
        return None
    accounts, places, lines = asked.accounts, asked.places, entry.transfers
    ids = [hex_id(one.commodity, one.code) for one in accounts]
    order = sorted(range(len(ids)), key=lambda place: (not accounts[place].is_member, ids[place]))
    number = {place: str(at) for at, place in enumerate(order, start=1)}
    members = [place for place in order if accounts[place].is_member]
    nets = [0] * len(ids)
    for line, debit, credit in zip(lines, places[::2], places[1::2], strict=True):
        nets[debit] -= line.amount
        nets[credit] += line.amount
    transaction_id, party = new_id(), entry.party
    meta = as_json(entry.meta) if entry.meta else "{}"
    before = call(connection, [
        b"%d" % book_id, transaction_id.bytes, entry.scope.encode(), entry.key.encode(), entry.kind.encode(),
        hash_of_entry(entry, meta), entry.effective_on.isoformat().encode(), recorded_at.isoformat().encode(),
        today.isoformat().encode(), party.household.bytes if party.household else None,
        party.person.bytes if party.person else None, None if entry.rule is None else entry.rule.encode(),
        None if entry.place is None else entry.place.encode(), b"t" if entry.may_go_below else b"f", meta.encode(),
        array([ids[place] for place in order]), array([accounts[place].floor for place in members]),
        array([one.id if (one := accounts[place].expires_to) else None for place in members]),
        array([max(0, -nets[place]) for place in members]), array([number[place] for place in places[::2]]),
        array([number[place] for place in places[1::2]]),
        ("{" + ",".join([f'"{escaped(line.debit.commodity)}"' for line in lines]) + "}").encode(),
        array([line.amount for line in lines]), array([line.due_on for line in lines])])
    if before is None:
        return None
    balances = {accounts[place]: (was := int(text), was + nets[place])
                for place, text in zip(members, before[1:-1].split(b","), strict=True)}
    return [Outcome(transaction_id, False, balances, None, recorded_at)]


def call(connection: Connection, parameters: list[bytes | None]) -> bytes | None:
    """The function's answer, by libpq itself: two dozen parameters take longer on the driver's road than the posting.

    Prepared where a lost statement can be prepared again, in autocommit mode: the driver deallocates all of them after
    a rollback, and inside a transaction an error ends it.
    """
    from psycopg.errors import InvalidSqlStatementName, error_from_result
    from psycopg.pq import ExecStatus, TransactionStatus

    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    libpq = driver.pgconn
    if driver.autocommit and libpq.transaction_status == TransactionStatus.IDLE:
        result = libpq.exec_prepared(NAME, parameters, RAW, 0)
        if result.status == ExecStatus.FATAL_ERROR and isinstance(error_from_result(result), InvalidSqlStatementName):
            libpq.prepare(NAME, CALL)
            result = libpq.exec_prepared(NAME, parameters, RAW, 0)
    else:
        if libpq.transaction_status == TransactionStatus.IDLE:
            driver.execute("SELECT 1")  # begins the transaction, as the connection's options have it
        result = libpq.exec_params(CALL, parameters, None, RAW, 0)
    if result.status != ExecStatus.TUPLES_OK:
        raise error_from_result(result)
    return result.get_value(0, 0)  # type: ignore[no-any-return]


def array(values: Sequence[Any]) -> bytes:
    """Ids, days, whole numbers and NULLs as PostgreSQL's text of an array: nothing in them needs quoting."""
    return ("{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}").encode()
