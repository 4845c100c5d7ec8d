"""The certificate of an honour (荣誉证书), and the pattern of the plaque for the gate. A4 across, black on white.

Hierarchy comes from size, rules and room. The stars are drawn as shapes, so that no font has to know them; the seal is
never drawn. The same data gives the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import FONT_NAME, break_lines, draw_text, fit, load_fonts
from reports.pdf.qr import draw_qr
from reports.pdf.sheet import HAIR, SOFT, CheckCode
from reports.pdf.words import day_text, words

WIDTH, HEIGHT = landscape(A4)
EDGE, INNER = 10 * mm, 13 * mm
QR_SIDE = 27 * mm
SEAL_SIDE = 40 * mm
POINTS = 5
WAIST = 0.382  # of a five-pointed star: inner radius to outer


@dataclass(frozen=True)
class CertificateData:
    """`name`: of whom it speaks. `stars`: titles of the stars held; `of`: how many there are."""

    issuer: str
    place_name: str
    name: str
    title: str  # the level: 银星户
    scheme: str
    period: str
    stars: tuple[str, ...]
    of: int
    number: str
    awarded_on: date
    person: bool = False
    counts: str = "stars"  # or "items": what its parts are called
    demo: bool = False
    lang: str = "zh"


def certificate_pdf(data: CertificateData, check: CheckCode) -> bytes:
    """To be framed: whom, what, by which scheme, with number, date, room for the seal and the check code."""
    _ = words(data.lang)
    canvas, output = _canvas(data, _("荣誉证书"))
    _frame(canvas)
    draw_text(canvas, WIDTH / 2, HEIGHT - 44 * mm, _("荣誉证书"), 38, align="center", bold=True)
    if data.counts == "stars":
        _star_row(canvas, WIDTH / 2, HEIGHT - 58 * mm, 5 * mm, len(data.stars), data.of)
    whom = data.name if data.person else _("%(name)s 家庭", name=data.name)
    whom = whom + ":" if data.lang == "zh" else whom
    draw_text(canvas, 40 * mm, HEIGHT - 78 * mm, fit(whom, 22, WIDTH - 80 * mm), 22, bold=True)
    said = _("%(period)s,按“%(scheme)s”,经群众评议、公示期满,评定为", period=data.period, scheme=data.scheme)
    _lines(canvas, said, 15, HEIGHT - 92 * mm, 8 * mm)
    draw_text(canvas, WIDTH / 2, HEIGHT - 118 * mm, fit(data.title, 34, WIDTH - 80 * mm), 34, align="center", bold=True)
    listed = ("、" if data.lang == "zh" else ", ").join(data.stars)
    canvas.setFillGray(SOFT)
    each = (_("所得的星(%(n)s 颗):%(stars)s", n=len(data.stars), stars=listed) if data.counts == "stars" else
            _("符合的项目(%(n)s 项):%(items)s", n=len(data.stars), items=listed))
    _lines(canvas, each, 10, HEIGHT - 128 * mm, 5 * mm)
    canvas.setFillGray(0)
    _foot(canvas, data, check)
    return _finish(canvas, output)


def plaque_pdf(data: CertificateData, check: CheckCode) -> bytes:
    """The pattern of the plaque for the gate: large enough to read from the road, household by name of its head."""
    _ = words(data.lang)
    canvas, output = _canvas(data, _("门牌图样"))
    _frame(canvas)
    draw_text(canvas, WIDTH / 2, HEIGHT - 40 * mm, fit(data.scheme, 20, WIDTH - 60 * mm), 20, align="center")
    draw_text(canvas, WIDTH / 2, HEIGHT - 88 * mm, fit(data.title, 88, WIDTH - 50 * mm), 88, align="center", bold=True)
    if data.counts == "stars":
        _star_row(canvas, WIDTH / 2, HEIGHT - 118 * mm, 9 * mm, len(data.stars), data.of)
    draw_text(canvas, WIDTH / 2, HEIGHT - 142 * mm, fit(data.name, 26, WIDTH - 90 * mm), 26, align="center")
    draw_text(canvas, WIDTH / 2, 34 * mm, fit(f"{data.issuer} · {data.period}", 13, WIDTH - 100 * mm), 13,
              align="center")
    draw_text(canvas, WIDTH / 2, 26 * mm, data.number, 11, align="center")
    _check(canvas, data, check)
    return _finish(canvas, output)


def _canvas(data: CertificateData, kind: str) -> tuple[Canvas, io.BytesIO]:
    load_fonts()
    output = io.BytesIO()
    canvas = Canvas(output, pagesize=(WIDTH, HEIGHT), initialFontName=FONT_NAME, invariant=1,
                    lang="en" if data.lang.startswith("en") else "zh-CN")
    canvas.setTitle(f"{kind} {data.number}")
    canvas.setAuthor(data.issuer)
    canvas.setFillGray(0)
    return canvas, output


def _finish(canvas: Canvas, output: io.BytesIO) -> bytes:
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _frame(canvas: Canvas) -> None:
    canvas.setStrokeGray(0)
    for inset, thickness in ((EDGE, 2.4), (INNER, 0.6)):
        canvas.setLineWidth(thickness)
        canvas.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset, stroke=1, fill=0)


def _lines(canvas: Canvas, text: str, size: int, y: Any, step: Any) -> None:
    room = WIDTH - 80 * mm
    for number, line in enumerate(break_lines(text, size, room)):
        draw_text(canvas, 40 * mm, y - number * step, line, size)


def star_points(x: Any, y: Any, radius: Any) -> list[tuple[Any, Any]]:
    """The ten corners of a five-pointed star standing upright."""
    corners = []
    for corner in range(2 * POINTS):
        away = radius if corner % 2 == 0 else radius * WAIST
        angle = math.pi / 2 + corner * math.pi / POINTS
        corners.append((x + away * math.cos(angle), y + away * math.sin(angle)))
    return corners


def _star_row(canvas: Canvas, middle: Any, y: Any, radius: Any, held: int, of: int) -> None:
    """Held ones filled, the others outlined: black and white says it too."""
    of = max(of, held)
    step = radius * 2.5
    left = middle - step * (of - 1) / 2
    canvas.setLineWidth(0.9)
    canvas.setStrokeGray(0)
    for number in range(of):
        _star(canvas, star_points(left + step * number, y, radius), filled=number < held)


def _star(canvas: Canvas, corners: Sequence[tuple[Any, Any]], *, filled: bool) -> None:
    path = canvas.beginPath()
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.close()
    canvas.drawPath(path, stroke=1, fill=1 if filled else 0)


def _foot(canvas: Canvas, data: CertificateData, check: CheckCode) -> None:
    _ = words(data.lang)
    left = WIDTH - 40 * mm - SEAL_SIDE
    canvas.saveState()
    canvas.setStrokeGray(HAIR)
    canvas.setLineWidth(0.6)
    canvas.setDash(2, 3)
    canvas.rect(left, 22 * mm, SEAL_SIDE, SEAL_SIDE, stroke=1, fill=0)
    canvas.setFillGray(SOFT)
    draw_text(canvas, left + SEAL_SIDE / 2, 24 * mm, _("加盖公章处"), 8, align="center")
    canvas.restoreState()
    draw_text(canvas, left - 8 * mm, 50 * mm, fit(data.issuer, 14, 120 * mm), 14, align="right", bold=True)
    draw_text(canvas, left - 8 * mm, 41 * mm, day_text(data.awarded_on, data.lang), 12, align="right")
    draw_text(canvas, left - 8 * mm, 33 * mm, _("编号 %(number)s", number=data.number), 10, align="right")
    _check(canvas, data, check)


def _check(canvas: Canvas, data: CertificateData, check: CheckCode) -> None:
    _ = words(data.lang)
    x, y = 22 * mm, 24 * mm
    draw_qr(canvas, check.scanned, x, y, QR_SIDE)
    canvas.setFillGray(SOFT)
    draw_text(canvas, x + QR_SIDE / 2, y - 3 * mm, fit(check.caption(data.lang), 7, QR_SIDE + 8 * mm), 7,
              align="center")
    mark = f"{_('演示数据')} · " if data.demo else ""
    draw_text(canvas, x + QR_SIDE / 2 - QR_SIDE / 2, 16 * mm, fit(mark + check.line(data.lang), 7, WIDTH - 70 * mm), 7)
    canvas.setFillGray(0)
