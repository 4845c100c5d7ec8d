"""The arithmetic behind the door: drafts in, rows out. Pure; the database comes before (loading) and after (writing).

A `Plan` holds a working copy of every locked balance row. `take(draft)` decides one draft on it: what must lapse first,
whether a floor breaks in sequence or at the end of any day from the draft's on, and the rows to write. A refusal
leaves the plan as it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import uuid_utils

from ledger.days import NEVER, ONE_DAY
from ledger.drafts import Draft, DraftLine, hash_of
from ledger.errors import BelowFloor, FutureDay
from ledger.expiry import (
    EXPIRY_SCOPE,
    GIVEN_BACK_KIND,
    LAPSED_KIND,
    GiveBack,
    Move,
    Role,
    due_day,
    lapses,
    over_lapsed,
)
from ledger.records import Account


def new_id() -> UUID:
    """A UUIDv7: random, and in order of creation."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


@dataclass(slots=True)
class Member:
    """The working copy of one member account. `days`, `dues` and `moves` hold what was loaded because it may matter."""

    account: Account
    account_id: UUID
    floor: int | None
    expires_to: UUID | None
    posted: int
    held: int
    last_seq: int
    out_total: int
    last_due_on: date | None
    last_effective_on: date | None
    last_lapse_on: date | None
    days: dict[date, int] = field(default_factory=dict)  # signed sums of days after the batch's first
    dues: dict[date, int] = field(default_factory=dict)
    due_changes: dict[date, int] = field(default_factory=dict)
    moves: list[Move] | None = None

    def copy(self) -> Member:
        return replace(self, days=dict(self.days), dues=dict(self.dues), due_changes=dict(self.due_changes),
                       moves=None if self.moves is None else list(self.moves))

    def changed(self) -> tuple[Any, ...]:
        """The row for `Store.update_balances`."""
        return (self.account_id, self.posted, self.last_seq, self.out_total, self.last_due_on,
                self.last_effective_on, self.last_lapse_on)

    def note(self, role: Role, amount: int, effective_on: date, due_on: date | None,
             source: tuple[UUID, int] | None = None, lapsed_to: UUID | None = None) -> tuple[int, int]:
        """Book one line on the copy; its sequence number and the balance after it."""
        coming = role in (Role.CREDIT, Role.RETURNED, Role.GIVEN_BACK)
        self.posted += amount if coming else -amount
        self.last_seq += 1
        if role in (Role.CREDIT, Role.TAKEN_BACK):
            if due_on is not None:
                change = amount if coming else -amount
                self.dues[due_on] = self.dues.get(due_on, 0) + change
                self.due_changes[due_on] = self.due_changes.get(due_on, 0) + change
        else:
            self.out_total += -amount if coming else amount
        if role is Role.CREDIT:
            self.last_due_on = NEVER if due_on is None else due_on
        self.days[effective_on] = self.days.get(effective_on, 0) + (amount if coming else -amount)
        self.last_effective_on = max(effective_on, self.last_effective_on or effective_on)
        if self.moves is not None:
            self.moves.append(Move(self.last_seq, role, amount, effective_on, due_on, source, lapsed_to))
        return self.last_seq, self.posted

    def returned(self) -> list[tuple[date, int]]:
        return [(move.effective_on, move.amount) for move in self.moves or () if move.role is Role.RETURNED]

    def overdue(self, before: date) -> int:
        """At most so much lapsed before the day and is not posted; 0 means nothing did."""
        return sum(amount for day, amount in self.dues.items() if day < before) - self.out_total


@dataclass(slots=True)
class Decision:
    """What a draft was given: its id, each member's balance before and after its own lines, what lapsed first."""

    transaction_id: UUID
    balances: dict[Account, tuple[int, int]]
    lapsed: dict[Account, int]


class Plan:
    """One call's worth of decisions. `transactions` and `transfers` collect the rows, in posting order."""

    def __init__(self, members: dict[UUID, Member], today: date, lapses_on: bool) -> None:
        self.members, self.today, self.lapses_on = members, today, lapses_on
        self.transactions: list[tuple[Any, ...]] = []
        self.transfers: list[tuple[Any, ...]] = []
        self.touched: set[UUID] = set()

    def take(self, draft: Draft) -> Decision:
        """Decide one draft. Raises FutureDay or BelowFloor and then has changed nothing."""
        if draft.effective_on > self.today:
            raise FutureDay(draft.effective_on, self.today)
        nets = self._nets(draft)
        may_fail = not draft.may_go_below and any(net.debits and self.members[key].floor is not None
                                                  for key, net in nets.items())
        before = {key: self.members[key].copy() for key in nets} if may_fail else {}
        marks = len(self.transactions), len(self.transfers), set(self.touched)
        try:
            lapsed = self._settle_expiry(draft, nets)
            if may_fail:
                self._check_days(draft, nets)
            return self._write(draft, nets, lapsed)
        except BelowFloor:
            self.members.update(before)
            self.touched = marks[2]
            del self.transactions[marks[0]:], self.transfers[marks[1]:]
            raise

    def lapse(self, member: Member, before: date) -> int:
        """Post everything that lapsed before the day; how much."""
        if member.expires_to is None or not self.lapses_on or member.overdue(before) <= 0:
            return 0
        found = lapses(member.dues, member.out_total, member.returned(), before)
        for cutoff, amount in found:
            self._post_lapse(member, cutoff, amount)
        return sum(amount for _, amount in found)

    # -- one draft -------------------------------------------------------------------------------------------
    def _nets(self, draft: Draft) -> dict[UUID, Net]:
        nets: dict[UUID, Net] = {}
        for line in draft.lines:
            if line.debit.is_member:
                net = nets.setdefault(line.debit.id, Net(line.debit))
                net.debits += line.amount
                if line.reverses_line is None:
                    net.spent += line.amount
                elif line.due_on is not None:
                    net.taken_back[line.due_on] = net.taken_back.get(line.due_on, 0) + line.amount
            if line.credit.is_member:
                nets.setdefault(line.credit.id, Net(line.credit)).credits += line.amount
        return nets

    def _settle_expiry(self, draft: Draft, nets: dict[UUID, Net]) -> dict[Account, int]:
        """Before a debit: give back what lapsed too much in its light, then post what lapsed before its day."""
        lapsed: dict[Account, int] = {}
        for key, net in nets.items():
            member = self.members[key]
            if not net.debits:
                continue
            if member.moves is not None and member.last_lapse_on is not None:
                late = (draft.effective_on, net.spent) if net.spent else None
                for back in over_lapsed(member.moves, net.taken_back, late):
                    self._post_give_back(member, back, draft.effective_on)
            for day, amount in net.taken_back.items():
                member.dues[day] = member.dues.get(day, 0) - amount
            if amount := self.lapse(member, draft.effective_on):
                lapsed[net.account] = amount
            for day, amount in net.taken_back.items():
                member.dues[day] += amount
        return lapsed

    def _check_days(self, draft: Draft, nets: dict[UUID, Net]) -> None:
        """Floors at the end of the draft's day, of every later day, and now (less what is held)."""
        for key, net in nets.items():
            member, change = self.members[key], net.credits - net.debits
            if member.floor is None or not net.debits or change >= 0:
                continue
            for day, balance in self._ends_of_days(member, draft.effective_on):
                if balance + change < member.floor:
                    raise BelowFloor(member.account, -change, balance - member.floor, day, member.held)
            available = member.posted - member.held - member.floor
            if available + change < 0:
                raise BelowFloor(member.account, -change, available, draft.effective_on, member.held)

    def _ends_of_days(self, member: Member, first: date) -> Iterator[tuple[date, int]]:
        later = sorted(day for day in member.days if day > first)
        balance = member.posted - sum(member.days[day] for day in later)
        yield first, balance
        for day in later:
            balance += member.days[day]
            yield day, balance

    def _write(self, draft: Draft, nets: dict[UUID, Net], lapsed: dict[Account, int]) -> Decision:
        transaction_id = new_id()
        before = {key: self.members[key].posted for key in nets}
        self.transactions.append((
            transaction_id, draft.scope, draft.key, draft.kind, draft.content_hash, draft.effective_on,
            draft.party.household, draft.party.person, draft.rule, draft.place, draft.reverses, draft.may_go_below,
            draft.meta))
        for number, line in enumerate(draft.lines, start=1):
            self._write_line(transaction_id, number, draft, line)
        balances = {net.account: (before[key], self.members[key].posted) for key, net in nets.items()}
        return Decision(transaction_id, balances, lapsed)

    def _write_line(self, transaction_id: UUID, number: int, draft: Draft, line: DraftLine) -> None:
        debit = self.members.get(line.debit.id) if line.debit.is_member else None
        credit = self.members.get(line.credit.id) if line.credit.is_member else None
        reversing, day = line.reverses_line is not None, draft.effective_on
        due_on = line.due_on
        debit_seq = debit_after = credit_seq = credit_after = None
        if credit is not None and not reversing:
            due = due_day(due_on, credit.last_due_on, day, self.today)
            due_on = None if due == NEVER else due
        if debit is not None:
            self._check_sequence(debit, line.amount, draft)
            debit_seq, debit_after = debit.note(Role.TAKEN_BACK if reversing else Role.DEBIT, line.amount, day, due_on)
            self.touched.add(debit.account_id)
        if credit is not None:
            credit_seq, credit_after = credit.note(Role.RETURNED if reversing else Role.CREDIT, line.amount, day,
                                                   due_on)
            self.touched.add(credit.account_id)
        self.transfers.append((transaction_id, number, line.debit.id, line.credit.id, line.debit.commodity,
                               line.amount, day, due_on, debit_seq, debit_after, credit_seq, credit_after,
                               line.reverses_line))

    def _check_sequence(self, member: Member, amount: int, draft: Draft) -> None:
        """Lines of one transaction stand in order too: value cannot leave before it has come."""
        if member.floor is None or draft.may_go_below:
            return
        if member.posted - member.held - amount < member.floor:
            raise BelowFloor(member.account, amount, member.posted - member.held - member.floor,
                             draft.effective_on, member.held)

    # -- lapses ----------------------------------------------------------------------------------------------
    def _post_lapse(self, member: Member, cutoff: date, amount: int) -> None:
        assert member.expires_to is not None
        transaction_id, day = new_id(), cutoff + ONE_DAY
        seq, after = member.note(Role.LAPSED, amount, day, None, (transaction_id, 1), member.expires_to)
        member.last_lapse_on = max(cutoff, member.last_lapse_on or cutoff)
        self._own(transaction_id, LAPSED_KIND, member, seq, day, amount, None)
        self.transfers.append((transaction_id, 1, member.account_id, member.expires_to, member.account.commodity,
                               amount, day, None, seq, after, None, None, None))

    def _post_give_back(self, member: Member, back: GiveBack, effective_on: date) -> None:
        transaction_id, day = new_id(), max(back.lapsed_effective_on, effective_on)
        seq, after = member.note(Role.GIVEN_BACK, back.amount, day, None, back.source)
        self._own(transaction_id, GIVEN_BACK_KIND, member, seq, day, back.amount, back.source[0])
        self.transfers.append((transaction_id, 1, back.lapsed_to, member.account_id, member.account.commodity,
                               back.amount, day, None, None, None, seq, after, back.source[1]))

    def _own(self, transaction_id: UUID, kind: str, member: Member, seq: int, day: date, amount: int,
             reverses: UUID | None) -> None:
        """The row of a transaction the ledger posts by itself; its key cannot come twice, as its sequence cannot."""
        content = hash_of(kind, member.account_id, seq, day, amount, reverses)
        self.transactions.append((transaction_id, EXPIRY_SCOPE, f"{member.account_id}:{seq}", kind, content, day,
                                  None, None, None, None, reverses, False, "{}"))
        self.touched.add(member.account_id)


@dataclass(slots=True)
class Net:
    """What a draft does to one member account in all."""

    account: Account
    debits: int = 0
    credits: int = 0
    spent: int = 0  # debits that take back no credit
    taken_back: dict[date, int] = field(default_factory=dict)  # credits reversed, by due day
