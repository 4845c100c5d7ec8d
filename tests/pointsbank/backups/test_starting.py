"""The server's entry: an older copy is noticed before anything is served, an upgrade makes a backup first."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import text

from pointsbank import sealing
from pointsbank.__main__ import main
from pointsbank.backups import (
    backup_before_upgrade,
    make_backup,
    refuse_older_data,
    remember,
    restore_backup,
    serving,
    verify_backup,
)
from pointsbank.backups.errors import InUse, OlderThanKnown
from pointsbank.backups.locks import SERVING, alone
from pointsbank.backups.manifest import backups_in
from pointsbank.backups.marks import keep_marks, known_marks
from pointsbank.backups.noticing import REPORT, acknowledge
from pointsbank.database import engine_for
from pointsbank.migrate import config_for, migrate, newest
from tests.ledger.house import BOOK
from tests.pointsbank.backups.bank import AT, earned, whole

BEFORE = "0013_reports"


@pytest.fixture
def start(settings, monkeypatch) -> Callable[..., int]:
    """The entry, on this bank; it prepares and does not stay."""
    for name, value in {"DATA_DIR": settings.data_dir, "KEYS_DIR": settings.keys_dir, "PG_BIN": settings.pg_bin or "",
                        "DATABASE_URL": settings.database_url, "MIGRATE_URL": settings.migrate_url}.items():
        monkeypatch.setenv(name, str(value))
    return lambda *options: main(["--no-demo", "--setup-only", *options])


def test_a_folder_copied_back_from_last_week_is_noticed_before_it_is_served(bank, settings, start, database_kind,
                                                                            tmp_path, capsys):
    assert start() == 0
    week_ago = make_backup(settings, at=AT) if database_kind == "postgresql" else None
    bank.engine.dispose()
    if week_ago is None:
        shutil.copytree(settings.data_dir, tmp_path / "copy", ignore=shutil.ignore_patterns("*.lock"))
    for number in (10, 11, 12):
        bank.post(earned(number))
    bank.engine.dispose()
    assert start() == 0
    if week_ago is None:  # by hand, with a file manager
        shutil.rmtree(settings.data_dir)
        shutil.copytree(tmp_path / "copy", settings.data_dir)
    else:  # by hand, with PostgreSQL's own tools
        restore_backup(settings, week_ago.file, at=AT)
        (settings.data_dir / REPORT).unlink()
    before = whole(bank)
    bank.engine.dispose()
    capsys.readouterr()
    assert start() == 2
    said = capsys.readouterr().err
    assert f"账本 {BOOK} 少了 3 笔" in said and f"book {BOOK} lacks 3 transactions" in said
    assert "backup acknowledge" in said and start() == 2
    assert whole(bank) == before

    owner = engine_for(settings.migrate_url)
    assert acknowledge(owner, settings, at=AT)
    owner.dispose()
    bank.engine.dispose()
    assert start() == 0


def test_an_old_copy_that_was_written_to_is_still_noticed(bank, settings):
    remember(settings, at=AT)
    known, = known_marks(settings.keys_dir)
    # as if the newest two of six had been lost and others been posted since
    keep_marks(settings.keys_dir, [known._replace(
        newest=UUID(int=known.newest.int - 1), transactions=known.transactions + 1)])
    bank.post(earned(20))
    bank.post(earned(21))
    with pytest.raises(OlderThanKnown) as refusal:
        refuse_older_data(settings, at=AT)
    assert "lacks 2 transactions" in refusal.value.sentence("en")


def test_what_was_signed_since_the_last_note_counts_as_known(bank, settings):
    old = make_backup(settings, at=AT)
    bank.post(earned(10))
    bank.post(earned(11))
    owner = engine_for(settings.migrate_url)
    sealing.sign_now(owner, settings.keys_dir, BOOK, at=AT)
    owner.dispose()
    bank.engine.dispose()
    remembered, = known_marks(settings.keys_dir)
    restore_backup(settings, old.file, at=AT)
    keep_marks(settings.keys_dir, [remembered])  # a folder copied back: nobody looked before it was replaced
    (settings.data_dir / REPORT).unlink()
    with pytest.raises(OlderThanKnown) as refusal:
        refuse_older_data(settings, at=AT)
    assert remembered.transactions == 5 and "lacks 2 transactions" in refusal.value.sentence("en")
    assert "7 were signed" in refusal.value.sentence("en") and "签过的有 7 笔" in refusal.value.sentence("zh")
    assert acknowledge(owner, settings, at=AT)
    assert sealing.recall(settings.keys_dir, BOOK).lost[0]["reason"] == "backup acknowledge"
    refuse_older_data(settings, at=AT)
    bank.post(earned(12))
    assert sealing.sign_now(owner, settings.keys_dir, BOOK, at=AT).splitlines()[1] == "6"
    owner.dispose()


def test_without_its_database_a_real_bank_does_not_start_anew_but_a_demo_does(bank, settings, elsewhere):
    remember(settings, at=AT)
    known, = known_marks(settings.keys_dir)
    empty = replace(elsewhere, migrate_url=f"sqlite:///{elsewhere.data_dir / 'new.db'}")
    empty.data_dir.mkdir()
    assert known.demo
    refuse_older_data(empty, at=AT)
    keep_marks(settings.keys_dir, [known._replace(demo=False)])
    with pytest.raises(OlderThanKnown) as refusal:
        refuse_older_data(empty, at=AT)
    assert "lacks 5 transactions (after its opening" in refusal.value.sentence("en")


def test_what_is_remembered_never_moves_back(bank, settings):
    old = make_backup(settings, at=AT)
    bank.post(earned(10))
    bank.engine.dispose()
    restore_backup(settings, old.file, at=AT)
    for _ in range(2):
        make_backup(settings, at=AT + timedelta(hours=1))
    assert [mark.transactions for mark in known_marks(settings.keys_dir)] == [6]


@pytest.fixture
def older(settings) -> Iterator[None]:
    """The bank's address holds a database of the version before."""
    engine = engine_for(settings.migrate_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    if settings.migrate_url.startswith("sqlite"):
        for part in settings.data_dir.glob("test.db*"):
            part.unlink()
    command.upgrade(config_for(settings.migrate_url), BEFORE)
    yield


def test_an_upgrade_makes_a_backup_first_which_can_be_proved_and_restored(settings, older, start):
    assert start() == 0
    (file, manifest), = backups_in(settings.data_dir / "backups")
    assert (manifest.reason, manifest.revision, manifest.findings) == ("upgrade", BEFORE, None)
    assert verify_backup(settings, file)[1] == []
    assert start() == 0 and len(backups_in(settings.data_dir / "backups")) == 1
    restore_backup(settings, file, at=AT)
    engine = engine_for(settings.migrate_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == newest()
    engine.dispose()


def test_an_upgrade_whose_backup_fails_changes_nothing_unless_that_is_asked_for(settings, older, start, capsys):
    settings.data_dir.mkdir(exist_ok=True)
    (settings.data_dir / "backups").write_text("a file where the folder should be")
    assert start() == 2
    assert "The backup could not be done" in capsys.readouterr().err
    engine = engine_for(settings.migrate_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == BEFORE
    engine.dispose()
    assert start("--no-backup") == 0


def test_migrating_by_command_makes_a_backup_first_too(settings, older, app):
    run = app.test_cli_runner().invoke
    said = json.loads(run(args=["bank", "migrate", "--json"]).output)
    assert backups_in(settings.data_dir / "backups")[0][0] == Path(said["backup"])
    assert json.loads(run(args=["bank", "migrate", "--json"]).output) == {"migrated": True, "backup": None}


def test_a_new_database_needs_no_backup(settings, tmp_path):
    new = replace(settings, data_dir=tmp_path / "new", migrate_url=f"sqlite:///{tmp_path / 'new.db'}")
    assert backup_before_upgrade(new, at=AT) is None
    migrate(new.migrate_url)
    assert backup_before_upgrade(new, at=AT) is None


def test_the_lock_of_a_killed_server_holds_nobody_up(tmp_path):
    program = ("import sys, time; from pathlib import Path; from pointsbank.backups.locks import serving\n"
               "with serving(Path(sys.argv[1])):\n    print('holding', flush=True); time.sleep(60)")
    server = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None and server.stdout.readline().strip() == "holding"
        with pytest.raises(InUse, match=f"process {server.pid}"), alone(tmp_path / SERVING):
            pass
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    with alone(tmp_path / SERVING), pytest.raises(InUse, match="backup restore"), serving(Path(tmp_path)):
        pass
