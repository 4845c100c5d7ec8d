"""What all papers share: the lock of a shop's storeroom, replays, numbers, posting, saving."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Transfer
from pointsbank import audit
from pointsbank.access import Actor
from pointsbank.clock import to_day
from pointsbank.crypto import seal_text
from pointsbank.database import new_id
from pointsbank.errors import BadInput, KeyReused
from redemption.numbering import next_number
from redemption.shops import Shop, ShopCard
from redemption.stock.models import StockLine, StockPaper

PREFIX = {"receipt": "JS", "count": "PD", "write_off": "BS", "found": "PY", "correction": "GZ"}
LINES_MAX = 300
PIECES_MAX = 1_000_000
NOTE_MAX = 300


class PaperLine(NamedTuple):
    """`pieces` signed; the last three are a count's."""

    batch_id: UUID
    sku: str
    pieces: int
    counted: int | None = None
    book_then: int | None = None
    moved_since: int | None = None


@dataclass(frozen=True)
class PaperCard:
    """A paper as others see it."""

    id: UUID
    book_id: int
    shop_code: str
    kind: str
    number: str
    day: date
    moment: datetime
    made_at: datetime
    source_kind: str | None
    source_id: UUID | None
    reason: str | None
    transaction_id: UUID | None
    lines: tuple[PaperLine, ...]
    replay: bool = False


@dataclass(frozen=True)
class Draft:
    """A paper about to be written."""

    kind: str
    shop: ShopCard
    key: UUID
    digest: str
    moment: datetime
    entry_kind: str
    lines: tuple[PaperLine, ...]
    transfers: tuple[Transfer, ...]
    second: Actor | None = None
    source_kind: str | None = None
    source_id: UUID | None = None
    reason: str | None = None
    note: str = ""
    counted_by: UUID | None = None


def digest_of(content: Any) -> str:
    """What tells a replay from a reused key: the command's content, canonical."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def lock_storeroom(s: Session, shop: ShopCard) -> None:
    """One paper at a time per shop; sales do not wait here (they lock the batches they take from)."""
    s.execute(select(Shop.code).where(Shop.book_id == shop.book_id, Shop.code == shop.code).with_for_update())


def paper_for_key(s: Session, by: Actor, key: UUID, digest: str) -> PaperCard | None:
    """The first result of this key, marked as a replay. Raises KeyReused for other content."""
    row = s.scalar(select(StockPaper).where(StockPaper.book_id == by.book_id, StockPaper.scope == by.scope,
                                            StockPaper.key == key))
    if row is None:
        return None
    if row.digest != digest:
        raise KeyReused("key")
    return replace(paper_cards(s, [row])[0], replay=True)


def check_lines(count: int) -> None:
    if not 1 <= count <= LINES_MAX:
        raise BadInput("lines", f"一张单子应有 1 到 {LINES_MAX} 行。", f"A paper has 1 to {LINES_MAX} lines.")


def check_pieces(pieces: int, field: str, least: int = 1) -> None:
    if type(pieces) is not int or not least <= pieces <= PIECES_MAX:
        raise BadInput(field, f"件数应为不小于 {least} 的整数。", f"Pieces are a whole number of at least {least}.")


def paper_number(s: Session, shop: ShopCard, kind: str, day: date) -> str:
    """'JS2026-0012': per shop, kind and year."""
    return f"{PREFIX[kind]}{day.year}-{next_number(s, shop.book_id, shop.code, f'{kind}:{day.year}'):04d}"


def save_paper(s: Session, draft: Draft, *, by: Actor, at: datetime, paper_id: UUID | None = None,
               number: str | None = None) -> PaperCard:
    """Post the paper's one transaction and write it down. Inside the caller's unit of work."""
    shop, day, paper_id = draft.shop, to_day(at), paper_id or new_id()
    transaction_id = None
    if draft.transfers:
        entry = Entry(by.scope, str(draft.key), draft.entry_kind, day, draft.transfers, place=shop.place_code,
                      meta={"paper": paper_id})
        transaction_id = ledger.post(s.connection(), shop.book_id, [entry], recorded_at=at)[0].transaction_id
    number = number or paper_number(s, shop, draft.kind, day)
    sealed = seal_text(s, shop.book_id, paper_id, draft.note, "stock_paper") if draft.note else None
    row = StockPaper(
        book_id=shop.book_id, id=paper_id, shop_code=shop.code, kind=draft.kind, number=number, day=day,
        moment=draft.moment, made_at=at, made_by=by.user_id,
        second_by=draft.second.user_id if draft.second else draft.counted_by,
        source_kind=draft.source_kind, source_id=draft.source_id, reason=draft.reason, sealed=sealed,
        transaction_id=transaction_id, scope=by.scope, key=draft.key, digest=draft.digest)
    s.add(row)
    s.flush()
    s.add_all(StockLine(book_id=shop.book_id, paper_id=paper_id, line_no=number_, **line._asdict())
              for number_, line in enumerate(draft.lines, start=1))
    given = {"reason": draft.reason} if draft.reason else {}
    audit.record(s, by, f"stock.{draft.kind}", f"stock_paper:{paper_id}", at=at, why=draft.note, about=paper_id,
                 number=number, **given)
    s.flush()
    return paper_cards(s, [row])[0]


def paper_cards(s: Session, rows: Sequence[StockPaper]) -> list[PaperCard]:
    """Papers with their lines. One statement."""
    if not rows:
        return []
    lines: dict[UUID, list[PaperLine]] = {}
    for line in s.scalars(select(StockLine).where(StockLine.book_id == rows[0].book_id,
                                                  StockLine.paper_id.in_([row.id for row in rows]))
                          .order_by(StockLine.paper_id, StockLine.line_no)):
        lines.setdefault(line.paper_id, []).append(PaperLine(line.batch_id, line.sku, line.pieces, line.counted,
                                                             line.book_then, line.moved_since))
    return [PaperCard(row.id, row.book_id, row.shop_code, row.kind, row.number, row.day, row.moment, row.made_at,
                      row.source_kind, row.source_id, row.reason, row.transaction_id, tuple(lines.get(row.id, ())))
            for row in rows]
