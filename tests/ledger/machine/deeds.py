"""How a deed is done and judged: it is accepted and every row follows, or refused for a reason and nothing moved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import Connection, Engine

import ledger
from ledger import Account, BelowFloor, DomainError, Entry, FutureDay, KeyReused, Outcome, PeriodClosed, Transfer
from ledger.assertions import broken_assertions
from ledger.periods import last_day
from ledger.roads import Road, by_road
from pointsbank.database import write_connection
from tests.ledger.house import noon
from tests.ledger.machine.laws import NEVER, Signed, must_hold
from tests.ledger.machine.model import FIRST, WALLETS, Model, Posted, free_days
from tests.ledger.machine.rows import Rows, read

BOOKS = count(300000)
Act = Callable[[Connection], Any]
which_wallet, amounts, which = st.integers(0, 1), st.integers(1, 60), st.integers(0, 50)
days, weeks = st.integers(0, 12), st.integers(0, 35)


def deed(weight: int, **given: st.SearchStrategy[Any]) -> Callable[[Any], Any]:
    """A method that may be the next step: how often, and what it is given."""
    def note(method: Any) -> Any:
        method.deed = weight, st.fixed_dictionaries(given)
        return method
    return note


def any_deed(of: type) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """(name, arguments) of the next step. (Left to Hypothesis, its rules would be off in half of all sequences.)"""
    named = {name: method.deed for name, method in vars_of(of).items() if hasattr(method, "deed")}
    often = [name for name, (weight, _) in sorted(named.items(), key=lambda one: (-one[1][0], one[0]))
             for _ in range(weight)]
    return st.sampled_from(often).flatmap(lambda name: st.tuples(st.just(name), named[name][1]))


def vars_of(of: type) -> dict[str, Any]:
    return {name: value for base in reversed(of.__mro__) for name, value in vars(base).items()}


class TakenBack(Exception):
    """A trial that is rolled back."""


class Deeds(RuleBasedStateMachine):
    """Set `engine` and `keys_dir` on a subclass. `road` is the one behind the door; None: whichever is shortest."""

    engine: Engine
    keys_dir: Path
    road: Road | None = None

    def __init__(self) -> None:
        super().__init__()
        self.book, self.day, self.ticks = next(BOOKS), FIRST, 0
        self.model, self.rows = Model(), Rows()
        self.closed: list[date] = []  # months, by their first day
        self.signed: list[Signed] = []
        self.seen: Rows | None = None  # what was read since the last deed, where it was

    # -- the clock and the calendar --------------------------------------------------------------------------------
    def now(self) -> datetime:
        """Noon of the machine's day and some seconds, never the same instant twice."""
        self.ticks += 1
        return noon(self.day) + timedelta(seconds=self.ticks)

    def closed_until(self) -> date | None:
        return last_day(self.closed[-1]) if self.closed else None

    def about(self, ago: int) -> date:
        """Today most of the time, else days or weeks ago, never in a closed month."""
        first_open = self.closed_until() + timedelta(days=1) if self.closed else FIRST  # type: ignore[operator]
        return max(first_open, self.day - timedelta(days=4 * max(0, ago - 6)))

    # -- the database ----------------------------------------------------------------------------------------------
    def write(self, act: Act) -> Any:
        with by_road(self.road) if self.road else nullcontext(), write_connection(self.engine) as connection:
            return act(connection)

    def trial(self, act: Act) -> Any:
        """What `act` gives, were it done; it is not."""
        given: list[Any] = []
        def and_take_it_back(connection: Connection) -> None:
            given.append(act(connection))
            raise TakenBack

        with suppress(TakenBack):
            self.write(and_take_it_back)
        return given[0]

    def look(self) -> Rows:
        with self.engine.connect() as connection:
            return read(connection, self.book)

    def nothing_moved(self) -> None:
        assert self.look() == self.rows

    def refused(self, act: Act, *reasons: type[DomainError]) -> DomainError:
        """The refusal of an act that must be refused; it changed nothing."""
        try:
            given = self.write(act)
        except reasons as refusal:
            self.nothing_moved()
            return refusal
        raise AssertionError(f"{given} was to be refused as one of {reasons}")

    # -- entries ---------------------------------------------------------------------------------------------------
    def entry(self, kind: str, about: date, *transfers: Transfer, **more: Any) -> Entry:
        return Entry("machine", str(uuid4()), kind, about, transfers, rule="R1", **more)

    def post(self, entry: Entry) -> Posted | None:
        """Through the road; None when it was refused for a good reason."""
        at = self.now()
        accepted = self.decided(entry, lambda connection, forced: ledger.post(
            connection, self.book, [replace(entry, may_go_below=True) if forced else entry], recorded_at=at)[0])
        return None if accepted is None else self.learned(entry, accepted, at)

    def learned(self, entry: Entry, outcome: Outcome, at: datetime) -> Posted:
        assert outcome.transaction_id and not outcome.replay and outcome.refusal is None
        self.balances_are_those_of_the_lines(entry, outcome)
        return self.model.learn(entry, outcome.transaction_id, at, self.day, dict(outcome.balances))

    def decided(self, entry: Entry, act: Callable[[Connection, bool], Outcome]) -> Outcome | None:
        """The outcome, or None after a refusal that the days bear out. The forecast agrees where it can tell."""
        forecast = self.model.can_pay(entry, self.rows, self.day)
        try:
            outcome: Outcome = self.write(lambda connection: act(connection, False))
        except BelowFloor as refusal:
            assert forecast is not True and not entry.may_go_below
            self.nothing_moved()
            forced = self.trial(lambda connection: (act(connection, True), read(connection, self.book))[1])
            self.the_days_bear_out(refusal, entry, forced)
            self.the_walk_bears_out(entry, forced)
            return None
        assert forecast is not False
        rows = self.seen = self.look()
        for account in {one.debit for one in entry.transfers if one.debit.is_member}:
            if account.floor is not None and not entry.may_go_below:
                assert all(free >= account.floor for _, free in free_days(rows, account, entry.effective_on))
        return outcome

    def the_days_bear_out(self, refusal: BelowFloor, entry: Entry, forced: Rows) -> None:
        """Had it been forced, the day it names would have been the first to end below the floor, by that much."""
        owner = refusal.account
        amount = sum(one.amount for one in entry.transfers if one.debit == owner)
        broken = [(day, free) for day, free in free_days(forced, owner, entry.effective_on) if free < owner.floor]
        assert broken and broken[0][0] == refusal.day
        assert (refusal.needed, refusal.available) == (amount, broken[0][1] + amount - owner.floor)

    def the_walk_bears_out(self, entry: Entry, forced: Rows) -> None:
        """Had it been forced, the wallets it takes from would hold what their lots say: nothing lapsed too much."""
        for owner in {one.debit for one in entry.transfers if one.debit in WALLETS}:
            walk = self.model.as_of(owner.code, self.day)
            for one in entry.transfers:
                if one.debit == owner:
                    walk.spend(one.amount, entry.effective_on)
            assert forced.balances[owner.id.hex].posted == walk.balance()

    def balances_are_those_of_the_lines(self, entry: Entry, outcome: Outcome) -> None:
        rows, self.seen, wanted = self.seen or self.look(), None, {}
        assert outcome.transaction_id is not None
        for line in rows.of(outcome.transaction_id.hex):
            for key, after, amount in ((line.debit_account, line.debit_after, -line.amount),
                                       (line.credit_account, line.credit_after, line.amount)):
                if after is not None:
                    wanted[key] = (wanted[key][0] if key in wanted else after - amount, after)
        assert {account.id.hex: span for account, span in outcome.balances.items()} == wanted

    # -- reversals --------------------------------------------------------------------------------------------------
    def reverse(self, of: Posted, parts: dict[int, int] | None, claw_back: bool) -> Posted | None:
        """Take back parts, or all that is left; None when it was refused for a good reason."""
        at, key = self.now(), str(uuid4())
        left = {number: part.left for number, part in enumerate(of.parts, 1) if part.left}

        def act(connection: Connection, forced: bool = False) -> Outcome:
            return ledger.reverse(connection, self.book, of.id, scope="machine", key=key, recorded_at=at,
                                  effective_on=self.day, parts=parts, claw_back=forced or claw_back)

        if of.reverses is not None:
            self.refused(act, ledger.NotReversible)
            return None
        if any(amount > of.parts[number - 1].amount for number, amount in (parts or {}).items()):
            self.refused(act, ledger.MoreThanPosted)
            return None
        if not left or any(amount > left.get(number, 0) for number, amount in (parts or {}).items()):
            said = self.refused(act, ledger.AlreadyReversed)
            assert said.first in {one.id for one in self.model.posted if one.reverses == of.id}  # type: ignore
            return None
        chosen = parts or left
        if self.closed and self.day <= self.closed_until():  # type: ignore[operator]
            self.refused(act, PeriodClosed)
            return None
        back = tuple(Transfer(of.parts[number - 1].credit, of.parts[number - 1].debit, chosen[number])
                     for number in sorted(chosen, reverse=True))
        as_entry = Entry("machine", key, "reversal", self.day, back, rule="R1", may_go_below=claw_back,
                         place=None if parts else "whole")
        outcome = self.decided_reversal(as_entry, act)
        if outcome is None:
            return None
        assert outcome.transaction_id and not outcome.replay
        self.balances_are_those_of_the_lines(as_entry, outcome)
        self.model.learn_reversal(of, chosen, as_entry, outcome.transaction_id, at, self.day, dict(outcome.balances))
        return self.model.posted[-1]

    def decided_reversal(self, entry: Entry, act: Callable[[Connection, bool], Outcome]) -> Outcome | None:
        """As `decided`; that a credit is taken back, not spent, makes the walk's forecast another one: none is made."""
        try:
            return self.write(lambda connection: act(connection, False))
        except BelowFloor as refusal:
            assert not entry.may_go_below
            self.nothing_moved()
            self.the_days_bear_out(refusal, entry, self.trial(
                lambda connection: (act(connection, True), read(connection, self.book))[1]))
            return None

    # -- what always holds -------------------------------------------------------------------------------------------
    @invariant()
    def every_law_holds(self) -> None:
        before, self.rows = self.rows, self.look()
        must_hold(self.rows, before, self.closed_until(), self.signed)
        self.model.rows_are_what_was_asked(self.rows)
        self.model.holds_are_what_was_done(self.rows)
        self.model.wallets_are_their_lots(self.rows)

    @invariant()
    def what_lapses_equals_walking_the_lots(self) -> None:
        with self.engine.connect() as connection:
            found = ledger.balances(connection, self.book, WALLETS, today=self.day)
            due = ledger.expiring_many(connection, self.book, WALLETS, self.day)
            broken = {one.assertion.id: one for one in broken_assertions(connection, self.book)
                      } if self.model.asserted else {}
        for mine in WALLETS:
            lots, on = self.model.slow[mine.code], self.model.lapses_on
            already = lots.lapsed()
            lapsed = lots.lapsed(self.day) - already if on else 0
            assert found[mine] == (lots.balance(), lots.held(), lots.balance() - lots.held() - lapsed, lapsed)
            coming = lots.lapsed(NEVER - timedelta(days=1)) - already - lapsed if on else 0
            assert sum(amount for _, amount in due[mine]) == coming
        for one in self.model.asserted:
            balance = self.model.balance_on(self.rows, one.owner, one.on)
            assert (one.id in broken) == (balance != one.amount)
            if one.id in broken:
                assert broken[one.id].balance == balance
                assert set(broken[one.id].since) == {UUID(hex=side.line.transaction_id) for side in
                    self.rows.sides().get(one.owner.id.hex, []) if side.line.effective_on <= one.on
                    and self.rows.heads[side.line.transaction_id].recorded_at > one.at}


def reason_of(refusal: DomainError | None) -> Any:
    """A refusal without the ids in it, so that two of different runs compare."""
    if isinstance(refusal, BelowFloor):
        return "below floor", refusal.account, refusal.needed, refusal.available, refusal.day, refusal.held
    return type(refusal).__name__ if refusal else None


REFUSALS = (BelowFloor, FutureDay, PeriodClosed, KeyReused)
__all__ = ["REFUSALS", "Account", "Deeds", "amounts", "any_deed", "days", "deed", "reason_of", "weeks", "which",
           "which_wallet"]
