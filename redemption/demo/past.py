"""The demo's past: twelve months up to yesterday, lived day by day through the services, to the given figures."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from pointsbank.amounts import Points
from pointsbank.database import unit_of_work
from pointsbank.records import (
    RaiseObjection,
    ServiceRecord,
    VoidRecord,
    policy_of,
    post_due_notices,
    raise_objection,
    void_record,
)
from pointsbank.records.models import ON_NOTICE, POSTED
from pointsbank.wallets import CarryOver, carry_over, expire_points
from redemption.demo.deeds import Deed, Plan, saturday_before
from redemption.demo.ending import MONTH, Ending
from redemption.demo.honours import HalfYear
from redemption.demo.office import Office, days, moment
from redemption.demo.people import Village, data
from redemption.demo.rating import rate_the_year
from redemption.demo.shopping import by_taste
from redemption.demo.storeroom import Storeroom, is_market
from redemption.demo.village_data import goods_facts, key
from redemption.till import ReturnSale, take_back

SEED = 230199
QUIET = 14  # days before the last market in which nothing begins that would be posted after it
BREACH = 5000  # N08 takes 50 points: H023 ends in the red
IN_THE_RED = "H023"
# Households that put off shopping all winter: what they had from the old year lapses on 31 March.
PUT_OFF = ("H004", "H011", "H017", "H018")
CATCH_UP = 90  # days
Tell = Callable[[int, int], None]


@dataclass
class Past:
    """One run. `tell(done, total)` is called after every day."""

    s: Session
    village: Village
    shop: str
    first: date
    today: date
    office: Office = field(init=False)
    room: Storeroom = field(init=False)
    plan: Plan = field(init=False)
    half: HalfYear = field(init=False)
    spent: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.targets = {row["no"]: row["opening_points"] * 100 for row in data("village.json")["households"]}
        self.aim = self.targets | {IN_THE_RED: self.targets[IN_THE_RED] + BREACH}
        self.goods = goods_facts()
        self.office = Office(self.s, self.village, self.shop)
        self.room = Storeroom(self.office, self.goods)
        self.half = HalfYear(self.office, self.today)
        self.plan = Plan(self.village, self.aim, SEED)
        self.draw = random.Random(SEED + 1)
        self.market = saturday_before(self.today)
        self.lapses = policy_of(self.s, self.village.place_code).due_on(self.first) or self.first
        # Only where there is time left to come back to what they save for.
        self.put_off = PUT_OFF if self.lapses + timedelta(days=CATCH_UP) < self.market else ()
        self.s.rollback()

    def run(self, tell: Tell) -> None:
        """Live every day from the first to yesterday."""
        span = days(self.first, self.today - timedelta(days=1))
        self.begin()
        for number, day in enumerate(span, start=1):
            self.live(day)
            tell(number, len(span))

    def begin(self) -> None:
        """The paper passbooks of the old year are carried over; the shop is filled."""
        carried = {self.village.households[code].id: Points(1000 + 100 * (points // 400))
                   for code, points in self.aim.items()}
        carry_over(self.s, CarryOver(carried, self.lapses), by=self.office.staff["admin"], at=moment(self.first, 7))
        self.room.open(self.first)

    def live(self, day: date) -> None:
        """One day: what falls due, the shelves, the market, the deeds, the office evening."""
        book = self.village.book_id
        post_due_notices(self.s, book, at=moment(day, 0, 20))
        if day == self.lapses + timedelta(days=1):
            expire_points(self.s, book, moment(day, 0, 30))
        self.shelves(day)
        if is_market(day) and day > self.first and day < self.market:
            self.go_shopping(day)
        if (day + timedelta(days=1)).day == 1 and self.first < day < self.market:
            self.room.count(day)
        if day < self.market - timedelta(days=3):
            self.office.submit(self.deeds(day), day)
        if day.isoweekday() in (3, 7) and day < self.market:
            self.office.decide_all(day)
        if day.day == 16 and day.month in (7, 10):
            self.void_one(day)
        if day == self.market - timedelta(days=1):
            self.office.decide_all(day, hour=17)
        if day == self.market:
            self.end(day)
        self.half.live(day)
        self.last_days(day)
        if day.isoweekday() == 7:  # a server does so every second; by it papers tell what was known when
            with unit_of_work(self.s):
                ledger.seal_now(self.s.connection(), book, at=moment(day, 23, 59))

    def deeds(self, day: date) -> list[Deed]:
        late = day > self.market - timedelta(days=QUIET)
        slow = {"E01", "E02", "D01", "D02", "D03", "C01", "L03", "F01", "G02", "A01"}
        # A promise is paid on 31 December: left out where that day lies after the last market but before today.
        unpaid = {"C02"} if self.market <= date(day.year, 12, 31) < self.today else set()
        return [deed for deed in self.plan.of_day(day)
                if not (late and deed.code in slow) and deed.code not in unpaid]

    def shelves(self, day: date) -> None:
        if day >= self.market or day == self.first:
            return
        self.room.clear_expired(day)
        if day.day in (5, 19):
            self.room.refill(day)
        if day.day == 12 and day.month % 3 == 1:
            self.room.donate(day)

    def wish(self, code: str, day: date) -> int:
        """What a household keeps at this time of the year: it saves towards its figure from April on."""
        left = (self.market - day).days
        return self.aim[code] * max(10, 100 - left * 100 // 240) // 100

    def go_shopping(self, day: date) -> None:
        """Who has more than they keep comes and buys by taste, within the month's limit."""
        free = {sku: stock.free for sku, stock in self.office.stock(day).items()}
        month = day.year * 12 + day.month
        minute = 0
        near = (self.market - day).days < 60
        for code in self.draw.sample(list(self.village.households), len(self.village.households)):
            over = self.office.balance(code) - self.wish(code, day)
            left = MONTH - self.spent.get((code, month), 0)
            purse = min(over, left, self.draw.choice((1500, 2500, 4000)) if not near else 6000)
            put_off = code in self.put_off and day <= self.lapses
            if purse < 500 or put_off or (not near and self.draw.randrange(100) < 40):
                continue
            basket = by_taste(self.draw, self.goods, free, purse)
            at = moment(day, 9) + timedelta(minutes=minute)
            receipt = self.office.sell(code, basket, at, str(day)) if basket else None
            if receipt:
                minute += 3
                self.spent[code, month] = self.spent.get((code, month), 0) + receipt.points
                if self.office.sold % 97 == 0:
                    self.take_back(receipt.id, code, month, receipt.points, day)

    def take_back(self, sale: object, code: str, month: int, points: int, day: date) -> None:
        """Now and then somebody brings everything back before closing time."""
        clerk = "clerk2" if code == "H019" else "clerk"
        take_back(self.s, ReturnSale(key("return", sale), sale), by=self.office.staff[clerk],  # type: ignore[arg-type]
                  at=moment(day, 11, 20))
        self.spent[code, month] -= points

    def void_one(self, day: date) -> None:
        """A record that turned out false: hours, points and score are taken back."""
        s, mine = self.s, {self.village.households[code].id for code in ("H001", "H010", "H020")}
        s.rollback()
        rows = s.execute(select(ServiceRecord.id, ServiceRecord.household_id).where(
            ServiceRecord.book_id == self.village.book_id, ServiceRecord.rule_code == "V01",
            ServiceRecord.status == POSTED, ServiceRecord.service_on >= day - timedelta(days=20))
            .order_by(ServiceRecord.id)).all()
        found = next((row.id for row in rows if row.household_id not in mine), None)
        if found is not None:
            void_record(s, VoidRecord(key("void", day), found, "核查签到表,当天本人不在场"),
                        by=self.office.staff["committee"], at=moment(day, 10))

    def end(self, day: date) -> None:
        """The last market: balances as given, then the breach that puts one household into the red."""
        month = day.year * 12 + day.month
        spent = {code: points for (code, when), points in self.spent.items() if when == month}
        Ending(self.office, self.goods, spent, day).run(self.aim)
        self.office.submit([Deed("N08", IN_THE_RED, None, title="核查处理")], day, "breach")
        self.office.decide_all(day, hour=20)

    def last_days(self, day: date) -> None:
        """What waits for people today: records to approve, notices running, two of them disputed, the stars."""
        before = (self.today - day).days
        if before == 3:
            ids = self.office.submit([Deed("D01", "H005", None, title="拾到手机归还失主"),
                                      Deed("D03", "H014", None, title="照护邻居老人"),
                                      Deed("D02", "H013", None, title="拾到钱包归还失主"),
                                      Deed("D05", "H006", None, title="调解邻里纠纷")], day, "on-notice")
            self.office.decide_all(day, hour=21)
            self.dispute(ids, day + timedelta(days=1))
        if before == 1:
            self.room.end_on_given_stock(day)
            self.office.submit(self.waiting_for_today(), day, "waiting")
            rate_the_year(self.office, day)

    def dispute(self, ids: tuple[object, ...], day: date) -> None:
        """Two neighbours object to notices that are running."""
        notices = list(self.s.scalars(select(ServiceRecord.id).where(
            ServiceRecord.book_id == self.village.book_id, ServiceRecord.id.in_(ids),
            ServiceRecord.status == ON_NOTICE).order_by(ServiceRecord.id)))[:2]
        texts = ("那天捡到手机的是另外一个人,请核实。", "照护的时间没有满一个月,请核实。")
        for record_id, text, who in zip(notices, texts, ("reviewer", "supervisor"), strict=False):
            raise_objection(self.s, RaiseObjection(key("objection", record_id), record_id, text),
                            by=self.office.staff[who], at=moment(day, 9))

    def waiting_for_today(self) -> list[Deed]:
        """Yesterday's clean-up, which the committee finds on its page this morning."""
        codes = ("H001", "H002", "H005", "H009", "H013", "H017", "H021", "H024")
        names = {code: self.village.households[code].head_name for code in codes}
        return [Deed("V01", code, names[code], 120, 8 * 60 + 30, "村道清雪") for code in codes] + [
            Deed("E03", "H018", self.village.households["H018"].head_name, title="集体环境整治")]


def live_the_past(s: Session, village: Village, shop: str, first: date, today: date, tell: Tell) -> None:
    """Twelve months from `first` up to the day before `today`."""
    Past(s, village, shop, first, today).run(tell)


