"""A restore gives back every hundredth, keeps what it replaces, and says what is lost before anything is served."""

from __future__ import annotations

import json
import os
import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from ledger.verifier import read_key
from ledger.verifying import verify
from pointsbank import sealing
from pointsbank.audit import AuditEvent
from pointsbank.backups import make_backup, restore_backup, serving
from pointsbank.backups.errors import Damaged, InUse
from pointsbank.backups.noticing import acknowledge, unacknowledged
from pointsbank.database import db, engine_for
from tests.ledger.house import BOOK, Book
from tests.pointsbank.backups.bank import AT, earned, whole, writing

ROUNDS = 20 if os.environ.get("LONG") else 3


def test_a_round_trip_gives_back_every_row_and_every_hundredth(bank, settings, database_kind):
    before, made = whole(bank), make_backup(settings, at=AT)
    for number in (10, 11, 12):
        bank.post(earned(number))
    later = whole(bank)
    bank.engine.dispose()
    done = restore_backup(settings, made.file, at=AT + timedelta(days=1))
    assert whole(bank) == before and before["findings"] == [] and len(later["transfers"]) == 8
    bank.post(earned(13))  # the application's role may write in the restored one

    url = make_url(settings.migrate_url).set(database=done.aside)
    kept = engine_for(url.render_as_string(False))
    assert whole(Book(kept)) == later
    kept.dispose()
    if database_kind == "postgresql":
        from tests.databases import drop

        drop(url.render_as_string(False))
    else:
        assert Path(done.aside).name == "test.db.replaced-20261126T010000Z"
        assert sorted(path.name for path in settings.data_dir.glob("*.incoming*")) == []


def test_what_is_lost_is_named_and_nothing_is_served_until_somebody_says_so(bank, settings, run, client):
    made = make_backup(settings, at=AT)
    for number in (10, 11):
        last = bank.post(earned(number))[0].transaction_id
    bank.engine.dispose()
    said = run(args=["backup", "restore", str(made.file), "--yes", "--json"])
    assert said.exit_code == 0
    lost, = json.loads(said.output)["lost"]
    assert (lost["book"], lost["transactions"], lost["known"]["newest"]) == (BOOK, 2, str(last))
    assert lost["kept"] == made.manifest.books[0].as_json()

    health = client.get("/healthz")
    assert health.status_code == 503 and "acknowledge" in health.json["reason"]
    page = client.get("/login")
    assert page.status_code == 503 and f"账本 {BOOK} 少了 2 笔" in page.text and str(last) in page.text
    assert client.get("/api/v1/rules").status_code == 503

    accepted = run(args=["backup", "acknowledge", "--json"])
    assert json.loads(accepted.output)["acknowledged"] == [lost]
    assert client.get("/healthz").status_code == 200 and client.get("/login").status_code == 200
    event, = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "backup.acknowledge"))
    assert event.detail["lost"][0]["transactions"] == 2
    assert make_backup(settings, at=AT + timedelta(days=1)).manifest.books[0].transactions == 5
    assert unacknowledged(settings.data_dir) is None


def test_a_restore_that_loses_nothing_is_served_at_once(bank, settings, run, client):
    made = make_backup(settings, at=AT)
    said = run(args=["backup", "restore", str(made.file), "--yes", "--json"])
    assert (said.exit_code, json.loads(said.output)["lost"]) == (0, [])
    assert client.get("/healthz").status_code == 200


def test_the_loss_can_be_accepted_with_the_restore(bank, settings, run, client):
    made = make_backup(settings, at=AT)
    bank.post(earned(10))
    bank.engine.dispose()
    said = run(args=["backup", "restore", str(made.file), "--yes", "--acknowledge"])
    assert said.exit_code == 0 and "acknowledged" in said.output and "少了 1 笔" in said.output
    assert client.get("/healthz").status_code == 200


def test_newer_data_brought_back_takes_the_refusal_away(bank, settings):
    old = make_backup(settings, at=AT)
    bank.post(earned(10))
    bank.engine.dispose()
    new = make_backup(settings, at=AT + timedelta(hours=1), keep_all=True)
    assert restore_backup(settings, old.file, at=AT + timedelta(hours=2)).lost
    assert restore_backup(settings, new.file, at=AT + timedelta(hours=3)).lost == []
    assert unacknowledged(settings.data_dir) is None and len(whole(bank)["transactions"]) == 6


def test_while_a_server_holds_the_data_nothing_is_restored(bank, settings, run):
    made, before = make_backup(settings, at=AT), whole(bank)
    bank.engine.dispose()
    with serving(settings.data_dir), serving(settings.data_dir):
        said = run(args=["backup", "restore", str(made.file), "--yes"])
        assert said.exit_code == 2 and f"process {os.getpid()}" in said.stderr
    assert whole(bank) == before


def test_without_yes_nothing_is_restored(bank, settings, run):
    made = make_backup(settings, at=AT)
    assert run(args=["backup", "restore", str(made.file)]).exit_code == 2
    assert run(args=["backup", "restore"]).exit_code == 2
    assert not list(settings.data_dir.glob("*.replaced-*"))


def test_a_damaged_one_changes_nothing(bank, settings, run):
    made, before = make_backup(settings, at=AT), whole(bank)
    made.file.write_bytes(made.file.read_bytes()[:-1] + b"?")
    bank.engine.dispose()
    assert run(args=["backup", "restore", str(made.file), "--yes"]).exit_code == 1
    assert whole(bank) == before and not list(settings.data_dir.glob("*.replaced-*"))


def test_one_in_which_a_law_is_broken_is_restored_only_when_that_is_said(bank, settings):
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_balance SET posted = posted + 100 WHERE posted > 0")
    made = make_backup(settings, at=AT)
    bank.engine.dispose()
    with pytest.raises(Damaged, match="balance: wallet:h"):
        restore_backup(settings, made.file, at=AT)
    assert restore_backup(settings, made.file, at=AT, despite_findings=True).aside


def test_sessions_on_the_server_are_noticed_without_a_lock_file(bank, settings, database_kind):
    made = make_backup(settings, at=AT)
    bank.engine.dispose()
    with bank.engine.connect():
        if database_kind == "postgresql":  # from another machine there is no lock file to see
            with pytest.raises(InUse, match="sessions on"):
                restore_backup(settings, made.file, at=AT)
    bank.engine.dispose()
    assert restore_backup(settings, made.file, at=AT).lost == []


def test_restores_at_random_moments_under_load_name_what_they_lose(bank, settings):
    chance = random.Random(5)
    for number in range(ROUNDS):
        at = AT + timedelta(days=number)
        with writing(bank, start=1_000 * (number + 1)) as posted:
            enough = chance.randrange(1, 12)
            while len(posted) < enough:
                pass
            made = make_backup(settings, at=at, keep_all=True)
        later = whole(bank)
        bank.engine.dispose()
        lost = restore_backup(settings, made.file, at=at).lost
        now = whole(bank)
        assert now["findings"] == []
        gone = [row[1] for row in later["transactions"] if row not in now["transactions"]]
        assert sum(one["transactions"] for one in lost) == len(gone)
        assert [one["known"]["newest"] for one in lost] == [str(one) for one in gone[-1:]]
        owner = engine_for(settings.migrate_url)
        assert bool(acknowledge(owner, settings, at=at)) == bool(gone)
        # signed after the restore, so the next one also takes signed transactions away
        sealing.sign_now(owner, settings.keys_dir, BOOK, at=at)
        with sealing.one_moment(owner) as connection:
            assert verify(connection, BOOK, read_key(sealing.key_line(settings.keys_dir, BOOK)),
                          remembered=sealing.recall(settings.keys_dir, BOOK).state).faults == []
        owner.dispose()
        bank.engine.dispose()
