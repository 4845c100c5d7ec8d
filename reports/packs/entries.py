"""Reading the ledger as of a position: a deed counts in the period it was done, less what was taken back of it.

Only transactions below the position's size count, their corrections likewise, so that counting again years later gives
the same figure. Sums are grouped in the database, a fixed number of statements whatever the size of the place; lines
are read one by one, up to a limit, for the lists.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, Subquery, and_, case, func, select

from ledger.tables import leaf, transaction, transfer
from reports.packs.asked import Ask

REGAINED = "regained"  # gives back what a cap had cut from a deed that is counted already


@dataclass(frozen=True)
class Scope:
    """Whose deeds, of which days, as of which position. A household, or a place with all below it (`stem`)."""

    book_id: int
    stem: str
    household: UUID | None
    start: date
    end: date
    size: int


class Sum(NamedTuple):
    """Deeds of one rule and kind that stand: how many, their signed amount."""

    rule: str | None
    kind: str
    times: int
    amount: int


class Line(NamedTuple):
    """One transaction behind a figure; `amount` is what still stands of it, `taken_back` what does not."""

    transaction_id: UUID
    position: int
    effective_on: date
    rule: str | None
    kind: str
    household: UUID | None
    person: UUID | None
    amount: int
    taken_back: int
    version: int | None


def _side(scope: Scope, commodity: str) -> Any:
    """The transactions of the book below the position with what they moved on the member's side."""
    signed = case((transfer.c.credit_seq.is_not(None), transfer.c.amount), else_=-transfer.c.amount)
    return (select(func.sum(signed).label("signed"))
            .join_from(transaction, transfer, and_(transfer.c.book_id == transaction.c.book_id,
                                                   transfer.c.transaction_id == transaction.c.id))
            .join(leaf, and_(leaf.c.book_id == transaction.c.book_id, leaf.c.transaction_id == transaction.c.id))
            .where(transaction.c.book_id == scope.book_id, transfer.c.book_id == scope.book_id,
                   leaf.c.book_id == scope.book_id, transfer.c.commodity == commodity,
                   leaf.c.position < scope.size, transaction.c.household.is_not(None)))


def _net(scope: Scope, commodity: str, rules: Collection[str] = (), kinds: Collection[str] = ()) -> Subquery:
    """One row a transaction that is no correction: its signed amount, and that less what was taken back of it."""
    columns = (transaction.c.id, leaf.c.position, transaction.c.household, transaction.c.person, transaction.c.rule,
               transaction.c.kind, transaction.c.effective_on)
    posted: Select[Any] = _side(scope, commodity).where(
        transaction.c.reverses.is_(None), transaction.c.effective_on >= scope.start,
        transaction.c.effective_on <= scope.end)
    posted = (posted.where(transaction.c.household == scope.household) if scope.household
              else posted.where(transaction.c.place.like(f"{scope.stem}%")))
    if rules:
        posted = posted.where(transaction.c.rule.in_(sorted(rules)))
    if kinds:
        posted = posted.where(transaction.c.kind.in_(sorted(kinds)))
    first = posted.add_columns(*columns).group_by(*columns).cte("first")
    back = _side(scope, commodity).where(transaction.c.reverses.is_not(None)).add_columns(
        transaction.c.reverses).group_by(transaction.c.reverses)
    back = back.where(transaction.c.household == scope.household) if scope.household else back
    taken = back.cte("back")
    return (select(first, (first.c.signed + func.coalesce(taken.c.signed, 0)).label("amount"))
            .outerjoin_from(first, taken, taken.c.reverses == first.c.id).subquery("net"))


def sums(connection: Connection, scope: Scope, commodity: str) -> list[Sum]:
    """What stands by rule and kind. One statement."""
    net = _net(scope, commodity)
    standing = case(((net.c.amount != 0) & (net.c.kind != REGAINED), 1), else_=0)
    rows = connection.execute(select(net.c.rule, net.c.kind, func.sum(standing), func.sum(net.c.amount))
                              .group_by(net.c.rule, net.c.kind))
    return [Sum(rule, kind, int(times), int(amount)) for rule, kind, times, amount in rows]


def how_many(connection: Connection, scope: Scope, commodity: str, what: str) -> int:
    """Different people ('person') or households with something that stands. One statement."""
    net = _net(scope, commodity)
    column = net.c[what]
    return connection.scalar(select(func.count(func.distinct(column))).where(
        net.c.amount != 0, column.is_not(None))) or 0


def by_household(connection: Connection, scope: Scope, commodity: str,
                 kinds: Collection[str] = ()) -> dict[UUID, tuple[int, int]]:
    """{household: (net amount, what was taken from it)}. One statement."""
    net = _net(scope, commodity, kinds=kinds)
    lost = func.sum(case((net.c.amount < 0, -net.c.amount), else_=0))
    rows = connection.execute(select(net.c.household, func.sum(net.c.amount), lost).group_by(net.c.household))
    return {household: (int(amount), int(less)) for household, amount, less in rows}


def by_person(connection: Connection, scope: Scope, commodity: str) -> dict[UUID, tuple[UUID, int]]:
    """{person: (household of then, net amount)}; someone who moved counts with the last household. One statement."""
    net = _net(scope, commodity)
    rows = connection.execute(select(net.c.person, net.c.household, func.sum(net.c.amount)).where(
        net.c.person.is_not(None)).group_by(net.c.person, net.c.household))
    found: dict[UUID, tuple[UUID, int]] = {}
    for person, household, amount in rows:
        found[person] = (household, found.get(person, (household, 0))[1] + int(amount))
    return found


def lines(connection: Connection, scope: Scope, ask: Ask, limit: int) -> list[Line]:
    """The transactions behind one figure in order of their days, also those wholly taken back. Two statements."""
    net = _net(scope, ask.commodity, ask.rules, ask.kinds)
    rows = connection.execute(select(net).order_by(net.c.effective_on, net.c.position).limit(limit)).all()
    return _lines(connection, scope, rows)


def _lines(connection: Connection, scope: Scope, rows: Sequence[Any]) -> list[Line]:
    versions: dict[UUID, int | None] = {}
    ids = [row.id for row in rows]
    for start in range(0, len(ids), 500):
        for id_, meta in connection.execute(select(transaction.c.id, transaction.c.meta).where(
                transaction.c.book_id == scope.book_id, transaction.c.id.in_(ids[start:start + 500]))):
            version = (meta or {}).get("version")
            versions[id_] = version if isinstance(version, int) else None
    return [Line(row.id, row.position, row.effective_on, row.rule, row.kind, row.household, row.person,
                 int(row.amount), int(row.signed) - int(row.amount), versions.get(row.id)) for row in rows]


def value_of(ask: Ask, found: Sequence[Sum]) -> int:
    """A figure of 'times', 'amount' or 'loss' from the sums of its commodity. Pure."""
    rows = [row for row in found if (not ask.rules or row.rule in ask.rules)
            and (not ask.kinds or row.kind in ask.kinds)]
    if ask.measure == "times":
        return sum(row.times for row in rows)
    amount = sum(row.amount for row in rows)
    return -amount if ask.measure == "loss" else amount


def counted(ask: Ask, found: Sequence[Line]) -> int:
    """The same figure from its lines: what the trace page shows must come to what the paper says. Pure."""
    standing = [line for line in found if line.amount != 0]
    if ask.measure in ("people", "households"):
        return len({line.person if ask.measure == "people" else line.household for line in standing} - {None})
    if ask.measure == "months":
        return len({(line.effective_on.year, line.effective_on.month) for line in standing})
    if ask.measure == "times":
        return sum(1 for line in standing if line.kind != REGAINED)
    amount = sum(line.amount for line in found)
    return -amount if ask.measure == "loss" else amount
