"""`check`, continued: the laws of what was promised. Held is the sum of open holds; a closed month stays as it was
closed; what a person asserted about a day is so. Each law is a function, as in `ledger.checking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import Connection, and_, case, func, or_, select

from ledger.assertions import broken_assertions
from ledger.days import month_of
from ledger.folding import fold_held
from ledger.periods import broken_closings, closed_until, last_day, standing_periods
from ledger.records import Finding
from ledger.tables import account, balance, capture, hold, transfer
from ledger.turnover_keeping import differing_turnovers


def held_is_the_sum_of_open_holds(connection: Connection, book_id: int) -> Iterator[Finding]:
    ought = fold_held(book_id).subquery("ought")
    query = (select(account.c.code, balance.c.held, func.coalesce(ought.c.held, 0).label("ought"))
             .select_from(balance.join(account, and_(account.c.book_id == balance.c.book_id,
                                                     account.c.id == balance.c.account_id))
                          .outerjoin(ought, ought.c.account_id == balance.c.account_id))
             .where(balance.c.book_id == book_id, balance.c.held != func.coalesce(ought.c.held, 0))
             .order_by(account.c.code))
    for row in connection.execute(query):
        yield Finding("held", row.code, None, f"{row.held} is held, the open holds give {row.ought}")


def captures_match_their_holds(connection: Connection, book_id: int) -> Iterator[Finding]:
    """What a hold says was captured is what transactions took out of it, and each took at least that much."""
    taken = (select(capture.c.hold_id, func.sum(capture.c.amount).label("amount")).where(capture.c.book_id == book_id)
             .group_by(capture.c.hold_id).subquery("taken"))
    query = (select(account.c.code, hold.c.id, hold.c.captured, func.coalesce(taken.c.amount, 0).label("amount"))
             .select_from(hold.join(account, and_(account.c.book_id == hold.c.book_id,
                                                  account.c.id == hold.c.account_id), isouter=True)
                          .outerjoin(taken, taken.c.hold_id == hold.c.id))
             .where(hold.c.book_id == book_id,
                    or_(hold.c.captured != func.coalesce(taken.c.amount, 0), account.c.id.is_(None),
                        and_(hold.c.ended_as == "captured", hold.c.captured == 0))))
    for row in connection.execute(query):
        yield Finding("capture", row.code, None,
                      f"hold {row.id}: {row.captured} captured, transactions took {row.amount}")
    debits = func.sum(case((transfer.c.debit_account == capture.c.account_id, transfer.c.amount), else_=0))
    posted = (select(capture.c.transaction_id, capture.c.account_id, capture.c.amount,
                     func.coalesce(debits, 0).label("debits"), func.count(hold.c.id).label("holds"))
              .select_from(capture.outerjoin(transfer, and_(transfer.c.book_id == capture.c.book_id,
                                                            transfer.c.transaction_id == capture.c.transaction_id))
                           .outerjoin(hold, and_(hold.c.book_id == capture.c.book_id, hold.c.id == capture.c.hold_id,
                                                 hold.c.account_id == capture.c.account_id)))
              .where(capture.c.book_id == book_id)
              .group_by(capture.c.transaction_id, capture.c.account_id, capture.c.amount).subquery("posted"))
    for row in connection.execute(select(posted).where(or_(posted.c.debits != posted.c.amount, posted.c.holds == 0))):
        yield Finding("capture", None, row.transaction_id,
                      f"captured {row.amount} but debits {row.debits}" if row.holds else "captured a hold that is not")


def closed_months_are_one_run(connection: Connection, book_id: int) -> Iterator[Finding]:
    standing = standing_periods(connection, book_id)
    for before, after in pairwise(standing):
        if (after.month - last_day(before.month)).days != 1:
            yield Finding("period", None, None, f"{month_of(after.month)} is closed, the month before it is not")
    ought = last_day(standing[-1].month) if standing else None
    if (has := closed_until(connection, book_id)) != ought:
        yield Finding("period", None, None, f"closed until {has}, the closings give {ought}")


def closed_months_stay_as_they_were(connection: Connection, book_id: int) -> Iterator[Finding]:
    """A standing closing equals the transfers; what was recorded into the month after it is named."""
    for broken in broken_closings(connection, book_id):
        code = broken.code or str(broken.account_id)
        for entry in broken.since or (None,):
            late = "; this was recorded after it and is effective in the month" if entry else ""
            yield Finding("period", code, entry, broken.message + late)


def assertions_are_true(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Each dated assertion, judged at the end of its day; every entry that broke it has a finding of its own."""
    for broken in broken_assertions(connection, book_id):
        said, code = broken.assertion, broken.assertion.account.code
        claim = f"{said.asserted_by} asserted {said.amount} on {said.on}, it is {broken.balance}"
        if broken.balance_then != said.amount:
            yield Finding("assertion", code, None, f"{claim}; it was {broken.balance_then} when it was asserted")
        for entry in broken.since:
            yield Finding("assertion", code, entry, f"{claim}; this was recorded later and is effective by that day")


def kept_turnovers_equal_the_transfers(connection: Connection, book_id: int) -> Iterator[Finding]:
    """Months of accounts, kept as the log grew, are what the transfers of those leaves give."""
    for one in differing_turnovers(connection, book_id):
        yield Finding("turnover", one.code, None,
                      f"{one.month} {one.kind} {one.rule or '-'}: kept (credits, debits, transfers) {one.kept}, "
                      f"the transfers give {one.ought}")
