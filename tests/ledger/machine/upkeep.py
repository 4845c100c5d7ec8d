"""Deeds of the house: sweeps, closings and reopenings, seals and signatures, assertions, rebuilds, and a clock that
jumps; and somebody who tries to edit the past.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger import PeriodClosed, PeriodNotClosed, PeriodNotOver, PeriodOutOfOrder, SecondPersonNeeded, Transfer
from ledger.merkle import consistency_holds, inclusion_holds
from ledger.periods import last_day
from ledger.proofs import consistency, inclusion
from ledger.sealing import seal_batch
from ledger.sealing_accounts import current
from ledger.verifier import Checkpoint, open_note, read_key
from ledger.verifying import verify
from pointsbank import sealing
from tests.ledger.house import BUDGET
from tests.ledger.machine.deeds import Deeds, amounts, days, deed, weeks, which, which_wallet
from tests.ledger.machine.laws import Signed, map_root_over
from tests.ledger.machine.model import CUTOFFS, FIRST, MEMBERS, WALLETS, Asserted
from tests.ledger.machine.rows import TABLES

FORBIDDEN = [statement for table in ("ledger_transaction", "ledger_transfer", "ledger_leaf", "ledger_capture",
                                     "ledger_period_balance", "ledger_checkpoint")
             for statement in (f"UPDATE {table} SET book_id = book_id", f"DELETE FROM {table}")]


class Upkeep(Deeds):
    # -- expiry ------------------------------------------------------------------------------------------------------
    @deed(2, passed=weeks)
    def sweep(self, passed: int) -> None:
        """What lapsed is posted once; the second run finds nothing, whatever the number of accounts it may take."""
        self.day += timedelta(days=passed)
        at, touched = self.now(), [mine.code for mine in WALLETS if self.model.lapses_on and self.falls_due(mine)]
        while self.write(lambda connection: ledger.expire(connection, self.book, today=self.day, recorded_at=at,
                                                          limit=1)):
            pass
        assert self.write(lambda connection: ledger.expire(connection, self.book, today=self.day,
                                                           recorded_at=at)) == 0
        for code in touched:  # it ends the holds of those it lapses first
            self.model.time_out(code, self.day)
        for slow in self.model.slow.values():
            slow.moment(self.day)

    def falls_due(self, owner: ledger.Account) -> bool:
        kept = self.rows.balances.get(owner.id.hex)
        credits = sum(due.credits for due in self.rows.dues.values()
                      if due.account_id == owner.id.hex and due.due_on < self.day)
        return kept is not None and credits > kept.out_total + kept.held

    @deed(1, on=st.booleans())
    def switch_expiry(self, on: bool) -> None:
        self.write(lambda connection: ledger.switch_expiry(connection, self.book, on))
        self.model.switch(on)

    @deed(1, back=st.booleans())
    def let_the_clock_jump(self, back: bool) -> None:
        """I17: a day on, a day back; never onto a closed day, where nothing could be recorded at all, nor to before a
        lapse that was posted (what is handed back there lapses at the next debit, not at once).
        """
        before = self.day - timedelta(days=1)
        if not back:
            self.day += timedelta(days=1)
        elif before >= FIRST and (not self.closed or before > last_day(self.closed[-1])) and all(
                kept.last_lapse_on is None or kept.last_lapse_on < before for kept in self.rows.balances.values()):
            self.day = before

    # -- months ------------------------------------------------------------------------------------------------------
    @deed(3, passed=weeks)
    def close(self, passed: int) -> None:
        """The next month, where it is over; a later one is out of order, an open one not over."""
        self.day += timedelta(days=passed)
        earliest = min(head.effective_on for head in self.rows.heads.values()).replace(day=1)
        month, at = last_day(self.closed[-1]) + timedelta(days=1) if self.closed else earliest, self.now()
        if last_day(month) >= self.day:
            self.refused(lambda connection: ledger.close_period(
                connection, self.book, month, by="a", recorded_at=at), PeriodNotOver)
            return
        after = last_day(month) + timedelta(days=1)
        if last_day(after) < self.day:
            self.refused(lambda connection: ledger.close_period(
                connection, self.book, after, by="a", recorded_at=at), PeriodOutOfOrder)
        done = self.write(lambda connection: ledger.close_period(connection, self.book, month, by="a",
                                                                 recorded_at=at))
        for code, slow in self.model.slow.items():
            self.model.time_out(code, self.day)
            slow.moment(after)
        rows = self.look()  # the closing posts what lapsed in the month; the law looks at what comes after it
        self.closing_is_the_fold(done, rows.sides(), rows)
        self.rows, self.closed = rows, [*self.closed, month]
        late = self.entry("earned", last_day(month), Transfer(BUDGET, WALLETS[0], 1))
        self.refused(lambda connection: ledger.post(connection, self.book, [late], recorded_at=at), PeriodClosed)

    @deed(2, who=which_wallet, amount=amounts, passed=weeks)
    def close_correct_and_close_again(self, who: int, amount: int, passed: int) -> None:
        """The second closing of a month stands, and the next month carries on from it."""
        self.close(passed + 20)
        if self.closed:
            month = self.closed[-1]
            self.reopen(False)
            late = self.entry("earned", last_day(month), Transfer(BUDGET, WALLETS[who], amount, CUTOFFS[passed % 3]))
            self.post(late)
            self.every_law_holds()
            self.let_the_clock_jump(back=True)
            self.close(0)
            self.every_law_holds()
            self.close(31)

    def closing_is_the_fold(self, done: ledger.Period, sides: Any, rows: Any) -> None:
        with self.engine.connect() as connection:
            kept = {(row.commodity, row.code): row for row in ledger.closed_balance(connection, self.book, done)}
        for account, opened in rows.accounts.items():
            until = [side for side in sides.get(account, []) if side.line.effective_on <= last_day(done.month)]
            of_month = [side for side in until if side.line.effective_on >= done.month]
            row = kept.pop((opened.commodity, opened.code), None)
            assert (row is None) == (not of_month)
            if row is not None:
                assert (row.debits, row.credits, row.balance) == (
                    -sum(side.amount for side in of_month if side.amount < 0),
                    sum(side.amount for side in of_month if side.amount > 0), sum(side.amount for side in until))
        assert not kept

    @deed(1, alone=st.booleans())
    def reopen(self, alone: bool) -> None:
        month, at = self.closed[-1] if self.closed else FIRST, self.now()

        def act(connection: Any) -> ledger.Period:
            return ledger.reopen_period(connection, self.book, month, asked_by="a", agreed_by="a" if alone else "b",
                                        reason=f"r{self.ticks}", recorded_at=at)

        if alone:
            self.refused(act, SecondPersonNeeded)
        elif not self.closed:
            self.refused(act, PeriodNotClosed)
        else:
            if len(self.closed) > 1:
                self.refused(lambda connection: ledger.reopen_period(
                    connection, self.book, self.closed[0], asked_by="a", agreed_by="b", reason="r", recorded_at=at),
                    PeriodOutOfOrder)
            self.write(act)
            self.closed.pop()

    # -- seals -------------------------------------------------------------------------------------------------------
    @deed(2, limit=st.integers(1, 5))
    def seal_some(self, limit: int) -> None:
        at, waits = self.now(), len(self.rows.waiting)
        assert self.write(lambda connection: seal_batch(connection, self.book, at=at, limit=limit)) == min(limit, waits)

    @deed(2, number=which)
    def sign(self, number: int) -> None:
        """I19, I20, I21: what waited is sealed; the root continues every older one; a wallet's paper is complete."""
        note = sealing.sign_now(self.engine, self.keys_dir, self.book, at=self.now())
        self.rows = rows = self.look()
        one = open_note(note, read_key(sealing.key_line(self.keys_dir, self.book)))
        assert one.map_root is not None and not rows.waiting and one.size == len(rows.leaves)
        assert one.map_root == map_root_over(rows)
        with self.engine.connect() as connection:
            for old in self.signed:
                assert old.size <= one.size
                path = consistency(connection, self.book, old.size, one.size)
                assert consistency_holds(old.size, old.root, one.size, one.root, path)
            self.paper_is_complete(connection, one, number)
        self.signed.append(Signed(one.size, one.root, one.map_root))

    def paper_is_complete(self, connection: Any, one: Checkpoint, number: int) -> None:
        """Opening + lines = closing = the signed map; numbers without a gap; each line proved to be in the log."""
        mine = WALLETS[number % 2]
        moved = sorted({side.line.effective_on for side in self.rows.sides().get(mine.id.hex, [])}) or [self.day]
        start = moved[number % len(moved)]
        end = self.day - timedelta(days=number % 3)
        lines = ledger.lines(connection, self.book, mine, start, end)
        opening = self.model.balance_on(self.rows, mine, start - timedelta(days=1))
        closing = self.model.balance_on(self.rows, mine, end) if end >= start else opening
        assert opening + sum(line.amount for line in lines) == closing == (lines[-1].balance if lines else opening)
        every = ledger.lines(connection, self.book, mine)
        assert sorted(line.seq for line in every) == list(range(1, len(every) + 1))
        found = current(connection, self.book)
        place = found.find(mine.id.hex)
        assert (place is None) == (not every)
        if place is not None:
            entry = found.entries[place]
            assert (entry.last_seq, entry.posted) == (len(every), sum(line.amount for line in every))
            assert inclusion_holds(entry.hash(), place, len(found), found.path(place), one.map_root or b"")
            proof = inclusion(connection, self.book, every[number % len(every)].transaction_id, one.size)
            assert inclusion_holds(proof.leaf, proof.position, one.size, proof.path, one.root)

    # -- what people say, and what they ask about the past -----------------------------------------------------------
    @deed(2, number=which, ago=days, off=st.integers(-1, 1))
    def assert_a_balance(self, number: int, ago: int, off: int) -> None:
        owner, at = MEMBERS[number % len(MEMBERS)], self.now()
        moved = sorted({side.line.effective_on for side in self.rows.sides().get(owner.id.hex, [])
                        if side.line.effective_on <= self.day})
        on = moved[ago % len(moved)] if moved and ago > 3 else self.day - timedelta(days=ago)
        amount = self.model.balance_on(self.rows, owner, on) + off
        made = self.write(lambda connection: ledger.assert_balance(connection, self.book, owner, on, amount, by="a",
                                                                   recorded_at=at))
        if made.id not in {one.id for one in self.model.asserted}:
            self.model.asserted.append(Asserted(made.id, owner, on, amount, made.asserted_at))

    @deed(1, number=which)
    def withdraw_an_assertion(self, number: int) -> None:
        if not self.model.asserted:
            return
        one = self.model.asserted.pop(number % len(self.model.asserted))
        self.write(lambda connection: ledger.withdraw_assertion(connection, self.book, one.id, by="a",
                                                                recorded_at=self.now()))

    @deed(1, number=which, ago=days, place=which)
    def look_back(self, number: int, ago: int, place: int) -> None:
        """Any account, as of any day, as known at any instant; whoever asks again is told the same, for ever."""
        owner, on = MEMBERS[number % len(MEMBERS)], self.day - timedelta(days=ago)
        instants = sorted({leaf.sealed_at for leaf in self.rows.leaves.values()})
        asked = list(self.model.told)
        if instants and place % 4:
            asked.append((owner, on, instants[place % len(instants)]))
        with self.engine.connect() as connection:
            assert ledger.balances(connection, self.book, [owner], on=on)[owner].posted == self.model.balance_on(
                self.rows, owner, on)
            for owner, on, known_at in asked:
                found = ledger.balances(connection, self.book, [owner], on=on, known_at=known_at)[owner].posted
                assert found == self.model.told.setdefault((owner, on, known_at), found) == self.model.balance_on(
                    self.rows, owner, on, known_at)

    # -- derived and true --------------------------------------------------------------------------------------------
    @deed(1)
    def rebuild(self) -> None:
        self.write(lambda connection: ledger.rebuild(connection, self.book))
        after = self.look()
        after.dues = {key: row for key, row in after.dues.items() if row.credits}
        self.rows.dues = {key: row for key, row in self.rows.dues.items() if row.credits}
        assert after == self.rows

    @deed(1, number=which)
    def edit_the_past(self, number: int) -> None:
        """I29: the application cannot, whatever it asks; where nothing stands yet there is nothing to refuse."""
        statement = FORBIDDEN[number % len(FORBIDDEN)]
        table = statement.split()[1] if statement.startswith("UPDATE") else statement.split()[2]
        stands = {name: bool(getattr(self.rows, field)) for field, (name, _, _) in TABLES.items()}
        stands["ledger_checkpoint"] = bool(self.signed)
        try:
            self.write(lambda connection: connection.execute(text(f"{statement} WHERE book_id = {self.book}")))
        except DBAPIError as refusal:
            assert "append-only" in str(refusal) or "permission denied" in str(refusal)
        else:
            assert not stands[table] and self.engine.dialect.name == "sqlite"
        self.nothing_moved()

    @deed(1, amount=amounts)
    def check_it_all(self, amount: int) -> None:
        if amount % 4 == 0:
            self.it_checks_out()

    def teardown(self) -> None:
        self.it_checks_out()

    def it_checks_out(self) -> None:
        """`check` finds nothing but the assertions that are not true; `verify` finds nothing at all."""
        self.rows = self.look()
        wrong: set[tuple[str, date]] = {(one.owner.code, one.on) for one in self.model.asserted
                                        if self.model.balance_on(self.rows, one.owner, one.on) != one.amount}
        with self.engine.connect() as connection:
            found = ledger.check(connection, self.book)
            assert {one.law for one in found} <= {"assertion"}
            assert {one.account for one in found} <= {code for code, _ in wrong}
            trial = ledger.trial_balance(connection, self.book)
            assert sum(row.debits - row.credits for row in trial) == 0
            key = read_key(sealing.key_line(self.keys_dir, self.book))
            verdict = verify(connection, self.book, key if self.signed else None,
                             remembered=sealing.recall(self.keys_dir, self.book).state)
        assert verdict.faults == [] and (verdict.size, verdict.waiting) == (
            len(self.rows.leaves), len(self.rows.waiting))
