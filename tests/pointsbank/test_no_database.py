"""Commands where there is no database yet: one line that says what to do, and no folder left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from pointsbank.database import db
from pointsbank.settings import Settings, load_settings
from wsgi import create_app


@pytest.fixture
def nowhere(tmp_path: Path, keys: Path) -> Settings:
    """Settings of a folder nobody has used yet."""
    folder = tmp_path / "fresh"
    return replace(load_settings({"DATA_DIR": str(folder), "KEYS_DIR": str(keys)}),
                   database_url=f"sqlite:///{folder / 'bank.db'}", migrate_url=f"sqlite:///{folder / 'bank.db'}")


def run(settings: Settings, command: str) -> Result:
    """What `flask --app wsgi <command>` does on these settings."""
    app = create_app(settings)
    with app.app_context():
        done = app.test_cli_runner().invoke(args=command.split())
        db.session.remove()
        db.engine.dispose()
    return done


@pytest.mark.parametrize("command", ["jobs list", "ledger check", "token issue --login clerk --name till",
                                     "reports trial-balance", "till settle"])
def test_a_command_without_a_database_says_what_to_do(nowhere: Settings, command: str):
    done = run(nowhere, command)
    assert done.exit_code == 2 and "no database yet" in done.output and "bank migrate" in done.output
    assert "Traceback" not in done.output and not nowhere.data_dir.exists()


def test_migrating_makes_the_folder_and_the_database(nowhere: Settings):
    assert run(nowhere, "bank migrate").exit_code == 0 and nowhere.data_dir.is_dir()
    assert run(nowhere, "jobs list").exit_code == 0


def test_an_empty_database_is_no_bank_yet(nowhere: Settings):
    nowhere.data_dir.mkdir()
    done = run(nowhere, "jobs list")
    assert done.exit_code == 2 and "no database yet" in done.output
