"""What a rule's author may be told; nothing else ever comes out of a rule's text (a property test holds that)."""

from __future__ import annotations

from pointsbank.errors import DomainError


class BadRule(DomainError):
    """The text is no rule. `at` is the character concerned, counted from 1; 0 when it is the whole text."""

    code, status = "bad_rule", 422
    zh = "规则写得不对(第 {at} 个字符处):{reason}"
    en = "The rule is not right (at character {at}): {reason}"

    def __init__(self, at: int, zh: str, en: str) -> None:
        super().__init__("text", at=at, reason={"zh": zh, "en": en})


class UnknownFact(DomainError):
    code, status = "unknown_fact", 422
    zh = "规则里的“{fact}”(第 {at} 个字符处)不是登记过的事实。{hint}"
    en = "“{fact}” in the rule (at character {at}) is not a registered fact. {hint}"


class UnknownRule(DomainError):
    code, status = "unknown_rule", 404
    zh = "没有找到规则“{rule}”。"
    en = "There is no rule “{rule}”."
