"""The till's slip: 80 mm wide, as long as it needs, black only. Balance before, taken, after; receipt number
large.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from pointsbank.amounts import format_points
from reports.fonts import FONT_NAME, draw_text, fit, load_fonts, text_width
from reports.pdf.qr import draw_qr
from reports.pdf.sheet import CheckCode
from reports.pdf.words import moment_text, words

WIDTH = 80 * mm
EDGE = 5 * mm
ROOM = WIDTH - 2 * EDGE
TEXT, SMALL, LARGE = 9, 8, 13
QR_SIDE = 24 * mm


class SlipLine(NamedTuple):
    name: str
    quantity: int
    unit: str
    unit_points: int
    points: int


@dataclass(frozen=True)
class SlipData:
    """One sale or return. `taken` is what left the wallet (negative when points came back). Names come
    masked.
    """

    shop: str
    receipt: str
    made_at: datetime
    household_code: str
    household_name: str
    lines: tuple[SlipLine, ...]
    before: int
    taken: int
    after: int
    clerk: str
    kind: Literal["sale", "return"] = "sale"
    original: str = ""  # the receipt a return takes back
    reprinted_at: datetime | None = None
    demo: bool = False
    check: CheckCode | None = None
    lang: str = "zh"


class Roll:
    """A list of drawing steps with their heights, so that the paper's length is known before it is drawn."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, Any]] = []

    def text(self, text: str, size: int = TEXT, *, align: str = "left", bold: bool = False) -> None:
        x = {"left": EDGE, "center": WIDTH / 2, "right": WIDTH - EDGE}[align]
        self.steps.append(
            (
                size + 5,
                lambda canvas, y: draw_text(
                    canvas, x, y + 3, fit(text, size, ROOM), size, align=align, bold=bold
                ),
            )
        )

    def pair(self, left: str, right: str, size: int = TEXT, *, bold: bool = False) -> None:
        def draw(canvas: Canvas, y: Any) -> None:
            draw_text(
                canvas, EDGE, y + 3, fit(left, size, ROOM - text_width(right, size) - 6), size, bold=bold
            )
            draw_text(canvas, WIDTH - EDGE, y + 3, right, size, align="right", bold=bold)

        self.steps.append((size + 5, draw))

    def rule(self) -> None:
        def draw(canvas: Canvas, y: Any) -> None:
            canvas.setDash(1, 2)
            canvas.line(EDGE, y + 4, WIDTH - EDGE, y + 4)
            canvas.setDash()

        self.steps.append((8, draw))

    def code(self, url: str) -> None:
        self.steps.append(
            (
                round(QR_SIDE) + 4,
                lambda canvas, y: draw_qr(canvas, url, (WIDTH - QR_SIDE) / 2, y + 2, QR_SIDE),
            )
        )

    def to_pdf(self, title: str, lang: str) -> bytes:
        load_fonts()
        height = sum(step for step, _draw in self.steps) + 2 * EDGE
        output = io.BytesIO()
        canvas = Canvas(
            output,
            pagesize=(WIDTH, height),
            initialFontName=FONT_NAME,
            invariant=1,
            lang="en" if lang.startswith("en") else "zh-CN",
        )
        canvas.setTitle(title)
        canvas.setLineWidth(1)
        y = height - EDGE
        for step, draw in self.steps:
            y -= step
            draw(canvas, y)
        canvas.showPage()
        canvas.save()
        return output.getvalue()


def slip_pdf(data: SlipData) -> bytes:
    """The slip of a sale or a return, first print or reprint."""
    _ = words(data.lang)
    roll = Roll()
    title = _("兑换小票") if data.kind == "sale" else _("退货小票")
    roll.text(data.shop, TEXT + 1, align="center", bold=True)
    roll.text(title, align="center")
    roll.text(_("单号 %(number)s", number=data.receipt), LARGE, align="center", bold=True)
    if data.reprinted_at:
        roll.text(
            _("补打 %(moment)s", moment=moment_text(data.reprinted_at, data.lang)), SMALL, align="center"
        )
    if data.demo:
        roll.text(_("演示数据"), SMALL, align="center")
    roll.rule()
    roll.pair(_("时间"), moment_text(data.made_at, data.lang))
    roll.pair(_("户号"), f"{data.household_code} {data.household_name}".strip())
    if data.original:
        roll.pair(_("退回原单"), data.original)
    roll.rule()
    for line in data.lines:
        roll.text(line.name)
        each = _(
            "%(quantity)s %(unit)s × %(points)s 分",
            quantity=line.quantity,
            unit=line.unit,
            points=format_points(line.unit_points),
        )
        roll.pair("  " + each, format_points(line.points))
    roll.rule()
    roll.pair(_("原有积分"), _("%(points)s 分", points=format_points(data.before)))
    label = _("本次扣除") if data.kind == "sale" else _("本次退回")
    roll.pair(label, _("%(points)s 分", points=format_points(abs(data.taken))), LARGE - 2, bold=True)
    roll.pair(_("现有积分"), _("%(points)s 分", points=format_points(data.after)), LARGE - 2, bold=True)
    roll.rule()
    roll.text(_("兑换只用积分,服务时长不减少。"), SMALL, align="center")
    roll.pair(_("经办"), data.clerk, SMALL)
    if data.check:
        roll.code(data.check.scanned)
        roll.text(data.check.caption(data.lang), SMALL, align="center")
        if not data.check.url:
            roll.text(data.check.code, SMALL, align="center")
    return roll.to_pdf(f"{title} {data.receipt}", data.lang)
