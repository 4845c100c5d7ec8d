"""What a household sees of itself. A page costs a fixed number of statements, whatever the history.

    wallet_of(s, household, today)            balance, what lapses when, hours, the year's flows
    entries_of(s, household, …, before=…)     three months of entries that had any, newest first
    entry_of(s, household, transaction_id)    one entry with everything it moved
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

import ledger
from ledger import Balance, Line, TransactionView, Turnover
from pointsbank import accounts
from pointsbank.amounts import MINUTE, POINT, SCORE
from pointsbank.errors import NotFound
from pointsbank.people import HouseholdCard, PersonCard, household_cards, person_cards, persons_of_household
from pointsbank.wallets import narrate
from pointsbank.wallets.narrators import Told
from pointsbank.web.charts import MonthFlow

MONTHS_DRAWN = 12
MONTHS_A_PAGE = 3
CARRIED = ("opening",)  # what the paper passbooks held is neither earned nor spent
FOR_EVER = 9999


class Hours(NamedTuple):
    """Service minutes of one member, this year and in all."""

    person: PersonCard
    this_year: int
    in_all: int


class Went(NamedTuple):
    """What left the wallet in the months drawn, by where it went; `carried` is what came from the paper passbook."""

    shopped: int
    deducted: int
    lapsed: int
    carried: int


class Wallet(NamedTuple):
    """The first page's figures. `expiring`: (last day, points) of what can be spent now, soonest first."""

    household: HouseholdCard
    balance: Balance
    score: int
    expiring: list[tuple[date, int]]
    hours: list[Hours]
    flows: list[MonthFlow]
    went: Went
    months: list[date]  # that have entries, newest first

    @property
    def next_due(self) -> tuple[date, int] | None:
        """What lapses first; None when nothing ever does."""
        return next(((day, points) for day, points in self.expiring if day.year < FOR_EVER), None)


class Entry(NamedTuple):
    """One transaction in the wallet, in words. `kind`, `due_on` and `reverses` as in the ledger; `who`: the member."""

    transaction_id: UUID
    effective_on: date
    what: str
    kind: str
    points: int
    balance: int
    due_on: date | None
    reverses: UUID | None
    person_id: UUID | None
    who: str


class EntryPage(NamedTuple):
    """Months with their entries, newest first; `older`: the key of the next page."""

    months: list[tuple[date, list[Entry]]]
    older: date | None


class WholeEntry(NamedTuple):
    """One transaction as its household sees it: what moved in the wallet, the hours book and the score."""

    view: TransactionView
    what: str
    entry: Entry | None
    minutes: list[tuple[str, int]]
    score: int


def months_back(today: date, count: int) -> list[date]:
    """The first days of the last `count` months, this month last."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def flows(turned: Iterable[Turnover], months: Sequence[date]) -> list[MonthFlow]:
    """Earned and spent by month. A correction counts on the side of what it corrects, in the month it was made."""
    earned, spent = dict.fromkeys(months, 0), dict.fromkeys(months, 0)
    for row in turned:
        month = _first_day(row)
        if month not in earned or row.kind in CARRIED:
            continue
        if row.kind in ("earned", "regained"):
            earned[month] += row.credits - row.debits
        elif row.kind == "reversal":  # takes back what was earned, or gives back what was deducted
            earned[month] -= row.debits
            spent[month] -= row.credits
        else:
            spent[month] += row.debits - row.credits
    return [MonthFlow(month, max(0, earned[month]), max(0, spent[month])) for month in months]


def went(turned: Iterable[Turnover], months: Sequence[date]) -> Went:
    """Where the months' spending went."""
    inside = [row for row in turned if months[0] <= _first_day(row) <= months[-1]]

    def out(*kinds: str) -> int:
        return sum(row.debits - row.credits for row in inside if row.kind in kinds)

    given_back = sum(row.credits for row in inside if row.kind == "reversal")
    return Went(out("sale", "sale_return"), out("deducted") - given_back,
                out("expired", "unexpired", "capped"), -out(*CARRIED))


def _first_day(row: Turnover) -> date:
    return date.fromisoformat(f"{row.month}-01")


def own_household(s: Session, book_id: int, household_id: UUID | None) -> HouseholdCard:
    """The signed-in person's household. Raises NotFound for someone without one."""
    card = household_cards(s, book_id, [household_id]).get(household_id) if household_id else None
    if card is None:
        raise NotFound("household")
    return card


def wallet_of(s: Session, household: HouseholdCard, today: date) -> Wallet:
    """The wallet of a household as it stands. At most eighteen statements."""
    account, score = accounts.wallet(household.id, household.place_code), accounts.score(household.id)
    connection, book_id = s.connection(), household.book_id
    found = ledger.balances(connection, book_id, [account, score], today=today)
    turned = turnovers_of(s, household)
    drawn = months_back(today, MONTHS_DRAWN)
    return Wallet(
        household, found[account], found[score].posted, ledger.expiring(connection, book_id, account, today),
        _hours(s, persons_of_household(s, book_id, household.id), today), flows(turned, drawn), went(turned, drawn),
        months_of(turned))


def turnovers_of(s: Session, household: HouseholdCard) -> list[Turnover]:
    """What went through the wallet, by kind and month; one statement."""
    code = accounts.wallet(household.id, household.place_code).code
    return ledger.turnovers(s.connection(), household.book_id, POINT, code, by=("kind", "month"))


def months_of(turned: Iterable[Turnover]) -> list[date]:
    """The months that have entries, newest first."""
    return sorted({_first_day(row) for row in turned}, reverse=True)


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


def entries_of(s: Session, household: HouseholdCard, months: Sequence[date], lang: str,
               before: date | None = None) -> EntryPage:
    """Three of the `months` that have entries, those before `before`. Two statements and the narrators'."""
    left = [month for month in months if before is None or month < before]
    shown, rest = left[:MONTHS_A_PAGE], left[MONTHS_A_PAGE:]
    if not shown:
        return EntryPage([], None)
    found = wallet_entries(s, household, lang, shown[-1], month_end(shown[0]))[::-1]
    return EntryPage([(month, list(some)) for month, some in groupby(found, lambda e: e.effective_on.replace(day=1))],
                     shown[-1] if rest else None)


def wallet_entries(s: Session, household: HouseholdCard, lang: str, start: date | None = None,
                   end: date | None = None) -> list[Entry]:
    """The wallet's entries of some days in effective order, in words."""
    account = accounts.wallet(household.id, household.place_code)
    lines = ledger.lines(s.connection(), household.book_id, account, start, end)
    told = narrate(s, household.book_id, lines, lang)
    people = person_cards(s, household.book_id, {line.party.person for line in lines if line.party.person})
    return [_entry(list(some), told[transaction_id], people)
            for transaction_id, some in groupby(lines, key=lambda line: line.transaction_id)]


def _entry(lines: list[Line], what: str, people: Mapping[UUID, PersonCard]) -> Entry:
    """One transaction is one entry, though a sale has a line for each good."""
    last = lines[-1]
    person = last.party.person
    return Entry(last.transaction_id, last.effective_on, what, last.kind, sum(line.amount for line in lines),
                 last.balance, last.due_on, last.reverses, person,
                 people[person].name if person is not None and person in people else "")


def entry_of(s: Session, household: HouseholdCard, transaction_id: UUID, lang: str) -> WholeEntry:
    """One transaction of the household. Raises NotFound for anybody else's, as if it were not there."""
    connection, book_id = s.connection(), household.book_id
    found = ledger.transactions(connection, book_id, ids=[transaction_id], household=household.id, limit=1)
    if not found:
        raise NotFound("transaction")
    view = found[0]
    wallet = accounts.wallet(household.id, household.place_code)
    day = [line for line in ledger.lines(connection, book_id, wallet, view.effective_on, view.effective_on)
           if line.transaction_id == view.id]
    people = person_cards(s, book_id, [view.party.person] if view.party.person else [])
    names = {accounts.hours(one.id).code: one.name for one in people.values()}
    minutes = [(names.get(code, ""), amount) for code, amount in _moved(view, MINUTE) if code.startswith("hours:")]
    told: list[Told] = [*day] if day else [_as_told(view)]
    what = narrate(s, book_id, told, lang)[view.id]
    score = accounts.score(household.id).code
    return WholeEntry(view, what, _entry(day, what, people) if day else None, minutes,
                      sum(amount for code, amount in _moved(view, SCORE) if code == score))


class _NoLine(NamedTuple):
    """A transaction without a line in the wallet (hours alone), as narrators want it."""

    transaction_id: UUID
    kind: str
    rule: str | None
    reverses: UUID | None
    meta: dict[str, object]


def _as_told(view: TransactionView) -> _NoLine:
    return _NoLine(view.id, view.kind, view.rule, view.reverses, dict(view.meta))


def _moved(view: TransactionView, commodity: str) -> list[tuple[str, int]]:
    """(account code, signed amount) of both sides of the transfers of a commodity."""
    moves = [one for one in view.transfers if one.credit.commodity == commodity]
    return [pair for one in moves for pair in ((one.credit.code, one.amount), (one.debit.code, -one.amount))]
