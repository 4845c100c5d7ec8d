"""The command line: every command says how it is used and answers programs in JSON; what the README says, runs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import replace

import click
import pytest
from flask import Flask

from pointsbank.database import db
from redemption.demo.people import Village
from tests.demo_today import bare_today  # noqa: F401
from tests.pointsbank.backups.bank import tools_folder
from tests.test_documents import README, commands

FRAMEWORKS = {"run", "shell", "routes", "openapi", "db"}  # come with the libraries
# Commands of the README that cannot run in a test, and why.
NOT_HERE = {"make run": "serves until it is stopped: tests/test_packaging.py starts the same entry",
            "make test": "is what runs this", "python -m pip install .": "tests/test_packaging.py installs the wheel",
            "python -m pointsbank": "tests/test_packaging.py starts it",
            "HOST=0.0.0.0 PORT=8443 TLS_CERT=tls.crt TLS_KEY=tls.key make run": "tests/pointsbank/test_server.py"}
SETTING = re.compile(r"[A-Z_]+=\S+")


def all_commands(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if above or name not in FRAMEWORKS:
            if isinstance(command, click.Group):
                yield from all_commands(command, (*above, name))
            else:
                yield (*above, name), command


def test_every_command_shows_an_example_that_calls_it_and_can_answer_in_json(app: Flask):
    runner, wrong = app.test_cli_runner(), []
    found = dict(all_commands(app.cli))
    for path, command in found.items():
        shown = runner.invoke(args=[*path, "--help"])
        text = " ".join(shown.output.split())
        if shown.exit_code or f"Example: flask --app wsgi {' '.join(path)}" not in text:
            wrong.append(f"{' '.join(path)}: no example")
        if not any("--json" in option.opts for option in command.params):
            wrong.append(f"{' '.join(path)}: no --json")
    assert {path[0] for path in found} >= {"bank", "jobs", "ledger", "reports", "till", "token"}
    assert wrong == []


def test_every_group_says_what_it_is_for(app: Flask):
    runner = app.test_cli_runner()
    for name, group in app.cli.commands.items():
        if isinstance(group, click.Group) and name not in FRAMEWORKS:
            shown = runner.invoke(args=[name, "--help"])
            assert shown.exit_code == 0 and "Example:" in shown.output, name


def test_an_unknown_command_or_user_ends_with_status_2_and_one_line(app: Flask, bare_today: Village):  # noqa: F811
    runner = app.test_cli_runner()
    for args in (["bank", "nonsense"], ["token", "issue", "--login", "nobody", "--name", "x"],
                 ["jobs", "run", "nonsense"], ["bank", "demo"]):
        done = runner.invoke(args=args)
        assert done.exit_code == 2, (args, done.output)
        assert "Traceback" not in done.output


@pytest.mark.parametrize("args", [["jobs", "list", "--json"], ["ledger", "check", "--json"],
                                  ["till", "settle", "--json"], ["reports", "trial-balance", "--json"],
                                  ["token", "issue", "--login", "auditor", "--name", "x", "--json"]])
def test_json_answers_are_json_and_nothing_else(app: Flask, bare_today: Village, args: list[str]):  # noqa: F811
    done = app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)


def test_what_the_readme_says_runs(app: Flask, bare_today: Village, tmp_path, monkeypatch):  # noqa: F811
    """Every line of its shell blocks is run here, or named above with the test that does."""
    monkeypatch.chdir(tmp_path)  # whatever a command writes by default goes there
    settings = app.extensions["settings"]
    own = shutil.copytree(settings.keys_dir, tmp_path / "keys", ignore=shutil.ignore_patterns("last-known"))
    app.extensions["settings"] = replace(settings, keys_dir=own, pg_bin=(
        tools_folder() if db.engine.dialect.name == "postgresql" else None))
    runner, seen = app.test_cli_runner(), 0
    for line in commands(README):
        if line in NOT_HERE or all(SETTING.fullmatch(word) for word in shlex.split(line)):
            continue
        words = shlex.split(line)
        assert words[0].endswith("flask") and words[1:3] == ["--app", "wsgi"], f"nobody runs: {line}"
        done = runner.invoke(args=words[3:])
        assert done.exit_code == 0, f"{line}: {done.output}"
        seen += 1
    assert seen >= 6
