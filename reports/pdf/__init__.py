"""The kit paper documents are made of: A4 sheets, tables, figures, the check code, room for the seal.

    sheet = Sheet(title="积分对账单", issuer="向阳村新时代文明实践站", facts=(("户号", "H001"),), made_at=now)
    pdf = build_sheet(sheet, [ruled_table(columns, rows, lang="zh")])

Made for black and white printers: hierarchy comes from size, rules and space, never from colour alone.
Software draws no seal; it leaves the room for it. All text passes `reports.fonts`, so nothing a user typed is
read as markup. Pure: no database, no clock, no request. The same input gives the same bytes.
"""

from reports.pdf.card import CardData, member_card_pdf
from reports.pdf.certificate import CertificateData, certificate_pdf, plaque_pdf
from reports.pdf.notice import NoticeData, notice_pdf
from reports.pdf.parts import (
    Column,
    Figure,
    check_lines,
    figure_strip,
    heading,
    note,
    ruled_table,
    seal_room,
    space,
)
from reports.pdf.qr import draw_qr
from reports.pdf.sheet import CheckCode, Sheet, build_sheet
from reports.pdf.slip import SlipData, SlipLine, slip_pdf
from reports.pdf.words import day_span, day_text, moment_text, words

__all__ = [
    "CardData",
    "CertificateData",
    "CheckCode",
    "Column",
    "Figure",
    "NoticeData",
    "Sheet",
    "SlipData",
    "SlipLine",
    "build_sheet",
    "certificate_pdf",
    "check_lines",
    "day_span",
    "day_text",
    "draw_qr",
    "figure_strip",
    "heading",
    "member_card_pdf",
    "moment_text",
    "note",
    "notice_pdf",
    "plaque_pdf",
    "ruled_table",
    "seal_room",
    "slip_pdf",
    "space",
    "words",
]
