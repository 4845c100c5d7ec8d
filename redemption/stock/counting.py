"""Stocktakes, judged as of the moment of counting, and stock found in the box (盘盈).

    variance = counted − book at the moment of the count

What was sold or came in afterwards is no variance: it is shown as `moved_since`. So the shop stays open while people
count. Shortages leave the batches that go out first; a surplus joins the batch that came last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from ledger import Transfer
from pointsbank.access import Actor, can, require_seen
from pointsbank.clock import SHANGHAI, to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotFound
from redemption import accounts
from redemption.errors import CountedLater, CountImpossible, NoSuchGood
from redemption.goods import GoodCard, goods_on
from redemption.second import check_second
from redemption.shops import ShopCard, shop_by_code
from redemption.stock.models import Batch, StockLine, StockPaper
from redemption.stock.papers import (
    Draft,
    PaperCard,
    PaperLine,
    check_lines,
    check_pieces,
    digest_of,
    lock_storeroom,
    paper_for_key,
    save_paper,
)
from redemption.stock.shelves import BatchStock, account_of, batches_of, with_pieces

POWER, FOUND_POWERS = "stock.count", ("stock.count", "till.sell")
REASONS = ("first", "yearly", "monthly", "spot")  # 首次 年度 月度 抽盘
OLDEST = timedelta(days=7)  # a slip of paper with a count is booked within a week


@dataclass(frozen=True)
class Counted:
    """Pieces of a good counted in the whole shop, or, with `batch`, of that batch alone."""

    sku: str
    counted: int
    batch: UUID | None = None


@dataclass(frozen=True)
class CountStock:
    key: UUID
    shop: str
    counted_at: datetime
    lines: tuple[Counted, ...] = field(default=())
    reason: str = "monthly"


@dataclass(frozen=True)
class FoundStock:
    """Pieces that lie there although the book says otherwise; they join the batch that came last, or `batch`."""

    key: UUID
    shop: str
    sku: str
    pieces: int
    batch: UUID | None = None


def count_stock(s: Session, cmd: CountStock, *, by: Actor, second: Actor | None, at: datetime) -> PaperCard:
    """Book a stocktake, in one ledger transaction (none when everything is right). Two persons.

    Raises: NotAllowed, NeedsSecond, BadInput, NoSuchGood, CountedLater, CountImpossible, KeyReused.
    """
    _check_count(cmd, at)
    digest = digest_of([cmd.shop, cmd.counted_at.isoformat(), cmd.reason, [vars(line) for line in cmd.lines]])
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        second = check_second(by, second, shop.place_code)
        lock_storeroom(s, shop)
        if first := paper_for_key(s, by, cmd.key, digest):
            return first
        goods = goods_on(s, shop.book_id, to_day(at), [line.sku for line in cmd.lines])
        rows = batches_of(s, shop.book_id, shop.code, [line.sku for line in cmd.lines])
        ledger.lock_members(s.connection(), shop.book_id, [account_of(row) for row in rows])
        then = with_pieces(s, rows, recorded_by=cmd.counted_at)
        now = with_pieces(s, rows)
        lines: list[PaperLine] = []
        for index, line in enumerate(cmd.lines):
            if line.sku not in goods:
                raise NoSuchGood(f"lines.{index}.sku", given=line.sku[:20])
            _check_no_later_count(s, rows, line, cmd.counted_at, goods[line.sku], index)
            lines += _judge(line, goods[line.sku], _of(then, line), _of(now, line), index)
        draft = Draft("count", shop, cmd.key, digest, cmd.counted_at, "stocktake", tuple(lines),
                      _variances(shop, lines), second=second, reason=cmd.reason)
        return save_paper(s, draft, by=by, at=at)


def found_stock(s: Session, cmd: FoundStock, *, by: Actor, second: Actor | None, at: datetime) -> PaperCard:
    """A surplus receipt: what a clerk holds in their hands can be sold, once a second person has seen it too.

    Raises: NotAllowed, NeedsSecond, BadInput, NoSuchGood, KeyReused.
    """
    check_pieces(cmd.pieces, "pieces")
    digest = digest_of([cmd.shop, cmd.sku, cmd.pieces, cmd.batch])
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        if not any(can(by, power, shop.place_code) for power in FOUND_POWERS):
            raise NotFound("shop")
        second = check_second(by, second, shop.place_code)
        lock_storeroom(s, shop)
        if first := paper_for_key(s, by, cmd.key, digest):
            return first
        day = to_day(at)
        if cmd.sku not in goods_on(s, shop.book_id, day, [cmd.sku]):
            raise NoSuchGood("sku", given=cmd.sku[:20])
        rows = [row for row in batches_of(s, shop.book_id, shop.code, [cmd.sku])
                if (row.use_by is None or row.use_by >= day) and cmd.batch in (None, row.id)]
        if not rows:
            raise BadInput("sku", "这家超市没有这种商品的有效批次,请走“入库”。",
                           "This shop has no good batch of it; take it in as received goods.")
        row = max(rows, key=lambda batch: (batch.received_on, batch.id))
        line = PaperLine(row.id, row.sku, cmd.pieces)
        draft = Draft("found", shop, cmd.key, digest, at, "stocktake", (line,), _variances(shop, [line]),
                      second=second, reason="found")
        return save_paper(s, draft, by=by, at=at)


def _check_count(cmd: CountStock, at: datetime) -> None:
    check_lines(len(cmd.lines))
    if cmd.reason not in REASONS:
        raise BadInput("reason", "请选盘点类型。", "Choose the kind of count.")
    if not at - OLDEST <= cmd.counted_at <= at:
        raise BadInput("counted_at", "清点时间应在最近 7 天之内,不能晚于现在。",
                       "The moment of counting lies within the last 7 days and not in the future.")
    named = [(line.sku, line.batch) for line in cmd.lines]
    if len(set(named)) < len(named) or len({sku for sku, batch in named if batch is None}
                                           & {sku for sku, batch in named if batch is not None}):
        raise BadInput("lines", "同一商品只能写一行。", "A good stands on one line only.")
    for index, line in enumerate(cmd.lines):
        check_pieces(line.counted, f"lines.{index}.counted", least=0)


def _of(stock: Sequence[BatchStock], line: Counted) -> list[BatchStock]:
    return [batch for batch in stock if batch.sku == line.sku and line.batch in (None, batch.id)]


def _check_no_later_count(s: Session, rows: Sequence[Batch], line: Counted, counted_at: datetime, good: GoodCard,
                          index: int) -> None:
    """A count that was taken earlier than one already booked would undo it."""
    ids = [row.id for row in rows if row.sku == line.sku and line.batch in (None, row.id)]
    if not ids:
        raise BadInput(f"lines.{index}.sku", "这家超市没有收过这种商品。", "This shop never took this good in.")
    later = s.scalar(
        select(func.max(StockPaper.moment)).join(StockLine, (StockLine.book_id == StockPaper.book_id)
                                                 & (StockLine.paper_id == StockPaper.id))
        .where(StockPaper.book_id == good.book_id, StockPaper.kind.in_(("count", "found")),
               StockPaper.moment > counted_at, StockLine.batch_id.in_(ids)))
    if later is not None:
        raise CountedLater(f"lines.{index}.counted", good=good.name,
                           moment=f"{later.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")


def _judge(line: Counted, good: GoodCard, then: Sequence[BatchStock], now: Sequence[BatchStock],
           index: int) -> list[PaperLine]:
    """The variance of one good, laid on its batches."""
    book_then, book_now = sum(batch.posted for batch in then), sum(batch.posted for batch in now)
    variance = line.counted - book_then
    if book_now + variance < 0:
        raise CountImpossible(f"lines.{index}.counted", good=good.name, counted=line.counted,
                              unit={"zh": good.unit, "en": "pcs"},
                              moved=book_then - book_now)
    newest = max(now, key=lambda batch: (batch.received_on, batch.id))
    parts: list[tuple[UUID, int]] = []
    if variance >= 0:
        parts = [(newest.id, variance)]
    for batch in now if variance < 0 else ():
        part = min(batch.posted, -variance - sum(-pieces for _, pieces in parts))
        if part > 0:
            parts.append((batch.id, -part))
    figures = (line.counted, book_then, book_now - book_then)
    return [PaperLine(batch_id, line.sku, pieces, *(figures if place == 0 else (None, None, None)))
            for place, (batch_id, pieces) in enumerate(parts)]


def _variances(shop: ShopCard, lines: Sequence[PaperLine]) -> tuple[Transfer, ...]:
    """stocktake → shelf for a surplus, shelf → stocktake for a shortage."""
    moves = []
    for line in lines:
        shelf, other = accounts.shelf(shop.code, line.batch_id, line.sku), accounts.stocktake(shop.code, line.sku)
        if line.pieces > 0:
            moves.append(Transfer(other, shelf, line.pieces))
        elif line.pieces < 0:
            moves.append(Transfer(shelf, other, -line.pieces))
    return tuple(moves)
