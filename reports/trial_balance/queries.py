"""The trial balance read from the ledger: one statement for the sums, names in memory."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

import ledger
from pointsbank.access import Actor, can
from pointsbank.places import is_demo, place_by_code
from redemption.goods import goods_on
from reports.trial_balance.owners import Owner, owners_of
from reports.trial_balance.records import KindRow, TrialBalance, commodity_order

POWER = "audit.view"


class AccountRow(NamedTuple):
    """One account behind a sum. `name` says whose it is; `household_code` leads to its statement."""

    code: str
    name: str
    place_code: str | None
    household_code: str | None
    debits: int
    credits: int
    balance: int


def kind_of(code: str) -> str:
    """'wallet:0198…' -> 'wallet'."""
    return code.partition(":")[0]


def read_trial_balance(s: Session, book_id: int, as_of: date, *, known_at: datetime, made_at: datetime,
                       lang: str = "zh") -> TrialBalance:
    """Every account of the book, summed by commodity and kind."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in ledger.trial_balance(s.connection(), book_id, on=as_of,
                                    known_at=None if known_at == made_at else known_at):
        entry = sums.setdefault((row.commodity, kind_of(row.code)), [0, 0, 0, 0])
        for place, amount in enumerate((1, row.debits, row.credits, row.balance)):
            entry[place] += amount
    rows = [KindRow(commodity, kind, *entry) for (commodity, kind), entry in sums.items()]
    county = place_by_code(s, str(book_id).ljust(12, "0"))
    return TrialBalance(
        book_id=book_id, issuer=county.body or county.name, as_of=as_of, known_at=known_at, made_at=made_at,
        rows=tuple(sorted(rows, key=lambda row: (commodity_order(row.commodity), row.kind))),
        goods={sku: good.name for sku, good in goods_on(s, book_id, as_of).items()}, demo=is_demo(s, book_id),
        lang=lang)


def accounts_of_kind(s: Session, by: Actor, commodity: str, kind: str, as_of: date, *,
                     known_at: datetime | None, lang: str = "zh") -> tuple[list[AccountRow], int]:
    """The accounts behind one sum that lie within the reader's reach, by name, and how many lie outside it."""
    found = [row for row in ledger.trial_balance(s.connection(), by.book_id, on=as_of, known_at=known_at)
             if row.commodity == commodity and kind_of(row.code) == kind]
    owners = owners_of(s, by, kind, [row.code for row in found], lang)
    rows, outside = [], 0
    for row in found:
        name, place_code, household_code = owners.get(row.code, Owner(row.code, None, None))
        if place_code is not None and not can(by, POWER, place_code):
            outside += 1
            continue
        rows.append(AccountRow(row.code, name, place_code, household_code, row.debits, row.credits, row.balance))
    return sorted(rows, key=lambda row: (row.place_code or "", row.name)), outside
