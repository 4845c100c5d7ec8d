"""What a fact's function is asked with, and the words it answers in when it counts over the ledger's turnovers.

    lambda t: t.total(t.of(MINUTE))                     # hours of the window
    lambda t: t.total(t.of(SCORE, t.codes))             # score of the rules named by the fact
    lambda t: t.months(t.of(SCORE, t.codes))            # in how many different months something stands

Everything counts by the household of then (the transaction's party), so a person who moves takes no hours along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from pointsbank.eligibility.bits import MONTHS_MAX, bits_set, longest_run, months_mask
from pointsbank.eligibility.json_rows import rows_of_json
from pointsbank.eligibility.turnovers import FEW, Relation
from pointsbank.eligibility.windows import Window, month_number, named
from pointsbank.people import Household


class Spoken(Protocol):
    """What a fact's name says beyond the fact itself: the window and the codes of points rules."""

    @property
    def window(self) -> str | None: ...

    @property
    def codes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Ask:
    """The question: which households of a book, on which day, over which days.

    `ids`: these households; None with `places`: all that live in places whose codes begin so. `using`: what a higher
    room wants its own facts to use (a version of a scheme).
    """

    s: Session
    book_id: int
    ids: Sequence[UUID] | None
    on: date
    window: Window
    relation: Relation
    places: Sequence[str] = ()
    using: Mapping[str, Any] = field(default_factory=dict)
    memory: dict[Any, Any] = field(default_factory=dict)

    def some(self, column: Any) -> list[ColumnElement[bool]]:
        """A condition for the households asked, where it is worth one; none where nearly all are."""
        return [column.in_(self.ids)] if self.ids is not None and len(self.ids) <= FEW else []

    def homes(self) -> Select[Any]:
        """The households asked: id and place_code (empty for one that the book does not know)."""
        if self.ids is not None:
            asked = rows_of_json(self.s, [[household.hex] for household in self.ids])
            own = asked.id_at(0).label("id")
            listed = select(own).select_from(asked.each).subquery("asked")
            return select(listed.c.id, func.coalesce(Household.place_code, "").label("place_code")).outerjoin_from(
                listed, Household, (Household.book_id == self.book_id) & (Household.id == listed.c.id))
        query: Any = select(Household.id, Household.place_code).where(Household.book_id == self.book_id)
        query = query.where(Household.opened_on <= self.window.end,
                            or_(Household.closed_on.is_(None), Household.closed_on > self.window.end))
        if self.places:
            query = query.where(or_(*(Household.place_code.startswith(code, autoescape=True)
                                      for code in self.places)))
        return query

    def window_of(self, spec: Spoken) -> Window:
        return named(spec.window, self.on) if spec.window else self.window


def of_codes(column: Any, codes: Sequence[str]) -> ColumnElement[bool]:
    """Rules of these codes; a code of letters alone stands for its whole category (V: V01, V02, …)."""
    exact = [code for code in codes if not code.isalpha()]
    either: list[ColumnElement[bool]] = [column.in_(exact)] if exact else []
    for code in codes:
        if code.isalpha():
            after = func.substr(column, len(code) + 1, 1)
            either.append(or_(column == code, and_(func.substr(column, 1, len(code)) == code, after >= "0",
                                                   after <= "9")))
    return or_(*either)


class Marks(NamedTuple):
    """Rules looked up once for a row of a scan, instead of one after another by every fact: `rows` has each code with
    a yes or no for each set of codes that facts speak of."""

    rows: Any
    columns: Mapping[tuple[str, ...], ColumnElement[bool]]


def marks_of(s: Session, sets: Sequence[tuple[str, ...]]) -> Marks:
    """For sets of whole codes (a category of its own letters is not looked up)."""
    codes = sorted({code for each in sets for code in each})
    listed = rows_of_json(s, [[code, *(int(code in each) for each in sets)] for code in codes])
    columns = [(listed.value_at(place, Integer()) == 1).label(f"m{place}") for place in range(1, len(sets) + 1)]
    rows = select(listed.value_at(0, String()).label("code"), *columns).select_from(listed.each).offset(
        literal_column("0")).subquery("marks")  # OFFSET: worked out for each code, not for each row it is looked up for
    return Marks(rows, {each: rows.c[f"m{place}"] for place, each in enumerate(sets, 1)})


class Counting(NamedTuple):
    """An aggregate, and what is still to be done with it once the rows are summed."""

    aggregate: ColumnElement[int]
    finish: Callable[[ColumnElement[int]], ColumnElement[int]]


class Turnovers:
    """The turnovers of one fact: the relation, and the window and rules that its name speaks of."""

    def __init__(self, ask: Ask, spec: Spoken, whole: Window, marks: Marks | None = None) -> None:
        self.relation, self.spec, self.codes = ask.relation, spec, spec.codes
        self._marks = marks.columns if marks is not None else {}
        self.window = ask.window_of(spec)
        self._whole = whole  # the scan's own span: a fact of all of it needs no condition on the month

    def of(self, commodity: str, codes: Sequence[str] = (), kinds: Sequence[str] = ()) -> ColumnElement[bool]:
        """The rows of a commodity, narrowed by rules and kinds, in the fact's window."""
        parts: list[ColumnElement[bool]] = []  # what lets fewest through stands first
        if codes:
            mark = self._marks.get(tuple(codes))
            parts.append(mark if mark is not None else of_codes(self.relation.rule, codes))
        parts.append(self.relation.commodity == commodity)
        if self.window != self._whole:
            parts.append(self.relation.within(self.window))
        if kinds:
            parts.append(self.relation.kind.in_(kinds))
        return and_(*parts)

    def total(self, rows: ColumnElement[bool], sign: int = 1) -> ColumnElement[int]:
        amount = self.relation.amount if sign > 0 else -self.relation.amount
        return cast(func.sum(amount).filter(rows), BigInteger)

    def lost(self, rows: ColumnElement[bool]) -> ColumnElement[int]:
        """What was taken away, as a figure above nought; what went to another household by a split or a merge has no
        rule and is no deduction."""
        amount = case(((self.relation.amount < 0) & (self.relation.rule != ""), -self.relation.amount), else_=0)
        return cast(func.sum(amount).filter(rows), BigInteger)

    def times(self, rows: ColumnElement[bool]) -> ColumnElement[int]:
        """How many deeds stand."""
        return cast(func.sum(self.relation.times).filter(rows), BigInteger)

    def _mask(self, rows: ColumnElement[bool]) -> ColumnElement[int]:
        base = max(month_number(self.window.start), month_number(self.window.end) - MONTHS_MAX + 1)
        inside = and_(rows, self.relation.times > 0, self.relation.month >= base)
        return months_mask(self.relation.month - literal(base), inside)

    def months(self, rows: ColumnElement[bool]) -> Counting:
        """In how many different months something stands."""
        return Counting(self._mask(rows), bits_set)

    def streak(self, rows: ColumnElement[bool]) -> Counting:
        """The most months on end in which something stands."""
        return Counting(self._mask(rows), longest_run)
