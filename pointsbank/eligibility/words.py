"""Rules and verdicts in words, Chinese and English, made from the parsed rule: nobody types an explanation by hand.

    describe(parse("hours >= 20 or (hours >= 10 and volunteers >= 1)"), "zh")
    → "本年服务时长不少于 20 小时,或者(本年服务时长不少于 10 小时,并且服务过的成员不少于 1 人)"
"""

from __future__ import annotations

from datetime import date
from typing import Any

from pointsbank.eligibility.evaluating import Criterion, Judged, Verdict
from pointsbank.eligibility.facts import FactSpec, spec_of
from pointsbank.eligibility.kinds import Value, show
from pointsbank.eligibility.tree import All, Compare, Constant, Flag, Node, Rule

OPERATORS = {
    "zh": {">=": "不少于", ">": "多于", "<=": "不超过", "<": "少于", "==": "为", "!=": "不为"},
    "en": {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "equal to",
           "!=": "other than"}}
MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")
ONE = {"people": "person"}  # units whose one is not the many without its s
AND, OR = {"zh": ",并且", "en": ", and "}, {"zh": ",或者", "en": ", or "}


def _lang(lang: str) -> str:
    return "en" if lang.startswith("en") else "zh"


def describe(rule: Rule, lang: str = "zh") -> str:
    """The whole rule as one sentence without its full stop."""
    return _describe(rule.tree, _lang(lang))


def _describe(node: Node, lang: str) -> str:
    if isinstance(node, Constant):
        words = {True: {"zh": "任何情况都可以", "en": "always"}, False: {"zh": "任何情况都不可以", "en": "never"}}
        return words[node.value][lang]
    if isinstance(node, Flag):
        return flag_words(spec_of(node.fact), node.wanted, lang)
    if isinstance(node, Compare):
        return _comparison(node.fact, node.operator, node.threshold, node.other, lang)
    parts = [_describe(part, lang) if isinstance(part, Compare | Flag | Constant) else f"({_describe(part, lang)})"
             for part in node.parts]
    return (AND if isinstance(node, All) else OR)[lang].join(parts)


def flag_words(spec: FactSpec, wanted: bool, lang: str) -> str:
    """A yes-or-no fact in words: '没有一票否决'."""
    own = {(True, "zh"): spec.yes_zh, (True, "en"): spec.yes_en, (False, "zh"): spec.no_zh, (False, "en"): spec.no_en}
    title = spec.title(lang)
    return own[(wanted, lang)] or (title if wanted else f"没有{title}" if lang == "zh" else f"no {title}")


def _comparison(fact: str, operator: str, threshold: Value | None, other: str | None, lang: str) -> str:
    spec = spec_of(fact)
    right = spec_of(other).title(lang) if other else "" if threshold is None else _show(spec, threshold, lang)
    space = " " if lang == "en" or not other else ""
    first = " " if lang == "en" else ""
    return f"{spec.title(lang)}{first}{OPERATORS[lang][operator]}{space}{right}"


def _show(spec: FactSpec, value: Value, lang: str) -> str:
    unit = spec.unit(lang)
    if lang == "en" and spec.kind == "whole" and value == 1:
        unit = ONE.get(unit, unit.removesuffix("s"))
    return show(spec.kind, value, unit, lang)


def wanted_words(c: Criterion, lang: str = "zh") -> str:
    """What a criterion asks for: '本年服务时长不少于 20 小时'."""
    lang = _lang(lang)
    if c.kind == "boolean":
        return flag_words(spec_of(c.fact), bool(c.threshold), lang)
    return _comparison(c.fact, c.operator, c.threshold, c.other, lang)


def figure_words(c: Criterion, lang: str = "zh") -> str:
    """The household's own figure: '17 小时'; a dash when there is none, and nothing for a private fact."""
    lang = _lang(lang)
    spec = spec_of(c.fact)
    if spec.private:
        return ""
    return "—" if c.figure is None else _show(spec, c.figure, lang)


def distance_words(c: Criterion, lang: str = "zh") -> str:
    """What is missing: '还差 3 小时'; empty when it holds, cannot be decided, or is no matter of more or less."""
    lang = _lang(lang)
    spec = spec_of(c.fact)
    if not c.distance or spec.private or c.operator in ("==", "!="):
        return ""
    amount = _show(spec, c.distance, lang)
    if c.operator in (">=", ">"):
        return f"还差 {amount}" if lang == "zh" else f"{amount} more needed"
    return f"超出 {amount}" if lang == "zh" else f"{amount} too much"


def more_words(c: Criterion, lang: str = "zh") -> str:
    """What to do about a criterion that asks for more: '再服务 3 小时'; empty when no amount would help."""
    lang = _lang(lang)
    spec = spec_of(c.fact)
    if not c.distance or c.operator not in (">=", ">", "==") or spec.private:
        return ""
    amount = _show(spec, c.distance, lang)
    template = spec.more_en if lang == "en" else spec.more_zh
    if template:
        return template.format(n=amount)
    return f"{spec.title_zh}还差 {amount}" if lang == "zh" else f"{amount} more: {spec.title_en}"


def problem_words(c: Criterion, lang: str = "zh") -> str:
    """Why a criterion cannot be decided yet: '还没有“评议均分”'; empty when it can."""
    lang = _lang(lang)
    if c.holds is not None or c.problem_fact is None:
        return ""
    title = spec_of(c.problem_fact).title(lang)
    if c.problem == "wrong_type":
        return f"“{title}”的内容不是规定的类型" if lang == "zh" else f"“{title}” is not of the right type"
    return f"还没有“{title}”" if lang == "zh" else f"“{title}” is not there yet"


def criterion_sentence(c: Criterion, lang: str = "zh", until: date | None = None) -> str:
    """One criterion whole: '本年服务时长不少于 20 小时:现在 17 小时,还差 3 小时。'

    `until`: the last day that a deed still counts, said where a deed would help: '…,还差 3 小时(12 月 31 日前)。'
    """
    lang = _lang(lang)
    stop, colon, comma = ("。", ":", ",") if lang == "zh" else (".", ": ", ", ")
    if c.holds is None:
        tail = ("暂不能判定," if lang == "zh" else "cannot be decided yet, ") + problem_words(c, lang)
    else:
        yes = {"zh": "符合", "en": "met"} if c.holds else {"zh": "不符合", "en": "not met"}
        figure = figure_words(c, lang)
        now = f"现在 {figure}" if lang == "zh" else f"now {figure}"
        if c.kind == "boolean" and not c.holds and figure:  # what stands instead says more than "not met"
            stands = flag_words(spec_of(c.fact), bool(c.figure), lang)
            return f"{wanted_words(c, lang)}{colon}{'现在' if lang == 'zh' else 'now '}{stands}{stop}"
        shown = [now] if figure and c.kind != "boolean" else []
        missing = distance_words(c, lang)
        if missing and until is not None and more_words(c, lang) and c.operator in (">=", ">"):
            missing += (f"({until.month} 月 {until.day} 日前)" if lang == "zh"
                        else f" until {until.day} {MONTHS[until.month]}")
        tail = comma.join([*shown, missing or yes[lang]])
    return f"{wanted_words(c, lang)}{colon}{tail}{stop}"


def headline(verdict: Verdict, lang: str = "zh") -> str:
    """符合条件 / 不符合条件 / 暂不能判定:还没有“…”。"""
    lang = _lang(lang)
    if verdict.outcome is not None:
        return {(True, "zh"): "符合条件。", (False, "zh"): "不符合条件。", (True, "en"): "Conditions met.",
                (False, "en"): "Conditions not met."}[(verdict.outcome, lang)]
    why = list(dict.fromkeys(problem_words(c, lang) for c in verdict.criteria if c.holds is None))
    return ("暂不能判定:" + "、".join(why) + "。") if lang == "zh" else "Cannot decide yet: " + "; ".join(why) + "."


def explain(verdict: Verdict, lang: str = "zh") -> list[str]:
    """The headline, then one sentence for each criterion."""
    return [headline(verdict, lang), *(criterion_sentence(c, lang) for c in verdict.criteria)]


def shortest_way(verdict: Verdict) -> tuple[Criterion, ...]:
    """What is still to be met on the way with the fewest criteria, the nearest of those; empty when it is a yes."""
    return _way(verdict.result)


def _way(node: Judged) -> tuple[Criterion, ...]:
    if node.outcome is True:
        return ()
    if node.criterion is not None:
        return (node.criterion,)
    ways = [_way(part) for part in node.parts]
    if node.join == "any":
        return min((way for way in ways if way), key=lambda way: (len(way), share_missing(way)), default=())
    return tuple(criterion for way in ways for criterion in way)


def share_missing(way: tuple[Criterion, ...]) -> int:
    """How much of what is asked is missing, in thousandths, by the worst criterion."""
    return max((c.distance * 1000 // max(int(c.threshold or 0), 1) if c.distance is not None else 1000 for c in way),
               default=0)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data, for storing and for the API; `from_json` gives it back."""
    return {"outcome": verdict.outcome, "rule": verdict.code, "version": verdict.version, "text": verdict.text,
            "result": _judged_json(verdict.result)}


def _judged_json(node: Judged) -> dict[str, Any]:
    body: dict[str, Any] = {"join": node.join, "outcome": node.outcome}
    if node.parts:
        body["parts"] = [_judged_json(part) for part in node.parts]
    if node.criterion is not None:
        c = node.criterion
        body["criterion"] = {name: getattr(c, name) for name in Criterion.__slots__ if getattr(c, name) is not None}
    return body


def from_json(body: dict[str, Any]) -> Verdict:
    return Verdict(body["outcome"], _judged_from(body["result"]), body["text"], body["rule"], body["version"])


def _judged_from(body: dict[str, Any]) -> Judged:
    c = body.get("criterion")
    criterion = None if c is None else Criterion(
        c["fact"], c["kind"], c["operator"], c.get("figure"), c.get("threshold"), c.get("holds"), c.get("distance"),
        c.get("other"), c.get("problem"), c.get("problem_fact"))
    return Judged(body["join"], body["outcome"], tuple(_judged_from(part) for part in body.get("parts", ())), criterion)
