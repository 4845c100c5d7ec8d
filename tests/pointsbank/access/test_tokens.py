"""API tokens of one's own: some of one's powers, at some places, for a while; and what they leave on the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from pointsbank import clock
from pointsbank.access import (
    AppUser,
    MakeToken,
    actor_of_token,
    actor_of_user,
    can,
    disable_user,
    enable_user,
    end_token,
    make_token,
    places_with,
    take_role,
    tokens_of,
)
from pointsbank.audit import AuditEvent
from pointsbank.clock import to_day
from pointsbank.database import db
from pointsbank.errors import BadInput, NotAllowed, NotFound
from tests.conftest import VILLAGE_AT as AT
from tests.visitor import Visitor, words

COUNTY, TOWN, VILLAGE = "230199000000", "230199100000", "230199100200"
DAY = timedelta(days=1)


def user(s: Session, login: str) -> AppUser:
    return s.scalars(select(AppUser).where(AppUser.login == login)).one()


def actor(s: Session, login: str):
    return actor_of_user(s, user(s, login))


def wanted(*scopes: str, place: str = VILLAGE, days: int = 30, name: str = "printer", at=AT) -> MakeToken:
    return MakeToken(name, scopes, place, to_day(at) + days * DAY)


def called(app: Flask, secret: str, path: str) -> int:
    return app.test_client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_token_does_what_it_was_made_for_and_nothing_else(app, village):
    s = db.session()
    made = make_token(s, wanted("goods.edit", "stock.view", at=clock.now()), by=actor(s, "storekeeper"), at=clock.now())
    assert called(app, made.secret, f"/shops/{VILLAGE}/stock") in (200, 404), "let in; this village has no shop yet"
    assert called(app, made.secret, "/rules") == 403, "a power of the role that is no scope of the token"
    assert called(app, made.secret, "/households/H001") in (403, 404)
    assert called(app, made.secret[:-1], f"/shops/{VILLAGE}/stock") == 401


def test_a_token_is_for_one_place_and_what_lies_below_it(s, village):
    made = make_token(s, wanted("records.view", "packs.make", place=VILLAGE), by=actor(s, "office"), at=AT)
    by = actor_of_token(s, made.secret, at=AT)
    assert by is not None and can(by, "records.view", VILLAGE) and places_with(by, "records.view") == [VILLAGE]
    assert not can(by, "records.view", TOWN) and not can(by, "records.view", "230199100201")
    assert not can(by, "records.town_approval", VILLAGE) and by.place_code == VILLAGE
    whole = make_token(s, wanted("audit.view", place=COUNTY), by=actor(s, "auditor"), at=AT)
    assert can(actor_of_token(s, whole.secret, at=AT), "audit.view", VILLAGE)  # type: ignore[arg-type]


@pytest.mark.parametrize(("change", "refusal"), [
    ({"scopes": ("till.sell",)}, NotAllowed), ({"scopes": ("no.such",)}, NotAllowed), ({"place": COUNTY}, NotAllowed),
    ({"scopes": ()}, BadInput), ({"days": 0}, BadInput), ({"days": 366}, BadInput), ({"name": "王德顺"}, BadInput),
    ({"name": "x"}, BadInput)])
def test_what_one_does_not_have_one_cannot_give_to_a_token(s, village, change, refusal):
    given = {"scopes": ("stock.view",), **change}
    with pytest.raises(refusal):
        make_token(s, wanted(*given.pop("scopes"), **given), by=actor(s, "storekeeper"), at=AT)
    assert tokens_of(s, actor(s, "storekeeper"), at=AT) == []


def test_a_token_makes_and_ends_no_tokens(s, village):
    made = make_token(s, wanted("stock.view"), by=actor(s, "storekeeper"), at=AT)
    by = actor_of_token(s, made.secret, at=AT)
    assert by is not None
    with pytest.raises(NotAllowed):
        make_token(s, wanted("stock.view"), by=by, at=AT)
    with pytest.raises(NotFound):
        end_token(s, made.id, by=by, at=AT)


def test_a_token_ends_at_once_by_hand_by_its_day_and_with_the_account(s, village):
    keeper = actor(s, "storekeeper")
    hand, day, account, role = (make_token(s, wanted("stock.view", days=days), by=keeper, at=AT).secret
                                for days in (30, 1, 365, 365))
    end_token(s, next(one.id for one in tokens_of(s, keeper, at=AT) if one.expires_at == min(
        view.expires_at for view in tokens_of(s, keeper, at=AT) if view.expires_at)), by=keeper, at=AT)
    assert actor_of_token(s, day, at=AT) is None and actor_of_token(s, hand, at=AT) is not None
    assert actor_of_token(s, hand, at=AT + 32 * DAY) is None
    with pytest.raises(NotFound):
        end_token(s, tokens_of(s, keeper, at=AT)[0].id, by=actor(s, "clerk"), at=AT)
    take_role(s, user(s, "storekeeper").id, "storekeeper", VILLAGE, by=actor(s, "security"), at=AT)
    assert not can(actor_of_token(s, role, at=AT), "stock.view", VILLAGE)  # type: ignore[arg-type]
    disable_user(s, user(s, "storekeeper").id, by=actor(s, "security"), at=AT)
    assert actor_of_token(s, account, at=AT) is None
    enable_user(s, user(s, "storekeeper").id, by=actor(s, "security"), at=AT)
    assert actor_of_token(s, account, at=AT) is None, "it does not rise again"


def test_the_page_shows_a_token_once_and_the_trail_names_it(app, village):
    auditor = Visitor(app, "auditor")
    form = auditor.form("/tokens", "/tokens")
    until = (clock.today() + 10 * DAY).isoformat()
    assert auditor.send(form, name="city", scopes=[], until=until).status_code == 422
    done = auditor.send(form, name="city-platform", place=VILLAGE, until=until, scopes=["people.view", "records.view"])
    secret = done.text.split('<span class="code">')[1].split("<")[0]
    assert done.status_code == 201 and secret not in auditor.page("/tokens")
    assert "city-platform" in words(auditor.page("/tokens")) and "看农户和成员" in words(auditor.page("/tokens"))
    kept = b"".join(bytes(one) for one in db.session.execute(text("SELECT token_hash FROM api_token")).scalars())
    assert secret.encode() not in kept
    assert called(app, secret, f"/records?place={VILLAGE}") == 200
    look = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "looked",
                                                       AuditEvent.scope.startswith("token:"))).one()
    assert look.origin is not None and look.origin.startswith("API city-platform") and look.user_id == user(
        db.session(), "auditor").id
    assert "city-platform" in words(auditor.page("/audit/trail", action="looked"))
    db.session.rollback()
    assert auditor.send(auditor.form("/tokens", "/tokens/")).status_code == 303
    assert called(app, secret, f"/records?place={VILLAGE}") == 401
