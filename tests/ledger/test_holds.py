"""Holds: reserve, capture all or part, release, time out; what is held cannot be spent and does not lapse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

import ledger
from ledger import Account, BelowFloor, Hold, HoldEnded, HoldTimedOut, KeyReused, MoreThanHeld, Transfer
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import (
    BOOK,
    DONOR,
    EXPIRED,
    GIVEN,
    SHELF,
    SPENT,
    Book,
    counted,
    deduct,
    earn,
    entry,
    noon,
    spend,
    wallet,
)

ON = "2026-03-05"


class Holding(Book):
    """A book with short-hand for holds."""

    def hold(self, amount: int, at: datetime | str = ON, until: datetime | None = None, of: Account | None = None,
             key: str | None = None) -> ledger.HoldOutcome:
        with write_connection(self.engine) as connection:
            return ledger.hold(connection, BOOK, Hold("till", key or str(uuid4()), of or wallet(), amount, until),
                               recorded_at=noon(at) if isinstance(at, str) else at)

    def capture(self, holds: UUID | tuple[UUID, ...], what: ledger.Entry, at: datetime | str = ON,
                **more: Any) -> ledger.Outcome:
        with write_connection(self.engine) as connection:
            return ledger.capture(connection, BOOK, holds, what, recorded_at=noon(at) if isinstance(at, str) else at,
                                  **more)

    def release(self, hold: UUID, at: str = ON) -> ledger.HoldOutcome:
        with write_connection(self.engine) as connection:
            return ledger.release(connection, BOOK, hold, recorded_at=noon(at))

    def time_out(self, now: datetime) -> int:
        with write_connection(self.engine) as connection:
            return ledger.expire_holds(connection, BOOK, now)

    def figures(self, of: Account | None = None) -> tuple[int, int, int]:
        with self.engine.connect() as connection:
            found = ledger.balances(connection, BOOK, [of or wallet()])[of or wallet()]
        return found.posted, found.held, found.available


@pytest.fixture
def book(engine: Engine) -> Holding:
    made = Holding(engine)
    made.post(earn(50, ON, "2026-03-31"))
    return made


def test_c18_holds_count_when_funds_are_checked(book: Holding) -> None:
    for _ in range(5):
        book.hold(10)
    with pytest.raises(BelowFloor) as refused:
        book.hold(10)
    assert (refused.value.needed, refused.value.available, refused.value.held) == (10, 0, 50)
    with pytest.raises(BelowFloor):
        book.post(spend(1, ON))
    assert book.figures() == (50, 50, 0)
    assert book.findings() == []


def test_c23_a_wallet_of_50_with_20_held_has_30_available(book: Holding) -> None:
    assert book.hold(20).available == 30
    assert book.figures() == (50, 20, 30)
    book.post(spend(30, ON))
    assert book.figures() == (20, 20, 0)


def test_the_same_hold_again_is_a_replay_and_other_content_is_refused(book: Holding) -> None:
    first, again = book.hold(20, key="k"), book.hold(20, key="k")
    assert (first.replay, again.replay, again.hold) == (False, True, first.hold)
    with pytest.raises(KeyReused):
        book.hold(21, key="k")
    assert book.figures() == (50, 20, 30)
    with book.engine.connect() as connection:
        assert ledger.find_hold(connection, BOOK, "till", "k") == first.hold
        assert ledger.open_holds(connection, BOOK, wallet()) == [first.hold]


def test_a_capture_of_all_takes_exactly_what_was_held(book: Holding) -> None:
    held = book.hold(50).hold
    outcome = book.capture(held.id, spend(50, ON))
    assert outcome.balances[wallet()] == (50, 0)
    assert book.figures() == (0, 0, 0)
    assert book.findings() == []


def test_a_capture_of_a_part_releases_the_rest_or_keeps_it(book: Holding) -> None:
    once, lease = book.hold(20).hold, book.hold(30).hold
    book.capture(once.id, spend(15, ON))
    assert book.figures() == (35, 30, 5)
    book.capture(lease.id, spend(10, ON), keep_rest=True)
    book.capture(lease.id, spend(12, ON), keep_rest=True)
    assert book.figures() == (13, 8, 5)
    with pytest.raises(MoreThanHeld):
        book.capture(lease.id, spend(9, ON), keep_rest=True)
    done = book.release(lease.id)
    assert (done.hold.captured, done.hold.left, done.hold.ended_as, done.available) == (22, 8, "released", 13)
    assert book.findings() == []


def test_points_and_goods_of_one_reservation_are_captured_together(book: Holding) -> None:
    book.post(entry("receipt", ON, Transfer(DONOR, SHELF, 1)))
    points, soap = book.hold(12).hold, book.hold(1, of=SHELF).hold
    with pytest.raises(BelowFloor):
        book.post(entry("sale", ON, Transfer(SHELF, GIVEN, 1)))
    book.capture((points.id, soap.id), entry("sale", ON, Transfer(wallet(), SPENT, 12), Transfer(SHELF, GIVEN, 1)))
    assert (book.figures(), book.figures(SHELF)) == ((38, 0, 38), (0, 0, 0))
    assert book.findings() == []


def test_the_same_capture_again_is_a_replay_another_one_names_the_first(book: Holding) -> None:
    held, sale = book.hold(20).hold, spend(20, ON)
    first, again = book.capture(held.id, sale), book.capture(held.id, sale)
    assert (again.replay, again.transaction_id, again.balances) == (True, first.transaction_id, first.balances)
    with pytest.raises(HoldEnded) as refused:
        book.capture(held.id, spend(20, ON))
    assert refused.value.by == first.transaction_id
    with pytest.raises(KeyReused):  # the key of a capture is no key of a plain posting
        book.post(sale)
    with pytest.raises(HoldEnded):
        book.release(held.id)
    assert book.figures() == (30, 0, 30)


def test_a_release_again_is_a_replay(book: Holding) -> None:
    held = book.hold(20).hold
    assert (book.release(held.id).replay, book.release(held.id).replay) == (False, True)
    with pytest.raises(HoldEnded):
        book.capture(held.id, spend(20, ON))
    with pytest.raises(ledger.UnknownHold):
        book.release(uuid4())
    assert book.figures() == (50, 0, 50)


def test_c19_a_late_completion_is_neither_lost_nor_overdrawn_but_refused_with_both_facts(book: Holding) -> None:
    at = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    held = book.hold(30, at, until=at + timedelta(minutes=30)).hold
    with pytest.raises(BelowFloor), write_connection(book.engine) as connection:
        ledger.post(connection, BOOK, [spend(50, ON)], recorded_at=at + timedelta(minutes=29))
    with write_connection(book.engine) as connection:  # its time is over: whether the job ran or not
        ledger.post(connection, BOOK, [spend(50, ON)], recorded_at=at + timedelta(minutes=35))
    assert book.figures() == (0, 0, 0)
    before = book.lines()
    with pytest.raises(HoldTimedOut) as refused:
        book.capture(held.id, spend(30, ON), at + timedelta(minutes=40))
    assert refused.value.facts["available"] == 0
    assert refused.value.facts["lapses_at"] == (at + timedelta(minutes=30)).isoformat()
    assert refused.value.facts["left"] == 30
    assert "30" in refused.value.sentence("zh") and "30" in refused.value.sentence("en")
    assert (book.lines(), book.findings()) == (before, [])


def test_a_capture_after_the_time_is_refused_before_the_job_has_run_too(book: Holding) -> None:
    at = noon(ON)
    held = book.hold(30, at, until=at + timedelta(minutes=30)).hold
    with pytest.raises(HoldTimedOut) as refused:
        book.capture(held.id, spend(30, ON), at + timedelta(minutes=30))
    assert refused.value.available == 50  # a person may decide to post it plainly
    assert book.time_out(at + timedelta(minutes=29)) == 0
    assert book.time_out(at + timedelta(minutes=30)) == 1
    assert book.time_out(at + timedelta(minutes=31)) == 0
    assert book.figures() == (50, 0, 50)
    assert book.release(held.id, "2026-03-06").hold.ended_as == "timed_out"


def test_a_lease_never_times_out(book: Holding) -> None:
    book.hold(30)
    assert book.time_out(noon("2036-03-05")) == 0
    assert book.figures() == (50, 30, 20)


def test_what_is_held_does_not_lapse_and_a_release_posts_what_fell_due(book: Holding) -> None:
    held = book.hold(30).hold
    assert book.sweep("2026-04-02") == 1
    assert book.figures() == (30, 30, 0)
    assert book.sweep("2026-04-03") == 0
    assert book.release(held.id, "2026-04-05").available == 0
    assert [(line.effective_on.isoformat(), line.amount) for line in book.lines()] == [
        (ON, 50), ("2026-04-01", -20), ("2026-04-05", -30)]
    assert book.balance(EXPIRED) == 50
    assert book.findings() == []


def test_a_capture_after_the_cut_off_takes_what_was_held_before_it(book: Holding) -> None:
    book.post(earn(40, "2026-03-06", "2027-03-31"))
    held = book.hold(30, "2026-03-06").hold
    book.sweep("2026-04-02")
    assert book.figures() == (70, 30, 40)
    book.capture(held.id, spend(30, "2026-04-03"), "2026-04-03")
    assert book.figures() == (40, 0, 40)
    assert book.expiring("2026-04-03") == [("2027-03-31", 40)]
    assert book.findings() == []


def test_what_of_a_timed_out_hold_fell_due_lapses_the_same_whoever_comes_first(engine: Engine) -> None:
    ends, book = [], Holding(engine)
    for number, first in enumerate(("job", "sweep", "sale", "release")):
        mine = wallet(f"w{number}")
        book.post(earn(50, ON, "2026-03-31", to=mine), earn(10, ON, "2027-03-31", to=mine))
        held = book.hold(30, until=noon("2026-03-20"), of=mine).hold
        if first == "job":
            book.time_out(noon("2026-04-10"))
        elif first == "sweep":
            book.sweep("2026-04-10")
        elif first == "sale":
            book.post(spend(5, "2026-04-10", by=mine))
        else:
            book.release(held.id, "2026-04-10")
        book.time_out(noon("2026-04-10"))
        book.sweep("2026-04-10")
        if first != "sale":
            book.post(spend(5, "2026-04-10", by=mine))
        ends.append([book.balance(mine, on=date.date()) for date in map(noon, ("2026-03-31", "2026-04-01"))]
                    + list(book.figures(mine)))
    assert ends == [[60, 10, 5, 0, 5]] * 4
    assert book.findings() == []


def test_a_credit_reversed_while_its_value_is_held_gives_back_what_lapsed_beside_the_hold(book: Holding) -> None:
    second = book.one(earn(50, ON, "2026-03-31"))
    held = book.hold(30).hold
    book.sweep("2026-04-02")
    assert book.figures() == (30, 30, 0)
    book.reverse(second, "2026-04-03")
    assert book.figures() == (30, 30, 0)  # 70 lapsed, 50 of that never was
    book.capture(held.id, spend(30, "2026-04-03"), "2026-04-03")
    assert book.findings() == []


def test_a_credit_reversed_after_the_capture_counts_the_hold_from_when_it_was_made(book: Holding) -> None:
    second = book.one(earn(50, ON, "2026-03-31"))
    held = book.hold(30).hold
    book.sweep("2026-04-02")
    book.capture(held.id, spend(30, "2026-04-03"), "2026-04-03")
    assert book.figures() == (0, 0, 0)
    book.reverse(second, "2026-04-04")  # of the 50 that are left 30 were held and spent, 20 lapsed: not 70
    assert book.figures() == (0, 0, 0)
    assert book.balance(EXPIRED) == 20
    assert book.findings() == []


def test_a_back_dated_debit_cannot_take_what_was_held_on_that_day(book: Holding) -> None:
    held = book.hold(50).hold
    book.post(earn(20, "2026-03-06"))
    with pytest.raises(BelowFloor) as refused:
        book.post(spend(20, ON), at="2026-03-06")
    assert refused.value.day.isoformat() == ON
    book.capture(held.id, spend(50, ON), "2026-03-06")
    assert book.figures() == (20, 0, 20)


def test_a_deduction_may_go_below_what_is_held_and_the_capture_is_then_refused(book: Holding) -> None:
    held = book.hold(50).hold
    book.post(deduct(30, ON))
    assert book.figures() == (20, 50, -30)
    with pytest.raises(BelowFloor):
        book.capture(held.id, spend(50, ON))
    book.capture(held.id, spend(20, ON))
    assert book.figures() == (0, 0, 0)
    assert book.findings() == []


def test_a_hold_cannot_be_made_on_a_system_account_or_for_nothing() -> None:
    with pytest.raises(ValueError, match="member"):
        Hold("till", "k", SPENT, 5)
    with pytest.raises(ledger.NotPositive):
        Hold("till", "k", wallet(), 0)


def test_a_damaged_held_is_found_and_rebuilt(book: Holding) -> None:
    held = book.hold(20).hold
    book.capture(held.id, spend(5, ON), keep_rest=True)
    with write_connection(book.engine) as connection:
        connection.execute(text("UPDATE ledger_balance SET held = 7"))
    assert [(one.law, one.account) for one in book.findings()] == [("held", "wallet:h1")]
    with write_connection(book.engine) as connection:
        ledger.rebuild(connection, BOOK)
    assert (book.figures(), book.findings()) == ((45, 15, 30), [])
    with write_connection(book.engine) as connection:
        connection.execute(text("UPDATE ledger_hold SET captured = 9"))
    assert {one.law for one in book.findings()} == {"held", "capture"}


def test_what_was_captured_cannot_be_changed_by_anyone(book: Holding, database_urls: tuple[str, str]) -> None:
    book.capture(book.hold(20).hold.id, spend(20, ON))
    owner = engine_for(database_urls[1])
    for statement in ("UPDATE ledger_capture SET amount = 1", "DELETE FROM ledger_capture",
                      "INSERT INTO ledger_capture SELECT * FROM ledger_capture WHERE true "
                      "ON CONFLICT (book_id, transaction_id, account_id) DO UPDATE SET amount = 1"):
        with pytest.raises(DBAPIError, match="append-only"), owner.begin() as connection:
            connection.execute(text(statement))
    owner.dispose()


def test_holding_takes_the_same_number_of_statements_whatever_is_in_the_book(book: Holding) -> None:
    def statements() -> list[int]:
        counts, made = [], book.hold(1).hold
        for act in (lambda: book.hold(1), lambda: book.capture(made.id, spend(1, ON)),
                    lambda: book.release(book.hold(1).hold.id), lambda: book.post(spend(1, ON))):
            with counted(book.engine) as seen:
                act()
            counts.append(len(seen))
        return counts

    statements()
    few = statements()
    for number in range(40):
        book.post(earn(50, ON, "2026-03-31"))
        made = book.hold(2).hold
        if number % 2:
            book.release(made.id)
    assert statements() == few
    assert max(few) <= 27


def test_what_an_overdue_hold_hands_back_lapses_before_what_the_sweep_finds_due_later(book: Holding) -> None:
    """Else a sale from before the sweep could spend what had been handed back after its day (a machine's find)."""
    mine = wallet("h9")
    book.post(earn(86, "2026-03-13", "2026-04-15", to=mine))
    book.hold(22, "2026-04-11", until=noon("2026-04-16"), of=mine)
    book.post(earn(153, "2026-04-26", "2026-04-26", to=mine))
    book.sweep("2026-04-27")
    assert [(line.kind, line.amount, line.effective_on.isoformat()) for line in book.lines(mine)][1:] == [
        ("expired", -64, "2026-04-16"), ("expired", -22, "2026-04-16"), ("earned", 153, "2026-04-26"),
        ("expired", -153, "2026-04-27")]
    book.post(spend(153, "2026-04-26", by=mine), at="2026-04-27")
    with pytest.raises(BelowFloor):
        book.post(spend(1, "2026-04-26", by=mine), at="2026-04-27")
    assert (book.balance(mine), book.findings()) == (0, [])
