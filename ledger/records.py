"""What goes in and comes out of the ledger: frozen records, no database rows.

    >>> wallet, budget = member("POINT", "wallet:h1"), system("POINT", "budget:v1")
    >>> Transfer(budget, wallet, 300).amount          # value flows from debit to credit
    300
    >>> wallet == member("POINT", "wallet:h1", floor=None)     # an account is its commodity and code
    True

Amounts are whole numbers in the commodity's smallest unit; anything else is refused when the record is made.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from ledger.errors import DomainError, NotPositive
from ledger.expiry import EXPIRY_SCOPE, GIVEN_BACK_KIND, LAPSED_KIND

MAX_AMOUNT = 10**15  # far above any book, far below where a 64-bit balance could overflow
MAX_LINES = 1_000
ACCOUNT_NAMESPACE = UUID("6a0f6f0e-5f0c-5d57-9d0e-2f9b6a1c7e11")


@lru_cache(maxsize=200_000)
def account_id(commodity: str, code: str) -> UUID:
    """An account's id follows from its commodity and code, so nobody has to look it up."""
    return uuid.uuid5(ACCOUNT_NAMESPACE, f"{commodity}\n{code}")


@lru_cache(maxsize=200_000)
def hex_id(commodity: str, code: str) -> str:
    """The same as text, for those who need nothing else of it."""
    return account_id(commodity, code).hex


@dataclass(frozen=True, slots=True)
class Account:
    """Use `member()` and `system()`. Two accounts are equal when commodity and code are."""

    commodity: str
    code: str
    is_member: bool = field(compare=False)
    floor: int | None = field(default=None, compare=False)
    expires_to: Account | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> UUID:
        return account_id(self.commodity, self.code)


def member(commodity: str, code: str, floor: int | None = 0, expires_to: Account | None = None) -> Account:
    """An account that belongs to someone: it has a balance row, a gapless sequence and a floor (None: no floor).

    `expires_to` is the system account that lapsed value leaves to; without it nothing lapses.
    """
    if expires_to is not None and (expires_to.is_member or expires_to.commodity != commodity):
        raise ValueError("value lapses to a system account of the same commodity")
    return Account(commodity, code, True, floor, expires_to)


def system(commodity: str, code: str) -> Account:
    """An account of the world's other side: no balance row, no lock, no floor."""
    return Account(commodity, code, False)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One row that cannot be half of something: `amount` flows from `debit` to `credit`.

    `due_on` is the last day (Asia/Shanghai) on which the credited value can be spent; None means for ever.
    """

    debit: Account
    credit: Account
    amount: int
    due_on: date | None = None

    def __post_init__(self) -> None:
        check_amount(self.amount)
        if self.debit.commodity != self.credit.commodity:
            raise ValueError(f"{self.debit.commodity} cannot turn into {self.credit.commodity}")
        if self.debit == self.credit:
            raise ValueError(f"{self.debit.code} on both sides")
        if not (self.debit.is_member or self.credit.is_member):
            raise ValueError(f"{self.debit.code} to {self.credit.code}: every transfer touches a member account")
        check_day(self.due_on)


@dataclass(frozen=True, slots=True)
class Party:
    """Who received or gave, as opaque ids: never a name."""

    household: UUID | None = None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction to post: its transfers stand or fall together.

    `scope` + `key` make it idempotent. `effective_on` is the day it counts for. `meta` holds ids and plain values,
    never personal data. `may_go_below` is the right of a deduction or a claw-back to push an account below its floor.
    """

    scope: str
    key: str
    kind: str
    effective_on: date
    transfers: tuple[Transfer, ...]
    party: Party = Party()
    rule: str | None = None
    place: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    may_go_below: bool = False

    def __post_init__(self) -> None:
        check_day(self.effective_on)
        check_names(self.scope, self.key, self.kind)
        if not 1 <= len(self.transfers) <= MAX_LINES:
            raise ValueError(f"a transaction has 1 to {MAX_LINES} transfers, not {len(self.transfers)}")


def check_amount(amount: object) -> None:
    """Only an int, above zero, within the limit: True, 1.0 and Decimal('1') are refused."""
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        raise NotPositive("amount", given=repr(amount))


def check_day(day: object) -> None:
    if day is not None and type(day) is not date:  # a datetime is a date too, and not a day
        raise ValueError(f"a day is a datetime.date, not {day!r}")


def check_names(scope: str, key: str, kind: str) -> None:
    if not (0 < len(scope) <= 120 and 0 < len(key) <= 200 and 0 < len(kind) <= 40):
        raise ValueError("scope, key and kind are 1 to 120, 200 and 40 characters long")
    if scope == EXPIRY_SCOPE or kind in (LAPSED_KIND, GIVEN_BACK_KIND):
        raise ValueError(f"{scope} and {kind}: lapses are the ledger's own")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an entry. `balances` holds each member account's balance before and after the entry's own lines.

    A replay gives the first result's balances and `recorded_at`. `lapsed` is what had to lapse first in this call.
    """

    transaction_id: UUID | None
    replay: bool
    balances: Mapping[Account, tuple[int, int]]
    refusal: DomainError | None = None
    recorded_at: datetime | None = None
    lapsed: Mapping[Account, int] = field(default_factory=dict)


class Balance(NamedTuple):
    """`available` is what can be spent: posted, less held, less what has lapsed but is not posted as lapsed yet."""

    posted: int
    held: int
    available: int
    lapsed: int = 0


class Line(NamedTuple):
    """One side of a transfer, as its account sees it. `amount` is signed; `balance` runs in effective order.

    `seq` is 0 on a system account. `other` is the account on the other side.
    """

    seq: int
    transaction_id: UUID
    line: int
    effective_on: date
    recorded_at: datetime
    kind: str
    rule: str | None
    amount: int
    balance: int
    due_on: date | None
    reverses: UUID | None
    party: Party
    meta: Mapping[str, Any]
    place: str | None
    other: str


class TransferView(NamedTuple):
    """A posted transfer. `reversed_amount` is how much of it has been taken back so far."""

    line: int
    debit: Account
    credit: Account
    amount: int
    due_on: date | None
    debit_seq: int | None
    debit_after: int | None
    credit_seq: int | None
    credit_after: int | None
    reverses_line: int | None
    reversed_amount: int


class TransactionView(NamedTuple):
    """A posted transaction with its transfers, and the ids of what reversed it, first one first."""

    book_id: int
    id: UUID
    scope: str
    key: str
    kind: str
    effective_on: date
    recorded_at: datetime
    party: Party
    rule: str | None
    place: str | None
    reverses: UUID | None
    may_go_below: bool
    meta: Mapping[str, Any]
    transfers: tuple[TransferView, ...]
    reversed_by: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Turnover:
    """Sums of one group; a field that was not grouped by is None. `count` is the number of transfers."""

    code: str | None
    rule: str | None
    kind: str | None
    month: str | None
    household: UUID | None
    person: UUID | None
    place: str | None
    credits: int
    debits: int
    count: int


class TrialRow(NamedTuple):
    """One account of the trial balance: `balance` = credits - debits."""

    commodity: str
    code: str
    is_member: bool
    debits: int
    credits: int
    balance: int


class Finding(NamedTuple):
    """One broken law: which, where (account code, transaction id), and what was found."""

    law: str
    account: str | None
    transaction: UUID | None
    message: str
