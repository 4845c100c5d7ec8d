"""`check`: a list of one-law functions. Each reads the book and yields a finding for every place that breaks its law.

The laws of truth judge the transfers by themselves; the laws of derivation compare balances and due days with what the
transfers say; the laws of what was promised (holds, closed months, assertions) stand in `checking_promises`. A clean
book gives no finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, and_, case, func, or_, select
from sqlalchemy.sql.selectable import Subquery

from ledger.checking_promises import (
    assertions_are_true,
    captures_match_their_holds,
    closed_months_are_one_run,
    closed_months_stay_as_they_were,
    held_is_the_sum_of_open_holds,
    kept_turnovers_equal_the_transfers,
)
from ledger.days import NEVER, shanghai_day
from ledger.expiry import over_lapsed
from ledger.folding import fold, fold_due, member_sides, whole_book
from ledger.planning import Plan
from ledger.posting import load_history, load_holds
from ledger.reading import copy_of, of_transfer
from ledger.records import Account, Finding
from ledger.stores import store_for
from ledger.tables import account, balance, due, leaf, transaction, transfer, unsealed

CHUNK = 500
Law = Callable[[Connection, int], Iterator[Finding]]


def check(connection: Connection, book_id: int, progress: Callable[[int], None] = lambda _: None) -> list[Finding]:
    """Every broken law of the book; an empty list when all hold. Reads every transfer once per law.

    `progress` is told 1 after each of `len(LAWS)` laws.
    """
    found: list[Finding] = []
    with whole_book(connection):
        for law in LAWS:
            found += law(connection, book_id)
            progress(1)
    return found


def named(sides: Subquery, book_id: int) -> Any:
    """The sides joined with their accounts, for findings that name them."""
    return sides.join(account, and_(account.c.book_id == book_id, account.c.id == sides.c.account))


# -- laws of truth ------------------------------------------------------------------------------------------------
def accounts_are_known(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Both accounts of a transfer exist and hold its commodity; they stand in a sequence exactly when members."""
    for side in ("debit", "credit"):
        mine, seq = transfer.c[f"{side}_account"], transfer.c[f"{side}_seq"]
        query = (select(transfer.c.transaction_id, transfer.c.line, account.c.code)
                 .select_from(transfer.outerjoin(account, and_(account.c.book_id == transfer.c.book_id,
                                                               account.c.id == mine)))
                 .where(transfer.c.book_id == book_id,
                        or_(account.c.id.is_(None), account.c.commodity != transfer.c.commodity,
                            and_(account.c.is_member, seq.is_(None)),
                            and_(account.c.is_member.is_(False), seq.is_not(None)))))
        for row in connection.execute(query):
            yield Finding("accounts", row.code, row.transaction_id,
                          f"line {row.line}: the {side} account is missing, of another commodity or of another kind")


def lines_are_whole(connection: Connection, book_id: int) -> Iterator[Finding]:
    """A transaction has lines 1 to n, all of its own effective day; and no line is without its transaction."""
    wrong_day = case((transfer.c.effective_on != transaction.c.effective_on, 1), else_=0)
    query = (select(transaction.c.id, func.count(transfer.c.line).label("lines"),
                    func.max(transfer.c.line).label("last"), func.sum(wrong_day).label("wrong"))
             .select_from(transaction.outerjoin(transfer, of_transfer()))
             .where(transaction.c.book_id == book_id).group_by(transaction.c.id))
    rows = select(query.subquery("t"))
    listed = rows.selected_columns
    for row in connection.execute(rows.where(or_(listed["lines"] == 0, listed["lines"] != listed["last"],
                                                 listed["wrong"] > 0))):
        yield Finding("lines", None, row.id, f"{row.lines} lines, the last is number {row.last}, "
                                             f"{row.wrong or 0} of another day")
    orphans = (select(transfer.c.transaction_id, transfer.c.line).outerjoin(transaction, of_transfer())
               .where(transfer.c.book_id == book_id, transaction.c.id.is_(None)))
    for row in connection.execute(orphans):
        yield Finding("lines", None, row.transaction_id, f"line {row.line} stands without its transaction")


def no_day_lies_in_the_future(connection: Connection, book_id: int) -> Iterator[Finding]:
    query = select(transaction.c.id, transaction.c.effective_on, transaction.c.recorded_at).where(
        transaction.c.book_id == book_id)
    for row in connection.execute(query, execution_options={"yield_per": 2_000}):
        if row.effective_on > shanghai_day(row.recorded_at):
            yield Finding("future", None, row.id, f"effective on {row.effective_on}, recorded at {row.recorded_at}")


def sequences_chain(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Each member account counts 1, 2, 3 … and each line's balance is the one before it plus the amount."""
    sides = member_sides(book_id)
    order = [sides.c.seq, sides.c.transaction_id, sides.c.line]
    place = func.row_number().over(partition_by=sides.c.account, order_by=order).label("place")
    last = func.lag(sides.c.after).over(partition_by=sides.c.account, order_by=order)
    before = func.coalesce(last, 0).label("before")
    chain = select(sides, place, before).subquery("chain")
    query = (select(account.c.code, chain).select_from(named(chain, book_id))
             .where(or_(chain.c.seq != chain.c.place, chain.c.after != chain.c.before + chain.c.amount))
             .order_by(account.c.code, chain.c.seq))
    for row in connection.execute(query):
        if row.seq != row.place:
            yield Finding("sequence", row.code, row.transaction_id, f"number {row.seq} stands in place {row.place}")
        if row.after != row.before + row.amount:
            yield Finding("chain", row.code, row.transaction_id,
                          f"number {row.seq}: {row.before} and {row.amount} do not give {row.after}")


def floors_hold_in_sequence(connection: Connection, book_id: int) -> Iterator[Finding]:
    """No debit without the right to it leaves an account below its floor."""
    sides = member_sides(book_id)
    query = (select(account.c.code, account.c.floor, sides.c.transaction_id, sides.c.seq, sides.c.after)
             .select_from(named(sides, book_id))
             .where(sides.c.is_debit, sides.c.may_go_below.is_(False), sides.c.after < account.c.floor)
             .order_by(account.c.code, sides.c.seq))
    for row in connection.execute(query):
        yield Finding("floor", row.code, row.transaction_id, f"number {row.seq} leaves {row.after}, "
                                                             f"the floor is {row.floor}")


def floors_hold_by_day(connection: Connection, book_id: int) -> Iterator[Finding]:
    """No effective day ends below a floor, unless a deduction or claw-back effective by then had the right."""
    sides = member_sides(book_id)
    right = case((and_(sides.c.is_debit, sides.c.may_go_below), 1), else_=0)
    daily = (select(sides.c.account, sides.c.effective_on, func.sum(sides.c.amount).label("amount"),
                    func.max(right).label("right")).group_by(sides.c.account, sides.c.effective_on).subquery("daily"))
    so_far = {"balance": func.sum(daily.c.amount), "right": func.max(daily.c.right, type_=Integer())}
    running = select(daily.c.account, daily.c.effective_on,
                     *(total.over(partition_by=daily.c.account, order_by=daily.c.effective_on).label(name)
                       for name, total in so_far.items())).subquery("running")
    query = (select(account.c.code, account.c.floor, running.c.effective_on, running.c.balance)
             .select_from(named(running, book_id))
             .where(running.c.balance < account.c.floor, running.c.right == 0)
             .order_by(account.c.code, running.c.effective_on))
    for row in connection.execute(query):
        yield Finding("day floor", row.code, None, f"{row.effective_on} ends at {row.balance}, "
                                                   f"the floor is {row.floor}")


def reversals_mirror(connection: Connection, book_id: int) -> Iterator[Finding]:
    """A reversing line turns a line of the transaction it names around, never more than it, and is not reversed."""
    back, was, original = transfer.alias("back"), transfer.alias("was"), transaction.alias("original")
    named_line = and_(was.c.book_id == back.c.book_id, was.c.transaction_id == transaction.c.reverses,
                      was.c.line == back.c.reverses_line)
    query = (
        select(transaction.c.reverses, back.c.reverses_line, func.max(was.c.amount).label("posted"),
               func.sum(back.c.amount).label("taken"),
               func.sum(case((and_(was.c.debit_account == back.c.credit_account,
                                   was.c.credit_account == back.c.debit_account,
                                   or_(was.c.due_on == back.c.due_on,
                                       and_(was.c.due_on.is_(None), back.c.due_on.is_(None)))), 0),
                             else_=1)).label("twisted"),
               func.sum(case((original.c.reverses.is_not(None), 1), else_=0)).label("again"))
        .select_from(back.join(transaction, and_(transaction.c.book_id == back.c.book_id,
                                                 transaction.c.id == back.c.transaction_id))
                     .outerjoin(was, named_line)
                     .outerjoin(original, and_(original.c.book_id == transaction.c.book_id,
                                               original.c.id == transaction.c.reverses)))
        .where(back.c.book_id == book_id,
               or_(back.c.reverses_line.is_not(None), transaction.c.reverses.is_not(None)))
        .group_by(transaction.c.reverses, back.c.reverses_line))
    for row in connection.execute(query):
        if row.posted is None or row.twisted or row.again or row.taken > row.posted:
            yield Finding("reversal", None, row.reverses, f"line {row.reverses_line}: {row.taken} taken back of "
                                                          f"{row.posted or 0}, {row.twisted} not mirrored, "
                                                          f"{row.again} reversed a reversal")


def due_days_never_step_back(connection: Connection, book_id: int) -> Iterator[Finding]:
    """A credit is never due before its account's previous credit."""
    sides = member_sides(book_id)
    last = func.coalesce(sides.c.due_on, NEVER)
    credits = (select(sides.c.account, sides.c.seq, sides.c.transaction_id, last.label("last"),
                      func.lag(last).over(partition_by=sides.c.account, order_by=sides.c.seq).label("before"))
               .where(sides.c.is_debit.is_(False), sides.c.reverses_line.is_(None)).subquery("credits"))
    query = (select(account.c.code, credits).select_from(named(credits, book_id))
             .where(credits.c.before > credits.c.last).order_by(account.c.code, credits.c.seq))
    for row in connection.execute(query):
        yield Finding("due day", row.code, row.transaction_id, f"number {row.seq} is due on {row.last}, "
                                                               f"the credit before it on {row.before}")


def every_transaction_waits_or_is_sealed(connection: Connection, book_id: int) -> Iterator[Finding]:
    for table, message in ((unsealed, "waits for its seal but was never posted"),
                           (leaf, "is sealed but was never posted")):
        query = (select(table.c.transaction_id).select_from(table.outerjoin(transaction, and_(
            transaction.c.book_id == table.c.book_id, transaction.c.id == table.c.transaction_id)))
            .where(table.c.book_id == book_id, transaction.c.id.is_(None)))
        for row in connection.execute(query):
            yield Finding("seal", None, row.transaction_id, message)
    waiting = select(unsealed.c.transaction_id).where(unsealed.c.book_id == book_id).union_all(
        select(leaf.c.transaction_id).where(leaf.c.book_id == book_id)).subquery("waiting")
    query = (select(transaction.c.id).outerjoin(waiting, waiting.c.transaction_id == transaction.c.id)
             .where(transaction.c.book_id == book_id, waiting.c.transaction_id.is_(None)))
    for row in connection.execute(query):
        yield Finding("seal", None, row.id, "neither waits for its seal nor has one")


def nothing_lapsed_too_much(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Every posted lapse, less what was given back, is what the wallet's whole history asks for at its cut-off."""
    query = (select(balance, account.c.commodity, account.c.code, account.c.floor, account.c.expires_to)
             .join(account, and_(account.c.book_id == balance.c.book_id, account.c.id == balance.c.account_id))
             .where(balance.c.book_id == book_id, balance.c.last_lapse_on.is_not(None)).order_by(account.c.code))
    rows = connection.execute(query).all()
    store = store_for(connection, book_id)
    for start in range(0, len(rows), CHUNK):
        members = [copy_of(Account(row.commodity, row.code, True, row.floor), row)
                   for row in rows[start:start + CHUNK]]
        load_holds(store, members)
        load_history(store, Plan({}, date.max, True), members)
        for member in members:
            for back in over_lapsed(member.moves or (), {}, (), member.held_spans()):
                yield Finding("lapse", member.account.code, back.source[0], f"{back.amount} lapsed too much")


# -- laws of derivation --------------------------------------------------------------------------------------------
def balances_equal_the_fold(connection: Connection, book_id: int) -> Iterator[Finding]:
    rows = {row.account_id: row for row in connection.execute(select(balance).where(balance.c.book_id == book_id))}
    for folded in fold(connection, book_id):
        row = rows.pop(folded.account_id, None)
        for name in ("posted", "last_seq", "out_total", "last_due_on", "last_effective_on", "last_lapse_on"):
            has, ought = getattr(row, name, None), getattr(folded, name)
            if row is None or has != ought:
                yield Finding("balance", folded.owner.code, None, f"{name} is {has}, the transfers give {ought}")
    for key in rows:
        yield Finding("balance", str(key), None, "a balance row without a member account")


def due_rows_equal_the_fold(connection: Connection, book_id: int) -> Iterator[Finding]:
    has = {(row.account_id, row.due_on): row.credits
           for row in connection.execute(select(due).where(due.c.book_id == book_id))}
    ought = {(row.account, row.due_on): int(row.credits) for row in connection.execute(fold_due(book_id))}
    codes = {row.id: row.code for row in connection.execute(
        select(account.c.id, account.c.code).where(account.c.book_id == book_id))}
    for key, day in sorted(has.keys() | ought.keys()):
        if has.get((key, day), 0) != ought.get((key, day), 0):
            yield Finding("due row", codes.get(key, str(key)), None,
                          f"{day}: {has.get((key, day), 0)}, the transfers give {ought.get((key, day), 0)}")


LAWS: tuple[Law, ...] = (
    accounts_are_known, lines_are_whole, no_day_lies_in_the_future, sequences_chain, floors_hold_in_sequence,
    floors_hold_by_day, reversals_mirror, due_days_never_step_back, nothing_lapsed_too_much,
    every_transaction_waits_or_is_sealed,
    balances_equal_the_fold, due_rows_equal_the_fold, kept_turnovers_equal_the_transfers,
    held_is_the_sum_of_open_holds, captures_match_their_holds, closed_months_are_one_run,
    closed_months_stay_as_they_were, assertions_are_true,
)
