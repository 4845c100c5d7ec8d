"""Deeds that post: awards, sales, deductions, moves, batches of them, reversals, and everything sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import initialize
from sqlalchemy import Connection

import ledger
from ledger import Entry, KeyReused, NotPositive, Outcome, PeriodClosed, Transfer
from ledger.roads import Road, reference_road
from tests.ledger.house import BUDGET, DONOR, GIVEN, PENALTY, SCORED, SERVED, SHELF, SPENT, hours, score
from tests.ledger.machine.deeds import REFUSALS, Deeds, amounts, days, deed, reason_of, weeks, which, which_wallet
from tests.ledger.machine.model import CUTOFFS, NEVER, WALLETS
from tests.ledger.machine.rows import Rows, read

ITEMS = st.lists(st.tuples(
    st.sampled_from(["award", "award", "sale", "sale", "deduct", "move", "again", "twin", "conflict", "future"]),
    which_wallet, amounts, days, which), min_size=2, max_size=5)
NO_AMOUNTS = (0, -1, True, 1.0, float("nan"), float("inf"), 1e309, "1", "１００", "1_000", None, 10**15 + 1)


class Postings(Deeds):
    @initialize(some=st.lists(st.tuples(which_wallet, amounts, st.integers(0, 12)), min_size=2, max_size=4),
                passed=days, road=st.sampled_from((None, None, reference_road)))
    def begin(self, some: list[tuple[int, int, int]], passed: int, road: Road | None) -> None:
        """A book in which something can happen: earnings of different due days, two pieces on the shelf."""
        self.road = road
        self.day += timedelta(days=passed)
        for who, amount, cutoff in some:
            self.post(self.awarding(who, 3 * amount, cutoff, self.day))
        self.post(self.entry("receipt", self.day, Transfer(DONOR, SHELF, 2)))
        self.every_law_holds()

    # -- one entry -------------------------------------------------------------------------------------------------
    @deed(4, who=which_wallet, amount=amounts, cutoff=st.integers(0, 12), ago=days, passed=days)
    def award(self, who: int, amount: int, cutoff: int, ago: int, passed: int) -> None:
        """One deed of service, in all three commodities; the points seldom without an end."""
        self.day += timedelta(days=passed)
        self.post_openly(self.awarding(who, 3 * amount, cutoff, self.about(ago)))

    @deed(4, who=which_wallet, amount=amounts, pieces=st.integers(0, 2), ago=days, all_of_it=st.integers(0, 2))
    def sell(self, who: int, amount: int, pieces: int, ago: int, all_of_it: int) -> None:
        """Every third time for all there is, which leaves no room for what comes in later with an earlier day."""
        if not all_of_it:
            amount = max(1, self.model.available(WALLETS[who].code, self.day))
        self.post_openly(self.selling(who, amount, pieces, self.about(ago)))

    @deed(2, who=which_wallet, amount=amounts, share=st.integers(1, 3), passed=days)
    def sell_before_the_last_sale(self, who: int, amount: int, share: int, passed: int) -> None:
        """Spent to nothing, earned again, and now a late sale from before: it may break a day in between (C20)."""
        mine, before = WALLETS[who], self.about(0)
        self.day += timedelta(days=1 + passed % 4)
        self.do_and_look("sell", who=who, amount=1, pieces=0, ago=0, all_of_it=0)
        self.day += timedelta(days=1 + passed)
        self.do_and_look("award", who=who, amount=amount, cutoff=passed, ago=0, passed=0)
        amount = max(1, self.model.available(mine.code, self.day) // share)
        self.post_openly(self.selling(who, amount, 0, before))

    @deed(2, who=which_wallet, more=amounts, share=st.integers(1, 3), passed=weeks)
    def sell_from_before_a_sweep(self, who: int, more: int, share: int, passed: int) -> None:
        """What lapsed is posted, and now a sale from before arrives: it counts first, the lapse gives way."""
        before, amount = self.about(0), max(1, self.model.available(WALLETS[who].code, self.day) // share)
        self.do_and_look("sweep", passed=passed)
        self.do_and_look("award", who=who, amount=more, cutoff=2, ago=0, passed=0)
        self.post_openly(self.selling(who, amount, 0, before))

    def do_and_look(self, name: str, **given: Any) -> None:
        getattr(self, name)(**given)
        self.every_law_holds()

    @deed(1, pieces=st.integers(1, 3))
    def fill_the_shelf(self, pieces: int) -> None:
        self.post_openly(self.entry("receipt", self.day, Transfer(DONOR, SHELF, pieces)))

    @deed(2, who=which_wallet, amount=amounts)
    def deduct(self, who: int, amount: int) -> None:
        self.post_openly(self.deducting(who, amount, self.day))

    @deed(2, who=which_wallet, amount=amounts, cutoff=st.integers(0, 2), ago=days)
    def move(self, who: int, amount: int, cutoff: int, ago: int) -> None:
        self.post_openly(self.moving(who, amount, cutoff, self.about(ago)))

    def awarding(self, who: int, amount: int, cutoff: int, about: date) -> Entry:
        due = CUTOFFS[cutoff % 4 if cutoff > 11 else cutoff % 3]
        return self.entry("earned", about, Transfer(SERVED, hours("p"), 60),
                          Transfer(BUDGET, WALLETS[who], amount, None if due == NEVER else due),
                          Transfer(SCORED, score("a"), amount))

    def selling(self, who: int, amount: int, pieces: int, about: date) -> Entry:
        return self.entry("sale", about, Transfer(WALLETS[who], SPENT, amount),
                          *([Transfer(SHELF, GIVEN, pieces)] if pieces else []))

    def deducting(self, who: int, amount: int, about: date) -> Entry:
        return self.entry("deducted", about, Transfer(WALLETS[who], PENALTY, amount), may_go_below=True)

    def moving(self, who: int, amount: int, cutoff: int, about: date) -> Entry:
        return self.entry("moved", about, Transfer(WALLETS[who], WALLETS[1 - who], amount, CUTOFFS[cutoff % 3]))

    def post_openly(self, entry: Entry) -> None:
        """On a day that may be closed, when the clock stands before the last closing's end: then it is refused."""
        if self.closed and entry.effective_on <= self.closed_until():  # type: ignore[operator]
            at = self.now()
            self.refused(lambda connection: ledger.post(connection, self.book, [entry], recorded_at=at), PeriodClosed)
        else:
            self.post(entry)

    @deed(1, given=st.sampled_from(NO_AMOUNTS))
    def ask_for_no_amount(self, given: Any) -> None:
        """I9: what is no whole number above zero never becomes a transfer, a hold or a part of a reversal."""
        for ask in (lambda: Transfer(BUDGET, WALLETS[0], given),
                    lambda: ledger.Hold("machine", str(uuid4()), WALLETS[0], given),
                    lambda: self.write(lambda connection: ledger.reverse(
                        connection, self.book, uuid4(), scope="machine", key=str(uuid4()), recorded_at=self.now(),
                        effective_on=self.day, parts={1: given}))):
            try:
                ask()
            except NotPositive:
                continue
            raise AssertionError(f"{given!r} passed for an amount")

    # -- many at once -----------------------------------------------------------------------------------------------
    @deed(4, items=ITEMS, each=st.booleans(), passed=weeks)
    def post_many(self, items: list[tuple[str, int, int, int, int]], each: bool, passed: int) -> None:
        """A batch is what its entries are one after another: same answers, same rows; without `each` all or none."""
        self.day += timedelta(days=max(0, passed - 15))
        entries: list[Entry] = []
        for item in items:
            entries.append(self.item(entries, *item))
        at = self.now()
        alone, wanted = self.trial(lambda connection: self.one_by_one(connection, entries, at, each))
        stop = next((one for one in alone if not isinstance(one, Outcome)), None)
        if stop is not None and not each:
            said = self.refused(lambda connection: ledger.post(connection, self.book, entries, recorded_at=at),
                                *REFUSALS)
            assert reason_of(said) == reason_of(stop)
            return
        made = self.write(lambda connection: ledger.post(connection, self.book, entries, recorded_at=at, each=each))
        rows = self.look()
        assert content(rows) == content(wanted)
        for entry, outcome, other in zip(entries, made, alone, strict=True):
            if not isinstance(other, Outcome):
                assert reason_of(outcome.refusal) == reason_of(other) and outcome.transaction_id is None
                continue
            assert (outcome.replay, outcome.balances, outcome.lapsed, outcome.recorded_at) == (
                other.replay, other.balances, other.lapsed, other.recorded_at)
            if not outcome.replay:
                self.seen = rows
                self.learned(entry, outcome, at)

    @deed(2, who=which_wallet, items=ITEMS)
    def post_many_past_a_due_day(self, who: int, items: list[tuple[str, int, int, int, int]]) -> None:
        """What lapsed stands unposted when a batch begins with a sale that is refused: the refusal leaves nothing."""
        due = self.model.slow[WALLETS[who].code].lots[-1].due if self.model.slow[WALLETS[who].code].lots else NEVER
        if due != NEVER:
            self.day = max(self.day, due + timedelta(days=1))
        self.post_many([("sale", who, 1, 0, 0), *items], True, 0)

    def item(self, before: list[Entry], what: str, who: int, amount: int, ago: int, number: int) -> Entry:
        about = self.about(ago)
        earlier = [one.entry for one in self.model.posted if one.reverses is None and one.entry.kind != "captured"]
        if what == "sale":
            more = self.model.available(WALLETS[who].code, self.day) + 1 if number % 3 == 0 else amount
            return self.selling(who, max(1, more), number % 2, about)
        if what == "deduct":
            return self.deducting(who, amount, about)
        if what == "move":
            return self.moving(who, amount, number, about)
        if what == "twin" and before:
            return before[-1]
        if what in ("again", "conflict") and earlier:
            entry = earlier[number % len(earlier)]
            return entry if what == "again" else replace(entry, kind="other")
        if what == "future":
            return self.awarding(who, amount, number % 3, self.day + timedelta(days=1))
        return self.awarding(who, amount, number % 3, about)

    def one_by_one(self, connection: Connection, entries: list[Entry], at: Any,
                   each: bool) -> tuple[list[Any], Rows]:
        answers: list[Any] = []
        for entry in entries:
            try:
                with connection.begin_nested():
                    answers.append(ledger.post(connection, self.book, [entry], recorded_at=at)[0])
            except REFUSALS as refusal:
                answers.append(refusal)
                if not each:
                    break
        return answers, read(connection, self.book)

    # -- again -------------------------------------------------------------------------------------------------------
    @deed(2, number=which)
    def send_again(self, number: int) -> None:
        """I5: the first result, its balances and time with it; and with other content an error that names the first."""
        known = [one for one in self.model.posted if one.reverses is None and one.entry.kind != "captured"]
        one, at = known[number % len(known)], self.now()
        outcome, = self.write(lambda connection: ledger.post(connection, self.book, [one.entry], recorded_at=at))
        assert (outcome.replay, outcome.transaction_id, outcome.recorded_at) == (True, one.id, one.recorded_at)
        assert outcome.balances == one.balances and not outcome.lapsed
        self.nothing_moved()
        first = one.entry.transfers[0]
        for other in (replace(one.entry, kind="other"), replace(one.entry, may_go_below=not one.entry.may_go_below),
                      replace(one.entry, transfers=(replace(first, amount=first.amount + 1),
                                                    *one.entry.transfers[1:]))):
            said = self.refused(lambda connection, other=other: ledger.post(
                connection, self.book, [other], recorded_at=at), KeyReused)
            assert said.first == one.id  # type: ignore[attr-defined]

    @deed(1, number=which)
    def send_a_reversal_again(self, number: int) -> None:
        known = [one for one in self.model.posted if one.reverses is not None]
        if not known:
            return
        one, at = known[number % len(known)], self.now()
        of = next(other for other in self.model.posted if other.id == one.reverses)
        parts = dict(zip(one.turns, (part.amount for part in one.parts), strict=True))

        def act(connection: Connection, claw_back: bool) -> Outcome:
            return ledger.reverse(connection, self.book, of.id, scope="machine", key=one.entry.key, recorded_at=at,
                                  effective_on=one.entry.effective_on, claw_back=claw_back,
                                  parts=None if one.entry.place == "whole" else parts)

        outcome = self.write(lambda connection: act(connection, one.entry.may_go_below))
        assert (outcome.replay, outcome.transaction_id, outcome.recorded_at) == (True, one.id, one.recorded_at)
        assert outcome.balances == one.balances
        self.nothing_moved()
        self.refused(lambda connection: act(connection, not one.entry.may_go_below), KeyReused)

    # -- back --------------------------------------------------------------------------------------------------------
    @deed(4, number=which, line=st.integers(0, 2), amount=amounts, more=st.integers(0, 5), claw_back=st.booleans())
    def take_a_part_back(self, number: int, line: int, amount: int, more: int, claw_back: bool) -> None:
        """Of any transaction, a reversal among them; seldom more than is left."""
        of = self.model.posted[number % len(self.model.posted)]
        part = of.parts[line % len(of.parts)]
        wanted = part.left + 1 if more == 0 else max(1, min(amount, part.left))
        self.reverse(of, {line % len(of.parts) + 1: wanted}, claw_back)

    @deed(2, number=which, claw_back=st.booleans())
    def take_all_back(self, number: int, claw_back: bool) -> None:
        self.reverse(self.model.posted[number % len(self.model.posted)], None, claw_back)


def content(rows: Rows) -> Any:
    """All that the rows say but the ids they were given, and but the accounts that were only opened.

    What a reversal's content is hashed from names the id of what it reverses: a lapse posted in the same batch has
    another id each time. So of a reversal the name of what it reverses is compared, not the hash.
    """
    name = {head.id: (head.scope, head.key) for head in rows.heads.values()}
    heads = {name[head.id]: head._replace(id="", reverses=None, content_hash=b"" if head.reverses else
                                          bytes(head.content_hash)) for head in rows.heads.values()}
    return (heads, {name[head.id]: name.get(head.reverses or "") for head in rows.heads.values()},
            {(name[line.transaction_id], line.line): line._replace(transaction_id="") for line in rows.lines.values()},
            {key: row for key, row in rows.balances.items() if row.last_seq}, rows.dues, rows.holds,
            {(name[one.transaction_id], one.account_id): one._replace(transaction_id="")
             for one in rows.captures.values()}, {name[key] for key in rows.waiting})
