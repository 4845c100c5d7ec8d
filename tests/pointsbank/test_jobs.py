"""Jobs run once a book, by one runner, and catch up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pointsbank.database import unit_of_work
from pointsbank.errors import NotFound
from pointsbank.jobs import JOBS, JobLease, register_job, run_job
from pointsbank.places import books

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def counted():
    """A job that counts its runs."""
    runs: list[int] = []

    def run(s, book_id, at):
        runs.append(book_id)
        return f"run {len(runs)}"

    register_job("count", "计数", hour=0, minute=0, run=run)
    yield runs
    del JOBS["count"]


def test_a_job_says_what_it_did_and_the_book_remembers_it(s, village, counted):
    assert books(s) == [village.book_id]
    assert run_job(s, village.book_id, "count", at=AT) == "run 1"
    row = s.get_one(JobLease, (village.book_id, "count"))
    assert (row.last_outcome, row.last_run_at, row.holder) == ("run 1", AT, None)


def test_a_second_runner_leaves_a_running_job_alone_until_its_lease_is_over(s, village, counted):
    run_job(s, village.book_id, "count", at=AT)
    with unit_of_work(s):
        row = s.get_one(JobLease, (village.book_id, "count"))
        row.holder, row.until = village.households["H001"].id, AT + timedelta(minutes=30)
    assert run_job(s, village.book_id, "count", at=AT) == "already running"
    assert run_job(s, village.book_id, "count", at=AT + timedelta(minutes=31)) == "run 2"


def test_a_job_that_fails_gives_its_lease_back(s, village):
    def fail(s, book_id, at):
        raise ZeroDivisionError

    register_job("fail", "失败", hour=0, minute=0, run=fail)
    with pytest.raises(ZeroDivisionError):
        run_job(s, village.book_id, "fail", at=AT)
    row = s.get_one(JobLease, (village.book_id, "fail"))
    assert (row.holder, row.last_outcome) == (None, "failed")
    del JOBS["fail"]


def test_an_unknown_job_is_named_as_such(s, village):
    with pytest.raises(NotFound):
        run_job(s, village.book_id, "nothing", at=AT)
