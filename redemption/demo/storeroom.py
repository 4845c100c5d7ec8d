"""The demo's shelves over the year: opening purchase, refills, donations, stocktakes, write-offs, the exact end."""

from __future__ import annotations

from datetime import date, timedelta

from redemption.demo.office import Office, moment
from redemption.demo.people import data
from redemption.demo.village_data import GoodFacts, key
from redemption.stock import (
    Counted,
    CountStock,
    GoodsIn,
    Leaving,
    ReceiveGoods,
    WriteOff,
    count_stock,
    receive_goods,
    write_off,
)

START_PERCENT = 70  # of the given stock, when the shop opens
SUPPLIER = "哈尔滨日用品批发部"


class Storeroom:
    """The storekeeper at work; the supervisor countersigns."""

    def __init__(self, office: Office, goods: list[GoodFacts]) -> None:
        self.office, self.goods = office, goods
        self.donors = data("goods.json")["donors"]
        self.given: dict[str, tuple[date | None, int]] = {}

    def _line(self, good: GoodFacts, pieces: int, day: date) -> GoodsIn:
        use_by = day + timedelta(days=good.shelf_life_days) if good.shelf_life_days else None
        return GoodsIn(good.sku, pieces, use_by=use_by, market_fen=good.market_fen)

    def receive(self, day: date, wanted: dict[str, int], label: str, *, donor: str | None = None,
                hour: int = 8) -> None:
        """Take goods in, in one receipt."""
        lines = tuple(self._line(good, wanted[good.sku], day) for good in self.goods if wanted.get(good.sku, 0) > 0)
        if lines:
            receive_goods(self.office.s, ReceiveGoods(
                key("receive", label, day), self.office.shop, "donation" if donor else "purchase", lines,
                donor or SUPPLIER), by=self.office.staff["storekeeper"], at=moment(day, hour))

    def open(self, day: date) -> None:
        self.receive(day, {good.sku: good.stock * START_PERCENT // 100 for good in self.goods}, "open")

    def on_hand(self, day: date) -> dict[str, int]:
        return {sku: stock.posted for sku, stock in self.office.stock(day).items()}

    def refill(self, day: date) -> None:
        """On the 5th, what fell below two fifths; eggs come in small lots, twice a month."""
        have = {sku: stock.free for sku, stock in self.office.stock(day).items()}
        wanted = {good.sku: good.stock // 2 for good in self.goods
                  if have.get(good.sku, 0) * 5 < good.stock * 2 and good.sku != "P12"}
        if have.get("P12", 0) < 8:
            wanted["P12"] = 12
        self.receive(day, wanted, "refill")

    def donate(self, day: date) -> None:
        """Once a quarter somebody gives rice, oil or soap."""
        donor = self.donors[(day.month // 3) % len(self.donors)]
        self.receive(day, {"P13": 6, "P14": 3, "P01": 10} if day.month % 2 else {"P09": 20, "P11": 10}, "donation",
                     donor=donor, hour=9)

    def clear_expired(self, day: date) -> None:
        """What is past its day leaves the shelf, with two persons."""
        leaving = tuple(Leaving(batch.id, batch.posted) for stock in self.office.stock(day).values()
                        for batch in stock.batches if batch.expired(day) and batch.posted)
        if leaving:
            write_off(self.office.s, WriteOff(key("expired", day), self.office.shop, "expired", leaving),
                      by=self.office.staff["storekeeper"], second=self.office.staff["supervisor"],
                      at=moment(day, 8, 30))

    def count(self, day: date) -> None:
        """The monthly stocktake; every third month a bar of soap is missing."""
        missing = 1 if day.month % 3 == 0 else 0
        lines = tuple(Counted(sku, max(0, pieces - (missing if sku == "P01" else 0)))
                      for sku, pieces in sorted(self.on_hand(day).items()))
        at = moment(day, 16)
        count_stock(self.office.s, CountStock(key("count", day), self.office.shop, at, lines),
                    by=self.office.staff["storekeeper"], second=self.office.staff["supervisor"],
                    at=at + timedelta(minutes=30))

    def end_on_given_stock(self, day: date) -> None:
        """The last delivery brings every shelf to the figure in the data. Raises ValueError when one holds more."""
        have = self.on_hand(day)
        wanted = {good.sku: good.stock - have.get(good.sku, 0) for good in self.goods}
        if over := {sku: -pieces for sku, pieces in wanted.items() if pieces < 0}:
            raise ValueError(f"the demo's shelves hold more than the data says: {over}")
        self.receive(day, wanted, "last")


def is_market(day: date) -> bool:
    """Saturdays and the 25th (the shop's rule)."""
    return day.isoweekday() == 6 or day.day == 25


