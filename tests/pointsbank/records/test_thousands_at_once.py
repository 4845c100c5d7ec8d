"""Batches: every bad row named, nothing counted twice, as many statements for two hundred records as for twenty."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import ledger
from pointsbank.errors import DomainError
from pointsbank.records import (
    ActivityFacts,
    Award,
    Decide,
    DecideMany,
    ServiceRecord,
    SubmitMany,
    decide,
    decide_many,
    submit_many,
)
from pointsbank.records.errors import SameNumberOtherContent
from tests.pointsbank.records.a_village import AT, BOOK, DAY, Counted

HOMES = ("H001", "H002", "H003", "H004", "H005")


def many(hamlet, count, hour=8, **more):
    """Rows of an hour each, spread over persons and days."""
    return tuple(hamlet.facts("V01", HOMES[i % 5], i // 5 % 2, DAY - timedelta(days=i // 10 % 25), minutes=60,
                               started=hour * 60 + i // 250 * 60, **more) for i in range(count))


def send(hamlet, rows, **more):
    return submit_many(hamlet.s, SubmitMany(uuid.uuid4(), rows, **more), by=hamlet.staff["recorder"], at=AT)


def test_every_bad_row_is_named_and_the_good_ones_are_stored(hamlet):
    rows = list(many(hamlet, 10))
    rows[2] = replace(rows[2], minutes=1441)
    rows[5] = replace(rows[5], rule="Z99")
    rows[7] = rows[6]
    rows[8] = replace(rows[8], person_id=uuid.uuid4())
    outcome = send(hamlet, tuple(rows))
    assert [(problem.index, problem.code) for problem in outcome.problems] == [
        (2, "bad_input"), (5, "no_rule_in_force"), (7, "twice_in_one_batch"), (8, "not_of_this_household")]
    assert outcome.problems[2].first == 7
    assert len(outcome.recorded) == 6


def test_the_same_sheet_twice_changes_nothing(hamlet):
    rows = many(hamlet, 30)
    assert len(send(hamlet, rows).recorded) == 30
    again = send(hamlet, rows)
    assert (len(again.recorded), len(again.already), len(again.problems)) == (0, 30, 0)
    overlapping = send(hamlet, (*rows[20:], *many(hamlet, 5, hour=20)))
    assert (len(overlapping.recorded), len(overlapping.already)) == (5, 10)


def test_a_sheet_imported_again_weeks_later_is_still_known(hamlet):
    rows = many(hamlet, 5)
    send(hamlet, rows)
    later = submit_many(hamlet.s, SubmitMany(uuid.uuid4(), rows), by=hamlet.staff["recorder"],
                        at=AT + timedelta(days=60))
    assert len(later.already) == 5


def test_an_external_number_with_other_content_names_the_first(hamlet):
    # C21
    rows = tuple(replace(row, external_no=f"LJ-{i}") for i, row in enumerate(many(hamlet, 3)))
    first = send(hamlet, rows, source_system="龙江志愿")
    again = send(hamlet, (rows[0], replace(rows[1], minutes=90)), source_system="龙江志愿")
    assert [one.id for one in again.already] == [first.recorded[0].id]
    assert [problem.code for problem in again.problems] == [SameNumberOtherContent.code]
    assert first.recorded[1].id.hex[-8:].upper() in again.problems[0].zh
    assert hamlet.s.get_one(ServiceRecord, (BOOK, first.recorded[1].id)).minutes == 60
    # another system counts its own numbers
    other = send(hamlet, (replace(rows[0], started=20 * 60),), source_system="村级平台")
    assert len(other.recorded) == 1


def test_the_same_key_again_gives_the_same_answer(hamlet):
    cmd = SubmitMany(uuid.uuid4(), many(hamlet, 12))
    first = submit_many(hamlet.s, cmd, by=hamlet.staff["recorder"], at=AT)
    again = submit_many(hamlet.s, cmd, by=hamlet.staff["recorder"], at=AT + timedelta(hours=1))
    assert again.replay and again.recorded == first.recorded


def test_records_of_one_activity_share_it(hamlet):
    rows = many(hamlet, 5, activity=ActivityFacts("向阳村清雪", 8 * 60, 120))
    send(hamlet, rows)
    send(hamlet, tuple(replace(row, started=12 * 60) for row in rows))
    ids = set(hamlet.s.scalars(select(ServiceRecord.activity_id)))
    assert len(ids) == 1 and None not in ids


def test_one_who_cannot_pass_is_named_and_the_others_go_on(hamlet):
    mine = hamlet.submit(home="H003")  # the reviewer's own household
    others = [hamlet.submit("E03", home=home) for home in ("H001", "H002")]
    own = hamlet.submit("E03", home="H003", who=1)
    outcome = decide_many(hamlet.s, DecideMany(uuid.uuid4(), (*others, own, mine, uuid.UUID(int=7))),
                          by=hamlet.staff["reviewer"], at=AT)
    assert {one.record_id for one in outcome.passed} == set(others)
    assert [(one.index, one.code) for one in outcome.refused] == [
        (2, "own_household"), (3, "not_your_step"), (4, "not_found")]
    assert hamlet.points("H001") == 500


def test_caps_hold_within_a_batch_as_they_do_one_by_one(hamlet):
    ids = [one.id for one in send(hamlet, tuple(
        hamlet.facts(minutes=60, started=8 * 60 + i * 60) for i in range(6))).recorded]
    decide_many(hamlet.s, DecideMany(uuid.uuid4(), tuple(reversed(ids))), by=hamlet.staff["committee"], at=AT)
    assert (hamlet.points(), hamlet.minutes()) == (400, 360)
    last = hamlet.s.scalars(select(Award).where(Award.record_id == ids[-1])).one()
    assert (last.points, last.minutes, last.capped_off) == (0, 60, 100)


def test_two_hundred_cost_as_many_statements_as_twenty(hamlet):
    counts = []
    for hour, size in ((8, 10), (9, 20), (10, 200)):  # the first opens the accounts
        with Counted(hamlet.s) as submitting:
            ids = tuple(one.id for one in send(hamlet, many(hamlet, size, hour)).recorded)
        with Counted(hamlet.s) as deciding:
            outcome = decide_many(hamlet.s, DecideMany(uuid.uuid4(), ids), by=hamlet.staff["committee"], at=AT)
        assert len(outcome.passed) == size
        counts.append((submitting.count, deciding.count))
    assert counts[1] == counts[2] and counts[2][0] <= 16 and counts[2][1] <= 30, counts


@pytest.mark.long
def test_five_thousand_imported_records_are_approved_within_seconds(hamlet):
    rows = tuple(hamlet.facts("V01", HOMES[i % 5], i // 5 % 2, date(2025, 6, 1) + timedelta(days=i // 10 % 250),
                               minutes=60, started=6 * 60 + i // 2500 * 60, late_reason="年度补录")
                 for i in range(5000))
    started = perf_counter()
    outcome = send(hamlet, rows)
    submitted = perf_counter()
    assert len(outcome.recorded) == 5000
    done = decide_many(hamlet.s, DecideMany(uuid.uuid4(), tuple(one.id for one in outcome.recorded)),
                       by=hamlet.staff["committee"], at=AT)
    decided = perf_counter()
    assert len(done.passed) == 5000
    assert hamlet.s.scalar(select(func.sum(Award.minutes))) == 300_000
    assert (submitted - started, decided - submitted) < (20, 20)
    print(f"submitted in {submitted - started:.1f} s, approved in {decided - submitted:.1f} s")


def test_two_approvers_at_once_have_one_effect(hamlet, engine):
    records = [hamlet.submit(home=home) for home in HOMES]
    hamlet.s.rollback()
    gate, done, refused = threading.Barrier(2), [], []

    def approve(name):
        with Session(engine) as session:
            gate.wait()
            for record in records:
                try:
                    decide(session, Decide(uuid.uuid4(), record), by=hamlet.staff[name], at=AT)
                    done.append(record)
                except DomainError as error:
                    refused.append(error.code)

    threads = [threading.Thread(target=approve, args=(name,)) for name in ("committee", "committee2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(records) and refused == ["not_waiting"] * len(records)
    assert [hamlet.points(home) for home in HOMES] == [300] * 5
    assert ledger.check(hamlet.s.connection(), BOOK) == []


def test_the_same_key_from_many_at_once_has_one_effect(hamlet, engine):
    record = hamlet.submit()
    cmd = Decide(uuid.uuid4(), record)
    hamlet.s.rollback()
    answers = []

    def approve():
        with Session(engine) as session:
            answers.append(decide(session, cmd, by=hamlet.staff["committee"], at=AT))

    threads = [threading.Thread(target=approve) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16 and sum(not answer.replay for answer in answers) == 1
    assert len({answer.passed for answer in answers}) == 1 and hamlet.points() == 300


def test_a_cap_holds_when_its_deeds_are_approved_at_the_same_moment(hamlet, engine):
    # 4.00 a person a day: eight single hours, each approved by its own thread.
    for day in (DAY, DAY - timedelta(days=1)):
        records = [hamlet.submit(minutes=60, started=(8 + hour) * 60, day=day) for hour in range(8)]
        hamlet.s.rollback()
        gate = threading.Barrier(len(records))

        def approve(record, gate=gate):
            with Session(engine) as session:
                session.execute(select(1))  # the connection stands before the gate opens
                gate.wait()
                decide(session, Decide(uuid.uuid4(), record), by=hamlet.staff["committee"], at=AT)

        threads = [threading.Thread(target=approve, args=(record,)) for record in records]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (hamlet.points(), hamlet.minutes()) == (800, 960)
