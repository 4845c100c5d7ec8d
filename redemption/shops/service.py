"""Writes: opening a shop, a new version of its rules, a special day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, require
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput
from pointsbank.places import book_of
from redemption.shops.models import Shop, ShopDay, ShopPolicy
from redemption.shops.policy import Policy, read_policy, read_time
from redemption.shops.queries import ShopCard, shop_by_code

RULES_POWER, DAYS_POWER = "schedule.publish", "goods.edit"


@dataclass(frozen=True)
class AddShop:
    place_code: str
    name: str
    opened_on: date
    code: str = ""  # the place's own code when left out


@dataclass(frozen=True)
class SetPolicy:
    """`body` as in redemption.shops.policy; holds from `valid_from`, which is not in the past."""

    shop: str
    valid_from: date
    body: dict[str, Any]


@dataclass(frozen=True)
class SetShopDay:
    """A special day: open from `opens` to `closes`, or closed. The same day again replaces it."""

    shop: str
    day: date
    open: bool = True
    opens: str = "09:00"
    closes: str = "11:30"
    reason: str = ""


def add_shop(s: Session, cmd: AddShop, *, by: Actor, at: datetime) -> ShopCard:
    """Open a shop at a place. Adding the same shop again changes nothing."""
    require(by, RULES_POWER, at_place=cmd.place_code)
    code, book_id = cmd.code or cmd.place_code, book_of(cmd.place_code)
    if not re.fullmatch(r"[0-9]{12}(-[0-9]{1,3})?", code) or not code.startswith(cmd.place_code):
        raise BadInput("code", "超市编码是所在地的区划代码,第二家起加 -2。",
                       "A shop's code is its place's code; the second shop adds -2.")
    if not 1 <= len(cmd.name.strip()) <= 60:
        raise BadInput("name", "名称应为 1 到 60 个字。", "A name has 1 to 60 characters.")
    with unit_of_work(s):
        if s.get(Shop, (book_id, code)) is None:
            s.add(Shop(book_id=book_id, code=code, place_code=cmd.place_code, name=cmd.name.strip(),
                       opened_on=cmd.opened_on, closed_on=None))
            audit.record(s, by, "shop.added", f"shop:{code}", at=at)
            s.flush()
        return shop_by_code(s, book_id, code)


def set_policy(s: Session, cmd: SetPolicy, *, by: Actor, at: datetime) -> Policy:
    """A new version of a shop's rules. Raises BadInput for a body that cannot be read or a day in the past."""
    read_policy(cmd.body)
    if cmd.valid_from < to_day(at):
        raise BadInput("valid_from", "新规则只能从今天或以后执行。", "New rules start today or later.")
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require(by, RULES_POWER, at_place=shop.place_code)
        s.execute(select(Shop).where(Shop.book_id == shop.book_id, Shop.code == shop.code).with_for_update())
        last = s.scalar(select(func.max(ShopPolicy.version)).where(ShopPolicy.book_id == shop.book_id,
                                                                   ShopPolicy.shop_code == shop.code))
        version = (last or 0) + 1
        s.add(ShopPolicy(book_id=shop.book_id, shop_code=shop.code, version=version, valid_from=cmd.valid_from,
                         body=dict(cmd.body), made_at=at, made_by=by.user_id))
        audit.record(s, by, "shop.rules", f"shop:{shop.code}", at=at, version=version)
        return read_policy(cmd.body, version, cmd.valid_from)


def set_shop_day(s: Session, cmd: SetShopDay, *, by: Actor, at: datetime) -> None:
    """Open (or keep shut) on one day although the rule says otherwise. Never for a day that is over."""
    if read_time(cmd.opens, "opens") >= read_time(cmd.closes, "closes"):
        raise BadInput("closes", "关门时间要晚于开门时间。", "Closing comes after opening.")
    if cmd.day < to_day(at):
        raise BadInput("day", "已经过去的日子不能再改。", "A day that is over cannot be changed.")
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require(by, DAYS_POWER, at_place=shop.place_code)
        row = s.get(ShopDay, (shop.book_id, shop.code, cmd.day))
        if row is None:
            row = ShopDay(book_id=shop.book_id, shop_code=shop.code, day=cmd.day)
            s.add(row)
        row.open, row.opens, row.closes, row.reason = cmd.open, cmd.opens, cmd.closes, cmd.reason[:60]
        audit.record(s, by, "shop.day", f"shop:{shop.code}", at=at, day=cmd.day.isoformat(), open=cmd.open)
