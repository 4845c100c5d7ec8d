"""A parsed rule: a small frozen tree of our own, with every "not" pushed down to the leaves.

Pushing it down (not (a and b) = not a or not b, not (x >= 3) = x < 3) is exact in three-valued logic too, because
"unknown" is its own negation; so verdicts and sentences never have to speak of a negated criterion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pointsbank.eligibility.kinds import Value

OPPOSITE = {">=": "<", "<": ">=", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
MIRRORED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Compare:
    """fact operator threshold (in stored units), or fact operator other fact."""

    fact: str
    operator: str
    threshold: Value | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes-or-no fact that must be as wanted."""

    fact: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Node, ...]


Node = Compare | Flag | Constant | All | Either


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule ready to be judged by. `code` and `version` are empty for one that was only typed, not published."""

    text: str
    tree: Node
    code: str = ""
    version: int = 0

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it speaks of, in order of appearance."""
        return tuple(dict.fromkeys(_names(self.tree)))


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, All | Either):
        for part in node.parts:
            yield from _names(part)
    elif isinstance(node, Flag):
        yield node.fact
    elif isinstance(node, Compare):
        yield node.fact
        if node.other is not None:
            yield node.other
