"""An A4 sheet: head with the facts and the check code, running head on later pages, foot with page x of y.

The head is part of the story (so it grows with its facts); running head and foot are drawn on the page. Pages
are kept until all are made, because "page x of y" needs y.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageTemplate

from reports.fonts import FONT_NAME, break_lines, draw_text, fit, load_fonts, text_width
from reports.pdf.qr import draw_qr
from reports.pdf.words import words

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
TEXT_WIDTH = WIDTH - 2 * MARGIN
TOP_FIRST, TOP_LATER, BOTTOM = 14 * mm, 22 * mm, 20 * mm
QR_SIDE = 27 * mm
INK, SOFT, HAIR = 0, 0.38, 0.72  # greys: text, labels, rules
TITLE, SUBTITLE, BODY, SMALL, TINY = 20, 10, 9, 8, 7
FACT_ROW, FACT_LINE = 13, 10
FACT_LABEL_ROOM = (40, 84)  # the label column is as wide as its longest label, within these


@dataclass(frozen=True)
class CheckCode:
    """The address anyone may open (None where no phone could reach it), and the code for those who type it."""

    url: str | None
    code: str

    @property
    def scanned(self) -> str:
        """What the QR code says: the address, else the code alone, for whoever scans it into the box of /verify."""
        return self.url or self.code

    def caption(self, lang: str) -> str:
        """What stands below the QR code."""
        _ = words(lang)
        return _("扫码核对真伪") if self.url else _("在本站 /verify 输入校验码")

    def line(self, lang: str) -> str:
        """What stands at the foot: the address, or the code and where to type it."""
        _ = words(lang)
        return _("核对 %(url)s", url=self.url) if self.url else _("核对:在本站 /verify 输入 %(code)s", code=self.code)


@dataclass(frozen=True)
class Sheet:
    """What stands around a document's content. `facts` are label and value, printed two to a row in the
    head.
    """

    title: str
    issuer: str
    made_at: datetime
    facts: tuple[tuple[str, str], ...] = ()
    running: str = ""
    check: CheckCode | None = None
    mark: str = ""  # such as "演示数据": printed beside the title and on every page
    lang: str = "zh"


class Fact(NamedTuple):
    """One fact as it is drawn: its value in lines of a size, beside a label that has `room`."""

    label: str
    lines: list[str]
    size: int
    room: Any


def row_height(row: Sequence[Fact]) -> int:
    return FACT_ROW + FACT_LINE * (max(len(fact.lines) for fact in row) - 1)


class Head(Flowable):  # type: ignore[misc]
    """Issuer, title and facts on the left, check code on the right, a rule below."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet
        self.columns = 2 if len(sheet.facts) > 3 else 1
        self.width = TEXT_WIDTH
        self.inner = self.width - (QR_SIDE + 6 * mm if sheet.check else 0)
        self.rows = self._rows()
        facts = sum(row_height(row) for row in self.rows)
        self.height = max(54 + facts + 8, QR_SIDE + 24 if sheet.check else 0)

    def wrap(self, available_width: Any, available_height: Any) -> tuple[Any, Any]:
        return self.width, self.height + 8

    def draw(self) -> None:
        canvas, sheet = self.canv, self.sheet
        inner = self.inner
        top = self.height + 8
        canvas.setFillGray(SOFT)
        draw_text(canvas, 0, top - 12, fit(sheet.issuer, SUBTITLE, inner), SUBTITLE)
        canvas.setFillGray(INK)
        draw_text(canvas, 0, top - 40, fit(sheet.title, TITLE, inner), TITLE, bold=True)
        self._facts(canvas, top - 62)
        if sheet.check:
            self._check(canvas, top)
        canvas.setStrokeGray(INK)
        canvas.setLineWidth(1.1)
        canvas.line(0, 6, self.width, 6)

    def _rows(self) -> list[list[Fact]]:
        """The facts row by row. A value too long for its column goes on in a second line; nothing is cut."""
        facts, width = self.sheet.facts, self.inner / self.columns
        count = -(-len(facts) // self.columns)
        load_fonts()
        columns = []
        for start in range(0, len(facts), count or 1):
            some = facts[start:start + count]
            least, most = FACT_LABEL_ROOM
            room = min(most, max([least, *(text_width(label, BODY) + 10 for label, _value in some)]))
            left = width - room - 6
            columns.append([Fact(label, [value], BODY, room) if text_width(value, BODY) <= left
                            else Fact(label, break_lines(value, SMALL, left), SMALL, room) for label, value in some])
        return [[column[row] for column in columns if row < len(column)] for row in range(count)]

    def _facts(self, canvas: Canvas, y: Any) -> None:
        for row in self.rows:
            for number, fact in enumerate(row):
                x = self.inner / self.columns * number
                canvas.setFillGray(SOFT)
                draw_text(canvas, x, y, fit(fact.label, BODY, fact.room - 4), BODY)
                canvas.setFillGray(INK)
                for line, text in enumerate(fact.lines):
                    draw_text(canvas, x + fact.room, y - line * FACT_LINE, text, fact.size)
            y -= row_height(row)

    def _check(self, canvas: Canvas, top: Any) -> None:
        assert self.sheet.check is not None
        left = self.width - QR_SIDE
        draw_qr(canvas, self.sheet.check.scanned, left, top - QR_SIDE, QR_SIDE)
        canvas.setFillGray(SOFT)
        caption = fit(self.sheet.check.caption(self.sheet.lang), TINY, QR_SIDE + 6 * mm)
        draw_text(canvas, left + QR_SIDE / 2, top - QR_SIDE - 8, caption, TINY, align="center")
        canvas.setFillGray(INK)


class CountingCanvas(Canvas):  # type: ignore[misc]
    """Keeps finished pages until the last is known, then adds foot and running head to each."""

    sheet: Sheet
    attachments: Mapping[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._finished: list[dict[str, Any]] = []
        stamp = TimeStamp(True)
        stamp.t = int(self.sheet.made_at.timestamp())
        stamp.lt = tuple(self.sheet.made_at.utctimetuple())
        stamp.YMDhms = stamp.lt[:6]
        self._doc._timeStamp = stamp

    def showPage(self) -> None:
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        total = len(self._finished)
        for state in self._finished:
            self.__dict__.update(state)
            draw_edges(self, self.sheet, self._pageNumber, total)
            Canvas.showPage(self)
        if self.attachments:
            attach(self, self.attachments)
        Canvas.save(self)


def draw_edges(canvas: Canvas, sheet: Sheet, page: int, total: int) -> None:
    """Foot of every page, running head from the second on."""
    _ = words(sheet.lang)
    canvas.saveState()
    canvas.setStrokeGray(HAIR)
    canvas.setLineWidth(0.5)
    canvas.setFillGray(SOFT)
    foot = 12 * mm
    canvas.line(MARGIN, foot + 11, WIDTH - MARGIN, foot + 11)
    count = _("第 %(page)s 页 / 共 %(total)s 页", page=page, total=total)
    draw_text(canvas, WIDTH - MARGIN, foot, count, SMALL, align="right")
    left = " · ".join(part for part in (sheet.mark, sheet.check.line(sheet.lang) if sheet.check else "") if part)
    draw_text(canvas, MARGIN, foot, fit(left, SMALL, TEXT_WIDTH - 90), SMALL)
    if page > 1:
        head = HEIGHT - 15 * mm
        draw_text(canvas, MARGIN, head, fit(sheet.title, SMALL, 170), SMALL)
        draw_text(
            canvas, WIDTH - MARGIN, head, fit(sheet.running, SMALL, TEXT_WIDTH - 180), SMALL, align="right"
        )
        canvas.line(MARGIN, head - 4, WIDTH - MARGIN, head - 4)
    canvas.restoreState()


def attach(canvas: Canvas, attachments: Mapping[str, str]) -> None:
    """Put texts (ASCII) into the file as attachments, as they are: a reader that looks for them needs no library."""
    names = []
    for name, text in sorted(attachments.items()):
        about = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("EmbeddedFile")})
        inner = pdfdoc.PDFStream(about, f"{text}\n", filters=[])
        spec = pdfdoc.PDFDictionary({
            "Type": pdfdoc.PDFName("Filespec"), "F": pdfdoc.PDFString(name), "UF": pdfdoc.PDFString(name),
            "AFRelationship": pdfdoc.PDFName("Data"),
            "EF": pdfdoc.PDFDictionary({"F": canvas._doc.Reference(inner)})})
        names += [pdfdoc.PDFString(name), canvas._doc.Reference(spec)]
    canvas._doc.Catalog.Names = pdfdoc.PDFDictionary({
        "EmbeddedFiles": pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray(names)})})


def build_sheet(sheet: Sheet, story: Sequence[Flowable], attachments: Mapping[str, str] | None = None) -> bytes:
    """The whole document. Same sheet and story: same bytes (the file's own date is the sheet's `made_at`).

    `attachments`: texts by file name, carried in the file.
    """
    load_fonts()
    output = io.BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=A4,
        title=sheet.title,
        author=sheet.issuer,
        creator="pointsbank",
        subject=sheet.running,
        lang="en" if sheet.lang.startswith("en") else "zh-CN",
        initialFontName=FONT_NAME,
        invariant=1,
    )
    for name, top in (("first", TOP_FIRST), ("later", TOP_LATER)):
        frame = Frame(MARGIN, BOTTOM, TEXT_WIDTH, HEIGHT - top - BOTTOM, 0, 0, 0, 0, id=name)
        document.addPageTemplates(PageTemplate(id=name, frames=[frame]))
    canvas_class = type("SheetCanvas", (CountingCanvas,), {"sheet": sheet, "attachments": attachments or {}})
    document.build([NextPageTemplate("later"), Head(sheet), *story], canvasmaker=canvas_class)
    return output.getvalue()
