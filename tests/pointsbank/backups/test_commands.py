"""The backup commands teach themselves and speak to programs."""

from __future__ import annotations

import json

import pytest

from pointsbank.jobs import JOBS


@pytest.mark.parametrize("command", ["make", "list", "verify", "restore", "acknowledge"])
def test_every_command_has_help_with_an_example_and_json(app, command):
    said = app.test_cli_runner().invoke(args=["backup", command, "--help"])
    assert said.exit_code == 0 and f"Example: flask --app wsgi backup {command}" in said.output
    assert "--json" in said.output


def test_make_list_and_verify_from_the_command_line(run, tmp_path):
    folder = tmp_path / "stick"
    made = json.loads(run(args=["backup", "make", "--output", str(folder), "--json"]).output)
    assert (made["reason"], made["found"], made["removed"]) == ("hand", [], [])
    listed = json.loads(run(args=["backup", "list", "--output", str(folder), "--json"]).output)
    assert [one["sha256"] for one in listed] == [made["sha256"]]
    assert made["file"] in run(args=["backup", "list", "--output", str(folder)]).output
    assert run(args=["backup", "verify", made["path"]]).output.splitlines()[1].startswith("good")


def test_nothing_to_acknowledge_is_no_error(run):
    said = run(args=["backup", "acknowledge", "--json"])
    assert (said.exit_code, json.loads(said.output)) == (0, {"acknowledged": []})
    assert "nothing to acknowledge" in run(args=["backup", "restore", "--acknowledge"]).output


def test_the_job_runs_at_forty_past_midnight(app):
    assert (JOBS["backup"].hour, JOBS["backup"].minute) == (0, 40)
