"""The same parsed rule inside the database: its three-valued truth, and every criterion with its figure.

    truth(rule.tree, columns)          # a condition: true, false, or NULL for "cannot decide"
    finding(rule.tree, columns)        # text: '[true,[1020,false,180],…]', the criteria in the rule's order
    verdict_of(rule, that list)        # the very Verdict that evaluate(rule, facts) gives for the same household

SQL's own AND and OR are Kleene's: false and unknown is false, true or unknown is true. A figure of a wrong type is NULL
there and said to be so by {} in its place. A property test holds both ways equal, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

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
_WORDS: dict[str, ColumnElement[str]] = {word: literal_column(f"'{word}'", String())
                                         for word in ("true", "false", "null")}


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


def finding(node: Node, columns: Columns, sealed: Collection[str] = ()) -> ColumnElement[str]:
    """The outcome and every criterion as JSON text. Figures of `sealed` facts are left out."""
    parts = [fixed("["), _three(truth(node, columns))]
    for leaf in leaves(node):
        parts += [fixed(","), *_criterion(leaf, columns, sealed)]
    return joined([*parts, fixed("]")])


def joined(parts: list[ColumnElement[str]]) -> ColumnElement[str]:
    """One text of many, neighbours that are fixed made one first."""
    whole: list[ColumnElement[str]] = []
    fixed = ""
    for part in [*parts, None]:
        text = getattr(part, "fixed_text", None)
        if text is not None:
            fixed += text
            continue
        if fixed:
            whole.append(_sql_text(fixed))
            fixed = ""
        if part is not None:
            whole.append(part)
    return texts_in_one(*whole)


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
    return "(" + " || ".join(compiler.process(part, **kw) for part in element.clauses) + ")"


class _Fixed:
    """A piece of JSON that is the same for all."""

    def __init__(self, text: str) -> None:
        self.fixed_text = text


def fixed(text: str) -> Any:
    return _Fixed(text)


def _sql_text(text: str) -> ColumnElement[str]:
    """Only ever our own punctuation and rule codes, never what somebody typed."""
    assert "'" not in text and "\\" not in text and ":" not in text
    return literal_column(f"'{text}'", String())


def _three(value: ColumnElement[Any]) -> ColumnElement[str]:
    return case((value, _WORDS["true"]), (~value, _WORDS["false"]), else_=_WORDS["null"])


def _figure(name: str, columns: Columns) -> ColumnElement[str]:
    given, kind = columns[name], spec_of(name).kind
    if kind == "boolean":
        shown = _three(given.value == literal(True))
    elif kind == "text":
        shown = func.coalesce(_quoted(given.value), _WORDS["null"])
    else:
        shown = func.coalesce(cast(given.value, String()), _WORDS["null"])
    return shown if given.wrong is None else case((given.wrong, literal_column("'{}'", String())), else_=shown)


def _quoted(value: ColumnElement[Any]) -> ColumnElement[str]:
    return '"' + func.replace(func.replace(value, "\\", "\\\\"), '"', '\\"') + '"'


def _criterion(leaf: Compare | Flag, columns: Columns, sealed: Collection[str]) -> list[Any]:
    """[figure, holds, distance], and the other fact's figure where there is one."""
    names = [leaf.fact, *([leaf.other] if isinstance(leaf, Compare) and leaf.other else [])]
    if set(names) & set(sealed):
        return [fixed(f'["{WITHHELD}",'), _three(truth(leaf, columns)), fixed("]")]
    parts: list[Any] = [fixed("["), _figure(leaf.fact, columns), _held(leaf, columns)]
    if len(names) == 2:
        parts += [fixed(","), _figure(names[1], columns)]
    return [*parts, fixed("]")]


def _held(leaf: Compare | Flag, columns: Columns) -> ColumnElement[str]:
    """',holds,distance' in one case, for it stands there once for every criterion of every household."""
    holds = truth(leaf, columns)
    if isinstance(leaf, Flag) or spec_of(leaf.fact).kind not in NUMBERS:
        return case((holds, _sql_text(",true")), (~holds, _sql_text(",false")), else_=_sql_text(",null"))
    short = _sql_text(",false,").concat(cast(_distance(leaf, columns), String()))
    return case((holds, _sql_text(",true,0")), (~holds, short), else_=_sql_text(",null,null"))


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
