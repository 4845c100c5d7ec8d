"""Records of holds, and a hold as the door works with it. Pure; see `ledger.holding` for what may be done with one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from ledger.expiry import Span
from ledger.records import Account, Party, check_amount, check_names

CAPTURED, RELEASED, TIMED_OUT = "captured", "released", "timed_out"
NOBODY = Party()


@dataclass(frozen=True, slots=True)
class Hold:
    """Value to be set aside in a member account. Without `expires_at` it is a lease: it ends only by a deed.

    `meta` holds ids and plain values, never personal data.
    """

    scope: str
    key: str
    account: Account
    amount: int
    expires_at: datetime | None = None
    party: Party = NOBODY
    kind: str = "hold"
    place: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_amount(self.amount)
        check_names(self.scope, self.key, self.kind)
        if not self.account.is_member:
            raise ValueError(f"{self.account.code}: only a member account can hold something back")
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise ValueError("an instant needs a time zone")


class HoldView(NamedTuple):
    """A hold as it stands. `ended_as` is captured, released or timed_out; None while it is open."""

    id: UUID
    scope: str
    key: str
    kind: str
    account: Account
    amount: int
    captured: int
    reserved_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None
    party: Party
    place: str | None
    meta: Mapping[str, Any]
    since_seq: int  # the last number of its account's sequence when it was made

    @property
    def left(self) -> int:
        """What was not captured: still held while the hold is open, handed back once it ended."""
        return self.amount - self.captured


class HoldOutcome(NamedTuple):
    """A hold after what was asked for, whether that had been done before, and what its account has available now."""

    hold: HoldView
    replay: bool
    available: int


@dataclass(frozen=True, slots=True)
class Held:
    """An open (or just ended) hold on the door's working copy of its account."""

    id: UUID
    account_id: UUID
    amount: int
    captured: int
    reserved_on: date
    lapses_at: datetime | None
    since_seq: int
    until_seq: int | None = None
    ended_as: str | None = None

    @property
    def left(self) -> int:
        return self.amount - self.captured

    def timed_out(self, now: datetime) -> bool:
        """Its time is over, whether or not the job has come round to say so."""
        return self.lapses_at is not None and self.lapses_at <= now

    def span(self) -> Span:
        return Span(self.left, self.since_seq, self.until_seq)


@dataclass(frozen=True, slots=True)
class Share:
    """What one transaction takes out of one hold. With `keep_rest` the rest stays held, otherwise it is released."""

    hold_id: UUID
    account_id: UUID
    amount: int
    keep_rest: bool
    since_seq: int
