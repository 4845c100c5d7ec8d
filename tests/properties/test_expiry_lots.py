"""What the sums say lapses is what walking the lots says, for any history of credits, sales, returns and holds."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import BelowFloor
from ledger.drafts import Draft, DraftLine
from ledger.expiry import Role, lapses, over_lapsed, remaining
from ledger.held import RELEASED, Held, Share
from ledger.planning import Member, Plan, new_id
from ledger.records import Party
from tests.ledger.house import BUDGET, EXPIRED, PENALTY, SPENT, wallet
from tests.properties.lots import Keeping, Lot, LotWalk, Spending

FIRST = date(2026, 3, 1)
CUTOFFS = [FIRST + timedelta(days=number) for number in (12, 40, 41, 75, 110)]


class WalletSum:
    """Ours: the door's own arithmetic on one wallet, without a database."""

    def __init__(self) -> None:
        mine = wallet()
        member = Member(mine, mine.id, 0, EXPIRED.id, 0, 0, 0, 0, None, None, None, moves=[])
        self.plan = Plan({mine.id: member}, FIRST, True)
        self.count = 0

    @property
    def member(self) -> Member:
        return self.plan.members[wallet().id]

    def take(self, line: DraftLine, effective_on: date, recorded_on: date, may_go_below: bool = False,
             captures: tuple[Share, ...] = ()) -> None:
        self.count += 1
        self.plan.today = recorded_on
        self.plan.take(Draft("test", str(self.count), "test", b"", effective_on, (line,), Party(), None, None, "{}",
                             may_go_below, captures=captures))

    def hold(self, amount: int, today: date) -> Held:
        held = Held(new_id(), wallet().id, amount, 0, today, None, self.member.last_seq)
        self.member.holds[held.id] = held
        self.member.held += amount
        return held

    def copy(self) -> WalletSum:
        made = WalletSum()
        made.plan = Plan({wallet().id: self.member.copy()}, self.plan.today, True)
        return made

    def lapsed(self) -> int:
        sums: Counter[Role] = Counter()
        for move in self.member.moves or ():
            sums[move.role] += move.amount
        return sums[Role.LAPSED] - sums[Role.GIVEN_BACK]

    def day_ends(self) -> dict[date, int]:
        """The balance, less what was held, at the end of each day on which anything is effective."""
        coming = (Role.CREDIT, Role.RETURNED, Role.GIVEN_BACK)
        sums: Counter[date] = Counter()
        for move in self.member.moves or ():
            sums[move.effective_on] += move.amount if move.role in coming else -move.amount
        for held in self.member.holds.values():
            sums[held.reserved_on] -= held.left
        balance, ends = 0, {}
        for day in sorted(sums):
            balance += sums[day]
            ends[day] = balance
        return ends


OPS = st.lists(st.tuples(
    st.sampled_from(["credit", "credit", "spend", "spend", "deduct", "return", "take back", "claw back", "sweep",
                     "hold", "capture", "release"]),
    st.integers(1, 40),  # amount
    st.integers(0, 15),  # days that pass first
    st.integers(0, 24),  # how long ago it was
    st.integers(0, 99),  # which one
), min_size=1, max_size=24)


class History:
    """Both models side by side: same answer, same refusal, same lapses at every cut-off."""

    def __init__(self) -> None:
        self.ours, self.slow, self.day = WalletSum(), LotWalk(), FIRST
        self.lots: list[tuple[Lot, date, list[int]]] = []  # a lot, its due day in ours, what is left to take back
        self.spendings: list[Spending] = []
        self.holds: list[tuple[UUID, Keeping]] = []

    def step(self, what: str, amount: int, passed: int, ago: int, which: int) -> None:
        self.day += timedelta(days=passed)
        about = max(FIRST, self.about(ago))
        if what == "credit":
            self.credit(3 * amount, about, CUTOFFS[which % len(CUTOFFS)])
        elif what in ("spend", "deduct"):
            self.spend(amount, about, what == "deduct")
        elif what == "return" and self.spendings:
            self.give_back(self.spendings[which % len(self.spendings)], amount, about)
        elif what in ("take back", "claw back") and self.lots:
            self.take_back(*self.lots[which % len(self.lots)], amount, about, what == "claw back")
        elif what == "hold":
            self.hold(amount)
        elif what in ("capture", "release") and (standing := [one for one in self.holds if one[1].until is None]):
            held, keeping = standing[which % len(standing)]
            if what == "capture":
                self.capture(held, keeping, min(amount, keeping.left), about, which > 49)
            else:
                self.release(held, keeping)
        elif what == "sweep":
            self.ours.plan.today = self.day
            self.ours.plan.lapse(self.ours.member, self.day)
            self.slow.moment(self.day)
        self.compare()

    def about(self, ago: int) -> date:
        """Half of the time today, else some days ago or just before the last cut-off, where it is late for a lapse."""
        over = [cutoff for cutoff in CUTOFFS if cutoff < self.day]
        if ago > 16 and over:
            return over[-1] - timedelta(days=(ago - 17) % 4)
        return self.day - timedelta(days=max(0, ago - 12))

    def credit(self, amount: int, about: date, due: date) -> None:
        lot = self.slow.credit(amount, about, self.day, due)
        self.ours.take(DraftLine(BUDGET, wallet(), amount, due), about, self.day)
        assert self.ours.member.last_due_on == lot.due
        self.lots.append((lot, lot.due, [amount]))  # what is left of it to take back is counted here

    def spend(self, amount: int, about: date, may_go_below: bool) -> None:
        line = DraftLine(wallet(), PENALTY if may_go_below else SPENT, amount, None)
        if self.accepted(line, about, may_go_below):
            self.spendings.append(self.slow.spend(amount, about))

    def hold(self, amount: int) -> None:
        self.ours.plan.today = self.day
        self.ours.plan.lapse(self.ours.member, self.day)
        self.slow.moment(self.day)
        if self.ours.member.posted - self.ours.member.held >= amount:
            held = self.ours.hold(amount, self.day)
            self.holds.append((held.id, self.slow.hold(amount, self.day)))

    def capture(self, held: UUID, keeping: Keeping, amount: int, about: date, keep_rest: bool) -> None:
        share = Share(held, wallet().id, amount, keep_rest, self.ours.member.holds[held].since_seq)
        if self.accepted(DraftLine(wallet(), SPENT, amount, None), about, False, (share,)):
            self.spendings.append(self.slow.capture(keeping, amount, about))
            if not keeping.left:
                keeping.until = keeping.at
            elif not keep_rest:
                self.slow.release(keeping, self.day)

    def release(self, held: UUID, keeping: Keeping) -> None:
        self.ours.plan.today = self.day
        self.ours.plan.end_hold(self.ours.member, self.ours.member.holds[held], RELEASED, self.day)
        self.slow.release(keeping, self.day)

    def give_back(self, spending: Spending, amount: int, about: date) -> None:
        if amount := min(amount, spending.standing()):
            self.ours.take(DraftLine(SPENT, wallet(), amount, None, 1), about, self.day)
            self.slow.give_back(spending, amount, about)

    def take_back(self, lot: Lot, due: date, left: list[int], amount: int, about: date, claw_back: bool) -> None:
        if (amount := min(amount, left[0])) and self.accepted(
                DraftLine(wallet(), BUDGET, amount, due, 1), about, claw_back):
            self.slow.take_back(lot, amount, about)
            left[0] -= amount

    def accepted(self, line: DraftLine, about: date, may_go_below: bool, captures: tuple[Share, ...] = ()) -> bool:
        """Ours decides; a refusal changed nothing and had its reason: some day from then on would end below zero."""
        before = snapshot(self.ours)
        forced = self.ours.copy()
        forced.take(line, about, self.day, True, captures)
        broken = [day for day, balance in forced.day_ends().items() if balance < 0 and day >= about]
        try:
            self.ours.take(line, about, self.day, may_go_below, captures)
        except BelowFloor as refused:
            assert not may_go_below
            assert broken
            assert refused.day == broken[0]
            assert snapshot(self.ours) == before
            return False
        assert may_go_below or not broken
        return True

    def compare(self) -> None:
        assert self.ours.member.posted == self.slow.balance()
        assert self.ours.lapsed() == self.slow.lapsed()
        assert self.ours.member.held == self.slow.held()
        assert over_lapsed(self.ours.member.moves or (), {}, (), self.ours.member.held_spans()) == []
        member = self.ours.member
        for cutoff in (*CUTOFFS, self.day, self.day + timedelta(days=1), CUTOFFS[-1] + timedelta(days=200)):
            if cutoff >= self.day:
                more = lapses(member.dues, member.out_total + member.held, member.returned(), cutoff)
                assert sum(amount for _, amount in more) == self.slow.lapsed(cutoff) - self.slow.lapsed()
        in_all = self.slow.lapsed(date(2030, 1, 1)) - self.slow.lapsed()
        assert sum(amount for _, amount in remaining(member.dues, member.out_total + member.held)) == in_all


def snapshot(wallet_sum: WalletSum) -> list[Any]:
    member = wallet_sum.member
    return [member.changed(), dict(member.holds), list(member.spans), dict(wallet_sum.plan.holds), dict(member.dues),
            dict(member.days), list(member.moves or ()),
            list(wallet_sum.plan.transactions), list(wallet_sum.plan.transfers)]


@settings(max_examples=600, deadline=None)
@given(OPS)
def test_what_falls_due_equals_walking_the_lots(ops: list[tuple[str, int, int, int, int]]) -> None:
    history = History()
    for op in ops:
        history.step(*op)


@settings(max_examples=200, deadline=None)
@given(OPS, st.lists(st.integers(0, 24), max_size=6))
def test_sweeping_late_or_never_changes_no_answer(ops: list[tuple[str, int, int, int, int]],
                                                  sweeps: list[int]) -> None:
    lazy, eager = History(), History()
    end = CUTOFFS[-1] + timedelta(days=300)
    plain = [op for op in ops if op[0] not in ("sweep", "deduct", "claw back")]
    for number, op in enumerate(plain):
        if number in sweeps:
            eager.step("sweep", 1, 0, 0, 0)
        lazy.step(*op)
        eager.step(*op)
        assert len(lazy.spendings) == len(eager.spendings)  # the same were accepted
    for history in (lazy, eager):
        history.day = end
        history.step("sweep", 1, 0, 0, 0)
    assert lazy.ours.member.posted == eager.ours.member.posted
    assert lazy.ours.lapsed() == eager.ours.lapsed()


def test_the_naive_sum_is_wrong_where_the_lots_are_right() -> None:
    """'Earned up to the cut-off minus everything spent' counts later spending against points that had lapsed."""
    dues = {date(2027, 3, 31): 20, date(2028, 3, 31): 30}
    first, = lapses(dues, 5, [], date(2027, 4, 1))
    assert first == (date(2027, 3, 31), 15)
    out = 5 + 15 + 10  # the lapse is a debit too; then 10 are spent
    assert remaining(dues, out) == [(date(2028, 3, 31), 20)]
