"""Reads of goods: cards with the price in force on a day. Two statements whatever the number of goods."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from redemption.errors import NoSuchGood
from redemption.goods.barcodes import clean_code
from redemption.goods.models import Good, GoodBarcode, GoodPrice

# The drawn icon of a category: its first part decides ('粮油·短保' is 粮油). All names exist in the till's icons.
ICONS = {"日用": "daily", "粮油": "grain", "家居": "home", "农用": "farm", "助学": "school", "节庆": "festive",
         "服务": "service", "大件": "large"}


class PriceCard(NamedTuple):
    version: int
    valid_from: date
    points: int
    market_fen: int


class GoodCard(NamedTuple):
    """A good as the till needs it; `price` is None before its first price is in force."""

    book_id: int
    sku: str
    name: str
    unit: str
    category: str
    initials: str
    rule_code: str | None
    retired_on: date | None
    price: PriceCard | None
    barcodes: tuple[str, ...]

    @property
    def icon(self) -> str:
        return ICONS.get(self.category.split("·")[0], "daily")


def goods_on(s: Session, book_id: int, day: date, skus: Iterable[str] | None = None) -> dict[str, GoodCard]:
    """Goods by SKU, with the price in force on the day. Three statements."""
    picked = None if skus is None else sorted(set(skus))
    query = select(Good).where(Good.book_id == book_id).order_by(Good.sku)
    codes = select(GoodBarcode.sku, GoodBarcode.barcode).where(GoodBarcode.book_id == book_id)
    ranked = select(GoodPrice, func.row_number().over(
        partition_by=GoodPrice.sku, order_by=(GoodPrice.valid_from.desc(), GoodPrice.version.desc())).label("rank")
    ).where(GoodPrice.book_id == book_id, GoodPrice.valid_from <= day)
    if picked is not None:
        query, codes = query.where(Good.sku.in_(picked)), codes.where(GoodBarcode.sku.in_(picked))
        ranked = ranked.where(GoodPrice.sku.in_(picked))
    newest = ranked.subquery()
    prices = {row.sku: PriceCard(row.version, row.valid_from, row.points, row.market_fen)
              for row in s.execute(select(newest).where(newest.c.rank == 1))}
    barcodes: dict[str, list[str]] = {}
    for sku, barcode in s.execute(codes.order_by(GoodBarcode.barcode)):
        barcodes.setdefault(sku, []).append(barcode)
    return {good.sku: GoodCard(book_id, good.sku, good.name, good.unit, good.category, good.initials, good.rule_code,
                               good.retired_on, prices.get(good.sku), tuple(barcodes.get(good.sku, ())))
            for good in s.scalars(query)}


def sku_of(s: Session, book_id: int, code: str) -> str:
    """The SKU a scanned or typed code means. Raises NoSuchGood. One or two statements."""
    cleaned = clean_code(code)
    sku = s.scalar(select(Good.sku).where(Good.book_id == book_id, Good.sku == cleaned))
    if sku is None:
        sku = s.scalar(select(GoodBarcode.sku).where(GoodBarcode.book_id == book_id, GoodBarcode.barcode == cleaned))
    if sku is None:
        raise NoSuchGood("code", given=cleaned[:20])
    return str(sku)


def prices_of(s: Session, book_id: int, sku: str) -> list[PriceCard]:
    """Every price version of a good, newest first."""
    rows = s.scalars(select(GoodPrice).where(GoodPrice.book_id == book_id, GoodPrice.sku == sku)
                     .order_by(GoodPrice.valid_from.desc(), GoodPrice.version.desc()))
    return [PriceCard(row.version, row.valid_from, row.points, row.market_fen) for row in rows]


def siblings_of(s: Session, good: GoodCard) -> list[str]:
    """SKUs of goods of the same name but for what stands in brackets: 香皂(125g) and 香皂(100g)."""
    stem = good.name.split("(")[0].split("（")[0]
    return list(s.scalars(select(Good.sku).where(and_(
        Good.book_id == good.book_id, Good.sku != good.sku, Good.name.startswith(stem, autoescape=True)))
        .order_by(Good.sku).limit(20)))
