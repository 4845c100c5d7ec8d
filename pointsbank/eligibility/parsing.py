"""From a rule's text to a tree, with every door shut that an expression language leaves open.

The library parses and checks types; around it stand, in this order:
  1. a length limit and a lexical gate: only names, plain decimal numbers, quoted texts, comparisons, and/or/not and
     parentheses pass. Regular expressions hang the library while it folds constants, ranges and powers eat memory,
     so nothing of that kind may reach it;
  2. the library's own parse with the types of all registered facts;
  3. a whitelist walk into our tree; what is not a comparison of a fact, a yes-or-no fact or their logic is refused.

Thresholds are written as people do (`hours >= 20` is 20 hours, `score >= 8` is 8.00 points; see `kinds`) and kept in
stored units, exactly.
"""

from __future__ import annotations

import difflib
import re
from decimal import Decimal
from functools import lru_cache

import rule_engine
from rule_engine import ast

from pointsbank.eligibility import facts
from pointsbank.eligibility.errors import BadRule, UnknownFact
from pointsbank.eligibility.kinds import NUMBERS, Kind, Value, to_stored
from pointsbank.eligibility.tree import MIRRORED, OPPOSITE, All, Compare, Constant, Either, Flag, Node, Rule

TEXT_MAX = 500
DEPTH_MAX = 30
DIGITS_MAX = 12

_TOKEN = re.compile(r"""(?P<space>[ \t\r\n]+)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>-?[0-9]+(?:\.[0-9]+)?)
                        |(?P<text>"[^"\\\r\n]*"|'[^'\\\r\n]*')|(?P<op>==|!=|>=|<=|>|<)|(?P<open>\()|(?P<close>\))""",
                    re.VERBOSE)
_WORDS = {"and", "or", "not", "true", "false"}
_REFUSED_WORDS = {"in", "for", "if", "null", "inf", "nan"}
_TYPES = {"boolean": rule_engine.DataType.BOOLEAN, "text": rule_engine.DataType.STRING}
_OPERATORS = {"eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}


def parse(text: str, *, code: str = "", version: int = 0) -> Rule:
    """The rule a text says. Raises BadRule or UnknownFact, with the place; never anything else."""
    if len(text) > TEXT_MAX:
        raise BadRule(TEXT_MAX, f"规则最长 {TEXT_MAX} 个字符。", f"A rule has at most {TEXT_MAX} characters.")
    names = _gate(text)
    known = []
    for name, at in names:
        spec = facts.find_spec(name)
        if spec is None:
            raise UnknownFact("text", fact=name, at=at, hint=_hint(name))
        known.append((name, spec.kind))
    one_line = re.sub(r"[\t\r\n]", " ", text)
    return Rule(text, _tree(one_line, tuple(sorted(set(known)))), code, version)


def _hint(name: str) -> dict[str, str]:
    near = difflib.get_close_matches(name, [spec.name for spec in facts.catalogue()], n=1)
    return {"zh": f"是不是“{near[0]}”?", "en": f"Did you mean “{near[0]}”?"} if near else {"zh": "", "en": ""}


def _gate(text: str) -> list[tuple[str, int]]:
    """Refuse every character that is not ours; return the facts named, with their places."""
    names: list[tuple[str, int]] = []
    at, depth, before = 0, 0, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _stray(text[at], at)
        kind, token = str(match.lastgroup), match[0]
        if kind == "text" and not token.isprintable():  # no fact is ever such a text, and databases take none with NUL
            raise _stray(*next((char, at + n) for n, char in enumerate(token) if not char.isprintable()))
        if kind in ("text", "number") and before in ("name", "number", "text"):
            raise BadRule(at + 1, "这里少了一个比较符号。", "A comparison is missing here.")
        if kind == "number" and len(re.sub(r"[^0-9]", "", token)) > DIGITS_MAX:
            raise BadRule(at + 1, f"数字最多 {DIGITS_MAX} 位。", f"A number has at most {DIGITS_MAX} digits.")
        if kind == "name" and token in _REFUSED_WORDS:
            raise BadRule(at + 1, f"规则里不能用“{token}”。", f"“{token}” cannot be used in a rule.")
        if kind == "name" and token not in _WORDS:
            names.append((token, at + 1))
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth > DEPTH_MAX or depth < 0:
            raise BadRule(at + 1, "括号太多或不成对。", "Too many parentheses, or one without its pair.")
        before = "" if kind == "name" and token in _WORDS else (before if kind == "space" else kind)
        at = match.end()
    if depth:
        raise BadRule(len(text), "括号不成对。", "A parenthesis is not closed.")
    return names


def _stray(char: str, at: int) -> BadRule:
    shown = char if char.isprintable() else f"U+{ord(char):04X}"
    return BadRule(at + 1, f"这里不能用“{shown}”。", f"“{shown}” cannot be used here.")


@lru_cache(maxsize=2048)
def _tree(text: str, known: tuple[tuple[str, Kind], ...]) -> Node:
    """The tree of a text that passed the gate; cached, for one text is judged many times."""
    types = {name: _TYPES.get(kind, rule_engine.DataType.FLOAT) for name, kind in known}
    try:
        context = rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))
        statement = rule_engine.Rule(text, context=context).statement
        return _Walk(dict(known), text).logic(statement.expression, False)
    except (BadRule, UnknownFact):
        raise
    except RecursionError as error:
        raise BadRule(0, "规则太复杂,请拆开写。", "The rule is too complicated; split it.") from error
    except rule_engine.errors.RuleSyntaxError as error:
        token = getattr(error, "token", None)
        at = token.lexpos + 1 if token is not None else len(text)
        raise BadRule(at, "这里读不懂,请检查前后的写法。", "This cannot be read; check around it.") from error
    except rule_engine.errors.EngineError as error:
        raise BadRule(0, "比较的两边不是同一类(例如拿文字比数字)。",
                      "The two sides of a comparison are of different kinds (text against a number).") from error


class _Walk:
    """The whitelist: anything not named here is refused."""

    def __init__(self, kinds: dict[str, Kind], text: str) -> None:
        self.kinds, self.text = kinds, text

    def logic(self, node: object, negated: bool) -> Node:
        if isinstance(node, ast.LogicExpression):
            parts = (self.logic(node.left, negated), self.logic(node.right, negated))
            return _joined(All if (node.type == "and") != negated else Either, parts)
        if isinstance(node, ast.UnaryExpression) and node.type == "not":
            return self.logic(node.right, not negated)
        if isinstance(node, ast.BooleanExpression):
            return Constant(bool(node.value) != negated)
        if isinstance(node, ast.SymbolExpression):
            if self.kinds[node.name] != "boolean":
                raise self.refuse(node.name, "它不是“是/否”的事实,要和一个数或文字比较",
                                  "it is not a yes-or-no fact; compare it with a value")
            return Flag(node.name, not negated)
        if isinstance(node, ast.ComparisonExpression | ast.ArithmeticComparisonExpression):
            return self.comparison(node, negated)
        raise BadRule(0, "只能写比较和 and、or、not。", "Only comparisons and and, or, not can be written.")

    def comparison(self, node: ast.ComparisonExpression, negated: bool) -> Node:
        operator = _OPERATORS.get(node.type, "")
        left, right = node.left, node.right
        if not isinstance(left, ast.SymbolExpression):
            left, right, operator = right, left, MIRRORED.get(operator, "")
        if not isinstance(left, ast.SymbolExpression) or not operator:
            raise BadRule(0, "比较的一边要是事实的名字。", "One side of a comparison must be the name of a fact.")
        kind = self.kinds[left.name]
        if kind not in NUMBERS and operator not in ("==", "!="):
            raise self.refuse(left.name, "只能用 == 或 !=", "it can only be compared by == or !=")
        operator = OPPOSITE[operator] if negated else operator
        if isinstance(right, ast.SymbolExpression):
            if self.kinds[right.name] != kind:
                raise self.refuse(right.name, f"它和“{left.name}”不是同一类",
                                  f"it is of another kind than “{left.name}”")
            if right.name == left.name or kind == "boolean":
                raise self.refuse(right.name, "不能这样比较", "it cannot be compared like this")
            return Compare(left.name, operator, other=right.name)
        value = self.literal(left.name, kind, right)
        if isinstance(value, bool):
            return Flag(left.name, value == (operator == "=="))
        return Compare(left.name, operator, threshold=value)

    def literal(self, name: str, kind: Kind, node: object) -> Value:
        if kind in NUMBERS and isinstance(node, ast.FloatExpression) and isinstance(node.value, Decimal):
            stored = to_stored(kind, node.value)
            if stored is None:
                raise self.refuse(name, {"whole": "要和整数比较", "minutes": "小时数要能换成整分钟"}.get(
                    kind, "分数最多两位小数"), {"whole": "compare it with a whole number",
                                          "minutes": "the hours must make whole minutes"}.get(
                                              kind, "points have at most two decimals"))
            return stored
        if kind == "text" and isinstance(node, ast.StringExpression):
            return str(node.value)
        if kind == "boolean" and isinstance(node, ast.BooleanExpression):
            return bool(node.value)
        raise self.refuse(name, "比较的两边不是同一类", "the two sides are of different kinds")

    def refuse(self, name: str, zh: str, en: str) -> BadRule:
        at = next(token.start() for token in _TOKEN.finditer(self.text) if token["name"] == name)
        return BadRule(at + 1, f"“{name}”:{zh}。", f"“{name}”: {en}.")


def _joined(kind: type[All] | type[Either], parts: tuple[Node, ...]) -> Node:
    """a and (b and c) as one list of three."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return kind(tuple(flat))
