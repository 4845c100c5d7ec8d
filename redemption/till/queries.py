"""Reads of the till: sales of a day or household, one sale, the proxies on file."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.crypto import open_many
from pointsbank.errors import NotFound
from redemption.shops import ShopCard
from redemption.till.models import Proxy, Sale, SaleReturn
from redemption.till.slips import Receipt, ReturnReceipt, receipts_of, return_receipts

PAGE = 50


class ProxyCard(NamedTuple):
    id: UUID
    name: str
    relation: str


def sale_by_id(s: Session, book_id: int, sale_id: UUID) -> Receipt:
    """Raises NotFound. Four statements."""
    row = s.get(Sale, (book_id, sale_id))
    if row is None:
        raise NotFound("sale")
    return receipts_of(s, [row])[0]


def sale_by_number(s: Session, shop: ShopCard, day: date, number: int) -> Receipt:
    """A receipt by what its slip says. Raises NotFound."""
    row = s.scalar(select(Sale).where(Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day == day,
                                      Sale.number == number))
    if row is None:
        raise NotFound("receipt")
    return receipts_of(s, [row])[0]


def sales_of_day(s: Session, shop: ShopCard, day: date, *, household_id: UUID | None = None,
                 before: int | None = None, limit: int = PAGE) -> list[Receipt]:
    """A shop's sales of a day, newest first, page by receipt number. Four statements."""
    query = select(Sale).where(Sale.book_id == shop.book_id, Sale.shop_code == shop.code, Sale.day == day)
    if household_id is not None:
        query = query.where(Sale.household_id == household_id)
    if before is not None:
        query = query.where(Sale.number < before)
    return receipts_of(s, s.scalars(query.order_by(Sale.number.desc()).limit(limit)).all())


def sales_of_household(s: Session, book_id: int, household_id: UUID, start: date, end: date, *,
                       shop_code: str | None = None, limit: int = PAGE) -> list[Receipt]:
    """A household's sales in a span of days, newest first. Four statements."""
    query = select(Sale).where(Sale.book_id == book_id, Sale.household_id == household_id,
                               Sale.day.between(start, end))
    if shop_code is not None:
        query = query.where(Sale.shop_code == shop_code)
    return receipts_of(s, s.scalars(query.order_by(Sale.day.desc(), Sale.at.desc()).limit(limit)).all())


def returns_of_day(s: Session, shop: ShopCard, day: date) -> list[ReturnReceipt]:
    """A shop's returns of a day, oldest first. Two statements."""
    rows = s.scalars(select(SaleReturn).where(SaleReturn.book_id == shop.book_id, SaleReturn.shop_code == shop.code,
                                              SaleReturn.day == day).order_by(SaleReturn.number)).all()
    return return_receipts(s, rows, {})


def proxies_of(s: Session, book_id: int, household_id: UUID) -> list[ProxyCard]:
    """Who may fetch for a household. Two statements."""
    rows = s.scalars(select(Proxy).where(Proxy.book_id == book_id, Proxy.household_id == household_id,
                                         Proxy.ended_on.is_(None)).order_by(Proxy.id)).all()
    opened = open_many(s, book_id, [(household_id, row.sealed) for row in rows], "proxy")
    return [ProxyCard(row.id, facts["name"], facts["relation"])
            for row, facts in zip(rows, opened, strict=True) if facts]
