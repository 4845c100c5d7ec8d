"""A month of a made-up town as ledger entries: service earned, points spent, now and then a deduction.

Drawn from the seed and from what the wallets hold, so the same portion always comes out the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from ledger import Entry, Party, Transfer
from pointsbank import accounts
from redemption.accounts import spent

SCOPE = "city"
EARN_OF_100, SPEND_OF_100 = 70, 95  # below the first: a deed; below the second: a sale; else a deduction
AN_HOUR, LEAST, MOST = 60, 1, 8  # a deed lasts one to eight half-hours


class Home(NamedTuple):
    id: UUID
    place_code: str
    people: tuple[UUID, ...]  # who may serve, the head first


class Month(NamedTuple):
    """`count`: the transfers of the month, exactly. `key` begins the entries' idempotency keys."""

    key: str
    first: date
    days: int
    due_on: date | None


def entries_of(month: Month, homes: Sequence[Home], counts: Mapping[str, int], held: dict[UUID, int],
               seed: int) -> list[Entry]:
    """The month's entries in the order of their days; each village has exactly its number of transfers.

    `held` (household -> points) goes along, so that nobody spends what they do not have.
    """
    rng = random.Random(f"{seed}|{month.key}")
    by_place: dict[str, list[Home]] = {}
    for home in homes:
        by_place.setdefault(home.place_code, []).append(home)
    plan: list[tuple[int, str, int]] = []  # (day, place, transfers)
    for place, left in sorted(counts.items()):
        while left:
            size = min(left, 3) if rng.randrange(100) < EARN_OF_100 else min(left, rng.choice((1, 1, 1, 1, 2)))
            plan.append((rng.randrange(month.days), place, size))
            left -= size
    entries: list[Entry] = []
    for number, (day, place, size) in enumerate(sorted(plan)):
        home = rng.choice(by_place[place])
        entries.append(_entry(rng, month, f"{month.key}|{number}", home, month.first + timedelta(days=day), size, held))
    return entries


def _entry(rng: random.Random, month: Month, key: str, home: Home, day: date, size: int,
           held: dict[UUID, int]) -> Entry:
    """One entry of exactly `size` transfers: three a deed, two a deduction, one a sale (or minutes alone)."""
    wallet, score, place = accounts.wallet(home.id, home.place_code), accounts.score(home.id), home.place_code
    person = rng.choice(home.people[:2])
    minutes = rng.randint(LEAST, MOST) * AN_HOUR // 2
    points = minutes * 100 // AN_HOUR
    service = Transfer(accounts.served(place), accounts.hours(person), minutes)
    if size == 1 and held.get(home.id, 0) >= points:
        held[home.id] -= points
        return Entry(SCOPE, key, "sale", day, (Transfer(wallet, spent(place), points),), Party(home.id), place=place)
    if size == 2:
        held[home.id] = held.get(home.id, 0) - 100
        return Entry(SCOPE, key, "deducted", day, (Transfer(wallet, accounts.penalty(place), 100),
                                                   Transfer(score, accounts.scored(place), 100)),
                     Party(home.id), rule="N01", place=place, may_go_below=True)
    moves = (service,)
    if size == 3:
        held[home.id] = held.get(home.id, 0) + points
        moves = (service, Transfer(accounts.budget(place), wallet, points, month.due_on),  # type: ignore[assignment]
                 Transfer(accounts.scored(place), score, points))
    return Entry(SCOPE, key, "earned", day, moves, Party(home.id, person), rule="V01", place=place)
