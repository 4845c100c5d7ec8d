"""The sweep: post what has lapsed, and the switch that turns lapsing off for a book.

A debit posts its wallet's lapse by itself before it takes anything, so a late sweep changes nothing; the sweep is for
wallets that nobody touches. It ends their holds whose time is over first.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from ledger.days import shanghai_day
from ledger.errors import FutureDay
from ledger.planning import Plan
from ledger.posting import load_dues, load_holds, load_returns, ready_members, save
from ledger.reading import overdue_query
from ledger.records import Account
from ledger.stores import store_for

CHUNK = 2_000


def expire(connection: Connection, book_id: int, *, today: date, recorded_at: datetime, limit: int = 2_000) -> int:
    """Post everything that lapsed before `today`, for about `limit` accounts; how many had something.

    Each cut-off day is a transaction of its own (kind 'expired'), effective the day after. Call again, in a new
    transaction, until it gives 0: running it twice, or never, changes no answer. Statements: 12 per 2,000 accounts.
    """
    if today > shanghai_day(recorded_at):
        raise FutureDay(today, shanghai_day(recorded_at))
    store = store_for(connection, book_id, copying=True)
    if not store.lapses_on():
        return 0
    done, query = 0, overdue_query(book_id, today, CHUNK)
    rows = connection.execute(query).all()
    while rows and done < limit:
        accounts = [Account(row.commodity, row.code, True, row.floor) for row in rows]
        members = ready_members(store, accounts)  # locked: what follows is read afresh
        plan = Plan(members, shanghai_day(recorded_at), True, store.closed_until(), recorded_at)
        load_holds(store, list(members.values()))
        load_dues(store, list(members.values()))
        load_returns(store, [member for member in members.values() if member.overdue(today) + member.held > 0])
        for member in members.values():  # as a debit does: what a hold hands back lapses before what fell due later
            plan.time_out(member)
        done += sum(plan.lapse(member, today) > 0 for member in members.values())
        save(store, plan, recorded_at)
        rows = connection.execute(overdue_query(book_id, today, CHUNK, after=rows[-1].id)).all()
    return done


def switch_expiry(connection: Connection, book_id: int, on: bool) -> None:
    """Turn lapsing on or off for a book. Off: nothing is posted as expired, whatever the due days say; nothing that was
    posted is undone. On again: what lapsed meanwhile and was not spent lapses at the next debit or sweep.
    """
    store = store_for(connection, book_id)
    connection.exec_driver_sql(store.sql(
        "INSERT INTO ledger_book (book_id, lapses) VALUES (?, ?) "
        "ON CONFLICT (book_id) DO UPDATE SET lapses = excluded.lapses"), (book_id, on))


def expiry_is_on(connection: Connection, book_id: int) -> bool:
    return store_for(connection, book_id).lapses_on()
