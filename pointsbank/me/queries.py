"""What a household sees of itself. A wallet page costs a fixed number of statements, whatever its history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import Balance, Line
from pointsbank import accounts
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard, PersonCard, household_cards, persons_of_household
from pointsbank.wallets import narrate
from pointsbank.web.charts import MonthFlow

MONTHS_SHOWN = 12


class Hours(NamedTuple):
    """Service minutes of one member, this year and in all."""

    person: PersonCard
    this_year: int
    in_all: int


class Entry(NamedTuple):
    """One movement of the wallet, in words."""

    transaction_id: UUID
    effective_on: date
    what: str
    points: int
    balance: int


class Wallet(NamedTuple):
    """Everything the first page shows. `expiring`: (last day, points) of what can be spent now, soonest first."""

    household: HouseholdCard
    balance: Balance
    expiring: list[tuple[date, int]]
    hours: list[Hours]
    entries: list[Entry]
    flows: list[MonthFlow]
    score: int


def months_back(today: date, count: int) -> list[date]:
    """The first days of the last `count` months, this month last."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def flows(lines: Sequence[Line], today: date) -> list[MonthFlow]:
    """Earned and spent by month. A correction counts on the side of what it corrects."""
    earned: dict[date, int] = {}
    spent: dict[date, int] = {}
    for line in lines:
        month = line.effective_on.replace(day=1)
        came_in = (line.amount > 0) != (line.reverses is not None)
        side = earned if came_in else spent
        side[month] = side.get(month, 0) + (line.amount if came_in else -line.amount)
    return [MonthFlow(month, max(0, earned.get(month, 0)), max(0, spent.get(month, 0)))
            for month in months_back(today, MONTHS_SHOWN)]


def _hours(s: Session, people: list[PersonCard], today: date) -> list[Hours]:
    if not people:
        return []
    book_id, connection = people[0].book_id, s.connection()
    named = {accounts.hours(person.id): person for person in people}
    now = ledger.balances(connection, book_id, list(named))
    last_year = ledger.balances(connection, book_id, list(named), on=date(today.year - 1, 12, 31))
    rows = [Hours(person, now[account].posted - last_year[account].posted, now[account].posted)
            for account, person in named.items()]
    return sorted(rows, key=lambda row: -row.in_all)


def wallet_lines(s: Session, household: HouseholdCard, lang: str) -> tuple[list[Line], list[Entry]]:
    """All lines of the household's wallet in effective order, and the same in words."""
    lines = ledger.lines(s.connection(), household.book_id, accounts.wallet(household.id, household.place_code))
    told = narrate(s, household.book_id, lines, lang)
    return lines, [Entry(line.transaction_id, line.effective_on, told[line.transaction_id], line.amount, line.balance)
                   for line in lines]


def own_household(s: Session, book_id: int, household_id: UUID | None) -> HouseholdCard:
    """The signed-in person's household. Raises NotFound for someone without one."""
    card = household_cards(s, book_id, [household_id]).get(household_id) if household_id else None
    if card is None:
        raise NotFound("household")
    return card


def wallet_of(s: Session, household: HouseholdCard, today: date, lang: str) -> Wallet:
    """The wallet page of a household."""
    account = accounts.wallet(household.id, household.place_code)
    score = accounts.score(household.id)
    connection = s.connection()
    found = ledger.balances(connection, household.book_id, [account, score])
    lines, entries = wallet_lines(s, household, lang)
    people = persons_of_household(s, household.book_id, household.id)
    return Wallet(household, found[account], ledger.expiring(connection, household.book_id, account, today),
                  _hours(s, people, today), entries, flows(lines, today), found[score].posted)


def own_transaction(s: Session, household: HouseholdCard, transaction_id: UUID) -> ledger.TransactionView:
    """One transaction of the household. Raises NotFound for anybody else's, as if it were not there."""
    view = ledger.transaction(s.connection(), household.book_id, transaction_id)
    if view is None or view.party.household != household.id:
        raise NotFound("transaction")
    return view
