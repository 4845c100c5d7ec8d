"""The quick arithmetic: what `Plan.take` decides for a plain draft, in one pass over its lines.

Plain is what needs nothing but sums: no reversal, no capture, nothing held, lapsed or back-dated where it is debited,
no account that gives and takes at once. Whatever is not plain, and every refusal, goes to `Plan.take`, which is the
law; the two work on the same copies, so a batch may hold both. A test drives them with the same input.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ledger.days import LATE_GRACE_DAYS, NEVER, ONE_DAY
from ledger.drafts import Draft
from ledger.planning import Decision, Member, Plan, new_id
from ledger.records import Account

GRACE = LATE_GRACE_DAYS * ONE_DAY


class QuickPlan(Plan):
    """A `Plan` that knows a shorter way for plain drafts. Finds accounts by their names: an id takes long to hash."""

    def __init__(self, members: dict[UUID, Member], today: date, lapses_on: bool, closed_until: date | None = None,
                 now: datetime | None = None) -> None:
        super().__init__(members, today, lapses_on, closed_until, now)
        self.named = {(one.account.commodity, one.account.code): one for one in members.values()}
        self.booked: dict[int, Member] = {}

    def touched_members(self) -> list[Member]:
        self.touched.update([member.account_id for member in self.booked.values()])
        return super().touched_members()

    def take(self, draft: Draft) -> Decision:
        if draft.reverses is None and not draft.captures and draft.effective_on <= self.today and (
                self.closed_until is None or draft.effective_on > self.closed_until):
            sides = [(self.side(line.debit), self.side(line.credit)) for line in draft.lines]
            if self.is_plain(draft, sides):
                return self.book(draft, sides)
        return super().take(draft)

    def side(self, account: Account) -> Member | None:
        return self.named[account.commodity, account.code] if account.is_member else None

    def is_plain(self, draft: Draft, sides: list[tuple[Member | None, Member | None]]) -> bool:
        day = draft.effective_on
        debits: dict[int, int] = {}
        for line, (debit, credit) in zip(draft.lines, sides, strict=True):
            if credit is not None and credit.moves is not None:
                return False
            if debit is None:
                continue
            amount = debits[id(debit)] = debits.get(id(debit), 0) + line.amount
            if (debit.held or debit.holds or debit.moves is not None
                    or (debit.floor is not None and not draft.may_go_below
                        and (debit.posted - amount < debit.floor
                             or (debit.last_effective_on is not None and debit.last_effective_on > day)))
                    or (debit.last_lapse_on is not None and debit.last_lapse_on >= day)
                    or (debit.expires_to is not None and debit.overdue(day) > 0)):
                return False
        return len(sides) == 1 or not any(id(credit) in debits for _, credit in sides)

    def book(self, draft: Draft, sides: list[tuple[Member | None, Member | None]]) -> Decision:
        transaction_id, day, party, booked = new_id(), draft.effective_on, draft.party, self.booked
        self.transactions.append((
            transaction_id, draft.scope, draft.key, draft.kind, draft.content_hash, day, party.household,
            party.person, draft.rule, draft.place, None, draft.may_go_below, draft.meta))
        balances: dict[Account, tuple[int, int]] = {}
        for number, (line, (debit, credit)) in enumerate(zip(draft.lines, sides, strict=True), start=1):
            amount, due_on = line.amount, line.due_on
            debit_seq = debit_after = credit_seq = credit_after = None
            if debit is not None:
                was = debit.posted
                debit_after = debit.posted = was - amount
                debit_seq = debit.last_seq = debit.last_seq + 1
                debit.out_total += amount
                seen(debit, day, -amount)
                booked[id(debit)] = debit
                balances[line.debit] = (balances[line.debit][0] if number > 1 and line.debit in balances else was,
                                        debit_after)
            if credit is not None:
                was = credit.posted
                credit_after = credit.posted = was + amount
                credit_seq = credit.last_seq = credit.last_seq + 1
                due_on = self.credited(credit, amount, due_on, day)
                seen(credit, day, amount)
                booked[id(credit)] = credit
                balances[line.credit] = (balances[line.credit][0] if number > 1 and line.credit in balances else was,
                                         credit_after)
            self.transfers.append((
                transaction_id, number, line.debit.id if debit is None else debit.account_id,
                line.credit.id if credit is None else credit.account_id, line.debit.commodity, amount, day, due_on,
                debit_seq, debit_after, credit_seq, credit_after, None))
        return Decision(transaction_id, balances, {})

    def credited(self, member: Member, amount: int, due: date | None, day: date) -> date | None:
        """Book the due day of a credit as `expiry.due_day` has it; None: it never lapses."""
        previous, today = member.last_due_on, self.today
        if due is None or previous == NEVER:
            member.last_due_on = NEVER
            return None
        due = max(due, today + GRACE if day < today else today, previous or due)
        member.last_due_on = due
        if due == NEVER:
            return None
        member.dues[due] = member.dues.get(due, 0) + amount
        member.due_changes[due] = member.due_changes.get(due, 0) + amount
        return due


def seen(member: Member, day: date, change: int) -> None:
    """The day's sum, and the latest day."""
    member.days[day] = member.days.get(day, 0) + change
    if member.last_effective_on is None or day > member.last_effective_on:
        member.last_effective_on = day
