"""Balances, lines, transactions, turnovers, the trial balance: two times, one figure, few statements."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

import ledger
from ledger import Party, Transfer, UnknownTransaction
from pointsbank.database import write_connection
from tests.ledger.house import (
    BOOK,
    BUDGET,
    DONOR,
    SCORED,
    SERVED,
    SHELF,
    SPENT,
    Book,
    counted,
    day,
    earn,
    entry,
    hours,
    noon,
    score,
    spend,
    wallet,
)

HOUSEHOLD, PERSON = UUID(int=7), UUID(int=8)


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def test_c53_a_movement_on_the_first_day_is_a_line_and_the_last_second_before_counts_in_the_opening(book: Book) -> None:
    with book.engine.begin() as connection:  # 28 February 23:59:59 in the village
        ledger.post(connection, BOOK, [earn(500, "2026-02-28")],
                    recorded_at=noon("2026-02-28").replace(hour=15, minute=59, second=59))
        ledger.post(connection, BOOK, [earn(100, "2026-03-01")], recorded_at=noon("2026-02-28").replace(hour=16))
    assert book.balance(on=day("2026-02-28")) == 500
    march = book.lines(start=day("2026-03-01"), end=day("2026-03-31"))
    assert [(line.amount, line.balance) for line in march] == [(100, 600)]


def test_c54_every_read_gives_the_same_figure_for_one_account_and_day(book: Book) -> None:
    book.post(earn(1000, "2026-03-01"), earn(500, "2026-03-03"), spend(300, "2026-03-05"), earn(70, "2026-03-09"))
    on = day("2026-03-05")
    figures = {book.balance(on=on), book.lines(end=on)[-1].balance,
               book.lines(start=day("2026-03-04"), end=on)[-1].balance}
    with book.engine.connect() as connection:
        trial = {row.code: row.balance for row in ledger.trial_balance(connection, BOOK, on)}
        sums, = ledger.turnovers(connection, BOOK, "POINT", wallet().code, end=on, by=("code",))
    assert figures | {trial["wallet:h1"], sums.credits - sums.debits} == {1200}
    assert book.balance() == 1270


def test_c55_what_was_known_then_stays_as_it_was(book: Book) -> None:
    book.post(earn(1000, "2026-01-10"))
    printed_at = noon("2026-02-01")
    with write_connection(book.engine) as connection:  # as before every print
        ledger.seal_now(connection, BOOK, at=printed_at)
    first = book.lines(start=day("2026-01-01"), end=day("2026-01-31"), known_at=printed_at)
    book.post(earn(200, "2026-01-05"), at="2026-02-10")  # a late January fact
    book.post(earn(70, "2026-01-06"), at="2026-01-20")  # says it was recorded before, and committed after
    with write_connection(book.engine) as connection:  # while the clock is behind
        ledger.seal_now(connection, BOOK, at=noon("2026-01-25"))
    assert len(first) == 1
    assert book.lines(start=day("2026-01-01"), end=day("2026-01-31"), known_at=printed_at) == first
    assert book.balance(on=day("2026-01-31"), known_at=printed_at) == 1000
    now = book.lines(start=day("2026-01-01"), end=day("2026-01-31"))
    assert [(line.amount, line.balance, line.seq) for line in now] == [(200, 200, 2), (70, 270, 3), (1000, 1270, 1)]
    assert now[0].recorded_at == noon("2026-02-10")


def test_c23_posted_held_and_available_are_three_figures(book: Book) -> None:
    book.post(earn(5000, "2026-03-01", "2026-04-01"))
    with book.engine.connect() as connection:
        now = ledger.balances(connection, BOOK, [wallet()])[wallet()]
        later = ledger.balances(connection, BOOK, [wallet()], today=day("2026-04-02"))[wallet()]
    assert (now.posted, now.held, now.available, now.lapsed) == (5000, 0, 5000, 0)
    assert (later.posted, later.held, later.available, later.lapsed) == (5000, 0, 0, 5000)


def test_accounts_nobody_opened_stand_at_zero(book: Book) -> None:
    assert (book.balance(wallet("nobody")), book.lines(wallet("nobody")), book.balance(BUDGET)) == (0, [], 0)


def test_a_system_account_has_lines_and_balances_too(book: Book) -> None:
    book.post(earn(100, "2026-03-01"), earn(50, "2026-03-02"))
    assert [(line.amount, line.balance, line.seq, line.other) for line in book.lines(BUDGET)] == [
        (-100, -100, 0, "wallet:h1"), (-50, -150, 0, "wallet:h1")]


def test_a_transaction_is_found_by_id_and_by_key_with_what_reversed_it(book: Book) -> None:
    award = book.one(entry("earned", "2026-03-01", Transfer(SERVED, hours(), 60), Transfer(BUDGET, wallet(), 100),
                           key="record-1", party=Party(HOUSEHOLD, PERSON), rule="V02", place="230199101201",
                           meta={"record": uuid4(), "minutes": 60, "said": "清雪"}))
    undo = book.reverse(award, "2026-03-02", parts={2: 40})
    with book.engine.connect() as connection:
        view = ledger.transaction(connection, BOOK, award)
        assert ledger.find_by_key(connection, BOOK, "test", "record-1") == view
        assert ledger.find_by_key(connection, BOOK, "other", "record-1") is None
        with pytest.raises(UnknownTransaction):
            ledger.transaction(connection, BOOK, uuid4())
        assert undo.transaction_id
        reversal = ledger.transaction(connection, BOOK, undo.transaction_id)
    assert (view.kind, view.rule, view.place, view.party) == ("earned", "V02", "230199101201", Party(HOUSEHOLD, PERSON))
    assert view.meta["said"] == "清雪"
    assert (view.recorded_at, view.effective_on) == (noon("2026-03-01"), day("2026-03-01"))
    assert [(t.line, t.debit, t.credit, t.amount, t.reversed_amount) for t in view.transfers] == [
        (1, SERVED, hours(), 60, 0), (2, BUDGET, wallet(), 100, 40)]
    assert view.reversed_by == (undo.transaction_id,)
    assert (reversal.reverses, reversal.rule, reversal.party) == (award, "V02", Party(HOUSEHOLD, PERSON))
    assert [(t.debit, t.credit, t.amount, t.reverses_line) for t in reversal.transfers] == [(wallet(), BUDGET, 40, 2)]


def test_transactions_come_newest_first_filtered_and_page_by_page(book: Book) -> None:
    ids = [book.one(earn(n, "2026-03-01", party=Party(household=HOUSEHOLD if n % 2 else None), rule=f"V{n % 3}"))
           for n in range(1, 8)]
    sale = book.one(spend(1, "2026-03-02"))

    def page(**more: object) -> list[UUID]:
        with book.engine.connect() as connection:
            return [view.id for view in ledger.transactions(connection, BOOK, **more)]  # type: ignore[arg-type]

    assert page() == [sale, *reversed(ids)]
    assert page(limit=3) == [sale, ids[6], ids[5]]
    assert page(limit=3, before=ids[5]) == [ids[4], ids[3], ids[2]]
    assert page(household=HOUSEHOLD) == [ids[6], ids[4], ids[2], ids[0]]
    assert page(kinds=["sale"]) == page(start=day("2026-03-02")) == page(owner=SPENT) == [sale]
    assert page(rule="V1", end=day("2026-03-01")) == [ids[6], ids[3], ids[0]]
    assert page(ids=[ids[1], sale]) == [sale, ids[1]]


def test_turnovers_group_by_what_is_asked_and_corrections_count_under_their_rule(book: Book) -> None:
    book.post(earn(100, "2026-03-01", rule="V01"), earn(50, "2026-03-20", rule="V02"),
              earn(30, "2026-04-02", rule="V01"), earn(1, "2026-03-01", to=wallet("h2"), rule="V01"))
    award = book.one(earn(8, "2026-03-05", rule="V02"), at="2026-04-03")
    book.reverse(award, "2026-04-03")
    with book.engine.connect() as connection:
        by_month = ledger.turnovers(connection, BOOK, "POINT", "wallet:", day("2026-03-01"), day("2026-04-30"),
                                    by=("code", "month"))
        assert [(row.code, row.month, row.credits, row.debits, row.count) for row in by_month] == [
            ("wallet:h1", "2026-03", 158, 0, 3), ("wallet:h1", "2026-04", 30, 8, 2), ("wallet:h2", "2026-03", 1, 0, 1)]
        by_rule = ledger.turnovers(connection, BOOK, "POINT", "wallet:h1", by=("rule",))
        assert [(row.rule, row.credits - row.debits) for row in by_rule] == [("V01", 130), ("V02", 50)]
        assert ledger.turnovers(connection, BOOK, "POINT", "wallet_") == []  # a prefix is no pattern
        with pytest.raises(ValueError, match="grouped by"):
            ledger.turnovers(connection, BOOK, "POINT", "wallet:", by=("weather",))


def test_the_trial_balance_sums_to_zero_per_commodity(book: Book) -> None:
    book.post(entry("earned", "2026-03-01", Transfer(SERVED, hours(), 60), Transfer(BUDGET, wallet(), 100),
                    Transfer(SCORED, score(), 100)),
              entry("receipt", "2026-03-01", Transfer(DONOR, SHELF, 3)), spend(40, "2026-03-02"))
    with book.engine.connect() as connection:
        rows = ledger.trial_balance(connection, BOOK)
        march_first = {row.code: row.balance for row in ledger.trial_balance(connection, BOOK, on=day("2026-03-01"))}
    for commodity in ("POINT", "MINUTE", "SCORE", "SOAP"):
        assert sum(row.balance for row in rows if row.commodity == commodity) == 0
        assert sum(row.debits - row.credits for row in rows if row.commodity == commodity) == 0
    assert {row.code: row.balance for row in rows}["wallet:h1"] == 60
    assert march_first["wallet:h1"] == 100


def test_balances_by_prefix_and_overdue_list_accounts_by_code(book: Book) -> None:
    book.post(earn(100, "2026-03-01", "2026-03-31"), earn(50, "2026-03-01", to=wallet("h2")))
    with book.engine.connect() as connection:
        found = ledger.balances_by_prefix(connection, BOOK, "POINT", "wallet:")
        assert {code: row.available for code, row in found.items()} == {"wallet:h1": 100, "wallet:h2": 50}
        assert ledger.overdue(connection, BOOK, day("2026-03-31")) == []
        assert ledger.overdue(connection, BOOK, day("2026-04-01")) == [("wallet:h1", 100)]


def test_reads_take_the_same_number_of_statements_whatever_the_length(book: Book) -> None:
    def statements() -> list[int]:
        counts = []
        with book.engine.connect() as connection:
            for read in (lambda: ledger.lines(connection, BOOK, wallet(), day("2026-03-02")),
                         lambda: ledger.balances(connection, BOOK, [wallet(), BUDGET, wallet("h2")]),
                         lambda: ledger.balances(connection, BOOK, [wallet(), BUDGET], on=day("2026-03-03")),
                         lambda: ledger.balances(connection, BOOK, [wallet()], today=day("2027-06-01")),
                         lambda: ledger.expiring_many(connection, BOOK, [wallet(), wallet("h2")], day("2026-03-03")),
                         lambda: ledger.transactions(connection, BOOK),
                         lambda: ledger.turnovers(connection, BOOK, "POINT", "wallet:"),
                         lambda: ledger.trial_balance(connection, BOOK)):
                with counted(book.engine) as seen:
                    read()
                counts.append(len(seen))
        return counts

    book.post(earn(100, "2026-03-01", "2027-03-31"), earn(100, "2026-03-02", "2028-03-31", to=wallet("h2")))
    few = statements()
    book.post(*(earn(1, f"2026-03-{n % 28 + 1:02d}", "2027-03-31", to=wallet(f"h{n % 5}")) for n in range(300)))
    assert statements() == few == [2, 3, 1, 4, 3, 3, 2, 1]


def test_what_a_position_of_the_log_knew_stays_as_it_was_whatever_commits_late(book: Book) -> None:
    def seal(at: str) -> int:
        with write_connection(book.engine) as connection:
            return ledger.seal_now(connection, BOOK, at=noon(at)).size

    def then(position: int) -> tuple[object, ...]:
        with book.engine.connect() as connection:
            sums, = ledger.turnovers(connection, BOOK, "POINT", "wallet:", by=("code",), position=position)
            trial = {row.code: row.balance for row in ledger.trial_balance(connection, BOOK, position=position)}
            return (ledger.balances(connection, BOOK, [wallet()], position=position)[wallet()].posted,
                    [(line.amount, line.balance) for line in ledger.lines(connection, BOOK, wallet(),
                                                                          day("2026-03-02"), position=position)],
                    sums.credits - sums.debits, trial["wallet:h1"], trial[BUDGET.code])

    book.post(earn(1000, "2026-03-01"), spend(100, "2026-03-02"))
    printed = seal("2026-03-02")
    first = then(printed)
    assert first == (900, [(-100, 900)], 900, 900, -1000)
    book.post(earn(50, "2026-03-02"), at="2026-03-02")  # says it was recorded before the paper was printed
    assert then(printed) == first
    assert then(seal("2026-03-09")) == (950, [(-100, 900), (50, 950)], 950, 950, -1050)
    with book.engine.connect() as connection:
        assert [ledger.position_at(connection, BOOK, noon(on)) for on in ("2026-03-01", "2026-03-02", "2026-03-08",
                                                                           "2026-03-09")] == [0, 2, 2, 3]
        assert ledger.balances(connection, BOOK, [wallet()], position=0)[wallet()].posted == 0
