"""Deeds that set aside: holds with a time, leases without one, captures of a part or all, releases, timeouts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from hypothesis import strategies as st
from sqlalchemy import Connection

import ledger
from ledger import BelowFloor, Hold, HoldEnded, HoldTimedOut, KeyReused, MoreThanHeld, Outcome, PeriodClosed, Transfer
from tests.ledger.house import SPENT, noon
from tests.ledger.machine.deeds import Deeds, amounts, days, deed, weeks, which, which_wallet
from tests.ledger.machine.model import WALLETS, Reserved


class Reservations(Deeds):
    @deed(4, who=which_wallet, amount=amounts, lasts=st.integers(0, 20))
    def hold(self, who: int, amount: int, lasts: int) -> None:
        """For some days, or, with none, a lease."""
        mine, over, at = WALLETS[who], self.day + timedelta(days=lasts) if lasts else None, self.now()
        wanted = Hold("machine", str(uuid4()), mine, amount, noon(over) if over else None)

        def act(connection: Connection) -> ledger.HoldOutcome:
            return ledger.hold(connection, self.book, wanted, recorded_at=at)

        available = self.model.available(mine.code, self.day)
        if amount > available:
            said = self.refused(act, BelowFloor)
            assert (said.account, said.needed, said.available) == (mine, amount, available)  # type: ignore
            return
        made = self.write(act)
        assert not made.replay and made.available == available - amount
        slow = self.model.slow[mine.code]
        self.model.time_out(mine.code, self.day)
        slow.hold(amount, self.day)
        self.model.holds.append(Reserved(made.hold.id, wanted, len(slow.keepings) - 1, over))

    @deed(2, who=which_wallet, amount=amounts, passed=weeks, captured=st.booleans())
    def hold_over_a_due_day(self, who: int, amount: int, passed: int, captured: bool) -> None:
        """What is held does not lapse; what is handed back after its day lapses then, unless it was captured."""
        held = len(self.model.holds)
        self.hold(who, max(1, min(3 * amount, self.model.available(WALLETS[who].code, self.day))), 0)
        self.every_law_holds()
        getattr(self, "sweep")(passed)  # noqa: B009  (a deed of the house)
        self.every_law_holds()
        if captured:
            self.capture(held, amount, 0, False, 2)
        else:
            self.release(held)

    @deed(1, number=which)
    def hold_again(self, number: int) -> None:
        if not self.model.holds:
            return
        one, at = self.model.holds[number % len(self.model.holds)], self.now()
        if one.asked.expires_at is not None and one.asked.expires_at <= at:
            at = one.asked.expires_at - timedelta(seconds=1)  # as a till whose clock is behind would ask
        again = self.write(lambda connection: ledger.hold(connection, self.book, one.asked, recorded_at=at))
        assert (again.replay, again.hold.id) == (True, one.id)
        self.nothing_moved()
        other = replace(one.asked, amount=one.asked.amount + 1)
        self.refused(lambda connection: ledger.hold(connection, self.book, other, recorded_at=at), KeyReused)

    @deed(4, number=which, amount=amounts, ago=days, keep_rest=st.booleans(), more=st.integers(0, 5))
    def capture(self, number: int, amount: int, ago: int, keep_rest: bool, more: int) -> None:
        if not self.model.holds:
            self.hold(number % 2, amount, ago)
            return
        one, about, at = self.model.holds[number % len(self.model.holds)], self.about(ago), self.now()
        left, owner = self.model.keeping(one).left, one.asked.account
        part = left + 1 if more == 0 else max(1, left if more == 1 else min(amount, left))
        sale = self.entry("captured", about, Transfer(owner, SPENT, part))

        def act(connection: Connection, forced: bool = False) -> Outcome:
            entry = replace(sale, may_go_below=True) if forced else sale
            return ledger.capture(connection, self.book, one.id, entry, recorded_at=at, keep_rest=keep_rest)

        late = one.over is not None and one.over <= self.day
        if one.ended_as == "timed_out" or (one.ended_as is None and late):
            said = self.refused(act, HoldTimedOut)
            assert said.available == self.model.available(owner.code, self.day)  # type: ignore[attr-defined]
        elif one.ended_as is not None:
            self.refused(act, HoldEnded)
        elif part > left:
            self.refused(act, MoreThanHeld)
        elif self.closed and about <= self.closed_until():  # type: ignore[operator]
            self.refused(act, PeriodClosed)
        else:
            self.captured(one, sale, self.decided_capture(sale, act), at, keep_rest)

    def decided_capture(self, sale: ledger.Entry, act) -> Outcome | None:  # type: ignore[no-untyped-def]
        return self.decided_reversal(sale, act)  # what is held was set aside before: there is no forecast of its own

    def captured(self, one: Reserved, sale: ledger.Entry, outcome: Outcome | None, at,  # type: ignore[no-untyped-def]
                 keep_rest: bool) -> None:
        if outcome is None:
            return
        assert outcome.transaction_id and not outcome.replay
        self.balances_are_those_of_the_lines(sale, outcome)
        self.model.learn(sale, outcome.transaction_id, at, self.day, dict(outcome.balances), one)
        keeping = self.model.keeping(one)
        if not keeping.left:
            keeping.until, one.ended_as = keeping.at, "captured"
        elif not keep_rest:
            self.model.slow[one.code].release(keeping, self.day)
            one.ended_as = "captured"
        self.every_law_holds()  # from here on nothing moves any more
        again = self.write(lambda connection: ledger.capture(connection, self.book, one.id, sale, recorded_at=at,
                                                             keep_rest=keep_rest))
        assert (again.replay, again.transaction_id, again.balances) == (True, outcome.transaction_id, outcome.balances)
        self.refused(lambda connection: ledger.capture(connection, self.book, one.id, sale, recorded_at=at,
                                                       keep_rest=not keep_rest), KeyReused)

    @deed(2, number=which)
    def release(self, number: int) -> None:
        if not self.model.holds:
            return
        one, at = self.model.holds[number % len(self.model.holds)], self.now()

        def act(connection: Connection) -> ledger.HoldOutcome:
            return ledger.release(connection, self.book, one.id, recorded_at=at)

        if one.ended_as == "captured":
            self.refused(act, HoldEnded)
            return
        done = self.write(act)
        assert done.replay == (one.ended_as is not None)
        if done.replay:
            self.nothing_moved()
            return
        self.model.time_out(one.code, self.day)
        if one.ended_as is None:
            self.model.slow[one.code].release(self.model.keeping(one), self.day)
            one.ended_as = "released"

    @deed(2, who=which_wallet, amount=amounts, passed=days)
    def hold_to_the_moment(self, who: int, amount: int, passed: int) -> None:
        """At the moment a hold is for, not after it, its value is free again."""
        held = len(self.model.holds)
        self.hold(who, max(1, min(amount, self.model.available(WALLETS[who].code, self.day))), 1 + passed % 4)
        self.every_law_holds()
        if len(self.model.holds) > held:
            self.end_holds(1 + passed % 4)

    @deed(1, passed=days)
    def end_holds(self, passed: int) -> None:
        """The sweep of holds, at noon sharp, when they end."""
        self.day += timedelta(days=passed)
        over, at = sum(len(self.model.over(mine.code, self.day)) for mine in WALLETS), noon(self.day)
        done = 0
        while some := self.write(lambda connection: ledger.expire_holds(connection, self.book, at, limit=1)):
            done += some
        assert done == over
        for mine in WALLETS:
            self.model.time_out(mine.code, self.day)
