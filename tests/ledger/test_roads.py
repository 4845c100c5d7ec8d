"""Every road behind the door gives the same: outcomes, refusals, replays and rows, for the same random input.

Each road works in a book of its own on the same database: the reference (`Plan`, plain statements), the quick one
(`QuickPlan`; COPY or the driver's cursor), and what `post` takes by itself (on PostgreSQL its function for singles).
"""

from __future__ import annotations

import os
import random
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, select

import ledger
from ledger import DomainError, Entry, Hold, Party, Transfer
from ledger.drafts import as_json, draft_of, hash_of
from ledger.posting_function_sql import FUNCTION
from ledger.roads import by_road, reference_road, shortest_road
from ledger.tables import account, balance, capture, due, hold, transaction, transfer, unsealed
from pointsbank.database import engine_for, write_connection
from tests.ledger.house import BUDGET, DONOR, GIVEN, PENALTY, SCORED, SERVED, SHELF, SPENT, hours, noon, score, wallet

FIRST = date(2026, 3, 1)
ROADS = (reference_road, shortest_road, None)
BOOKS = count(400_000)
ROUNDS = 40 if os.environ.get("LONG") else 3
STEPS = 60
WALLETS = [wallet(name) for name in "abc"]


class Clerk:
    """Makes the same calls for every road: what is random is drawn once."""

    def __init__(self, seed: int) -> None:
        self.random, self.day, self.keys = random.Random(seed), FIRST, count(1)
        self.sent: list[Entry] = []

    def entry(self) -> Entry:
        if self.sent and self.random.random() < 0.15:  # again, sometimes with other content
            first = self.random.choice(self.sent)
            return first if self.random.random() < 0.6 else Entry(
                first.scope, first.key, first.kind, first.effective_on, (*first.transfers, *first.transfers))
        on = self.day - timedelta(days=self.random.choice([0, 0, 0, 0, 1, 5, 40, -2]))
        made = Entry("test", f'k"\\{{é,{next(self.keys)}', self.random.choice(["earned", "sale"]), on, self.lines(),
                     Party(household=uuid5(NAMESPACE_URL, "h") if self.random.random() < 0.5 else None),
                     rule=self.random.choice([None, "V\"0é"]), meta=self.random.choice([{}, {"b": 1, "a": "é"}]),
                     may_go_below=self.random.random() < 0.15)
        self.sent.append(made)
        return made

    def lines(self) -> tuple[Transfer, ...]:
        mine, amount = self.random.choice(WALLETS), self.random.randint(1, 60)
        other = self.random.choice([one for one in WALLETS if one != mine])
        due_on = self.day + timedelta(days=self.random.randint(-5, 40))
        if {mine.code, other.code} == {WALLETS[1].code, WALLETS[2].code} and self.random.random() < 0.2:
            due_on = None  # from then on nothing of that wallet lapses: rare, or nothing would be left to lapse
        return self.random.choice([
            (Transfer(BUDGET, mine, amount, due_on),),
            (Transfer(SERVED, hours(), 60), Transfer(BUDGET, mine, amount, due_on), Transfer(SCORED, score(), amount)),
            (Transfer(mine, SPENT, amount),),
            (Transfer(mine, SPENT, amount),),
            (Transfer(mine, SPENT, amount), Transfer(SHELF, GIVEN, 1), Transfer(mine, SPENT, 1)),
            (Transfer(DONOR, SHELF, 2),),
            (Transfer(mine, other, amount, due_on),),
            (Transfer(BUDGET, mine, amount, due_on), Transfer(mine, other, amount, due_on)),
            (Transfer(mine, PENALTY, amount),),
        ])

    def step(self) -> Any:
        """One call: a function of a connection and a book."""
        self.day += timedelta(days=self.random.choice([0, 0, 0, 1, 3]))
        at, kind = noon(self.day), self.random.random()
        if kind < 0.72:
            entries = [self.entry() for _ in range(self.random.choice([1, 1, 1, 2, 5, 12]))]
            each = self.random.random() < 0.7
            return lambda connection, book: ledger.post(connection, book, entries, recorded_at=at, each=each)
        key, number = f"k{next(self.keys)}", self.random.randint(1, 40)
        if kind < 0.82 and self.sent:
            first, claw_back = self.random.choice(self.sent), self.random.random() < 0.4
            return lambda connection, book: self.reverse(connection, book, first, key, at, claw_back, number)
        if kind < 0.88:
            mine, over = self.random.choice(WALLETS), self.random.choice([None, noon(self.day + timedelta(days=4))])
            return lambda connection, book: ledger.hold(connection, book, Hold("test", key, mine, number, over),
                                                        recorded_at=at)
        if kind < 0.93:
            return lambda connection, book: [
                ledger.release(connection, book, one.id, recorded_at=at)
                for one in ledger.open_holds(connection, book)[:1]]
        if kind < 0.98:
            today = self.day
            return lambda connection, book: ledger.expire(connection, book, today=today, recorded_at=at)
        return lambda connection, book: ledger.close_period(connection, book, FIRST, by="u", recorded_at=at)

    @staticmethod
    def reverse(connection: Connection, book: int, first: Entry, key: str, at: Any, claw_back: bool,
                part: int) -> Any:
        found = ledger.find_by_key(connection, book, first.scope, first.key)
        if found is None:
            return None
        return ledger.reverse(connection, book, found.id, scope="test", key=key, recorded_at=at,
                              effective_on=found.effective_on, claw_back=claw_back, parts={1: part})


def told(outcome: Any) -> Any:
    """What a call answered, without the ids, which every book makes for itself."""
    if isinstance(outcome, list):
        return [told(one) for one in outcome]
    if isinstance(outcome, ledger.Outcome):
        return (outcome.transaction_id is None, outcome.replay, outcome.balances, outcome.recorded_at, outcome.lapsed,
                told(outcome.refusal))
    if isinstance(outcome, DomainError):
        facts = {name: value for name, value in vars(outcome).items() if not isinstance(value, UUID)}
        return type(outcome), {name: str(value) for name, value in facts.items() if "transaction" not in name
                               and name not in ("facts", "args")}
    if isinstance(outcome, ledger.HoldOutcome):
        return outcome.replay, outcome.available
    return outcome


def rows(connection: Connection, book: int) -> dict[str, list[Any]]:
    """Every row of the book, ids of transactions and holds replaced by their keys."""
    names: dict[Any, Any] = {None: None}
    for table in (transaction, hold):
        for row in connection.execute(select(table.c.id, table.c.scope, table.c.key).where(table.c.book_id == book)):
            names[row.id] = (row.scope, row.key)
    found = {}
    for table in (account, balance, due, transaction, transfer, unsealed, capture, hold):
        found[table.name] = sorted((
            [names.get(value, value) if isinstance(value, UUID) else value for value in row[1:]]
            for row in connection.execute(select(table).where(table.c.book_id == book))), key=repr)
    for row in found["ledger_transaction"]:
        if row[11] is not None:
            row[4] = None  # the hash of a reversal covers the id of what it reverses
    return found


def go(engine: Engine, book: int, road: Any, step: Any) -> Any:
    try:
        with by_road(road) if road else nullcontext(), write_connection(engine) as connection:
            return told(step(connection, book))
    except DomainError as refused:
        return told(refused)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_every_road_gives_the_same_answers_and_the_same_rows(engine: Engine, seed: int) -> None:
    clerk, books = Clerk(seed), [next(BOOKS) for _ in ROADS]
    for number in range(STEPS):
        step = clerk.step()
        answers = [go(engine, book, road, step) for book, road in zip(books, ROADS, strict=True)]
        assert answers[1] == answers[0] and answers[2] == answers[0], number
    with engine.connect() as connection:
        reference, *others = [rows(connection, book) for book in books]
        assert len(reference["ledger_transaction"]) > 20 and others == [reference, reference]
        assert [ledger.check(connection, book) for book in books] == [[], [], []]


def test_in_autocommit_mode_a_posting_is_whole_too(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return  # the driver must not open transactions by itself there: see pointsbank/database.py
    book, alone = next(BOOKS), engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        award = Entry("test", "a", "earned", FIRST, (Transfer(BUDGET, WALLETS[0], 50),))
        first, again = (ledger.post(connection, book, [award], recorded_at=noon(FIRST))[0] for _ in range(2))
        assert (first.balances, again.replay) == ({WALLETS[0]: (0, 50)}, True)
        sale = Entry("test", "b", "sale", FIRST, (Transfer(WALLETS[0], SPENT, 50), Transfer(SHELF, GIVEN, 1)))
        with pytest.raises(ledger.BelowFloor):
            ledger.post(connection, book, [sale], recorded_at=noon(FIRST))
        connection.exec_driver_sql("DEALLOCATE ALL")  # as the driver does after a rollback
        spent = Entry("test", "c", "sale", FIRST, (Transfer(WALLETS[0], SPENT, 20),))
        assert ledger.post(connection, book, [spent], recorded_at=noon(FIRST))[0].balances == {WALLETS[0]: (50, 30)}
    with engine.connect() as connection:
        assert ledger.balances(connection, book, [WALLETS[0]])[WALLETS[0]].posted == 30
        assert ledger.check(connection, book) == []


def test_the_function_is_the_applications_to_call_and_nobody_elses(engine: Engine, database_urls: Any) -> None:
    if engine.dialect.name == "sqlite":
        return
    owner = engine_for(database_urls[1])
    with engine.connect() as ours, owner.connect() as theirs:
        asked = "SELECT has_function_privilege({}, oid, 'EXECUTE') FROM pg_proc WHERE proname = 'ledger_post'"
        assert ours.exec_driver_sql(asked.format("current_user")).scalar() is True
        assert theirs.exec_driver_sql(asked.format("'pg_monitor'")).scalar() is False
    owner.dispose()


def test_the_migrated_function_is_the_one_a_project_of_its_own_gets(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as connection:
        migrated = connection.exec_driver_sql("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_post'").scalar()
    assert migrated == FUNCTION.split("$$")[1]


names = st.text(min_size=1, max_size=12)


@settings(deadline=None)
@given(kind=names, code=names, rule=st.none() | names, place=st.none() | names, amount=st.integers(1, 10**15),
       household=st.none() | st.uuids(), due_on=st.none() | st.dates(), below=st.booleans(),
       meta=st.dictionaries(names, st.none() | names | st.integers(), max_size=3))
def test_the_content_hash_written_by_hand_is_the_hash_of_the_content(
        kind: str, code: str, rule: str | None, place: str | None, amount: int, household: UUID | None,
        due_on: date | None, below: bool, meta: dict[str, Any]) -> None:
    moved = Transfer(BUDGET, ledger.member("POINT", code + "'"), amount, due_on)
    one = Entry("s", "k", kind + "!", FIRST, (moved, moved), Party(household), rule, place, meta, below)
    assert draft_of(one).content_hash == hash_of(
        "entry", one.kind, one.effective_on, household, None, rule, place, as_json(meta), below,
        [(t.debit.commodity, t.debit.code, t.credit.code, t.amount, t.due_on) for t in one.transfers])
