"""What the machine knows of its book without asking it: what was asked for and answered, and each wallet as lots."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from ledger import Account, Entry, Hold
from ledger.expiry import EXPIRY_SCOPE
from tests.ledger.house import DONOR, GIVEN, SHELF, SPENT, hours, score, wallet
from tests.ledger.machine.laws import NEVER, days_end
from tests.ledger.machine.rows import Rows
from tests.properties.lots import Keeping, Lot, LotWalk, Spending

FIRST = date(2026, 3, 1)
CUTOFFS = [*(FIRST + timedelta(days=number) for number in (20, 45, 80)), NEVER]
WALLETS = [wallet("a"), wallet("b")]
MEMBERS = [*WALLETS, SHELF, hours("p"), score("a")]
BY_ID = {account.id.hex: account for account in [*MEMBERS, SPENT, DONOR, GIVEN]}


@dataclass
class Part:
    """A line as it was asked for, and what the walk made of its two sides. `left` of it is not taken back."""

    debit: Account
    credit: Account
    amount: int
    left: int
    due: date | None = None
    lot: Lot | None = None
    spending: Spending | None = None


@dataclass
class Posted:
    """A transaction that was acknowledged. `reverses` and `turns` (its own lines' originals) for a reversal."""

    entry: Entry
    id: UUID
    recorded_at: datetime
    parts: list[Part]
    balances: dict[Account, tuple[int, int]]
    reverses: UUID | None = None
    turns: list[int] = field(default_factory=list)


@dataclass
class Reserved:
    """A hold of ours, and its place in the walk. `over` is the day at whose noon it times out; None: a lease."""

    id: UUID
    asked: Hold
    keeping: int
    over: date | None
    ended_as: str | None = None

    @property
    def code(self) -> str:
        return self.asked.account.code


@dataclass
class Asserted:
    id: UUID
    owner: Account
    on: date
    amount: int
    at: datetime


class Model:
    def __init__(self) -> None:
        self.slow = {one.code: LotWalk() for one in WALLETS}
        self.posted: list[Posted] = []
        self.holds: list[Reserved] = []
        self.asserted: list[Asserted] = []
        self.told: dict[tuple[Account, date, datetime], int] = {}  # what was asked about the past, and answered
        self.lapses_on = True

    # -- facts ---------------------------------------------------------------------------------------------------
    def keeping(self, one: Reserved) -> Keeping:
        return self.slow[one.code].keepings[one.keeping]

    def learn(self, entry: Entry, made: UUID, at: datetime, day: date, balances: dict[Account, tuple[int, int]],
              captured: Reserved | None = None) -> Posted:
        """An entry that was accepted: its holds end, its debits spend, its credits become lots."""
        for code in {one.debit.code for one in entry.transfers if one.debit in WALLETS}:
            self.time_out(code, day)
        parts = []
        for one in entry.transfers:
            part = Part(one.debit, one.credit, one.amount, one.amount)
            if one.debit in WALLETS:
                slow = self.slow[one.debit.code]
                part.spending = (slow.capture(self.keeping(captured), one.amount, entry.effective_on) if captured
                                 else slow.spend(one.amount, entry.effective_on))
            if one.credit in WALLETS:
                part.lot = self.slow[one.credit.code].credit(one.amount, entry.effective_on, day, one.due_on or NEVER)
                part.due = None if part.lot.due == NEVER else part.lot.due
            parts.append(part)
        self.posted.append(Posted(entry, made, at, parts, balances))
        return self.posted[-1]

    def learn_reversal(self, of: Posted, chosen: dict[int, int], entry: Entry, made: UUID, at: datetime, day: date,
                       balances: dict[Account, tuple[int, int]]) -> None:
        """The lines of `of` that were taken back, last one first."""
        parts, turns = [], []
        for code in {of.parts[number - 1].credit.code for number in chosen
                     if of.parts[number - 1].credit in WALLETS}:
            self.time_out(code, day)
        for number in sorted(chosen, reverse=True):
            was, amount = of.parts[number - 1], chosen[number]
            if was.lot:
                self.slow[was.credit.code].take_back(was.lot, amount, entry.effective_on)
            if was.spending:
                self.slow[was.debit.code].give_back(was.spending, amount, entry.effective_on)
            was.left -= amount
            parts.append(Part(was.credit, was.debit, amount, 0, was.due))
            turns.append(number)
        self.posted.append(Posted(entry, made, at, parts, balances, of.id, turns))

    def over(self, code: str, today: date) -> list[Reserved]:
        """The open holds whose time is over, in the order in which it was."""
        found = [one for one in self.holds if one.code == code and one.ended_as is None
                 and one.over is not None and one.over <= today]
        return sorted(found, key=lambda one: (one.over, one.id))

    def time_out(self, code: str, today: date) -> None:
        """What a debit of the wallet does first: end its holds whose time is over, as of the day it was."""
        for one in self.over(code, today):
            assert one.over is not None
            self.slow[code].release(self.keeping(one), one.over)
            one.ended_as = "timed_out"

    def switch(self, on: bool) -> None:
        self.lapses_on = on
        for slow in self.slow.values():
            slow.lapses_on = on

    # -- forecasts -----------------------------------------------------------------------------------------------
    def available(self, code: str, today: date) -> int:
        """What a hold of today could set aside."""
        slow = self.as_of(code, today)
        slow.moment(today)
        return slow.balance() - slow.held()

    def as_of(self, code: str, today: date) -> LotWalk:
        """A copy of the walk on which the holds that are over have ended."""
        slow = self.slow[code].copy()
        for one in self.over(code, today):
            assert one.over is not None
            slow.release(slow.keepings[one.keeping], one.over)
        return slow

    def can_pay(self, entry: Entry, rows: Rows, today: date) -> bool | None:
        """Will it be accepted? None where only the days after its own can tell."""
        debited = {one.debit for one in entry.transfers if one.debit.is_member}
        for account in debited:
            if account.floor is None or entry.may_go_below:
                continue
            key, amount = account.id.hex, sum(one.amount for one in entry.transfers if one.debit == account)
            kept = rows.balances.get(key)
            if (kept and kept.last_effective_on and kept.last_effective_on > entry.effective_on) or any(
                    one.ended_as is None and one.reserved_at.date() > entry.effective_on
                    for one in rows.holds.values() if one.account_id == key):
                return None
            if account in WALLETS:
                slow = self.as_of(account.code, today)
                slow.spend(amount, entry.effective_on)
                if slow.balance() - slow.held() < 0:
                    return False
            elif (kept.posted if kept else 0) < amount:
                return False
        return True

    # -- the rows that were asked for -------------------------------------------------------------------------------
    def rows_are_what_was_asked(self, rows: Rows) -> None:
        """I4, I5, I6, I7: what was acknowledged stands there whole and once, and beside it only the ledger's lapses."""
        heads = {(head.scope, head.key): head for head in rows.heads.values() if head.scope != EXPIRY_SCOPE}
        assert len(self.posted) == len(heads)
        for one in self.posted:
            head, entry = heads[one.entry.scope, one.entry.key], one.entry
            assert (head.id, head.kind, head.effective_on, head.recorded_at, head.may_go_below, head.rule) == (
                one.id.hex, entry.kind, entry.effective_on, one.recorded_at, entry.may_go_below, entry.rule)
            assert head.reverses == (one.reverses.hex if one.reverses else None)
            lines = [rows.lines[head.id, number] for number in range(1, len(one.parts) + 1)]
            assert (head.id, len(one.parts) + 1) not in rows.lines
            assert [(line.debit_account, line.credit_account, line.amount) for line in lines] == [
                (part.debit.id.hex, part.credit.id.hex, part.amount) for part in one.parts]
            assert [line.due_on for line in lines if BY_ID.get(line.credit_account) in WALLETS] == [
                part.due for part in one.parts if part.credit in WALLETS]
            assert [line.reverses_line for line in lines] == (one.turns or [None] * len(lines))

    def wallets_are_their_lots(self, rows: Rows) -> None:
        for one in WALLETS:
            kept, slow = rows.balances.get(one.id.hex), self.slow[one.code]
            stands = (kept.posted, kept.held) if kept else (0, 0)
            assert stands == (slow.balance(), slow.held()), f"{one.code}: {stands}, walked {slow.balance()}"

    def holds_are_what_was_done(self, rows: Rows) -> None:
        assert {one.id.hex for one in self.holds} == rows.holds.keys()
        for one in self.holds:
            row = rows.holds[one.id.hex]
            assert (row.amount, row.captured, row.ended_as) == (
                one.asked.amount, one.asked.amount - self.keeping(one).left, one.ended_as)

    def balance_on(self, rows: Rows, owner: Account, on: date, known_at: datetime | None = None) -> int:
        """The fold by dates; with a moment, of what was a leaf by then."""
        known = {leaf.transaction_id for leaf in rows.leaves.values() if known_at and leaf.sealed_at <= known_at}
        return sum(side.amount for side in rows.sides().get(owner.id.hex, []) if side.line.effective_on <= on and (
            known_at is None or side.line.transaction_id in known))


def free_days(rows: Rows, owner: Account, first: date) -> list[tuple[date, int]]:
    """What of an account is free at the end of `first` and of each later day."""
    holds: dict[date, int] = {}
    for one in rows.holds.values():
        if one.account_id == owner.id.hex and one.ended_as is None:
            day = (one.reserved_at + timedelta(hours=8)).date()
            holds[day] = holds.get(day, 0) - one.amount + one.captured
    return days_end(rows.sides().get(owner.id.hex, []), holds, first)
