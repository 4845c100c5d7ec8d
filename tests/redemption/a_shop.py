"""The demo village's love supermarket for tests: its list, its rules, opening points and stock, no past.

No minimum and no monthly ceiling unless a test asks for them; open from 9:00 to 11:30 on 25 November 2026 (a 25th).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.access import Actor, AppUser, actor_of_user, system_actor
from pointsbank.amounts import Points
from pointsbank.database import unit_of_work
from pointsbank.eligibility import PublishRule, find_spec, publish_rule, register_fact
from pointsbank.people import households_of_place
from pointsbank.places import book_of
from redemption.demo.people import Village, data, load_village
from redemption.goods import AddGood, add_good
from redemption.shops import AddShop, SetPolicy, ShopCard, add_shop, set_policy, shop_by_code
from redemption.stock import GoodsIn, ReceiveGoods, receive_goods, stock_of
from redemption.till import Item, Receipt, Redeem, redeem, register_redemption_facts

OPENED = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)  # 9:30 in the village
OPENING = [{"weekday": 6, "opens": "09:00", "closes": "11:30"}, {"day": 25, "opens": "09:00", "closes": "11:30"}]
RULES = {
    "P19": ("有未满 18 周岁成员的家庭可兑", "for families with members under 18", "minors >= 1"),
    "P20": ("只在腊月兑换", "in the twelfth lunar month only", "lunar_month == 12"),
    "P22": ("每户 3 年限 1 台", "one per household in three years", "good_3_years_with_this <= 1"),
}
BARCODES = {"P01": "0012345678905", "P02": "6901234567892"}


@dataclass
class Market:
    """The open shop and who works there."""

    s: Session
    village: Village
    shop: ShopCard
    system: Actor
    clerk: Actor
    clerk2: Actor
    storekeeper: Actor
    committee: Actor
    supervisor: Actor

    def household(self, code: str) -> UUID:
        return self.village.households[code].id

    def sell(self, code: str, *items: tuple[str, int], by: Actor | None = None, at: datetime = NOW,
             key: UUID | None = None, **more: Any) -> Receipt:
        cmd = Redeem(key or uuid.uuid4(), self.shop.code, self.household(code), tuple(Item(*item) for item in items),
                     **more)
        return redeem(self.s, cmd, by=by or self.clerk, at=at)

    def points(self, code: str) -> int:
        card = self.village.households[code]
        wallet = accounts.wallet(card.id, card.place_code)
        return ledger.balances(self.s.connection(), self.village.book_id, [wallet])[wallet].posted

    def pieces(self, sku: str, on: date = TODAY) -> int:
        found = stock_of(self.s, self.village.book_id, self.shop.code, on, [sku]).get(sku)
        return found.posted if found else 0

    def rows(self) -> dict[str, int]:
        """How much is written down: to see that a refusal changed nothing."""
        tables = ("ledger_transaction", "ledger_transfer", "sale", "sale_line", "sale_batch", "sale_return",
                  "stock_paper", "number_series", "audit_event")
        return {name: self.s.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}

    def rules(self, **more: Any) -> None:
        """A new version of the shop's rules, from today."""
        set_policy(self.s, SetPolicy(self.shop.code, TODAY, {"opening": OPENING, **more}), by=self.system, at=NOW)

    def sound(self) -> None:
        """Every law of the ledger holds."""
        assert ledger.check(self.s.connection(), self.village.book_id) == []


def actor(s: Session, login: str) -> Actor:
    return actor_of_user(s, s.scalars(select(AppUser).where(AppUser.login == login)).one())


def give_points(s: Session, village: Village, code: str, points: int, key: str = "opening",
                at: datetime = OPENED) -> None:
    """Points from the paper passbooks, for ever."""
    card = village.households[code]
    wallet, opening = accounts.wallet(card.id, card.place_code), accounts.opening(card.place_code)
    sides = (opening, wallet) if points > 0 else (wallet, opening)
    entry = Entry("test", f"{key}:{code}", "opening", at.date(), (Transfer(*sides, abs(points)),),
                  Party(household=card.id), may_go_below=points < 0)
    with unit_of_work(s):
        ledger.post(s.connection(), village.book_id, [entry], recorded_at=at)


def open_market(s: Session, village: Village, *, points: bool = True) -> Market:
    """The shop with its 22 goods, prices, limits and opening stock, and the households' opening points."""
    register_redemption_facts()
    if find_spec("stars") is None:
        register_fact("stars", "whole", "现有星数", "stars held", None)
    system = system_actor(village.book_id, "opening")
    place = village.place_code
    shop = add_shop(s, AddShop(place, "向阳村爱心超市", OPENED.date()), by=system, at=OPENED)
    set_policy(s, SetPolicy(shop.code, OPENED.date(), {"opening": OPENING}), by=system, at=OPENED)
    goods = data("village.json")["goods"]
    for sku, (zh, en, rule) in RULES.items():
        publish_rule(s, PublishRule(uuid.uuid4(), f"goods.{sku}", zh, en, rule, OPENED.date()), by=system, at=OPENED)
    for row in goods:
        add_good(s, AddGood(
            row["sku"], row["name"], row["unit"], row["category"], Points(row["points"] * 100),
            int(str(row["market_price"]).replace(".", "")) * (100 if "." not in str(row["market_price"]) else 10),
            OPENED.date(), (BARCODES[row["sku"]],) if row["sku"] in BARCODES else (),
            f"goods.{row['sku']}" if row["sku"] in RULES else None), by=system, at=OPENED)
    receive_goods(s, ReceiveGoods(uuid.uuid4(), shop.code, "opening", tuple(
        GoodsIn(row["sku"], row["stock"], date(2026, 12, 20) if row["sku"] == "P12" else None) for row in goods)),
        by=system, at=OPENED)
    if points:
        for row in data("village.json")["households"]:
            give_points(s, village, row["no"], row["opening_points"] * 100)
    return market_in(s)


def load_market(s: Session) -> None:
    """What the `market` fixture puts into its database."""
    open_market(s, load_village(s, at=OPENED))


def market_in(s: Session) -> Market:
    """The open shop of a database that already holds it."""
    register_redemption_facts()
    place = str(data("staff.json")["village"])
    book_id = book_of(place)
    village = Village(place, book_id, {card.code: card for card in households_of_place(s, place)}, {})
    return Market(s, village, shop_by_code(s, book_id, place), system_actor(book_id, "opening"),
                  *(actor(s, login) for login in ("clerk", "clerk2", "storekeeper", "committee", "supervisor")))


def later(**span: int) -> datetime:
    return NOW + timedelta(**span)
