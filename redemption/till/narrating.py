"""What a sale or a return says in a wallet: '兑换 香皂(125g)×2、鸡蛋(30枚)×1(小票 20261125-0007)'."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank.wallets import register_narrator
from pointsbank.wallets.narrators import Told
from pointsbank.words import words
from redemption.numbering import receipt_number
from redemption.till.models import Sale, SaleLine, SaleReturn, SaleReturnLine
from redemption.till.returning import RETURN_KIND
from redemption.till.selling import SALE_KIND

CHUNK = 500
SHOWN = 4  # goods named in one sentence; the slip has them all


def _goods(parts: Sequence[tuple[str, int]], lang: str) -> str:
    _ = words(lang)
    shown = ("、" if not lang.startswith("en") else ", ").join(f"{name}×{pieces}" for name, pieces in parts[:SHOWN])
    return shown if len(parts) <= SHOWN else _("%(goods)s等 %(n)s 种", goods=shown, n=len(parts))


def tell_sales(s: Session, book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    """One statement for every 500 sales."""
    _ = words(lang)
    ids = list({line.transaction_id for line in lines})
    found: dict[UUID, tuple[str, list[tuple[str, int]]]] = {}
    for start in range(0, len(ids), CHUNK):
        for transaction, day, number, name, pieces in s.execute(
                select(Sale.transaction_id, Sale.day, Sale.number, SaleLine.name, SaleLine.quantity)
                .join(SaleLine, (SaleLine.book_id == Sale.book_id) & (SaleLine.sale_id == Sale.id))
                .where(Sale.book_id == book_id, Sale.transaction_id.in_(ids[start:start + CHUNK]))
                .order_by(Sale.id, SaleLine.line_no)):
            found.setdefault(transaction, (receipt_number(day, number), []))[1].append((name, pieces))
    return {transaction: _("兑换 %(goods)s(小票 %(number)s)", goods=_goods(parts, lang), number=number)
            for transaction, (number, parts) in found.items()}


def tell_returns(s: Session, book_id: int, lines: Sequence[Told], lang: str) -> dict[UUID, str]:
    """One statement for every 500 returns."""
    _ = words(lang)
    ids = list({line.transaction_id for line in lines})
    found: dict[UUID, tuple[str, list[tuple[str, int]]]] = {}
    for start in range(0, len(ids), CHUNK):
        for transaction, day, number, name, pieces in s.execute(
                select(SaleReturn.transaction_id, Sale.day, Sale.number, SaleLine.name, SaleReturnLine.pieces)
                .join(SaleReturnLine, (SaleReturnLine.book_id == SaleReturn.book_id)
                      & (SaleReturnLine.return_id == SaleReturn.id))
                .join(Sale, (Sale.book_id == SaleReturn.book_id) & (Sale.id == SaleReturn.sale_id))
                .join(SaleLine, (SaleLine.book_id == Sale.book_id) & (SaleLine.sale_id == Sale.id)
                      & (SaleLine.line_no == SaleReturnLine.line_no))
                .where(SaleReturn.book_id == book_id, SaleReturn.transaction_id.in_(ids[start:start + CHUNK]))
                .order_by(SaleReturn.id, SaleLine.line_no)):
            found.setdefault(transaction, (receipt_number(day, number), []))[1].append((name, pieces))
    return {transaction: _("退回 %(goods)s(原小票 %(number)s)", goods=_goods(parts, lang), number=number)
            for transaction, (number, parts) in found.items()}


def register_narrators() -> None:
    register_narrator(SALE_KIND, tell_sales)
    register_narrator(RETURN_KIND, tell_returns)
