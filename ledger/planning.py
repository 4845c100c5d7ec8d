"""The arithmetic behind the door: drafts in, rows out. Pure; the database comes before (loading) and after (writing).

A `Plan` holds a working copy of every locked balance row. `take(draft)` decides one draft on it: whether its month is
open, which holds have timed out, what must lapse first, whether a floor breaks in sequence or at the end of any day
from the draft's on, and the rows to write. A refusal leaves the plan as it was.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import uuid_utils

from ledger.days import NEVER, ONE_DAY, month_of, shanghai_day
from ledger.drafts import Draft, DraftLine, hash_of
from ledger.errors import BelowFloor, FutureDay, PeriodClosed
from ledger.expiry import (
    EXPIRY_SCOPE,
    GIVEN_BACK_KIND,
    LAPSED_KIND,
    GiveBack,
    Move,
    Role,
    Span,
    due_day,
    lapses,
    over_lapsed,
)
from ledger.held import CAPTURED, TIMED_OUT, Held, Share
from ledger.records import Account

_bare, _set, _UNKNOWN = object.__new__, object.__setattr__, uuid.SafeUUID.unknown


def new_id() -> UUID:
    """A UUIDv7: random, and in order of creation."""
    made = _bare(UUID)
    _set(made, "int", uuid_utils.uuid7().int)  # UUID() checks and converts what is right already: twice the time
    _set(made, "is_safe", _UNKNOWN)
    return made


@dataclass(slots=True)
class Member:
    """The working copy of one member account. `days`, `dues`, `holds` (the open ones), `moves` and `spans` (holds that
    ended) are what was loaded because it may matter.
    """

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
    holds: dict[UUID, Held] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)

    def copy(self) -> Member:
        return replace(self, days=dict(self.days), dues=dict(self.dues), due_changes=dict(self.due_changes),
                       moves=None if self.moves is None else list(self.moves), holds=dict(self.holds),
                       spans=list(self.spans))

    def restore(self, before: Member) -> None:
        """Stand again as the copy says."""
        for one in fields(self):
            setattr(self, one.name, getattr(before, one.name))

    def changed(self) -> tuple[Any, ...]:
        """The row for `Store.update_balances`."""
        return (self.account_id, self.posted, self.held, self.last_seq, self.out_total, self.last_due_on,
                self.last_effective_on, self.last_lapse_on)

    def note(self, role: Role, amount: int, effective_on: date, due_on: date | None,
             source: tuple[UUID, int] | None = None, lapsed_to: UUID | None = None,
             since: int | None = None) -> tuple[int, int]:
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
            self.moves.append(Move(self.last_seq, role, amount, effective_on, due_on, source, lapsed_to, since))
        return self.last_seq, self.posted

    def returned(self) -> list[tuple[date, int]]:
        return [(move.effective_on, move.amount) for move in self.moves or () if move.role is Role.RETURNED]

    def overdue(self, before: date) -> int:
        """At most so much lapsed before the day and is not posted; 0 means nothing did."""
        return sum(amount for day, amount in self.dues.items() if day < before) - self.out_total - self.held

    def free_at_end_of_days(self, first: date) -> Iterator[tuple[date, int]]:
        """The balance less what was held by then, at the end of `first` and of every later day that has anything."""
        days = dict(self.days)
        for hold in self.holds.values():
            days[hold.reserved_on] = days.get(hold.reserved_on, 0) - hold.left
        later = sorted(day for day in days if day > first)
        free = self.posted - self.held - sum(days[day] for day in later)
        yield first, free
        for day in later:
            free += days[day]
            yield day, free

    def held_spans(self, without: Share | None = None) -> list[Span]:
        """Every span in which something was held; of an open hold without what a share takes out of it now."""
        taken = {without.hold_id: without.amount} if without else {}
        return self.spans + [replace(hold.span(), amount=hold.left - taken.get(hold.id, 0))
                             for hold in self.holds.values()]


@dataclass(slots=True)
class Decision:
    """What a draft was given: its id, each member's balance before and after its own lines, what lapsed first."""

    transaction_id: UUID
    balances: dict[Account, tuple[int, int]]
    lapsed: dict[Account, int]


class Plan:
    """One call's worth of decisions. `transactions` and `transfers` collect the rows, in posting order."""

    def __init__(self, members: dict[UUID, Member], today: date, lapses_on: bool, closed_until: date | None = None,
                 now: datetime | None = None) -> None:
        self.members, self.today, self.lapses_on = members, today, lapses_on
        self.closed_until, self.now = closed_until, now
        self.transactions: list[tuple[Any, ...]] = []
        self.transfers: list[tuple[Any, ...]] = []
        self.captures: list[tuple[Any, ...]] = []
        self.holds: dict[UUID, Held] = {}  # those that changed
        self.touched: set[UUID] = set()

    def take(self, draft: Draft) -> Decision:
        """Decide one draft. Raises FutureDay, PeriodClosed or BelowFloor and then has changed nothing."""
        if draft.effective_on > self.today:
            raise FutureDay(draft.effective_on, self.today)
        if self.closed_until is not None and draft.effective_on <= self.closed_until:
            raise PeriodClosed(draft.effective_on, month_of(draft.effective_on), self.closed_until + ONE_DAY)
        nets = self._nets(draft)
        may_fail = not draft.may_go_below and any(net.debits and self.members[key].floor is not None
                                                  for key, net in nets.items())
        before = {key: self.members[key].copy() for key in nets} if may_fail else {}
        marks = len(self.transactions), len(self.transfers), set(self.touched), dict(self.holds)
        try:
            for key, net in nets.items():
                if net.debits and self.members[key].holds:
                    self.time_out(self.members[key])
            lapsed = self._settle_expiry(draft, nets)
            for share in draft.captures:
                self._let_go(share)
            if may_fail:
                self._check_days(draft, nets)
            made = self._write(draft, nets, lapsed)
        except BelowFloor:
            for key, copy in before.items():
                self.members[key].restore(copy)
            self.touched, self.holds = marks[2], marks[3]
            del self.transactions[marks[0]:], self.transfers[marks[1]:]
            raise
        self.captures += [(made.transaction_id, share.account_id, share.hold_id, share.amount, share.since_seq)
                          for share in draft.captures]
        return made

    def touched_members(self) -> list[Member]:
        """Those whose rows change, in account order."""
        return [self.members[key] for key in sorted(self.touched, key=attrgetter("int"))]

    def lapse(self, member: Member, before: date, on: date | None = None) -> int:
        """Post everything that lapsed before the day; how much. It takes effect the day after, but not before `on`,
        and never in a closed month.
        """
        if member.expires_to is None or not self.lapses_on or member.overdue(before) <= 0:
            return 0
        first_open = before if self.closed_until is None else self.closed_until + ONE_DAY
        if first_open > self.today:
            return 0  # told to work on a day that is closed already: left to the next one
        found = lapses(member.dues, member.out_total + member.held, member.returned(), before)
        for cutoff, amount in found:
            day = max(cutoff + ONE_DAY, on or cutoff)
            self._post_lapse(member, cutoff, amount, day if self.closed_until is None else max(day, first_open))
        return sum(amount for _, amount in found)

    # -- holds -----------------------------------------------------------------------------------------------
    def time_out(self, member: Member) -> int:
        """End the holds whose time is over, as of the moment it was; how many."""
        over = [] if self.now is None else [hold for hold in member.holds.values() if hold.timed_out(self.now)]
        for hold in sorted(over, key=lambda hold: (hold.lapses_at, hold.id)):
            assert hold.lapses_at is not None
            self.end_hold(member, hold, TIMED_OUT, shanghai_day(hold.lapses_at))
        return len(over)

    def end_hold(self, member: Member, hold: Held, how: str, on: date) -> None:
        """Hand back what is left of a hold. What of it fell due meanwhile lapses at once, effective on that day."""
        if hold.left:
            self.lapse(member, on)  # what lapsed beside it, lapsed while it stood
        member.held -= hold.left
        del member.holds[hold.id]
        ended = self.holds[hold.id] = replace(hold, ended_as=how, until_seq=member.last_seq)
        self.touched.add(member.account_id)
        if hold.left:
            member.spans.append(ended.span())
            self.lapse(member, on, on)

    def _let_go(self, share: Share) -> None:
        """Free what a capture is about to take, in the same breath: nobody else can have it. The rest, where it is not
        kept, goes back first, while what is taken still stands and so does not lapse with it.
        """
        member = self.members[share.account_id]
        hold = member.holds[share.hold_id]
        hold = replace(hold, captured=hold.captured + share.amount)
        if hold.left and share.keep_rest:
            member.holds[hold.id] = self.holds[hold.id] = hold
        else:
            self.end_hold(member, hold, CAPTURED, self.today)
        member.held -= share.amount

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
                share = next((one for one in draft.captures if one.account_id == key), None)
                late = [Move(member.last_seq + 1, Role.DEBIT, net.spent, draft.effective_on, None,
                             since=share.since_seq if share else None)] if net.spent else []
                for back in over_lapsed(member.moves, net.taken_back, late, member.held_spans(share)):
                    self._post_give_back(member, back, draft.effective_on)
            for day, amount in net.taken_back.items():
                member.dues[day] = member.dues.get(day, 0) - amount
            if amount := self.lapse(member, draft.effective_on):
                lapsed[net.account] = amount
            for day, amount in net.taken_back.items():
                member.dues[day] += amount
        return lapsed

    def _check_days(self, draft: Draft, nets: dict[UUID, Net]) -> None:
        """Floors at the end of the draft's day, of every later day, and now, each less what is held then."""
        for key, net in nets.items():
            member, change = self.members[key], net.credits - net.debits
            if member.floor is None or not net.debits or change >= 0:
                continue
            for day, free in member.free_at_end_of_days(draft.effective_on):
                if free + change < member.floor:
                    raise BelowFloor(member.account, -change, free - member.floor, day, member.held)
            available = member.posted - member.held - member.floor
            if available + change < 0:
                raise BelowFloor(member.account, -change, available, draft.effective_on, member.held)

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
            since = next((one.since_seq for one in draft.captures if one.account_id == debit.account_id), None)
            debit_seq, debit_after = debit.note(Role.TAKEN_BACK if reversing else Role.DEBIT, line.amount, day, due_on,
                                                since=since)
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
    def _post_lapse(self, member: Member, cutoff: date, amount: int, day: date) -> None:
        assert member.expires_to is not None
        transaction_id, due_on = new_id(), None if day == cutoff + ONE_DAY else cutoff
        seq, after = member.note(Role.LAPSED, amount, day, due_on, (transaction_id, 1), member.expires_to)
        member.last_lapse_on = max(cutoff, member.last_lapse_on or cutoff)
        self._own(transaction_id, LAPSED_KIND, member, seq, day, amount, None)
        self.transfers.append((transaction_id, 1, member.account_id, member.expires_to, member.account.commodity,
                               amount, day, due_on, seq, after, None, None, None))

    def _post_give_back(self, member: Member, back: GiveBack, effective_on: date) -> None:
        transaction_id, day = new_id(), max(back.lapsed_effective_on, effective_on)
        seq, after = member.note(Role.GIVEN_BACK, back.amount, day, None, back.source)
        self._own(transaction_id, GIVEN_BACK_KIND, member, seq, day, back.amount, back.source[0])
        self.transfers.append((transaction_id, 1, back.lapsed_to, member.account_id, member.account.commodity,
                               back.amount, day, back.due_on, None, None, seq, after, back.source[1]))

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
