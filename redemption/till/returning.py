"""Taking back: points and goods return together, once, by reversing the sale's own transaction.

What was posted is what comes back, whatever today's price. Pieces go back to the shelf; damaged ones are written off in
the same breath; where only the paper was wrong nothing moved, and if a stocktake has counted those pieces since, its
surplus is taken back too (else the shelf would be corrected twice).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import Transfer
from pointsbank import accounts as bank_accounts
from pointsbank import audit
from pointsbank.access import Actor, require_seen
from pointsbank.clock import SHANGHAI, to_day
from pointsbank.database import new_id, unit_of_work
from pointsbank.errors import BadInput, KeyReused, NotFound
from pointsbank.people import household_cards, relatives_of
from redemption import accounts
from redemption.errors import AlreadyReturned, OwnHousehold, StocktakeBetween
from redemption.numbering import next_number, receipt_number
from redemption.second import check_second
from redemption.shops import ShopCard, shop_by_code
from redemption.stock import account_of, batch_cards, counted_since
from redemption.stock.papers import Draft, PaperLine, digest_of, save_paper
from redemption.till.models import Sale, SaleBatch, SaleLine, SaleReturn, SaleReturnLine
from redemption.till.slips import Receipt, ReceiptLine, ReturnReceipt, receipts_of, return_receipts

POWER = "till.return"
DESTINATIONS = ("shelf", "damaged", "paper")
RETURN_KIND = "sale_return"


@dataclass(frozen=True)
class ReturnItem:
    """`to`: 'shelf' (the goods are back), 'damaged' (back, and written off), 'paper' (they were never taken)."""

    line_no: int
    pieces: int
    to: str = "shelf"


@dataclass(frozen=True)
class ReturnSale:
    """Without lines: everything that is still out, back to the shelf. `stocktake_seen`: the goods really came back
    although they were counted meanwhile."""

    key: UUID
    sale: UUID
    lines: tuple[ReturnItem, ...] = field(default=())
    stocktake_seen: bool = False


class Piece(NamedTuple):
    """Pieces of one line going back to one batch."""

    item: ReturnItem
    tx_line: int
    batch_id: UUID
    sku: str
    pieces: int


def take_back(s: Session, cmd: ReturnSale, *, by: Actor, at: datetime, second: Actor | None = None) -> ReturnReceipt:
    """Return a sale, lines of it, or pieces of a line. On the day of the sale the clerk alone may put goods back on
    the shelf (undo); later, and for damaged goods or wrong paper, a second person countersigns.

    Same key again: the first return, marked as a replay. Raises (nothing moved): NotAllowed, OwnHousehold,
    NeedsSecond, AlreadyReturned, StocktakeBetween, NotFound, BadInput, KeyReused.
    """
    _check_form(cmd)
    digest = digest_of([cmd.sale, [vars(line) for line in cmd.lines]])
    with unit_of_work(s):
        sale = s.get(Sale, (by.book_id, cmd.sale))
        if sale is None:
            raise NotFound("sale")
        shop = shop_by_code(s, by.book_id, sale.shop_code)
        require_seen(by, POWER, at_place=shop.place_code, what="sale")
        household = household_cards(s, sale.book_id, [sale.household_id])[sale.household_id]
        wallet = bank_accounts.wallet(household.id, household.place_code)
        taken = s.scalars(select(SaleBatch).where(SaleBatch.book_id == sale.book_id, SaleBatch.sale_id == sale.id)
                          .order_by(SaleBatch.line_no, SaleBatch.tx_line)).all()
        rows = batch_cards(s, sale.book_id, [part.batch_id for part in taken])
        ledger.lock_members(s.connection(), sale.book_id, [wallet, *(account_of(row) for row in rows.values())])
        if first := _return_for_key(s, by, cmd.key, digest):
            return first
        if sale.household_id in relatives_of(s, by.book_id, by.person_id):
            raise OwnHousehold("household")
        receipt = receipts_of(s, [sale])[0]
        items = _asked(cmd, receipt)
        if receipt.day != to_day(at) or any(item.to != "shelf" for item in items):
            second = check_second(by, second, shop.place_code)
            if sale.household_id in relatives_of(s, by.book_id, second.person_id):
                raise OwnHousehold("second")
        _check_stocktakes(s, cmd, receipt, items, taken)
        work = _Work(s, cmd, shop, sale, receipt, items, taken, by, second, at, digest)
        return work.post(wallet)


def _check_form(cmd: ReturnSale) -> None:
    seen: set[tuple[int, str]] = set()
    for index, line in enumerate(cmd.lines):
        if line.to not in DESTINATIONS or (line.line_no, line.to) in seen:
            raise BadInput(f"lines.{index}.to", "请说明退回的东西去哪儿:放回货架、破损,或只是记录有误。",
                           "Say where it goes: back to the shelf, damaged, or the paper was wrong.")
        if type(line.pieces) is not int or line.pieces < 1:
            raise BadInput(f"lines.{index}.pieces", "退回件数应为大于 0 的整数。", "Pieces are a whole number above 0.")
        seen.add((line.line_no, line.to))


def _return_for_key(s: Session, by: Actor, key: UUID, digest: str) -> ReturnReceipt | None:
    row = s.scalar(select(SaleReturn).where(SaleReturn.book_id == by.book_id, SaleReturn.scope == by.scope,
                                            SaleReturn.key == key))
    if row is None:
        return None
    if row.digest != digest:
        raise KeyReused("key")
    return return_card(s, row, replay=True)


def return_card(s: Session, row: SaleReturn, *, replay: bool = False) -> ReturnReceipt:
    sale = s.get_one(Sale, (row.book_id, row.sale_id))
    return return_receipts(s, [row], {sale.id: receipt_number(sale.day, sale.number)}, replay=replay)[0]


def _asked(cmd: ReturnSale, receipt: Receipt) -> tuple[ReturnItem, ...]:
    """What is to come back. Raises AlreadyReturned when more is asked for than is still out."""
    by_line = {line.line_no: line for line in receipt.lines}
    items = cmd.lines or tuple(ReturnItem(line.line_no, line.kept) for line in receipt.lines if line.kept)
    if not items:
        raise AlreadyReturned("sale", what={"zh": f"小票 {receipt.receipt}", "en": f"Receipt {receipt.receipt}"},
                              receipt=receipt.returns[0].receipt)
    wanted: dict[int, int] = {}
    for index, item in enumerate(items):
        line = by_line.get(item.line_no)
        if line is None:
            raise NotFound(f"lines.{index}.line_no")
        wanted[item.line_no] = wanted.get(item.line_no, 0) + item.pieces
        if wanted[item.line_no] > line.quantity:
            raise BadInput(f"lines.{index}.pieces", f"这一行只兑了 {line.quantity} {line.unit}。",
                           f"This line has {line.quantity} only.")
        if wanted[item.line_no] > line.kept:
            raise AlreadyReturned(f"lines.{index}.pieces", what=_what(line), receipt=_first_return(receipt, line))
    return items


def _what(line: ReceiptLine) -> dict[str, str]:
    return {"zh": f"{line.name} {line.quantity} {line.unit}中的 {line.returned} {line.unit}",
            "en": f"{line.returned} of {line.quantity} × {line.name}"}


def _first_return(receipt: Receipt, line: ReceiptLine) -> str:
    return next(back.receipt for back in receipt.returns if any(part.line_no == line.line_no for part in back.lines))


def _check_stocktakes(s: Session, cmd: ReturnSale, receipt: Receipt, items: Sequence[ReturnItem],
                      taken: Sequence[SaleBatch]) -> None:
    """Goods counted since the sale: did they really come back, or was the paper wrong? Ask before moving anything."""
    if cmd.stocktake_seen:
        return
    names = {line.line_no: line.name for line in receipt.lines}
    for item in items:
        ids = [part.batch_id for part in taken if part.line_no == item.line_no]
        if item.to == "shelf" and (moment := counted_since(s, receipt.book_id, ids, receipt.at)):
            raise StocktakeBetween("lines", good=names[item.line_no],
                                   day=f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}")


@dataclass(frozen=True)
class _Work:
    """One return being posted."""

    s: Session
    cmd: ReturnSale
    shop: ShopCard
    sale: Sale
    receipt: Receipt
    items: tuple[ReturnItem, ...]
    taken: Sequence[SaleBatch]
    by: Actor
    second: Actor | None
    at: datetime
    digest: str

    def post(self, wallet: ledger.Account) -> ReturnReceipt:
        s, sale, day = self.s, self.sale, to_day(self.at)
        lines = {row.line_no: row for row in s.scalars(select(SaleLine).where(
            SaleLine.book_id == sale.book_id, SaleLine.sale_id == sale.id))}
        pieces = self._spread(lines)
        parts: dict[int, int] = {}
        for piece in pieces:
            parts[piece.tx_line] = parts.get(piece.tx_line, 0) + piece.pieces
            line = lines[piece.item.line_no]
            parts[line.tx_line] = parts.get(line.tx_line, 0) + piece.pieces * line.unit_points
        return_id = new_id()
        outcome = ledger.reverse(s.connection(), sale.book_id, sale.transaction_id, scope=self.by.scope,
                                 key=str(self.cmd.key), recorded_at=self.at, effective_on=day, parts=parts,
                                 meta={"sale": sale.id, "return": return_id}, kind=RETURN_KIND)
        assert outcome.transaction_id is not None
        before, after = outcome.balances[wallet]
        number = next_number(s, sale.book_id, self.shop.code, f"return:{day.isoformat()}")
        row = SaleReturn(
            book_id=sale.book_id, id=return_id, sale_id=sale.id, shop_code=self.shop.code, day=day, number=number,
            at=self.at, made_by=self.by.user_id, second_by=self.second.user_id if self.second else None,
            points=sum(item.pieces * lines[item.line_no].unit_points for item in self.items), before=before,
            after=after, transaction_id=outcome.transaction_id, scope=self.by.scope, key=self.cmd.key,
            digest=self.digest)
        s.add(row)
        s.flush()
        s.add_all(SaleReturnLine(book_id=sale.book_id, return_id=return_id, line_no=item.line_no,
                                 destination=item.to, pieces=item.pieces,
                                 points=item.pieces * lines[item.line_no].unit_points) for item in self.items)
        self._leave(pieces)
        audit.record(s, self.by, "sale.returned", f"sale:{sale.id}", at=self.at, points=row.points,
                     reason=",".join(sorted({item.to for item in self.items})))
        s.flush()
        return return_card(s, row)

    def _spread(self, lines: Mapping[int, SaleLine]) -> list[Piece]:
        """Each item's pieces on the batches that gave them, last given first, less what has come back already."""
        view = ledger.transaction(self.s.connection(), self.sale.book_id, self.sale.transaction_id)
        left = {transfer.line: transfer.amount - transfer.reversed_amount for transfer in view.transfers}
        pieces: list[Piece] = []
        for item in self.items:
            open_pieces = item.pieces
            for part in reversed([one for one in self.taken if one.line_no == item.line_no]):
                share = min(open_pieces, left[part.tx_line])
                if share > 0:
                    pieces.append(Piece(item, part.tx_line, part.batch_id, lines[item.line_no].sku, share))
                    left[part.tx_line] -= share
                    open_pieces -= share
            assert open_pieces == 0
        return pieces

    def _leave(self, pieces: Sequence[Piece]) -> None:
        """What came back only on paper leaves the shelf again: damaged pieces, and those a count has found already."""
        damaged = [piece for piece in pieces if piece.item.to == "damaged"]
        counted = [piece for piece in pieces if piece.item.to == "paper"
                   and counted_since(self.s, self.sale.book_id, [piece.batch_id], self.sale.at)]
        for name, entry_kind, some, side in (("write_off", "written_off", damaged, accounts.written_off),
                                             ("correction", "stocktake", counted, accounts.stocktake)):
            if not some:
                continue
            code = self.shop.code
            draft = Draft(
                name, self.shop, uuid5(self.cmd.key, name), self.digest, self.at, entry_kind,
                tuple(PaperLine(piece.batch_id, piece.sku, -piece.pieces) for piece in some),
                tuple(Transfer(accounts.shelf(code, piece.batch_id, piece.sku), side(code, piece.sku), piece.pieces)
                      for piece in some),
                second=self.second, reason="damaged" if name == "write_off" else "paper")
            save_paper(self.s, draft, by=self.by, at=self.at)
