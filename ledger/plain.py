"""The shortest arithmetic behind the door: plain entries, one or many, from what was asked to the rows in one pass.

Plain is what needs nothing but sums: accounts that are open as said, nothing held, lapsed or back-dated where value
leaves, no account that gives and takes in one entry, open months, free keys. The first thing that is not plain ends the
pass with None; nothing has been written then, and the door goes its longer road, which decides and refuses. So nothing
here refuses, and a test drives both with the same input.

No object is made for an entry but its rows and its outcome. Ids and days stand in the database's own form from the
start: hexadecimal and ISO text on SQLite, packed bytes for PostgreSQL's COPY.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ledger.days import LATE_GRACE_DAYS, NEVER, ONE_DAY
from ledger.records import Account, Entry, Outcome

GRACE = LATE_GRACE_DAYS * ONE_DAY
Row = tuple[Any, ...]


class Standing:
    """An account in a batch. A member's row as it was found, then as the lines so far leave it. `spends` is False where
    a debit needs more than sums; `lapsed_on` is the last day for which a lapse is posted.
    """

    __slots__ = ("floor", "gone", "id", "is_member", "lapsed_on", "last_due", "latest", "posted", "seq", "spends")

    def __init__(self, id: Any, is_member: bool, floor: int | None = None, posted: int = 0, seq: int = 0,
                 gone: int = 0, last_due: date | None = None, latest: date | None = None, lapsed_on: date | None = None,
                 spends: bool = True) -> None:
        self.id, self.is_member, self.floor, self.posted, self.seq, self.gone = id, is_member, floor, posted, seq, gone
        self.last_due, self.latest, self.lapsed_on, self.spends = last_due, latest, lapsed_on, spends


@dataclass(slots=True)
class Asked:
    """The accounts of a call, each once, and where each side of each line finds its own: debit, credit, debit, …"""

    accounts: list[Account]
    places: list[int]


def gather(entries: Sequence[Entry], today: date) -> Asked | None:
    accounts: list[Account] = []
    places: list[int] = []
    found: dict[tuple[str, str], int] = {}
    keys = {(entry.scope, entry.key) for entry in entries}
    if len(keys) < len(entries):
        return None
    for entry in entries:
        if entry.effective_on > today:
            return None
        first = len(places)
        for line in entry.transfers:
            for account in (line.debit, line.credit):
                name = account.commodity, account.code
                place = found.get(name)
                if place is None:
                    place = found[name] = len(accounts)
                    accounts.append(account)
                elif (known := accounts[place]) is not account and (
                        known.is_member != account.is_member or known.floor != account.floor
                        or known.expires_to != account.expires_to):
                    return None
                places.append(place)
        if len(entry.transfers) > 1 and any(accounts[place].is_member
                                            for place in {*places[first::2]} & {*places[first + 1::2]}):
            return None  # it gives and takes at once: the order of its lines matters
    return Asked(accounts, places)


class Batch:
    """What the entries come to: `transfers` (rows of Store.TRANSFER_COLUMNS but the last), `dues`, `outcomes`."""

    def __init__(self, today: date, closed_until: date | None, day_form: Callable[[date | None], Any],
                 null: Any = None) -> None:
        self.today, self.closed_until, self.day_form, self.null = today, closed_until, day_form, null
        self.transfers: list[Row] = []
        self.dues: dict[tuple[Any, date], int] = {}
        self.outcomes: list[Outcome] = []

    def book(self, entries: Sequence[Entry], ids: Sequence[UUID], native_ids: Sequence[Any],
             sides: Sequence[Standing], recorded_at: datetime) -> bool:
        """Book every entry on the standings of its sides. False: one is not plain, and what was booked is worthless."""
        today, closed_until, day_form, null, at = self.today, self.closed_until, self.day_form, self.null, 0
        add, tell = self.transfers.append, self.outcomes.append
        for entry, key, native in zip(entries, ids, native_ids, strict=True):
            day, guarded, number = entry.effective_on, not entry.may_go_below, 0
            if closed_until is not None and day <= closed_until:
                return False
            native_day = day_form(day)
            balances: dict[Account, tuple[int, int]] = {}
            for line in entry.transfers:
                debit, credit, amount, due = sides[at], sides[at + 1], line.amount, line.due_on
                at, number = at + 2, number + 1
                debit_seq = debit_after = credit_seq = credit_after = null
                if debit.is_member:
                    was, latest, lapsed_on = debit.posted, debit.latest, debit.lapsed_on
                    debit_after = debit.posted = was - amount
                    if not debit.spends or (lapsed_on is not None and lapsed_on >= day) or (
                            guarded and debit.floor is not None
                            and (debit_after < debit.floor or (latest is not None and latest > day))):
                        return False
                    debit_seq = debit.seq = debit.seq + 1
                    debit.gone += amount
                    if latest is None or day > latest:
                        debit.latest = day
                    balances[line.debit] = (
                        was if number == 1 else balances.get(line.debit, (was,))[0], debit_after)
                if credit.is_member:
                    was, latest = credit.posted, credit.latest
                    credit_after = credit.posted = was + amount
                    credit_seq = credit.seq = credit.seq + 1
                    if due is None or credit.last_due == NEVER:
                        credit.last_due, due = NEVER, None
                    else:
                        due = self.credited(credit, amount, due, today if day >= today else today + GRACE)
                    if latest is None or day > latest:
                        credit.latest = day
                    balances[line.credit] = (
                        was if number == 1 else balances.get(line.credit, (was,))[0], credit_after)
                add((native, number, debit.id, credit.id, line.debit.commodity, amount, native_day, day_form(due),
                     debit_seq, debit_after, credit_seq, credit_after))
            tell(Outcome(key, False, balances, None, recorded_at))
        return True

    def credited(self, member: Standing, amount: int, due: date, earliest: date) -> date | None:
        """The due day of a credit that lapses, as `expiry.due_day` has it; None: it never does."""
        due = max(due, earliest, member.last_due or due)
        member.last_due = due
        if due == NEVER:
            return None
        self.dues[member.id, due] = self.dues.get((member.id, due), 0) + amount
        return due
