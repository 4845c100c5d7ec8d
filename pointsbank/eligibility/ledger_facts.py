"""Facts counted in the ledger: what was earned, spent, served and deducted, how often, in how many months.

Stars rest on score and on what was earned, never on the balance: a household that spends everything keeps its rank.
Everything counts by the household of then (the transaction's party), so a person who moves takes no hours along.
The ledger is complete: no entry is a figure of nought, not a missing one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

import ledger
from pointsbank import accounts
from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.eligibility.asking import Ask
from pointsbank.eligibility.facts import (
    FactSpec,
    Found,
    register_facts,
    register_select,
    register_turnover,
)
from pointsbank.eligibility.windows import Window

AWARDS = ("earned", "regained")
SALES = ("sale",)


def _volunteers(ask: Ask, specs: Sequence[FactSpec]) -> Select[Any]:
    """Members with minutes of the window; the minutes' rows alone are grouped by person."""
    t, minutes = ask.relation, ask.relation.amount
    each = select(t.household, t.person, *(func.sum(minutes).filter(t.within(ask.window_of(spec))).label(spec.column)
                                           for spec in specs)
                  ).where(t.commodity == MINUTE).group_by(t.household, t.person).subquery("each_member")
    columns = [func.count().filter(each.c[spec.column] > 0).label(spec.column) for spec in specs]
    return select(each.c[t.household.key or "household"].label("household_id"), *columns).group_by(each.c[0])


def _balance(s: Session, book_id: int, ids: Sequence[UUID], on: date, window: Window,
             names: Sequence[str]) -> Mapping[str, Found]:
    wallets = {accounts.wallet(household_id, f"{book_id}000000"): household_id for household_id in ids}
    found = ledger.balances(s.connection(), book_id, wallets, today=on)
    return {"balance": {wallets[account]: balance.available for account, balance in found.items()}}


def _sums() -> None:
    register_turnover(FactSpec("hours", "minutes", "本年志愿服务时长", "service hours this year", more_zh="再服务 {n}",
                               more_en="{n} more of service", note_zh="户内成员合计,修正过的按修正后算",
                               note_en="all members together, net of corrections"),
                      lambda t: t.total(t.of(MINUTE)))
    register_turnover(FactSpec("score", "hundredths", "本年评价分", "rating score this year"),
                      lambda t: t.total(t.of(SCORE)))
    register_turnover(FactSpec("deducted", "hundredths", "本年扣分", "points deducted this year"),
                      lambda t: t.lost(t.of(SCORE)))
    register_turnover(FactSpec("earned", "hundredths", "本年获得积分", "points earned this year",
                               note_zh="兑换不减少它", note_en="redeeming does not lessen it"),
                      lambda t: t.total(t.of(POINT, kinds=AWARDS)))
    register_turnover(FactSpec("spent", "hundredths", "本年兑换积分", "points redeemed this year"),
                      lambda t: t.total(t.of(POINT, kinds=SALES), sign=-1))
    register_turnover(FactSpec("deeds", "whole", "本年入账的事", "deeds entered this year", "件", "deeds"),
                      lambda t: t.times(t.of(SCORE, kinds=AWARDS)))
    register_turnover(FactSpec("active_months", "whole", "本年有好事入账的月数", "months with a deed this year",
                               "个月", "months"), lambda t: t.months(t.of(SCORE, kinds=AWARDS)))
    register_turnover(FactSpec("active_streak", "whole", "本年连续有好事入账的月数",
                               "months on end with a deed this year", "个月", "months"),
                      lambda t: t.streak(t.of(SCORE, kinds=AWARDS)))


def _families() -> None:
    register_turnover(FactSpec("count_", "whole", "“{name}”本年次数", "times of “{name}” this year", "次", "times"),
                      lambda t: t.times(t.of(SCORE, t.codes)))
    register_turnover(FactSpec("months_", "whole", "本年有“{name}”的月数", "months with “{name}” this year",
                               "个月", "months"), lambda t: t.months(t.of(SCORE, t.codes)))
    register_turnover(FactSpec("streak_", "whole", "本年连续有“{name}”的月数", "months on end with “{name}” this year",
                               "个月", "months"), lambda t: t.streak(t.of(SCORE, t.codes)))
    register_turnover(FactSpec("score_", "hundredths", "“{name}”本年得分", "score of “{name}” this year"),
                      lambda t: t.total(t.of(SCORE, t.codes)))
    register_turnover(FactSpec("earned_", "hundredths", "“{name}”本年所得积分", "points earned by “{name}” this year"),
                      lambda t: t.total(t.of(POINT, t.codes, kinds=AWARDS)))
    register_turnover(FactSpec("hours_", "minutes", "“{name}”本年服务时长", "hours of “{name}” this year",
                               more_zh="再服务 {n}", more_en="{n} more of service"),
                      lambda t: t.total(t.of(MINUTE, t.codes)))


def register() -> None:
    """Put these facts into the catalogue."""
    _sums()
    _families()
    register_select((FactSpec("volunteers", "whole", "本年服务过的成员", "members who served this year", "人", "people",
                              absent=0),), _volunteers)
    register_facts((FactSpec("balance", "hundredths", "可用积分", "points available",
                             note_zh="只用于兑换;星级从不看它", note_en="for redeeming only; stars never look at it"),),
                   _balance)
