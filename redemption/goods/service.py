"""Writes: a good, its barcodes, a new price version, retiring.

A book keeps one catalogue, so a change of a good is a change in every shop whose shelves have had it: whoever edits one
needs the power at all of those places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import audit
from pointsbank.access import Actor, can, require
from pointsbank.amounts import MINUTE, POINT, SCORE, Points
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput
from pointsbank.people.names import initials
from pointsbank.records.keys import claim, settle
from redemption.accounts import SHELF
from redemption.errors import CodeTaken, GoodElsewhereToo, NoSuchGood, PriceInThePast
from redemption.goods.barcodes import clean_code, is_barcode
from redemption.goods.models import Good, GoodBarcode, GoodPrice
from redemption.goods.queries import GoodCard, PriceCard, goods_on
from redemption.shops.models import Shop

POWER = "goods.edit"
SKU = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
NOT_GOODS = (POINT, SCORE, MINUTE)  # commodities of the bank itself
FEN_MAX = 10_000_000
POINTS_MAX = 10_000_000


@dataclass(frozen=True)
class AddGood:
    """A good with its first price. `points` in hundredths a piece, `market_fen` in fen a piece."""

    sku: str
    name: str
    unit: str
    category: str
    points: Points
    market_fen: int
    valid_from: date
    barcodes: tuple[str, ...] = field(default=())
    rule_code: str | None = None


@dataclass(frozen=True)
class SetPrice:
    sku: str
    points: Points
    market_fen: int
    valid_from: date
    key: UUID = field(default_factory=new_id)  # the client's; set-up and commands get one of their own


def places_carrying(s: Session, book_id: int, sku: str) -> set[str]:
    """The places of the shops whose shelves have, or once had, the good. Two statements."""
    shelves = ledger.balances_by_prefix(s.connection(), book_id, sku, SHELF)
    shops = {code.removeprefix(SHELF).rpartition(":")[0] for code in shelves}
    return set(s.scalars(select(Shop.place_code).where(Shop.book_id == book_id, Shop.code.in_(shops),
                                                       Shop.closed_on.is_(None)))) if shops else set()


def may_edit(s: Session, by: Actor, sku: str) -> bool:
    """Whether the actor has the power wherever the good is carried; one that nobody carries yet is every desk's."""
    return can(by, POWER) and all(can(by, POWER, place) for place in places_carrying(s, by.book_id, sku))


def require_edit(s: Session, by: Actor, sku: str) -> None:
    """Raises NotAllowed without the power, GoodElsewhereToo when the good is also carried where it does not reach."""
    require(by, POWER)
    if not may_edit(s, by, sku):
        raise GoodElsewhereToo(None)


def _check_price(points: int, market_fen: int) -> None:
    if not 0 < points <= POINTS_MAX:
        raise BadInput("points", "兑换价要大于 0 分。", "The price must be above 0 points.")
    if not 0 <= market_fen <= FEN_MAX:
        raise BadInput("market_fen", "市场参考价不对。", "The market price is not right.")


def _price(s: Session, book_id: int, cmd: AddGood | SetPrice, version: int, by: Actor, at: datetime) -> None:
    s.add(GoodPrice(book_id=book_id, sku=cmd.sku, version=version, valid_from=cmd.valid_from, points=cmd.points,
                    market_fen=cmd.market_fen, made_at=at, made_by=by.user_id))


def _card(s: Session, book_id: int, sku: str, day: date) -> GoodCard:
    s.flush()
    return goods_on(s, book_id, day, [sku])[sku]


def add_good(s: Session, cmd: AddGood, *, by: Actor, at: datetime) -> GoodCard:
    """Put a good on the list. Raises BadInput, CodeTaken, NotAllowed."""
    require(by, POWER)
    if not SKU.fullmatch(cmd.sku) or cmd.sku in NOT_GOODS:
        raise BadInput("sku", "商品编码只能用大写字母、数字和短横线。",
                       "A code uses capital letters, digits and hyphens.")
    for name, text, longest in (("name", cmd.name, 60), ("unit", cmd.unit, 10), ("category", cmd.category, 20)):
        if not 1 <= len(text.strip()) <= longest:
            raise BadInput(name, f"应为 1 到 {longest} 个字。", f"1 to {longest} characters.")
    _check_price(cmd.points, cmd.market_fen)
    with unit_of_work(s):
        if taken := s.get(Good, (by.book_id, cmd.sku)):
            raise CodeTaken("sku", given=cmd.sku, good=taken.name)
        s.add(Good(book_id=by.book_id, sku=cmd.sku, name=cmd.name.strip(), unit=cmd.unit.strip(),
                   category=cmd.category.strip(), initials=initials(cmd.name.split("(")[0])[:60],
                   rule_code=cmd.rule_code, added_at=at, retired_on=None))
        s.flush()
        _price(s, by.book_id, cmd, 1, by, at)
        for barcode in cmd.barcodes:
            add_barcode(s, cmd.sku, barcode, by=by, at=at)
        audit.record(s, by, "good.added", f"good:{cmd.sku}", at=at, points=cmd.points)
        return _card(s, by.book_id, cmd.sku, max(cmd.valid_from, to_day(at)))


def add_barcode(s: Session, sku: str, barcode: str, *, by: Actor, at: datetime) -> str:
    """Bind a barcode to a good; returns it in its one form. The same again changes nothing."""
    require_edit(s, by, sku)
    code = clean_code(barcode)
    if not is_barcode(code):
        raise BadInput("barcode", "条码应为 13 位(或 8 位)数字,末位校验不对就是扫错或抄错了。",
                       "A barcode has 13 (or 8) digits with a right check digit; this one was misread or mistyped.")
    with unit_of_work(s):
        row = s.get(GoodBarcode, (by.book_id, code))
        if row is None:
            s.add(GoodBarcode(book_id=by.book_id, barcode=code, sku=sku))
            audit.record(s, by, "good.barcode", f"good:{sku}", at=at)
        elif row.sku != sku:
            raise CodeTaken("barcode", given=code, good=s.get_one(Good, (by.book_id, row.sku)).name)
    return code


def set_price(s: Session, cmd: SetPrice, *, by: Actor, at: datetime) -> PriceCard:
    """A new price version from today or later; what was redeemed keeps the price of its day. The same price for the
    same day again makes no new version. Raises PriceInThePast, NoSuchGood, BadInput, NotAllowed, KeyReused."""
    require_edit(s, by, cmd.sku)
    _check_price(cmd.points, cmd.market_fen)
    if cmd.valid_from < to_day(at):
        raise PriceInThePast("valid_from")
    with unit_of_work(s):
        # the good's row is the lock: two new versions at once get two numbers
        if s.scalar(select(Good.sku).where(Good.book_id == by.book_id, Good.sku == cmd.sku).with_for_update()) is None:
            raise NoSuchGood("sku", given=cmd.sku[:20])
        if (first := claim(s, cmd, "good.price", by, at)) is not None:
            return PriceCard(first["version"], cmd.valid_from, cmd.points, cmd.market_fen)
        last = s.scalar(select(func.max(GoodPrice.version)).where(GoodPrice.book_id == by.book_id,
                                                                  GoodPrice.sku == cmd.sku)) or 0
        newest = s.get(GoodPrice, (by.book_id, cmd.sku, last))
        price = PriceCard(last + 1, cmd.valid_from, cmd.points, cmd.market_fen)
        if newest and (newest.valid_from, newest.points, newest.market_fen) == price[1:]:
            price = PriceCard(last, *price[1:])
        else:
            _price(s, by.book_id, cmd, last + 1, by, at)
            audit.record(s, by, "good.price", f"good:{cmd.sku}", at=at, points=cmd.points, version=last + 1)
        settle(s, cmd, by, {"version": price.version})
        return price


def retire_good(s: Session, sku: str, *, by: Actor, at: datetime) -> None:
    """Stop offering a good from today on; its past, its stock and its returns stay."""
    require_edit(s, by, sku)
    with unit_of_work(s):
        good = s.get(Good, (by.book_id, sku))
        if good is None:
            raise NoSuchGood("sku", given=sku[:20])
        if good.retired_on is None:
            good.retired_on = to_day(at)
            audit.record(s, by, "good.retired", f"good:{sku}", at=at)


def bind_rule(s: Session, sku: str, rule_code: str | None, *, by: Actor, at: datetime) -> None:
    """Tie a good to an eligibility rule (published apart), or free it."""
    require_edit(s, by, sku)
    with unit_of_work(s):
        good = s.get(Good, (by.book_id, sku))
        if good is None:
            raise NoSuchGood("sku", given=sku[:20])
        good.rule_code = rule_code
        audit.record(s, by, "good.rule", f"good:{sku}", at=at, rule=rule_code)
