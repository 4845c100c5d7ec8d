"""What docs/asvs.md promises and no other test shows: small things about pages, cookies, addresses and downloads."""

from __future__ import annotations

import logging
import re
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from pointsbank import clock
from pointsbank.access import AppUser, set_password
from pointsbank.access.models import SignInSession
from pointsbank.access.web import COOKIE
from pointsbank.database import db
from tests.databases import KINDS
from tests.doors.entries import ENTRIES, PUBLIC
from tests.visitor import Visitor

# Looks, when a session was seen last, and the check codes of papers that were fetched: no change of what is on them.
ASIDE = {"audit_event", "audit_unsealed", "sign_in_session", "report_document"}


@pytest.fixture
def clerk(app: Flask, village) -> Visitor:
    return Visitor(app, "clerk")


def test_no_answer_lets_another_site_read_it(clerk):
    for path in ("/login", "/goods", "/api/v1/goods", "/nowhere", "/healthz"):
        answer = clerk.client.get(path, headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")], path
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def contents() -> dict[str, str]:
    db.session.rollback()
    tables = [name for name in inspect(db.engine).get_table_names() if name not in ASIDE]
    rows = {name: sorted(map(repr, db.session.execute(text(f"SELECT * FROM {name}")))) for name in tables}
    return {name: sha256(repr(found).encode()).hexdigest() for name, found in rows.items()}


def test_a_get_changes_nothing_but_the_trail(app, village, database_kind):
    """Each page on one of the two databases, by turns."""
    visitors = [Visitor(app, login) for login in ("committee", "storekeeper", "auditor")]
    paths = sorted(rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
                   and not rule.arguments and rule.endpoint in ENTRIES and ENTRIES[rule.endpoint].power != PUBLIC)
    paths = paths[KINDS.index(database_kind)::2]
    before = contents()
    answered = [visitor.get(path).status_code for path in paths for visitor in visitors]
    assert contents() == before
    assert answered.count(200) > 15 and max(answered) < 500


def test_signing_in_leads_to_no_other_site(app, village):
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"):
        answer = app.test_client().post("/login", data={"kind": "household", "login": "H001", "password": "202611",
                                                        "next": elsewhere})
        assert answer.status_code == 303 and "evil" not in answer.headers["Location"], elsewhere
        assert answer.headers["Location"].startswith("/")


def test_a_download_has_a_name_of_ours(app, village):
    answer = Visitor(app, "auditor").get("/audit/trail.csv", action='x"; filename="evil.exe')
    assert answer.status_code == 200 and answer.headers["Content-Disposition"] == "attachment; filename=trail.csv"


def test_a_password_is_asked_for_masked_and_a_manager_may_fill_it(clerk, app):
    for page in (Visitor(app, None).page("/login?kind=staff"), clerk.page("/password")):
        fields = re.findall(r'<input[^>]* name="[a-z_]*password"[^>]*>', page)
        assert fields and all('type="password"' in one and "autocomplete=" in one for one in fields)
        assert "onpaste" not in page


def test_a_password_is_taken_as_typed_and_may_be_long(app, village):
    long = " Lampe 灯 fluss\u3000" + "x9" * 60 + " "
    user = db.session.scalars(select(AppUser).where(AppUser.login == "clerk")).one()
    set_password(db.session(), user, long, at=clock.now())
    visitor = Visitor(app, None)
    for wrong in (long.strip(), long[:64], long.lower()):
        assert visitor.sign_in("clerk", wrong).status_code != 303
    assert visitor.sign_in("clerk", long).status_code == 303


def test_every_sign_in_makes_another_session_of_256_random_bits(app, village):
    tokens = []
    for _ in range(2):
        visitor = Visitor(app, "clerk")
        tokens.append(visitor.client.get_cookie(COOKIE).value)
    parts = [token.partition(".")[2] for token in tokens]
    assert parts[0] != parts[1] and all(len(part) == 43 for part in parts)
    kept = repr(db.session.scalars(select(SignInSession.token_hash)).all())
    assert not any(token in kept or part in kept for token, part in zip(tokens, parts, strict=True))


def test_every_page_of_one_signed_in_offers_the_way_out(clerk, app):
    for path in ("/goods", "/password", "/staff/powers", "/nowhere"):
        assert '"/logout"' in clerk.get(path).text, path
    form = clerk.form("/goods", "/logout")
    answer = clerk.client.post("/logout", data=form.values, base_url="https://localhost")
    assert answer.headers["Clear-Site-Data"] == '"cache"', "what the browser kept goes too"


def test_the_cookie_of_notes_is_signed_and_says_nothing_secret(app):
    client = app.test_client()
    client.set_cookie("pb_notes", "eyJfZmxhc2hlcyI6W3siIHQiOlsiZ29vZCIsImZvcmdlZCJdfV19.aaaaaa.bbbbbbbbbbbbbbbbbbb")
    assert "forged" not in client.get("/login").text


def test_no_folder_is_listed_and_no_method_is_served_that_is_not_meant(clerk):
    for path in ("/assets/", "/assets", "/assets/js/", "/assets/../wsgi.py", "/assets/%2e%2e/wsgi.py"):
        assert clerk.get(path).status_code == 404, path
    token = clerk.form("/goods", "/logout").values["csrf_token"][0]
    for path in ("/login", "/goods", "/api/v1/goods"):
        for method in ("TRACE", "DELETE", "PROPFIND"):  # without the session's token it does not even get so far
            assert clerk.client.open(path, method=method, headers={"X-CSRF-Token": token}).status_code == 405


def test_a_refusal_is_logged_with_who_and_where_and_no_address(clerk, caplog):
    with caplog.at_level(logging.INFO, logger="pointsbank.web"):
        assert clerk.get("/audit/trail", q="王德顺").status_code == 403
    said = [record.getMessage() for record in caplog.records if "refused" in record.getMessage()]
    user = db.session.scalars(select(AppUser).where(AppUser.login == "clerk")).one()
    assert len(said) == 1 and str(user.id) in said[0] and "trail.home" in said[0] and "王德顺" not in said[0]
