"""What may be wrong with the question a statement answers."""

from __future__ import annotations

from pointsbank.errors import DomainError


class WhichPlace(DomainError):
    code, status = "which_place", 422
    zh = "几个村都有户号 {code}:{places}。请先选定一个村。"
    en = "Several villages have a household {code}: {places}. Choose one first."


class BadPeriod(DomainError):
    code, status = "bad_period", 422
    zh = "期间不对:开始日 {start} 应不晚于结束日 {end},也不晚于今天。"
    en = "The period is wrong: its first day {start} may be neither after its last day {end} nor after today."


class KnownTooEarly(DomainError):
    code, status = "bad_known_at", 422
    zh = "“记录截至”不能晚于现在。"
    en = "“As known at” cannot lie in the future."


class DayNotOver(DomainError):
    code, status = "day_not_over", 422
    zh = "“截至哪一天”写的是 {day},这一天还没有到。请填今天 {today} 或更早的一天。"
    en = "“As of” says {day}, which has not come yet. Give today, {today}, or an earlier day."
