"""The one place of the project where a binary float may arrive: numbers that a spreadsheet hands over.

Spreadsheets keep every number as a binary double. What the person typed comes back by the double's *shortest* text
(Python's repr): the file's 1.1000000000000001 is 1.1. A computed cell can carry dust in the 16th and 17th digit
(267.39 + 0.89 is 268.28000000000003); spreadsheet programs show and print 15 digits at most, so that is what counts.

    >>> decimal_from_number_text("1.1000000000000001"), decimal_from_number_text("268.28000000000003")
    (Decimal('1.1'), Decimal('268.28'))
    >>> decimal_from_number_text("1.3800138E+10")
    13800138000
"""

from __future__ import annotations

import struct
from decimal import ROUND_HALF_EVEN, Context, Decimal

SHOWN_DIGITS = 15
_SHOWN = Context(prec=SHOWN_DIGITS, rounding=ROUND_HALF_EVEN)
_LARGEST_EXPONENT = 30


def decimal_from_reader(number: object) -> int | Decimal | None:
    """A reader's float as an exact value: int when whole, else Decimal. None for NaN, infinity, absurd sizes, and
    for what is no number at all."""
    if not isinstance(number, float):
        return None
    shortest = Decimal(repr(number))
    if not shortest.is_finite() or shortest.adjusted() > _LARGEST_EXPONENT:
        return None
    if shortest.adjusted() < -_LARGEST_EXPONENT:
        return 0        # dust of a computation, not a quantity
    value = _SHOWN.plus(shortest)
    if value == value.to_integral_value():
        return int(value)
    return value.normalize()


def decimal_from_number_text(text: str) -> int | Decimal | None:
    """The number text inside an .xlsx part (it is a double's text, often with 17 digits) as an exact value."""
    if text.isascii() and text.isdigit() and len(text) <= SHOWN_DIGITS:
        return int(text)
    try:
        return decimal_from_reader(float(text))
    except ValueError:
        return None


def decimal_from_double(eight_bytes: bytes) -> int | Decimal | None:
    """A number as old workbooks keep it: the eight bytes of a double."""
    number, = struct.unpack("<d", eight_bytes)
    return decimal_from_reader(number)


def decimal_from_packed(packed: int) -> int | Decimal | None:
    """Old workbooks' short form of a number (RK): 30 bits of an integer or of a double, perhaps in hundredths."""
    number: int | Decimal | None
    if packed & 2:
        number = (packed >> 2) - (1 << 30 if packed & 0x8000_0000 else 0)
    else:
        number = decimal_from_double(struct.pack("<II", 0, packed & 0xFFFF_FFFC))
    if number is None or not packed & 1:
        return number
    hundredth = Decimal(number) / 100
    return int(hundredth) if hundredth == hundredth.to_integral_value() else hundredth.normalize()
