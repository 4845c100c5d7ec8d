"""Kept turnovers: per account, effective month, kind and rule what went in and out, for the first so many leaves.

    carry_turnovers(connection, 230199)          # after sealing: takes over the leaves since the last time

They follow from the transfers, so a balance or a report reads months instead of transfers: what is kept, plus the few
transactions that are younger than that. They say up to which position of the log they go (`ledger_turned`), and that
moves in the transaction that adds them, so that nothing is counted twice or left out, whatever commits late. `check`
holds every row against the transfers; `rebuild` makes them anew.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Date, Select, and_, cast, func, literal, or_, select
from sqlalchemy import union_all as union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.selectable import Subquery

from ledger.stores import store_for
from ledger.tables import account, leaf, transaction, transfer, turned, turnover, unsealed

PORTION = 2_000  # leaves at once: on SQLite nobody else writes meanwhile, some 0.1 s
KEYS = ("account_id", "month", "kind", "rule")
SUMS = ("credits", "debits", "transfers")


def first_of_month(connection: Connection) -> ColumnElement[Any]:
    """The first day of a transfer's effective month."""
    if connection.dialect.name == "postgresql":
        return cast(func.date_trunc("month", transfer.c.effective_on), Date)
    return func.strftime("%Y-%m-01", transfer.c.effective_on)


def grouped(connection: Connection, book_id: int, *which: ColumnElement[bool], tail: bool = False) -> Select[Any]:
    """KEYS and SUMS of the transfers of some transactions: of leaves, or (`tail`) of whatever is not a kept one."""
    head = transaction if tail else transaction.join(leaf, and_(leaf.c.book_id == transaction.c.book_id,
                                                                leaf.c.transaction_id == transaction.c.id))

    def side(mine: Any, credits: Any, debits: Any) -> Select[Any]:
        return (select(mine.label("account_id"), first_of_month(connection).label("month"), transaction.c.kind,
                       func.coalesce(transaction.c.rule, "").label("rule"), credits.label("credits"),
                       debits.label("debits"))
                .select_from(head.join(transfer, and_(transfer.c.book_id == transaction.c.book_id,
                                                      transfer.c.transaction_id == transaction.c.id)))
                .where(transaction.c.book_id == book_id, *which))

    sides = union(side(transfer.c.credit_account, transfer.c.amount, literal(0)),
                  side(transfer.c.debit_account, literal(0), transfer.c.amount)).subquery("sides")
    keys = [sides.c[name] for name in KEYS]
    return select(*keys, func.sum(sides.c.credits).label("credits"), func.sum(sides.c.debits).label("debits"),
                  func.count().label("transfers")).group_by(*keys)


def turned_until(connection: Connection, book_id: int) -> int:
    """How many leaves the kept turnovers hold; one statement."""
    return connection.scalar(select(turned.c.position).where(turned.c.book_id == book_id)) or 0


def carry_turnovers(connection: Connection, book_id: int, limit: int = PORTION) -> int:
    """Add the next leaves, at most `limit`; how many. Whoever keeps them already is waited for. Statements: 5."""
    store = store_for(connection, book_id)
    connection.exec_driver_sql(store.sql("INSERT INTO ledger_turned (book_id, position) VALUES (?, 0) "
                                         "ON CONFLICT (book_id) DO NOTHING"), (book_id,))
    locked = select(turned.c.position).where(turned.c.book_id == book_id).with_for_update()
    start = connection.scalar(locked) or 0
    size = connection.scalar(select(func.max(leaf.c.position)).where(leaf.c.book_id == book_id))
    end = min(start + limit, 0 if size is None else size + 1)
    if end <= start:
        return 0
    add(connection, book_id, grouped(connection, book_id, leaf.c.book_id == book_id, leaf.c.position >= start,
                                     leaf.c.position < end))
    connection.execute(turned.update().where(turned.c.book_id == book_id).values(position=end))
    return end - start


def add(connection: Connection, book_id: int, rows: Select[Any]) -> None:
    new = rows.subquery("new")
    query = select(literal(book_id), *(new.c[name] for name in (*KEYS, *SUMS))).where(literal(True))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = insert(turnover).from_select(["book_id", *KEYS, *SUMS], query)
    connection.execute(statement.on_conflict_do_update(
        index_elements=["book_id", *KEYS],
        set_={name: turnover.c[name] + statement.excluded[name] for name in SUMS}))


def young(connection: Connection, book_id: int, position: int, *which: ColumnElement[bool]) -> Subquery:
    """KEYS and SUMS of all transactions of the book: the kept rows (those of `which`), and what is younger than the
    kept `position`: it waits for its seal, or its leaf lies there or later.
    """
    kept = select(*(turnover.c[name] for name in (*KEYS, *SUMS))).where(turnover.c.book_id == book_id, *which)
    younger = union(select(unsealed.c.transaction_id).where(unsealed.c.book_id == book_id),
                    select(leaf.c.transaction_id).where(leaf.c.book_id == book_id, leaf.c.position >= position))
    return union(kept, grouped(connection, book_id, transaction.c.id.in_(younger), tail=True)).subquery("months")


class Differing(NamedTuple):
    """A kept turnover that is not what the transfers say: what is kept, what ought to be."""

    code: str | None
    month: str
    kind: str
    rule: str
    kept: tuple[int, int, int]
    ought: tuple[int, int, int]


def differing_turnovers(connection: Connection, book_id: int) -> list[Differing]:
    """Every kept row against the transfers of the leaves it is made of; two statements."""
    ought = grouped(connection, book_id, leaf.c.book_id == book_id,
                    leaf.c.position < turned_until(connection, book_id)).subquery("ought")
    kept = select(*(turnover.c[name] for name in KEYS), *(turnover.c[name] for name in SUMS),
                  *(literal(0).label(f"ought_{name}") for name in SUMS)).where(turnover.c.book_id == book_id)
    both = union(kept, select(*(ought.c[name] for name in KEYS), *(literal(0).label(name) for name in SUMS),
                              *(ought.c[name].label(f"ought_{name}") for name in SUMS))).subquery("both")
    every = [*SUMS, *(f"ought_{name}" for name in SUMS)]
    sums = (select(*(both.c[name] for name in KEYS), *(func.sum(both.c[name]).label(name) for name in every))
            .group_by(*(both.c[name] for name in KEYS))
            .having(or_(*(func.sum(both.c[name]) != func.sum(both.c[f"ought_{name}"]) for name in SUMS)))
            .subquery("sums"))
    rows = connection.execute(select(sums, account.c.code).outerjoin(
        account, and_(account.c.book_id == book_id, account.c.id == sums.c.account_id))
        .order_by(account.c.code, sums.c.month, sums.c.kind, sums.c.rule))
    return [Differing(row.code, str(row.month)[:7], row.kind, row.rule,
                      (int(row.credits), int(row.debits), int(row.transfers)),
                      (int(row.ought_credits), int(row.ought_debits), int(row.ought_transfers))) for row in rows]


def rebuild_turnovers(connection: Connection, book_id: int) -> None:
    """Drop the kept turnovers and take over every leaf again."""
    connection.execute(turnover.delete().where(turnover.c.book_id == book_id))
    connection.execute(turned.delete().where(turned.c.book_id == book_id))
    while carry_turnovers(connection, book_id):
        pass
