"""A person at the counter: a browser that has signed in, and a program with a token."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from pointsbank import clock
from pointsbank.access import issue_token, sign_in
from pointsbank.access.web import COOKIE
from pointsbank.database import db
from redemption.demo.people import data
from redemption.shops import SetPolicy, set_policy
from tests.factor import whole
from tests.redemption.a_shop import Market

ALWAYS = [{"opens": "00:00", "closes": "23:59"}]


def open_now(market: Market, **rules: Any) -> None:
    """The shop's doors open at the real clock's hour, for tests through pages and API."""
    set_policy(market.s, SetPolicy(market.shop.code, clock.today(), {"opening": ALWAYS, **rules}), by=market.system,
               at=clock.now())


class Browser:
    """Somebody signed in; forms carry the session's token as the pages' own do."""

    def __init__(self, app: Flask, login: str) -> None:
        signed = whole(db.session(), sign_in(db.session(), login, data("staff.json")["password"], at=clock.now()))
        self.client, self.csrf = app.test_client(), signed.csrf
        self.client.set_cookie(COOKIE, signed.token)

    def get(self, path: str, **query: str) -> str:
        answer = self.client.get(path, query_string=query or None)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return words(answer.text)

    def post(self, path: str, script: bool = False, **form: Any) -> TestResponse:
        form = {"csrf_token": self.csrf, "key": str(uuid.uuid4()), **form}
        return self.client.post(path, data=form, headers={"X-Till": "1"} if script else {})


def words(html: str) -> str:
    """A page's text in one line, tags and spaces gone, for asking what a person reads."""
    return re.sub(r"\s+", " ", html)


def program(app: Flask, login: str) -> Any:
    """call(method, path, body, key) on /api/v1 as a user."""
    token = issue_token(db.session(), login, "test", at=clock.now())[1]
    client = app.test_client()

    def call(method: str, path: str, body: Any = None, key: str | None = None, lang: str = "zh") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": lang}
        headers |= {"Idempotency-Key": key} if key else {}
        return client.open("/api/v1" + path, method=method, json=body, headers=headers)

    return call
