"""Papers of honours: certificate, plaque, and the notice for the board. Each print is entered into the register.

The register keeps number, level and stars; the check page adds what became of the honour since (see register.pages).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import Actor, can, require_seen
from pointsbank.errors import Conflict, NotFound
from pointsbank.honours import HonourView, honour_view, notice_of
from pointsbank.honours.models import AWARDED, NOTICE, OBJECTED, Honour
from pointsbank.honours.public import public_rows
from pointsbank.places import is_demo
from pointsbank.ratings import Wording, cycle_view, home_of
from reports.pdf import CertificateData, Column, NoticeData, certificate_pdf, day_text, notice_pdf, plaque_pdf, words
from reports.register import RegisterDocument, check_code, register_document
from reports.statements.queries import place_line


class NotAwarded(Conflict):
    code = "honour_not_awarded"
    zh = "这一户现在没有可以打印证书的荣誉。"
    en = "There is no honour in force here to print a certificate of."


def seen_honour(s: Session, honour_id: UUID, *, by: Actor) -> HonourView:
    """For the committee, and for the household itself. Raises NotFound, NotAllowed, NotAwarded."""
    view = honour_view(s, by.book_id, honour_id)
    own = by.household_id is not None and by.household_id == home_of(s, by.book_id, view.cycle.scheme, view.row.card.id)
    if not own and not can(by, "ratings.view", view.cycle.place_code):
        raise NotFound("honour")
    if view.row.state != AWARDED or view.row.number is None:
        raise NotAwarded("honour")
    return view


def honour_paper(s: Session, honour_id: UUID, *, plaque: bool, by: Actor, at: datetime, base_url: str,
                 lang: str = "zh") -> bytes:
    """The certificate, or the pattern of the plaque."""
    view = seen_honour(s, honour_id, by=by)
    row, cycle = view.row, view.cycle
    assert row.number is not None and row.awarded_on is not None and row.level is not None
    place, names = place_line(s, cycle.place_code)
    code = register_document(s, RegisterDocument(
        kind="certificate", place_code=cycle.place_code, end_on=row.awarded_on, known_at=at,
        household_id=row.card.id,
        figures={"number": row.number, "level": row.level.title_zh, "stars": len(row.stars),
                 "scheme": cycle.scheme.title_zh, "honour": row.id.hex}), by=by, at=at)
    titles = tuple(star.title(lang) for star in cycle.scheme.stars if star.code in row.stars)
    data = CertificateData(
        issuer=place.body or place.name, place_name=names, name=row.card.head_name, title=row.level.title(lang),
        scheme=cycle.scheme.title(lang), period=cycle.words(lang), stars=titles, of=len(cycle.scheme.stars),
        number=row.number, awarded_on=row.awarded_on, person=cycle.scheme.terms.subject == "person",
        counts=cycle.scheme.terms.counts,
        demo=is_demo(s, by.book_id), lang=lang)
    return (plaque_pdf if plaque else certificate_pdf)(data, check_code(code, base_url))


def honour_notice(s: Session, cycle_id: UUID, *, by: Actor, at: datetime, base_url: str, lang: str = "zh") -> bytes:
    """The rating on notice, to hang on the board: who has a level, with masked names as on the public page."""
    cycle = cycle_view(s, by.book_id, cycle_id)
    require_seen(by, "ratings.view", at_place=cycle.place_code, what="cycle")
    notice = notice_of(s, by.book_id, cycle_id)
    if notice is None:
        raise NotAwarded("cycle")
    _, today = words(lang), clock.to_day(at)
    honours = list(s.scalars(select(Honour).where(Honour.book_id == by.book_id, Honour.cycle_id == cycle_id)))
    place, names = place_line(s, cycle.place_code)
    rows = [one for one in public_rows(s, cycle, honours, today) if one.row.level]
    end = max((one.row.notice_until for one in rows if one.row.state in (NOTICE, OBJECTED)), default=notice.ends_on)
    code = register_document(s, RegisterDocument(
        kind="notice", place_code=cycle.place_code, start_on=notice.starts_on, end_on=end, known_at=at,
        figures={"rows": len(rows)}), by=by, at=at)
    columns = (Column(_("姓名"), 40), Column(_("组"), 16), Column(Wording(cycle.scheme, lang).part, 16, "right"),
               Column(_("档次"), wrap=True), Column(_("公示到"), 40))
    return notice_pdf(NoticeData(
        title=_("%(scheme)s结果公示", scheme=cycle.scheme.title(lang)), issuer=place.body or place.name,
        place_name=names, columns=columns, lead=_(
            "%(period)s评定结果已经群众评议、村“两委”确认,现予公示。公示期满没有异议的,予以命名、授牌。",
            period=cycle.words(lang)),
        rows=tuple((one.name or "—", str(one.row.card.group_no), str(len(one.row.stars)),
                    one.row.level.title(lang) if one.row.level else "", day_text(one.row.notice_until, lang))
                   for one in sorted(rows, key=lambda one: (-len(one.row.stars), one.row.card.code))),
        start=notice.starts_on, end=end,
        objections=_("到%(place)s当面提出,或扫码在公示页面提出。", place=place.body or place.name), made_at=at,
        demo=is_demo(s, by.book_id), lang=lang), check_code(code, base_url))
