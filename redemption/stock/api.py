"""Shelves and papers as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import Actor, current_actor, needs, require_seen
from pointsbank.database import db
from pointsbank.errors import NotFound
from pointsbank.web import idempotency_key
from redemption.second import countersigner
from redemption.shops import ShopCard, shop_by_code
from redemption.stock.counting import Counted, CountStock, FoundStock, count_stock, found_stock
from redemption.stock.models import OpeningCount
from redemption.stock.opening import ConfirmOpening, CountOpening, confirm_opening, count_opening, opening_count
from redemption.stock.papers import PaperCard
from redemption.stock.queries import papers_of
from redemption.stock.receiving import GoodsIn, ReceiveGoods, receive_goods
from redemption.stock.schemas import (
    FoundSchema,
    GoodStockSchema,
    OpeningAgainSchema,
    OpeningCountSchema,
    PaperSchema,
    ReceiveSchema,
    StockCountSchema,
    StockOpeningSchema,
    WriteOffSchema,
)
from redemption.stock.shelves import GoodStock, stock_of
from redemption.stock.writing_off import Leaving, WriteOff, write_off

stock_api = Blueprint("stock_api", __name__, url_prefix="/api/v1/shops",
                      description="库存、入库、盘点、报损 / shelves and papers")
VIEW = "stock.view"


def _shop(code: str) -> ShopCard:
    shop = shop_by_code(db.session(), current_actor().book_id, code)
    require_seen(current_actor(), VIEW, at_place=shop.place_code, what="shop")
    return shop


def _second(body: dict[str, Any]) -> Actor:
    return countersigner(db.session(), body["second"]["login"], body["second"]["password"], at=clock.now())


@stock_api.get("/<code>/stock")
@needs(VIEW)
@stock_api.response(200, GoodStockSchema(many=True))
def list_stock(code: str) -> list[GoodStock]:
    """On hand per good and batch, first to expire first."""
    shop = _shop(code)
    return list(stock_of(db.session(), shop.book_id, shop.code, clock.today()).values())


@stock_api.get("/<code>/papers")
@needs(VIEW)
@stock_api.response(200, PaperSchema(many=True))
def list_papers(code: str) -> list[PaperCard]:
    """The newest 50 papers: receipts, counts, write-offs, found stock, corrections."""
    shop = _shop(code)
    return papers_of(db.session(), shop.book_id, shop.code)


@stock_api.post("/<code>/receipts")
@needs("stock.receive")
@stock_api.arguments(ReceiveSchema)
@stock_api.response(201, PaperSchema)
def receive(body: dict[str, Any], code: str) -> PaperCard:
    """Take donated or bought goods onto the shelf; the donor's name is stored sealed."""
    lines = tuple(GoodsIn(**line) for line in body.pop("lines"))
    return receive_goods(db.session(), ReceiveGoods(key=idempotency_key(), shop=code, lines=lines, **body),
                         by=current_actor(), at=clock.now())


@stock_api.post("/<code>/opening-counts")
@needs("stock.receive")
@stock_api.arguments(OpeningCountSchema)
@stock_api.response(201, StockOpeningSchema)
def count_opening_stock(body: dict[str, Any], code: str) -> OpeningCount:
    """The first count of what lay in the shop before its first day. Nothing moves until another person has counted."""
    lines = tuple(GoodsIn(**line) for line in body["lines"])
    return count_opening(db.session(), CountOpening(idempotency_key(), code, lines), by=current_actor(),
                         at=clock.now())


@stock_api.post("/<code>/opening-counts/<uuid:sheet_id>/confirmation")
@needs("stock.second")
@stock_api.arguments(OpeningAgainSchema)
@stock_api.response(200, StockOpeningSchema)
def confirm_opening_stock(body: dict[str, Any], code: str, sheet_id: UUID) -> OpeningCount:
    """The second count. Alike: the goods are on the shelf. Not alike: both are kept and nothing moves."""
    if opening_count(db.session(), sheet_id, current_actor(), "stock.second").shop_code != code:
        raise NotFound("opening_count")
    return confirm_opening(db.session(), ConfirmOpening(idempotency_key(), sheet_id, tuple(body["counted"])),
                           by=current_actor(), at=clock.now())


@stock_api.post("/<code>/counts")
@needs("stock.count")
@stock_api.arguments(StockCountSchema)
@stock_api.response(201, PaperSchema)
def count(body: dict[str, Any], code: str) -> PaperCard:
    """Book a stocktake as of the moment it was taken. Two persons."""
    command = CountStock(idempotency_key(), code, body["counted_at"],
                         tuple(Counted(**line) for line in body["lines"]), body["reason"])
    return count_stock(db.session(), command, by=current_actor(), second=_second(body), at=clock.now())


@stock_api.post("/<code>/write-offs")
@needs("stock.write_off")
@stock_api.arguments(WriteOffSchema)
@stock_api.response(201, PaperSchema)
def write_goods_off(body: dict[str, Any], code: str) -> PaperCard:
    """Take expired, damaged or lost pieces off the shelf. Two persons."""
    command = WriteOff(idempotency_key(), code, body["reason"], tuple(Leaving(**line) for line in body["lines"]),
                       body["note"])
    return write_off(db.session(), command, by=current_actor(), second=_second(body), at=clock.now())


@stock_api.post("/<code>/found")
@needs(VIEW)
@stock_api.arguments(FoundSchema)
@stock_api.response(201, PaperSchema)
def find(body: dict[str, Any], code: str) -> PaperCard:
    """A surplus receipt for pieces that lie there although the book says otherwise. Two persons."""
    command = FoundStock(idempotency_key(), code, body["sku"].upper(), body["pieces"])
    return found_stock(db.session(), command, by=current_actor(), second=_second(body), at=clock.now())
