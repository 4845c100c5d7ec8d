"""What a scheme calls its parts and whom it rates: stars or items, households or volunteers; and a period's own words.

    said = Wording(scheme, "zh")
    said.parts(8)            '8 颗星' of the ten stars, '4 项' of a nomination
    said.whom(24)            '24 户', or '18 人' where volunteers are rated
    said.who("王德顺")        '王德顺家', or the volunteer's own name
    in_period("本年志愿服务时长不少于 20 小时", "H1", "zh")      '上半年志愿服务时长不少于 20 小时'

A fact without a window of its own counts in the cycle's period: "this year" of its title means that period there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pointsbank.eligibility import Criterion, Rule, criterion_sentence, describe
from pointsbank.ratings.periods import YEAR
from pointsbank.ratings.scheme import Band, Scheme
from pointsbank.words import words

_THIS_YEAR = {"zh": "本年", "en": "this year"}
_SHORT = {
    "H1": {"zh": "上半年", "en": "in the first half-year"}, "H2": {"zh": "下半年", "en": "in the second half-year"},
    "Q1": {"zh": "第一季度", "en": "in the first quarter"}, "Q2": {"zh": "第二季度", "en": "in the second quarter"},
    "Q3": {"zh": "第三季度", "en": "in the third quarter"}, "Q4": {"zh": "第四季度", "en": "in the fourth quarter"}}
_EACH = {"half": {"zh": "半年内", "en": "in the half-year"}, "quarter": {"zh": "一季度内", "en": "in the quarter"}}


def _lang(lang: str) -> str:
    return "en" if lang.startswith("en") else "zh"


def in_period(text: str, period: str, lang: str) -> str:
    """A sentence about facts of this year, said of a period.

    >>> in_period("service hours this year at least 20 h", "Q2", "en")
    'service hours in the second quarter at least 20 h'
    """
    lang = _lang(lang)
    return text if period == YEAR else text.replace(_THIS_YEAR[lang], _SHORT[period][lang])


def rule_words(rule: Rule, scheme: Scheme, lang: str) -> str:
    """A rule of the scheme in words, its figures counted in the scheme's own rhythm: '半年内…不少于 4 个月'."""
    lang, each = _lang(lang), _EACH.get(scheme.terms.rhythm)
    said = describe(rule, lang)
    return said if each is None else said.replace(_THIS_YEAR[lang], each[lang])


def criterion_words(c: Criterion, lang: str, period: str, until: date | None = None) -> str:
    """One criterion of a cycle, whole."""
    return in_period(criterion_sentence(c, lang, until), period, lang)


@dataclass(frozen=True)
class Wording:
    """Sentences that differ by scheme."""

    scheme: Scheme
    lang: str

    @property
    def stars(self) -> bool:
        return self.scheme.terms.counts == "stars"

    @property
    def persons(self) -> bool:
        return self.scheme.terms.subject == "person"

    def parts(self, n: int) -> str:
        _ = words(self.lang)
        return _("%(n)s 颗星", n=n) if self.stars else _("%(n)s 项", n=n)

    def from_on(self, n: int) -> str:
        """How many a level takes."""
        _ = words(self.lang)
        return _("%(n)s 颗星起", n=n) if self.stars else _("%(n)s 项起", n=n)

    def band_note(self, band: Band, taking_part: int) -> str:
        """What a level takes, and how many places it has: '4 项起,名额 2 户'."""
        _, most = words(self.lang), band.quota(taking_part)
        takes = self.from_on(band.stars)
        return takes if most is None else _("%(takes)s,名额 %(whom)s", takes=takes, whom=self.whom(most))

    @property
    def part(self) -> str:
        _ = words(self.lang)
        return _("星") if self.stars else _("项")

    @property
    def which(self) -> str:
        """The label of a choice of one."""
        _ = words(self.lang)
        return _("对哪颗星") if self.stars else _("对哪一项")

    @property
    def all_parts(self) -> str:
        _ = words(self.lang)
        return _("全部 %(parts)s", parts=self.parts(len(self.scheme.stars)))

    def whom(self, n: int) -> str:
        _ = words(self.lang)
        return _("%(n)s 人", n=n) if self.persons else _("%(n)s 户", n=n)

    @property
    def unit(self) -> str:
        _ = words(self.lang)
        return _("人") if self.persons else _("户")

    @property
    def whole(self) -> str:
        """What an objection is about when it is about no single part."""
        _ = words(self.lang)
        return _("全部") if self.persons else _("整户")

    def who(self, name: str) -> str:
        _ = words(self.lang)
        return name if self.persons else _("%(name)s家", name=name)

    def outcome(self, outcome: bool | None) -> str:
        """The badge of one part."""
        _ = words(self.lang)
        if outcome is None:
            return _("暂不能判定")
        if self.stars:
            return _("得星") if outcome else _("没有得星")
        return _("符合") if outcome else _("不符合")

    def awarded(self, yes: bool) -> str:
        """What people decided of one part."""
        _ = words(self.lang)
        if self.stars:
            return _("授予") if yes else _("不授予")
        return _("认定符合") if yes else _("认定不符合")
