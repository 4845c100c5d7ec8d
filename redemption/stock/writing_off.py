"""Writing off: expired, damaged, lost goods leave the shelf, with two persons, and are never sold.

Expired pieces may leave by this door alone; that is why expiry blocks a sale, not a movement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Transfer
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import BadInput, NotFound
from redemption import accounts
from redemption.errors import NotOnShelf
from redemption.goods import goods_on
from redemption.second import check_second
from redemption.shops import shop_by_code
from redemption.stock.models import Batch
from redemption.stock.papers import (
    NOTE_MAX,
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
from redemption.stock.shelves import account_of, with_pieces

POWER = "stock.write_off"
REASONS = ("expired", "damaged", "lost", "recalled", "other")  # 过期 破损 丢失 召回 其他


@dataclass(frozen=True)
class Leaving:
    batch: UUID
    pieces: int


@dataclass(frozen=True)
class WriteOff:
    key: UUID
    shop: str
    reason: str
    lines: tuple[Leaving, ...] = field(default=())
    note: str = ""


def write_off(s: Session, cmd: WriteOff, *, by: Actor, second: Actor | None, at: datetime) -> PaperCard:
    """Take pieces off the shelf for good, in one ledger transaction. Two persons.

    Raises: NotAllowed, NeedsSecond, BadInput, NotFound, NotOnShelf, KeyReused.
    """
    check_lines(len(cmd.lines))
    if cmd.reason not in REASONS or len(cmd.note) > NOTE_MAX:
        raise BadInput("reason", "请选报损原因。", "Choose the reason.")
    for index, line in enumerate(cmd.lines):
        check_pieces(line.pieces, f"lines.{index}.pieces")
    digest = digest_of([cmd.shop, cmd.reason, [vars(line) for line in cmd.lines]])
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        second = check_second(by, second, shop.place_code)
        lock_storeroom(s, shop)
        if first := paper_for_key(s, by, cmd.key, digest):
            return first
        rows = {row.id: row for row in s.scalars(select(Batch).where(
            Batch.book_id == shop.book_id, Batch.shop_code == shop.code,
            Batch.id.in_([line.batch for line in cmd.lines])))}
        ledger.lock_members(s.connection(), shop.book_id, [account_of(row) for row in rows.values()])
        _check_on_shelf(s, cmd, rows, at)
        lines = tuple(PaperLine(line.batch, rows[line.batch].sku, -line.pieces) for line in cmd.lines)
        transfers = tuple(Transfer(account_of(rows[line.batch]),
                                   accounts.written_off(shop.code, rows[line.batch].sku), line.pieces)
                          for line in cmd.lines)
        draft = Draft("write_off", shop, cmd.key, digest, at, "written_off", lines, transfers, second=second,
                      reason=cmd.reason, note=cmd.note.strip())
        return save_paper(s, draft, by=by, at=at)


def _check_on_shelf(s: Session, cmd: WriteOff, rows: Mapping[UUID, Batch], at: datetime) -> None:
    asked: dict[UUID, int] = {}
    for index, line in enumerate(cmd.lines):
        if line.batch not in rows:
            raise NotFound(f"lines.{index}.batch")
        asked[line.batch] = asked.get(line.batch, 0) + line.pieces
    book_id = next(iter(rows.values())).book_id
    goods = goods_on(s, book_id, to_day(at), [row.sku for row in rows.values()])
    for batch in with_pieces(s, list(rows.values())):
        if asked[batch.id] > batch.available:
            good = goods[batch.sku]
            raise NotOnShelf("lines", good=good.name, unit={"zh": good.unit, "en": "pcs"},
                             on_hand=batch.available, wanted=asked[batch.id])
