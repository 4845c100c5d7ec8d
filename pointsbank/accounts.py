"""The chart of accounts: which ledger account stands for what. Nobody spells an account's code by hand elsewhere.

Value flows from debit to credit; a balance is credits less debits. Member accounts belong to someone and have a floor;
system accounts are the world's other side and are never locked.
"""

from __future__ import annotations

from uuid import UUID

import ledger
from ledger import Account
from pointsbank.amounts import MINUTE, POINT, SCORE

WALLETS = "wallet:"


def place_of(account: Account) -> str:
    """The place in the code of a place's account: of expired:230199100200, the village."""
    return account.code.partition(":")[2]


def wallet(household_id: UUID, place_code: str) -> Account:
    """A household's points: never below zero but by a deduction or a claw-back; lapsed points leave to the place."""
    return ledger.member(POINT, f"{WALLETS}{household_id}", floor=0, expires_to=expired(place_code))


def hours(person_id: UUID) -> Account:
    """A person's service minutes; never spent."""
    return ledger.member(MINUTE, f"hours:{person_id}", floor=0)


def score(household_id: UUID) -> Account:
    """A household's rating score: untouched by shopping, may fall below zero by deductions."""
    return ledger.member(SCORE, f"score:{household_id}", floor=None)


def budget(place_code: str) -> Account:
    """Where a place's points come from."""
    return ledger.system(POINT, f"budget:{place_code}")


def served(place_code: str) -> Account:
    """Where service minutes come from."""
    return ledger.system(MINUTE, f"served:{place_code}")


def scored(place_code: str) -> Account:
    """Where scores come from and deductions return to."""
    return ledger.system(SCORE, f"scored:{place_code}")


def penalty(place_code: str) -> Account:
    """Where deducted points go."""
    return ledger.system(POINT, f"penalty:{place_code}")


def expired(place_code: str) -> Account:
    """Where lapsed points go."""
    return ledger.system(POINT, f"expired:{place_code}")


def opening(place_code: str, commodity: str = POINT) -> Account:
    """The paper passbooks' side of balances carried into the bank."""
    return ledger.system(commodity, f"opening:{place_code}")


def clearing(book_id: int, commodity: str = POINT) -> Account:
    """往来: what leaves one household or book and has to arrive in another; nought when everything arrived."""
    return ledger.system(commodity, f"clearing:{book_id}")
