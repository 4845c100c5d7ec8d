"""The demo village's rules, star scheme, shop and goods, from its data files, published as an operator would."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from pointsbank.access import Actor, system_actor
from pointsbank.amounts import Points
from pointsbank.benefits import PublishBenefit, publish_benefit
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.eligibility import PublishRule, publish_rule
from pointsbank.places import county_of
from pointsbank.ratings import publish_scheme, scheme_from_json
from pointsbank.schedule import load_demo_rules
from redemption.demo.people import Village, data
from redemption.goods import AddGood, add_good
from redemption.shops import AddShop, SetPolicy, add_shop, set_policy
from redemption.till import register_redemption_facts

NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:pointsbank:demo")


def key(*parts: object) -> uuid.UUID:
    """The demo's idempotency keys: made from what they are for, so that loading twice changes nothing."""
    return uuid.uuid5(NAMES, "/".join(map(str, parts)))


@dataclass(frozen=True)
class GoodFacts:
    """One good as the data gives it, with what was added to it."""

    sku: str
    points: Points
    stock: int
    market_fen: int
    shelf_life_days: int | None
    limited: bool


def goods_facts() -> list[GoodFacts]:
    added = {row["sku"]: row for row in data("goods.json")["goods"]}
    return [GoodFacts(row["sku"], Points(row["points"] * 100), row["stock"], _fen(row["market_price"]),
                      added[row["sku"]].get("shelf_life_days"), "rule" in added[row["sku"]])
            for row in data("village.json")["goods"]]


def _fen(yuan: Any) -> int:
    return int(Decimal(str(yuan)) * 100)


def publish_rules(s: Session, village: Village, by: Actor, *, at: datetime) -> None:
    """The points schedule and the rating schemes of the county, in force from the book's first day."""
    county = county_of(village.place_code)
    with resources.as_file(resources.files("redemption.demo") / "data" / "rules.json") as path:
        load_demo_rules(s, county, Path(path), by=by, at=at, valid_from=to_day(at))
    body = {**data("ratings.json"), "effective_on": date(to_day(at).year, 1, 1).isoformat()}
    publish_scheme(s, scheme_from_json(body, key=key("scheme"), place_code=county), by=by, at=at)
    for other in data("schemes.json")["schemes"]:
        publish_scheme(s, scheme_from_json({**other, "effective_on": body["effective_on"]},
                                           key=key("scheme", other["code"]), place_code=county), by=by, at=at)


def open_shop(s: Session, village: Village, by: Actor, *, at: datetime) -> str:
    """The love supermarket with its rules, its goods, prices, barcodes, limits. Returns the shop's code."""
    shop_data, today = data("goods.json"), to_day(at)
    shop = add_shop(s, AddShop(village.place_code, shop_data["shop"]["name"], today), by=by, at=at)
    set_policy(s, SetPolicy(shop.code, today, shop_data["shop"]["policy"]), by=by, at=at)
    added = {row["sku"]: row for row in shop_data["goods"]}
    for row in data("village.json")["goods"]:
        extra = added[row["sku"]]
        if rule := extra.get("rule"):
            publish_rule(s, PublishRule(key("rule", rule["code"]), rule["code"], rule["title_zh"], rule["title_en"],
                                        rule["text"], today, adopted_by=shop_data["adopted_by"]), by=by, at=at)
        add_good(s, AddGood(row["sku"], row["name"], row["unit"], row["category"], Points(row["points"] * 100),
                            _fen(row["market_price"]), today, (extra["barcode"],),
                            rule["code"] if rule else None), by=by, at=at)
    return shop.code


def load_setting(s: Session, village: Village, *, at: datetime) -> str:
    """Rules, scheme, shop and goods in one unit of work. Returns the shop's code."""
    by = system_actor(village.book_id, "demo")
    register_redemption_facts()  # the goods' rules speak of them; an app has registered them before
    with unit_of_work(s):
        publish_rules(s, village, by, at=at)
        return open_shop(s, village, by, at=at)


def offer_benefits(s: Session, village: Village, *, at: datetime) -> None:
    """The village's benefits, from this day on: what was redeemed before keeps its price."""
    by, given = system_actor(village.book_id, "demo"), data("benefits.json")
    with unit_of_work(s):
        for row in given["benefits"]:
            publish_benefit(s, PublishBenefit(
                key("benefit", row["code"]), village.place_code, row["code"], row["kind"], row["title_zh"],
                row["title_en"], row["body"], row["rule"], to_day(at), given["adopted_by"]), by=by, at=at)
