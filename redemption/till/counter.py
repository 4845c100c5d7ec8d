"""The till's screen: who stands there, what is in the basket, what lies on the shelf. Reads only.

The basket lives in the page's address ('P01*2 P13*1'), so the till works without JavaScript and survives a reload; the
script only saves the reloading. One input takes everything a scanner or a hand sends: a card or household code says
who, a goods code adds one piece, '-' takes the last one away, a member's whole name says who, anything else searches
the shelf. What cannot be understood leaves the field empty and says so; nothing is dropped silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from ledger import Balance, DomainError
from pointsbank import accounts
from pointsbank.access import Actor
from pointsbank.benefits import Grant
from pointsbank.clock import to_day
from pointsbank.people import HouseholdCard, persons_of_place, relatives_of
from redemption.errors import (
    BelowMinimum,
    HouseholdFirst,
    NeitherHouseholdNorGood,
    NoPrice,
    NoSuchGood,
    NoSuchHousehold,
    NotEnoughPoints,
    Retired,
    SeveralHouseholds,
    SoldOut,
)
from redemption.goods import GoodCard, goods_on, sku_of
from redemption.shops import OpenAnswer, ShopCard, is_open
from redemption.stock import GoodStock, stock_of
from redemption.till.judging import LINES_MAX, PIECES_MAX, Item, Judgement, gather, judge, month_left, shelf_status
from redemption.till.models import Sale
from redemption.till.privileges import month_ceiling, reduced
from redemption.till.queries import ProxyCard, proxies_of
from redemption.till.selling import CARD, find_customer
from redemption.till.slips import Receipt, receipts_of

ITEM = re.compile(r"([A-Z0-9][A-Z0-9-]{0,19})\*([0-9]{1,3})")
HOUSEHOLD = re.compile(r"[A-Z]{1,3}[0-9]{2,}", re.IGNORECASE)


@dataclass(frozen=True)
class Counter:
    """What the page carries on from one step to the next."""

    who: str = ""
    items: tuple[Item, ...] = ()
    last: str = ""  # the good touched last: what '-' takes away
    search: str = ""
    notice: DomainError | None = None  # why the last input did nothing


class Tile(NamedTuple):
    """A good on the shelf: `reason` None when one piece may go into the basket. `points`: a piece's price for who
    stands there (None: no price in force); `less`: a benefit makes it cheaper."""

    good: GoodCard
    free: int
    reason: DomainError | None
    near: bool  # the next batch to go expires soon
    points: int | None
    less: bool


@dataclass(frozen=True)
class Screen:
    """Everything the page shows."""

    shop: ShopCard
    opening: OpenAnswer
    counter: Counter
    household: HouseholdCard | None
    own: bool
    balance: Balance | None
    expiring: tuple[date, int] | None
    month_left: int | None
    month_max: int | None
    large_points: int | None  # goods from this price on do not count towards the month
    proxies: list[ProxyCard]
    judgement: Judgement | None
    tiles: list[Tile]
    sales_today: int
    points_today: int
    last_sale: Receipt | None
    grants: tuple[Grant, ...] = ()  # the household's benefits of today

    @property
    def barred(self) -> list[Tile]:
        """What this household may not redeem today for a reason other than points or stock."""
        plain = (NotEnoughPoints, BelowMinimum, SoldOut, NoPrice, Retired)
        return [tile for tile in self.tiles if tile.reason is not None and not isinstance(tile.reason, plain)]

    @property
    def kinds(self) -> list[str]:
        """The categories on the shelf, in its order: '粮油·短保' stands under 粮油."""
        return list(dict.fromkeys(tile.good.category.split("·")[0] for tile in self.tiles))


def read_items(text: str) -> tuple[Item, ...]:
    """'P01*2 P13*1' -> items; what cannot be read is left out, never guessed."""
    items: dict[str, int] = {}
    for part in text.split()[:LINES_MAX]:
        if (match := ITEM.fullmatch(part)) and 0 < int(match[2]) <= PIECES_MAX:
            items[match[1]] = int(match[2])
    return tuple(Item(sku, quantity) for sku, quantity in items.items())


def items_text(items: Sequence[Item]) -> str:
    return " ".join(f"{item.sku}*{item.quantity}" for item in items)


def changed(counter: Counter, sku: str, by: int) -> Counter:
    """One piece more or less of a good; a new one goes to the end, the last piece takes its line along."""
    pieces = {item.sku: item.quantity for item in counter.items}
    pieces[sku] = min(max(pieces.get(sku, 0) + by, 0), PIECES_MAX)
    items = tuple(Item(name, quantity) for name, quantity in pieces.items() if quantity)[:LINES_MAX]
    return replace(counter, items=items, last=sku, search="")


def enter(s: Session, shop: ShopCard, counter: Counter, text: str, day: date, *, names: bool = False) -> Counter:
    """What a scan or a typed word does. Never raises: what cannot be understood becomes a notice or a search.

    `names`: a member's whole name says who, too; only for what was not sent in an address.
    """
    given = text.strip()
    if given in ("-", "－", "−"):
        last = counter.last or (counter.items[-1].sku if counter.items else "")
        return changed(counter, last, -1) if last in {item.sku for item in counter.items} else counter
    try:
        if CARD.fullmatch(given):
            return _who(s, shop, counter, given)
        return added(s, shop, counter, sku_of(s, shop.book_id, given), day)
    except NoSuchHousehold as unknown:
        return replace(counter, notice=unknown)
    except NoSuchGood:
        return _word(s, shop, counter, given, day, names)


def _word(s: Session, shop: ShopCard, counter: Counter, given: str, day: date, names: bool) -> Counter:
    """No card and no code of a good: a household's code, a member's name, or the beginning of a good's."""
    if HOUSEHOLD.fullmatch(given):
        try:
            return _who(s, shop, counter, given)
        except NoSuchHousehold:
            pass  # perhaps the beginning of a good's code
    if names and (codes := _households_of(s, shop, given)):
        return (_who(s, shop, counter, codes[0]) if len(codes) == 1
                else replace(counter, notice=SeveralHouseholds("code", codes="、".join(codes[:8]))))
    found = matching(goods_on(s, shop.book_id, day).values(), given)
    if len(found) == 1:
        return added(s, shop, counter, found[0].sku, day)
    if found:
        return replace(counter, search=given[:20])
    return replace(counter, notice=NeitherHouseholdNorGood("code", given=given[:20].upper()))


def _who(s: Session, shop: ShopCard, counter: Counter, text: str) -> Counter:
    """Another household stands there: its basket starts empty. Raises NoSuchHousehold."""
    code = find_customer(s, shop, text).code
    return counter if code == counter.who else Counter(who=code)


def _households_of(s: Session, shop: ShopCard, name: str) -> list[str]:
    """Codes of the households with a member of this name. Names lie sealed, so the village is opened in memory."""
    return sorted({card.household_code for card in persons_of_place(s, shop.place_code) if card.name == name})


def added(s: Session, shop: ShopCard, counter: Counter, sku: str, day: date) -> Counter:
    """One piece more, for the household that stands there; without one the clerk is told."""
    if counter.who:
        return changed(counter, sku, 1)
    good = goods_on(s, shop.book_id, day, [sku]).get(sku)
    return replace(counter, notice=HouseholdFirst("code", good=good.name if good else sku))


def matching(goods: Iterable[GoodCard], text: str) -> list[GoodCard]:
    """Goods whose initials, name, category or code begin with or hold the text."""
    word = text.strip().lower()
    return [good for good in goods
            if good.initials.startswith(word) or word in good.name.lower() or word in good.category
            or good.sku.lower().startswith(word)] if word else []


def screen(s: Session, shop: ShopCard, counter: Counter, *, by: Actor, at: datetime) -> Screen:
    """The whole screen. About twenty statements, whatever the number of goods."""
    day, opening = to_day(at), is_open(s, shop, at)
    household = None
    if counter.who:
        try:
            household = find_customer(s, shop, counter.who)
        except NoSuchHousehold as unknown:
            counter = replace(counter, who="", notice=unknown)
    count, points = s.execute(select(func.count(), func.coalesce(func.sum(Sale.points), 0)).where(
        Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day == day)).one()
    last = s.scalar(select(Sale).where(Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day == day,
                                       Sale.made_by == by.user_id).order_by(Sale.number.desc()).limit(1))
    last_sale = receipts_of(s, [last])[0] if last else None
    if household is None:
        goods = goods_on(s, shop.book_id, day)
        tiles = _tiles(goods, stock_of(s, shop.book_id, shop.code, day), {}, day, 0)
        return Screen(shop, opening, counter, None, False, None, None, None, None, None, [], None, tiles,
                      int(count), int(points), last_sale)
    facts = gather(s, shop, household, None, day, siblings=False)
    wallet = accounts.wallet(household.id, household.place_code)
    due = ledger.expiring(s.connection(), shop.book_id, wallet, day)
    judgement = judge(facts, counter.items) if counter.items else None
    return Screen(shop, opening, counter, household, household.id in relatives_of(s, by.book_id, by.person_id),
                  facts.balance, next(((on, amount) for on, amount in due if on is not None), None),
                  month_left(facts), month_ceiling(facts.policy, facts.grants), facts.policy.large_points,
                  proxies_of(s, shop.book_id, household.id), judgement,
                  _tiles(facts.goods, facts.stock, shelf_status(facts), day, facts.policy.near_expiry_days,
                         facts.grants),
                  int(count), int(points), last_sale, facts.grants)


def _tiles(goods: Mapping[str, GoodCard], stock: Mapping[str, GoodStock],
           status: Mapping[str, DomainError | None], day: date, near_days: int,
           grants: Sequence[Grant] = ()) -> list[Tile]:
    tiles = []
    for good in goods.values():
        if good.retired_on is not None and good.retired_on <= day:
            continue
        shelf = stock.get(good.sku)
        uses = [batch.use_by for batch in shelf.batches if batch.use_by and batch.available > 0] if shelf else []
        near = any(0 <= (use_by - day).days <= min(near_days, 7) for use_by in uses)
        less = reduced(grants, good, good.price.points) if good.price else None
        points = less.points if less else good.price.points if good.price else None
        tiles.append(Tile(good, max(shelf.free, 0) if shelf else 0, status.get(good.sku), near, points, bool(less)))
    return tiles
