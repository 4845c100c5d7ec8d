"""Facts read from the ledger: what was earned, spent, served and deducted in the window, and what can be spent now.

Stars rest on score and on what was earned, never on the balance: a household that spends everything keeps its rank.
Everything counts by the household of then (the transaction's party), so a person who moves takes no hours along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.eligibility.deeds import Deeds, deeds
from pointsbank.eligibility.facts import FactSpec, Found, Window, register_facts, register_family, spec_of

AWARDS = ("earned", "regained")
SALES = ("sale",)


def _all(ids: Sequence[UUID], found: Mapping[UUID, int]) -> dict[UUID, int]:
    """The ledger is complete: no entry is a figure of nought, not a missing one."""
    return {household_id: found.get(household_id, 0) for household_id in ids}


def read_by_rule(value: Callable[[list[Deeds]], int]) -> Callable[..., Mapping[str, Found]]:
    """A reading for facts counted over rules: one statement for all the names asked."""
    def read(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
        codes = {name: spec_of(name).codes for name in names}
        wanted = {code for some in codes.values() for code in some}
        groups: dict[tuple[UUID, str | None], list[Deeds]] = defaultdict(list)
        for row in deeds(s.connection(), book_id, SCORE, ids, window, rules=wanted):
            groups[(row.household, row.rule)].append(row)
        return {name: {household_id: value([row for code in some for row in groups.get((household_id, code), ())])
                       for household_id in ids} for name, some in codes.items()}

    return read


def times(rows: list[Deeds]) -> int:
    return sum(row.times for row in rows)


def months(rows: list[Deeds]) -> int:
    """In how many different months something stands."""
    return len({row.month for row in rows if row.times > 0})


def total(rows: list[Deeds]) -> int:
    return sum(row.amount for row in rows)


def _service(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
    minutes: dict[UUID, int] = defaultdict(int)
    people: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    for row in deeds(s.connection(), book_id, MINUTE, ids, window, by_person=True):
        minutes[row.household] += row.amount
        if row.person is not None:
            people[row.household][row.person] += row.amount
    served = {household_id: sum(1 for amount in each.values() if amount > 0) for household_id, each in people.items()}
    return {"hours": _all(ids, minutes), "volunteers": _all(ids, served)}


def _score(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
           names: Sequence[str]) -> Mapping[str, Found]:
    net: dict[UUID, int] = defaultdict(int)
    lost: dict[UUID, int] = defaultdict(int)
    for row in deeds(s.connection(), book_id, SCORE, ids, window):
        net[row.household] += row.amount
        if row.rule is not None:  # what goes to another household by a split or a merge is no deduction
            lost[row.household] += max(-row.amount, 0)
    return {"score": _all(ids, net), "deducted": _all(ids, lost)}


def _points(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
            names: Sequence[str]) -> Mapping[str, Found]:
    found: dict[str, Found] = {}
    for name, kinds, sign in (("earned", AWARDS, 1), ("spent", SALES, -1)):
        if name in names:
            sums: dict[UUID, int] = defaultdict(int)
            for row in deeds(s.connection(), book_id, POINT, ids, window, kinds=kinds):
                sums[row.household] += sign * row.amount
            found[name] = _all(ids, sums)
    return found


def _balance(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
    wallets = {accounts.wallet(household_id, f"{book_id}000000"): household_id for household_id in ids}
    found = ledger.balances(s.connection(), book_id, wallets, today=on)
    return {"balance": {wallets[account]: balance.available for account, balance in found.items()}}


def register() -> None:
    """Put these facts into the catalogue."""
    register_facts((
        FactSpec("hours", "minutes", "本年志愿服务时长", "service hours this year", more_zh="再服务 {n}",
                 more_en="{n} more of service"),
        FactSpec("volunteers", "whole", "本年服务过的成员", "members who served this year", "人", "people"),
    ), _service)
    register_facts((FactSpec("score", "hundredths", "本年评价分", "rating score this year"),
                    FactSpec("deducted", "hundredths", "本年扣分", "points deducted this year")), _score)
    register_facts((FactSpec("earned", "hundredths", "本年获得积分", "points earned this year"),
                    FactSpec("spent", "hundredths", "本年兑换积分", "points redeemed this year")), _points)
    register_facts((FactSpec("balance", "hundredths", "可用积分", "points available"),), _balance)
    register_family("count_", "whole", "“{name}”本年次数", "times of “{name}” this year", read_by_rule(times),
                    unit_zh="次", unit_en="times")
    register_family("months_", "whole", "有“{name}”的月数", "months with “{name}”", read_by_rule(months),
                    unit_zh="个月", unit_en="months")
    register_family("score_", "hundredths", "“{name}”本年得分", "score of “{name}” this year", read_by_rule(total))
