"""Selling: points and goods move together, once, or not at all.

The order is the law: lock the wallet and the batches, look whether this key was sold already, judge under the lock,
post one transaction. A check made before the lock lets two tills through.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts as bank_accounts
from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.people import HouseholdCard, find_household, household_by_card, household_cards, relatives_of
from pointsbank.places import covers
from redemption import accounts
from redemption.errors import AskAgain, NoSuchHousehold, OwnHousehold, ShopClosed
from redemption.numbering import next_number, receipt_number
from redemption.shops import ShopCard, is_open, shop_by_code
from redemption.stock import account_of, batches_of
from redemption.stock.papers import digest_of
from redemption.till.judging import LINES_MAX, PIECES_MAX, Facts, Item, Judgement, gather, judge, plan_batches
from redemption.till.models import Proxy, Sale, SaleBatch, SaleLine
from redemption.till.privileges import raising
from redemption.till.slips import Receipt, receipts_of

POWER = "till.sell"
SALE_KIND = "sale"
CARD = re.compile(r"JF1-[A-Z2-7]{20,60}", re.IGNORECASE)


@dataclass(frozen=True)
class Redeem:
    """A basket to sell. `confirm_again`: the clerk has answered yes to "again?". `proxy`: who fetches it, on file."""

    key: UUID
    shop: str
    household: UUID
    items: tuple[Item, ...] = field(default=())
    confirm_again: bool = False
    proxy: UUID | None = None


def redeem(s: Session, cmd: Redeem, *, by: Actor, at: datetime) -> Receipt:
    """Sell goods to a household: points and stock move together or not at all.

    Units: prices in POINT hundredths, quantities in pieces. Same key again: the first receipt, marked as a replay.
    Raises (nothing charged): NotAllowed, OwnHousehold, ShopClosed, NotEligible, CannotDecide, OverLimit, OutOfStock,
    SoldOut, BelowMinimum, NotEnoughPoints, AskAgain, KeyReused. Rule: spending takes points, never hours.
    """
    items = merged(cmd.items)
    digest = digest_of([cmd.shop, cmd.household, items, cmd.proxy])
    with unit_of_work(s):
        shop = shop_by_code(s, by.book_id, cmd.shop)
        require_seen(by, POWER, at_place=shop.place_code, what="shop")
        household = household_of(s, shop, cmd.household)
        wallet = bank_accounts.wallet(household.id, household.place_code)
        rows = batches_of(s, shop.book_id, shop.code, [item.sku for item in items])
        ledger.lock_members(s.connection(), shop.book_id, [wallet, *(account_of(row) for row in rows)])
        if first := _receipt_for_key(s, by, cmd.key, digest):
            return first
        if household.id in relatives_of(s, by.book_id, by.person_id):
            raise OwnHousehold("household")
        _check_proxy(s, household, cmd.proxy)
        if not (answer := is_open(s, shop, at)).is_open:
            raise ShopClosed("shop", shop=shop.name, next_open=answer.both)
        facts = gather(s, shop, household, {item.sku for item in items}, to_day(at))
        judgement = judge(facts, items)
        if judgement.refusal is not None:
            raise judgement.refusal
        if not cmd.confirm_again:
            _check_not_just_sold(s, facts, household, items, at)
        return _post(s, cmd, facts, household, judgement, digest, by=by, at=at)


def merged(items: Sequence[Item]) -> tuple[Item, ...]:
    """One line a good, in the order they came; refuses what is no whole number of pieces."""
    pieces: dict[str, int] = {}
    for index, item in enumerate(items):
        if type(item.quantity) is not int or not 1 <= item.quantity <= PIECES_MAX:
            raise BadInput(f"items.{index}.quantity", f"件数应为 1 到 {PIECES_MAX} 的整数,不能拆开兑换。",
                           f"Pieces are a whole number from 1 to {PIECES_MAX}; a piece is not divided.")
        pieces[item.sku] = pieces.get(item.sku, 0) + item.quantity
    if not 1 <= len(pieces) <= LINES_MAX:
        raise BadInput("items", f"请选 1 到 {LINES_MAX} 种商品。", f"Choose 1 to {LINES_MAX} goods.")
    return tuple(Item(sku, quantity) for sku, quantity in pieces.items())


def basket_text(items: Sequence[Item]) -> str:
    """The same goods in any order give the same text."""
    return " ".join(f"{item.sku}*{item.quantity}" for item in sorted(items))


def household_of(s: Session, shop: ShopCard, household_id: UUID) -> HouseholdCard:
    """A household of the shop's place. Raises NoSuchHousehold for any other: the next village is out of sight."""
    card = household_cards(s, shop.book_id, [household_id]).get(household_id)
    if card is None or card.closed_on is not None or not covers(shop.place_code, card.place_code):
        raise NoSuchHousehold("household", given="")
    return card


def find_customer(s: Session, shop: ShopCard, text: str) -> HouseholdCard:
    """The household of a scanned card or a typed code, within the shop's place. Raises NoSuchHousehold."""
    given = text.strip().upper()
    card = (household_by_card(s, shop.book_id, given) if CARD.fullmatch(given)
            else find_household(s, shop.place_code, given[:20]))
    if card is None or card.closed_on is not None or not covers(shop.place_code, card.place_code):
        raise NoSuchHousehold("household", given="" if CARD.fullmatch(given) else given[:20])
    return card


def _receipt_for_key(s: Session, by: Actor, key: UUID, digest: str) -> Receipt | None:
    """The first result of this key. A replay is not judged by today's limits."""
    row = s.scalar(select(Sale).where(Sale.book_id == by.book_id, Sale.scope == by.scope, Sale.key == key))
    if row is None:
        return None
    if row.digest != digest:
        raise KeyReused("key")
    return receipts_of(s, [row], replay=True)[0]


def _check_proxy(s: Session, household: HouseholdCard, proxy_id: UUID | None) -> None:
    if proxy_id is None:
        return
    row = s.get(Proxy, (household.book_id, proxy_id))
    if row is None or row.household_id != household.id or row.ended_on is not None:
        raise NotFound("proxy")


def _check_not_just_sold(s: Session, facts: Facts, household: HouseholdCard, items: Sequence[Item],
                         at: datetime) -> None:
    """The same basket for the same household minutes ago, at whichever till, is more often a slip than a wish."""
    since = at - timedelta(minutes=facts.policy.again_minutes)
    last = s.scalar(select(Sale).where(
        Sale.book_id == household.book_id, Sale.household_id == household.id, Sale.at >= since, Sale.at <= at,
        Sale.basket == basket_text(items)).order_by(Sale.at.desc()).limit(1))
    if last is None or receipts_of(s, [last])[0].points_kept == 0:
        return
    seconds = int((at - last.at).total_seconds())
    ago = {"zh": f"{seconds // 60} 分 {seconds % 60} 秒" if seconds >= 60 else f"{seconds} 秒",
           "en": f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"}
    raise AskAgain("items", ago=ago, receipt=f"{last.number:04d}", number=receipt_number(last.day, last.number))


def _post(s: Session, cmd: Redeem, facts: Facts, household: HouseholdCard, judgement: Judgement, digest: str, *,
          by: Actor, at: datetime) -> Receipt:
    shop, sale_id = facts.shop, new_id()
    wallet = bank_accounts.wallet(household.id, household.place_code)
    transfers: list[Transfer] = []
    lines: list[SaleLine] = []
    batches: list[SaleBatch] = []
    for number, (line, taken) in enumerate(zip(judgement.lines, plan_batches(facts, judgement.lines), strict=True), 1):
        transfers.append(Transfer(wallet, accounts.spent(shop.code), line.points))
        lines.append(SaleLine(
            book_id=shop.book_id, sale_id=sale_id, line_no=number, sku=line.sku, name=line.name, unit=line.unit,
            quantity=line.quantity, unit_points=line.unit_points, points=line.points,
            price_version=line.price_version, rule_version=line.rule_version, tx_line=len(transfers),
            full_points=line.reduced.full if line.reduced else None,
            benefit=line.reduced.grant.as_kept() if line.reduced else None))
        for batch, pieces in taken:
            transfers.append(Transfer(batch.account, accounts.given(shop.code, line.sku), pieces))
            batches.append(SaleBatch(book_id=shop.book_id, sale_id=sale_id, line_no=number, tx_line=len(transfers),
                                     batch_id=batch.id, pieces=pieces))
    entry = Entry(by.scope, str(cmd.key), SALE_KIND, facts.on, tuple(transfers), Party(household=household.id),
                  place=shop.place_code, meta={"sale": sale_id})
    outcome = ledger.post(s.connection(), shop.book_id, [entry], recorded_at=at)[0]
    assert outcome.transaction_id is not None and not outcome.replay
    before, after = outcome.balances[wallet]
    number = next_number(s, shop.book_id, shop.code, f"sale:{facts.on.isoformat()}")
    row = Sale(book_id=shop.book_id, id=sale_id, shop_code=shop.code, day=facts.on, number=number,
               household_id=household.id, at=at, made_by=by.user_id, proxy_id=cmd.proxy,
               basket=basket_text([Item(line.sku, line.quantity) for line in judgement.lines]),
               points=judgement.total, before=before, after=after, policy_version=facts.policy.version,
               transaction_id=outcome.transaction_id, scope=by.scope, key=cmd.key, digest=digest,
               benefits=[grant.as_kept() for grant in raising(facts.grants)] or None)
    for rows in ([row], lines, batches):
        s.add_all(rows)
        s.flush()
    audit.record(s, by, "sale.made", f"sale:{sale_id}", at=at, receipt=receipt_number(facts.on, number))
    return receipts_of(s, [row])[0]
