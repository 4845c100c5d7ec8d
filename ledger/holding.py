"""Holds: value set aside in a member account, to be captured (all or part) or released. Law 6.

    made = hold(connection, 230199, Hold("till:3", key, wallet, 300, expires_at=in_half_an_hour), recorded_at=now)
    capture(connection, 230199, made.hold.id, Entry(…, (Transfer(wallet, spent, 250),)), recorded_at=now)   # 50 go back

What can be spent is what is posted less what is held, whoever asks and however many at once: a hold changes only under
the lock of its account. A hold without `expires_at` is a *lease*, for a till that works without a line; it can be
captured bit by bit (`keep_rest`). A hold whose time is over binds nothing from that moment on: the next debit of its
account ends it, `expire_holds` is only the sweep. Held value does not lapse; what of it fell due lapses when it is
handed back. A capture never adds to what a wallet owes: where a deduction pushed the posted balance below what is
held, the floor still refuses it (`may_go_below` in the entry is the caller's word that the goods are gone already).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, select

from ledger.days import shanghai_day
from ledger.drafts import as_json, draft_of, hash_of
from ledger.errors import BelowFloor, HoldEnded, HoldTimedOut, KeyReused, MoreThanHeld, TooContended, UnknownHold
from ledger.held import CAPTURED, RELEASED, TIMED_OUT, Hold, HoldOutcome, HoldView, Share
from ledger.planning import Member, Plan, new_id
from ledger.posting import (
    ATTEMPTS,
    load_dues,
    load_history,
    load_holds,
    lock_members,
    may_lapse,
    ready_members,
    save,
    write,
)
from ledger.reading import among
from ledger.records import Account, Entry, Outcome, Party
from ledger.store import Store
from ledger.stores import store_for
from ledger.tables import account
from ledger.tables import capture as captured
from ledger.tables import hold as held

CHUNK = 500


def hold(connection: Connection, book_id: int, wanted: Hold, *, recorded_at: datetime) -> HoldOutcome:
    """Set value aside. The same (scope, key) with the same content gives the first hold again, marked as a replay.

    Raises BelowFloor (naming what is available), KeyReused. Statements: at most 16.
    """
    if wanted.expires_at is not None and wanted.expires_at <= recorded_at:
        raise ValueError("a hold that is over before it begins")
    store, owner = store_for(connection, book_id), wanted.account
    text = as_json(wanted.meta)
    until = wanted.expires_at and wanted.expires_at.astimezone(UTC).isoformat()
    content = hash_of("hold", wanted.kind, owner.commodity, owner.code, wanted.amount, until, wanted.party.household,
                      wanted.party.person, wanted.place, text)
    for _ in range(ATTEMPTS):
        member = ready_members(store, [owner])[owner.id]
        if first := connection.execute(views(book_id).where(held.c.scope == wanted.scope,
                                                            held.c.key == wanted.key)).one_or_none():
            if bytes(first.content_hash) != content:
                raise KeyReused(first.id, first.reserved_at)
            return HoldOutcome(view_of(first), True, member.posted - member.held)
        plan = plan_of(store, {owner.id: member}, recorded_at)
        plan.time_out(member)
        plan.lapse(member, plan.today)
        available = member.posted - member.held - (member.floor or 0)
        if member.floor is not None and wanted.amount > available:
            raise BelowFloor(owner, wanted.amount, available, plan.today, member.held)
        hold_id = new_id()
        row = (hold_id, wanted.scope, wanted.key, wanted.kind, content, owner.id, wanted.amount, 0, recorded_at,
               wanted.expires_at, member.last_seq, wanted.party.household, wanted.party.person, wanted.place, text)
        if store.insert_hold(row):
            member.held += wanted.amount
            plan.touched.add(owner.id)
            save(store, plan, recorded_at)
            return HoldOutcome(one_hold(connection, book_id, hold_id), False, member.posted - member.held)
    raise TooContended()


def capture(connection: Connection, book_id: int, hold_ids: UUID | Iterable[UUID], entry: Entry, *,
            recorded_at: datetime, keep_rest: bool = False) -> Outcome:
    """Post an entry whose debits come out of holds: of a hold's account, all the entry takes, up to what is held.

    Several holds (points and goods of one reservation) are captured together, at most one of each account. What is left
    of them is released, or stays held with `keep_rest`. Same key again: the first result, as a replay, whatever became
    of the hold. Raises UnknownHold, HoldTimedOut, HoldEnded, MoreThanHeld and what `post` raises; then nothing is
    posted. Statements: at most 27.
    """
    ids = (hold_ids,) if isinstance(hold_ids, UUID) else tuple(hold_ids)
    draft = draft_of(entry)
    content = hash_of("capture", sorted(ids), keep_rest, draft.content_hash.hex())
    owners = [one.account for one in some_holds(connection, book_id, ids)]
    lock_members(connection, book_id, [*owners, *(side for line in draft.lines for side in (line.debit, line.credit))])
    shares: tuple[Share, ...] = ()
    if not store_for(connection, book_id).keys([(entry.scope, entry.key)]):
        found = some_holds(connection, book_id, ids)  # again: until the lock was ours, others could change them
        if len({one.account for one in found}) < len(found):
            raise ValueError("one entry captures at most one hold of each account")
        shares = tuple(share_of(connection, book_id, one, entry, recorded_at, keep_rest) for one in found)
    draft = replace(draft, content_hash=content, captures=shares)
    return write(connection, book_id, [draft], recorded_at=recorded_at, each=False)[0]


def share_of(connection: Connection, book_id: int, one: HoldView, entry: Entry, recorded_at: datetime,
             keep_rest: bool) -> Share:
    """What the entry takes out of one hold, if it may."""
    still_open(connection, book_id, one, recorded_at)
    asked = sum(move.amount for move in entry.transfers if move.debit == one.account)
    if asked == 0:
        raise ValueError(f"the entry takes nothing from {one.account.code}")
    if asked > one.left:
        raise MoreThanHeld("transfers", hold=str(one.id), left=one.left, asked=asked)
    return Share(one.id, one.account.id, asked, keep_rest, one.since_seq)


def still_open(connection: Connection, book_id: int, one: HoldView, recorded_at: datetime) -> None:
    """Raises the refusal that names what became of the hold."""
    late = one.ended_at is None and one.expires_at is not None and one.expires_at <= recorded_at
    if late or one.ended_as == TIMED_OUT:
        member = ready_members(store_for(connection, book_id), [one.account])[one.account.id]
        store = store_for(connection, book_id)
        plan = plan_of(store, {member.account_id: member}, recorded_at)
        plan.time_out(member)
        plan.lapse(member, plan.today)
        raise HoldTimedOut(one, member.posted - member.held - (member.floor or 0))
    if one.ended_at is not None:
        by = connection.execute(select(captured.c.transaction_id).where(
            captured.c.book_id == book_id, captured.c.hold_id == one.id)
            .order_by(captured.c.transaction_id.desc()).limit(1)).scalar()
        raise HoldEnded(one, by)


def release(connection: Connection, book_id: int, hold_id: UUID, *, recorded_at: datetime) -> HoldOutcome:
    """Hand back what is left of a hold; what of it fell due meanwhile lapses at once. Again: the same, as a replay.

    One whose time was over is (or was) ended as timed out, which comes to the same. Raises UnknownHold; HoldEnded where
    the hold was captured. Statements: at most 14.
    """
    owner = one_hold(connection, book_id, hold_id).account
    store = store_for(connection, book_id)
    member = ready_members(store, [owner])[owner.id]
    found = one_hold(connection, book_id, hold_id)
    if found.ended_as == CAPTURED:
        still_open(connection, book_id, found, recorded_at)
    if found.ended_at is not None:
        return HoldOutcome(found, True, member.posted - member.held)
    plan = plan_of(store, {owner.id: member}, recorded_at)
    plan.time_out(member)
    if hold_id in member.holds:
        plan.end_hold(member, member.holds[hold_id], RELEASED, plan.today)
    save(store, plan, recorded_at)
    return HoldOutcome(one_hold(connection, book_id, hold_id), False, member.posted - member.held)


def expire_holds(connection: Connection, book_id: int, now: datetime, *, limit: int = CHUNK) -> int:
    """End the holds whose time is over, of about `limit` of them; how many. Call again, in a new transaction, until it
    gives 0. A late run, or none, changes no answer: a debit ends its account's holds by itself. Statements: at most 15.
    """
    rows = connection.execute(views(book_id).where(held.c.ended_at.is_(None), held.c.lapses_at <= now)
                              .order_by(held.c.lapses_at, held.c.id).limit(limit)).all()
    if not rows:
        return 0
    store = store_for(connection, book_id)
    members = ready_members(store, list({view_of(row).account: None for row in rows}))
    plan = plan_of(store, members, now)
    done = sum(plan.time_out(member) for member in members.values())
    save(store, plan, now)
    return done


def plan_of(store: Store, members: dict[UUID, Member], recorded_at: datetime) -> Plan:
    """A plan on locked members with what it takes to end their holds; at most six statements."""
    plan = Plan(members, shanghai_day(recorded_at), True, store.closed_until(), recorded_at)
    load_holds(store, list(members.values()))
    load_dues(store, [member for member in members.values() if member.expires_to is not None])
    load_history(store, plan, [member for member in members.values()
                               if may_lapse(member, plan.today, plan.today)])
    return plan


# -- reads ----------------------------------------------------------------------------------------------------------
def views(book_id: int) -> Select[Any]:
    return (select(held, account.c.commodity, account.c.code, account.c.floor)
            .join(account, (account.c.book_id == held.c.book_id) & (account.c.id == held.c.account_id))
            .where(held.c.book_id == book_id))


def view_of(row: Any) -> HoldView:
    return HoldView(row.id, row.scope, row.key, row.kind, Account(row.commodity, row.code, True, row.floor), row.amount,
                    row.captured, row.reserved_at, row.lapses_at, row.ended_at, row.ended_as,
                    Party(row.household, row.person), row.place, row.meta,
                    row.since_seq)


def one_hold(connection: Connection, book_id: int, hold_id: UUID) -> HoldView:
    """A hold as it stands; one statement. Raises UnknownHold."""
    return some_holds(connection, book_id, (hold_id,))[0]


def some_holds(connection: Connection, book_id: int, ids: Sequence[UUID]) -> list[HoldView]:
    rows = {row.id: view_of(row) for row in connection.execute(
        views(book_id).where(among(connection, held.c.id, ids)))}
    for key in ids:
        if key not in rows:
            raise UnknownHold(key)
    return [rows[key] for key in ids]


def open_holds(connection: Connection, book_id: int, owner: Account | None = None, *, kind: str | None = None,
               after: UUID | None = None, limit: int = 50) -> list[HoldView]:
    """Holds that stand, oldest first, of one account or of the whole book; one statement, page by id."""
    query = views(book_id).where(held.c.ended_at.is_(None))
    if owner is not None:
        query = query.where(held.c.account_id == owner.id)
    if kind is not None:
        query = query.where(held.c.kind == kind)
    if after is not None:
        query = query.where(held.c.id > after)
    return [view_of(row) for row in connection.execute(query.order_by(held.c.id).limit(min(limit, 1_000)))]


def find_hold(connection: Connection, book_id: int, scope: str, key: str) -> HoldView | None:
    """What was held under a key; one statement."""
    row = connection.execute(views(book_id).where(held.c.scope == scope, held.c.key == key)).one_or_none()
    return view_of(row) if row else None
