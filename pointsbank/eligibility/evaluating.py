"""Judging: a rule and one household's facts in, a verdict out. Pure.

Kleene's three values: True, False, and None for "cannot decide". A missing figure decides nothing by itself, but
`false and unknown` is false and `true or unknown` is true: where the known part settles it, the verdict is settled.

    >>> from pointsbank.eligibility.facts import register_fact
    >>> from pointsbank.eligibility.parsing import parse
    >>> register_fact("doc_hours", "minutes", "时长", "hours", None)
    >>> verdict = evaluate(parse("doc_hours >= 20"), {"doc_hours": 17 * 60})
    >>> verdict.outcome, verdict.criteria[0].distance
    (False, 180)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pointsbank.eligibility.facts import FactSpec, spec_of
from pointsbank.eligibility.kinds import NUMBERS, Kind, Value, fits
from pointsbank.eligibility.tree import All, Compare, Constant, Either, Flag, Node, Rule

Outcome = bool | None
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One comparison judged. Figures are in stored units; `distance` is how much is missing until it holds.

    `problem`: 'missing' or 'wrong_type' names why it cannot be decided; `problem_fact` which fact it is about.
    """

    fact: str
    kind: Kind
    operator: str
    figure: Value | None
    threshold: Value | None
    holds: Outcome
    distance: int | None = None
    other: str | None = None
    problem: str | None = None
    problem_fact: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The tree of the answer: join is 'all', 'any' or 'one' (a single criterion, or a constant without one)."""

    join: str
    outcome: Outcome
    parts: tuple[Judged, ...] = ()
    criterion: Criterion | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """True, False or None (cannot decide), and why. `result` keeps which criteria are alternatives."""

    outcome: Outcome
    result: Judged
    text: str
    code: str
    version: int

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return tuple(_leaves(self.result))

    @property
    def undecided(self) -> tuple[str, ...]:
        """The facts for want of which it cannot be decided (empty when it is decided)."""
        if self.outcome is not None:
            return ()
        return tuple(dict.fromkeys(c.problem_fact for c in self.criteria if c.holds is None and c.problem_fact))


def _leaves(node: Judged) -> Iterator[Criterion]:
    if node.criterion is not None:
        yield node.criterion
    for part in node.parts:
        yield from _leaves(part)


def evaluate(rule: Rule, facts: Mapping[str, Any]) -> Verdict:
    """Judge one household. Never raises for facts that are absent or of the wrong type: they are named instead."""
    result = _judge(rule.tree, facts)
    return Verdict(result.outcome, result, rule.text, rule.code, rule.version)


def _judge(node: Node, facts: Mapping[str, Any]) -> Judged:
    if isinstance(node, All | Either):
        parts = tuple(_judge(part, facts) for part in node.parts)
        outcomes = [part.outcome for part in parts]
        join, settles = ("all", False) if isinstance(node, All) else ("any", True)
        outcome = settles if settles in outcomes else None if None in outcomes else not settles
        return Judged(join, outcome, parts)
    if isinstance(node, Constant):
        return Judged("one", node.value)
    criterion = _flag(node, facts) if isinstance(node, Flag) else _compare(node, facts)
    return Judged("one", criterion.holds, criterion=criterion)


def _read(spec: FactSpec, facts: Mapping[str, Any]) -> tuple[Value | None, str | None]:
    """(value, problem): a value of the wrong type is as good as none, and said to be so."""
    value = facts.get(spec.name)
    if value is None:
        return None, "missing"
    return (value, None) if fits(spec.kind, value) else (None, "wrong_type")


def _flag(node: Flag, facts: Mapping[str, Any]) -> Criterion:
    value, problem = _read(spec_of(node.fact), facts)
    holds = None if value is None else bool(value) == node.wanted
    return Criterion(node.fact, "boolean", "==", value, node.wanted, holds, None, None, problem,
                     node.fact if problem else None)


def _compare(node: Compare, facts: Mapping[str, Any]) -> Criterion:
    spec = spec_of(node.fact)
    value, problem = _read(spec, facts)
    about = node.fact if problem else None
    threshold = node.threshold
    if node.other is not None:
        threshold, other_problem = _read(spec_of(node.other), facts)
        if problem is None and other_problem is not None:
            problem, about = other_problem, node.other
    if problem is not None or value is None or threshold is None:
        return Criterion(node.fact, spec.kind, node.operator, value, threshold, None, None, node.other, problem, about)
    holds = _TESTS[node.operator](value, threshold)
    distance = _distance(node.operator, int(value), int(threshold), holds) if spec.kind in NUMBERS else None
    return Criterion(node.fact, spec.kind, node.operator, value, threshold, holds, distance, node.other)


def _distance(operator: str, value: int, threshold: int, holds: bool) -> int:
    """How far the figure is from holding, in stored units; more for >=, less for <=."""
    if holds:
        return 0
    gap = abs(threshold - value)
    return gap + 1 if operator in (">", "<", "!=") else gap
