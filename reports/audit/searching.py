"""What an auditor typed into the one search box.

    >>> understand("H011").household, understand("h011-17").seq
    ('H011', 17)
    >>> understand("2026年3月5日").day, understand("12.50").amount
    (datetime.date(2026, 3, 5), 1250)
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple
from uuid import UUID

from pointsbank.amounts import parse_points
from pointsbank.errors import DomainError

LIMIT = 60


class Typed(NamedTuple):
    """Everything the text may mean; what it cannot mean is None. `receipt` is the text itself, tidied."""

    household: str | None = None
    seq: int | None = None
    day: date | None = None
    amount: int | None = None
    transaction_id: UUID | None = None
    receipt: str = ""


def understand(text: str) -> Typed:
    """Read a household code, a statement's line number, a day, an amount, a transaction's id, a receipt number."""
    text = " ".join(text[:LIMIT].split()).upper()
    line = re.fullmatch(r"([A-Z]{1,3}[0-9]{1,6})(?:[- ]+([0-9]{1,9}))?", text)
    return Typed(
        household=line[1] if line else None, seq=int(line[2]) if line and line[2] else None, day=as_day(text),
        amount=as_amount(text), transaction_id=as_id(text), receipt=text)


def as_day(text: str) -> date | None:
    """'2026-03-05', '2026.3.5', '2026/3/5', '2026年3月5日', '20260305'."""
    match = re.fullmatch(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})", text)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def as_amount(text: str) -> int | None:
    """'12', '+12.5', '−3', '12分' as hundredths of a point, without the sign."""
    try:
        found = parse_points(text.removesuffix("分").strip().lstrip("+-−"))
    except DomainError:
        return None
    return found or None


def as_id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text.replace("-", "")) == 32 else None
    except ValueError:
        return None
