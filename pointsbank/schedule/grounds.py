"""Grounds that no village may deduct for: statutory benefits, petitions, online speech, births.

The editor refuses them wherever they are written in a deduction. A note may name one to protect it ("不得以“信访”为扣分
事由", "不影响低保"): such a clause is let through, clause by clause, so that "不得以信访为事由,但信访者扣分" is not.
Spaces, quotes and zero-width characters between the letters do not hide a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from pointsbank.schedule.errors import ForbiddenGround
from pointsbank.schedule.rules import RuleVersion


class Ground(NamedTuple):
    name: dict[str, str]
    words: tuple[str, ...]
    reason: dict[str, str]


GROUNDS = (
    Ground({"zh": "信访", "en": "petitioning"},
           ("信访", "上访", "访民", "缠访", "闹访", "越级访", "信訪", "上訪", "petition"),
           {"zh": "依法信访是公民的权利。", "en": "Petitioning is a citizen's right."}),
    Ground({"zh": "网络言论", "en": "online speech"},
           ("言论", "网上发", "网络发", "发帖", "跟帖", "朋友圈", "微信群", "短视频", "抖音", "舆情", "负面信息",
            "網絡發", "言論", "online speech", "social media"),
           {"zh": "发表意见不是扣分的理由。", "en": "Saying what one thinks is no reason for a deduction."}),
    Ground({"zh": "生育", "en": "births"},
           ("生育", "计生", "超生", "二胎", "三胎", "多胎", "节育", "怀孕", "birth", "childbearing"),
           {"zh": "生育由家庭自己决定。", "en": "Births are for the family to decide."}),
    Ground({"zh": "法定待遇", "en": "statutory benefits"},
           ("低保", "最低生活保障", "五保", "特困供养", "医保", "社保", "养老金", "养老保险", "承包地", "宅基地",
            "户籍", "户口", "入学资格", "救助金", "粮补", "抚恤", "残疾人补贴", "benefit", "pension"),
           {"zh": "积分不得影响法定待遇。", "en": "Points never touch what the law grants."}),
)
NOTES = ("note", "basis", "aftermath.restore_when")  # places where a protecting clause may stand
CLAUSE = re.compile(r"[,;。!?\n→]")  # after NFKC, which turns full-width marks into these
HIDING = re.compile(r"[\s\u200b-\u200f\u2060\ufeff\u00b7\u2022\u30fb._\-\u2014'\"\u201c\u201d\u2018\u2019"
                    r"《》<>()【】\[\]*]+")
PROTECTING = (
    r"不得?(?:得)?(?:以|将|把)[^扣]{{0,6}}{word}[^扣]{{0,6}}(?:作)?为(?:扣分|减分)?(?:的)?(?:事由|理由|依据|条件)",
    r"(?:不得|不|不应|不能)(?:作为|列为)[^扣]{{0,6}}{word}",
    r"(?:不|不得|不会|不应)因{word}(?:等)?(?:而)?(?:扣分|减分)",
    r"(?:不|不得|不会|不应)(?:影响|触及|涉及|触碰)[^扣的]{{0,6}}{word}[^扣]{{0,8}}$",
    r"与[^扣]{{0,6}}{word}[^扣]{{0,6}}(?:无关|脱钩|不挂钩)",
    r"{word}[^扣]{{0,6}}(?:不受影响|不扣分|除外)$",
)


def forbidden_grounds(rule: RuleVersion) -> list[ForbiddenGround]:
    """One refusal for each place and ground; none for earning rules, which take nothing from anybody."""
    if rule.kind != "deduction":
        return []
    return [ForbiddenGround(place, rule=rule.code, place=place, word=word, ground=ground.name, reason=ground.reason)
            for place, text in _texts(rule) for ground in GROUNDS
            if (word := _named(text, ground, protectable=place in NOTES)) is not None]


def _named(text: str, ground: Ground, protectable: bool) -> str | None:
    """The first word of the ground that the text uses as a ground, or None."""
    plain = unicodedata.normalize("NFKC", text).lower()
    for clause in CLAUSE.split(plain):
        close = HIDING.sub("", clause)
        for word in ground.words:
            if (bare := HIDING.sub("", word)) in close and not (protectable and _protected(close, bare)):
                return word
    return None


def _protected(clause: str, word: str) -> bool:
    """Whether every mention of the word in the clause stands inside a protecting phrase."""
    left = clause
    for pattern in PROTECTING:
        left = re.sub(pattern.format(word=re.escape(word)), "", left)
    return word not in left


def _texts(rule: RuleVersion) -> Iterator[tuple[str, str]]:
    """Every text of the rule that people read, with its place."""
    yield from (("category", rule.category), ("item", rule.item), ("evidence", rule.evidence), ("note", rule.note),
                ("basis", rule.basis), ("cap_text", rule.cap_text), ("flow_text", rule.flow_text),
                ("aftermath.restore_when", rule.aftermath.restore_when))
    yield from ((f"levels.{i}.name", level.name) for i, level in enumerate(rule.levels))
    if rule.exclusion is not None:
        yield "exclusion.group", rule.exclusion.group
