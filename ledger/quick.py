"""The quick arithmetic: what `Plan.take` decides for a plain draft, in one pass over its lines.

Plain is what needs nothing but sums: no reversal, no capture, nothing held, lapsed or back-dated where it is debited,
no account that gives and takes at once. Whatever is not plain, and every refusal, goes to `Plan.take`, which is the
law; the two work on the same copies, so a batch may hold both. A test drives them with the same input.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ledger.days import LATE_GRACE_DAYS, NEVER, ONE_DAY
from ledger.drafts import Draft, DraftLine
from ledger.planning import Decision, Member, Plan, new_id
from ledger.records import Account


class QuickPlan(Plan):
    """A `Plan` that knows a shorter way for plain drafts."""

    def take(self, draft: Draft) -> Decision:
        if draft.reverses is None and not draft.captures and draft.effective_on <= self.today and (
                self.closed_until is None or draft.effective_on > self.closed_until):
            debits = self.plain_debits(draft)
            if debits is not None:
                return self.book(draft, debits)
        return super().take(draft)

    def plain_debits(self, draft: Draft) -> dict[UUID, int] | None:
        """What each member gives in all; None when the draft is not plain."""
        debits: dict[UUID, int] = {}
        credited: set[UUID] = set()
        members, day = self.members, draft.effective_on
        for line in draft.lines:
            if line.debit.is_member:
                key = line.debit.id
                debits[key] = debits.get(key, 0) + line.amount
            if line.credit.is_member:
                key = line.credit.id
                if members[key].moves is not None:
                    return None
                credited.add(key)
        for key, amount in debits.items():
            member = members[key]
            if (member.held or member.holds or member.moves is not None or key in credited
                    or (member.floor is not None and not draft.may_go_below
                        and (member.posted - amount < member.floor
                             or (member.last_effective_on is not None and member.last_effective_on > day)))
                    or (member.last_lapse_on is not None and member.last_lapse_on >= day)
                    or (member.expires_to is not None and member.overdue(day) > 0)):
                return None
        return debits

    def book(self, draft: Draft, debits: dict[UUID, int]) -> Decision:
        transaction_id, day, members, touched = new_id(), draft.effective_on, self.members, self.touched
        party = draft.party
        self.transactions.append((
            transaction_id, draft.scope, draft.key, draft.kind, draft.content_hash, day, party.household,
            party.person, draft.rule, draft.place, None, draft.may_go_below, draft.meta))
        balances: dict[Account, tuple[int, int]] = {}
        for number, line in enumerate(draft.lines, start=1):
            debit, credit, amount = line.debit, line.credit, line.amount
            debit_key, credit_key, due_on = debit.id, credit.id, line.due_on
            debit_seq = debit_after = credit_seq = credit_after = None
            if debit.is_member:
                member = members[debit_key]
                was = member.posted
                debit_after = member.posted = was - amount
                debit_seq = member.last_seq = member.last_seq + 1
                member.out_total += amount
                seen(member, day, -amount)
                touched.add(debit_key)
                balances[debit] = balances[debit][0] if debit in balances else was, debit_after
            if credit.is_member:
                member = members[credit_key]
                was = member.posted
                credit_after = member.posted = was + amount
                credit_seq = member.last_seq = member.last_seq + 1
                due_on = self.credited(member, line, day)
                seen(member, day, amount)
                touched.add(credit_key)
                balances[credit] = balances[credit][0] if credit in balances else was, credit_after
            self.transfers.append((transaction_id, number, debit_key, credit_key, debit.commodity, amount, day, due_on,
                                   debit_seq, debit_after, credit_seq, credit_after, None))
        return Decision(transaction_id, balances, {})

    def credited(self, member: Member, line: DraftLine, day: date) -> date | None:
        """Book the due day of a credit as `expiry.due_day` has it; None: it never lapses."""
        due, previous, today = line.due_on, member.last_due_on, self.today
        if due is None or previous == NEVER:
            member.last_due_on = NEVER
            return None
        due = max(due, today + LATE_GRACE_DAYS * ONE_DAY if day < today else today, previous or due)
        member.last_due_on = due
        if due == NEVER:
            return None
        member.dues[due] = member.dues.get(due, 0) + line.amount
        member.due_changes[due] = member.due_changes.get(due, 0) + line.amount
        return due


def seen(member: Member, day: date, change: int) -> None:
    """The day's sum, and the latest day."""
    member.days[day] = member.days.get(day, 0) + change
    if member.last_effective_on is None or day > member.last_effective_on:
        member.last_effective_on = day
