"""When a shop is open, and when next. Pure: rules and special days in, an answer with its sentence out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from pointsbank.clock import SHANGHAI
from redemption.shops.policy import Policy

LOOK_AHEAD = 62  # days; a shop that opens on the 31st alone is found too
WEEKDAYS = {"zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
            "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


class Span(NamedTuple):
    opens: time
    closes: time


class SpecialDay(NamedTuple):
    """Open at these hours, or closed (both None), whatever the rule says."""

    span: Span | None


@dataclass(frozen=True)
class OpenAnswer:
    """Whether the shop is open. `until` when it is; `next_day`, `next_span` when it is not."""

    is_open: bool
    until: time | None = None
    next_day: date | None = None
    next_span: Span | None = None

    def sentence(self, lang: str = "zh") -> str:
        """'下次开门:11月28日(周六)9:00–11:30。'"""
        key = "en" if lang.startswith("en") else "zh"
        if self.is_open and self.until:
            return f"今天开到 {self.until:%H:%M}。" if key == "zh" else f"Open today until {self.until:%H:%M}."
        if self.next_day is None or self.next_span is None:
            return "还没有定下次开门的日子。" if key == "zh" else "The next opening day is not fixed yet."
        hours = f"{self.next_span.opens:%H:%M}–{self.next_span.closes:%H:%M}"
        week = WEEKDAYS[key][self.next_day.isoweekday() - 1]
        if key == "zh":
            return f"下次开门:{self.next_day.month}月{self.next_day.day}日({week}){hours}。"
        return f"Opens next on {week} {self.next_day.isoformat()}, {hours}."

    @property
    def both(self) -> dict[str, str]:
        return {"zh": self.sentence("zh"), "en": self.sentence("en")}


def spans_on(policy: Policy, day: date, special: Mapping[date, SpecialDay]) -> list[Span]:
    """The opening hours of one day, in order; a special day replaces the rule."""
    if day in special:
        span = special[day].span
        return [span] if span else []
    return sorted({Span(rule.opens, rule.closes) for rule in policy.opening if rule.on(day)})


def opening_at(policy: Policy, at: datetime, special: Mapping[date, SpecialDay]) -> OpenAnswer:
    """Open at this instant? The closing minute itself is closed."""
    local = at.astimezone(SHANGHAI)
    now = local.time()
    for ahead in range(LOOK_AHEAD):
        day = local.date() + timedelta(days=ahead)
        for span in spans_on(policy, day, special):
            if ahead == 0 and span.opens <= now < span.closes:
                return OpenAnswer(True, until=span.closes)
            if ahead or now < span.opens:
                return OpenAnswer(False, next_day=day, next_span=span)
    return OpenAnswer(False)
