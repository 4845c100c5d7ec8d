"""Receipts: what a sale or a return looked like when it was made, and what has come back since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from redemption.numbering import receipt_number
from redemption.till.models import Sale, SaleLine, SaleReturn, SaleReturnLine

CHUNK = 500


class ReceiptLine(NamedTuple):
    """`returned`: pieces that have come back so far. `full_points`, `benefit`: what a piece costs others, and the
    benefit (as the sale keeps it) that made it cheaper."""

    line_no: int
    sku: str
    name: str
    unit: str
    quantity: int
    unit_points: int
    points: int
    returned: int
    full_points: int | None = None
    benefit: dict[str, Any] | None = None

    @property
    def kept(self) -> int:
        return self.quantity - self.returned


class ReturnedLine(NamedTuple):
    line_no: int
    destination: str
    pieces: int
    points: int


@dataclass(frozen=True)
class ReturnReceipt:
    """A return: what came back. `replay` True: this is the answer to an earlier request with the same key."""

    id: UUID
    sale_id: UUID
    sale_receipt: str
    receipt: str
    number: int
    day: date
    at: datetime
    points: int
    before: int
    after: int
    lines: tuple[ReturnedLine, ...]
    transaction_id: UUID
    made_by: UUID | None
    replay: bool = False


@dataclass(frozen=True)
class Receipt:
    """A sale: points taken, the wallet before and after, its lines, and its returns, oldest first.

    `receipt` is the whole number '20261125-0007', `short` what people say: '0007'.
    """

    id: UUID
    book_id: int
    shop_code: str
    receipt: str
    number: int
    day: date
    at: datetime
    household_id: UUID
    made_by: UUID | None
    proxy_id: UUID | None
    points: int
    before: int
    after: int
    lines: tuple[ReceiptLine, ...]
    returns: tuple[ReturnReceipt, ...]
    transaction_id: UUID
    policy_version: int
    replay: bool = False

    @property
    def short(self) -> str:
        return f"{self.number:04d}"

    @property
    def points_kept(self) -> int:
        """Points of what was not returned."""
        return self.points - sum(back.points for back in self.returns)


def receipts_of(s: Session, sales: Sequence[Sale], *, replay: bool = False) -> list[Receipt]:
    """Receipts of these sales, in their order. Three statements for every 500."""
    found: list[Receipt] = []
    for start in range(0, len(sales), CHUNK):
        found += _receipts(s, sales[start:start + CHUNK], replay)
    return found


def _receipts(s: Session, sales: Sequence[Sale], replay: bool) -> list[Receipt]:
    if not sales:
        return []
    book_id, ids = sales[0].book_id, [sale.id for sale in sales]
    lines: dict[UUID, list[SaleLine]] = {}
    for line in s.scalars(select(SaleLine).where(SaleLine.book_id == book_id, SaleLine.sale_id.in_(ids))
                          .order_by(SaleLine.sale_id, SaleLine.line_no)):
        lines.setdefault(line.sale_id, []).append(line)
    backs = s.scalars(select(SaleReturn).where(SaleReturn.book_id == book_id, SaleReturn.sale_id.in_(ids))
                      .order_by(SaleReturn.id)).all()
    numbers = {sale.id: receipt_number(sale.day, sale.number) for sale in sales}
    returns: dict[UUID, list[ReturnReceipt]] = {}
    for back in return_receipts(s, backs, numbers):
        returns.setdefault(back.sale_id, []).append(back)
    made = []
    for sale in sales:
        came = tuple(returns.get(sale.id, ()))
        returned: dict[int, int] = {}
        for part in (line for back in came for line in back.lines):
            returned[part.line_no] = returned.get(part.line_no, 0) + part.pieces
        shown = tuple(ReceiptLine(line.line_no, line.sku, line.name, line.unit, line.quantity, line.unit_points,
                                  line.points, returned.get(line.line_no, 0), line.full_points, line.benefit)
                      for line in lines.get(sale.id, ()))
        made.append(Receipt(sale.id, book_id, sale.shop_code, numbers[sale.id], sale.number, sale.day, sale.at,
                            sale.household_id, sale.made_by, sale.proxy_id, sale.points, sale.before, sale.after,
                            shown, came, sale.transaction_id, sale.policy_version, replay))
    return made


def return_receipts(s: Session, rows: Sequence[SaleReturn], sale_numbers: dict[UUID, str], *,
                    replay: bool = False) -> list[ReturnReceipt]:
    """Returns with their lines. One statement."""
    if not rows:
        return []
    lines: dict[UUID, list[ReturnedLine]] = {}
    for line in s.scalars(select(SaleReturnLine).where(
            SaleReturnLine.book_id == rows[0].book_id, SaleReturnLine.return_id.in_([row.id for row in rows]))
            .order_by(SaleReturnLine.return_id, SaleReturnLine.line_no, SaleReturnLine.destination)):
        lines.setdefault(line.return_id, []).append(
            ReturnedLine(line.line_no, line.destination, line.pieces, line.points))
    return [ReturnReceipt(row.id, row.sale_id, sale_numbers.get(row.sale_id, ""),
                          f"T{receipt_number(row.day, row.number)}", row.number, row.day, row.at, row.points,
                          row.before, row.after, tuple(lines.get(row.id, ())), row.transaction_id, row.made_by, replay)
            for row in rows]
