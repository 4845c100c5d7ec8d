"""The schema: built from empty on both databases, the same as the models say, and out of the application's reach.

On PostgreSQL the owner migrates; the application's role may read and add, and may change no posted row, no audit event
and no table.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from pointsbank import audit
from pointsbank.access import system_actor
from pointsbank.database import db, engine_for, unit_of_work
from pointsbank.migrate import APPEND_ONLY, config_for, current, migrate, newest
from pointsbank.settings import Settings
from tests import databases
from tests.conftest import VILLAGE_AT
from wsgi import create_app

FOR_GOOD = ("ledger_transaction", "ledger_transfer", "audit_event")


@pytest.fixture
def empty(database_kind: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """(application's address, owner's address) of a database nobody has migrated yet."""
    if database_kind == "sqlite":
        yield (f"sqlite:///{tmp_path / 'empty.db'}",) * 2  # type: ignore[misc]
        return
    databases.template("postgresql")  # makes the application's role
    name = f"empty_{tmp_path.name.replace('-', '_').lower()[-30:]}_{id(tmp_path)}"
    databases.admin(f"CREATE DATABASE {name}")
    yield databases.url_of(name, databases.APP_ROLE), databases.url_of(name)
    databases.admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app_on_empty(empty: tuple[str, str], tmp_path: Path, keys: Path) -> Iterator[Flask]:
    made = create_app(Settings(host="127.0.0.1", port=0, data_dir=tmp_path / "data", keys_dir=keys,
                               database_url=empty[0], migrate_url=empty[1], tls_cert=None, tls_key=None,
                               font_fallback=None))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def steps() -> list[str]:
    """The revisions, first to last."""
    return [step.revision for step in ScriptDirectory.from_config(config_for("sqlite://")).walk_revisions()][::-1]


def test_a_database_is_healthy_after_its_migrations_and_not_before(app_on_empty, empty):
    client = app_on_empty.test_client()
    before = client.get("/healthz")
    assert (before.status_code, before.json["status"], before.json["revision"]) == (503, "unavailable", None)
    assert before.json["reason"]
    migrate(empty[1], empty[0])
    after = client.get("/healthz")
    assert (after.status_code, after.json["status"], after.json["revision"]) == (200, "ok", newest())


def test_a_database_of_an_older_program_is_not_healthy(app_on_empty, empty):
    command.upgrade(config_for(empty[1]), steps()[-2])
    assert app_on_empty.test_client().get("/healthz").status_code == 503


def test_every_step_can_be_taken_alone_and_taking_them_again_changes_nothing(empty):
    engine = engine_for(empty[1])
    for step in steps():
        command.upgrade(config_for(empty[1]), step)
        assert current(engine) == step
    tables = set(inspect(engine).get_table_names())
    migrate(*reversed(empty))
    migrate(*reversed(empty))
    assert (current(engine), set(inspect(engine).get_table_names())) == (newest(), tables)
    engine.dispose()


def test_the_history_is_one_line_without_branches():
    script = ScriptDirectory.from_config(config_for("sqlite://"))
    assert len(script.get_heads()) == 1 and len(script.get_bases()) == 1
    assert steps() == sorted(steps()), "a step's number says when it comes"


def refused(engine: Engine, statement: str) -> str:
    with pytest.raises(DBAPIError) as refusal, engine.begin() as connection:
        connection.execute(text(statement))
    return str(refusal.value.orig)


@pytest.mark.parametrize("table", FOR_GOOD)
def test_posted_rows_and_audit_events_are_out_of_the_applications_reach(engine, table):
    assert table in APPEND_ONLY
    column = "line" if table == "ledger_transfer" else "id"
    statements = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if engine.dialect.name == "sqlite":
        return  # no roles there: see the next test and tests/ledger/test_append_only.py
    for statement in (*statements, f"TRUNCATE {table} CASCADE"):
        assert "permission denied" in refused(engine, statement), statement
    rights = "SELECT has_table_privilege(:role, :table, right_) FROM unnest(ARRAY[{}]) right_"
    names = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    with engine.connect() as connection:
        given = connection.scalars(text(rights.format(", ".join(f"'{name}'" for name in names))),
                                   {"role": databases.APP_ROLE, "table": table}).all()
    assert dict(zip(names, given, strict=True)) == {name: name in ("SELECT", "INSERT") for name in names}


def test_an_audit_event_stays_as_it_was_written_for_the_owner_too(s, engine, village, database_urls):
    with unit_of_work(s):
        audit.record(s, system_actor(village.book_id, "test"), "looked", "book:1", at=VILLAGE_AT)
    owner = engine_for(database_urls[1])
    statements = ["UPDATE audit_event SET action = 'other'", "DELETE FROM audit_event",
                  "INSERT INTO audit_event SELECT * FROM audit_event WHERE true "
                  "ON CONFLICT (book_id, id) DO UPDATE SET action = 'other'"]
    if engine.dialect.name == "sqlite":
        statements.append("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event")
    for statement in statements:
        assert "append-only" in refused(owner, statement), statement
        assert "append-only" in (said := refused(engine, statement)) or "permission denied" in said, statement
    owner.dispose()
    assert s.scalar(text("SELECT count(*) FROM audit_event WHERE action = 'looked'")) == 1


def test_the_applications_role_makes_and_changes_no_table(engine):
    if engine.dialect.name != "postgresql":
        return  # SQLite knows no roles: the file's owner is the application
    for statement in ("CREATE TABLE mine (a int)", "DROP TABLE person", "ALTER TABLE person ADD COLUMN a int",
                      "CREATE INDEX mine ON person (id)", "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
                      "UPDATE alembic_version SET version_num = '0001_ledger'", "DELETE FROM alembic_version",
                      "CREATE SCHEMA mine", "CREATE ROLE other", "SET ROLE postgres"):
        assert any(word in refused(engine, statement) for word in ("permission denied", "must be owner")), statement
