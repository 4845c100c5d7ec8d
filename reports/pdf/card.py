"""Household cards: eight to an A4 sheet, the size of a bank card, with a code to scan and a number to
type.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import FONT_NAME, draw_text, fit, load_fonts
from reports.pdf.qr import draw_qr
from reports.pdf.words import words

CARD_WIDTH, CARD_HEIGHT = 86 * mm, 54 * mm
ACROSS, DOWN = 2, 4
LEFT = (A4[0] - ACROSS * CARD_WIDTH) / 2
LOWER = (A4[1] - DOWN * CARD_HEIGHT) / 2
PAD = 5 * mm
QR_SIDE = 30 * mm
CROP = 4 * mm


class CardData(NamedTuple):
    """One household's card. `token` is what the code says; `paper_number` is the same for a person's eyes."""

    issuer: str
    household_code: str
    name: str
    token: str
    paper_number: str


def member_card_pdf(cards: Sequence[CardData], lang: str = "zh") -> bytes:
    """Cards in the order given, with marks to cut along. Raises ValueError when there are none."""
    if not cards:
        raise ValueError("no cards to print")
    load_fonts()
    output = io.BytesIO()
    canvas = Canvas(
        output,
        pagesize=A4,
        initialFontName=FONT_NAME,
        invariant=1,
        lang="en" if lang.startswith("en") else "zh-CN",
    )
    canvas.setTitle(words(lang)("积分卡"))
    for start in range(0, len(cards), ACROSS * DOWN):
        _crop_marks(canvas)
        for place, card in enumerate(cards[start : start + ACROSS * DOWN]):
            x = LEFT + CARD_WIDTH * (place % ACROSS)
            y = LOWER + CARD_HEIGHT * (DOWN - 1 - place // ACROSS)
            _card(canvas, card, x, y, lang)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _crop_marks(canvas: Canvas) -> None:
    canvas.setLineWidth(0.4)
    canvas.setStrokeGray(0.6)
    for column in range(ACROSS + 1):
        x = LEFT + CARD_WIDTH * column
        for y in (LOWER - CROP - 2, LOWER + CARD_HEIGHT * DOWN + 2):
            canvas.line(x, y, x, y + CROP)
    for row in range(DOWN + 1):
        y = LOWER + CARD_HEIGHT * row
        for x in (LEFT - CROP - 2, LEFT + CARD_WIDTH * ACROSS + 2):
            canvas.line(x, y, x + CROP, y)


def _card(canvas: Canvas, card: CardData, x: Any, y: Any, lang: str) -> None:
    _ = words(lang)
    top, room = y + CARD_HEIGHT - PAD, CARD_WIDTH - 2 * PAD
    canvas.setStrokeGray(0.85)
    canvas.setLineWidth(0.4)
    canvas.rect(x, y, CARD_WIDTH, CARD_HEIGHT, stroke=1, fill=0)
    canvas.setFillGray(0)
    draw_text(canvas, x + PAD, top - 9, fit(card.issuer, 9, room), 9, bold=True)
    canvas.setFillGray(0.38)
    draw_text(canvas, x + PAD, top - 21, _("积分卡 · 爱心超市兑换用"), 7)
    canvas.setFillGray(0)
    side = room - QR_SIDE - 4
    draw_text(canvas, x + PAD, top - 58, fit(card.household_code, 24, side), 24, bold=True)
    draw_text(canvas, x + PAD, top - 76, fit(card.name, 11, side), 11)
    canvas.setFillGray(0.38)
    draw_text(canvas, x + PAD, y + PAD + 12, _("卡号"), 7)
    canvas.setFillGray(0)
    draw_text(canvas, x + PAD, y + PAD, fit(card.paper_number, 10, side), 10)
    draw_qr(canvas, card.token, x + CARD_WIDTH - PAD - QR_SIDE + 8, y + PAD - 8, QR_SIDE)
