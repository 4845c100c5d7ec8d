"""The turnovers that counted facts are read from: what stands of each household's deeds, by month, rule and person.

A deed counts in the month it was done. A correction takes it out of *that* month, whenever the correction itself was
made: the postings' own months would leave March's deed standing when it was voided in May. So each award is netted
with its own reversals first and counted after.

    live(book_id, households, window)     one row a deed, read off the transfers: for a few households, always right
    kept(book_id)                         the same summed by month in a table of its own, for a whole book
    catch_up(s, book_id, size)            brings that table to a position of the sealed log

`catch_up` takes the leaves that came since, and makes again the months of the households they are about: a constant
number of statements, and work by what is new. `rebuild` makes all of it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    delete,
    extract,
    func,
    insert,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from ledger.tables import leaf, transaction, transfer
from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.eligibility.models import Turnover, TurnoverPosition
from pointsbank.eligibility.windows import Window, month_number

FEW = 5_000  # households named one by one in a statement; more are read whole and picked afterwards
COUNTED = (POINT, SCORE, MINUTE)
REGAINED = "regained"  # gives back what a cap had cut from a deed that is counted already
NOBODY = UUID(int=0)


class Relation(NamedTuple):
    """Columns of turnovers, from either place. `day` is None where only months are known."""

    source: FromClause
    household: ColumnElement[Any]
    month: ColumnElement[int]
    commodity: ColumnElement[str]
    rule: ColumnElement[str]
    kind: ColumnElement[str]
    person: ColumnElement[Any]
    amount: ColumnElement[int]
    times: ColumnElement[int]
    day: ColumnElement[date] | None = None

    def within(self, window: Window) -> ColumnElement[bool]:
        if self.day is not None:
            return and_(self.day >= window.start, self.day <= window.end)
        return and_(self.month >= month_number(window.start), self.month <= month_number(window.end))


def kept(book_id: int) -> Relation:
    """The table's columns; its rows are of the book. Windows must begin with a month."""
    t = Turnover.__table__.c
    source = select(Turnover.__table__).where(t.book_id == book_id).subquery("turnovers")
    c = source.c
    return Relation(source, c.household_id, c.month, c.commodity, c.rule, c.kind, c.person_id, c.amount, c.times)


def live(book_id: int, households: Sequence[UUID] | None, window: Window) -> Relation:
    """One row for each deed and commodity of the window, net of what was taken back."""
    deeds = transaction.c
    of_some = [deeds.household.in_(households)] if households is not None and len(households) <= FEW else []
    source = _net(book_id, [deeds.effective_on >= window.start, deeds.effective_on <= window.end, *of_some],
                  of_some).subquery("deeds")
    c = source.c
    return Relation(source, c.household, c.month, c.commodity, c.rule, c.kind, c.person, c.amount, c.times, c.day)


def _net(book_id: int, which: Sequence[ColumnElement[bool]], which_back: Sequence[ColumnElement[bool]],
         *tables: FromClause) -> Select[Any]:
    """The deeds that `which` picks, each with what still stands of it, by commodity."""
    t = transaction.c
    first = _sums(book_id).where(t.reverses.is_(None), t.household.is_not(None), *which).add_columns(
        t.id, t.household, t.rule, t.person, t.kind, t.effective_on).group_by(
        t.id, t.household, t.rule, t.person, t.kind, t.effective_on, transfer.c.commodity).cte("first")
    back = _sums(book_id).where(t.reverses.is_not(None), *which_back).add_columns(t.reverses).group_by(
        t.reverses, transfer.c.commodity).cte("back")
    amount = first.c.signed + func.coalesce(back.c.signed, 0)
    month = cast(extract("year", first.c.effective_on) * 12 + extract("month", first.c.effective_on) - 1, Integer)
    return select(first.c.household, month.label("month"), first.c.commodity,
                  func.coalesce(first.c.rule, "").label("rule"), first.c.kind,
                  func.coalesce(first.c.person, literal(NOBODY, Turnover.person_id.type)).label("person"),
                  cast(amount, Turnover.amount.type).label("amount"),
                  case(((amount != 0) & (first.c.kind != REGAINED), 1), else_=0).label("times"),
                  first.c.effective_on.label("day"),
                  ).outerjoin_from(first, back, (back.c.reverses == first.c.id)
                                   & (back.c.commodity == first.c.commodity))


def _sums(book_id: int) -> Select[Any]:
    """signed: credits less debits of the member's side. A reversal inherits the party."""
    signed = case((transfer.c.credit_seq.is_not(None), transfer.c.amount), else_=-transfer.c.amount)
    return (select(func.sum(signed).label("signed"), transfer.c.commodity)
            .join_from(transaction, transfer, (transfer.c.book_id == transaction.c.book_id)
                       & (transfer.c.transaction_id == transaction.c.id))
            .where(transaction.c.book_id == book_id, transfer.c.book_id == book_id,
                   transfer.c.commodity.in_(COUNTED)))


_COLUMNS = ("book_id", "household_id", "month", "commodity", "rule", "kind", "person_id", "amount", "times")


def _grouped(book_id: int, net: FromClause) -> Select[Any]:
    c = net.c
    keys = (c.household, c.month, c.commodity, c.rule, c.kind, c.person)
    return select(literal(book_id, Turnover.book_id.type), *keys, func.sum(c.amount), func.sum(c.times)).group_by(*keys)


def _sealed(size: int) -> ColumnElement[bool]:
    """Only what the log holds up to the position: a deed that waits to be sealed counts with the next catching up."""
    return select(leaf.c.transaction_id).where(leaf.c.book_id == transaction.c.book_id, leaf.c.position < size,
                                               leaf.c.transaction_id == transaction.c.id).exists()


def rebuild(s: Session, book_id: int, size: int) -> None:
    """Make the book's turnovers again from the transfers sealed up to a position. Inside a unit of work."""
    s.execute(delete(Turnover).where(Turnover.book_id == book_id))
    net = _net(book_id, [_sealed(size)], [_sealed(size)]).subquery("net")
    s.execute(insert(Turnover).from_select(_COLUMNS, _grouped(book_id, net)))
    _position(s, book_id).size = size
    s.flush()


def _position(s: Session, book_id: int) -> TurnoverPosition:
    row = s.get(TurnoverPosition, book_id, with_for_update=True)
    if row is None:
        row = TurnoverPosition(book_id=book_id, size=0)
        s.add(row)
        s.flush()
    return row


def catch_up(s: Session, book_id: int, size: int) -> int:
    """Bring the turnovers to a position of the sealed log; answers how many leaves were new. Five statements.

    Inside a unit of work.
    """
    position = _position(s, book_id)
    new = size - position.size
    if new <= 0:
        return 0
    if position.size == 0:
        rebuild(s, book_id, size)
        return new
    t = transaction.c
    fresh = select(func.coalesce(t.reverses, t.id).label("id")).join_from(
        transaction, leaf, (leaf.c.book_id == t.book_id) & (leaf.c.transaction_id == t.id)).where(
        leaf.c.book_id == book_id, leaf.c.position >= position.size, leaf.c.position < size).subquery("fresh")
    origin = transaction.alias("origin")
    month = cast(extract("year", origin.c.effective_on) * 12 + extract("month", origin.c.effective_on) - 1, Integer)
    touched = select(origin.c.household, month.label("month")).join(fresh, fresh.c.id == origin.c.id).where(
        origin.c.book_id == book_id, origin.c.household.is_not(None)).distinct().cte("touched")
    s.execute(delete(Turnover).where(Turnover.book_id == book_id, tuple_(Turnover.household_id, Turnover.month).in_(
        select(touched.c.household, touched.c.month))).execution_options(synchronize_session=False))
    homes = t.household.in_(select(touched.c.household))
    net = _net(book_id, [_sealed(size), homes], [_sealed(size), homes]).subquery("net")
    grouped = _grouped(book_id, net).where(tuple_(net.c.household, net.c.month).in_(
        select(touched.c.household, touched.c.month)))
    s.execute(insert(Turnover).from_select(_COLUMNS, grouped))
    position.size = size
    s.flush()
    return new
