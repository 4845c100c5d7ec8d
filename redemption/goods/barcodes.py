"""What a scanner sends, made one: trailing CR or Tab dropped, full-width digits folded, 12 digits become 13.

    >>> clean_code("6901234567892\\r"), clean_code("０１２３４５６７８９０５"), clean_code(" p01\\t")
    ('6901234567892', '0012345678905', 'P01')

Some scanners send a code that begins with 0 without that 0 (UPC-A is EAN-13 with a leading 0), so both forms mean the
same good. A code whose check digit is wrong was misread or mistyped.
"""

from __future__ import annotations

import re
import unicodedata

CODE_MAX = 40


def clean_code(text: str) -> str:
    """A scanned or typed code in its one form; barcodes always with 13 digits."""
    code = unicodedata.normalize("NFKC", text[:CODE_MAX]).strip().strip("\x00\x1d").upper()
    return "0" + code if re.fullmatch(r"[0-9]{12}", code) else code


def is_barcode(code: str) -> bool:
    """13 digits with the right EAN-13 check digit, or 8 (EAN-8)."""
    if not re.fullmatch(r"[0-9]{13}|[0-9]{8}", code):
        return False
    digits = [int(digit) for digit in reversed(code)]
    return (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0
