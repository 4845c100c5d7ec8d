"""期初转入: balances of the paper passbooks carried into the bank, once a household, each by its own transaction.

    carry_over(s, CarryOver(key, {household.id: Points(14600)}, due_on=date(2027, 3, 31)), by=admin, at=now)

A balance below zero is carried over as such: the household owes until new points fill the hole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts, audit
from pointsbank.access import Actor, require
from pointsbank.amounts import Points
from pointsbank.clock import to_day
from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.people import household_cards

SCOPE = "carry-over"  # of the book, not of a user: a household is carried over once, whoever does it


@dataclass(frozen=True)
class CarryOver:
    """`balances`: hundredths of a point by household. `due_on`: the last day they can be spent (None: for ever)."""

    balances: Mapping[UUID, Points]
    due_on: date | None


def carry_over(s: Session, cmd: CarryOver, *, by: Actor, at: datetime) -> int:
    """Post the opening balances; a household that has one keeps it. Returns how many were new.

    Raises: NotFound, NotAllowed; KeyReused when a household was carried over with another balance.
    """
    with unit_of_work(s):
        homes = household_cards(s, by.book_id, cmd.balances)
        entries = []
        for household_id, points in sorted(cmd.balances.items()):
            home = homes.get(household_id)
            if home is None:
                raise NotFound("balances")
            require(by, "people.edit", at_place=home.place_code)
            if points == 0:
                continue
            wallet, paper = accounts.wallet(home.id, home.place_code), accounts.opening(home.place_code)
            move = (Transfer(paper, wallet, points, due_on=cmd.due_on) if points > 0 else
                    Transfer(wallet, paper, -points))
            entries.append(Entry(SCOPE, str(home.id), "opening", to_day(at), (move,), Party(household=home.id),
                                 place=home.place_code, may_go_below=points < 0))
        outcomes = ledger.post(s.connection(), by.book_id, entries, recorded_at=at)
        new = sum(not outcome.replay for outcome in outcomes)
        audit.record(s, by, "wallets.carried_over", f"book:{by.book_id}", at=at, households=new)
        return new
