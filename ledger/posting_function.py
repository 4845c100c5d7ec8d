"""The shortest road behind the door: one plain transaction by one call of a PostgreSQL function.

Most postings are plain: accounts that are open, nothing held, nothing lapsed, no back-dated debit, a key that is free.
For these the function `ledger_post` (its migration says how) locks, judges and writes in one round trip; on a
connection in autocommit mode that is all there is. For anything else, a refusal included, it answers NULL and has
written nothing, and the door goes on by its statements: what is refused, replayed or lapsed is decided in one place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from ledger.days import shanghai_day
from ledger.drafts import as_json, hash_of_entry
from ledger.planning import new_id
from ledger.records import Account, Entry, Outcome

CALL = ("SELECT ledger_post(%s::integer, %s::uuid, %s::text, %s::text, %s::text, %s::bytea, %s::date, "
        "%s::timestamptz, %s::date, %s::uuid, %s::uuid, %s::text, %s::text, %s::boolean, %s::json, %s::uuid[], "
        "%s::bigint[], %s::uuid[], %s::bigint[], %s::integer[], %s::integer[], %s::text[], %s::bigint[], %s::date[])")
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
    if entry.effective_on > today or not usable(connection):
        return None
    members: dict[UUID, Account] = {}
    systems: dict[UUID, Account] = {}
    nets: dict[UUID, int] = {}
    for line in entry.transfers:
        for account, change in ((line.debit, -line.amount), (line.credit, line.amount)):
            key = account.id
            if not account.is_member:
                systems[key] = account
                continue
            if nets.get(key, change) * change < 0:
                return None  # it gives and takes at once: the order of its lines matters
            members[key] = account
            nets[key] = nets.get(key, 0) + change
    order = sorted(members)
    place = {key: number for number, key in enumerate((*order, *systems), start=1)}
    owners = [members[key] for key in order]
    transaction_id, lines, party = new_id(), entry.transfers, entry.party
    meta = as_json(entry.meta) if entry.meta else "{}"
    parameters = (
        book_id, transaction_id, entry.scope, entry.key, entry.kind, hash_of_entry(entry, meta), entry.effective_on,
        recorded_at, today, party.household, party.person, entry.rule, entry.place, entry.may_go_below, meta,
        array(place), array(one.floor for one in owners),
        array(one.expires_to.id if one.expires_to else None for one in owners),
        array(max(0, -nets[key]) for key in order),
        array(place[line.debit.id] for line in lines), array(place[line.credit.id] for line in lines),
        [line.debit.commodity for line in lines], array(line.amount for line in lines),
        array(line.due_on for line in lines))
    if not connection.in_transaction():
        connection.begin()
    driver = connection.connection.driver_connection
    assert driver is not None
    before = driver.execute(CALL, parameters, prepare=True, binary=True).fetchone()[0]
    if before is None:
        return None
    return [Outcome(transaction_id, False,
                    {one: (was, was + nets[key]) for key, one, was in zip(order, owners, before, strict=True)},
                    None, recorded_at)]


def array(values: Any) -> str:
    """Ids, days, whole numbers and NULLs as PostgreSQL's text of an array: nothing in them needs quoting."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
