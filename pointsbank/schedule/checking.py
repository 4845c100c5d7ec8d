"""What a rule may say: one list of everything that is wrong with it, each with its place in the body.

    problems(rule)              what contradicts itself (two prices, a ladder that goes down, a cap of nothing)
    problems_of_own(rule)       what a village's own rule may not do: more than 2 points a time

Pure. The service refuses with the first; an editor shows them all.
"""

from __future__ import annotations

from collections.abc import Iterator

from pointsbank.amounts import Points, format_points
from pointsbank.errors import DomainError
from pointsbank.schedule.errors import BadRule, TooManyPoints
from pointsbank.schedule.grounds import forbidden_grounds
from pointsbank.schedule.rules import RuleVersion

OWN_RULES_MOST = 5  # a village's own earning rules, and as many deductions
OWN_POINTS_MOST = Points(200)


def problems(rule: RuleVersion) -> list[DomainError]:
    """Everything that is wrong with the rule, in the order of its body."""
    found = [BadRule(place, rule.code, zh, en)
             for check in (_price, _ladder, _names, _limits, _exclusion, _flow, _aftermath)
             for place, zh, en in check(rule)]
    return [*found, *forbidden_grounds(rule)]


def problems_of_own(rule: RuleVersion) -> list[DomainError]:
    """A village's own rule stays small, whatever is counted: every figure, and the most a single deed can bring."""
    figures = [("points", rule.points), *((f"tiers.{i}.points", one.points) for i, one in enumerate(rule.tiers)),
               *((f"levels.{i}.points", one.points) for i, one in enumerate(rule.levels))]
    found: list[DomainError] = [
        TooManyPoints(place, place=place, given=format_points(points), most=format_points(OWN_POINTS_MOST))
        for place, points in figures if points is not None and abs(points) > OWN_POINTS_MOST]
    if rule.per_time_max is None or abs(rule.per_time_max) > OWN_POINTS_MOST:
        found.append(BadRule("per_time_max", rule.code, "村自设细则须写明单次封顶,且不超过 2.00 分。",
                             "a village's own rule names a maximum a time of at most 2.00."))
    return found


Problems = Iterator[tuple[str, str, str]]


def _price(rule: RuleVersion) -> Problems:
    if sum((rule.points is not None, bool(rule.tiers), bool(rule.levels))) != 1:
        yield "points", "分值、阶梯、级别三者须有且只有一种。", "exactly one of points, tiers and levels is needed."
    figures = [("points", rule.points), *((f"tiers.{i}.points", one.points) for i, one in enumerate(rule.tiers)),
               *((f"levels.{i}.points", one.points) for i, one in enumerate(rule.levels)),
               ("per_time_max", rule.per_time_max)]
    for place, points in figures:
        if points is not None and points * rule.sign <= 0:
            yield (place, "加分项的分值为正,扣分项的分值为负,不能为 0。",
                   "an earning rule gives more than 0, a deduction less than 0.")
    if rule.per <= 0:
        yield "per", "每份的数量应大于 0。", "the quantity of one step must be above 0."


def _ladder(rule: RuleVersion) -> Problems:
    for i, tier in enumerate(rule.tiers):
        if i and tier.start <= rule.tiers[i - 1].start:
            yield f"tiers.{i}.start", "各档起点须从低到高,不能重复。", "steps start in rising order, none twice."
        if tier.per is not None and tier.per <= 0:
            yield f"tiers.{i}.per", "每份的数量应大于 0。", "the quantity of one step must be above 0."


def _names(rule: RuleVersion) -> Problems:
    for field, names in (("levels", [one.name for one in rule.levels]),
                         ("coefficients", [one.name for one in rule.coefficients])):
        for i, name in enumerate(names):
            if name in names[:i]:
                yield f"{field}.{i}.name", f"“{name}”写了两次。", f"“{name}” is there twice."
    for i, one in enumerate(rule.coefficients):
        if not 0 < one.factor <= 10:
            yield f"coefficients.{i}.factor", "系数应大于 0,不超过 10。", "a factor is above 0 and at most 10."


def _limits(rule: RuleVersion) -> Problems:
    for i, cap in enumerate(rule.caps):
        if (cap.points is None) == (cap.times is None):
            yield f"caps.{i}", "封顶要么按分,要么按次。", "a cap counts either points or times."
        if cap.points is not None and cap.points <= 0:
            yield f"caps.{i}.points", "封顶分值应大于 0。", "a cap is above 0."
        if cap.rules and rule.code not in cap.rules:
            yield f"caps.{i}.rules", "合计封顶须包含本项。", "a shared cap includes this rule."
    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        yield "valid_to", "失效日早于生效日。", "it would end before it starts."


def _exclusion(rule: RuleVersion) -> Problems:
    one = rule.exclusion
    if one is None:
        return
    if rule.code not in one.rules:
        yield "exclusion.rules", "互斥组须包含本项。", "the group includes this rule."
    if one.mode == "one_only" and len(set(one.rules)) < 2:
        yield "exclusion.rules", "互斥须有另一项。", "shutting out needs another rule."


def _flow(rule: RuleVersion) -> Problems:
    if len(set(rule.chain)) != len(rule.chain) or not rule.chain:
        yield "chain", "审批步骤不能为空或重复。", "the chain is empty or has a step twice."
    if (rule.posting_mode in ("after_notice", "before_notice")) != (rule.notice_days > 0):
        yield ("notice_days", "公示入账须写公示天数;不公示则不写。",
               "a rule on notice names its days; one without notice names none.")


def _aftermath(rule: RuleVersion) -> Problems:
    if rule.kind == "earning" and rule.aftermath != type(rule.aftermath)():
        yield "aftermath", "加分项没有整改、修复和冻结。", "an earning rule has nothing to make good."
    if rule.kind == "deduction" and (rule.minutes_count or rule.coefficients):
        yield "minutes_count", "扣分项不计时长和系数。", "a deduction counts neither hours nor coefficients."
