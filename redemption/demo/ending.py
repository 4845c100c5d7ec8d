"""The last market of the demo's past: every household ends exactly on the balance the data gives it.

Whatever the year came to, a few evening hours of service bring a wallet up, and a basket of exactly the right points
brings it down. Both go through the same doors as ever, so caps and limits hold; what cannot be reached is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pointsbank.people import age_on
from redemption.demo.deeds import ADULT, Deed
from redemption.demo.office import Office, moment
from redemption.demo.shopping import exactly
from redemption.demo.village_data import GoodFacts
from redemption.till import Item

STEP = 25  # hundredths: a quarter hour of general service
MINIMUM, MONTH = 500, 6000  # the shop's rules
ROUNDS = 24
EVENING = 19 * 60  # minute of the day at which the last services begin
# What brings a wallet up besides hours, dearest first: (code, hundredths).
LUMPS = (("L02", 500), ("E03", 500), ("G01", 300), ("L01", 200))


@dataclass
class Ending:
    """Brings one household after the other to its target on the market day."""

    office: Office
    goods: list[GoodFacts]
    spent_this_month: dict[str, int]
    market: date

    def basket(self, code: str, over: int) -> tuple[Item, ...]:
        """A basket for exactly what is over; empty when the till would not take it."""
        if not MINIMUM <= over <= MONTH - self.spent_this_month.get(code, 0):
            return ()
        free = {sku: stock.free for sku, stock in self.office.stock(self.market).items()}
        return exactly([good for good in self.goods if not good.limited], free, over)

    def top_up(self, code: str, target: int) -> int:
        """The least that has to be earned before the target can be reached; 0 when it can be now."""
        balance = self.office.balance(code)
        for extra in range(0, 12_000, STEP):
            over = balance + extra - target
            if over == 0 or (over > 0 and self.basket(code, over)):
                return extra
        raise ValueError(f"{code} cannot end on {target}: it has {balance}")

    def hours(self, code: str, wanted: int, turn: int) -> list[Deed]:
        """An evening's service of the household's adults worth `wanted` hundredths, as far as caps can give it."""
        deeds = []
        for person in self.office.village.members[code]:
            if wanted > 0 and person.born_on and age_on(person.born_on, self.evening(turn)) >= ADULT:
                some = min(wanted, 300 if turn < 1 else 600)
                # The month's cap on general service may be full: professional service (1.5 an hour) has none.
                deeds.append(Deed("V01", code, person.name, some * 60 // 100, EVENING, "夜间巡逻") if turn < 1 else
                             Deed("V02", code, person.name, some * 60 // 150, EVENING, "农机检修"))
                wanted -= some
        return deeds

    def evening(self, turn: int) -> date:
        """Each round has an evening of its own, so that nobody serves twice at once or too long a day."""
        return self.market - timedelta(days=1 + turn)

    def lumps(self, code: str, wanted: int) -> list[Deed]:
        """One deed of a rule that gives a lump, where much is missing."""
        fitting = [lump for lump in LUMPS if lump[1] <= wanted]
        if not fitting or wanted < 900:
            return []
        person = self.office.village.households[code].head_name
        return [Deed(fitting[0][0], code, person, title="月末集中登记")]

    def earn(self, wanted: dict[str, int], turn: int) -> None:
        """Submit and approve on the eve of the market what was done on the evening of this round."""
        deeds: list[Deed] = []
        for code, points in wanted.items():
            deeds += (self.lumps(code, points) if turn == 0 else []) or self.hours(code, points, turn)
        eve = self.market - timedelta(days=1)
        self.office.submit(deeds, self.evening(turn), f"ending-{turn}", told_on=eve)
        self.office.decide_all(eve, hour=20)

    def run(self, targets: dict[str, int]) -> None:
        """Raises ValueError when a household does not end where it must."""
        for turn in range(ROUNDS):
            wanted = {code: extra for code, target in targets.items() if (extra := self.top_up(code, target))}
            if not wanted:
                break
            self.earn(wanted, turn)
        for minute, (code, target) in enumerate(targets.items()):
            over = self.office.balance(code) - target
            if over:
                at = moment(self.market, 9) + timedelta(minutes=2 * minute)
                self.office.sell(code, self.basket(code, over), at, f"ending/{code}")
        missed = {code: (self.office.balance(code), target) for code, target in targets.items()
                  if self.office.balance(code) != target}
        if missed:
            raise ValueError(f"the demo's households did not end as given: {missed}")
