"""Fonts for paper: the project ships its own, so a machine without a single font prints every name.

    >>> runs("王㛃")
    [('PointsBankSans', '王㛃')]

One TrueType font covers Chinese (GB 2312, the 8,105 characters of the 通用规范汉字表, most of CJK Extension A
and the surnames of the later extensions), Latin and Hangul; only the characters used are embedded in a
document. For what it lacks an operator may name a second font in FONT_FALLBACK; what neither has is printed
as 〓 and its code point logged, never left out in silence.

Door: `check_fonts` (at start-up), `runs`, `markup` (for reportlab paragraphs), `text_width`, `draw_text`.
"""

from reports.fonts.breaking import break_lines
from reports.fonts.registry import (
    FONT_NAME,
    SHIPPED_FONT,
    FontMissing,
    check_fonts,
    clean,
    draw_text,
    fit,
    load_fonts,
    markup,
    runs,
    text_width,
)

__all__ = [
    "FONT_NAME",
    "FontMissing",
    "SHIPPED_FONT",
    "break_lines",
    "check_fonts",
    "clean",
    "draw_text",
    "fit",
    "load_fonts",
    "markup",
    "runs",
    "text_width",
]
