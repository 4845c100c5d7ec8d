"""Signing in: by user name, by household code; wrong ones, many wrong ones, and a session that really ends."""

from __future__ import annotations

from datetime import timedelta

from pointsbank import clock
from pointsbank.access import (
    AppUser,
    SignInSession,
    actor_of_token,
    find_session,
    issue_token,
    revoke_token,
    sign_in,
)
from pointsbank.database import db
from tests.conftest import VILLAGE_AT
from tests.factor import whole

STAFF, PIN = "xiangyang2026", "202611"


def test_a_household_signs_in_by_its_code_in_the_browser(client, village):
    answer = client.post("/login", data={"kind": "household", "login": "h011", "password": PIN})
    assert answer.status_code == 303
    assert "pb_session=" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]


def test_a_wrong_password_is_answered_in_the_form_and_keeps_what_was_typed(client, village):
    answer = client.post("/login", data={"kind": "staff", "login": "clerk", "password": "wrong-one"})
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text and 'value="clerk"' in answer.text


def test_after_sign_out_a_copied_cookie_is_worth_nothing(client, village):
    answer = client.post("/login", data={"kind": "staff", "login": "clerk", "password": STAFF})
    cookie = answer.headers["Set-Cookie"].split(";")[0].partition("=")[2]
    csrf = client.get("/password").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/logout", data={"csrf_token": csrf}).status_code == 303
    client.set_cookie("pb_session", cookie)
    assert client.get("/password").status_code in (302, 303, 401)


def test_a_write_without_the_sessions_token_is_refused(client, village):
    client.post("/login", data={"kind": "staff", "login": "clerk", "password": STAFF})
    assert client.post("/logout").status_code == 403


def test_a_sign_in_from_another_site_is_refused(client, village):
    answer = client.post("/login", data={"kind": "staff", "login": "clerk", "password": STAFF},
                         headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403


def test_a_till_is_signed_out_after_a_quarter_of_an_hour_an_office_after_two(app, village):
    for login, minutes in (("clerk", 15), ("committee", 120)):
        now = clock.now()
        s, (new, before) = db.session(), (now - timedelta(minutes=minutes + one) for one in (-1, 1))
        token = whole(s, sign_in(s, login, STAFF, at=new), new).token
        old = whole(s, sign_in(s, login, STAFF, at=before), before).token
        for cookie, status in ((token, 200), (old, 303)):
            client = app.test_client()
            client.set_cookie("pb_session", cookie)
            assert client.get("/password").status_code == status, (login, status)


def test_a_session_ends_after_twelve_hours_however_busy_it_is(s, village):
    token = sign_in(s, "committee", STAFF, at=VILLAGE_AT).token
    s.query(SignInSession).update({"seen_at": VILLAGE_AT + timedelta(hours=12)})
    assert find_session(s, token, at=VILLAGE_AT + timedelta(hours=12))
    assert find_session(s, token, at=VILLAGE_AT + timedelta(hours=12, seconds=1)) is None


def test_a_revoked_api_token_is_refused_at_once(s, village):
    token_id, token = issue_token(s, "auditor", "city", at=VILLAGE_AT, days=1)
    assert actor_of_token(s, token, at=VILLAGE_AT)
    assert actor_of_token(s, token, at=VILLAGE_AT + timedelta(days=1)) is None
    revoke_token(s, token_id, at=VILLAGE_AT)
    assert actor_of_token(s, token, at=VILLAGE_AT) is None


def test_no_password_stands_in_the_table_in_the_clear(s, village):
    assert all(user.password_hash.startswith("$argon2id$") for user in s.query(AppUser))
