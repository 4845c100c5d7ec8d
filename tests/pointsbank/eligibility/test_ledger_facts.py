"""Facts from the ledger, on both databases, worked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

import ledger
from ledger import Entry, Party, Transfer
from pointsbank import accounts
from pointsbank.database import new_id, unit_of_work
from pointsbank.eligibility import Window, facts_for

BOOK, PLACE = 230199, "230199100200"
AT = datetime(2026, 11, 25, 2, tzinfo=UTC)
ON = date(2026, 11, 1)


def earn(s: Session, household: UUID, rule: str, day: date, points: int, *, minutes: int = 0,
         person: UUID | None = None) -> UUID:
    """One award (negative: a deduction) as the records room posts it."""
    wallet, score = accounts.wallet(household, PLACE), accounts.score(household)
    if points >= 0:
        moves = [Transfer(accounts.budget(PLACE), wallet, points), Transfer(accounts.scored(PLACE), score, points)]
    else:
        moves = [Transfer(wallet, accounts.penalty(PLACE), -points), Transfer(score, accounts.scored(PLACE), -points)]
    if minutes and person:
        moves.append(Transfer(accounts.served(PLACE), accounts.hours(person), minutes))
    entry = Entry("test", str(uuid4()), "earned" if points >= 0 else "deducted", day, tuple(moves),
                  Party(household, person), rule, PLACE, may_go_below=points < 0)
    with unit_of_work(s):
        done = ledger.post(s.connection(), BOOK, [entry], recorded_at=AT)[0]
    assert done.transaction_id is not None
    return done.transaction_id


def take_back(s: Session, transaction: UUID, day: date, parts: dict[int, int] | None = None) -> None:
    with unit_of_work(s):
        ledger.reverse(s.connection(), BOOK, transaction, scope="test", key=str(uuid4()), recorded_at=AT,
                       effective_on=day, parts=parts, claw_back=True)


def spend(s: Session, household: UUID, day: date, points: int) -> None:
    move = Transfer(accounts.wallet(household, PLACE), ledger.system("POINT", "spent:shop"), points)
    entry = Entry("test", str(uuid4()), "sale", day, (move,), Party(household), place=PLACE)
    with unit_of_work(s):
        ledger.post(s.connection(), BOOK, [entry], recorded_at=AT)


@contextmanager
def counted(s: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    engine = s.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_counts_months_and_sums_are_net_of_what_was_taken_back(s: Session) -> None:
    home, other = new_id(), new_id()
    for month in (1, 2, 3):
        earn(s, home, "E01", date(2026, month, 25), 1000)
    march = earn(s, home, "E01", date(2026, 3, 26), 1000)
    take_back(s, march, date(2026, 5, 2))          # voided in May: March still has its other one
    february = earn(s, home, "E02", date(2026, 4, 25), 500)
    take_back(s, february, date(2026, 5, 3))       # April has nothing left
    earn(s, other, "E01", date(2025, 12, 31), 1000)  # last year's
    names = ["count_E01", "months_E01", "months_E01_E02", "score_E01", "earned"]
    found = facts_for(s, BOOK, [home, other], names, on=ON)
    assert found[home] == {"count_E01": 3, "months_E01": 3, "months_E01_E02": 3, "score_E01": 3000, "earned": 3000}
    assert found[other] == {"count_E01": 0, "months_E01": 0, "months_E01_E02": 0, "score_E01": 0, "earned": 0}


def test_half_a_deduction_given_back_is_still_a_deduction(s: Session) -> None:
    home = new_id()
    littered = earn(s, home, "N01", date(2026, 6, 1), -500)
    take_back(s, littered, date(2026, 6, 4), {1: 250, 2: 250})  # put right in time: half of it is given back
    found = facts_for(s, BOOK, [home], ["count_N01", "score_N01", "score", "deducted"], on=ON)[home]
    assert found == {"count_N01": 1, "score_N01": -250, "score": -250, "deducted": 250}


def test_hours_belong_to_the_household_of_then_and_count_who_served(s: Session) -> None:
    home, later, anna, bert = new_id(), new_id(), new_id(), new_id()
    earn(s, home, "V01", date(2026, 3, 5), 300, minutes=180, person=anna)
    earn(s, home, "V01", date(2026, 3, 6), 100, minutes=60, person=bert)
    earn(s, later, "V01", date(2026, 9, 6), 200, minutes=120, person=anna)  # anna has married into another household
    found = facts_for(s, BOOK, [home, later], ["hours", "volunteers"], on=ON)
    assert found == {home: {"hours": 240, "volunteers": 2}, later: {"hours": 120, "volunteers": 1}}


def test_c59_spending_changes_the_balance_and_never_what_was_earned(s: Session) -> None:
    home = new_id()
    earn(s, home, "V01", date(2026, 3, 5), 15800)
    spend(s, home, date(2026, 4, 1), 15000)
    found = facts_for(s, BOOK, [home], ["earned", "spent", "score", "balance"], on=ON)[home]
    assert found == {"earned": 15800, "spent": 15000, "score": 15800, "balance": 800}


def test_a_window_may_be_another_than_the_year(s: Session) -> None:
    home = new_id()
    earn(s, home, "E01", date(2025, 12, 31), 1000)
    window = Window(date(2025, 7, 1), date(2026, 6, 30))
    assert facts_for(s, BOOK, [home], ["count_E01"], on=ON, window=window)[home]["count_E01"] == 1


def test_the_lunar_year_ends_where_the_calendar_says(s: Session) -> None:
    home = new_id()
    # Spring festival 2026 is 17 February, so 16 February is the last day of the twelfth lunar month.
    assert facts_for(s, BOOK, [home], ["lunar_month"], on=date(2026, 2, 16))[home]["lunar_month"] == 12
    assert facts_for(s, BOOK, [home], ["lunar_month"], on=date(2026, 2, 17))[home]["lunar_month"] == 1


@pytest.mark.parametrize("many", [3, 300])
def test_the_number_of_statements_does_not_grow_with_households(s: Session, many: int) -> None:
    homes = [new_id() for _ in range(many)]
    earn(s, homes[0], "E01", date(2026, 3, 5), 1000)
    s.rollback()
    names = ["count_E01", "months_E02", "score_N01", "hours", "volunteers", "earned", "spent"]
    with counted(s) as statements:
        facts_for(s, BOOK, homes, names, on=ON)
    assert len([text for text in statements if text.lstrip().startswith(("SELECT", "WITH"))]) == 1
