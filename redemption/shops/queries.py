"""Reads of shops. Every answer is a frozen record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pointsbank.clock import to_day
from pointsbank.errors import NotFound
from pointsbank.places import ancestors
from redemption.shops.models import Shop, ShopDay, ShopPolicy
from redemption.shops.opening import LOOK_AHEAD, OpenAnswer, Span, SpecialDay, opening_at
from redemption.shops.policy import Policy, read_policy, read_time


class ShopCard(NamedTuple):
    book_id: int
    code: str
    place_code: str
    name: str


def _card(row: Shop) -> ShopCard:
    return ShopCard(row.book_id, row.code, row.place_code, row.name)


def shop_by_code(s: Session, book_id: int, code: str) -> ShopCard:
    """Raises NotFound."""
    row = s.get(Shop, (book_id, code))
    if row is None or row.closed_on is not None:
        raise NotFound("shop")
    return _card(row)


def shops_of_place(s: Session, book_id: int, place_code: str) -> list[ShopCard]:
    """The shops of a place or, where it has none, of the nearest place above it. One statement."""
    above = ancestors(place_code)
    rows = s.scalars(select(Shop).where(Shop.book_id == book_id, Shop.place_code.in_(above),
                                        Shop.closed_on.is_(None)).order_by(Shop.code)).all()
    for code in above:
        if found := [_card(row) for row in rows if row.place_code == code]:
            return found
    return []


def shops_under(s: Session, book_id: int, prefixes: Iterable[str]) -> list[ShopCard]:
    """Every shop whose place lies at or below one of these places, by code. One statement."""
    wanted = [Shop.place_code.startswith(code.rstrip("0") or code) for code in prefixes]
    if not wanted:
        return []
    rows = s.scalars(select(Shop).where(Shop.book_id == book_id, Shop.closed_on.is_(None), or_(*wanted))
                     .order_by(Shop.code))
    return [_card(row) for row in rows]


def policy_on(s: Session, book_id: int, shop_code: str, day: date) -> Policy:
    """The rules in force on a day; a shop without any never opens. One statement."""
    row = s.scalar(select(ShopPolicy).where(
        ShopPolicy.book_id == book_id, ShopPolicy.shop_code == shop_code, ShopPolicy.valid_from <= day)
        .order_by(ShopPolicy.valid_from.desc(), ShopPolicy.version.desc()).limit(1))
    return read_policy(row.body, row.version, row.valid_from) if row else Policy(())


def special_days(s: Session, book_id: int, shop_code: str, start: date, end: date) -> dict[date, SpecialDay]:
    rows = s.scalars(select(ShopDay).where(ShopDay.book_id == book_id, ShopDay.shop_code == shop_code,
                                           ShopDay.day.between(start, end)))
    return {row.day: SpecialDay(Span(read_time(row.opens, "opens"), read_time(row.closes, "closes"))
                                if row.open else None) for row in rows}


def is_open(s: Session, shop: ShopCard, at: datetime) -> OpenAnswer:
    """Whether the shop is open at an instant, and when next. Two statements."""
    day = to_day(at)
    special = special_days(s, shop.book_id, shop.code, day, day + timedelta(days=LOOK_AHEAD))
    return opening_at(policy_on(s, shop.book_id, shop.code, day), at, special)
