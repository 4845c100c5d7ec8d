"""A database that is busy: tried again where nothing stays, else the designed 503; never a 500, never half done.

The locks are real: another connection holds them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import Connection, Engine, event, func, select, text

from pointsbank.access.models import AppUser
from pointsbank.access.web import COOKIE
from pointsbank.audit import AuditEvent
from pointsbank.database import ATTEMPTS, WRITE, db, engine_for, unit_of_work
from pointsbank.settings import Settings, load_settings
from tests.visitor import Visitor
from wsgi import create_app

TABLES = "audit_event, sign_in_try, app_user"


@pytest.fixture
def other(settings: Settings) -> Iterator[Engine]:
    """Somebody else at the same database: its owner."""
    engine = engine_for(settings.migrate_url)
    yield engine
    engine.dispose()


@contextmanager
def held(other: Engine) -> Iterator[Connection]:
    """Nobody else can write; everybody can read."""
    with other.connect() as connection:
        connection = connection.execution_options(**WRITE)
        with connection.begin():
            if other.dialect.name == "postgresql":
                connection.execute(text(f"LOCK TABLE {TABLES} IN EXCLUSIVE MODE"))
            yield connection


@pytest.fixture
def hurried(app: Flask, village) -> Flask:
    """The app waits for a lock a moment only, so that the tests need not."""
    said = {"sqlite": "PRAGMA busy_timeout = 40", "postgresql": "SET lock_timeout = 40"}[db.engine.dialect.name]

    def hurry(connection: Any, _record: Any) -> None:
        connection.cursor().execute(said)
        connection.commit()

    event.listen(db.engine, "connect", hurry)
    return app


def looks() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AuditEvent.action == "looked")) or 0


def test_a_page_whose_look_cannot_be_written_is_not_shown_and_says_so_in_ones_own_language(hurried, other):
    chinese, english = Visitor(hurried, "recorder"), Visitor(hurried, "recorder", lang="en")
    before = looks()
    with held(other):
        page = chinese.get("/households")
        assert page.status_code == 503 and page.headers["Retry-After"] == "10"
        assert "系统正忙" in page.text and "H001" not in page.text
        assert page.headers["Content-Security-Policy"] and page.headers["Cache-Control"] == "no-store"
        assert "busy" in english.get("/households").text
        api = chinese.get("/api/v1/records")
        assert api.status_code == 503 and api.json["code"] == "too_busy" and api.headers["Retry-After"] == "10"
        assert api.content_type == "application/problem+json"
    assert looks() == before
    assert "H001" in chinese.page("/households") and looks() == before + 1


def test_a_write_that_cannot_be_written_answers_503_and_leaves_nothing(hurried, other):
    visitor = Visitor(hurried, "recorder")
    form = visitor.form("/password", "/password")
    given = {"old_password": "xiangyang2026", "new_password": "ein langes neues 1"}
    with held(other):
        answer = visitor.send(form, **given)
        assert answer.status_code == 503 and "没有办成" in answer.text and answer.headers["Retry-After"]
    assert Visitor(hurried, None).sign_in("recorder").status_code == 303, "the old password still holds"
    assert visitor.send(visitor.form("/password", "/password"), **given).status_code == 303


@pytest.fixture
def tried(hurried: Flask) -> Callable[[Callable[[int], str]], list[int]]:
    """A view of the test's own at /try, which learns how many times it was asked."""
    def add(view: Callable[[int], str]) -> list[int]:
        tries: list[int] = []

        def counted() -> str:
            tries.append(1)
            return view(len(tries))

        hurried.add_url_rule("/try", "try", counted, methods=["GET", "POST"])
        return tries
    return add


def large() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(AppUser.large_type)) or 0


def enlarge(s) -> None:
    s.execute(text("UPDATE app_user SET large_type = :yes WHERE login = 'committee'"), {"yes": True})


def test_who_read_before_another_wrote_is_thrown_out_and_goes_through_the_next_time(hurried, other, tried):
    def view(turn: int) -> str:
        s = db.session()
        s.rollback()
        if other.dialect.name == "postgresql":
            s.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        s.execute(text("SELECT count(*) FROM app_user")).scalar()
        if turn == 1:
            with other.connect().execution_options(**WRITE) as connection, connection.begin():
                connection.execute(text("UPDATE app_user SET large_type = NOT large_type WHERE login = 'committee'"))
        enlarge(s)
        s.commit()
        return str(len(request.files["paper"].read()))

    tries = tried(view)
    answer = hurried.test_client().post("/try", data={"paper": (io.BytesIO(b"x" * 700_000), "a.csv")})
    assert (answer.status_code, answer.text, len(tries)) == (200, "700000", 2)
    assert large() == 1


def test_a_lock_given_back_between_two_tries_is_never_noticed(hurried, other, tried):
    holding = held(other)
    holding.__enter__()

    def view(turn: int) -> str:
        if turn == 2:
            holding.__exit__(None, None, None)
        with unit_of_work(db.session()) as s:
            enlarge(s)
        return "done"

    tries = tried(view)
    assert (hurried.test_client().get("/try").text, len(tries)) == ("done", 2)
    assert large() == 1


def test_what_has_committed_something_is_not_tried_again(hurried, other, tried):
    def view(turn: int) -> str:
        with unit_of_work(db.session()) as s:
            enlarge(s)
        with held(other), unit_of_work(db.session()) as s:
            enlarge(s)
        return "never"

    tries = tried(view)
    assert (hurried.test_client().get("/try").status_code, len(tries)) == (503, 1)


def test_a_lock_that_stays_ends_in_a_bounded_number_of_tries(hurried, other, tried):
    def view(turn: int) -> str:
        with unit_of_work(db.session()) as s:
            enlarge(s)
        return "never"

    tries = tried(view)
    with held(other):
        assert hurried.test_client().get("/try").status_code == 503
    assert 1 <= len(tries) <= ATTEMPTS
    assert large() == 0


def test_a_database_that_is_away_is_said_without_it(tmp_path, keys):
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    settings = load_settings({"DATA_DIR": str(tmp_path / "data"), "KEYS_DIR": str(keys)})
    app = create_app(replace(settings, database_url=nowhere, migrate_url=nowhere))
    client = app.test_client()
    client.set_cookie(COOKIE, "230199.of-yesterday")
    for path in ("/", "/households", "/api/v1/records"):
        answer = client.get(path)
        assert answer.status_code == 503 and answer.headers["Retry-After"], path
    assert "系统正忙" in client.get("/households").text
