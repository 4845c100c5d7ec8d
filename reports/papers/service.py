"""Making the papers from what the rooms below know. Each print is entered into the register or the audit trail."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from pointsbank import audit, clock
from pointsbank.access import Actor, require, require_seen
from pointsbank.amounts import format_points, format_signed
from pointsbank.database import unit_of_work
from pointsbank.errors import DomainError
from pointsbank.people import HouseholdCard, card_token, household_cards, households_of_place, issue_card
from pointsbank.places import is_demo
from pointsbank.records.public import running_notices
from redemption.shops import shop_by_code
from redemption.till import Receipt, sale_by_id
from reports.audit.tellers import login_of
from reports.pdf import (
    CardData,
    Column,
    NoticeData,
    SlipData,
    SlipLine,
    day_text,
    member_card_pdf,
    notice_pdf,
    slip_pdf,
    words,
)
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.queries import place_line

REPRINT_AFTER = timedelta(minutes=10)
NOTICE_ROWS = 1000


class NoCards(DomainError):
    code, status = "no_cards", 404
    zh = "这里还没有发过积分卡。请先给各户发卡,再来打印。"
    en = "No household card has been issued here yet. Issue cards first, then print them."


def slip(s: Session, sale_id: UUID, *, by: Actor, at: datetime, base_url: str, lang: str = "zh") -> bytes:
    """The slip of a sale; minutes later it is a reprint and says so. Raises NotFound, NotAllowed."""
    receipt = sale_by_id(s, by.book_id, sale_id)
    shop = shop_by_code(s, by.book_id, receipt.shop_code)
    require_seen(by, "sales.view", at_place=shop.place_code, what="sale")
    home = household_cards(s, by.book_id, [receipt.household_id])[receipt.household_id]
    clerk, demo = login_of(s, by.book_id, receipt.made_by), is_demo(s, by.book_id)
    code = register_document(s, RegisterDocument(
        kind="slip", place_code=shop.place_code, household_id=home.id, end_on=receipt.day, known_at=receipt.at,
        figures={"receipt": receipt.receipt, "before": receipt.before, "taken": receipt.points,
                 "after": receipt.after}), by=by, at=at)
    return slip_pdf(SlipData(
        shop=shop.name, receipt=receipt.receipt, made_at=receipt.at, household_code=home.code,
        household_name=home.masked_name, lines=slip_lines(receipt, lang), before=receipt.before, taken=receipt.points,
        after=receipt.after, clerk=clerk, reprinted_at=at if at - receipt.at > REPRINT_AFTER else None, demo=demo,
        check=check_code(code, base_url), lang=lang))


def slip_lines(receipt: Receipt, lang: str = "zh") -> tuple[SlipLine, ...]:
    """A line whose price a benefit reduced says what it costs others."""
    _ = words(lang)
    return tuple(SlipLine(
        line.name if line.full_points is None else _("%(name)s(原价 %(full)s)", name=line.name,
                                                     full=format_points(line.full_points)),
        line.quantity, line.unit, line.unit_points, line.points) for line in receipt.lines)


def cards(s: Session, place_code: str, code: str | None, *, by: Actor, at: datetime, lang: str = "zh") -> bytes:
    """The cards of a village's households, or of one. Who printed them stands in the trail. Raises NoCards."""
    require(by, "people.view", at_place=place_code)
    issuer, _names = place_line(s, place_code)
    homes = [home for home in households_of_place(s, place_code) if code in (None, home.code)]
    with unit_of_work(s):
        for home in homes:  # a household that came by a roster has none yet
            if card_token(s, home.book_id, home.id) is None:
                issue_card(s, home.book_id, home.id, at=at)
        made = [card for home in homes if (card := card_of(s, home, issuer.body or issuer.name))]
        if not made:
            raise NoCards("place")
        audit.record(s, by, "cards_printed", f"place:{place_code}", at=at, cards=len(made))
    return member_card_pdf(made, lang)


def card_of(s: Session, home: HouseholdCard, issuer: str) -> CardData | None:
    token = card_token(s, home.book_id, home.id)
    number = f"{home.place_code[:6]} {home.place_code[6:]} {home.code}"
    return CardData(issuer, home.code, home.masked_name, token, number) if token else None


def notice(s: Session, place_code: str, *, by: Actor, at: datetime, base_url: str, lang: str = "zh") -> bytes:
    """The notices now running at a place, to hang on the board, with masked names as on the public page."""
    require(by, "records.view", at_place=place_code)
    _, today = words(lang), clock.to_day(at)
    place, names = place_line(s, place_code)
    rows = running_notices(s, today, place_code, limit=NOTICE_ROWS).rows
    start = min((row.notice_from for row in rows), default=today)
    end = max((row.notice_until for row in rows), default=today)
    total, demo = sum(row.points for row in rows), is_demo(s, by.book_id)
    code = register_document(s, RegisterDocument(
        kind="notice", place_code=place_code, start_on=start, end_on=end, known_at=at,
        figures={"rows": len(rows), "points": total}), by=by, at=at)
    columns = (Column(_("编号"), 22), Column(_("姓名"), 22), Column(_("组"), 12), Column(_("事由"), wrap=True),
               Column(_("发生日"), 30), Column(_("积分(分)"), 20, "right"), Column(_("公示到"), 30))
    return notice_pdf(NoticeData(
        title=_("积分公示"), issuer=place.body or place.name, place_name=names,
        lead=_("下列积分已经评议和审核,现予公示。公示期满没有异议的,记入各户积分账户。"), columns=columns,
        rows=tuple((row.no, row.name or "—", str(row.group_no), f"{row.rule} {row.item}",
                    day_text(row.service_on, lang), format_signed(row.points), day_text(row.notice_until, lang))
                   for row in rows),
        start=start, end=end,
        objections=_("到%(place)s当面提出,或扫码在公示页面提出。", place=place.body or place.name),
        made_at=at, totals=(("", "", "", _("合计"), "", format_signed(total), ""),) if rows else (), demo=demo,
        lang=lang), check_code(code, base_url))
