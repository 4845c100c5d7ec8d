"""Line breaking for Chinese with Latin in it: no line begins with a closing sign or ends with an opening one.

    >>> clusters("“优秀”(125g),好")
    ['“优', '秀”', '(125g),', '好']

reportlab breaks by Japanese rules and lets one sign hang out of the column; in a narrow table that is a sign alone on
the next line or over the next column's figure.
"""

from __future__ import annotations

from typing import Any

from reports.fonts.registry import clean, text_width

OPENING = frozenset("“‘《〈「『【〔([{\uff08\uff3b")
CLOSING = frozenset("”’》〉」』】〕、。…·%)]},.!?;:\uff09\uff3d\uff0c\uff0e\uff01\uff1f\uff1b\uff1a")
FIRST_WIDE = 0x2E80  # from here on characters may be parted anywhere; before it words stay whole


def clusters(text: str) -> list[str]:
    """The text in pieces that stay together: a Chinese character, a Latin word, each with its signs; a space alone."""
    found: list[str] = []
    for char in text:
        last = found[-1] if found else " "
        joins = (last[-1] in OPENING or char in CLOSING or (is_narrow(char) and is_narrow(last[-1])
                                                            and char not in OPENING))
        if last != " " and char != " " and joins:
            found[-1] += char
        else:
            found.append(char)
    return found


def is_narrow(char: str) -> bool:
    return ord(char) < FIRST_WIDE and char not in OPENING and char not in CLOSING


def break_lines(text: str, size: int, width: Any) -> list[str]:
    """The text as lines that fit `width` points at `size`; at least one line."""
    lines, line, used = [], "", 0
    for cluster in clusters(clean(text)):
        for piece in fitting_pieces(cluster, size, width):
            room = text_width(piece, size)
            if line and used + room > width:
                lines.append(line.rstrip())
                line, used = "", 0
            if line or piece != " ":
                line, used = line + piece, used + room
    return [*lines, line.rstrip()]


def fitting_pieces(cluster: str, size: int, width: Any) -> list[str]:
    """The cluster itself, or its characters where it is wider than the column."""
    return [cluster] if text_width(cluster, size) <= width else list(cluster)
