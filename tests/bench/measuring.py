"""Counting and telling: how often something is done in a second, beside what it is measured against."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple


class Rate(NamedTuple):
    """`count` of something in `seconds`."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def repeat(seconds: float, action: Callable[[], int]) -> Rate:
    """Do it (it answers how many it did) until the time is up; the first, which warms caches, is not counted."""
    action()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        count += action()
    return Rate(count, spent)


def once(action: Callable[[], int]) -> Rate:
    start = time.perf_counter()
    count = action()
    return Rate(count, time.perf_counter() - start)


def tell(database: str, what: str, ours: Rate, reference: Rate | None, named: str) -> None:
    """One line: what, how many a second, the ratio, against what."""
    ratio = f"{ours.per_second / reference.per_second:6.2f} ×" if reference else "     – "
    beside = f"{reference.per_second:10,.0f}/s  {named}" if reference else f"{'':12}  {named}"
    print(f"{database:<11} {what:<34} {ours.per_second:10,.0f}/s {ratio} {beside}", flush=True)
