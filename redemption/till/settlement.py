"""The day's and the month's account of a shop: what was redeemed, in points, pieces and yuan. Read only.

Value in yuan is what each piece was taken in at (its batch's value), so points and value stand side by side. The sum of
points is compared with the ledger's own account `spent:<shop>`: they can differ only if something is wrong.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from redemption import accounts
from redemption.shops import ShopCard
from redemption.stock import account_of, batches_of
from redemption.till.models import Sale, SaleLine, SaleReturn, SaleReturnLine
from redemption.till.returning import RETURN_KIND
from redemption.till.selling import SALE_KIND


class SettledGood(NamedTuple):
    """Pieces and points net of returns; `value_fen` at the batches' values."""

    sku: str
    name: str
    unit: str
    pieces: int
    points: int
    value_fen: int


@dataclass(frozen=True)
class Settlement:
    """`points` = sold − returned, as the papers say; `ledger_points` as the ledger says. They must be equal."""

    shop: ShopCard
    start: date
    end: date
    sales: int
    returns: int
    households: int
    points_sold: int
    points_returned: int
    ledger_points: int
    goods: tuple[SettledGood, ...]

    @property
    def points(self) -> int:
        return self.points_sold - self.points_returned

    @property
    def value_fen(self) -> int:
        return sum(good.value_fen for good in self.goods)

    @property
    def agrees(self) -> bool:
        return self.points == self.ledger_points == sum(good.points for good in self.goods)


def month_of(year: int, month: int) -> tuple[date, date]:
    """The first and last day of a month."""
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def settle(s: Session, shop: ShopCard, start: date, end: date) -> Settlement:
    """The account of a span of days, both included. A return counts on its own day. About nine statements."""
    in_days = (Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day.between(start, end))
    sales, points, households = s.execute(select(
        func.count(), func.coalesce(func.sum(Sale.points), 0), func.count(func.distinct(Sale.household_id)))
        .where(*in_days)).one()
    back = (SaleReturn.book_id == shop.book_id, SaleReturn.shop_code == shop.code, SaleReturn.day.between(start, end))
    returns, returned = s.execute(select(func.count(), func.coalesce(func.sum(SaleReturn.points), 0))
                                  .where(*back)).one()
    spent = accounts.spent(shop.code)
    posted = sum(row.credits - row.debits for row in ledger.turnovers(
        s.connection(), shop.book_id, spent.commodity, spent.code, start, end, by=("code",)) if row.code == spent.code)
    return Settlement(shop, start, end, int(sales), int(returns), int(households), int(points), int(returned), posted,
                      _goods(s, shop, start, end))


def _goods(s: Session, shop: ShopCard, start: date, end: date) -> tuple[SettledGood, ...]:
    figures: dict[str, list[int]] = {}
    names: dict[str, tuple[str, str]] = {}
    sold = s.execute(
        select(SaleLine.sku, func.max(SaleLine.name), func.max(SaleLine.unit), func.sum(SaleLine.quantity),
               func.sum(SaleLine.points))
        .join(Sale, (Sale.book_id == SaleLine.book_id) & (Sale.id == SaleLine.sale_id))
        .where(Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day.between(start, end))
        .group_by(SaleLine.sku))
    back = s.execute(
        select(SaleLine.sku, func.max(SaleLine.name), func.max(SaleLine.unit), -func.sum(SaleReturnLine.pieces),
               -func.sum(SaleReturnLine.points))
        .join(SaleReturn, (SaleReturn.book_id == SaleReturnLine.book_id) & (SaleReturn.id == SaleReturnLine.return_id))
        .join(SaleLine, (SaleLine.book_id == SaleReturn.book_id) & (SaleLine.sale_id == SaleReturn.sale_id)
              & (SaleLine.line_no == SaleReturnLine.line_no))
        .where(SaleReturn.book_id == shop.book_id, SaleReturn.shop_code == shop.code,
               SaleReturn.day.between(start, end))
        .group_by(SaleLine.sku))
    for sku, name, unit, pieces, points in [*sold, *back]:
        names.setdefault(sku, (name, unit))
        row = figures.setdefault(sku, [0, 0])
        row[0], row[1] = row[0] + int(pieces), row[1] + int(points)
    values = {sku: _value(s, shop, sku, start, end) for sku in figures}
    return tuple(SettledGood(sku, *names[sku], figures[sku][0], figures[sku][1], values[sku])
                 for sku in sorted(figures))


def _value(s: Session, shop: ShopCard, sku: str, start: date, end: date) -> int:
    """Fen: pieces given less pieces that came back, each at its batch's value. Two statements."""
    rates = {account_of(row).code: row.market_fen for row in batches_of(s, shop.book_id, shop.code, [sku])}
    moved = ledger.turnovers(s.connection(), shop.book_id, sku, f"shelf:{shop.code}:", start, end, by=("code", "kind"))
    return sum((row.debits - row.credits) * rates.get(row.code or "", 0) for row in moved
               if row.kind in (SALE_KIND, RETURN_KIND))
