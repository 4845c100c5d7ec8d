"""The same parsed rule inside the database: its three-valued truth, and every criterion with its figure.

    truth(rule.tree, columns)          # a condition: true, false, or NULL for "cannot decide"
    finding(rule.tree, columns)        # text: '[true,[1020,false,180],…]', the criteria in the rule's order
    verdict_of(rule, that list)        # the very Verdict that evaluate(rule, facts) gives for the same household

SQL's own AND and OR are Kleene's: false and unknown is false, true or unknown is true. A figure of a wrong type is NULL
there and said to be so by {} in its place. A property test holds both ways equal, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, literal, literal_column, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from pointsbank.eligibility.evaluating import Criterion, Judged, Verdict
from pointsbank.eligibility.facts import spec_of
from pointsbank.eligibility.finding import Given
from pointsbank.eligibility.kinds import NUMBERS, Value
from pointsbank.eligibility.tree import All, Compare, Constant, Either, Flag, Node, Rule

Columns = Mapping[str, Given]
ARGUMENTS = 90
WITHHELD = "-"  # stands for the figure of a sealed fact in what is stored open
_OPERATORS: dict[str, Any] = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b}
_NULL: ColumnElement[str] = literal_column("'null'", String())


def truth(node: Node, columns: Columns) -> ColumnElement[bool]:
    """The rule as a condition on the columns of its facts."""
    if isinstance(node, All):
        return and_(*(truth(part, columns) for part in node.parts))
    if isinstance(node, Either):
        return or_(*(truth(part, columns) for part in node.parts))
    if isinstance(node, Constant):
        return true() if node.value else false()
    if isinstance(node, Flag):
        return columns[node.fact].value == literal(node.wanted)
    found: ColumnElement[bool] = _OPERATORS[node.operator](columns[node.fact].value, _right(node, columns))
    return found


def _right(node: Compare, columns: Columns) -> ColumnElement[Any]:
    return columns[node.other].value if node.other is not None else literal(node.threshold)


def leaves(node: Node) -> Iterator[Compare | Flag]:
    """The criteria, in the rule's order."""
    if isinstance(node, All | Either):
        for part in node.parts:
            yield from leaves(part)
    elif not isinstance(node, Constant):
        yield node


def certain(node: Node, columns: Columns) -> bool:
    """Whether it is always decided: every fact it speaks of is a figure of the ledger, of which none is nought."""
    return all(columns[name].certain for leaf in leaves(node) for name in _names(leaf))


def _names(leaf: Compare | Flag) -> list[str]:
    return [leaf.fact, *([leaf.other] if isinstance(leaf, Compare) and leaf.other else [])]


def finding(node: Node, columns: Columns, sealed: Collection[str] = ()) -> ColumnElement[str]:
    """The outcome and every criterion as JSON text. Figures of `sealed` facts are left out."""
    return joined(pieces(node, columns, sealed))


def pieces(node: Node, columns: Columns, sealed: Collection[str] = ()) -> list[Piece]:
    """`finding` as pieces to be put together with others."""
    parts: list[Piece] = ["[", _three(truth(node, columns), certain(node, columns))]
    for leaf in leaves(node):
        parts += [",", *_criterion(leaf, columns, sealed)]
    return [*parts, "]"]


class Ways(NamedTuple):
    """One of several texts: under this condition so, under that so, otherwise the last. Each of pieces."""

    cases: tuple[tuple[ColumnElement[bool], tuple[Piece, ...]], ...]
    otherwise: tuple[Piece, ...]

    def with_ends(self, before: str, after: str) -> Ways:
        return Ways(tuple((when, (before, *parts, after)) for when, parts in self.cases),
                    (before, *self.otherwise, after))


Piece = str | Ways | ColumnElement[Any]


def joined(parts: Iterable[Piece]) -> ColumnElement[str]:
    """One text of many pieces. What is the same for all goes into the neighbour's ways: every piece that has to be put
    together costs as much as judging a criterion."""
    whole: list[Piece] = []
    for part in parts:
        last = whole[-1] if whole else None
        if isinstance(part, str) and isinstance(last, str):
            whole[-1] = last + part
        elif isinstance(part, str) and isinstance(last, Ways):
            whole[-1] = last.with_ends("", part)
        elif isinstance(part, Ways) and isinstance(last, str):
            whole[-1] = part.with_ends(last, "")
        elif part != "" if isinstance(part, str) else True:
            whole.append(part)
    texts = [_text_of(part) for part in whole]
    return texts[0] if len(texts) == 1 else texts_in_one(*texts)


def _text_of(part: Piece) -> ColumnElement[Any]:
    if isinstance(part, str):
        return _sql_text(part)
    if isinstance(part, Ways):
        return case(*((when, joined(parts)) for when, parts in part.cases), else_=joined(part.otherwise))
    return part


class texts_in_one(FunctionElement[str]):
    """Many texts as one. On PostgreSQL by concat(), which makes one text at once where || makes one after another."""

    name = "texts_in_one"
    type = String()
    inherit_cache = True


@compiles(texts_in_one, "postgresql")
def _one_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    parts = [compiler.process(part, **kw) for part in element.clauses]
    return _concat(parts)


def _concat(parts: list[str]) -> str:
    """A function takes a hundred arguments at most."""
    if len(parts) <= ARGUMENTS:
        return f"concat({', '.join(parts)})"
    return _concat([_concat(parts[first:first + ARGUMENTS]) for first in range(0, len(parts), ARGUMENTS)])


@compiles(texts_in_one, "sqlite")
def _one_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return "(" + " || ".join(f"({compiler.process(part, **kw)})" for part in element.clauses) + ")"


def _sql_text(text: str) -> ColumnElement[str]:
    """Only ever our own punctuation and rule codes, never what somebody typed."""
    assert "'" not in text and "\\" not in text and ":" not in text
    return literal_column(f"'{text}'", String())


def _three(value: ColumnElement[Any], decided: bool = False, yes: tuple[Piece, ...] = ("true",),
           no: tuple[Piece, ...] = ("false",), unknown: str = "null") -> Ways:
    if decided:
        return Ways(((value, yes),), no)
    return Ways(((value, yes), (~value, no)), (unknown,))


def _figure(name: str, columns: Columns) -> Piece:
    """A number that is never missing stands as it is: making one text of many writes it without a cast."""
    given, kind = columns[name], spec_of(name).kind
    shown: Piece
    if kind == "boolean":
        shown = _three(given.value == literal(True), given.certain)
    elif given.certain and kind in NUMBERS:
        shown = given.value
    elif kind == "text":
        shown = func.coalesce(_quoted(given.value), _NULL)
    else:
        shown = func.coalesce(cast(given.value, String()), _NULL)
    return shown if given.wrong is None else Ways(((given.wrong, ("{}",)),), (shown,))


def _quoted(value: ColumnElement[Any]) -> ColumnElement[str]:
    return '"' + func.replace(func.replace(value, "\\", "\\\\"), '"', '\\"') + '"'


def _criterion(leaf: Compare | Flag, columns: Columns, sealed: Collection[str]) -> list[Piece]:
    """[figure, holds, distance], and the other fact's figure where there is one."""
    names = _names(leaf)
    if set(names) & set(sealed):
        return [f'["{WITHHELD}",', _three(truth(leaf, columns), certain(leaf, columns)), "]"]
    parts: list[Piece] = ["[", _figure(leaf.fact, columns), ",", _held(leaf, columns)]
    if len(names) == 2:
        parts += [",", _figure(names[1], columns)]
    return [*parts, "]"]


def _held(leaf: Compare | Flag, columns: Columns) -> Ways:
    """'holds,distance'."""
    holds, decided = truth(leaf, columns), certain(leaf, columns)
    if isinstance(leaf, Flag) or spec_of(leaf.fact).kind not in NUMBERS:
        return _three(holds, decided)
    return _three(holds, decided, ("true,0",), ("false,", _distance(leaf, columns)), "null,null")


def _distance(leaf: Compare, columns: Columns) -> ColumnElement[int]:
    """How far a figure that does not hold is from holding."""
    value, right = columns[leaf.fact].value, _right(leaf, columns)
    more = 1 if leaf.operator in (">", "<", "!=") else 0
    gap = right - value if leaf.operator in (">", ">=") else value - right if leaf.operator in ("<", "<=") else \
        func.abs(right - value)
    return gap + more if more else gap


def verdict_of(rule: Rule, body: list[Any]) -> Verdict:
    """The verdict that a finding says, as `evaluate` would have given it (figures withheld stay away)."""
    rest = iter(body[1:])
    result = _judged(rule.tree, rest)
    assert result.outcome is body[0], "a finding of another rule"
    return Verdict(result.outcome, result, rule.text, rule.code, rule.version)


def _judged(node: Node, rest: Iterator[list[Any]]) -> Judged:
    if isinstance(node, All | Either):
        parts = tuple(_judged(part, rest) for part in node.parts)
        outcomes = [part.outcome for part in parts]
        join, settles = ("all", False) if isinstance(node, All) else ("any", True)
        return Judged(join, settles if settles in outcomes else None if None in outcomes else not settles, parts)
    if isinstance(node, Constant):
        return Judged("one", node.value)
    criterion = _criterion_of(node, next(rest))
    return Judged("one", criterion.holds, criterion=criterion)


def _criterion_of(leaf: Compare | Flag, found: list[Any]) -> Criterion:
    kind = spec_of(leaf.fact).kind
    if isinstance(leaf, Flag):
        if found[0] == WITHHELD:
            return Criterion(leaf.fact, kind, "==", None, leaf.wanted, found[1])
        value, problem = _read(found[0])
        return Criterion(leaf.fact, kind, "==", value, leaf.wanted, found[1], None, None, problem,
                         leaf.fact if problem else None)
    if found[0] == WITHHELD and len(found) == 2:
        return Criterion(leaf.fact, kind, leaf.operator, None, leaf.threshold, found[1], None, leaf.other)
    value, problem = _read(found[0])
    about = leaf.fact if problem else None
    threshold = leaf.threshold
    if leaf.other is not None:
        threshold, other_problem = _read(found[-1])
        if problem is None and other_problem is not None:
            problem, about = other_problem, leaf.other
    distance = found[2] if kind in NUMBERS else None
    return Criterion(leaf.fact, kind, leaf.operator, value, threshold, found[1], distance, leaf.other, problem, about)


def _read(found: Any) -> tuple[Value | None, str | None]:
    if found is None:
        return None, "missing"
    return (None, "wrong_type") if found == {} else (found, None)
