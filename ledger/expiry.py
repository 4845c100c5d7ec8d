"""Expiry without lots: what of a wallet has lapsed follows from sums. Pure; no database.

At the end of day c, with E(c) the credits due by c less their reversals and O every other debit less what came back:

    due(c) = max(0, E(c) - O - held)               (a hold counts as spending while it stands)

    >>> from datetime import date as d
    >>> dues = {d(2027, 3, 31): 20, d(2028, 3, 31): 30}
    >>> lapses(dues, out_total=5, returned=[], before=d(2027, 4, 1))     # spent 5, so 15 of the 20 lapse
    [(datetime.date(2027, 3, 31), 15)]

What the sums mean where walking lots is in doubt, settled here and held by a property test against a slow lot walk:

- Spending takes the oldest value first, by definition. A credit is never due before the wallet's previous one, so
  "oldest" and "due first" are the same.
- A credit that is reversed never existed: the lots are walked anew without it. What was spent of it came from the
  next one; what lapsed because of it and would not have lapsed is given back (`over_lapsed`).
- What a return hands back is what was taken last: the same spending, less the return, walks the lots anew over what
  has not lapsed. So a return cannot make more lapse than if its sale had not been.
- Handed-back value whose day has passed can be spent to the end of the day of its return, and lapses then.
- A debit that arrives late (effective on a day at or before a cut-off already posted) counts before that cut-off;
  what lapsed too much is given back first. So it does not matter whether the sweep or the debit came first.
- A hold is spending that may be undone: while it stands its value does not lapse, and, like spending, it takes the
  oldest first. A capture changes nothing of this. What a release hands back walks the lots like a return, but what of
  it has fallen due lapses at once, on the day of the release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from uuid import UUID

from ledger.days import LATE_GRACE_DAYS, NEVER, ONE_DAY

EXPIRY_SCOPE = "ledger:expiry"
LAPSED_KIND = "expired"
GIVEN_BACK_KIND = "unexpired"


class Role(Enum):
    """What a line of a member account means to expiry."""

    CREDIT = "credit"
    TAKEN_BACK = "credit reversed"
    DEBIT = "debit"
    RETURNED = "debit reversed"
    LAPSED = "lapsed"
    GIVEN_BACK = "lapse reversed"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a member account, in sequence. `source` is (transaction, line): a lapse's own, or, for a line that
    gives a lapse back, that of the lapse. `lapsed_to` is the account a lapse went to. `since` is for a capture: the
    account's last number when the hold was made, from which on its value counted as taken.
    """

    seq: int
    role: Role
    amount: int
    effective_on: date
    due_on: date | None
    source: tuple[UUID, int] | None = None
    lapsed_to: UUID | None = None
    since: int | None = None

    @property
    def cutoff(self) -> date:
        """Of a lapse: the day at whose end the value lapsed. One posted later than the day after names it."""
        return self.due_on or self.effective_on - ONE_DAY


@dataclass(frozen=True, slots=True)
class Span:
    """So much was (or, without `until`, is) held and not captured, from one number of the account's sequence to one."""

    amount: int
    since: int
    until: int | None = None

    def covers(self, seq: int) -> bool:
        return self.since < seq and (self.until is None or seq <= self.until)


@dataclass(frozen=True, slots=True)
class GiveBack:
    """So much of the lapse posted as `source` is to be given back. `due_on` is what the lapse's line says."""

    source: tuple[UUID, int]
    lapsed_to: UUID
    lapsed_effective_on: date
    due_on: date | None
    amount: int


def due_day(asked: date | None, previous: date | None, effective_on: date, recorded_on: date) -> date:
    """The last day a new credit can be spent: never before the previous credit's, a late one with its grace."""
    if asked is None or previous == NEVER:
        return NEVER
    late = effective_on < recorded_on
    earliest = recorded_on + LATE_GRACE_DAYS * ONE_DAY if late else recorded_on
    return max(asked, earliest, previous or asked)


def lapses(dues: Mapping[date, int], out_total: int, returned: Iterable[tuple[date, int]],
           before: date) -> list[tuple[date, int]]:
    """[(cut-off day, amount)]: what lapsed at the end of days before `before` and is not posted yet.

    `dues` are net credits by due day, `out_total` what left and what is held, `returned` the (effective day, amount) of
    every return: what came back on a day counts from the end of that day on. (A lapse given back is no return: it
    corrects the sums at once.)
    """
    returned = list(returned)
    cutoffs = {day for day in dues if day < before} | {day for day, _ in returned if day < before}
    found: list[tuple[date, int]] = []
    posted = 0
    for cutoff in sorted(cutoffs):
        credits = sum(amount for day, amount in dues.items() if day <= cutoff)
        out = out_total + sum(amount for day, amount in returned if day > cutoff)
        if (more := credits - out - posted) > 0:
            found.append((cutoff, more))
            posted += more
    return found


def remaining(dues: Mapping[date, int], out_total: int) -> list[tuple[date, int]]:
    """[(due day, amount)]: what of the balance lapses when, first things first; what is used up is left out.

    `out_total` includes what is held, as in `lapses`.
    """
    found: list[tuple[date, int]] = []
    seen = -out_total
    for day in sorted(dues):
        before, seen = max(0, seen), seen + dues[day]
        if (more := max(0, seen) - before) > 0:
            found.append((day, more))
    return found


def over_lapsed(moves: Sequence[Move], taken_back: Mapping[date, int], late: Sequence[Move],
                spans: Sequence[Span]) -> list[GiveBack]:
    """What lapsed too much, were `taken_back` (by due day) never credited and the `late` debits on time.

    Walks the posted lapses in sequence. At each, with its cut-off c: E = credits due by c less every reversal known
    now; O = debits posted (or held) before it or effective by c, and what was held then, less what had come back by
    then; and in all must have lapsed the largest E - O so far. What was posted beyond that is given back, from the
    latest lapse whose own share shrank.
    """
    given: dict[tuple[UUID, int], int] = {}
    for move in moves:
        if move.role is Role.GIVEN_BACK and move.source:
            given[move.source] = given.get(move.source, 0) + move.amount
    shares: list[tuple[Move, int, int]] = []  # a lapse, what stands of it, what should
    target = 0
    for lapse in (move for move in moves if move.role is Role.LAPSED):
        assert lapse.source is not None
        held = sum(span.amount for span in spans if span.covers(lapse.seq))
        gone = _gone(moves, lapse.cutoff, lapse.seq) + _gone(late, lapse.cutoff, lapse.seq) + held
        ought = max(target, _credited(moves, taken_back, lapse.cutoff) - gone)
        shares.append((lapse, lapse.amount - given.get(lapse.source, 0), ought - target))
        target = ought
    excess = sum(stands for _, stands, _ in shares) - target
    return _allot(shares, excess)


def _credited(moves: Sequence[Move], taken_back: Mapping[date, int], cutoff: date) -> int:
    total = -sum(amount for day, amount in taken_back.items() if day <= cutoff)
    for move in moves:
        if move.due_on is not None and move.due_on <= cutoff:
            total += {Role.CREDIT: move.amount, Role.TAKEN_BACK: -move.amount}.get(move.role, 0)
    return total


def _gone(moves: Sequence[Move], cutoff: date, seq: int) -> int:
    total = 0
    for move in moves:
        if move.role is Role.DEBIT and ((move.seq if move.since is None else move.since) < seq
                                        or move.effective_on <= cutoff):
            total += move.amount
        elif move.role is Role.RETURNED and move.seq < seq and move.effective_on <= cutoff:
            total -= move.amount
    return total


def _allot(shares: Sequence[tuple[Move, int, int]], excess: int) -> list[GiveBack]:
    found: list[GiveBack] = []
    left = {id(lapse): stands for lapse, stands, _ in shares}
    for only_shrunk in (True, False):
        for lapse, stands, ought in reversed(shares):
            limit = max(0, stands - ought) if only_shrunk else left[id(lapse)]
            amount = min(excess, limit, left[id(lapse)])
            if amount > 0:
                assert lapse.source is not None and lapse.lapsed_to is not None
                found.append(GiveBack(lapse.source, lapse.lapsed_to, lapse.effective_on, lapse.due_on, amount))
                left[id(lapse)] -= amount
                excess -= amount
    return found
