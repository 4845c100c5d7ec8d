"""Counting and telling: how often something is done in a second, beside what it is measured against, interleaved."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

RESULTS = Path("bench-results")


class Rate(NamedTuple):
    """`count` of something in `seconds`."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True)
class Sizes:
    """How much of everything. `quick` is for a look, `tiny` for the test that the program runs."""

    name: str
    rounds: int
    seconds: float  # for each thing that is repeated, in each round
    accounts: int
    batches: int  # of 1,000, in each round
    books: tuple[int, ...]  # transfers in the book that is read
    sealed: int
    wallets: int  # of 40 transfers each
    peer_lines: int
    rows: int  # of the sheet that is imported
    batch: int = 1_000
    shares: tuple[tuple[str, float], ...] = ()  # seconds that a large row may take on each database; none: all it needs

    def share(self, what: str) -> float | None:
        return dict(self.shares).get(what)


FULL = Sizes("full", 5, 3, 20_000, 10, (1_000, 10_000, 100_000, 1_000_000, 10_000_000), 1_000_000, 100_000, 100_000,
             5_000, shares=(("reads", 150), ("verify", 80), ("expiry", 100), ("county", 80)))
QUICK = Sizes("quick", 3, 1, 2_000, 2, (1_000, 20_000), 20_000, 1_000, 5_000, 500)
TINY = Sizes("tiny", 1, 0.05, 60, 1, (100, 300), 200, 20, 50, 60, batch=50)


@dataclass
class Line:
    """A line of the table. `ratio` is ours to the reference, in the direction the target is stated in."""

    database: str
    what: str
    against: str
    ours: float
    reference: float | None
    ratio: float | None
    target: float | None = None
    at_most: bool = False
    unit: str = "/s"
    rounds: list[tuple[float, float]] = field(default_factory=list)

    @property
    def reached(self) -> bool | None:
        if self.ratio is None or self.target is None:
            return None
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target

    def text(self) -> str:
        ratio = "     –  " if self.ratio is None else f"{self.ratio:6.2f} ×"
        sign = "≤" if self.at_most else "≥"
        target = f"{'':8}" if self.target is None else f"{sign} {self.target:.2f} ×"
        reached = {None: "   ", True: "yes", False: "no "}[self.reached]
        reference = "" if self.reference is None else f"{self.reference:,.4g}{self.unit} "
        return (f"{self.database:<10} {self.what:<52} {ratio} {target} {reached} "
                f"{f'{self.ours:,.4g}{self.unit}':>13}  {reference}{self.against}")


class Table:
    """Collects lines, prints each as it is known, and keeps all of them for a machine to read."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes, self.lines, self.skipped = sizes, list[Line](), list[str]()
        self.start, self.began, self.smaller = time.perf_counter(), datetime.now(UTC), list[str]()

    def doing(self, what: str) -> None:
        print(f"  … {time.perf_counter() - self.start:5.0f} s  {what}", file=sys.stderr, flush=True)

    def add(self, line: Line) -> None:
        self.lines.append(line)
        print(line.text(), flush=True)
        self.save()  # whoever stops it keeps what was measured

    def skip(self, why: str) -> None:
        self.skipped.append(why)
        print(f"NOT MEASURED: {why}", flush=True)

    def fitting(self, what: str, wanted: int, share: str, trial: Callable[[int], object]) -> int:
        """How much of `wanted` fits into the row's share of the time, by what two small parts of it take (making a
        database takes its time at any size). Where it is less, that is said, and the row's own name tells the size.
        """
        seconds = self.sizes.share(share)
        if seconds is None:
            return wanted
        less, small = max(1, wanted // 500), max(2, wanted // 50)
        self.doing(f"{what}: {small:,} of {wanted:,}, to see how long they take")
        fixed, spent = timed(lambda: trial(less)), timed(lambda: trial(small))
        return self.shortened(what, wanted, int(seconds / max(spent - fixed, spent / 10) * (small - less)))

    def shortened(self, what: str, wanted: int, fits: int) -> int:
        """`fits`, rounded down to one digit and said aloud where it is less than `wanted`."""
        if fits >= wanted:
            return wanted
        digits = 10 ** (len(str(max(fits, 1))) - 1)
        size = max(1, fits // digits * digits)
        self.smaller.append(f"{what}: {size:,}, not {wanted:,}: on this machine that would have taken longer than its "
                            "share of the time")
        print(f"SIZED DOWN: {self.smaller[-1]}", flush=True)
        return size

    def rates(self, database: str, what: str, against: str, ours: Callable[[], Rate], reference: Callable[[], Rate],
              target: float | None = None) -> Line:
        """Both, one after the other in every round; the ratio is the median of the rounds' ratios."""
        self.doing(f"{database}: {what}")
        pairs = [(reference().per_second, ours().per_second) for _ in range(self.sizes.rounds)]
        line = Line(database, what, against, statistics.median(mine for _, mine in pairs),
                    statistics.median(theirs for theirs, _ in pairs),
                    statistics.median(mine / theirs for theirs, mine in pairs), target,
                    rounds=[(mine, theirs) for theirs, mine in pairs])
        self.add(line)
        return line

    def times(self, database: str, what: str, against: str, ours: Callable[[], float], reference: Callable[[], float],
              target: float | None = None, rounds: int | None = None) -> Line:
        """As `rates`, for seconds: the ratio says how many times as long ours takes."""
        self.doing(f"{database}: {what}")
        pairs = [(ours(), reference()) for _ in range(rounds or self.sizes.rounds)]
        line = Line(database, what, against, statistics.median(mine for mine, _ in pairs),
                    statistics.median(theirs for _, theirs in pairs),
                    statistics.median(mine / theirs for mine, theirs in pairs), target, at_most=True, unit=" s",
                    rounds=pairs)
        self.add(line)
        return line

    def save(self) -> Path:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.began:%Y%m%dT%H%M%SZ}-{self.sizes.name}.json"
        path.write_text(json.dumps({
            "machine": machine(), "sizes": asdict(self.sizes), "not_measured": self.skipped,
            "sized_down": self.smaller, "seconds": round(time.perf_counter() - self.start),
            "lines": [{**asdict(line), "reached": line.reached} for line in self.lines]}, ensure_ascii=False, indent=1),
            encoding="utf-8")
        return path


def machine() -> dict[str, object]:
    """What the figures depend on."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else None
    return {"cpus": os.cpu_count(), "machine": platform.machine(), "system": platform.system(),
            "release": platform.release(), "python": platform.python_version(), "load": load}


def repeat(seconds: float, action: Callable[[], int]) -> Rate:
    """Do it (it answers how many it did) until the time is up; the first, which warms caches, is not counted."""
    action()
    count, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        count += action()
    return Rate(max(count, 1), spent)


def once(action: Callable[[], int]) -> Rate:
    start = time.perf_counter()
    count = action()
    return Rate(count, time.perf_counter() - start)


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
