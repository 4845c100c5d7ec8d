"""The parts a sheet is filled with: tables, figures, notes, room for the seal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, LongTable, Paragraph, Spacer, Table

from reports.fonts import FONT_NAME, break_lines, draw_text, fit, load_fonts, markup
from reports.pdf.sheet import BODY, HAIR, INK, SMALL, SOFT, TEXT_WIDTH
from reports.pdf.words import words

GREY = f"#{round(SOFT * 255):02x}" + f"{round(SOFT * 255):02x}" * 2
HAIRLINE = f"#{round(HAIR * 255):02x}" + f"{round(HAIR * 255):02x}" * 2
PALE = "#f1f1ef"
CELL_PAD = 6  # points of a cell's width kept free, half on each side
CELL_LIMIT = 400  # characters: a cell must never grow taller than a page
SEAL_SIDE = 40 * mm
LABEL_WIDTH = 26 * mm
FIGURE_SIZE = 15

Align = Literal["left", "right", "center"]
ALIGNMENTS = {"left": TA_LEFT, "right": TA_RIGHT, "center": TA_CENTER}


@dataclass(frozen=True)
class Column:
    """One column: its head, its width in millimetres (0 = shares what is left), its side, and whether text
    wraps.
    """

    head: str
    width: int = 0
    align: Align = "left"
    wrap: bool = False


@dataclass(frozen=True)
class Figure:
    """A number people look for first, with what it is."""

    label: str
    value: str
    strong: bool = False


def paragraph(text: str, size: int = BODY, *, width: Any = TEXT_WIDTH, align: Align = "left",
              colour: str = "black") -> Paragraph:
    """User text in lines of at most `width` points, broken by our own rules."""
    load_fonts()
    if len(text) > CELL_LIMIT:
        text = text[: CELL_LIMIT - 1] + "…"
    style = ParagraphStyle("cell", fontName=FONT_NAME, fontSize=size, leading=size + 4, textColor=colour,
                           alignment=ALIGNMENTS[align], splitLongWords=0)
    return Paragraph("<br/>".join(markup(line) for line in break_lines(text, size, width)), style)


def space(millimetres: int) -> Spacer:
    return Spacer(1, millimetres * mm)


class Heading(Flowable):  # type: ignore[misc]
    """A line that opens a section. Stays with what follows."""

    keepWithNext = 1

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def wrap(self, available_width: Any, available_height: Any) -> tuple[Any, Any]:
        self.room = available_width
        return available_width, 22

    def draw(self) -> None:
        draw_text(self.canv, 0, 7, fit(self.text, BODY + 2, self.room), BODY + 2, bold=True)


def heading(text: str) -> Flowable:
    return Heading(text)


def note(text: str) -> Flowable:
    """Small print below a table."""
    return paragraph(text, SMALL, colour=GREY)


class FigureStrip(Flowable):  # type: ignore[misc]
    """Figures side by side at the right edge, label above number, thin rules between."""

    HEIGHT = 40

    def __init__(self, figures: Sequence[Figure], cells: int) -> None:
        super().__init__()
        self.figures, self.cells = figures, cells

    def wrap(self, available_width: Any, available_height: Any) -> tuple[Any, Any]:
        self.room = available_width
        return available_width, self.HEIGHT

    def draw(self) -> None:
        cell = self.room / self.cells
        for number, figure in enumerate(self.figures, start=self.cells - len(self.figures)):
            right = cell * (number + 1) - 8
            self.canv.setFillGray(SOFT)
            draw_text(self.canv, right, 27, fit(figure.label, SMALL, cell - 10), SMALL, align="right")
            self.canv.setFillGray(INK)
            draw_text(self.canv, right, 8, figure.value, FIGURE_SIZE, align="right", bold=figure.strong)
            if number > self.cells - len(self.figures):
                self.canv.setStrokeGray(HAIR)
                self.canv.setLineWidth(0.5)
                self.canv.line(cell * number, 4, cell * number, 36)


def figure_strip(figures: Sequence[Figure], cells: int | None = None) -> Flowable:
    """`cells` is the number of columns of the strip above it, so that figures stand below figures."""
    return FigureStrip(figures, cells or len(figures))


def ruled_table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    *,
    totals: Sequence[Sequence[str]] = (),
    strong: Sequence[int] = (),
    size: int = BODY,
) -> Flowable:
    """A table whose head is repeated on every page; a row is never cut, the totals never stand alone on a
    page.

    `strong` are numbers of rows that begin a group: shaded, and never last on a page.
    """
    load_fonts()
    fixed = sum(column.width for column in columns) * mm
    sharing = sum(1 for column in columns if not column.width) or 1
    widths = [column.width * mm if column.width else (TEXT_WIDTH - fixed) / sharing for column in columns]
    head = [paragraph(column.head, SMALL, width=width - CELL_PAD, align=column.align, colour=GREY)
            for column, width in zip(columns, widths, strict=True)]
    body = [
        [_cell(text, column, width, size) for text, column, width in zip(row, columns, widths, strict=True)]
        for row in (*rows, *totals)
    ]
    last = len(body)
    style: list[tuple[Any, ...]] = [
        ("FONTNAME", (0, 0), (-1, -1), FONT_NAME),  # else reportlab names a font it does not embed
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, "black"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HAIRLINE),
    ]
    for number in strong:
        style.append(("BACKGROUND", (0, number + 1), (-1, number + 1), PALE))
        style.append(("NOSPLIT", (0, number + 1), (-1, min(number + 2, last))))
    if totals:
        first_total = last - len(totals) + 1
        style.append(("LINEABOVE", (0, first_total), (-1, first_total), 0.8, "black"))
        style.append(("NOSPLIT", (0, max(1, first_total - 2)), (-1, last)))
    return LongTable([head, *body], colWidths=widths, repeatRows=1, style=style, hAlign="LEFT")


def _cell(text: str, column: Column, width: Any, size: int) -> Flowable:
    if not column.wrap:
        text = fit(text, size, width - CELL_PAD)
    return paragraph(text, size, width=width - CELL_PAD, align=column.align)


class SealRoom(Flowable):  # type: ignore[misc]
    """An empty place for the official seal, and a line for the date. The seal itself is never drawn by
    software.
    """

    def __init__(self, lang: str, issuer: str) -> None:
        super().__init__()
        self.lang, self.issuer = lang, issuer

    def wrap(self, available_width: Any, available_height: Any) -> tuple[Any, Any]:
        self.room = available_width
        return available_width, SEAL_SIDE + 20

    def draw(self) -> None:
        _ = words(self.lang)
        left = self.room - SEAL_SIDE
        self.canv.saveState()
        self.canv.setStrokeGray(HAIR)
        self.canv.setLineWidth(0.6)
        self.canv.setDash(2, 3)
        self.canv.rect(left, 14, SEAL_SIDE, SEAL_SIDE, stroke=1, fill=0)
        self.canv.setFillGray(SOFT)
        draw_text(self.canv, left + SEAL_SIDE / 2, 18, _("加盖公章处"), SMALL, align="center")
        self.canv.setFillGray(INK)
        draw_text(
            self.canv, left - 12, SEAL_SIDE / 2 + 16, fit(self.issuer, BODY, left - 20), BODY, align="right"
        )
        draw_text(
            self.canv,
            left - 12,
            SEAL_SIDE / 2 - 2,
            _("经办人:____________  日期:____________"),
            BODY,
            align="right",
        )
        self.canv.restoreState()


def seal_room(lang: str, issuer: str, *before: Flowable) -> Flowable:
    """Room for the seal, kept on one page with the short notes that come before it."""
    return KeepTogether([*before, SealRoom(lang, issuer)])


def check_lines(pairs: Sequence[tuple[str, str]]) -> Flowable:
    """Label and value, one pair a line: short explanations at the end of a document."""
    room = TEXT_WIDTH - LABEL_WIDTH - 2 * CELL_PAD
    rows = [[paragraph(label, SMALL, width=LABEL_WIDTH, colour=GREY), paragraph(value, SMALL, width=room)]
            for label, value in pairs]
    style = [
        ("FONTNAME", (0, 0), (-1, -1), FONT_NAME),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ]
    return Table(rows, colWidths=[LABEL_WIDTH, TEXT_WIDTH - LABEL_WIDTH], style=style, hAlign="LEFT")
