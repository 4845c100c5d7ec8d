"""Random posts, returns, reversals, holds, captures, releases, sweeps, closings and replays on a real database: every
law holds after each of them.

Each example lives in a book of its own, so the database is made once. Wallets are also compared with walked lots.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

import ledger
from ledger import AlreadyReversed, BelowFloor, Entry, Hold, HoldEnded, HoldTimedOut, PeriodClosed, Transfer
from ledger.periods import last_day
from pointsbank.database import write_connection
from tests.ledger.house import (
    BUDGET,
    DONOR,
    GIVEN,
    PENALTY,
    SCORED,
    SERVED,
    SHELF,
    SPENT,
    hours,
    noon,
    score,
    wallet,
)
from tests.properties.lots import Keeping, Lot, LotWalk, Spending

FIRST = date(2026, 3, 1)
CUTOFFS = [FIRST + timedelta(days=number) for number in (20, 45, 80)]
WALLETS = [wallet("a"), wallet("b")]
BOOKS = count(300000)
which_wallet, amounts, days = st.integers(0, 1), st.integers(1, 60), st.integers(0, 12)


@dataclass
class Reserved:
    """A hold of ours, and what the slow model knows of it. `over` is the day at whose noon it times out."""

    id: UUID
    code: str
    keeping: Keeping
    over: date | None


class LedgerMachine(RuleBasedStateMachine):
    """The ledger under random use. `engine` is set by the test on a subclass of its own."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.book, self.day = next(BOOKS), FIRST
        self.slow = {one.code: LotWalk() for one in WALLETS}
        self.awards: list[tuple[UUID, str, Lot, date, list[int]]] = []
        self.sales: list[tuple[UUID, str, Spending]] = []
        self.last: Entry | None = None
        self.holds: list[Reserved] = []
        self.closed: list[date] = []  # months, by their first day
        self.earliest: date | None = None  # the first day on which anything is effective

    # -- what happens ---------------------------------------------------------------------------------------------
    @rule(who=which_wallet, amount=amounts, cutoff=st.integers(0, 2), ago=days, passed=days)
    def award(self, who: int, amount: int, cutoff: int, ago: int, passed: int) -> None:
        self.day += timedelta(days=passed)
        about, mine, due = self.about(ago), WALLETS[who], CUTOFFS[cutoff]
        made = self.post("earned", about, Transfer(SERVED, hours("p"), 60), Transfer(BUDGET, mine, amount, due),
                         Transfer(SCORED, score("a"), amount))
        lot = self.slow[mine.code].credit(amount, about, self.day, due)
        self.awards.append((made, mine.code, lot, lot.due, [amount]))

    @rule(who=which_wallet, amount=amounts, ago=days)
    def sell(self, who: int, amount: int, ago: int) -> None:
        about, mine = self.about(ago), WALLETS[who]
        self.post("receipt", self.day, Transfer(DONOR, SHELF, 1))
        before = self.figures()
        try:
            made = self.post("sale", about, Transfer(mine, SPENT, amount), *(
                [Transfer(SHELF, GIVEN, 1)] if about == self.day else []))
        except BelowFloor as refused:
            assert refused.account in (mine, SHELF)
            assert self.figures() == before  # a refused sale changed nothing
            return
        self.end_those_over(mine.code)
        self.sales.append((made, mine.code, self.slow[mine.code].spend(amount, about)))

    @rule(who=which_wallet, amount=amounts)
    def deduct(self, who: int, amount: int) -> None:
        mine = WALLETS[who]
        made = self.post("deducted", self.day, Transfer(mine, PENALTY, amount), may_go_below=True)
        self.end_those_over(mine.code)
        self.sales.append((made, mine.code, self.slow[mine.code].spend(amount, self.day)))

    @rule(which=st.integers(0, 50), amount=amounts)
    def take_sale_back(self, which: int, amount: int) -> None:
        if not self.sales:
            return
        made, code, spending = self.sales[which % len(self.sales)]
        part = min(amount, spending.standing())
        if part == 0:
            self.refused_as_reversed(made, {1: 1})
            return
        self.reverse(made, {1: part}, False)
        self.slow[code].give_back(spending, part, self.day)

    @rule(which=st.integers(0, 50), amount=amounts, claw_back=st.booleans())
    def take_award_back(self, which: int, amount: int, claw_back: bool) -> None:
        if not self.awards:
            return
        made, code, lot, _, left = self.awards[which % len(self.awards)]
        part = min(amount, left[0])
        if part == 0:
            self.refused_as_reversed(made, {2: 1})
            return
        before = self.figures()
        try:
            self.reverse(made, {2: part}, claw_back)
        except BelowFloor:
            assert not claw_back
            assert self.figures() == before
            return
        left[0] -= part
        self.end_those_over(code)
        self.slow[code].take_back(lot, part, self.day)

    @rule(passed=days)
    def sweep(self, passed: int) -> None:
        self.day += timedelta(days=passed)
        with write_connection(self.engine) as connection:
            ledger.expire(connection, self.book, today=self.day, recorded_at=noon(self.day))
            assert ledger.expire(connection, self.book, today=self.day, recorded_at=noon(self.day)) == 0
        for lots in self.slow.values():
            lots.moment(self.day)

    @rule(who=which_wallet, amount=amounts, lasts=st.one_of(st.none(), st.integers(1, 20)))
    def hold(self, who: int, amount: int, lasts: int | None) -> None:
        mine, over = WALLETS[who], None if lasts is None else self.day + timedelta(days=lasts)
        wanted = Hold("machine", str(uuid4()), mine, amount, noon(over) if over else None)
        before = self.figures()
        try:
            with write_connection(self.engine) as connection:
                made = ledger.hold(connection, self.book, wanted, recorded_at=noon(self.day))
                assert ledger.hold(connection, self.book, wanted, recorded_at=noon(self.day)).replay
        except BelowFloor as refused:
            assert refused.account == mine
            assert self.figures() == before
            return
        self.end_those_over(mine.code)
        self.holds.append(Reserved(made.hold.id, mine.code, self.slow[mine.code].hold(amount, self.day), over))

    @rule(which=st.integers(0, 50), amount=amounts, ago=days, keep_rest=st.booleans())
    def capture(self, which: int, amount: int, ago: int, keep_rest: bool) -> None:
        if not self.holds:
            return
        one, about = self.holds[which % len(self.holds)], self.about(ago)
        mine, slow = next(wallet for wallet in WALLETS if wallet.code == one.code), self.slow[one.code]
        part = max(1, min(amount, one.keeping.left))
        sale = Entry("machine", str(uuid4()), "sale", about, (Transfer(mine, SPENT, part),))
        before = self.figures()
        try:
            with write_connection(self.engine) as connection:
                outcome = ledger.capture(connection, self.book, one.id, sale, recorded_at=noon(self.day),
                                         keep_rest=keep_rest)
        except (BelowFloor, HoldTimedOut, HoldEnded) as refused:
            ended = one.keeping.until is not None or (one.over is not None and one.over <= self.day)
            assert ended == (not isinstance(refused, BelowFloor))
            assert self.figures() == before
            return
        self.end_those_over(one.code)
        assert outcome.transaction_id
        self.sales.append((outcome.transaction_id, one.code, slow.capture(one.keeping, part, about)))
        if not one.keeping.left:
            one.keeping.until = one.keeping.at
        elif not keep_rest:
            slow.release(one.keeping, self.day)

    @rule(which=st.integers(0, 50))
    def release(self, which: int) -> None:
        if not self.holds:
            return
        one = self.holds[which % len(self.holds)]
        try:
            with write_connection(self.engine) as connection:
                done = ledger.release(connection, self.book, one.id, recorded_at=noon(self.day))
        except HoldEnded:
            assert one.keeping.until is not None
            return
        assert done.replay == (one.keeping.until is not None)
        if not done.replay:
            self.end_those_over(one.code)
            if one.keeping.until is None:
                self.slow[one.code].release(one.keeping, self.day)

    @rule()
    def end_holds(self) -> None:
        with write_connection(self.engine) as connection:
            ledger.expire_holds(connection, self.book, noon(self.day))
            assert ledger.expire_holds(connection, self.book, noon(self.day)) == 0
        for code in self.slow:
            self.end_those_over(code)

    @rule(passed=days)
    def close(self, passed: int) -> None:
        """The next month, where it is over; then nothing gets in any more."""
        self.day += timedelta(days=passed)
        if self.earliest is None:
            return
        month = last_day(self.closed[-1]) + timedelta(days=1) if self.closed else self.earliest.replace(day=1)
        if last_day(month) >= self.day:
            return
        with write_connection(self.engine) as connection:
            ledger.close_period(connection, self.book, month, by="a", recorded_at=noon(self.day))
        self.closed.append(month)
        for code, lots in self.slow.items():
            self.end_those_over(code)
            lots.moment(last_day(month) + timedelta(days=1))
        before = self.figures()
        try:
            self.post("earned", last_day(month), Transfer(BUDGET, WALLETS[0], 1))
        except PeriodClosed:
            assert self.figures() == before
            return
        raise AssertionError("posted into a closed month")

    @rule()
    def reopen(self) -> None:
        if self.closed:
            with write_connection(self.engine) as connection:
                ledger.reopen_period(connection, self.book, self.closed.pop(), asked_by="a", agreed_by="b",
                                     reason=str(uuid4()), recorded_at=noon(self.day))

    @rule()
    def send_the_last_again(self) -> None:
        if self.last is not None:
            before = self.figures()
            with write_connection(self.engine) as connection:
                outcome, = ledger.post(connection, self.book, [self.last], recorded_at=noon(self.day))
            assert outcome.replay
            assert self.figures() == before

    @rule()
    def rebuild(self) -> None:
        before = self.figures()
        with write_connection(self.engine) as connection:
            ledger.rebuild(connection, self.book)
        assert self.figures() == before

    # -- what always holds -----------------------------------------------------------------------------------------
    @invariant()
    def every_law_holds(self) -> None:
        with self.engine.connect() as connection:
            assert ledger.check(connection, self.book) == []

    @invariant()
    def wallets_equal_their_lots(self) -> None:
        with self.engine.connect() as connection:
            found = ledger.balances(connection, self.book, WALLETS, today=self.day)
            due = ledger.expiring_many(connection, self.book, WALLETS, self.day)
        for mine in WALLETS:
            lots = self.slow[mine.code]
            assert found[mine].posted == lots.balance()
            assert found[mine].held == lots.held()
            assert found[mine].lapsed == lots.lapsed(self.day) - lots.lapsed()
            assert sum(amount for _, amount in due[mine]) == lots.lapsed(date(2030, 1, 1)) - lots.lapsed(self.day)

    # -- short-hand --------------------------------------------------------------------------------------------------
    def about(self, ago: int) -> date:
        """Today most of the time, else some days ago, never in a closed month."""
        first_open = last_day(self.closed[-1]) + timedelta(days=1) if self.closed else FIRST
        return max(first_open, self.day - timedelta(days=max(0, ago - 8)))

    def end_those_over(self, code: str) -> None:
        """What a debit of the wallet does first: end its holds whose time is over, as of the day it was."""
        over = [(one.over, one.id, one) for one in self.holds
                if one.code == code and one.keeping.until is None and one.over is not None and one.over <= self.day]
        for day, _, one in sorted(over, key=lambda found: found[:2]):
            self.slow[code].release(one.keeping, day)

    def post(self, kind: str, about: date, *transfers: Transfer, **more: Any) -> UUID:
        entry = Entry("machine", str(uuid4()), kind, about, transfers, **more)
        with write_connection(self.engine) as connection:
            outcome, = ledger.post(connection, self.book, [entry], recorded_at=noon(self.day))
        self.last, self.earliest = entry, min(about, self.earliest or about)
        assert outcome.transaction_id
        return outcome.transaction_id

    def reverse(self, made: UUID, parts: dict[int, int], claw_back: bool) -> None:
        with write_connection(self.engine) as connection:
            ledger.reverse(connection, self.book, made, scope="machine", key=str(uuid4()), recorded_at=noon(self.day),
                           effective_on=self.day, parts=parts, claw_back=claw_back)

    def refused_as_reversed(self, made: UUID, parts: dict[int, int]) -> None:
        try:
            self.reverse(made, parts, True)
        except AlreadyReversed:
            return
        raise AssertionError("reversed for more than was posted")

    def figures(self) -> list[Any]:
        with self.engine.connect() as connection:
            return [ledger.trial_balance(connection, self.book),
                    ledger.balances_by_prefix(connection, self.book, "POINT", ""),
                    len(ledger.transactions(connection, self.book, limit=1000))]


def test_every_law_holds_after_any_history(engine: Engine) -> None:
    class OnThisDatabase(LedgerMachine):
        pass

    OnThisDatabase.engine = engine
    run_state_machine_as_test(OnThisDatabase, settings=settings(
        max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)))
