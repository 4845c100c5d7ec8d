"""The demo village as of the real today, for tests that meet it through a server's clock: with its past, or bare.

    lived_today     twelve months up to today; the till is open      (slow to load: once per process and database)
    bare_today      balances and stock as given two months ago; rules in force since; the till is open

`Api` speaks for one of the demo's users, by a token from `flask token issue`.
"""

from __future__ import annotations

import io
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from pointsbank import clock
from redemption.demo.loading import load_demo, open_today
from redemption.demo.office import moment
from redemption.demo.people import Village
from tests.conftest import LOADERS
from tests.databases import prepared

BEFORE = timedelta(days=60)


def the_lived_village(s: Session) -> Village:
    village = load_demo(s, today=clock.today(), now=clock.now(), bare=False, out=io.StringIO())
    open_today(s, at=clock.now())
    return village


def the_bare_village(s: Session) -> Village:
    today = clock.today()
    village = load_demo(s, today=today, now=moment(today - BEFORE, 8), bare=True, out=io.StringIO())
    open_today(s, at=clock.now())
    return village


LOADERS["lived_today"] = the_lived_village
LOADERS["bare_today"] = the_bare_village


@pytest.fixture
def lived_today(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return prepared(database_kind, the_lived_village)[1]


@pytest.fixture
def bare_today(database_kind: str, database_urls: tuple[str, str]) -> Village:
    return prepared(database_kind, the_bare_village)[1]


def token_of(app: Flask, login: str) -> str:
    """An API token, issued as an operator does."""
    run = app.test_cli_runner().invoke(args=["token", "issue", "--login", login, "--name", "test", "--json"])
    assert run.exit_code == 0, run.output
    return str(json.loads(run.output)["token"])


class Api:
    """One user at the JSON API."""

    def __init__(self, app: Flask, login: str) -> None:
        self.client, self.login = app.test_client(), login
        self.headers = {"Authorization": f"Bearer {token_of(app, login)}"}

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(f"/api/v1{path}", headers=self.headers, query_string=query)

    def post(self, path: str, body: Any = None, key: object = "new", **form: Any) -> TestResponse:
        """A write. `key`: "new" makes one, None sends none. A form (multipart) goes by keywords."""
        headers = dict(self.headers)
        if key is not None:
            headers["Idempotency-Key"] = str(uuid.uuid4() if key == "new" else key)
        sent = {"data": form} if form else {} if body is None else {"json": body}
        return self.client.post(f"/api/v1{path}", headers=headers, **sent)

    def done(self, path: str, body: Any = None, **form: Any) -> Any:
        """A write that has to succeed; its answer."""
        answer = self.post(path, body, **form)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.get_json(silent=True)
