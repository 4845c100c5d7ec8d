"""Balances that go from one household to another: always ledger transactions through 往来, never an edit.

Two entries, both or neither: `moved_out` with the giving household as party, `moved_in` with the receiving one, so
that each one's statement tells its own side. Points leave first in, first out, as spending takes them, and keep their
last days. Of the score only what counts in the running year goes along.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import Account, Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.amounts import SCORE, format_points
from pointsbank.clock import to_day
from pointsbank.eligibility import facts_for
from pointsbank.households.errors import NotSoMany
from pointsbank.people import HouseholdCard

OUT, IN = "moved_out", "moved_in"


class Carried(NamedTuple):
    points: int
    score: int
    transactions: tuple[UUID, ...]


def wallet_of(home: HouseholdCard) -> Account:
    return accounts.wallet(home.id, home.place_code)


def lock(s: Session, book_id: int, homes: list[HouseholdCard]) -> None:
    """Wallets and scores of both sides, before anything is read."""
    ledger.lock_members(s.connection(), book_id, [account for home in homes
                                                  for account in (wallet_of(home), accounts.score(home.id))])


def balance_of(s: Session, home: HouseholdCard, at: datetime) -> ledger.Balance:
    return ledger.balances(s.connection(), home.book_id, [wallet_of(home)], today=to_day(at))[wallet_of(home)]


def year_score(s: Session, home: HouseholdCard, day: date) -> int:
    """What stands of this year's score of the household."""
    return int(facts_for(s, home.book_id, [home.id], ["score"], on=day)[home.id]["score"])


def dated_parts(s: Session, home: HouseholdCard, points: int, at: datetime) -> list[tuple[date | None, int]]:
    """The first `points` of the wallet with their last days, as spending would take them."""
    left, parts = points, []
    for due_on, amount in ledger.expiring(s.connection(), home.book_id, wallet_of(home), to_day(at)):
        if left and amount:
            parts.append((due_on, min(amount, left)))
            left -= min(amount, left)
    return [*parts, (None, left)] if left else list(parts)  # type: ignore[list-item]


def carry(s: Session, key: UUID, giver: HouseholdCard, taker: HouseholdCard, *, points: int, score: int,
          on: date, at: datetime, meta: dict[str, str]) -> Carried:
    """Move points (below zero: a debt) and score from giver to taker. Inside a unit of work, after `lock`.

    Raises NotSoMany, ledger.PeriodClosed.
    """
    book_id, clearing = giver.book_id, {c: accounts.clearing(giver.book_id, c) for c in ("POINT", SCORE)}
    out: list[Transfer] = []
    back: list[Transfer] = []
    if points > 0:
        balance = balance_of(s, giver, at)
        if balance.available < points:
            raise NotSoMany("points", needed=format_points(points), available=format_points(balance.available))
        out.append(Transfer(wallet_of(giver), clearing["POINT"], points))
        back += [Transfer(clearing["POINT"], wallet_of(taker), amount, due_on)
                 for due_on, amount in dated_parts(s, giver, points, at)]
    elif points < 0:  # a debt goes along too
        out.append(Transfer(clearing["POINT"], wallet_of(giver), -points))
        back.append(Transfer(wallet_of(taker), clearing["POINT"], -points))
    mine, theirs, other = accounts.score(giver.id), accounts.score(taker.id), clearing[SCORE]
    if score > 0:
        out.append(Transfer(mine, other, score))
        back.append(Transfer(other, theirs, score))
    elif score < 0:
        out.append(Transfer(other, mine, -score))
        back.append(Transfer(theirs, other, -score))
    if not out:
        return Carried(0, 0, ())
    entries = [Entry("household", f"{key}:{side}", kind, on, tuple(moves), Party(household=home.id),
                     place=home.place_code, meta=meta, may_go_below=points < 0)
               for side, kind, moves, home in (("out", OUT, out, giver), ("in", IN, back, taker))]
    outcomes = ledger.post(s.connection(), book_id, entries, recorded_at=at)
    return Carried(points, score, tuple(one.transaction_id for one in outcomes if one.transaction_id))
