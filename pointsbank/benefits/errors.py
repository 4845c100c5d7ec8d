"""What may be refused about benefits, in both languages."""

from __future__ import annotations

from pointsbank.errors import DomainError


class StatutoryBenefit(DomainError):
    code, status = "statutory_benefit", 422
    zh = "“{word}”是法定待遇,不能作为积分福利,也不能以积分为条件。"
    en = "“{word}” is granted by law: it is no benefit of the points bank and depends on no points."


class UnknownBenefit(DomainError):
    code, status = "unknown_benefit", 404
    zh = "没有找到福利“{given}”。"
    en = "There is no benefit “{given}”."


class NotEntitled(DomainError):
    code, status = "not_entitled", 409
    zh = "{household}现在不享有“{benefit}”:{why}"
    en = "{household} does not have “{benefit}” now: {why}"


class NoLetter(DomainError):
    code, status = "no_letter", 409
    zh = "“{benefit}”不是利率优惠函,没有函可开。"
    en = "“{benefit}” is no interest-rate letter; there is nothing to issue."
