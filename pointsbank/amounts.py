"""Amounts: integers in the smallest unit, one type per commodity; text in, text out.

    >>> parse_points("4.5")
    450
    >>> format_points(450), format_signed(-500), format_hours(210)
    ('4.50', '−5.00', '3.5')

POINT and SCORE count hundredths of a point, MINUTE whole minutes, goods whole pieces. Nothing here or above ever
turns a value into a binary fraction.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NewType

from ledger.errors import DomainError

Points = NewType("Points", int)  # hundredths of a point: Points(450) is 4.50 分
Score = NewType("Score", int)  # hundredths of a rating point
Minutes = NewType("Minutes", int)  # whole minutes of service
Quantity = NewType("Quantity", int)  # pieces of a good

POINT, SCORE, MINUTE = "POINT", "SCORE", "MINUTE"

MINUS = "−"  # U+2212: a hyphen is too short to be seen on a slip


class BadAmount(DomainError):
    code, status = "bad_amount", 422
    zh = "“{given}”不是有效的数量:请写数字,最多两位小数,例如 4.5。"
    en = "“{given}” is not a valid amount: write digits with at most two decimals, such as 4.5."


def parse_points(text: str, field: str = "points") -> Points:
    """'4.5' -> Points(450). Raises BadAmount on more than two decimals, signs, '1e3', NaN, full-width digits."""
    match = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", text.strip())
    if match is None:
        raise BadAmount(field, given=text[:40])
    return Points(int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")))


def points_from_decimal(value: Decimal, field: str = "points") -> Points:
    """Decimal('4.5') -> Points(450); refuses what has more than two decimals instead of rounding it."""
    hundredths = value * 100
    if hundredths != hundredths.to_integral_value():
        raise BadAmount(field, given=str(value))
    return Points(int(hundredths))


def format_points(value: int) -> str:
    """Hundredths with two decimals: 14600 -> '146.00', -500 -> '−5.00'."""
    sign = MINUS if value < 0 else ""
    whole, rest = divmod(abs(value), 100)
    return f"{sign}{whole}.{rest:02d}"


def format_signed(value: int) -> str:
    """As format_points, with the sign always shown: '+3.00', '−5.00', '0.00'."""
    return ("+" if value > 0 else "") + format_points(value)


def format_hours(minutes: int) -> str:
    """Minutes as hours with at most two decimals, cut, never rounded up: 210 -> '3.5', 100 -> '1.66'."""
    sign = MINUS if minutes < 0 else ""
    hundredths = abs(minutes) * 100 // 60
    whole, rest = divmod(hundredths, 100)
    return sign + (f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole))


def format_minutes(minutes: int, lang: str = "zh") -> str:
    """210 -> '3 小时 30 分' / '3 h 30 min'."""
    sign = MINUS if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    units = ("小时", "分") if lang.startswith("zh") else ("h", "min")
    parts = [f"{hours} {units[0]}"] if hours or not rest else []
    if rest:
        parts.append(f"{rest} {units[1]}")
    return sign + " ".join(parts)
