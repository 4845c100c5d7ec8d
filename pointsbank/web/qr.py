"""A QR code as inline SVG; scanners read it at arm's length from a screen."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """The code's drawing. The text itself stands nowhere in it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=2, scale=8, xmldecl=False, svgns=True,
                                                  omitsize=True, dark="#000", light="#fff")
    return Markup(out.getvalue().decode())
