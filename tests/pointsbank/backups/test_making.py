"""A backup is made while the bank is open, is proved when made, and is whole or not there at all."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import make_url

from pointsbank.backups import make_backup, verify_backup
from pointsbank.backups.errors import CannotBackUp
from pointsbank.backups.manifest import backups_in, manifest_path
from pointsbank.backups.marks import known_marks
from pointsbank.backups.postgres_store import PostgresStore
from pointsbank.database import db
from pointsbank.jobs import run_job
from pointsbank.settings import Settings
from tests import databases
from tests.ledger.house import BOOK
from tests.pointsbank.backups.bank import AT, earned, nothing_half, writing


def test_a_copy_made_while_another_thread_writes_is_that_of_one_instant(bank, settings):
    with writing(bank) as posted:
        while len(posted) < 3:
            pass
        before = len(posted)
        made = make_backup(settings, at=AT)
        after = len(posted) + 1
    assert made.findings == [] and made.manifest.findings == 0
    mark, = made.manifest.books
    assert 5 + before <= mark.transactions <= 5 + after
    assert verify_backup(settings, made.file)[1] == []


def test_the_note_beside_it_says_what_it_is(bank, settings, database_kind):
    made = make_backup(settings, at=AT)
    stored = json.loads(manifest_path(made.file).read_text(encoding="utf-8"))
    assert stored["database"] == database_kind and stored["size"] == made.file.stat().st_size
    assert stored["made_at"] == "2026-11-25T01:00:00+00:00" and stored["revision"]
    assert [(one["book"], one["transactions"]) for one in stored["books"]] == [(BOOK, 5)]
    assert stored["tables"]["ledger_transaction"] == 5
    with bank.engine.connect() as connection:
        newest = connection.exec_driver_sql("SELECT id FROM ledger_transaction ORDER BY id DESC LIMIT 1").scalar_one()
    assert stored["books"][0]["newest"].replace("-", "") == str(newest).replace("-", "")
    assert [mark.transactions for mark in known_marks(settings.keys_dir)] == [5]


def test_no_key_is_inside_and_only_its_owner_reads_it(bank, settings):
    made = make_backup(settings, at=AT)
    data = made.file.read_bytes() + manifest_path(made.file).read_bytes()
    master = json.loads((settings.keys_dir / "master-keys.json").read_text())
    assert len(master) >= 3
    assert not [name for name, key in master.items() if key.encode() in data or bytes.fromhex(key) in data]
    if os.name == "posix":
        assert stat.S_IMODE(made.file.stat().st_mode) == 0o600


def test_an_interrupted_one_leaves_no_half_file(bank, settings):
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    folder = settings.data_dir / "backups"
    with pytest.raises(KeyboardInterrupt):
        make_backup(settings, at=AT, progress=interrupt)
    assert nothing_half(folder) and backups_in(folder) == []


def test_what_a_killed_one_left_is_cleared_by_the_next(bank, settings):
    folder = settings.data_dir / "backups"
    folder.mkdir(parents=True)
    (folder / ".pointsbank-20260101T000000Z.db.part").write_bytes(b"half")
    make_backup(settings, at=AT)
    assert nothing_half(folder) and len(backups_in(folder)) == 1


def test_a_broken_law_is_told_and_the_copy_kept_and_nothing_thinned(bank, settings):
    make_backup(settings, at=AT)
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_balance SET posted = posted + 1 WHERE posted > 0")
    bank.engine.dispose()
    made = make_backup(settings, at=AT + timedelta(hours=1))
    assert made.file.exists() and made.removed == []
    assert {one["law"] for one in made.findings} == {"balance"}
    assert len(backups_in(made.file.parent)) == 2


def test_the_job_makes_one_a_day_for_all_books(bank, settings, app):
    first = run_job(db.session(), BOOK, "backup", at=AT)
    assert "0 findings" in first
    assert run_job(db.session(), BOOK, "backup", at=AT + timedelta(hours=3)).startswith("there already")
    bank.post(earned(50))
    assert "0 findings" in run_job(db.session(), BOOK, "backup", at=AT + timedelta(days=1))
    assert [one.books[0].transactions for _, one in backups_in(settings.data_dir / "backups")] == [5, 6]


@pytest.fixture
def on_postgres(tmp_path, keys) -> Iterator[Settings]:
    urls = databases.fresh("postgresql", tmp_path)
    yield Settings(host="127.0.0.1", port=0, data_dir=tmp_path / "data", keys_dir=tmp_path / "keys",
                   database_url=urls[0], migrate_url=urls[1], tls_cert=None, tls_key=None, font_fallback=None)
    databases.drop(urls[1])


def test_a_missing_tool_of_postgresql_is_named_and_leaves_nothing(on_postgres, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotBackUp) as refusal:
        make_backup(replace(on_postgres, pg_bin=tmp_path / "empty"), at=AT)
    assert "pg_dump" in refusal.value.sentence("en") and "PG_BIN" in refusal.value.sentence("zh")
    assert nothing_half(on_postgres.data_dir / "backups")


def test_a_password_of_postgresql_is_never_on_the_command_line(on_postgres, tmp_path):
    tool = tmp_path / "bin" / "pg_dump"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\necho "$@" > "$0.said"; echo "$PGPASSWORD" > "$0.password"\n')
    tool.chmod(0o755)
    url = make_url("postgresql+psycopg://owner:s3cr3t@db.example:5433/bank?sslmode=require")
    store = PostgresStore(replace(on_postgres, pg_bin=tool.parent, migrate_url=url.render_as_string(False)))
    store.call_on("pg_dump", url, "--format=custom", seen=lambda line: None)
    said = (tmp_path / "bin" / "pg_dump.said").read_text()
    assert "s3cr3t" not in said
    assert {"host=db.example", "port=5433", "sslmode=require", "user=owner"} <= set(
        said.replace("--dbname=", "").split())
    assert (tmp_path / "bin" / "pg_dump.password").read_text().strip() == "s3cr3t"
