"""A backup that is not what was written, or that breaks a law, is found before anybody needs it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from pointsbank import sealing
from pointsbank.backups import make_backup, restore_backup, verify_backup
from pointsbank.backups.disk import sha256_of
from pointsbank.backups.errors import CannotBackUp, Damaged
from pointsbank.backups.manifest import manifest_path
from tests.ledger.house import BOOK
from tests.ledger.sealed import as_owner
from tests.pointsbank.backups.bank import AT, whole


def rewrite_note(file, **changes):
    path = manifest_path(file)
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def test_a_good_one_is_good_and_the_bank_is_not_touched(bank, settings, run):
    before, made = whole(bank), make_backup(settings, at=AT)
    bytes_before = made.file.read_bytes()
    said = run(args=["backup", "verify", str(made.file), "--json"])
    assert said.exit_code == 0 and json.loads(said.output)["good"] is True
    assert made.file.read_bytes() == bytes_before and whole(bank) == before


def test_one_changed_byte_is_found(settings, run):
    made = make_backup(settings, at=AT)
    data = bytearray(made.file.read_bytes())
    data[len(data) // 2] ^= 1
    made.file.write_bytes(bytes(data))
    said = run(args=["backup", "verify", str(made.file)])
    assert said.exit_code == 1 and "sha256" in said.output


def test_a_cut_file_is_found_even_when_its_note_was_changed_to_fit(settings, run):
    made = make_backup(settings, at=AT)
    made.file.write_bytes(made.file.read_bytes()[:-30_000])
    assert run(args=["backup", "verify", str(made.file)]).exit_code == 1
    rewrite_note(made.file, size=made.file.stat().st_size, sha256=sha256_of(made.file))
    assert run(args=["backup", "verify", str(made.file)]).exit_code in (1, 2)


def test_a_broken_law_is_found_though_the_file_is_as_it_was_written(bank, settings, run):
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger_balance SET posted = posted + 100 WHERE posted > 0")
    made = make_backup(settings, at=AT)
    wrong = verify_backup(settings, made.file)[1]
    assert wrong and all(": balance: wallet:h" in one for one in wrong)
    assert run(args=["backup", "verify", str(made.file)]).exit_code == 1


def test_an_edit_that_breaks_no_law_is_found_by_the_seal_and_not_restored(bank, settings, run, database_urls, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.sign_now(bank.engine, settings.keys_dir, BOOK, at=AT), encoding="utf-8")
    good = make_backup(settings, at=AT)
    assert verify_backup(settings, good.file)[1] == []
    assert run(args=["backup", "verify", str(good.file), "--checkpoint", str(kept)]).exit_code == 0
    with as_owner(database_urls[1]) as connection:
        connection.exec_driver_sql("UPDATE ledger_transaction SET rule = 'V99'")
    made = make_backup(settings, at=AT + timedelta(minutes=1))
    wrong = verify_backup(settings, made.file)[1]
    assert len(wrong) == 5 and wrong[0].startswith(f"{BOOK}: seal: changed: leaf 0")
    bank.engine.dispose()
    with pytest.raises(Damaged, match="seal: changed"):
        restore_backup(settings, made.file, at=AT + timedelta(minutes=2))


def test_a_whole_copy_sealed_by_another_key_is_told_by_a_checkpoint_kept_elsewhere(bank, settings, run, tmp_path):
    kept, other = tmp_path / "kept.txt", replace(settings, keys_dir=tmp_path / "other")
    kept.write_text(sealing.sign_now(bank.engine, settings.keys_dir, BOOK, at=AT), encoding="utf-8")
    made = make_backup(settings, at=AT)
    sealing.load_key(other.keys_dir)
    wrong = verify_backup(other, made.file)[1]
    assert wrong and all("checkpoint" in one and "not signed by the key" in one for one in wrong)
    foreign = tmp_path / "foreign.txt"
    foreign.write_text(kept.read_text("utf-8").replace("\n5\n", "\n4\n"), encoding="utf-8")
    assert run(args=["backup", "verify", str(made.file), "--checkpoint", str(foreign)]).exit_code == 2


def test_a_note_that_counts_otherwise_is_found(bank, settings):
    made = make_backup(settings, at=AT)
    rewrite_note(made.file, tables={**made.manifest.tables, "ledger_transfer": 4})
    assert verify_backup(settings, made.file)[1] == ["table ledger_transfer: 5 rows, the manifest says 4"]


def test_without_file_or_note_nothing_can_be_said(settings, run, tmp_path):
    assert run(args=["backup", "verify", str(tmp_path / "nothing.db")]).exit_code == 2
    made = make_backup(settings, at=AT)
    manifest_path(made.file).unlink()
    said = run(args=["backup", "verify", str(made.file)])
    assert said.exit_code == 2 and "belong together" in said.stderr


def test_one_of_a_newer_program_or_of_the_other_database_is_named_as_such(bank, settings, elsewhere):
    made = make_backup(settings, at=AT)
    rewrite_note(made.file, revision="9999_later")
    with pytest.raises(CannotBackUp) as refusal:
        verify_backup(settings, made.file)
    assert "newer program" in refusal.value.sentence("en")
    other = "sqlite:////tmp/x.db" if made.manifest.database == "postgresql" else "postgresql+psycopg://u@h/x"
    with pytest.raises(CannotBackUp) as refusal:
        verify_backup(replace(elsewhere, migrate_url=other), made.file)
    assert "is in use here" in refusal.value.sentence("en")
