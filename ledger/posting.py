"""The one door: `post()` and what it stands on. Nothing else writes transactions.

    with engine.begin() as connection:
        outcome, = post(connection, 230199, [Entry("user:7", key, "earned", day, (Transfer(budget, wallet, 300),))],
                        recorded_at=now)

In order: accounts are opened, the member accounts locked in account order, the keys (and with them the closed months)
looked up under that lock, what floors, holds and expiry need is loaded, everything is decided in Python, and the rows
are written. The number of statements does not depend on the number of entries. Shorter roads for what is plain stand
behind the same door (`ledger.roads`); this one is the reference they are held to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger import roads
from ledger.days import shanghai_day
from ledger.drafts import Draft, draft_of
from ledger.errors import BelowFloor, DomainError, FutureDay, KeyReused, PeriodClosed, TooContended
from ledger.expiry import GIVEN_BACK_KIND, LAPSED_KIND, Move, Role
from ledger.planning import Member, Plan
from ledger.records import Account, Entry, Outcome
from ledger.store import AccountRow, BalanceRow, KeyRow, OpenRow, Store
from ledger.stores import store_for

ATTEMPTS = 5
Name = tuple[str, str]  # an account's commodity and code: quicker to find things by than its id


def post(connection: Connection, book_id: int, entries: Sequence[Entry], *, recorded_at: datetime,
         each: bool = False) -> list[Outcome]:
    """Post entries in the caller's transaction: all or nothing, or, with `each`, item by item.

    The same (scope, key) with the same content gives the first result again, marked as a replay.
    Raises (or, with `each`, returns as refusals): BelowFloor, FutureDay, PeriodClosed, KeyReused. A refused item
    changed nothing. A debit ends its account's holds whose time is over. Statements: where all is plain one call for an
    entry and 9 for a batch on PostgreSQL, 6 or 7 on SQLite; else up to 21 more, whatever the number of entries.
    """
    done = None if roads.chosen() else roads.plain_road(connection, book_id, entries, recorded_at)
    return write(connection, book_id, [draft_of(entry) for entry in entries], recorded_at=recorded_at,
                 each=each) if done is None else done


def lock_members(connection: Connection, book_id: int, accounts: Iterable[Account]) -> None:
    """Open what is missing and lock the member accounts, in account order, until the transaction ends.

    Call it before any rule, limit or cap is read: on PostgreSQL it keeps two tills from passing one check together;
    on SQLite the caller's BEGIN IMMEDIATE already does.
    """
    store = store_for(connection, book_id)
    accounts = list(accounts)
    _, moved = open_accounts(store, accounts)
    lock(store, {account.id for account in accounts if account.is_member})
    store.set_expires_to(moved)


def write(connection: Connection, book_id: int, drafts: Sequence[Draft], *, recorded_at: datetime,
          each: bool) -> list[Outcome]:
    """Decide and write drafts, by the shortest road that takes whatever comes; see `post`."""
    if not drafts:
        return []
    with roads.whole(connection), roads.uncollected(len(drafts)):
        store, plan = (roads.chosen() or roads.shortest_road)(connection, book_id, len(drafts))
        return write_by_statements(store, drafts, recorded_at, each, plan)


def write_by_statements(store: Store, drafts: Sequence[Draft], recorded_at: datetime, each: bool,
                        kind_of_plan: type[Plan]) -> list[Outcome]:
    today = shanghai_day(recorded_at)
    for _ in range(ATTEMPTS):
        members = ready_members(store, [account for draft in drafts for line in draft.lines
                                        for account in (line.debit, line.credit)])
        rows, closed_until = store.look_up([(draft.scope, draft.key) for draft in drafts])
        known = {(row.scope, row.key): row for row in rows}
        fresh = [draft for draft in drafts if (draft.scope, draft.key) not in known]
        plan = kind_of_plan(members, today, True, closed_until, recorded_at)
        load(store, plan, fresh)
        outcomes = decide(plan, drafts, known, recorded_at, each)
        if save(store, plan, recorded_at):
            return with_first_balances(store, drafts, outcomes)
    raise TooContended()


# -- before: open, lock, load -----------------------------------------------------------------------------------
def ready_members(store: Store, accounts: Iterable[Account]) -> dict[UUID, Member]:
    """The accounts opened, their member balances locked and read."""
    accounts = list({(account.commodity, account.code): account for account in accounts}.values())
    rows, moved = open_accounts(store, accounts)
    by_id = {account.id: account for account in accounts if account.is_member}
    locked = lock(store, by_id)
    store.set_expires_to(moved)  # under the lock: done before it, two who move the same household wait for each other
    return {row.account_id: member_of(by_id[row.account_id], rows[row.account_id], row) for row in locked}


def member_of(account: Account, opened: AccountRow, row: BalanceRow) -> Member:
    return Member(account=account, account_id=row.account_id, floor=opened.floor, expires_to=opened.expires_to,
                  posted=row.posted, held=row.held, last_seq=row.last_seq, out_total=row.out_total,
                  last_due_on=row.last_due_on, last_effective_on=row.last_effective_on,
                  last_lapse_on=row.last_lapse_on)


def open_accounts(store: Store, accounts: Iterable[Account]) -> tuple[dict[UUID, AccountRow], dict[UUID, UUID]]:
    """Open missing accounts. What the book says of an account stands: a caller cannot lower a floor by asking.

    Also {account: where its value lapses to from now on}, where that is to change: `Store.set_expires_to` does it.
    """
    wanted: dict[UUID, Account] = {}
    for account in accounts:
        wanted[account.id] = account
        if account.expires_to is not None:
            wanted.setdefault(account.expires_to.id, account.expires_to)
    if not wanted:
        return {}, {}
    rows = store.accounts(list(wanted))
    if missing := sorted(wanted.keys() - rows.keys()):
        store.open([OpenRow(key, (account := wanted[key]).commodity, account.code, account.is_member, account.floor,
                            account.expires_to.id if account.expires_to else None) for key in missing])
        rows = store.accounts(list(wanted))
    moved: dict[UUID, UUID] = {}
    for key, account in wanted.items():
        row, target = rows[key], account.expires_to.id if account.expires_to else None
        if row.is_member != account.is_member or (row.is_member and row.floor != account.floor):
            raise ValueError(f"{account.commodity} {account.code} is open as {row}, not as {account}")
        if target is not None and row.expires_to != target:
            moved[key] = target
            rows[key] = row._replace(expires_to=target)
    return rows, moved


def lock(store: Store, ids: Collection[UUID]) -> list[BalanceRow]:
    """The members' balance rows, locked. A row may vanish while we wait for it: `rebuild` drops and refills them."""
    if not ids:
        return []
    for _ in range(ATTEMPTS):
        rows = store.balances(list(ids))
        if len(rows) == len(ids):
            return rows
    raise TooContended()


def load(store: Store, plan: Plan, drafts: Sequence[Draft]) -> None:
    """Read what floors by day, holds and expiry may need, in at most six statements; most postings need none."""
    first: dict[Name, date] = {}  # the earliest and the latest day a member is debited on
    last: dict[Name, date] = {}
    latest: dict[Name, date] = {}
    oldest_taken: dict[Name, date] = {}
    ids: dict[Name, UUID] = {}
    for draft in drafts:
        day = draft.effective_on
        for line in draft.lines:
            debit, credit = line.debit, line.credit
            if credit.is_member:
                name = credit.commodity, credit.code
                if name not in latest or day > latest[name]:
                    latest[name] = day
            if not debit.is_member:
                continue
            name = debit.commodity, debit.code
            if name not in latest or day > latest[name]:
                latest[name] = day
            if name not in first:
                first[name] = last[name] = day
                ids[name] = debit.id
            elif day != first[name]:
                first[name], last[name] = min(day, first[name]), max(day, last[name])
            if line.reverses_line is not None and line.due_on is not None:
                oldest_taken[name] = min(line.due_on, oldest_taken.get(name, line.due_on))
    debited = {ids[name]: plan.members[ids[name]] for name in first}
    load_days(store, debited, {ids[name]: day for name, day in first.items()},
              {ids[name]: latest[name] for name in first})
    load_holds(store, list(debited.values()))
    load_dues(store, [row for row in debited.values() if row.expires_to is not None])
    load_history(store, plan, [
        member for name, member in ((name, plan.members[ids[name]]) for name in first)
        if may_lapse(member, last[name], plan.today) or (
            member.last_lapse_on is not None
            and min(first[name], oldest_taken.get(name, first[name])) <= member.last_lapse_on)])


def load_days(store: Store, debited: dict[UUID, Member], first: dict[UUID, date], latest: dict[UUID, date]) -> None:
    """Day sums for floored members that are debited on a day before their latest one."""
    needed = [key for key, member in debited.items() if member.floor is not None
              and first[key] < max(latest[key], member.last_effective_on or latest[key])]
    if needed:
        for key, days in store.days(needed, min(first[key] for key in needed)).items():
            debited[key].days = days


def load_dues(store: Store, members: Sequence[Member]) -> None:
    by_id = {member.account_id: member for member in members}
    if by_id:
        for key, dues in store.due(list(by_id)).items():
            by_id[key].dues = dues


def may_lapse(member: Member, before: date, today: date) -> bool:
    """Did anything lapse that is not posted? Where something is held: or would, if it were handed back now?"""
    if not member.held:
        return member.overdue(before) > 0
    return member.overdue(max(before, today)) + member.held > 0


def load_holds(store: Store, members: Sequence[Member]) -> None:
    by_id = {member.account_id: member for member in members if member.held}
    if by_id:
        for hold in store.holds(list(by_id)):
            by_id[hold.account_id].holds[hold.id] = hold


def load_moves(store: Store, plan: Plan, members: Sequence[Member]) -> None:
    """Whole histories, for the few members where something lapsed or may have."""
    if not members:
        return
    plan.lapses_on = store.lapses_on()
    by_id = {member.account_id: member for member in members}
    for member in members:
        member.moves = []
    for row in store.moves(list(by_id)):
        moves = by_id[store.uuid(row[0])].moves
        assert moves is not None
        moves.append(move_of(store, row))


def load_returns(store: Store, members: Sequence[Member]) -> None:
    """Of the histories only what came back: all that a sweep needs beside the sums."""
    by_id = {member.account_id: member for member in members}
    for member in members:
        member.moves = []
    if by_id:
        for key, seq, amount, effective_on, due_on in store.returns(list(by_id)):
            day = store.day(effective_on)
            moves = by_id[store.uuid(key)].moves
            assert day is not None and moves is not None
            moves.append(Move(seq, Role.RETURNED, amount, day, store.day(due_on)))


def load_history(store: Store, plan: Plan, members: Sequence[Member]) -> None:
    """`load_moves`, and where something was held meanwhile: enough to tell what lapsed too much."""
    load_moves(store, plan, members)
    by_id = {member.account_id: member for member in members}
    if by_id:
        for key, spans in store.spans(list(by_id)).items():
            by_id[key].spans = spans


def move_of(store: Store, row: Any) -> Move:
    _, seq, amount, day, due, is_debit, kind, transaction, line, reverses, reverses_line, other, since = row
    source: tuple[UUID, int] | None = None
    if is_debit:
        role = Role.TAKEN_BACK if reverses_line is not None else Role.LAPSED if kind == LAPSED_KIND else Role.DEBIT
        if role is Role.LAPSED:
            source = store.uuid(transaction), line
    elif reverses_line is None:
        role = Role.CREDIT
    elif kind == GIVEN_BACK_KIND:
        role, source = Role.GIVEN_BACK, (store.uuid(reverses), reverses_line)
    else:
        role = Role.RETURNED
    effective_on = store.day(day)
    assert effective_on is not None
    return Move(seq, role, amount, effective_on, store.day(due), source, store.uuid(other), since)


# -- decide -------------------------------------------------------------------------------------------------------
def decide(plan: Plan, drafts: Sequence[Draft], known: dict[tuple[str, str], KeyRow], recorded_at: datetime,
           each: bool) -> list[Outcome]:
    outcomes: list[Outcome] = []
    first_here: dict[tuple[str, str], tuple[bytes, Outcome]] = {}
    for draft in drafts:
        name = (draft.scope, draft.key)
        try:
            if row := known.get(name):
                same_content(draft, row.content_hash, row.id, row.recorded_at)
                outcome = Outcome(row.id, True, {}, recorded_at=row.recorded_at)
            elif earlier := first_here.get(name):
                content, first = earlier
                same_content(draft, content, first.transaction_id, recorded_at)
                outcome = Outcome(first.transaction_id, True, first.balances, recorded_at=recorded_at)
            else:
                made = plan.take(draft)
                outcome = Outcome(made.transaction_id, False, made.balances, None, recorded_at, made.lapsed)
                first_here[name] = draft.content_hash, outcome
        except (BelowFloor, FutureDay, PeriodClosed, KeyReused) as refusal:
            if not each:
                raise
            outcome = refused(refusal)
        outcomes.append(outcome)
    return outcomes


def same_content(draft: Draft, content_hash: bytes, first: UUID | None, recorded_at: datetime) -> None:
    if draft.content_hash != content_hash:
        raise KeyReused(first, recorded_at)


def refused(refusal: DomainError) -> Outcome:
    return Outcome(None, False, {}, refusal)


# -- after: write -------------------------------------------------------------------------------------------------
def save(store: Store, plan: Plan, recorded_at: datetime) -> bool:
    """Write the plan's rows. False, with nothing written, when another writer claimed one of the keys meanwhile."""
    if not plan.transactions and not plan.touched:
        return True
    several = store.connection.dialect.name == "postgresql" and len(plan.transactions) > 1
    with store.connection.begin_nested() if several else nullcontext() as savepoint:
        if not store.insert_rows(plan.transactions, plan.transfers, recorded_at):
            if savepoint is not None:  # one row alone: it was not put in, so there is nothing to take back
                savepoint.rollback()
            return False
        touched = plan.touched_members()
        store.add_due([(row.account_id, day, amount) for row in touched
                       for day, amount in sorted(row.due_changes.items()) if amount])
        store.update_balances([row.changed() for row in touched])
        store.insert_captures(plan.captures)
        store.update_holds([(hold.id, hold.captured, hold.ended_as, hold.until_seq,
                             recorded_at if hold.ended_as else None) for hold in plan.holds.values()])
    return True


def with_first_balances(store: Store, drafts: Sequence[Draft], outcomes: list[Outcome]) -> list[Outcome]:
    """Replays get the balances of the first result, read from the transfers themselves."""
    wanted = [outcome.transaction_id for outcome in outcomes
              if outcome.replay and outcome.transaction_id and not outcome.balances]
    if not wanted:
        return outcomes
    found: dict[UUID, dict[UUID, tuple[int, int]]] = {}
    for transaction, _, debit, debit_after, credit, credit_after, amount in store.replayed(list(set(wanted))):
        spans = found.setdefault(store.uuid(transaction), {})
        for account, after, before in ((debit, debit_after, amount), (credit, credit_after, -amount)):
            if after is not None:
                key = store.uuid(account)
                spans[key] = (spans[key][0] if key in spans else after + before, after)
    done: list[Outcome] = []
    for draft, outcome in zip(drafts, outcomes, strict=True):
        spans = found.get(outcome.transaction_id, {}) if outcome.transaction_id else {}
        if outcome.replay and not outcome.balances:
            members = {account.id: account for line in draft.lines for account in (line.debit, line.credit)
                       if account.is_member}
            outcome = Outcome(outcome.transaction_id, True, {members[key]: span for key, span in spans.items()},
                              recorded_at=outcome.recorded_at)
        done.append(outcome)
    return done
