"""期初库存: a shop's first day. One person counts what lies there, another counts again without seeing the figures;
what both counted alike goes onto the shelf by one receipt, what differs is shown and counted once more.

    sheet = count_opening(s, CountOpening(key, shop, lines), by=storekeeper, at=now)
    sheet = confirm_opening(s, ConfirmOpening(key, sheet.id, (48, 20)), by=supervisor, at=now)
    sheet.status, differences(sheet)         # 'posted', [] or 'differs', [Difference(sku, counted=50, again=48), …]

A count that differs stays as it was written down; whoever counted first counts anew, and that sheet replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import audit
from pointsbank.access import Actor, can, require_seen
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, Conflict, KeyReused, NotFound
from redemption.errors import NeedsSecond
from redemption.second import POWER as SECOND
from redemption.shops import ShopCard, shop_by_code
from redemption.stock.models import DIFFERS, POSTED, WAITING, WITHDRAWN, OpeningCount
from redemption.stock.papers import PIECES_MAX
from redemption.stock.receiving import POWER, GoodsIn, ReceiveGoods, check_goods, take_in


@dataclass(frozen=True)
class CountOpening:
    """What the first person counted: a line for each good and use-by day."""

    key: UUID
    shop: str
    lines: tuple[GoodsIn, ...]


@dataclass(frozen=True)
class ConfirmOpening:
    """What the second person counted, line by line of the sheet."""

    key: UUID
    sheet: UUID
    counted: tuple[int, ...]


class Difference(NamedTuple):
    sku: str
    use_by: date | None
    counted: int
    again: int


def lines_of(row: OpeningCount) -> list[GoodsIn]:
    return [GoodsIn(one["sku"], one["pieces"], one["use_by"] and date.fromisoformat(one["use_by"]), one["market_fen"],
                    one["valuation"]) for one in row.lines]


def differences(row: OpeningCount) -> list[Difference]:
    """Where the second count is not the first."""
    return [Difference(line.sku, line.use_by, line.pieces, again)
            for line, again in zip(lines_of(row), row.again or [line.pieces for line in lines_of(row)], strict=True)
            if line.pieces != again]


def count_opening(s: Session, cmd: CountOpening, *, by: Actor, at: datetime) -> OpeningCount:
    """Keep a first count until somebody else has counted too. Nothing moves. Same key: the first sheet.

    A sheet of the shop that still waits or differs is replaced. Raises: NotFound, BadInput, KeyReused.
    """
    stored: list[dict[str, Any]] = [
        {"sku": line.sku, "pieces": line.pieces, "use_by": line.use_by.isoformat() if line.use_by else None,
         "market_fen": line.market_fen, "valuation": line.valuation} for line in cmd.lines]
    if len({(line.sku, line.use_by) for line in cmd.lines}) < len(cmd.lines):
        raise BadInput("lines", "同一商品、同一有效期只能写一行。", "A good stands on one line for each use-by day.")
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        first = s.scalar(select(OpeningCount).where(OpeningCount.book_id == by.book_id,
                                                    OpeningCount.scope == by.scope, OpeningCount.key == cmd.key))
        if first is not None:
            if (first.shop_code, first.lines) != (shop.code, stored):
                raise KeyReused("key")
            return first
        check_goods(s, ReceiveGoods(cmd.key, shop.code, "opening", cmd.lines), shop, at)
        for older in s.scalars(select(OpeningCount).where(
                OpeningCount.book_id == by.book_id, OpeningCount.shop_code == shop.code,
                OpeningCount.status.in_((WAITING, DIFFERS))).with_for_update()):
            older.status = WITHDRAWN
        row = OpeningCount(
            book_id=by.book_id, id=new_id(), shop_code=shop.code, scope=by.scope, key=cmd.key, status=WAITING,
            lines=stored, again=None, made_by=by.user_id, made_person=by.person_id, made_at=at, second_by=None,
            second_at=None, paper_id=None)
        s.add(row)
        audit.record(s, by, "stock.opening_counted", f"opening_count:{row.id}", at=at, lines=len(stored),
                     pieces=sum(line.pieces for line in cmd.lines))
        s.flush()
        return row


def opening_count(s: Session, sheet_id: UUID, by: Actor, *powers: str, lock: bool = False) -> OpeningCount:
    """Raises NotFound, also for what lies out of reach."""
    query = select(OpeningCount).where(OpeningCount.book_id == by.book_id, OpeningCount.id == sheet_id)
    row = s.scalar(query.with_for_update() if lock else query)
    place = shop_by_code(s, row.book_id, row.shop_code).place_code if row else ""
    if row is None or not any(can(by, power, place) for power in powers):
        raise NotFound("opening_count")
    return row


def confirm_opening(s: Session, cmd: ConfirmOpening, *, by: Actor, at: datetime) -> OpeningCount:
    """The second count. Alike: one receipt puts it on the shelf. Not alike: kept beside the first, nothing moves.

    Confirming again changes nothing. Raises: NotFound, NeedsSecond (one's own count), Conflict (replaced), BadInput.
    """
    with unit_of_work(s):
        row = opening_count(s, cmd.sheet, by, SECOND, lock=True)
        if row.status == POSTED:
            return row
        if row.status != WAITING:
            raise Conflict("opening_count")
        if by.user_id is None or by.user_id == row.made_by or (
                by.person_id is not None and by.person_id == row.made_person):
            raise NeedsSecond("second")
        if len(cmd.counted) != len(row.lines) or not all(0 <= pieces <= PIECES_MAX for pieces in cmd.counted):
            raise BadInput("counted", "每一行都要数,件数从 0 起。", "Count every line, from 0 pieces up.")
        row.again, row.second_by, row.second_at = list(cmd.counted), by.user_id, at
        found = differences(row)
        if found:
            row.status = DIFFERS
        else:
            paper = take_in(s, ReceiveGoods(row.key, row.shop_code, "opening", tuple(lines_of(row))),
                            shop_by_code(s, row.book_id, row.shop_code), by=by, at=at, counted_by=row.made_by)
            row.status, row.paper_id = POSTED, paper.id
        audit.record(s, by, "stock.opening_differs" if found else "stock.opening_confirmed",
                     f"opening_count:{row.id}", at=at, lines=len(row.lines), different=len(found))
        s.flush()
        return row


def opening_counts(s: Session, shop: ShopCard) -> list[OpeningCount]:
    """The sheets of a shop, newest first."""
    return list(s.scalars(select(OpeningCount).where(
        OpeningCount.book_id == shop.book_id, OpeningCount.shop_code == shop.code)
        .order_by(OpeningCount.id.desc()).limit(20)))
