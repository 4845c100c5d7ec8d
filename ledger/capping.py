"""Carry-over caps: of what an account holds at the end of a cut-off day, only so much is carried on.

    cap_carried(connection, 230199, wallets, cut_off=date(2026, 12, 31), most=10_000, recorded_at=now)

The rest leaves to where its lapsed value leaves (`expires_to`), as a transaction of kind 'capped', effective the day
after the cut-off. It is a debit like any other, so it takes the oldest value first, and what lapses at the cut-off by
its own due day is not counted twice. What is held is left alone. An account is capped once for a day: running it again,
or after more has happened, takes nothing more from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.days import ONE_DAY, shanghai_day
from ledger.errors import FutureDay
from ledger.expiry import LAPSED_KIND
from ledger.periods import closed_until
from ledger.posting import lock_members, post
from ledger.reading import among, balances, like, of_transfer
from ledger.records import Account, Entry, Transfer, member, system
from ledger.tables import account, transaction, transfer

SCOPE, CAPPED_KIND = "carry-cap", "capped"
CHUNK = 500


def cap_carried(connection: Connection, book_id: int, accounts: Sequence[Account], *, cut_off: date,
                most: int | None = None, percent: int | None = None, recorded_at: datetime) -> dict[Account, int]:
    """Take away what may not be carried on; how much, of the accounts that had too much.

    `most`: the most that is carried, in smallest units; `percent`: no more than this share of what there is, rounded
    down. With both, whichever is less. Raises FutureDay. Statements: about 35 per 500 accounts.
    """
    if (most is None and percent is None) or (most or 0) < 0 or not 0 <= (100 if percent is None else percent) <= 100:
        raise ValueError("a cap is a number not below 0, a percentage from 0 to 100, or both")
    if cut_off >= shanghai_day(recorded_at):
        raise FutureDay(cut_off + ONE_DAY, shanghai_day(recorded_at))
    if wrong := next((one for one in accounts if one.expires_to is None), None):
        raise ValueError(f"{wrong.code}: it does not say where lapsed value leaves to")
    taken: dict[Account, int] = {}
    for start in range(0, len(accounts), CHUNK):
        some = sorted(set(accounts[start:start + CHUNK]), key=lambda one: one.id)
        lock_members(connection, book_id, some)
        taken |= cap_some(connection, book_id, some, cut_off, most, percent, recorded_at)
    return taken


def cap_some(connection: Connection, book_id: int, some: Sequence[Account], cut_off: date, most: int | None,
             percent: int | None, recorded_at: datetime) -> dict[Account, int]:
    then = balances(connection, book_id, some, on=cut_off)
    now = balances(connection, book_id, some, today=shanghai_day(recorded_at))
    done, lapsed = capped_before(connection, book_id, some, cut_off), lapsed_at(connection, book_id, some, cut_off)
    due = balances(connection, book_id, some, today=cut_off + ONE_DAY)  # its lapses that are not posted yet
    closed = closed_until(connection, book_id)
    meta = {name: value for name, value in (("cut_off", cut_off.isoformat()), ("most", most), ("percent", percent))
            if value is not None}
    day = cut_off + ONE_DAY if closed is None or closed <= cut_off else closed + ONE_DAY
    entries, taken = [], {}
    for one in some:
        has = then[one].posted - lapsed.get(one.id, 0) - due[one].lapsed - now[one].held
        allowed = min(value for value in (most, None if percent is None else has * percent // 100) if value is not None)
        excess = min(has - max(allowed, 0), now[one].available)
        if excess > 0 and key_of(one, cut_off) not in done:
            assert one.expires_to is not None
            entries.append(Entry(SCOPE, key_of(one, cut_off), CAPPED_KIND, day,
                                 (Transfer(one, one.expires_to, excess),), meta=meta))
            taken[one] = excess
    post(connection, book_id, entries, recorded_at=recorded_at)
    return taken


def key_of(one: Account, cut_off: date) -> str:
    return f"{cut_off.isoformat()}:{one.id.hex}"


def capped_before(connection: Connection, book_id: int, some: Sequence[Account], cut_off: date) -> set[str]:
    """The keys of accounts that were capped for this day already."""
    return set(connection.scalars(select(transaction.c.key).where(
        transaction.c.book_id == book_id, transaction.c.scope == SCOPE,
        transaction.c.key.in_([key_of(one, cut_off) for one in some]))))


def lapsed_at(connection: Connection, book_id: int, some: Sequence[Account], cut_off: date) -> Mapping[UUID, int]:
    """What lapsed at the cut-off by its own due day and is posted, effective the day after."""
    rows = connection.execute(
        select(transfer.c.debit_account, func.sum(transfer.c.amount).label("amount")).join(transaction, of_transfer())
        .where(transfer.c.book_id == book_id, among(connection, transfer.c.debit_account, [one.id for one in some]),
               transfer.c.effective_on == cut_off + ONE_DAY, transaction.c.kind == LAPSED_KIND)
        .group_by(transfer.c.debit_account))
    return {row.debit_account: int(row.amount) for row in rows}


def lapsing_accounts(connection: Connection, book_id: int, commodity: str, prefix: str) -> list[Account]:
    """The member accounts of these codes whose value can lapse, in the order of codes; one statement."""
    to = account.alias("to")
    rows = connection.execute(
        select(account.c.code, account.c.floor, to.c.code.label("leaves_to"))
        .join(to, (to.c.book_id == account.c.book_id) & (to.c.id == account.c.expires_to))
        .where(account.c.book_id == book_id, account.c.commodity == commodity, account.c.is_member,
               account.c.code.like(like(prefix), escape="\\")).order_by(account.c.code))
    return [member(commodity, row.code, row.floor, system(commodity, row.leaves_to)) for row in rows]
