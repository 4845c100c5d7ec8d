"""Random posts, returns, reversals, sweeps and replays on a real database: every law holds after each of them.

Each example lives in a book of its own, so the database is made once. Wallets are also compared with walked lots.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

import ledger
from ledger import AlreadyReversed, BelowFloor, Entry, Transfer
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
from tests.properties.lots import Lot, LotWalk, Spending

FIRST = date(2026, 3, 1)
CUTOFFS = [FIRST + timedelta(days=number) for number in (20, 45, 80)]
WALLETS = [wallet("a"), wallet("b")]
BOOKS = count(300000)
which_wallet, amounts, days = st.integers(0, 1), st.integers(1, 60), st.integers(0, 12)


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

    # -- what happens ---------------------------------------------------------------------------------------------
    @rule(who=which_wallet, amount=amounts, cutoff=st.integers(0, 2), ago=days, passed=days)
    def award(self, who: int, amount: int, cutoff: int, ago: int, passed: int) -> None:
        self.day += timedelta(days=passed)
        about, mine, due = max(FIRST, self.day - timedelta(days=max(0, ago - 8))), WALLETS[who], CUTOFFS[cutoff]
        made = self.post("earned", about, Transfer(SERVED, hours("p"), 60), Transfer(BUDGET, mine, amount, due),
                         Transfer(SCORED, score("a"), amount))
        lot = self.slow[mine.code].credit(amount, about, self.day, due)
        self.awards.append((made, mine.code, lot, lot.due, [amount]))

    @rule(who=which_wallet, amount=amounts, ago=days)
    def sell(self, who: int, amount: int, ago: int) -> None:
        about, mine = max(FIRST, self.day - timedelta(days=max(0, ago - 8))), WALLETS[who]
        self.post("receipt", self.day, Transfer(DONOR, SHELF, 1))
        before = self.figures()
        try:
            made = self.post("sale", about, Transfer(mine, SPENT, amount), *(
                [Transfer(SHELF, GIVEN, 1)] if about == self.day else []))
        except BelowFloor as refused:
            assert refused.account in (mine, SHELF)
            assert self.figures() == before  # a refused sale changed nothing
            return
        self.sales.append((made, mine.code, self.slow[mine.code].spend(amount, about)))

    @rule(who=which_wallet, amount=amounts)
    def deduct(self, who: int, amount: int) -> None:
        mine = WALLETS[who]
        made = self.post("deducted", self.day, Transfer(mine, PENALTY, amount), may_go_below=True)
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
        self.slow[code].take_back(lot, part, self.day)

    @rule(passed=days)
    def sweep(self, passed: int) -> None:
        self.day += timedelta(days=passed)
        with write_connection(self.engine) as connection:
            ledger.expire(connection, self.book, today=self.day, recorded_at=noon(self.day))
            assert ledger.expire(connection, self.book, today=self.day, recorded_at=noon(self.day)) == 0
        for lots in self.slow.values():
            lots.moment(self.day)

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
            assert found[mine].lapsed == lots.lapsed(self.day) - lots.lapsed()
            assert sum(amount for _, amount in due[mine]) == lots.lapsed(date(2030, 1, 1)) - lots.lapsed(self.day)

    # -- short-hand --------------------------------------------------------------------------------------------------
    def post(self, kind: str, about: date, *transfers: Transfer, **more: Any) -> UUID:
        entry = Entry("machine", str(uuid4()), kind, about, transfers, **more)
        with write_connection(self.engine) as connection:
            outcome, = ledger.post(connection, self.book, [entry], recorded_at=noon(self.day))
        self.last = entry
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
