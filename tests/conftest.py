"""Fixtures every test may use. What touches a database runs on SQLite and on a real PostgreSQL.

Where PostgreSQL or a browser cannot be had the run fails and says which tests could not run; to accept that, name them:
    ALLOW_MISSING=postgresql,browser make test
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as examples
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from pointsbank import clock, crypto
from pointsbank.database import db, engine_for
from pointsbank.settings import Settings
from redemption.demo.people import Village, load_village
from tests import databases

# The default run draws the same examples every time, so that a red test is red because of a change; LONG=1 looks anew.
examples.register_profile("same", derandomize=True)
if os.environ.get("LONG") != "1":
    examples.load_profile("same")

ALLOWED = set(filter(None, os.environ.get("ALLOW_MISSING", "").split(",")))
MISSING: dict[str, int] = {}


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """No bytes in names: a zip holds the moment it was made, and workers that name a test differently stop the run."""
    return argname if isinstance(val, bytes) else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", databases.KINDS, scope="function")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out, loudly, what cannot run here, if that was allowed; otherwise those tests fail by themselves.

    Tests on the demo's lived year stay on one worker for each database: the year is loaded once per process.
    """
    for item in items:
        if {"lived", "lived_today"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(f"lived-{'postgresql' in item.nodeid}"))
    if os.environ.get("LONG") != "1":
        _by_turns(config, items)
    for what, wanted, reason in (("postgresql", "-postgresql", databases.have_postgresql),
                                 ("browser", "stories/", _no_browser)):
        concerned = [item for item in items if wanted in item.nodeid or f"[{wanted[1:]}" in item.nodeid]
        if what in ALLOWED and concerned and (why := reason()):
            MISSING[f"{what} ({why})"] = len(concerned)
            items[:] = [item for item in items if item not in concerned]


def _by_turns(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests of pages run on one database each in the default run, by turns; with LONG=1 on both.

    What they would show twice is what the rooms' own tests show on both databases already; the six steps run on both.
    """
    left = []
    for item in items:
        name = item.nodeid
        if name.startswith(("tests/stories/", "tests/test_hostile_text.py")) and "test_six_steps" not in name:
            kind = next((kind for kind in databases.KINDS if f"[{kind}" in name or f"-{kind}" in name), None)
            if kind and databases.KINDS[zlib.crc32(name.replace(kind, "").encode()) % 2] != kind:
                left.append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def _no_browser() -> str | None:
    from tests.stories.browser import find_browser

    return None if find_browser() else "no Chromium found"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, count in MISSING.items():
        terminalreporter.section("NOT RUN", sep="!")
        terminalreporter.write_line(f"{count} tests could not run here: no {what}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    databases.drop_all()


@pytest.fixture(scope="session", autouse=True)
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's key folder; every app of the run shares it."""
    folder = tmp_path_factory.mktemp("keys")
    crypto.use_keys(crypto.load_keys(folder))
    return folder


# What a fixture of this name puts into the database before the test: loaded once per process, then copied (hashing is
# slow). A fixture that fills the database itself must have another name.
LOADERS: dict[str, Callable[[Session], Any]] = {}


@pytest.fixture
def database_urls(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path,
                  keys: Path) -> Iterator[tuple[str, str]]:
    """(application's address, owner's address) of a fresh migrated database."""
    shutil.rmtree(keys / "seal-state", ignore_errors=True)  # a new database: the signer has signed nothing of it
    load = next((LOADERS[name] for name in request.fixturenames if name in LOADERS), None)
    urls = databases.fresh(database_kind, tmp_path / "data", load)
    yield urls
    databases.drop(urls[1])


@pytest.fixture
def engine(database_urls: tuple[str, str]) -> Iterator[Engine]:
    """The application's engine on a fresh database."""
    made = engine_for(database_urls[0])
    yield made
    made.dispose()


@pytest.fixture
def s(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def settings(database_urls: tuple[str, str], tmp_path: Path, keys: Path) -> Settings:
    (tmp_path / "data").mkdir(exist_ok=True)  # as the server entry makes it
    return Settings(host="127.0.0.1", port=0, data_dir=tmp_path / "data", keys_dir=keys,
                    database_url=database_urls[0], migrate_url=database_urls[1], tls_cert=None, tls_key=None,
                    font_fallback=None)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application on a fresh database, inside its context."""
    from wsgi import create_app

    made = create_app(settings)
    made.testing = True
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def day_of_the_test(request: pytest.FixtureRequest) -> None:
    """A run may cross the village's midnight: a file that uses this has its TODAY read anew before each test."""
    request.module.TODAY = clock.today()


VILLAGE_AT = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)  # when the test village's book was opened


def the_village(s: Session) -> Village:
    return load_village(s, at=VILLAGE_AT)


LOADERS["village"] = the_village


@pytest.fixture
def village(database_kind: str, database_urls: tuple[str, str]) -> Village:
    """The demo village's places, people and sign-ins (no rules, goods or past)."""
    return databases.prepared(database_kind, the_village)[1]
