"""Reads of shelves: what lies there, batch by batch, and which pieces go first (first expired, first out).

On hand is the ledger's balance of a batch's account, never a column of its own, so that shelf page, dashboard, report
and `ledger check` cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Account
from redemption.accounts import shelf
from redemption.stock.models import Batch

CHUNK = 400


class BatchStock(NamedTuple):
    """A batch with its pieces: on the shelf, held, and free to go."""

    id: UUID
    shop_code: str
    sku: str
    number: str
    use_by: date | None
    received_on: date
    market_fen: int
    valuation: str
    posted: int
    held: int
    available: int

    @property
    def account(self) -> Account:
        return shelf(self.shop_code, self.id, self.sku)

    def expired(self, on: date) -> bool:
        """The use-by day itself is still good."""
        return self.use_by is not None and self.use_by < on


class GoodStock(NamedTuple):
    """A good on a shop's shelf. `free` counts what may be redeemed: not held, not expired."""

    sku: str
    batches: tuple[BatchStock, ...]
    posted: int
    held: int
    expired: int
    free: int


def batches_of(s: Session, book_id: int, shop_code: str, skus: Iterable[str] | None = None) -> Sequence[Batch]:
    """The batches a shop ever took in, first to expire first. One statement."""
    query = select(Batch).where(Batch.book_id == book_id, Batch.shop_code == shop_code)
    if skus is not None:
        query = query.where(Batch.sku.in_(sorted(set(skus))))
    return sorted(s.scalars(query), key=lambda row: (row.sku, row.use_by or date.max, row.received_on, row.id))


def account_of(row: Batch) -> Account:
    return shelf(row.shop_code, row.id, row.sku)


def with_pieces(s: Session, rows: Sequence[Batch], *, recorded_by: datetime | None = None) -> list[BatchStock]:
    """Batches with their balances, now or by what was recorded by a moment. One statement for every 400."""
    found: list[BatchStock] = []
    for start in range(0, len(rows), CHUNK):
        part = rows[start:start + CHUNK]
        balances = ledger.balances(s.connection(), part[0].book_id, [account_of(row) for row in part],
                                   recorded_by=recorded_by)
        for row in part:
            held = balances[account_of(row)]
            found.append(BatchStock(row.id, row.shop_code, row.sku, row.number, row.use_by, row.received_on,
                                    row.market_fen, row.valuation, held.posted, held.held, held.available))
    return found


def stock_of(s: Session, book_id: int, shop_code: str, on: date, skus: Iterable[str] | None = None,
             ) -> dict[str, GoodStock]:
    """Every good that the shop ever had, with its batches in the order they go out. Two statements."""
    by_sku: dict[str, list[BatchStock]] = {}
    for batch in with_pieces(s, batches_of(s, book_id, shop_code, skus)):
        by_sku.setdefault(batch.sku, []).append(batch)
    return {sku: _good_stock(sku, batches, on) for sku, batches in by_sku.items()}


def _good_stock(sku: str, batches: list[BatchStock], on: date) -> GoodStock:
    expired = [batch for batch in batches if batch.expired(on)]
    free = sum(batch.available for batch in batches if not batch.expired(on))
    return GoodStock(sku, tuple(batches), sum(batch.posted for batch in batches),
                     sum(batch.held for batch in batches), sum(batch.posted for batch in expired), free)


def allocate(stock: GoodStock | None, pieces: int, on: date) -> list[tuple[BatchStock, int]]:
    """Which batches give how many pieces: first expired first out, expired ones never. May give fewer than asked."""
    taken: list[tuple[BatchStock, int]] = []
    for batch in stock.batches if stock else ():
        part = min(pieces, 0 if batch.expired(on) else max(batch.available, 0))
        if part > 0:
            taken.append((batch, part))
            pieces -= part
    return taken


def near_expiry(stock: Iterable[GoodStock], on: date, days: int) -> list[BatchStock]:
    """Batches with pieces that expire within so many days or have, the most urgent first."""
    return sorted((batch for good in stock for batch in good.batches
                   if batch.posted > 0 and batch.use_by is not None and (batch.use_by - on).days <= days),
                  key=lambda batch: (batch.use_by or on, batch.sku))


def free_elsewhere(s: Session, book_id: int, shop_codes: Iterable[str], skus: Iterable[str],
                   on: date) -> dict[tuple[str, str], int]:
    """Free pieces by (shop, SKU) in several shops; only where there are some. Two statements."""
    rows = s.scalars(select(Batch).where(Batch.book_id == book_id, Batch.shop_code.in_(sorted(set(shop_codes))),
                                         Batch.sku.in_(sorted(set(skus))))).all()
    free: dict[tuple[str, str], int] = {}
    for batch in with_pieces(s, rows):
        if batch.available > 0 and not batch.expired(on):
            free[batch.shop_code, batch.sku] = free.get((batch.shop_code, batch.sku), 0) + batch.available
    return dict(sorted(free.items()))
