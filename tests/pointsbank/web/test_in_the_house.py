"""The shell in the whole application: real sign-ins, real places, both databases."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from pointsbank.access import AppUser, current_actor
from pointsbank.database import db
from redemption.demo.people import Village, data
from tests.factor import go_on

STAFF = data("staff.json")
BY_ROLE = {role: row["login"] for row in STAFF["staff"] for role in row["roles"]}


def sign_in(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    answer = go_on(client, client.post("/login", data={
        "kind": "staff", "login": BY_ROLE[role], "password": STAFF["password"]}))
    assert answer.status_code == 303, answer.text
    return client


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


@pytest.fixture
def told(app: Flask) -> None:
    """A page that tells where the actor stands."""
    app.add_url_rule("/told", "told", lambda: current_actor().place_code)


def test_a_visitor_is_sent_to_sign_in_and_no_page_is_raw(client: FlaskClient):
    assert client.get("/").location == "/login"
    page = client.get("/login")
    assert page.status_code == 200 and "户号" in page.text and "no-store" not in page.headers.get("Cache-Control", "")
    assert "登录" in client.get("/nowhere").text


def test_the_village_of_the_one_signed_in_stands_in_the_head(app: Flask, village: Village):
    client = sign_in(app, "committee")
    page = client.get("/nowhere")
    assert "向阳村" in page.text and "退出登录" in page.text and page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("role", "start"), [
    ("recorder", "/records/new"), ("reviewer", "/committee/approvals"), ("committee", "/committee"),
    ("supervisor", "/audit"), ("clerk", "/till"), ("storekeeper", "/stock"), ("office", "/committee"),
    ("auditor", "/audit"), ("admin", "/schedule")])
def test_everybody_starts_where_their_work_waits(app: Flask, village: Village, role: str, start: str):
    client = sign_in(app, role)
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, start)
    # This village has no shop yet: the storeroom says so with its own 404.
    assert client.get(start).status_code == (404 if start == "/stock" else 200)


def test_large_type_is_kept_for_the_person_on_every_device(app: Flask, village: Village):
    first = sign_in(app, "committee")
    first.post("/switch/view", data={"view": "elder", "back": "/password", "csrf_token": token(first, "/password")})
    assert 'data-view="elder"' in sign_in(app, "committee").get("/password").text
    assert db.session.scalar(select(AppUser.large_type).where(AppUser.login == BY_ROLE["committee"])) is True


def test_large_type_on_one_phone_of_a_household_stays_on_that_phone(app: Flask, village: Village):
    def member() -> FlaskClient:
        client = app.test_client()
        given = {"kind": "household", "login": "H011", "place": "230199100200", "password": STAFF["household_pin"]}
        assert client.post("/login", data=given).status_code == 303
        return client

    grandmother = member()
    grandmother.post("/switch/view", data={"view": "elder", "back": "/me", "csrf_token": token(grandmother, "/me")})
    assert 'data-view="elder"' in grandmother.get("/me").text
    assert 'data-view="normal"' in member().get("/me").text


def test_a_form_without_the_session_s_token_changes_nothing(app: Flask, village: Village):
    client = sign_in(app, "committee")
    assert client.post("/switch/view", data={"view": "elder", "back": "/password"}).status_code == 403
    assert db.session.scalar(select(AppUser.large_type).where(AppUser.login == BY_ROLE["committee"])) is False
    assert client.post("/logout").status_code == 403


@pytest.mark.usefixtures("told")
def test_somebody_of_the_town_stands_at_the_village_they_choose(app: Flask, village: Village):
    client = sign_in(app, "office")
    town, csrf = client.get("/told").text, token(client, "/password")
    assert "永丰村" in client.get("/password").text
    client.post("/switch/place", data={"place": "230199100201", "back": "/password", "csrf_token": csrf})
    assert client.get("/told").text == "230199100201" != town
    refused = client.post("/switch/place", data={"place": "230199001001", "back": "/", "csrf_token": csrf})
    assert refused.status_code == 403  # another town's community


@pytest.mark.usefixtures("told")
def test_a_forged_choice_of_place_moves_nobody(app: Flask, village: Village):
    client = sign_in(app, "clerk")
    client.set_cookie("pb_place", "230199100201")
    assert client.get("/told").text == "230199100200"
