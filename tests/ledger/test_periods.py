"""Months close: nothing gets into them any more, what they said is kept, and reopening takes two."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger import (
    Entry,
    Party,
    Period,
    PeriodClosed,
    PeriodNotClosed,
    PeriodNotOver,
    PeriodOutOfOrder,
    SecondPersonNeeded,
    Transfer,
)
from ledger.tables import period_balance
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import BOOK, BUDGET, EXPIRED, SPENT, Book, counted, day, earn, noon, sent, spend, wallet
from tests.ledger.sealed import as_owner


class Closing(Book):
    def close(self, month: str, at: str, by: str = "user:1") -> Period:
        with write_connection(self.engine) as connection:
            return ledger.close_period(connection, BOOK, day(f"{month}-01"), by=by, recorded_at=noon(at))

    def reopen(self, month: str, at: str, with_: str = "user:2", reason: str = "r1") -> Period:
        with write_connection(self.engine) as connection:
            return ledger.reopen_period(connection, BOOK, day(f"{month}-01"), asked_by="user:1", agreed_by=with_,
                                        reason=reason, recorded_at=noon(at))

    def kept(self, closing: Period) -> list[tuple[str, int, int, int]]:
        with self.engine.connect() as connection:
            return [(row.code, row.debits, row.credits, row.balance)
                    for row in ledger.closed_balance(connection, BOOK, closing)]

    def until(self) -> date | None:
        with self.engine.connect() as connection:
            return ledger.closed_until(connection, BOOK)


@pytest.fixture
def book(engine: Engine) -> Closing:
    made = Closing(engine)
    made.post(earn(100, "2026-03-05"), spend(30, "2026-03-31"))
    made.post(earn(40, "2026-04-02"))
    return made


def test_a_closed_month_keeps_its_trial_balance(book: Closing) -> None:
    march = book.close("2026-03", "2026-04-03")
    assert book.kept(march) == [(BUDGET.code, 100, 0, -100), (SPENT.code, 0, 30, 30), ("wallet:h1", 30, 100, 70)]
    april = book.close("2026-04", "2026-05-01")
    assert book.kept(april) == [(BUDGET.code, 40, 0, -140), ("wallet:h1", 0, 40, 110)]
    assert book.until() == date(2026, 4, 30)
    assert book.findings() == []


def test_nothing_becomes_effective_in_a_closed_month(book: Closing) -> None:
    book.close("2026-03", "2026-04-03")
    before = book.lines()
    with pytest.raises(PeriodClosed) as refused:
        book.post(earn(5, "2026-03-31"), at="2026-04-03")
    assert (refused.value.month, refused.value.first_open) == ("2026-03", date(2026, 4, 1))
    assert "2026-03 已经结账" in refused.value.sentence("zh")
    assert "about that day" in refused.value.sentence("en")
    with pytest.raises(PeriodClosed):  # earlier months too
        book.post(earn(5, "2026-02-01"), at="2026-04-03")
    late, good = book.post(earn(5, "2026-03-05"), earn(6, "2026-04-01"), at="2026-04-03", each=True)
    assert isinstance(late.refusal, PeriodClosed) and good.refusal is None
    assert len(book.lines()) == len(before) + 1
    about = earn(5, "2026-04-03", meta={"about": "2026-03-05"})  # recorded today, about that day
    assert book.post(about)[0].refusal is None
    assert book.findings() == []


def test_c20_and_a_correction_goes_to_an_open_day_and_names_the_original(book: Closing) -> None:
    award = book.one(earn(10, "2026-03-06"), at="2026-03-06")
    book.close("2026-03", "2026-04-03")
    with pytest.raises(PeriodClosed):
        book.reverse(award, "2026-03-06", at="2026-04-03")
    back = book.reverse(award, "2026-04-03")
    assert back.refusal is None
    assert [line.reverses for line in book.lines()][-1] == award


def test_a_replay_of_something_in_a_closed_month_is_still_answered(book: Closing) -> None:
    what = earn(5, "2026-03-10")
    first, = book.post(what)
    book.close("2026-03", "2026-04-03")
    again, = book.post(what, at="2026-04-03")
    assert (again.replay, again.transaction_id) == (True, first.transaction_id)


def test_only_months_that_are_over_close_and_in_order(book: Closing) -> None:
    with pytest.raises(PeriodNotOver):
        book.close("2026-03", "2026-03-31")
    with pytest.raises(PeriodOutOfOrder) as refused:
        book.close("2026-04", "2026-05-03")
    assert refused.value.facts["expected"] == "2026-03"
    first = book.close("2026-03", "2026-05-03")
    assert book.close("2026-03", "2026-05-09", by="user:9") == first  # again: the first closing
    with pytest.raises(PeriodOutOfOrder):
        book.close("2026-05", "2026-06-03")


def test_reopening_takes_two_persons_and_a_reason_and_starts_from_the_end(book: Closing) -> None:
    march, april = book.close("2026-03", "2026-05-03"), book.close("2026-04", "2026-05-03")
    with pytest.raises(SecondPersonNeeded):
        book.reopen("2026-04", "2026-05-04", with_="user:1")
    with pytest.raises(PeriodOutOfOrder):
        book.reopen("2026-03", "2026-05-04")
    with pytest.raises(PeriodNotClosed):
        book.reopen("2026-02", "2026-05-04")
    opened = book.reopen("2026-04", "2026-05-04")
    assert (opened.reopened_by, opened.reopened_with, opened.reason) == ("user:1", "user:2", "r1")
    assert book.reopen("2026-04", "2026-05-05") == opened  # again: the same
    assert book.until() == date(2026, 3, 31)
    book.reopen("2026-03", "2026-05-05", reason="r2")
    assert book.until() is None
    book.post(earn(5, "2026-03-09"), at="2026-05-05")
    again = book.close("2026-03", "2026-05-06")
    assert book.kept(again)[-1] == ("wallet:h1", 30, 105, 75)
    assert book.kept(march)[-1] == ("wallet:h1", 30, 100, 70)  # the earlier print stands
    assert book.kept(april)[-1] == ("wallet:h1", 0, 40, 110)
    assert book.kept(book.close("2026-04", "2026-05-06"))[-1] == ("wallet:h1", 0, 40, 115)
    with book.engine.connect() as connection:
        assert [one.reopened_at is None for one in ledger.periods(connection, BOOK)] == [False, True, False, True]
    assert book.findings() == []


def test_a_closing_carries_on_the_standing_one_in_whatever_order_their_rows_lie(
        book: Closing, database_urls: tuple[str, str]) -> None:
    book.close("2026-03", "2026-05-03")
    book.reopen("2026-03", "2026-05-04")
    book.post(earn(5, "2026-03-09"), at="2026-05-04")
    book.close("2026-03", "2026-05-05")
    with as_owner(database_urls[1]) as owner:  # as a copy of the tables may have it: the reopened one comes last
        rows = owner.execute(select(period_balance).order_by(period_balance.c.closed_at.desc())).all()
        owner.execute(delete(period_balance))
        for row in rows:
            owner.execute(insert(period_balance).values(row._mapping))
    assert book.kept(book.close("2026-04", "2026-05-06"))[-1] == ("wallet:h1", 0, 40, 115)
    assert book.findings() == []


def test_what_lapsed_in_a_month_is_in_its_closing_and_what_lapses_later_is_not_posted_into_it(engine: Engine) -> None:
    book = Closing(engine)
    book.post(earn(50, "2026-03-01", "2026-03-15"), earn(10, "2026-03-01", "2026-12-31"))
    with write_connection(engine) as connection:
        held = ledger.hold(connection, BOOK, ledger.Hold("till", "k", wallet(), 20), recorded_at=noon("2026-03-02"))
    march = book.close("2026-03", "2026-04-03")
    assert book.kept(march)[-1] == ("wallet:h1", 30, 60, 30)
    with write_connection(engine) as connection:
        ledger.release(connection, BOOK, held.hold.id, recorded_at=noon("2026-04-05"))
    assert [(line.effective_on.isoformat(), line.amount) for line in book.lines()] == [
        ("2026-03-01", 50), ("2026-03-01", 10), ("2026-03-16", -30), ("2026-04-05", -20)]
    assert book.balance(EXPIRED) == 50
    with write_connection(engine) as connection:
        ledger.rebuild(connection, BOOK)
    assert book.findings() == []


def test_a_timed_out_hold_that_was_forgotten_lapses_on_an_open_day(engine: Engine) -> None:
    book = Closing(engine)
    book.post(earn(50, "2026-03-01", "2026-03-15"))
    with write_connection(engine) as connection:
        ledger.hold(connection, BOOK, ledger.Hold("till", "k", wallet(), 20), recorded_at=noon("2026-03-02"))
    book.close("2026-03", "2026-04-03")
    with write_connection(engine) as connection:  # as if a clock had stood still
        connection.execute(text("UPDATE ledger_hold SET lapses_at = '2026-03-20 00:00:00'"))
        assert ledger.expire_holds(connection, BOOK, noon("2026-04-05")) == 1
    assert [line.effective_on.isoformat() for line in book.lines()][-1] == "2026-04-01"
    book.post(earn(5, "2026-04-06", "2027-01-01"))
    assert book.findings() == []
    with write_connection(engine) as connection:
        ledger.rebuild(connection, BOOK)
    assert book.findings() == []


def test_the_check_names_what_slipped_into_a_closed_month(book: Closing) -> None:
    book.close("2026-03", "2026-04-03")
    with write_connection(book.engine) as connection:
        connection.execute(text("UPDATE ledger_book SET closed_until = NULL"))
    slipped = book.one(earn(5, "2026-03-09"), at="2026-04-04")
    found = [one for one in book.findings() if one.law == "period"]
    assert {one.transaction for one in found} == {slipped, None}
    assert {one.account for one in found} == {BUDGET.code, "wallet:h1", None}
    assert any("closed until None" in one.message for one in found)


def test_what_a_closing_said_cannot_be_changed_by_anyone(book: Closing, database_urls: tuple[str, str]) -> None:
    book.close("2026-03", "2026-04-03")
    owner = engine_for(database_urls[1])
    for statement in ("UPDATE ledger_period_balance SET balance = 1", "DELETE FROM ledger_period_balance"):
        with pytest.raises(DBAPIError, match="append-only"), owner.begin() as connection:
            connection.execute(text(statement))
    owner.dispose()


def test_closed_months_cost_a_posting_no_statement(book: Closing) -> None:
    def one_sale() -> int:
        with counted(book.engine) as seen, sent(book.engine) as driven:
            book.post(spend(1, "2026-05-02"))
        return len(seen) + len(driven)

    before = one_sale()
    book.close("2026-03", "2026-05-02")
    book.close("2026-04", "2026-05-02")
    assert one_sale() == before == (6 if book.engine.dialect.name == "sqlite" else 0)  # 0: its function alone


def test_c20_an_assertion_is_judged_at_the_end_of_its_day_and_what_breaks_it_is_listed(book: Closing) -> None:
    with write_connection(book.engine) as connection:
        said = ledger.assert_balance(connection, BOOK, wallet(), date(2026, 3, 31), 70, by="user:7",
                                     recorded_at=noon("2026-04-02"))
        assert said == ledger.assert_balance(connection, BOOK, wallet(), date(2026, 3, 31), 70, by="user:7",
                                             recorded_at=noon("2026-04-03"))
    assert book.findings() == []
    book.post(earn(9, "2026-04-01"), at="2026-04-03")  # a later day: no matter
    late = book.one(earn(5, "2026-03-30"), at="2026-04-03")
    broken, = book.findings()
    assert (broken.law, broken.account, broken.transaction) == ("assertion", "wallet:h1", late)
    assert "70" in broken.message and "75" in broken.message
    book.reverse(late, "2026-03-30", at="2026-04-04")
    assert book.findings() == []


def test_an_assertion_that_never_was_true_says_so_until_it_is_withdrawn(book: Closing) -> None:
    with write_connection(book.engine) as connection:
        said = ledger.assert_balance(connection, BOOK, wallet(), date(2026, 3, 10), 54, by="user:7",
                                     recorded_at=noon("2026-04-02"))
        with pytest.raises(ledger.FutureDay):
            ledger.assert_balance(connection, BOOK, wallet(), date(2026, 4, 3), 1, by="user:7",
                                  recorded_at=noon("2026-04-02"))
    broken, = book.findings()
    assert (broken.law, broken.transaction) == ("assertion", None)
    assert "it was 100 when it was asserted" in broken.message
    with write_connection(book.engine) as connection:
        ledger.withdraw_assertion(connection, BOOK, said.id, by="user:7", recorded_at=noon("2026-04-03"))
    assert book.findings() == []


def test_a_closing_of_many_wallets_adds_up(engine: Engine) -> None:
    book = Closing(engine)
    book.post(*(Entry("test", f"e{n}", "earned", date(2026, 3, 1) + timedelta(days=n % 60),
                      (Transfer(BUDGET, wallet(f"w{n % 7}"), n + 1),), Party()) for n in range(120)), at="2026-05-01")
    for month in ("2026-03", "2026-04"):
        closing = book.close(month, "2026-05-01")
        kept = book.kept(closing)
        assert sum(debits for _, debits, _, _ in kept) == sum(credits for _, _, credits, _ in kept) > 0
        assert sum(balance for *_, balance in kept) == 0
        with engine.connect() as connection:
            trial = {row.code: row.balance for row in ledger.trial_balance(
                connection, BOOK, on=date(2026, int(month[-2:]), 28) + timedelta(days=3 if month == "2026-03" else 2))}
        assert all(trial[code] == balance for code, _, _, balance in kept)
    assert book.findings() == []
