"""Loading, choosing and drawing: which font draws which character. See the package for the picture.

Nothing is read from the font before the first PDF is made (about 60 ms, once per process).
"""

from __future__ import annotations

import functools
import logging
import threading
import unicodedata
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from reports.fonts.tounicode import to_unicode_cmap

log = logging.getLogger(__name__)

SHIPPED_FONT = Path(__file__).parent / "PointsBankSansSC-Regular.ttf"
FONT_NAME = "PointsBankSans"
FALLBACK_NAME = "PointsBankFallback"
GETA = "〓"  # the printers' mark for "this character is not in the case"
TRUETYPE_STARTS = (b"\x00\x01\x00\x00", b"true", b"ttcf")
BOLD_STROKE_EM = 32  # one part in so many of the size: the line drawn round a heading's glyphs

_lock = threading.Lock()
_loaded: list[ttfonts.TTFont] = []
_fallback: Path | None = None
_drawn: dict[str, tuple[str, str, int]] = {}

# reportlab writes code points above U+FFFF as one number where a PDF reader expects UTF-16, so 𬭎 would be
# drawn right and copied wrong.
ttfonts.makeToUnicodeCMap = to_unicode_cmap


class FontMissing(RuntimeError):
    """A font file the documents need cannot be read. The text names the file: set-up is broken, not the
    input.
    """


def check_fonts(fallback: Path | None = None) -> None:
    """Fail loudly at start-up when a font file is missing or is no TrueType font. Reads a few bytes only.

    `fallback` is the operator's second font (FONT_FALLBACK), remembered for the documents made later.
    """
    global _fallback
    for path in (SHIPPED_FONT, *([fallback] if fallback else [])):
        try:
            with path.open("rb") as file:
                start = file.read(4)
        except OSError as problem:
            raise FontMissing(f"font file {path} cannot be read: {problem.strerror}") from problem
        if start not in TRUETYPE_STARTS:
            raise FontMissing(f"font file {path} is not a TrueType font (it starts with {start!r})")
    with _lock:
        if fallback != _fallback:
            _fallback = fallback
            _loaded.clear()
            _drawn.clear()


def load_fonts() -> list[ttfonts.TTFont]:
    """The fonts in order of preference, registered with reportlab; read on the first call, then kept."""
    with _lock:
        if not _loaded:
            check = [(FONT_NAME, SHIPPED_FONT), *([(FALLBACK_NAME, _fallback)] if _fallback else [])]
            for name, path in check:
                try:
                    font = ttfonts.TTFont(name, str(path))
                except (OSError, ttfonts.TTFError) as problem:
                    raise FontMissing(f"font file {path} cannot be used: {problem}") from problem
                pdfmetrics.registerFont(font)
                _loaded.append(font)
        return list(_loaded)


def clean(text: str) -> str:
    """Text without what cannot stand in a line: controls, direction marks, variation selectors; spaces made
    plain.
    """
    return text if text.isascii() and text.isprintable() else "".join(map(_clean_char, text))


@functools.cache
def _clean_char(char: str) -> str:
    if char in "\t\r\n\u2028\u2029\u00a0":
        return " "
    unwanted = unicodedata.category(char) in ("Cc", "Cf", "Cs")
    return "" if unwanted or unicodedata.name(char, "").startswith("VARIATION SEL") else char


def runs(text: str) -> list[tuple[str, str]]:
    """Cut text into (font name, piece): per character the first font that has it, equal neighbours joined."""
    found: list[tuple[str, str]] = []
    for char in clean(text):
        name, drawn, _width = _drawn.get(char) or _choose(char)
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + drawn)
        else:
            found.append((name, drawn))
    return found


def _choose(char: str) -> tuple[str, str, int]:
    """Font, character drawn and its width in thousandths of the size; remembered until the fonts change."""
    code, fonts = ord(char), load_fonts()
    font = next((font for font in fonts if code in font.face.charToGlyph), None)
    if font is None:
        log.warning("no font has U+%04X; printed as %s (set FONT_FALLBACK to a font that has it)", code, GETA)
        _drawn[char] = (FONT_NAME, GETA, fonts[0].face.getCharWidth(ord(GETA)))
    else:
        _drawn[char] = (font.fontName, char, font.face.getCharWidth(code))
    return _drawn[char]


def markup(text: str) -> str:
    """Any text as reportlab paragraph markup: escaped, never read as tags, with a font named where it
    changes.
    """
    pieces = []
    for name, piece in runs(text):
        safe = escape(piece)
        pieces.append(safe if name == FONT_NAME else f'<font name="{name}">{safe}</font>')
    return "".join(pieces)


def text_width(text: str, size: int) -> Any:
    """Width in points of the text set in one line."""
    return sum((_drawn.get(char) or _choose(char))[2] for char in clean(text)) * size / 1000


def fit(text: str, size: int, width: Any) -> str:
    """The text, cut with an ellipsis where it would not fit one line of `width` points."""
    text = clean(text)
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def draw_text(
    canvas: Canvas, x: Any, y: Any, text: str, size: int, *, align: str = "left", bold: bool = False
) -> None:
    """Draw one line. `align` says which end or middle stands at x. `bold` outlines the glyphs: one font is
    enough.
    """
    if align != "left":
        width = text_width(text, size)
        x = x - (width if align == "right" else width / 2)
    line = canvas.beginText(x, y)
    if bold:
        canvas.saveState()
        canvas.setLineWidth(size / BOLD_STROKE_EM)
        canvas.setStrokeColor(canvas._fillColorObj)
        line.setTextRenderMode(2)
    for name, piece in runs(text):
        line.setFont(name, size)
        line.textOut(piece)
    if bold:
        line.setTextRenderMode(0)
    canvas.drawText(line)
    if bold:
        canvas.restoreState()
