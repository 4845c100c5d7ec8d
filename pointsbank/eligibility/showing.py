"""The catalogue of facts as a reader sees it: made from what is registered, so that neither page nor paper lags behind.

    shown_facts("zh")      # [ShownFact("hours", "本年志愿服务时长", "时长(小时)", "hours >= 20", …), …]
    as_markdown()          # docs/facts.md; made anew by `python tools/facts.py`
"""

from __future__ import annotations

from typing import NamedTuple

from pointsbank.eligibility.facts import FactSpec, Source, entries
from pointsbank.eligibility.windows import WINDOWS

KINDS = {"zh": {"whole": "个数", "hundredths": "分数(分)", "minutes": "时长(小时)", "boolean": "是/否", "text": "文字"},
         "en": {"whole": "number", "hundredths": "points", "minutes": "hours", "boolean": "yes or no", "text": "text"}}
EXAMPLES = {"whole": " >= 3", "hundredths": " >= 8", "minutes": " >= 20", "boolean": "", "text": ' == "…"'}
CODES = {"star_": "S02", "jury_": "S04", "veto_": "S05", "vetoed_": "X03", "hours_": "V", "count_": "L01_L02",
         "earned_": "V", "score_": "E", "pieces_": "P22"}
FROM = {"zh": {"ledger": "账本", "sql": "数据库", "read": "一次读出", "moment": "当场(如柜台的这一笔)"},
        "en": {"ledger": "the ledger", "sql": "the database", "read": "read for all at once",
               "moment": "the moment (the line at the till)"}}


class ShownFact(NamedTuple):
    name: str
    title: str
    kind: str
    example: str
    source: str
    note: str
    family: bool
    windowed: bool
    private: bool


def _from(source: Source) -> str:
    if source.count is not None:
        return "ledger"
    return "sql" if source.in_sql else "read" if source.read is not None else "moment"


def _shown(spec: FactSpec, source: Source, lang: str) -> ShownFact:
    family = spec.name.endswith("_")
    name = spec.name + (CODES.get(spec.name, "E01") if family else "")
    title = spec.title(lang).replace("{name}", {"zh": "某项", "en": "an item"}[lang])
    return ShownFact(spec.name, title, KINDS[lang][spec.kind], name + EXAMPLES[spec.kind], FROM[lang][_from(source)],
                     spec.note(lang), family, source.count is not None, spec.private)


def shown_facts(lang: str) -> list[ShownFact]:
    """Every fact and family, by name."""
    lang = "en" if lang.startswith("en") else "zh"
    return [_shown(spec, source, lang) for spec, source in entries()]


def shown_windows(lang: str) -> list[tuple[str, str]]:
    lang = "en" if lang.startswith("en") else "zh"
    return [(f"__{name}", words[lang]) for name, words in WINDOWS.items()]


def as_markdown() -> str:
    """The document, in both languages."""
    english = {fact.name: fact for fact in shown_facts("en")}
    lines = ["# Facts a rule may speak of · 规则可用的事实", "",
             "Made from what is registered; a test keeps it so. A name that ends in `_` is a family: put a code",
             "behind it (`count_E01`), several together (`count_L01_L02`), or the letter of a whole category",
             "(`score_V`). Facts of the ledger can be asked of another window:",
             ", ".join(f"`{name}` {words}" for name, words in shown_windows("en")) + ".", "",
             "| name | 名称 | meaning | kind | from | example |", "|---|---|---|---|---|---|"]
    for fact in shown_facts("zh"):
        other = english[fact.name]
        note = f" ({other.note})" if other.note else ""
        lines.append(f"| `{fact.name}` | {fact.title} | {other.title}{note} | {other.kind} | {other.source} | "
                     f"`{fact.example}` |")
    return "\n".join(lines) + "\n"
