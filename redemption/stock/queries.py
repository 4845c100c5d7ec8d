"""Reads of the storeroom: papers, sources, the movements behind a figure."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from pointsbank.crypto import open_many
from pointsbank.errors import NotFound
from redemption.stock.models import Batch, GoodsSource, StockLine, StockPaper
from redemption.stock.papers import PaperCard, paper_cards
from redemption.stock.shelves import account_of, batches_of

PAGE = 50


class Movements(NamedTuple):
    """Where the pieces of a good in a shop came from and went: the sums of its movements, and what they leave."""

    sku: str
    received: int
    found: int
    sold: int
    returned: int
    written_off: int
    short: int
    on_hand: int


def paper_by_id(s: Session, book_id: int, paper_id: UUID) -> PaperCard:
    """Raises NotFound. Two statements."""
    row = s.get(StockPaper, (book_id, paper_id))
    if row is None:
        raise NotFound("paper")
    return paper_cards(s, [row])[0]


def papers_of(s: Session, book_id: int, shop_code: str, kind: str | None = None, *, before: UUID | None = None,
              limit: int = PAGE) -> list[PaperCard]:
    """Papers of a shop, newest first, page by id (ids are in order of creation). Two statements."""
    query = select(StockPaper).where(StockPaper.book_id == book_id, StockPaper.shop_code == shop_code)
    if kind is not None:
        query = query.where(StockPaper.kind == kind)
    if before is not None:
        query = query.where(StockPaper.id < before)
    return paper_cards(s, s.scalars(query.order_by(StockPaper.id.desc()).limit(limit)).all())


def source_names(s: Session, book_id: int, ids: set[UUID]) -> dict[UUID, str]:
    """Donors' and suppliers' names by id, for those who may see them; '' once erased. Two statements."""
    rows = s.scalars(select(GoodsSource).where(GoodsSource.book_id == book_id, GoodsSource.id.in_(sorted(ids)))).all()
    opened = open_many(s, book_id, [(row.id, row.sealed) for row in rows], "goods_source")
    return {row.id: (facts or {}).get("name", "") for row, facts in zip(rows, opened, strict=True)}


def last_counts(s: Session, book_id: int, shop_code: str) -> dict[str, datetime]:
    """When each good was last counted. One statement."""
    rows = s.execute(
        select(StockLine.sku, func.max(StockPaper.moment))
        .join(StockPaper, (StockPaper.book_id == StockLine.book_id) & (StockPaper.id == StockLine.paper_id))
        .where(StockPaper.book_id == book_id, StockPaper.shop_code == shop_code, StockPaper.kind == "count")
        .group_by(StockLine.sku))
    return {str(sku): moment for sku, moment in rows}


def counted_since(s: Session, book_id: int, batch_ids: list[UUID], since: datetime) -> datetime | None:
    """The moment of the first count of any of these batches after an instant, or None. One statement."""
    return s.scalar(
        select(func.min(StockPaper.moment))
        .join(StockLine, (StockLine.book_id == StockPaper.book_id) & (StockLine.paper_id == StockPaper.id))
        .where(StockPaper.book_id == book_id, StockPaper.kind == "count", StockPaper.moment > since,
               StockLine.batch_id.in_(batch_ids)))


def batch_cards(s: Session, book_id: int, ids: list[UUID]) -> dict[UUID, Batch]:
    """Batches by id. One statement."""
    return {row.id: row for row in s.scalars(select(Batch).where(Batch.book_id == book_id, Batch.id.in_(ids)))}


def movements(s: Session, book_id: int, shop_code: str, sku: str, start: date | None = None,
              end: date | None = None) -> Movements:
    """The movements of a good in a shop, summed from the ledger's own lines; the last figure is their sum.

    `start` and `end` bound the effective days; without them, everything. One statement a batch.
    """
    sums = dict.fromkeys(("received", "found", "sold", "returned", "written_off", "short"), 0)
    for row in batches_of(s, book_id, shop_code, [sku]):
        for line in ledger.lines(s.connection(), book_id, account_of(row), start, end):
            sums[_kind(line.other, line.amount)] += abs(line.amount)
    on_hand = (sums["received"] + sums["found"] + sums["returned"] - sums["sold"] - sums["written_off"]
               - sums["short"])
    return Movements(sku, on_hand=on_hand, **sums)


def _kind(other: str, amount: int) -> str:
    """What a movement is, told by the account on its other side."""
    side = other.partition(":")[0]
    if side == "given":
        return "returned" if amount > 0 else "sold"
    if side == "stocktake":
        return "found" if amount > 0 else "short"
    return "written_off" if side == "written-off" else "received"
