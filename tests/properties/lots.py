"""The slow, obvious model of expiry: lots that are walked anew from the first day for every question.

A lot is a credit less what was reversed of it. Spending takes the oldest lot first. At the end of a cut-off day what is
left of every lot due by then lapses. Nothing is remembered but the facts and the moments at which lapses were posted:

- a reversed credit never was;
- a debit counts at a moment when it was posted before it, or is effective by the cut-off (it came late);
- a return counts at a moment when it was posted before it and is effective by the cut-off; what it hands back was
  taken last, for spending walks the lots anew;
- a hold counts at every moment between its making and its end; what is captured of it is a debit posted when the hold
  was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

GRACE = timedelta(days=30)


@dataclass
class Lot:
    due: date
    amount: int


@dataclass
class Spending:
    at: int  # its place in the order of posting
    effective_on: date
    amount: int
    returns: list[tuple[int, date, int]] = field(default_factory=list)  # place, effective day, amount

    def standing(self) -> int:
        return self.amount - sum(amount for _, _, amount in self.returns)


@dataclass
class Keeping:
    """A hold: `left` of it is not captured; it stands until the place `until`."""

    at: int
    left: int
    until: int | None = None


@dataclass
class LotWalk:
    lots: list[Lot] = field(default_factory=list)
    keepings: list[Keeping] = field(default_factory=list)
    spendings: list[Spending] = field(default_factory=list)
    moments: list[tuple[int, date]] = field(default_factory=list)  # place, first day that is not over
    clock: int = 0
    lapses_on: bool = True  # is expiry switched on?

    def copy(self) -> LotWalk:
        """The same walk, to try something on."""
        return LotWalk([Lot(one.due, one.amount) for one in self.lots],
                       [Keeping(one.at, one.left, one.until) for one in self.keepings],
                       [Spending(one.at, one.effective_on, one.amount, list(one.returns)) for one in self.spendings],
                       list(self.moments), self.clock, self.lapses_on)

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def credit(self, amount: int, effective_on: date, recorded_on: date, due: date) -> Lot:
        if self.lots:
            due = max(due, self.lots[-1].due)
        due = max(due, recorded_on if effective_on == recorded_on else recorded_on + GRACE)
        self.lots.append(Lot(due, amount))
        self.tick()
        return self.lots[-1]

    def spend(self, amount: int, effective_on: date) -> Spending:
        self.moment(effective_on)
        self.spendings.append(Spending(self.tick(), effective_on, amount))
        return self.spendings[-1]

    def hold(self, amount: int, today: date) -> Keeping:
        self.moment(today)
        self.keepings.append(Keeping(self.tick(), amount))
        return self.keepings[-1]

    def capture(self, keeping: Keeping, amount: int, effective_on: date) -> Spending:
        self.moment(effective_on)
        keeping.left -= amount
        self.spendings.append(Spending(keeping.at, effective_on, amount))
        return self.spendings[-1]

    def release(self, keeping: Keeping, on: date) -> None:
        self.moment(on)
        keeping.until = self.tick()
        self.moment(on)

    def held(self) -> int:
        return sum(keeping.left for keeping in self.keepings if keeping.until is None)

    def give_back(self, spending: Spending, amount: int, effective_on: date) -> None:
        spending.returns.append((self.tick(), effective_on, amount))

    def take_back(self, lot: Lot, amount: int, effective_on: date) -> None:
        lot.amount -= amount
        self.moment(effective_on)

    def moment(self, first_open_day: date) -> None:
        if self.lapses_on:
            self.moments.append((self.tick(), first_open_day))

    # -- questions -----------------------------------------------------------------------------------------------
    def spent(self, place: int, cutoff: date) -> int:
        total = sum(keeping.left for keeping in self.keepings
                    if keeping.at < place and (keeping.until is None or place < keeping.until))
        for spending in self.spendings:
            if spending.at < place or spending.effective_on <= cutoff:
                total += spending.amount
            total -= sum(amount for at, day, amount in spending.returns if at < place and day <= cutoff)
        return total

    def lapsed(self, *more: date) -> int:
        """What has lapsed in all; `more` asks as if there were moments now with these first open days."""
        gone = [0] * len(self.lots)
        moments = self.moments + [(self.clock + 1 + number, day) for number, day in enumerate(more)]
        days = {lot.due for lot in self.lots} | {day for one in self.spendings for _, day, _ in one.returns}
        for place, first_open_day in moments:
            for cutoff in sorted(day for day in days if day < first_open_day):
                taking = self.spent(place, cutoff)
                for number, lot in enumerate(self.lots):
                    room = lot.amount - gone[number]
                    taken = min(room, taking)
                    taking -= taken
                    if lot.due <= cutoff:
                        gone[number] += room - taken
        return sum(gone)

    def balance(self) -> int:
        return (sum(lot.amount for lot in self.lots) - sum(one.standing() for one in self.spendings)
                - self.lapsed())
