"""The till's JSON API: the same services as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_smorest import Blueprint

from pointsbank import clock
from pointsbank.access import current_actor, needs
from pointsbank.database import db
from pointsbank.people import mask_name
from pointsbank.web import idempotency_key, language
from redemption.second import countersigner
from redemption.shops.desk import shop_here
from redemption.till.counter import Counter, screen
from redemption.till.judging import Item, judge_basket
from redemption.till.queries import sale_by_id, sales_of_day, sales_of_household
from redemption.till.returning import ReturnItem, ReturnSale, take_back
from redemption.till.schemas import (
    BasketSchema,
    PreviewSchema,
    ReceiptSchema,
    RedeemSchema,
    ReturnReceiptSchema,
    ReturnSchema,
    SalesQuery,
    ShopQuery,
    TillCardSchema,
    refusal_json,
)
from redemption.till.selling import Redeem, find_customer, merged, redeem
from redemption.till.slips import Receipt, ReturnReceipt

sales_api = Blueprint("sales_api", __name__, url_prefix="/api/v1/sales",
                      description="兑换:试算、兑换、退货 / sales, previews, returns")
cards_api = Blueprint("till_cards_api", __name__, url_prefix="/api/v1/households",
                      description="收银台上的一户 / a household as the till sees it")
VIEW = "sales.view"


def items_of(rows: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(row["sku"].strip().upper(), row["quantity"]) for row in rows)


@sales_api.post("")
@needs("till.sell")
@sales_api.arguments(RedeemSchema)
@sales_api.response(201, ReceiptSchema)
def create_sale(body: dict[str, Any]) -> Receipt:
    """Sell a basket. The same Idempotency-Key again gives the first receipt with `replay` true."""
    shop = shop_here(body["shop"], "till.sell")
    household = find_customer(db.session(), shop, body["household"])
    command = Redeem(idempotency_key(), shop.code, household.id, items_of(body["items"]), body["confirm_again"],
                     body["proxy"])
    return redeem(db.session(), command, by=current_actor(), at=clock.now())


@sales_api.post("/preview")
@needs("till.sell")
@sales_api.arguments(BasketSchema)
@sales_api.response(200, PreviewSchema)
def preview_sale(body: dict[str, Any]) -> dict[str, Any]:
    """Judge a basket without selling it: line by line why not, and what is possible. Writes nothing."""
    shop, s, lang = shop_here(body["shop"], "till.sell"), db.session(), language()
    household = find_customer(s, shop, body["household"])
    judged = judge_basket(s, shop, household, merged(items_of(body["items"])), clock.today())
    lines = [{**vars(line), "full_points": line.full_points, "refusal": refusal_json(line.refusal, lang),
              "benefit": line.reduced.sentence[lang] if line.reduced else None} for line in judged.lines]
    return {"lines": lines, "total": judged.total, "balance": judged.balance,
            "after": judged.balance.available - judged.total, "refusal": refusal_json(judged.refusal, lang),
            "allowed": judged.refusal is None}


@sales_api.get("")
@needs(VIEW)
@sales_api.arguments(SalesQuery, location="query")
@sales_api.response(200, ReceiptSchema(many=True))
def list_sales(query: dict[str, Any]) -> list[Receipt]:
    """A shop's sales of a day (today when left out), of one household if asked; page by `before` (receipt number)."""
    shop, s = shop_here(query["shop"], VIEW), db.session()
    day = query["day"] or clock.today()
    household = find_customer(s, shop, query["household"]).id if query["household"] else None
    if household is not None and query["day"] is None:
        return sales_of_household(s, shop.book_id, household, day.replace(year=day.year - 1, day=1), day,
                                  shop_code=shop.code)
    return sales_of_day(s, shop, day, household_id=household, before=query["before"])


@sales_api.get("/<uuid:sale_id>")
@needs(VIEW)
@sales_api.response(200, ReceiptSchema)
def show_sale(sale_id: UUID) -> Receipt:
    """One sale with what has come back of it."""
    found = sale_by_id(db.session(), current_actor().book_id, sale_id)
    shop_here(found.shop_code, VIEW, "sale")
    return found


@sales_api.post("/<uuid:sale_id>/returns")
@needs("till.return")
@sales_api.arguments(ReturnSchema)
@sales_api.response(201, ReturnReceiptSchema)
def return_sale(body: dict[str, Any], sale_id: UUID) -> ReturnReceipt:
    """Take a sale back, whole or in part. After its day, for damaged goods and for wrong paper: with `second`."""
    s, at = db.session(), clock.now()
    second = countersigner(s, body["second"]["login"], body["second"]["password"], at=at) if body["second"] else None
    command = ReturnSale(idempotency_key(), sale_id, tuple(ReturnItem(**line) for line in body["lines"]),
                         body["stocktake_seen"])
    return take_back(s, command, by=current_actor(), at=at, second=second)


@cards_api.get("/<code>/till-card")
@needs("till.sell")
@cards_api.arguments(ShopQuery, location="query")
@cards_api.response(200, TillCardSchema)
def till_card(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Who stands at the till: `code` is a household code or a card's token."""
    shop, s, lang = shop_here(query["shop"], "till.sell"), db.session(), language()
    household = find_customer(s, shop, code)
    seen = screen(s, shop, Counter(who=household.code), by=current_actor(), at=clock.now())
    barred = [{"sku": tile.good.sku, "name": tile.good.name, **(refusal_json(tile.reason, lang) or {})}
              for tile in seen.tiles if tile.reason is not None]
    return {"household": household.code, "household_id": household.id, "masked_name": household.masked_name,
            "balance": seen.balance, "month_left": seen.month_left,
            "benefits": [grant.benefit.sentence(lang) for grant in seen.grants],
            "barred": [{**row, "reason": row.pop("detail")} for row in barred],
            "proxies": [{"id": card.id, "name": mask_name(card.name), "relation": card.relation}
                        for card in seen.proxies]}
