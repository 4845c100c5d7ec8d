"""Refusals of the points schedule. Each names the field and says what is possible."""

from __future__ import annotations

from pointsbank.errors import DomainError


class BadFact(DomainError):
    """The deed lacks something its rule needs, or carries a figure no deed can have."""

    code, status = "bad_fact", 422
    zh = "细则 {rule}:{reason}"
    en = "Rule {rule}: {reason}"

    def __init__(self, field: str, rule: str, zh: str, en: str) -> None:
        super().__init__(field, rule=rule, reason={"zh": zh, "en": en})


class BadDuration(DomainError):
    """A text that is no length of service of one day."""

    code, status = "bad_duration", 422
    zh = "“{given}”不是有效的服务时长:{reason}"
    en = "“{given}” is not a valid length of service: {reason}"

    def __init__(self, field: str, given: str, zh: str, en: str) -> None:
        super().__init__(field, given=given, reason={"zh": zh, "en": en})


class NoRuleInForce(DomainError):
    code, status = "no_rule_in_force", 422
    zh = "{day} 没有生效的细则 {rule}。请核对编码和日期。"
    en = "No rule {rule} was in force on {day}. Check the code and the day."


class BadRule(DomainError):
    """A rule body that says something impossible; `field` is the path inside the body."""

    code, status = "bad_rule", 422
    zh = "细则 {rule} 的“{place}”不成立:{reason}"
    en = "Rule {rule}, “{place}”: {reason}"

    def __init__(self, field: str, rule: str, zh: str, en: str) -> None:
        super().__init__(field, rule=rule, place=field, reason={"zh": zh, "en": en})


class ForbiddenGround(DomainError):
    """A deduction on grounds that no village may deduct for."""

    code, status = "forbidden_ground", 422
    zh = "细则 {rule} 的“{place}”写有“{word}”:{ground}不得作为扣分事由。{reason}"
    en = "Rule {rule}, “{place}”, says “{word}”: {ground} can never be a ground for a deduction. {reason}"


class TakenCode(DomainError):
    code, status = "rule_code_taken", 409
    zh = "编码 {rule} 已由{owner}使用。请换一个编码。"
    en = "The code {rule} is already used by {owner}. Choose another one."


class NotASchedulePlace(DomainError):
    code, status = "not_a_schedule_place", 422
    zh = "细则由区县制定,村(社区)可以增补;{place}两者都不是。"
    en = "The schedule belongs to a county, a village may add to it; {place} is neither."


class TooManyOwnRules(DomainError):
    code, status = "too_many_own_rules", 409
    zh = "村自设{kind}最多 {most} 条,{place}已有 {have} 条。请先停用一条。"
    en = "A village may set at most {most} {kind} of its own; {place} has {have}. Retire one first."


class TooManyPoints(DomainError):
    code, status = "too_many_points", 422
    zh = "村自设细则每条每次不超过 {most} 分;“{place}”为 {given}。"
    en = "A village's own rule gives or takes at most {most} points a time; “{place}” says {given}."


class WrongDay(DomainError):
    code, status = "wrong_rule_day", 409
    zh = "新版本的生效日 {given} 太早:最早为 {earliest}。已按旧版本计过的分不改。"
    en = "The new version cannot start on {given}: {earliest} at the earliest. What was valued by the old one stands."
