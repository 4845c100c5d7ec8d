"""The documents are true: links lead somewhere, commands exist, tables say what the code says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import fields

import pytest
from flask import Flask

from pointsbank.settings import Settings
from tests.test_tidy import FLOORS, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


def texts() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in zip(NAMES, DOCUMENTS, strict=True)}


def headings(text: str) -> set[str]:
    found = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in found}


def commands(text: str) -> list[str]:
    """The lines of the shell blocks, joined where they are continued."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.M | re.S)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


@pytest.mark.parametrize("document", NAMES)
def test_every_link_leads_somewhere(document):
    path, wrong = ROOT / document, []
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if target.startswith(("http://127.0.0.1", "https://", "mailto:")):
            continue
        file, _, part = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (part and part not in headings(there.read_text(encoding="utf-8"))):
            wrong.append(target)
    assert wrong == []


def test_every_file_that_is_named_exists():
    """`ledger/expiry.py` in a document is a file; so is `pointsbank/schedule/` a folder."""
    named = re.compile(rf"`((?:{'|'.join(FLOORS)}|tests|docs|tools)/[\w./-]+)`")
    wrong = [(name, target) for name, text in texts().items() for target in named.findall(text)
             if not (ROOT / target).exists() and not (ROOT / target).with_suffix(".py").exists()]
    assert wrong == []


def test_every_make_target_that_is_named_exists_and_is_in_make_help():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z-]+):.*##", makefile, re.M))
    named = {target for text in texts().values() for target in re.findall(r"(?<!backup )\bmake ([a-z-]+)`", text)}
    named |= {target for text in texts().values() for line in commands(text)
              for target in re.findall(r"(?<!backup )\bmake ([a-z-]+)", line)}
    assert named and named <= listed
    assert listed >= {"run", "test", "test-long", "bench", "lint", "messages", "docs", "help", "clean"}
    if shutil.which("make"):
        said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert listed <= set(re.findall(r"^  make (\S+)", said, re.M))


def test_every_flask_command_that_is_named_exists(app: Flask):
    runner, wrong = app.test_cli_runner(), []
    line = re.compile(r"flask --app wsgi\s+([a-z]+)\s+([a-z-]+)")
    named = {found for text in texts().values() for found in line.findall(text)}
    changes = texts()["CHANGELOG.md"]
    for group, several in re.findall(r"`([a-z]+) ((?:[a-z-]+ · )+[a-z-]+)`", changes):
        named |= {(group, one) for one in several.split(" · ")}
    assert len(named) > 8
    for group, command in sorted(named):
        shown = runner.invoke(args=[group, command, "--help"])
        if shown.exit_code or "Example:" not in shown.output:
            wrong.append(f"{group} {command}")
    assert wrong == []


def test_the_settings_table_names_every_setting():
    source = (ROOT / "pointsbank" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"[\"']([A-Z][A-Z_]+)[\"']", source))
    table = README[README.index("## Settings"):README.index("## PostgreSQL")]
    told = {name for row in re.findall(r"^\| (`.+?) \|", table, re.M) for name in re.findall(r"`([A-Z_]+)`", row)}
    assert told == read and len(told) == len(fields(Settings))


def test_the_sign_ins_are_those_of_the_demo():
    staff = json.loads((ROOT / "redemption" / "demo" / "data" / "staff.json").read_text(encoding="utf-8"))
    table = README[README.index("## Demo sign-ins"):README.index("## The tour")]
    assert f"`{staff['password']}`" in table and f"`{staff['household_pin']}`" in table
    rows = {login: title for logins, title in re.findall(r"^\| (`.+?`) \| (.+?) \|", table, re.M)
            for login in re.findall(r"`(\w+)`", logins)}
    assert rows == {one["login"]: one["title"] for one in staff["staff"]}


def test_pictures_are_there_and_small():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert len(shown) >= 6
    assert [name for name in shown if (ROOT / name).stat().st_size > 150_000] == []
    kept = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "pictures").glob("*")}
    assert kept == set(shown), "a picture nobody shows, or one that is not there"


def test_decisions_are_numbered_and_say_what_would_change_them():
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    for number, page in enumerate(pages, 1):
        text = page.read_text(encoding="utf-8")
        assert page.name.startswith(f"{number:04d}-") and text.startswith(f"# {number}. ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Refused", "What would change it"))
        assert len(text.splitlines()) <= 60


def test_the_glossary_uses_names_that_are_in_the_code():
    code = "\n".join(path.read_text(encoding="utf-8") for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    rows = re.findall(r"^\| .+? \| .+? \| (.+?) \| .+? \|$", texts()["docs/glossary.md"], re.M)
    wrong = []
    for names in rows:
        for name in re.findall(r"`([^`]+)`", names):
            words = re.findall(r"[A-Za-z_]{3,}", name)
            if "/" not in name and not all(re.search(rf"\b{re.escape(word)}\b", code) for word in words):
                wrong.append(name)
    assert len(rows) > 50 and wrong == []


def test_the_code_map_names_every_room():
    told = texts()["ARCHITECTURE.md"]
    rooms = [f"{floor}.{path.name}" for floor in ("pointsbank", "redemption", "reports")
             for path in sorted((ROOT / floor).iterdir())
             if (path / "__init__.py").exists() and path.name != "migrations" and list(path.glob("*.py"))]
    assert len(rooms) > 25
    assert [room for room in rooms if not re.search(rf"\b{room.split('.')[1]}\b", told)] == []
