"""What a deed is worth, one or five thousand at a time, and what siblings regain when one of them is reversed.

    need = usage_needed(book, facts)            # which sums the caller loads, set-based
    answers = value_many(book, facts, usage)    # caps inside the batch are counted in memory, in the given order

Same facts + same versions + same usage = same points, on every machine, for ever: nothing here reads a clock, a
database or a setting. A preview calls the very same functions as a posting (C08).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from pointsbank.amounts import Minutes, Points, Score, format_points
from pointsbank.schedule.capping import Bucket, Limited, buckets_of, limit
from pointsbank.schedule.facts import NOTHING_USED, Fact, Step, Usage, UsageKey, Used, Valuation
from pointsbank.schedule.pricing import check_fact
from pointsbank.schedule.rules import RuleBook, RuleVersion
from pointsbank.schedule.units import ROUNDINGS


class Standing(NamedTuple):
    """An award that stands: its deed and what it has been given so far (magnitude), earlier regains included."""

    fact: Fact
    awarded: Used


class Affected(NamedTuple):
    """Where a reversal makes room: awards under `rule` whose deed lies in the bucket may regain."""

    rule: str
    bucket: UsageKey


def value(rule: RuleVersion, fact: Fact, usage: Usage | None = None) -> Valuation:
    """One deed under one version. Raises BadFact when the deed lacks what the rule counts."""
    check_fact(rule, fact)
    return _valuation(rule, fact, limit(rule, fact, usage or {}))


def value_many(book: RuleBook, facts: Sequence[Fact], usage_before: Usage | None = None) -> list[Valuation]:
    """Many deeds, in order: what one is awarded counts in the buckets of the next. O(deeds), no database."""
    running = dict(usage_before or {})
    listeners = _listeners(book)
    answers = []
    for fact in facts:
        answer = value(book.pick(fact.rule, fact.service_on, fact.version), fact, running)
        _add(running, listeners.get(fact.rule, ()), fact, Used(abs(answer.points), answer.times))
        answers.append(answer)
    return answers


def usage_needed(book: RuleBook, facts: Iterable[Fact]) -> set[UsageKey]:
    """Every bucket whose prior usage `value_many` will read. `Used` sums what stands (reversals taken off)."""
    keys = set()
    for fact in facts:
        for bucket in buckets_of(book.pick(fact.rule, fact.service_on, fact.version)):
            if (key := bucket.key(fact)) is not None:
                keys.add(key)
    return keys


def affected_by(book: RuleBook, fact: Fact) -> set[Affected]:
    """Where siblings of a reversed deed may regain: load the cut awards in these buckets, then ask `regain`."""
    return {Affected(rule.code, key)
            for rule in book for bucket in buckets_of(rule)
            if fact.rule in bucket.rules and (key := bucket.key(fact)) is not None}


def regain(book: RuleBook, siblings: Sequence[Standing], usage: Usage) -> list[tuple[Standing, Valuation]]:
    """What each cut sibling gets back, in order, under the version of then; those who regain nothing are left out.

    `siblings` are awards that stand, in the order of posting; each fact should pin its `version`. `usage` is what
    stands now in `usage_needed(siblings)`: without the reversed award, the siblings' own awards included. Nobody is
    cut and no bucket overruns, whatever the order. The valuation holds only what is added: points, no minutes.
    """
    running = dict(usage)
    listeners = _listeners(book)
    gains = []
    for sibling in siblings:
        fact, already = sibling
        rule = book.pick(fact.rule, fact.service_on, fact.version)
        limited = limit(rule, fact, running, already)
        more = limited.allowed - already.points
        if more <= 0:
            continue
        step = Step("regained", {"already": format_points(already.points)}, Points(limited.allowed), Points(more))
        full, times = limited.full - already.points, max(0, limited.times - already.times)
        answer = _valuation(rule, fact, Limited(full, more, times, [*limited.steps, step]), minutes=0)
        _add(running, listeners.get(fact.rule, ()), fact, Used(more, times))
        gains.append((sibling, answer))
    return gains


def restored(rule: RuleVersion, deducted: Points) -> Points:
    """What making good gives back of a deduction (N01: 50 % of 5.00 = 2.50), half up to 0.01; always >= 0."""
    return Points(ROUNDINGS["half_up"].apply(Fraction(abs(deducted) * rule.aftermath.restore_percent, 100)))


def _valuation(rule: RuleVersion, fact: Fact, limited: Limited, minutes: int | None = None) -> Valuation:
    points = rule.sign * limited.allowed
    steps = limited.steps
    if points < 0:
        steps = [*steps, Step("deducted", {}, Points(-points), Points(points))]
    worked = fact.minutes if minutes is None else minutes
    return Valuation(
        rule=rule.code, version=rule.version, points=Points(points),
        score=Score(points if rule.counts_for_score else 0), minutes=Minutes(worked if rule.minutes_count else 0),
        full=Points(rule.sign * limited.full), times=limited.times, steps=tuple(steps))


def _listeners(book: RuleBook) -> dict[str, set[Bucket]]:
    """Rule code -> every kind of bucket, of whichever rule and version, that its awards count in."""
    listeners: dict[str, set[Bucket]] = {}
    for rule in book:
        for bucket in buckets_of(rule):
            for code in bucket.rules:
                listeners.setdefault(code, set()).add(bucket)
    return listeners


def _add(running: dict[UsageKey, Used], buckets: Collection[Bucket], fact: Fact, more: Used) -> None:
    if not more.points:
        return
    for bucket in buckets:
        if (key := bucket.key(fact)) is not None:
            before = running.get(key, NOTHING_USED)
            running[key] = Used(before.points + more.points, before.times + more.times)
