"""What the derived tables must say, folded from the transfers alone. `check` compares, `rebuild` refills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Date, Select, and_, case, func, literal, null, select
from sqlalchemy import union_all as union
from sqlalchemy.sql.selectable import Subquery

from ledger.days import NEVER, ONE_DAY
from ledger.expiry import LAPSED_KIND
from ledger.reading import of_transfer
from ledger.records import Account
from ledger.tables import account, hold, transaction, transfer


@contextmanager
def whole_book(connection: Connection) -> Iterator[None]:
    """Statements that read a whole book join by hashing. PostgreSQL, before it has gathered statistics of a table just
    filled (an import, a restore), would go through one account after another: 25 times slower at 1,200 wallets.
    """
    planner = connection.dialect.name == "postgresql"
    if planner:
        connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    yield
    if planner:
        connection.exec_driver_sql("SET LOCAL enable_nestloop = on")


class Folded(NamedTuple):
    """A member account and the balance row its transfers ask for."""

    owner: Account
    account_id: UUID
    posted: int
    last_seq: int
    out_total: int
    last_due_on: date | None
    last_effective_on: date | None
    last_lapse_on: date | None


def member_sides(book_id: int) -> Subquery:
    """Both sides of every transfer that stand in a member account's sequence, `amount` signed."""
    def side(name: str, debit: bool) -> Select[Any]:
        seq, after = transfer.c[f"{name}_seq"], transfer.c[f"{name}_after"]
        return (select(transfer.c[f"{name}_account"].label("account"), seq.label("seq"),
                       (-transfer.c.amount if debit else transfer.c.amount).label("amount"), after.label("after"),
                       transfer.c.transaction_id, transfer.c.line, transfer.c.effective_on, transfer.c.due_on,
                       transfer.c.reverses_line, literal(debit).label("is_debit"), transaction.c.kind,
                       transaction.c.may_go_below)
                .join(transaction, of_transfer()).where(transfer.c.book_id == book_id, seq.is_not(None)))

    return union(side("debit", True), side("credit", False)).subquery("sides")


def fold(connection: Connection, book_id: int) -> Iterator[Folded]:
    """Every member account, in account order; one statement, streamed."""
    sides = member_sides(book_id)
    lapse = and_(sides.c.is_debit, sides.c.kind == LAPSED_KIND)
    credit = and_(sides.c.is_debit.is_(False), sides.c.reverses_line.is_(None))
    leaving = case((and_(sides.c.is_debit, sides.c.reverses_line.is_(None)), -sides.c.amount),
                   (and_(sides.c.is_debit.is_(False), sides.c.reverses_line.is_not(None)), -sides.c.amount),
                   else_=0)
    query = (
        select(account.c.id, account.c.commodity, account.c.code, account.c.floor,
               func.coalesce(func.sum(sides.c.amount), 0).label("posted"),
               func.coalesce(func.max(sides.c.seq), 0).label("last_seq"),
               func.coalesce(func.sum(leaving), 0).label("out_total"),
               func.max(case((credit, func.coalesce(sides.c.due_on, literal(NEVER, Date()))), else_=null()),
                        type_=Date()).label("last_due_on"),
               func.max(sides.c.effective_on, type_=Date()).label("last_effective_on"),
               func.max(case((and_(lapse, sides.c.due_on.is_(None)), sides.c.effective_on), else_=null()),
                        type_=Date()).label("lapse_day"),
               func.max(case((lapse, sides.c.due_on), else_=null()), type_=Date()).label("late_lapse"))
        .select_from(account.outerjoin(sides, sides.c.account == account.c.id))
        .where(account.c.book_id == book_id, account.c.is_member)
        .group_by(account.c.id, account.c.commodity, account.c.code, account.c.floor).order_by(account.c.id))
    for row in connection.execute(query, execution_options={"yield_per": 2_000}):
        yield Folded(Account(row.commodity, row.code, True, row.floor), row.id, int(row.posted), row.last_seq,
                     int(row.out_total), row.last_due_on, row.last_effective_on,
                     max(filter(None, (row.lapse_day and row.lapse_day - ONE_DAY, row.late_lapse)), default=None))


def fold_due(book_id: int) -> Select[Any]:
    """account, due_on, credits: what ledger_due must hold. A sum of 0 stays, as the posting leaves it."""
    sides = member_sides(book_id)
    return (select(sides.c.account, sides.c.due_on, func.sum(sides.c.amount).label("credits"))
            .where(sides.c.due_on.is_not(None),
                   sides.c.is_debit.is_(False) & sides.c.reverses_line.is_(None)
                   | sides.c.is_debit & sides.c.reverses_line.is_not(None))
            .group_by(sides.c.account, sides.c.due_on))


def fold_held(book_id: int) -> Select[Any]:
    """account_id, held: what is held is the holds' own figure, and follows from the open ones."""
    return (select(hold.c.account_id, func.sum(hold.c.amount - hold.c.captured).label("held"))
            .where(hold.c.book_id == book_id, hold.c.ended_at.is_(None)).group_by(hold.c.account_id))
