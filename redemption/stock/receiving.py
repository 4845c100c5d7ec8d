"""Taking goods in: donated, bought, or carried over from the paper books. Each line becomes a batch of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import Account, Transfer
from pointsbank import accounts as bank_accounts
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.crypto import keyed_hash, seal_json
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput
from redemption import accounts
from redemption.errors import ExpiredGoods, NoSuchGood
from redemption.goods import GoodCard, goods_on
from redemption.shops import ShopCard, shop_by_code
from redemption.stock.models import Batch, GoodsSource
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
    paper_number,
    save_paper,
)

POWER = "stock.receive"
SOURCES = ("donation", "purchase", "opening")
VALUATIONS = ("invoice", "market", "donor", "estimate")  # 发票 市场价 捐赠人申报 估价
FEN_MAX = 10_000_000


@dataclass(frozen=True)
class GoodsIn:
    """`market_fen`: the value of one piece in fen; None takes the good's market price (valuation 'market')."""

    sku: str
    pieces: int
    use_by: date | None = None
    market_fen: int | None = None
    valuation: str = "market"


@dataclass(frozen=True)
class ReceiveGoods:
    """`source_name` and `source_phone` (donor or supplier) are sealed; 'opening' has none."""

    key: UUID
    shop: str
    source: str
    lines: tuple[GoodsIn, ...] = field(default=())
    source_name: str = ""
    source_phone: str = ""
    note: str = ""


def receive_goods(s: Session, cmd: ReceiveGoods, *, by: Actor, at: datetime) -> PaperCard:
    """Take goods onto the shelf with a receipt number (物品接收单), in one ledger transaction.

    Pieces, use-by day and value are kept per batch. Same key again: the first paper. Goods past their use-by day are
    not taken in. Raises: NotAllowed, BadInput, NoSuchGood, ExpiredGoods, KeyReused.
    """
    _check(cmd)
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        return take_in(s, cmd, shop, by=by, at=at)


def take_in(s: Session, cmd: ReceiveGoods, shop: ShopCard, *, by: Actor, at: datetime,
            counted_by: UUID | None = None) -> PaperCard:
    """The work of receive_goods, for whoever may. `counted_by`: the other of the two who counted an opening stock."""
    digest = digest_of([cmd.shop, cmd.source, cmd.source_name.strip(), [vars(line) for line in cmd.lines]])
    lock_storeroom(s, shop)
    if first := paper_for_key(s, by, cmd.key, digest):
        return first
    day = to_day(at)
    goods = goods_on(s, shop.book_id, day, [line.sku for line in cmd.lines])
    source_id = _source(s, cmd, by, at)
    paper_id, number = new_id(), paper_number(s, shop, "receipt", day)
    batches = [_batch(cmd, shop, goods, index, day, paper_id, number) for index in range(len(cmd.lines))]
    moves = [(_from(shop, cmd.source, source_id, row.sku), accounts.shelf(shop.code, row.id, row.sku), line.pieces)
             for row, line in zip(batches, cmd.lines, strict=True)]
    draft = Draft("receipt", shop, cmd.key, digest, at, "receipt",
                  tuple(PaperLine(row.id, row.sku, line.pieces) for row, line in zip(batches, cmd.lines, strict=True)),
                  tuple(Transfer(*move) for move in moves), source_kind=cmd.source, source_id=source_id,
                  note=cmd.note.strip(), counted_by=counted_by)
    card = save_paper(s, draft, by=by, at=at, paper_id=paper_id, number=number)
    s.add_all(batches)
    return card


def check_goods(s: Session, cmd: ReceiveGoods, shop: ShopCard, at: datetime) -> None:
    """Whether these goods could be taken in today. Raises BadInput, NoSuchGood, ExpiredGoods."""
    _check(cmd)
    goods = goods_on(s, shop.book_id, to_day(at), [line.sku for line in cmd.lines])
    for index in range(len(cmd.lines)):
        _batch(cmd, shop, goods, index, to_day(at), new_id(), "")


def _check(cmd: ReceiveGoods) -> None:
    check_lines(len(cmd.lines))
    if cmd.source not in SOURCES:
        raise BadInput("source", "来源应为捐赠、采购或期初。", "The source is a donation, a purchase or the opening.")
    if cmd.source != "opening" and not 1 <= len(cmd.source_name.strip()) <= 60:
        raise BadInput("source_name", "请写明捐赠人或供货单位(1 到 60 个字)。",
                       "Name the donor or supplier (1 to 60 characters).")
    if len(cmd.source_phone) > 30 or len(cmd.note) > NOTE_MAX:
        raise BadInput("note", "写得太长了。", "That is too long.")
    for index, line in enumerate(cmd.lines):
        check_pieces(line.pieces, f"lines.{index}.pieces")
        if line.market_fen is not None and not 0 <= line.market_fen <= FEN_MAX:
            raise BadInput(f"lines.{index}.market_fen", "折价不对。", "The value is not right.")
        if line.valuation not in VALUATIONS:
            raise BadInput(f"lines.{index}.valuation", "请选折价依据。", "Choose what the value rests on.")


def _batch(cmd: ReceiveGoods, shop: ShopCard, goods: dict[str, GoodCard], index: int, day: date, paper_id: UUID,
           number: str) -> Batch:
    line = cmd.lines[index]
    good = goods.get(line.sku)
    if good is None:
        raise NoSuchGood(f"lines.{index}.sku", given=line.sku[:20])
    if line.use_by is not None and line.use_by < day:
        raise ExpiredGoods(f"lines.{index}.use_by", good=good.name, use_by=line.use_by.isoformat())
    market = line.market_fen if line.market_fen is not None else good.price.market_fen if good.price else 0
    return Batch(book_id=shop.book_id, id=new_id(), shop_code=shop.code, sku=line.sku, number=f"{number}/{index + 1}",
                 use_by=line.use_by, received_on=day, paper_id=paper_id, market_fen=market, valuation=line.valuation)


def _from(shop: ShopCard, source: str, source_id: UUID | None, sku: str) -> Account:
    if source_id is None:
        return bank_accounts.opening(shop.place_code, sku)
    return accounts.donor(source_id, sku) if source == "donation" else accounts.bought(source_id, sku)


def _source(s: Session, cmd: ReceiveGoods, by: Actor, at: datetime) -> UUID | None:
    """The donor or supplier of this name, made on first use. The name is sealed; only its keyed hash is searched."""
    if cmd.source == "opening":
        return None
    name = cmd.source_name.strip()
    name_hash = keyed_hash(f"goods_source:{cmd.source}", name)
    found = s.scalar(select(GoodsSource.id).where(
        GoodsSource.book_id == by.book_id, GoodsSource.kind == cmd.source, GoodsSource.name_hash == name_hash))
    if found is not None:
        return found
    source_id = new_id()
    sealed = seal_json(s, by.book_id, source_id, {"name": name, "phone": cmd.source_phone.strip()}, "goods_source")
    s.add(GoodsSource(book_id=by.book_id, id=source_id, kind=cmd.source, name_hash=name_hash, sealed=sealed,
                      added_at=at))
    s.flush()
    return source_id
