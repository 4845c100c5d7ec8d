"""Plain entries on SQLite, one or a thousand: six statements on the driver's own cursor, in the caller's transaction.

Two read (the accounts as they stand; whether a key is taken, and the last closed day), the others write each table's
rows in one call. See `ledger.plain`. For each parameter that is no whole number, text or bytearray the driver looks for
an adapter, which takes as long as the row: so NULL travels as a value that its column never holds (`nullif`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from ledger.days import shanghai_day
from ledger.drafts import as_json, hash_of_entry
from ledger.plain import Asked, Batch, Standing, gather
from ledger.planning import new_id
from ledger.records import Account, Entry, Outcome, hex_id
from ledger.store_sqlite import AS_TEXT, day_of

STANDINGS = """
    SELECT wanted.key, a.is_member, a.floor, a.expires_to, b.posted, b.held, b.last_seq, b.out_total, b.last_due_on,
           b.last_effective_on, b.last_lapse_on, CASE WHEN a.expires_to IS NOT NULL THEN (
               SELECT sum(d.credits) FROM ledger_due d
               WHERE d.book_id = a.book_id AND d.account_id = a.id AND d.due_on < ?) END
    FROM json_each(?) AS wanted CROSS JOIN ledger_account a ON a.book_id = ? AND a.id = wanted.value
    LEFT JOIN ledger_balance b ON b.book_id = a.book_id AND b.account_id = a.id"""
TAKEN = """
    SELECT (SELECT closed_until FROM ledger_book WHERE book_id = ?), EXISTS (
        SELECT 1 FROM json_each(?) AS scopes CROSS JOIN json_each(scopes.value) AS keys CROSS JOIN ledger_transaction t
        ON t.book_id = ? AND t.scope = scopes.key AND t.key = keys.value)"""
TRANSACTION = """
    INSERT INTO ledger_transaction (book_id, recorded_at, id, scope, key, kind, content_hash, effective_on, household,
                                    person, rule, place, may_go_below, meta)
    VALUES ({book}, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?)"""
TRANSFER = """
    INSERT INTO ledger_transfer (book_id, transaction_id, line, debit_account, credit_account, commodity, amount,
                                 effective_on, due_on, debit_seq, debit_after, credit_seq, credit_after)
    VALUES ({book}, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''), nullif(?, ''))"""
UNSEALED = "INSERT INTO ledger_unsealed (book_id, transaction_id) VALUES ({book}, ?)"
DUE = """
    INSERT INTO ledger_due (book_id, account_id, due_on, credits) VALUES (?, ?, ?, ?)
    ON CONFLICT (book_id, account_id, due_on) DO UPDATE SET credits = credits + excluded.credits"""
NULL = ""
BALANCE = """
    UPDATE ledger_balance
    SET posted = ?, last_seq = ?, out_total = ?, last_due_on = nullif(?, ''), last_effective_on = ?
    WHERE book_id = {book} AND account_id = ?"""


@lru_cache(maxsize=4_000)
def native_day(day: date | None) -> str:
    return NULL if day is None else day.isoformat()


def post_plain(connection: Connection, book_id: int, entries: Sequence[Entry],
               recorded_at: datetime) -> list[Outcome] | None:
    """Post the entries; None, with nothing written, where one of them is not plain."""
    today = shanghai_day(recorded_at)
    asked = gather(entries, today)
    if asked is None:
        return None
    if not connection.in_transaction():
        connection.begin()
    cursor = connection.connection.cursor()
    by_scope: dict[str, list[str]] = {}
    for entry in entries:
        by_scope.setdefault(entry.scope, []).append(entry.key)
    closed_until, taken = cursor.execute(TAKEN, (book_id, json.dumps(by_scope), book_id)).fetchone()
    if taken or (standings := standings_of(cursor, book_id, asked, today)) is None:
        return None
    batch = Batch(today, None if closed_until is None else day_of(closed_until), native_day, NULL)
    ids = [new_id() for _ in entries]
    names = [f"{key.int:032x}" for key in ids]
    if not batch.book(entries, ids, names, [standings[place] for place in asked.places], recorded_at):
        return None
    write(cursor, book_id, entries, names, batch, standings, recorded_at)
    return batch.outcomes


def standings_of(cursor: Any, book_id: int, asked: Asked, today: date) -> list[Standing] | None:
    """Every account as it stands, in the order asked; None where one is missing or not as it was asked for."""
    accounts = asked.accounts
    ids = [hex_id(account.commodity, account.code) for account in accounts]
    order = sorted(range(len(ids)), key=ids.__getitem__)  # neighbours in the indexes stand on one page
    found: list[Any] = [None] * len(ids)
    wanted = json.dumps([ids[place] for place in order])
    for (number, is_member, floor, expires_to, posted, held, seq, gone, last_due, latest, lapsed_on,
         lapsed) in cursor.execute(STANDINGS, (native_day(today), wanted, book_id)):
        place = order[number]
        account = accounts[place]
        if bool(is_member) != account.is_member or not same_way_out(account, expires_to):
            return None
        if not is_member:
            found[place] = Standing(ids[place], False)
        elif posted is None or floor != account.floor:
            return None
        else:
            found[place] = Standing(
                ids[place], True, floor, posted, seq, gone, None if last_due is None else day_of(last_due),
                None if latest is None else day_of(latest), None if lapsed_on is None else day_of(lapsed_on),
                not held and (lapsed is None or lapsed <= gone))
    return None if None in found else found


def same_way_out(account: Account, expires_to: str | None) -> bool:
    """Does value lapse to where the caller says? Who says nothing takes what the book says."""
    target = account.expires_to
    return target is None or hex_id(target.commodity, target.code) == expires_to


def write(cursor: Any, book_id: int, entries: Sequence[Entry], names: Sequence[str], batch: Batch,
          standings: Sequence[Standing], recorded_at: datetime) -> None:
    at, book = AS_TEXT[datetime](recorded_at), int(book_id)
    heads = []
    for entry, name in zip(entries, names, strict=True):
        meta, party = as_json(entry.meta) if entry.meta else "{}", entry.party
        heads.append((at, name, entry.scope, entry.key, entry.kind, bytearray(hash_of_entry(entry, meta)),
                      native_day(entry.effective_on), party.household.hex if party.household else 0,
                      party.person.hex if party.person else 0, 0 if entry.rule is None else entry.rule,
                      0 if entry.place is None else entry.place, 1 if entry.may_go_below else 0, meta))
    cursor.executemany(TRANSACTION.format(book=book), heads)
    cursor.executemany(TRANSFER.format(book=book), batch.transfers)
    cursor.executemany(UNSEALED.format(book=book), [(name,) for name in names])
    if batch.dues:
        cursor.executemany(DUE, [(book, key, native_day(day), amount) for (key, day), amount in batch.dues.items()])
    cursor.executemany(BALANCE.format(book=book), [
        (one.posted, one.seq, one.gone, native_day(one.last_due), native_day(one.latest), one.id)
        for one in sorted(standings, key=attrgetter("id")) if one.is_member])
