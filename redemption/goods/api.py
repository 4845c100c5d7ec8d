"""The price list as JSON."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.web import idempotency_key
from redemption.goods.queries import GoodCard, PriceCard, goods_on, sku_of
from redemption.goods.schemas import GoodSchema, GoodsQuery, PriceCardSchema, PriceSchema
from redemption.goods.service import SetPrice, set_price

goods_api = Blueprint("goods_api", __name__, url_prefix="/api/v1/goods",
                      description="商品与价目 / goods and prices")


@goods_api.get("")
@needs("schedule.view")
@goods_api.arguments(GoodsQuery, location="query")
@goods_api.response(200, GoodSchema(many=True))
def list_goods(query: dict[str, Any]) -> list[GoodCard]:
    """The list with the prices in force on a day (today when left out); `code` finds one good as a scanner would."""
    s, book_id = db.session(), current_actor().book_id
    skus = [sku_of(s, book_id, query["code"])] if query["code"] else None
    return list(goods_on(s, book_id, query["on"] or clock.today(), skus).values())


@goods_api.post("/<sku>/prices")
@needs("goods.edit")
@goods_api.arguments(PriceSchema)
@goods_api.response(201, PriceCardSchema)
def add_price(body: dict[str, Any], sku: str) -> PriceCard:
    """A new price from today or a later day on. The same price for the same day again makes no new version."""
    command = SetPrice(sku=sku.upper(), key=idempotency_key(), **body)
    return set_price(db.session(), command, by=current_actor(), at=clock.now())
