"""A QR code as one filled path: sharp on any printer, a few hundred bytes."""

from __future__ import annotations

from typing import Any

import segno
from reportlab.pdfgen.canvas import Canvas

QUIET = 4  # white modules around the code that readers need


def draw_qr(canvas: Canvas, text: str, x: Any, y: Any, side: Any, *, error: str = "m") -> None:
    """Draw `text` as a QR code in the square with its lower left corner at (x, y), quiet zone included."""
    matrix = segno.make(text, error=error, micro=False).matrix
    module = side / (len(matrix) + 2 * QUIET)
    path = canvas.beginPath()
    top = y + side - QUIET * module
    for row_number, row in enumerate(matrix):
        start = None
        for column, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                path.rect(
                    x + (QUIET + start) * module,
                    top - (row_number + 1) * module,
                    (column - start) * module,
                    module,
                )
                start = None
    canvas.saveState()
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()
