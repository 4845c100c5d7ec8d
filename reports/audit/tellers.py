"""How the bank's and the shop's transactions came about: told from the record, the sale, the return behind them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import ledger
from ledger import TransactionView
from pointsbank.access import Actor, AppUser
from pointsbank.amounts import format_points, format_signed
from pointsbank.errors import DomainError
from pointsbank.records.chains import story
from pointsbank.records.queries import records_of_transactions
from pointsbank.records.words import DECISIONS, SOURCES, STEPS
from pointsbank.words import words
from redemption.till import Sale, SaleReturn, sale_by_id
from reports.audit.chain import ChainStep, register_chain
from reports.audit.finding import register_finder

RECORD_KINDS = ("earned", "deducted", "regained")
NEWEST = 20  # receipts shown for a bare number: every shop begins at 0001 every day


def tell_record(s: Session, by: Actor, view: TransactionView, lang: str) -> list[ChainStep]:
    """The fact and its evidence, every decision with its name and reason, the calculation."""
    _, key = words(lang), "en" if lang.startswith("en") else "zh"
    row = records_of_transactions(s, view.book_id, [view.id]).get(view.id)
    if row is None:
        return []
    try:
        told = story(s, by, row.id, lang)
    except DomainError:
        return [ChainStep(_("服务记录 %(number)s", number=row.no), row.submitted_at)]
    source = SOURCES.get(row.source, {}).get(key, row.source)
    fact = [row.item, source, told.submitted_by, told.texts.evidence, told.texts.note]
    steps = [ChainStep(_("服务记录 %(number)s 提交", number=row.no), row.submitted_at, " · ".join(filter(None, fact)))]
    for event in told.events:
        step, decision = STEPS.get(event.step, {}).get(key, event.step), DECISIONS.get(event.decision, {})
        label = f"{step}{': ' if key == 'en' else ':'}{decision.get(key, event.decision)}"
        steps.append(ChainStep(label, event.at, " · ".join(filter(None, (event.who, event.reason)))))
    award = next((award for award in told.awards if award.transaction_id == view.id), None)
    if award:
        explained = "; ".join(award.explanation)
        steps.append(ChainStep(_("按细则计分 %(points)s 分", points=format_signed(award.points)), award.at, explained))
    return [step for step in steps if step.when is None or step.when <= view.recorded_at]


def tell_sale(s: Session, by: Actor, view: TransactionView, lang: str) -> list[ChainStep]:
    """The receipt: number, goods, the balance before and after, who sold."""
    _ = words(lang)
    found = s.scalar(select(Sale.id).where(Sale.book_id == view.book_id, Sale.transaction_id == view.id))
    if found is None:
        return []
    receipt = sale_by_id(s, view.book_id, found)
    goods = "、".join(f"{line.name}×{line.quantity}" for line in receipt.lines)
    detail = _("%(goods)s;原有 %(before)s,扣除 %(points)s,现有 %(after)s;经办 %(who)s", goods=goods,
               before=format_points(receipt.before), points=format_points(receipt.points),
               after=format_points(receipt.after), who=login_of(s, view.book_id, receipt.made_by))
    return [ChainStep(_("小票 %(number)s", number=receipt.receipt), receipt.at, detail)]


def tell_return(s: Session, by: Actor, view: TransactionView, lang: str) -> list[ChainStep]:
    """The sale it takes back, then the return."""
    _ = words(lang)
    row = s.scalar(select(SaleReturn).where(SaleReturn.book_id == view.book_id,
                                            SaleReturn.transaction_id == view.id))
    if row is None:
        return []
    receipt = sale_by_id(s, view.book_id, row.sale_id)
    back = next(one for one in receipt.returns if one.id == row.id)
    names = {line.line_no: line.name for line in receipt.lines}
    goods = "、".join(f"{names[line.line_no]}×{line.pieces}" for line in back.lines)
    detail = _("%(goods)s;退回 %(points)s;经办 %(who)s", goods=goods, points=format_points(back.points),
               who=login_of(s, view.book_id, back.made_by))
    return [ChainStep(_("原小票 %(number)s", number=receipt.receipt), receipt.at, "", receipt.transaction_id),
            ChainStep(_("退货单 %(number)s", number=back.receipt), back.at, detail)]


def tell_reversal(s: Session, by: Actor, view: TransactionView, lang: str) -> list[ChainStep]:
    """Who asked for the correction and why: told by what it corrects."""
    original = ledger.transaction(s.connection(), view.book_id, view.reverses) if view.reverses else None
    if original is None or original.kind not in RECORD_KINDS:
        return []
    key = "en" if lang.startswith("en") else "zh"
    row = records_of_transactions(s, view.book_id, [original.id]).get(original.id)
    try:
        told = story(s, by, row.id, lang) if row else None
    except DomainError:
        return []
    soon = view.recorded_at + timedelta(minutes=1)
    return [ChainStep(DECISIONS["void"][key], event.at, " · ".join(filter(None, (event.who, event.reason))))
            for event in (told.events if told else []) if event.decision in ("void", "uphold") and event.at <= soon]


def login_of(s: Session, book_id: int, user_id: UUID | None) -> str:
    """The sign-in name of whoever did it; '—' for the system."""
    return s.scalar(select(AppUser.login).where(AppUser.book_id == book_id, AppUser.id == user_id)) or "—"


def find_receipt(s: Session, by: Actor, text: str) -> list[UUID]:
    """'20261125-0007' or the bare '0007' of a slip; 'T…' is a return's number."""
    back = text.startswith("T")
    day, dash, number = text.removeprefix("T").rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) >= 4) or (dash and not day.isdigit()):
        return []
    if not dash and (len(number) > 5 or not number.startswith("0")):
        return []  # an amount or a day
    table: type[Sale] | type[SaleReturn] = SaleReturn if back else Sale
    query = select(table.transaction_id, table.day).where(table.book_id == by.book_id, table.number == int(number))
    rows = s.execute(query.order_by(table.day.desc(), table.at.desc()).limit(NEWEST if not dash else None))
    return [row.transaction_id for row in rows if not dash or f"{row.day:%Y%m%d}" == day]


def register_tellers() -> None:
    for kind in RECORD_KINDS:
        register_chain(kind, tell_record)
    register_chain("sale", tell_sale)
    register_chain("sale_return", tell_return)
    register_chain("reversal", tell_reversal)
    register_finder(find_receipt)
