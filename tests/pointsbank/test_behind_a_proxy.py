"""Behind a proxy, when the settings say so, the real client counts; without the setting nobody can forge one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from pointsbank.access.models import SignInTry
from pointsbank.access.tries import network_of
from pointsbank.audit import AuditEvent
from pointsbank.crypto import keyed_hash
from pointsbank.database import db
from pointsbank.settings import load_settings
from redemption.demo.people import data
from wsgi import create_app

PROXY, CLIENT, FORGED = "10.0.0.2", "203.0.113.9", "198.51.100.66"


@pytest.fixture
def app_behind(settings, village):
    """An app behind so many proxies."""
    made: list[Flask] = []

    def make(proxies: int) -> Flask:
        app = create_app(replace(settings, trusted_proxies=proxies))
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def sign_in(app: Flask, password: str, forwarded: str, proto: str = "https"):
    client = app.test_client()
    answer = client.post("/login", environ_base={"REMOTE_ADDR": PROXY}, headers={
        "X-Forwarded-For": forwarded, "X-Forwarded-Proto": proto, "X-Forwarded-Host": "evil.example"},
        data={"kind": "staff", "login": "recorder", "password": password})
    return client, answer


def sources(app: Flask) -> set[bytes]:
    with app.app_context():
        return set(db.session.scalars(select(SignInTry.source)))


def hashed(address: str) -> bytes:
    return keyed_hash("sign_in_source", network_of(address))


def origins(app: Flask) -> str:
    with app.app_context():
        return " ".join(filter(None, db.session.scalars(select(AuditEvent.origin))))


@pytest.mark.parametrize(("proxies", "forwarded"), [(1, f"{FORGED}, {CLIENT}"), (2, f"{FORGED}, {CLIENT}, 10.0.0.3")])
def test_the_real_client_counts_for_limits_the_trail_and_cookies(app_behind, proxies, forwarded):
    app = app_behind(proxies)
    sign_in(app, "wrong wrong", forwarded)
    assert sources(app) == {hashed(CLIENT)}
    client, answer = sign_in(app, data("staff.json")["password"], forwarded)
    assert answer.status_code == 303 and "evil" not in answer.headers["Location"]
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies and all("Secure" in one and "HttpOnly" in one and "SameSite=Lax" in one for one in cookies)
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    looked = client.get("/records", base_url="https://localhost", headers=headers,
                        environ_base={"REMOTE_ADDR": PROXY})
    assert looked.status_code == 200 and "Strict-Transport-Security" in looked.headers
    assert CLIENT in origins(app) and FORGED not in origins(app) and PROXY not in origins(app)


def test_without_the_setting_a_forged_client_is_ignored(app_behind):
    app = app_behind(0)
    for forged in (FORGED, CLIENT):
        sign_in(app, "wrong wrong", forged)
    assert sources(app) == {hashed(PROXY)}, "a new forged address a try would pass the source limit"
    client, answer = sign_in(app, data("staff.json")["password"], FORGED)
    assert answer.status_code == 303 and not any("Secure" in one for one in answer.headers.getlist("Set-Cookie"))
    looked = client.get("/records", headers={"X-Forwarded-For": FORGED, "X-Forwarded-Proto": "https"},
                        environ_base={"REMOTE_ADDR": PROXY})
    assert "Strict-Transport-Security" not in looked.headers
    assert PROXY in origins(app) and FORGED not in origins(app)


def test_a_number_of_proxies_that_cannot_be_is_named():
    for given in ("many", "-1", "6"):
        with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
            load_settings({"TRUSTED_PROXIES": given})
    assert load_settings({"TRUSTED_PROXIES": "1"}).trusted_proxies == 1
    assert load_settings({}).trusted_proxies == 0
