"""A rule in words, for its pages: the price, the limits, the way to the account. Chinese is the key, English the
catalogue's; the sentences of a calculation come from `explaining`.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from pointsbank.amounts import format_points
from pointsbank.schedule.calculator import UsedBefore
from pointsbank.schedule.explaining import cap_sentence
from pointsbank.schedule.pricing import decimal_text
from pointsbank.schedule.rules import Cap, Exclusion, RuleVersion
from pointsbank.schedule.units import Rounding, Unit, plurals
from pointsbank.web import language


def unit_word(unit: Unit) -> str:
    """The unit as a label: '小时', 'times'."""
    return in_number(raw(unit))


def in_number(text: str) -> str:
    """'3 time(s)' -> '3 times' where the page is in English."""
    return plurals(text) if language() == "en" else text


def raw(unit: Unit) -> str:
    """The unit's word for a sentence that goes through `in_number`."""
    return unit.en if language() == "en" else unit.zh


def listed(words: Iterable[str], zh: str = "、", en: str = ", ") -> str:
    """Words in a row, with the marks of the page's language between them."""
    return (en if language() == "en" else zh).join(words)


def category_word(category: str) -> str:
    """The category in the page's language. A village's own category stays as the villagers wrote it."""
    words = {
        "志愿服务": _("志愿服务"), "好人好事": _("好人好事"), "环境卫生": _("环境卫生"), "家庭美德": _("家庭美德"),
        "移风易俗": _("移风易俗"), "学习宣讲": _("学习宣讲"), "公共事务": _("公共事务"), "表彰奖励": _("表彰奖励"),
        "爱心捐赠": _("爱心捐赠"), "加分": _("加分"), "减分": _("减分"),
    }
    return words.get(category, category)


def level_word(level: str) -> str:
    """The level of an award in the page's language; any other level stays as it was written."""
    words = {"村": _("村级"), "镇": _("镇级"), "县": _("县级"), "市": _("市级"), "省": _("省级"), "国家": _("国家级")}
    return words.get(level, level)


def rounding_word(rounding: Rounding) -> str:
    return rounding.en if language() == "en" else rounding.zh


def price(rule: RuleVersion) -> str:
    """'1.50 分 / 小时', '1.00 分 / 100 元', '5.00–50.00 分,看级别'."""
    if rule.points is not None:
        unit = raw(rule.counted_in)
        per = unit.removesuffix("(s)") if rule.per == 1 else in_number(f"{decimal_text(rule.per)} {unit}")
        return _("%(points)s 分 / %(per)s", points=format_points(rule.points), per=per)
    figures = [level.points for level in rule.levels] or [tier.points for tier in rule.tiers]
    low, high = format_points(min(figures, key=abs)), format_points(max(figures, key=abs))
    if rule.levels:
        return _("%(low)s 至 %(high)s 分,看级别", low=low, high=high)
    return _("分 %(n)s 档计分", n=len(rule.tiers))


def ladder(rule: RuleVersion) -> list[tuple[str, str]]:
    """Each level or step with its figure; empty for a plain price."""
    unit = raw(rule.counted_in)
    rows = [(level_word(one.name), _("%(points)s 分", points=format_points(one.points))) for one in rule.levels]
    for tier in rule.tiers:
        start = in_number(_("满 %(start)s %(unit)s", start=decimal_text(tier.start), unit=unit))
        figure = _("%(points)s 分", points=format_points(tier.points))
        if tier.per is not None:
            figure = in_number(_("每 %(per)s %(unit)s %(points)s 分", per=decimal_text(tier.per), unit=unit,
                                 points=format_points(tier.points)))
        rows.append((start, figure))
    return rows


def limits(rule: RuleVersion) -> list[str]:
    """Every limit of the rule as a sentence."""
    said = [cap_sentence(cap, language()) for cap in rule.caps]
    if rule.per_time_max is not None:
        said.insert(0, _("单次封顶 %(points)s 分", points=format_points(abs(rule.per_time_max))))
    if rule.exclusion is not None:
        said.append(exclusion(rule, rule.exclusion))
    return said


def exclusion(rule: RuleVersion, one: Exclusion) -> str:
    if one.mode == "highest":
        return _("同一事由取最高") if one.by_cause else _("“%(group)s”中取最高", group=one.group)
    return _("与 %(rules)s 互斥", rules=listed(code for code in one.rules if code != rule.code))


def used_label(one: UsedBefore, rule: RuleVersion) -> str:
    """'已计入“每人每日上限 4.00 分”的' for the calculator's fields."""
    words = cap_sentence(one.limit, language()) if isinstance(one.limit, Cap) else exclusion(rule, one.limit)
    return _("此前已计(%(limit)s)", limit=words)


def step_word(step: str) -> str:
    """A step of the approval chain."""
    return {"auto": _("自动记录"), "group_review": _("小组评议"), "grid_check": _("网格员核实"),
            "village_approval": _("村(站)审核"), "town_approval": _("乡镇(所)审核"),
            "supervisor_check": _("监委会核对")}[step]


def way(rule: RuleVersion) -> list[str]:
    """From the deed to the account, step by step, the notice included."""
    steps = [step_word(step) for step in rule.chain]
    notice = _("匿名公示 %(n)s 天", n=rule.notice_days) if rule.notice_anonymous else \
        _("公示 %(n)s 天", n=rule.notice_days)
    posted = _("扣分") if rule.kind == "deduction" else _("入账")
    if rule.posting_mode == "year_end":
        return [*steps, _("年末%(posted)s", posted=posted)]
    if rule.posting_mode == "before_notice":
        return [*steps, posted, notice]
    return [*steps, notice, posted] if rule.notice_days else [*steps, posted]


def aftermath(rule: RuleVersion) -> list[str]:
    """What else a deduction brings, and what making good gives back."""
    one, said = rule.aftermath, []
    if one.warn_first:
        said.append(_("先提醒,不改再扣"))
    if one.rectify_days:
        said.append(_("限 %(n)s 日内整改", n=one.rectify_days))
    if one.restore_percent:
        said.append(_("%(when)s后修复 %(n)s%%", when=one.restore_when or _("整改"), n=one.restore_percent))
    if one.claw_back:
        said.append(_("追缴对应积分"))
    if one.freeze_months:
        said.append(_("冻结兑换 %(n)s 个月", n=one.freeze_months))
    if one.pause_after_times:
        said.append(_("一年满 %(n)s 次,暂停报名 %(days)s 日", n=one.pause_after_times, days=one.pause_days))
    return said
