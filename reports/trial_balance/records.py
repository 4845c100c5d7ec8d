"""The trial balance, frozen. Amounts are in each commodity's smallest unit; `unit` says how to print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from pointsbank.amounts import MINUTE, POINT, SCORE, format_points

HUNDREDTHS = (POINT, SCORE)


class KindRow(NamedTuple):
    """All accounts of one kind in one commodity: `kind` is the part of the code before the first colon."""

    commodity: str
    kind: str
    accounts: int
    debits: int
    credits: int
    balance: int


class CommodityTotal(NamedTuple):
    commodity: str
    debits: int
    credits: int
    balance: int

    @property
    def balances(self) -> bool:
        return self.debits == self.credits and self.balance == 0


@dataclass(frozen=True)
class TrialBalance:
    """A book's trial balance at the end of `as_of`, as known at `known_at`."""

    book_id: int
    issuer: str
    as_of: date
    known_at: datetime
    made_at: datetime
    rows: tuple[KindRow, ...]
    goods: Mapping[str, str] = field(default_factory=dict)  # names of goods by SKU
    demo: bool = False
    lang: str = "zh"

    @property
    def then(self) -> datetime | None:
        """The moment of the past that was asked about; None: as known now."""
        return None if self.known_at == self.made_at else self.known_at

    @property
    def totals(self) -> tuple[CommodityTotal, ...]:
        return totals_of(self.rows)

    @property
    def balances(self) -> bool:
        return all(total.balances for total in self.totals)


def totals_of(rows: Iterable[KindRow]) -> tuple[CommodityTotal, ...]:
    """Per commodity, in the order of the rows."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        entry = sums.setdefault(row.commodity, [0, 0, 0])
        for place, amount in enumerate((row.debits, row.credits, row.balance)):
            entry[place] += amount
    return tuple(CommodityTotal(commodity, *entry) for commodity, entry in sums.items())


def amount_text(commodity: str, amount: int) -> str:
    """Points and scores with two decimals; minutes and pieces whole, with the same minus sign."""
    if commodity in HUNDREDTHS:
        return format_points(amount)
    return f"−{-amount}" if amount < 0 else str(amount)


def commodity_order(commodity: str) -> tuple[int, str]:
    """Points, minutes, score, then the goods by code."""
    order = (POINT, MINUTE, SCORE)
    return (order.index(commodity), "") if commodity in order else (len(order), commodity)
