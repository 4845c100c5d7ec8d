"""The limits of one deed: times, single-deed maximum, exclusion, caps; and the buckets they are counted in.

A *bucket* is what a limit adds up over: some rules, one subject, one window, perhaps one cause. Every limit reads its
bucket from the usage it is handed, so the same code serves a preview, a batch in memory and a regain after a reversal.

`already` is what this very deed was awarded before (nothing, at first). It is part of the usage, so each limit gives
it back before measuring the room that is left: that is how a sibling regains without anybody being cut.
"""

from __future__ import annotations

from typing import NamedTuple

from pointsbank.amounts import Points, format_points
from pointsbank.schedule.facts import NOTHING_USED, Fact, Step, Usage, UsageKey, Used
from pointsbank.schedule.pricing import price, times_of
from pointsbank.schedule.rules import Cap, Exclusion, RuleVersion, Subject, Window
from pointsbank.schedule.windows import window_of


class Bucket(NamedTuple):
    """A kind of bucket, before a deed says whose and when."""

    rules: tuple[str, ...]
    subject: Subject
    window: Window
    by_cause: bool = False

    def key(self, fact: Fact) -> UsageKey | None:
        """The bucket this deed falls into, or None when the deed has no such subject or cause."""
        who = fact.household if self.subject == "household" else fact.person
        if who is None or (self.by_cause and fact.cause is None):
            return None
        start, end = window_of(self.window, fact.service_on)
        return UsageKey(self.rules, self.subject, who, start, end, fact.cause if self.by_cause else None)


def bucket_of_cap(rule: RuleVersion, cap: Cap) -> Bucket:
    return Bucket(tuple(sorted(set(cap.rules))) or (rule.code,), cap.subject, cap.window)


def bucket_of_exclusion(rule: RuleVersion, exclusion: Exclusion) -> Bucket:
    """`one_only` looks at the other rules of the group, `highest` at all of it."""
    group = set(exclusion.rules) | {rule.code}
    rules = group if exclusion.mode == "highest" else group - {rule.code}
    return Bucket(tuple(sorted(rules)), exclusion.subject, exclusion.window, exclusion.by_cause)


def buckets_of(rule: RuleVersion) -> tuple[Bucket, ...]:
    """Every bucket that the rule's limits read."""
    caps = tuple(bucket_of_cap(rule, cap) for cap in rule.caps)
    return caps if rule.exclusion is None else (*caps, bucket_of_exclusion(rule, rule.exclusion))


class Limited(NamedTuple):
    """Magnitudes: the figure before limits, what the deed may have in all, how many times it counts, the steps."""

    full: int
    allowed: int
    times: int
    steps: list[Step]


def limit(rule: RuleVersion, fact: Fact, usage: Usage, already: Used = NOTHING_USED) -> Limited:
    """Price the deed and cut it by every limit of its rule. No database, no clock."""
    times = times_of(rule, fact)
    full, steps = price(rule, fact)
    allowed, allowed_times = _by_times(rule, fact, usage, already, full, times, steps)
    allowed = _by_single_maximum(rule, allowed_times, allowed, steps)
    allowed = _by_exclusion(rule, fact, usage, already, allowed, steps)
    for cap in rule.caps:
        if cap.points is not None:
            allowed = _by_points(rule, cap, fact, usage, already, allowed, steps)
    return Limited(full, allowed, allowed_times if allowed else 0, steps)


def _used(bucket: Bucket, fact: Fact, usage: Usage) -> Used:
    key = bucket.key(fact)
    return usage.get(key, NOTHING_USED) if key is not None else NOTHING_USED


def _cut(steps: list[Step], kind: str, before: int, after: int, data: dict[str, str]) -> int:
    """Note a limit that was looked at, whether it cut or not, and go on with the smaller figure."""
    after = min(before, after)
    steps.append(Step(kind, data, Points(before), Points(after), Points(before - after)))
    return after


def _by_times(rule: RuleVersion, fact: Fact, usage: Usage, already: Used, full: int, times: int,
              steps: list[Step]) -> tuple[int, int]:
    allowed, allowed_times = full, times
    for cap in rule.caps:
        if cap.times is None:
            continue
        others = _used(bucket_of_cap(rule, cap), fact, usage).times - already.times
        allowed_times = min(allowed_times, max(0, cap.times - others))
        after = price(rule, fact, allowed_times)[0] if allowed_times else 0
        allowed = _cut(steps, "cap_times", allowed, after,
                       _cap_data(rule, cap) | {"limit": str(cap.times), "used": str(others), "unit": rule.unit})
    return allowed, allowed_times


def _by_single_maximum(rule: RuleVersion, times: int, allowed: int, steps: list[Step]) -> int:
    if rule.per_time_max is None:
        return allowed
    most = abs(rule.per_time_max) * max(1, times)
    return _cut(steps, "per_time", allowed, most, {"limit": format_points(most)})


def _by_exclusion(rule: RuleVersion, fact: Fact, usage: Usage, already: Used, allowed: int,
                  steps: list[Step]) -> int:
    exclusion = rule.exclusion
    if exclusion is None:
        return allowed
    bucket = bucket_of_exclusion(rule, exclusion)
    used = _used(bucket, fact, usage).points
    data = {"group": exclusion.group, "window": exclusion.window, "subject": exclusion.subject}
    if exclusion.mode == "one_only":
        data["others"] = "、".join(bucket.rules)
        return _cut(steps, "one_only", allowed, 0 if used > 0 else allowed, data | {"used": format_points(used)})
    others = used - already.points
    return _cut(steps, "highest", allowed, max(0, allowed - others), data | {"used": format_points(others)})


def _by_points(rule: RuleVersion, cap: Cap, fact: Fact, usage: Usage, already: Used, allowed: int,
               steps: list[Step]) -> int:
    assert cap.points is not None
    others = _used(bucket_of_cap(rule, cap), fact, usage).points - already.points
    data = _cap_data(rule, cap) | {"limit": format_points(abs(cap.points)), "used": format_points(others)}
    return _cut(steps, "cap_points", allowed, max(0, abs(cap.points) - others), data)


def _cap_data(rule: RuleVersion, cap: Cap) -> dict[str, str]:
    shared = [code for code in cap.rules if code != rule.code]
    return {"subject": cap.subject, "window": cap.window} | ({"rules": "、".join(sorted(cap.rules))} if shared else {})
