"""A statement's figures against the ledger, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

import ledger
from pointsbank import accounts
from pointsbank.access import Actor
from pointsbank.database import unit_of_work
from pointsbank.errors import NotAllowed, NotFound
from reports.statements.errors import BadPeriod, WhichPlace
from reports.statements.pdf import statement_pdf
from reports.statements.service import AskStatement, ask_statement, print_statement
from tests.reports.conftest import BOOK, NEXT_VILLAGE, VILLAGE, Book, actor, household, noon
from tests.reports.papers import text_of

MARCH = AskStatement(date(2026, 3, 1), date(2026, 3, 31))
LATER = datetime(2026, 4, 2, 2, 3, tzinfo=UTC)


def test_a_movement_on_the_first_day_is_a_line_and_the_day_before_is_in_the_opening(book: Book, auditor: Actor):
    # C53: 28 February 23:59:59 counts in the opening, 1 March 00:00 is listed
    book.post(book.h011, 500, date(2026, 2, 28), at=datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC))
    book.post(book.h011, 300, date(2026, 3, 1), at=datetime(2026, 2, 28, 16, 0, tzinfo=UTC))
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    assert (data.opening, [line.points for line in data.lines], data.closing) == (500, [300], 800)
    assert data.adds_up()


def test_a_first_movement_on_the_first_day_opens_at_zero(book: Book, auditor: Actor):
    book.post(book.h011, 300, date(2026, 3, 1))
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    assert (data.opening, len(data.lines), data.closing) == (0, 1, 300)


def test_lines_run_in_the_order_of_their_days_and_keep_their_gapless_numbers(book: Book, auditor: Actor):
    book.post(book.h011, 1000, date(2026, 3, 2))
    book.post(book.h011, -400, date(2026, 3, 20))
    book.post(book.h011, 200, date(2026, 3, 5), at=noon(date(2026, 3, 21)))  # recorded last, about an earlier day
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    assert [(line.seq, line.points, line.balance) for line in data.lines] == [
        (1, 1000, 1000), (3, 200, 1200), (2, -400, 800)]
    assert data.adds_up()


def test_an_earlier_print_can_be_repeated_and_the_new_one_shows_the_late_fact_apart(book: Book, auditor: Actor):
    # C55
    january = AskStatement(date(2026, 1, 1), date(2026, 1, 31))
    first_print = datetime(2026, 2, 1, 1, tzinfo=UTC)
    book.post(book.h011, 1000, date(2026, 1, 10))
    with unit_of_work(book.s):  # as before every print
        ledger.seal_now(book.s.connection(), BOOK, at=first_print)
    first = ask_statement(book.s, "H011", january, by=auditor, at=first_print)
    book.post(book.h011, 300, date(2026, 1, 28), at=noon(date(2026, 2, 10)))
    book.post(book.h011, 200, date(2025, 12, 30), at=noon(date(2026, 2, 10)))  # belongs to the opening balance
    repeat = AskStatement(january.start, january.end, known_at=first_print)
    again = ask_statement(book.s, "H011", repeat, by=auditor, at=LATER)
    assert (again.opening, again.lines, again.closing) == (first.opening, first.lines, first.closing)
    now = ask_statement(book.s, "H011", january, by=auditor, at=LATER)
    assert [line.points for line in now.late_lines] == [300]
    assert (now.opening, now.closing) == (200, 1500)
    assert "期末之后补记 1 笔" in text_of(statement_pdf(now))


def test_awkward_cents_stay_exact_everywhere(book: Book, auditor: Actor):
    # C07: 267.39 + 0.89 − 268.28
    book.post(book.h011, 26739, date(2026, 3, 2))
    book.post(book.h011, 89, date(2026, 3, 3))
    data = ask_statement(book.s, "H011", AskStatement(date(2026, 3, 1), date(2026, 3, 3)), by=auditor, at=LATER)
    assert data.closing == 26828
    book.post(book.h011, -26828, date(2026, 3, 4))
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    text = text_of(statement_pdf(data))
    assert data.closing == 0 and "268.28" in text and "−268.28" in text


def test_what_lapses_when_is_listed_day_by_day(book: Book, auditor: Actor):
    # C10, C11
    book.post(book.h011, 2000, date(2026, 3, 1), due_on=date(2027, 3, 31))
    book.post(book.h011, 3000, date(2026, 3, 2), due_on=date(2028, 3, 31))
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    assert [tuple(lapse) for lapse in data.lapses] == [(date(2027, 3, 31), 2000), (date(2028, 3, 31), 3000)]
    text = text_of(statement_pdf(data))
    assert "2027年3月31日" in text and "2028年3月31日" in text


@pytest.mark.parametrize(("hour", "available"), [(15, 2000), (16, 0)])  # 23:59:59 and 00:00 in Asia/Shanghai
def test_points_are_available_to_the_last_second_of_their_last_day(book: Book, auditor: Actor, hour: int,
                                                                     available: int):
    # C10
    book.post(book.h011, 2000, date(2026, 3, 1), due_on=date(2026, 5, 31))
    minute, second = (59, 59) if hour == 15 else (0, 0)
    at = datetime(2026, 5, 31, hour, minute, second, tzinfo=UTC)
    data = ask_statement(book.s, "H011", AskStatement(), by=auditor, at=at)
    assert (data.posted, data.available) == (2000, available)


def test_the_balance_equals_the_ledgers_on_every_day(book: Book, auditor: Actor):
    # C54
    for number in range(12):
        book.post(book.h011, 700 if number % 3 else -300 if number else 900, date(2026, 3, 1 + number))
    wallet = accounts.wallet(book.h011.id, VILLAGE)
    for number in range(14):
        day = date(2026, 2, 28) + timedelta(days=number)
        data = ask_statement(book.s, "H011", AskStatement(date(2026, 1, 1), day), by=auditor, at=LATER)
        assert data.closing == ledger.balances(book.s.connection(), BOOK, [wallet], on=day)[wallet].posted
        assert data.adds_up()


def test_a_period_never_reaches_past_today(book: Book, auditor: Actor):
    data = ask_statement(book.s, "H011", AskStatement(date(2026, 3, 1), date(2026, 12, 31)), by=auditor, at=LATER)
    assert data.end == date(2026, 4, 2)


def test_a_period_that_ends_before_it_starts_or_starts_tomorrow_is_refused(book: Book, auditor: Actor):
    for start, end in ((date(2026, 3, 2), date(2026, 3, 1)), (date(2026, 4, 3), None)):
        with pytest.raises(BadPeriod):
            ask_statement(book.s, "H011", AskStatement(start, end), by=auditor, at=LATER)


def test_nobody_reads_the_next_village_or_another_household(book: Book):
    supervisor = actor(book.s, "next", "auditor", NEXT_VILLAGE)
    with pytest.raises(NotFound):
        ask_statement(book.s, "H011", MARCH, by=supervisor, at=LATER)
    neighbour = actor(book.s, f"{VILLAGE}/H021", "volunteer", VILLAGE, book.h021)
    with pytest.raises((NotFound, NotAllowed)):
        ask_statement(book.s, "H011", MARCH, by=neighbour, at=LATER)
    assert ask_statement(book.s, "H021", MARCH, by=neighbour, at=LATER).household_code == "H021"


def test_a_code_that_two_villages_use_asks_which_village(book: Book, auditor: Actor):
    household(book.s, "H011", "赵堃", NEXT_VILLAGE)
    with pytest.raises(WhichPlace) as refused:
        ask_statement(book.s, "h011", MARCH, by=auditor, at=LATER)
    assert "永丰村" in refused.value.sentence("zh")
    data = ask_statement(book.s, "h011", AskStatement(MARCH.start, MARCH.end, place=NEXT_VILLAGE), by=auditor, at=LATER)
    assert data.head_name == "赵堃"


def test_a_printed_statement_names_its_people_exactly_and_can_be_checked(book: Book, auditor: Actor):
    book.post(book.h011, 300, date(2026, 3, 1))
    data = ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER)
    text = text_of(print_statement(book.s, data, by=auditor, base_url="https://bank.example/"))
    assert "李𬭎" in text and "https://bank.example/verify/230199-" in text


def test_a_statement_costs_the_same_number_of_statements_however_long_it_is(book: Book, auditor: Actor):
    def counted() -> int:
        seen: list[str] = []

        def note(*args: Any) -> None:
            seen.append(args[2])

        book.s.expire_all()
        event.listen(book.s.get_bind(), "before_cursor_execute", note)
        assert ask_statement(book.s, "H011", MARCH, by=auditor, at=LATER).adds_up()
        event.remove(book.s.get_bind(), "before_cursor_execute", note)
        return len(seen)

    book.post(book.h011, 300, date(2026, 3, 1))
    short = counted()
    for number in range(20):
        book.post(book.h011, 100, date(2026, 3, 2 + number))
    assert counted() <= short
