"""After sign-out, removal of a role or shutting out nothing succeeds: tried at once, with all one still holds."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from pointsbank import clock
from pointsbank.access import (
    AppUser,
    actor_of_user,
    disable_user,
    enable_user,
    give_role,
    new_first_password,
    take_role,
)
from pointsbank.access.users import NotOneself
from pointsbank.audit import AuditEvent
from pointsbank.database import db
from pointsbank.errors import NotAllowed, NotFound
from tests.demo_today import Api
from tests.visitor import Visitor, words

STAFF = "xiangyang2026"
PAGES = ("/stock", "/goods", "/password", "/stock/papers")
API = ("/goods", "/shops/230199100200/stock")


def user(login: str) -> AppUser:
    return db.session.scalars(select(AppUser).where(AppUser.login == login)).one()


def actor(login: str):
    return actor_of_user(db.session(), user(login))


def statuses(client: FlaskClient, api: Api) -> set[int]:
    return {client.get(path).status_code for path in PAGES} | {api.get(path).status_code for path in API}


def copied(visitor: Visitor) -> FlaskClient:
    """A stolen cookie in another browser."""
    thief = visitor.client.application.test_client()
    thief.set_cookie("pb_session", visitor.client.get_cookie("pb_session").value)
    return thief


def test_who_is_shut_out_is_out_at_once_with_session_copy_and_token(app, village):
    keeper, api = Visitor(app, "storekeeper"), Api(app, "storekeeper")
    thief = copied(keeper)
    assert statuses(keeper.client, api) <= {200, 404} and thief.get("/password").status_code == 200
    disable_user(db.session(), user("storekeeper").id, by=actor("security"), at=clock.now())
    assert statuses(keeper.client, api) == {303, 401}
    assert thief.get("/password").status_code == 303
    answer = app.test_client().post("/login", data={"kind": "staff", "login": "storekeeper", "password": STAFF})
    assert answer.status_code == 401, "nor in again"
    enable_user(db.session(), user("storekeeper").id, by=actor("security"), at=clock.now())
    assert keeper.client.get("/password").status_code == 303, "the old session stays ended"
    assert Visitor(app, "storekeeper").get("/goods").status_code == 200


def test_a_role_taken_away_opens_nothing_at_the_next_request(app, village):
    keeper, api = Visitor(app, "storekeeper"), Api(app, "storekeeper")
    csrf = keeper.forms("/stock/receive")[0].values if keeper.get("/stock/receive").status_code == 200 else {}
    take_role(db.session(), user("storekeeper").id, "storekeeper", village.place_code, by=actor("security"),
              at=clock.now())
    assert {keeper.get(path).status_code for path in ("/stock", "/goods", "/stock/receive")} == {403}
    assert keeper.client.post("/stock/receive", data=csrf).status_code in (403,)
    assert {api.get(path).status_code for path in API} == {403}
    give_role(db.session(), user("storekeeper").id, "storekeeper", village.place_code, by=actor("security"),
              at=clock.now())
    assert keeper.get("/goods").status_code == 200


def test_a_stolen_cookie_dies_with_the_sign_out(app, village):
    clerk = Visitor(app, "clerk")
    thief = copied(clerk)
    assert thief.get("/goods").status_code == 200
    clerk.send(clerk.form("/password", "/logout"))
    assert thief.get("/goods").status_code == 303 and clerk.get("/goods").status_code == 303


def test_one_sees_where_one_is_signed_in_and_signs_out_there(app, village):
    here, there = Visitor(app, "committee"), Visitor(app, None)
    there.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 14) Chrome/120.0 Safari/537.36"
    there.client.environ_base["REMOTE_ADDR"] = "192.168.1.66"
    there.sign_in("committee")
    page = words(here.page("/password"))
    assert "Chrome · Android 192.168.1.66" in page and "就是这里" in page
    assert here.send(here.form("/password", "/sessions/")).status_code == 303
    assert there.get("/committee").status_code == 303 and here.get("/password").status_code == 200
    assert "192.168.1.66" not in words(here.page("/password"))


def test_nobody_ends_anybody_else_s_session(app, village):
    mine, other = Visitor(app, "committee"), Visitor(app, "clerk")
    Visitor(app, "clerk")
    form = other.form("/password", "/sessions/")
    token = mine.form("/password", "/password").values["csrf_token"]
    assert mine.client.post(form.action, data={"csrf_token": token[0]}).status_code == 404


def test_a_new_password_ends_every_session(app, village):
    first, second = Visitor(app, "committee"), Visitor(app, "committee")
    first.send(first.form("/password", "/password"), old_password=STAFF, new_password="ein-neues-wort-7")
    assert first.get("/password").status_code == 303 and second.get("/password").status_code == 303


def test_a_first_password_has_to_be_replaced_before_anything_else(app, village):
    word = new_first_password(db.session(), user("clerk").id, by=actor("security"), at=clock.now())
    clerk = Visitor(app, None)
    assert clerk.sign_in("clerk", word).status_code == 303
    for path in ("/till", "/goods", "/api/v1/goods", "/"):
        answer = clerk.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (
            (403, None) if path.startswith("/api") else (303, "/password"))
    form = clerk.form("/password", "/password")
    assert clerk.send(form, old_password=word, new_password=word).status_code == 422
    assert clerk.send(form, old_password=word, new_password="mein-eigenes-1").status_code == 303
    again = Visitor(app, None)
    assert again.sign_in("clerk", "mein-eigenes-1").headers["Location"] == "/"
    assert again.get("/goods").status_code == 200


def test_roles_are_given_only_at_one_s_own_places_and_never_to_oneself(app, village):
    s, admin = db.session(), actor("security")
    with pytest.raises(NotOneself):
        give_role(s, user("security").id, "auditor", "230199000000", by=admin, at=clock.now())
    with pytest.raises(NotAllowed):
        give_role(s, user("clerk").id, "auditor", "230100000000", by=admin, at=clock.now())
    with pytest.raises(NotAllowed):
        give_role(s, user("clerk").id, "storekeeper", village.place_code, by=actor("committee"), at=clock.now())
    with pytest.raises(NotFound):
        disable_user(s, village.households["H001"].id, by=admin, at=clock.now())


def test_every_change_of_access_stands_in_the_trail_with_who_and_in_which_role(app, village):
    s, admin = db.session(), actor("security")
    give_role(s, user("clerk").id, "storekeeper", village.place_code, by=admin, at=clock.now())
    take_role(s, user("clerk").id, "storekeeper", village.place_code, by=admin, at=clock.now())
    disable_user(s, user("clerk").id, by=admin, at=clock.now())
    found = s.scalars(select(AuditEvent).where(AuditEvent.subject == f"user:{user('clerk').id}")
                      .order_by(AuditEvent.at, AuditEvent.id)).all()
    assert [(one.action, one.role, one.user_id) for one in found] == [
        (action, "security", admin.user_id) for action in ("role_given", "role_taken", "user_disabled")]
