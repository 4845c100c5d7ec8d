"""Try it: what would a deed be worth? The very functions a posting uses, on a made-up household (C08).

    question = Question(on=day, minutes=180)
    preview(book.pick("V01", day), question).points

`used_before(rule)` lists what the asker may say was awarded already, one entry for each limit that counts over time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

from pointsbank.schedule.capping import Bucket, bucket_of_cap, bucket_of_exclusion
from pointsbank.schedule.facts import NOTHING_USED, Fact, UsageKey, Used, Valuation
from pointsbank.schedule.rules import Cap, Exclusion, RuleVersion
from pointsbank.schedule.valuing import value

SOMEBODY, SOME_HOUSEHOLD, SOME_CAUSE = UUID(int=1), UUID(int=2), "?"


class UsedBefore(NamedTuple):
    """One limit that counts over time: what has been used of it, in points or in times."""

    name: str
    bucket: Bucket
    counts: Literal["points", "times"]
    limit: Cap | Exclusion


@dataclass(frozen=True, slots=True)
class Question:
    """A deed as asked about; `used` is what was awarded before, by the names of `used_before` (hundredths or times)."""

    on: date
    quantity: Decimal | int = 1
    minutes: int = 0
    amount_fen: int = 0
    level: str | None = None
    coefficients: tuple[str, ...] = ()
    used: Mapping[str, int] = field(default_factory=dict)


def used_before(rule: RuleVersion) -> list[UsedBefore]:
    """The limits of the rule that earlier deeds count in, in the order they are applied."""
    found = [UsedBefore(f"used-{i}", bucket_of_cap(rule, cap), "times" if cap.points is None else "points", cap)
             for i, cap in enumerate(rule.caps)]
    if rule.exclusion is not None:
        found.append(UsedBefore(f"used-{len(found)}", bucket_of_exclusion(rule, rule.exclusion), "points",
                                rule.exclusion))
    return found


def preview(rule: RuleVersion, question: Question) -> Valuation:
    """The valuation of the deed asked about. Raises BadFact as a posting would."""
    fact = Fact(rule.code, question.on, SOME_HOUSEHOLD, SOMEBODY, question.quantity, question.minutes,
                question.amount_fen, question.level, question.coefficients,
                SOME_CAUSE if rule.needs_cause else None)
    usage: dict[UsageKey, Used] = {}
    for one in used_before(rule):
        key = one.bucket.key(fact)
        if key is not None and (given := question.used.get(one.name, 0)):
            usage[key] = usage.get(key, NOTHING_USED)._replace(**{one.counts: given})
    return value(rule, fact, usage)
