"""Ledger accounts of goods: one commodity per SKU, one member account per batch on a shop's shelf.

    donor:<id> / bought:<supplier> / opening:<place>  ->  shelf:<shop>:<batch>  ->  given:<shop> / written-off:<shop>
    stocktake:<shop> stands on the other side of what a count found too much or too little.

A shelf has a floor of 0 like any wallet: the last piece can leave once.
"""

from __future__ import annotations

from uuid import UUID

import ledger
from ledger import Account
from pointsbank.amounts import POINT

SHELF = "shelf:"


def shelf(shop: str, batch_id: UUID, sku: str) -> Account:
    """The pieces of one batch on one shop's shelf."""
    return ledger.member(sku, f"{SHELF}{shop}:{batch_id}", floor=0)


def spent(shop: str) -> Account:
    """Where redeemed points go."""
    return ledger.system(POINT, f"spent:{shop}")


def given(shop: str, sku: str) -> Account:
    """Where redeemed goods go; who received them is the transaction's party."""
    return ledger.system(sku, f"given:{shop}")


def written_off(shop: str, sku: str) -> Account:
    """Where expired, damaged and lost goods go."""
    return ledger.system(sku, f"written-off:{shop}")


def stocktake(shop: str, sku: str) -> Account:
    """The other side of what a count found too much or too little."""
    return ledger.system(sku, f"stocktake:{shop}")


def donor(donor_id: UUID, sku: str) -> Account:
    """Where donated goods come from: a random id, the name is sealed elsewhere."""
    return ledger.system(sku, f"donor:{donor_id}")


def bought(supplier_id: UUID, sku: str) -> Account:
    """Where purchased goods come from."""
    return ledger.system(sku, f"bought:{supplier_id}")
