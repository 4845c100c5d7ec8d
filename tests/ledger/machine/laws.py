"""What holds of any book, judged on its rows by plain arithmetic: the invariants, by their numbers.

    I1 I2     balanced, stored balances are sums      I14  nothing gets into a closed month
    I3        floors, in sequence                     I17  numbers stand in order, whatever the clock says
    I4 I7 I8  nothing changes, everything is whole    I19  leaves are 0 … n-1, one for each transaction
    I9        amounts are whole numbers               I20  every root ever signed is that of the leaves
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger import GIVEN_BACK_KIND, LAPSED_KIND
from tests.ledger.machine.rows import GROWING, Rows, Side

NEVER = date.max
MOST = 10**15


class Signed(NamedTuple):
    """A checkpoint as it was handed out: how many leaves, their root, and the root of the map of accounts then."""

    size: int
    root: bytes
    map_root: bytes


def must_hold(rows: Rows, before: Rows, closed_until: date | None, signed: Sequence[Signed]) -> None:
    """Every law, on rows that came after `before`."""
    sides = rows.sides()
    nothing_was_changed(rows, before)
    nothing_got_into_a_closed_month(rows, before, closed_until)
    transfers_are_whole(rows)
    everything_balances(rows, sides)
    for account, opened in rows.accounts.items():
        if opened.is_member:
            numbers_and_balances_chain(rows, account, sides.get(account, []))
            floor_holds_in_sequence(rows, opened.floor, sides.get(account, []))
            balance_row_is_the_fold(rows, account, sides.get(account, []))
    reversals_turn_lines_around(rows)
    what_is_held_is_in_open_holds(rows)
    leaves_stand_one_for_each(rows)
    for one in signed:
        assert root_over([rows.leaves[at].hash for at in range(one.size)]) == one.root


def nothing_was_changed(rows: Rows, before: Rows) -> None:
    for name in GROWING:
        now = getattr(rows, name)
        for key, row in getattr(before, name).items():
            assert now.get(key) == row, f"{name}: {row} became {now.get(key)}"


def nothing_got_into_a_closed_month(rows: Rows, before: Rows, closed_until: date | None) -> None:
    for key in rows.heads.keys() - before.heads.keys():
        assert closed_until is None or rows.heads[key].effective_on > closed_until, rows.heads[key]


def transfers_are_whole(rows: Rows) -> None:
    numbers: dict[str, list[int]] = {}
    for line in rows.lines.values():
        debit, credit = rows.accounts[line.debit_account], rows.accounts[line.credit_account]
        assert debit.commodity == credit.commodity == line.commodity and debit != credit
        assert type(line.amount) is int and 1 <= line.amount <= MOST
        assert (line.debit_seq is not None, line.credit_seq is not None) == (debit.is_member, credit.is_member)
        assert debit.is_member or credit.is_member
        assert line.effective_on == rows.heads[line.transaction_id].effective_on
        numbers.setdefault(line.transaction_id, []).append(line.line)
    assert numbers.keys() == rows.heads.keys()
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def everything_balances(rows: Rows, sides: dict[str, list[Side]]) -> None:
    """Stored balances of members and the sums of the others give zero, commodity by commodity."""
    total: Counter[str] = Counter()
    for account, opened in rows.accounts.items():
        total[opened.commodity] += rows.balances[account].posted if opened.is_member else sum(
            side.amount for side in sides.get(account, []))
    assert not any(total.values()), total


def numbers_and_balances_chain(rows: Rows, account: str, sides: list[Side]) -> None:
    balance = 0
    for number, side in enumerate(sides, 1):
        balance += side.amount
        assert (side.seq, side.after) == (number, balance), (rows.accounts[account].code, side)


def floor_holds_in_sequence(rows: Rows, floor: int | None, sides: list[Side]) -> None:
    for side in sides:
        if floor is not None and side.is_debit and not rows.heads[side.line.transaction_id].may_go_below:
            assert side.after is not None and side.after >= floor, side


def balance_row_is_the_fold(rows: Rows, account: str, sides: list[Side]) -> None:
    row, out, dues, last_due, lapse_on = rows.balances[account], 0, Counter[date](), None, None
    for side in sides:
        kind, due, back = rows.heads[side.line.transaction_id].kind, side.line.due_on, side.line.reverses_line
        if side.is_debit == (back is not None):  # a credit, or one that is taken back
            if due is not None:
                dues[due] += side.amount
            last_due = last_due if side.is_debit else due or NEVER
        else:
            out -= side.amount
            if kind == LAPSED_KIND:
                cutoff = due or date.fromordinal(side.line.effective_on.toordinal() - 1)
                lapse_on = max(cutoff, lapse_on or cutoff)
    assert row.posted == sum(side.amount for side in sides)
    assert (row.last_seq, row.out_total, row.last_due_on, row.last_lapse_on) == (len(sides), out, last_due, lapse_on)
    assert row.last_effective_on == max((side.line.effective_on for side in sides), default=None)
    stored = {one.due_on: one.credits for one in rows.dues.values() if one.account_id == account and one.credits}
    assert stored == {day: amount for day, amount in dues.items() if amount}


def reversals_turn_lines_around(rows: Rows) -> None:
    taken: Counter[tuple[str, int]] = Counter()
    for head in rows.heads.values():
        for line in [] if head.reverses is None else rows.of(head.id):
            was, original = rows.lines[head.reverses, line.reverses_line], rows.heads[str(head.reverses)]
            assert original.reverses is None and (original.kind == LAPSED_KIND) == (head.kind == GIVEN_BACK_KIND)
            assert (was.debit_account, was.credit_account) == (line.credit_account, line.debit_account)
            assert was.due_on == line.due_on
            taken[was.transaction_id, was.line] += line.amount
    assert all(amount <= rows.lines[key].amount for key, amount in taken.items())
    assert all(rows.heads[line.transaction_id].reverses for line in rows.lines.values() if line.reverses_line)


def what_is_held_is_in_open_holds(rows: Rows) -> None:
    held: Counter[str] = Counter()
    for hold in rows.holds.values():
        assert 0 <= hold.captured <= hold.amount
        assert hold.captured == sum(one.amount for one in rows.captures.values() if one.hold_id == hold.id)
        if hold.ended_as is None:
            held[hold.account_id] += hold.amount - hold.captured
    assert {key: row.held for key, row in rows.balances.items() if row.held} == {
        key: amount for key, amount in held.items() if amount}
    for one in rows.captures.values():
        assert one.amount == sum(line.amount for line in rows.of(one.transaction_id)
                                 if line.debit_account == one.account_id)


def leaves_stand_one_for_each(rows: Rows) -> None:
    assert sorted(rows.leaves) == list(range(len(rows.leaves)))
    moments = [rows.leaves[at].sealed_at for at in range(len(rows.leaves))]
    assert moments == sorted(moments)
    sealed = {leaf.transaction_id for leaf in rows.leaves.values()}
    assert len(sealed) == len(rows.leaves) and not sealed & rows.waiting
    assert sealed | rows.waiting == rows.heads.keys()


def days_end(sides: list[Side], holds: dict[date, int], first: date) -> list[tuple[date, int]]:
    """[(day, what is free at its end)] for `first` and every later day on which anything is effective or held."""
    change = Counter(holds)
    for side in sides:
        change[side.line.effective_on] += side.amount
    free, found = sum(amount for day, amount in change.items() if day < first), []
    for day in sorted({first, *(day for day in change if day >= first)}):
        free += change[day]
        found.append((day, free))
    return found


# -- RFC 9162, told once more ----------------------------------------------------------------------------------------
def root_over(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_over(hashes[:left]) + root_over(hashes[left:])).digest()


def map_root_over(rows: Rows) -> bytes:
    """The root of the map of accounts: (id, floor, last sealed number, balance after it), in the order of ids."""
    sealed, hashes = {leaf.transaction_id for leaf in rows.leaves.values()}, []
    for account, sides in sorted(rows.sides().items()):
        mine = [side for side in sides if side.line.transaction_id in sealed]
        if rows.accounts[account].is_member and mine:
            floor = rows.accounts[account].floor
            fields = ["account", account, floor, mine[-1].seq, sum(side.amount for side in mine)]
            text = "".join("-" if field is None else f"{len(str(field))}:{field}," for field in fields)
            hashes.append(hashlib.sha256(b"\x00" + text.encode()).digest())
    return root_over(hashes)
