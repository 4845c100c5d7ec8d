"""What a request passes before a page sees it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

GOOD = {"csrf_token": "a-token", "name": "王德顺", "hours": "3", "day": "2026-03-05",
        "key": "0199f2f0-0000-7000-8000-000000000001"}


def test_a_write_from_our_own_page_passes(somebody: FlaskClient):
    assert somebody.post("/sample", data=GOOD, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
                         ).json == {"name": "王德顺", "hours": 3}


@pytest.mark.parametrize("token", [None, "", "another-token", "令牌"])
def test_a_write_without_the_session_s_token_is_refused(somebody: FlaskClient, token: str | None):
    data = {**GOOD, "csrf_token": token} if token is not None else {n: v for n, v in GOOD.items() if n != "csrf_token"}
    answer = somebody.post("/sample", data=data)
    assert answer.status_code == 403 and "没有办理" in answer.text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"},
                                     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_write_from_another_site_is_refused_even_with_the_token(somebody: FlaskClient, visitor: FlaskClient,
                                                                  headers: dict[str, str]):
    assert somebody.post("/sample", data=GOOD, headers=headers).status_code == 403
    assert visitor.post("/sample", data=GOOD, headers=headers).status_code == 403


def test_the_api_with_a_session_needs_the_token_in_a_header(somebody: FlaskClient):
    assert somebody.post("/api/v1/sample/bad", json={}).json["code"] == "not_from_here"
    answer = somebody.post("/api/v1/sample/bad", json={}, headers={"X-CSRF-Token": "a-token"})
    assert answer.json["code"] == "bad_input"


def test_every_answer_carries_the_strict_headers(somebody: FlaskClient):
    for path in ("/sample", "/sample/bug", "/nowhere", "/api/nowhere"):
        headers = somebody.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_only_the_api_viewer_may_write_its_own_styles(visitor: FlaskClient):
    assert "style-src 'self' 'unsafe-inline'" in visitor.get("/api/docs").headers["Content-Security-Policy"]
    assert "unsafe" not in visitor.get("/api/docsx").headers["Content-Security-Policy"]


def test_stray_characters_in_an_address_are_refused_before_any_query(visitor: FlaskClient):
    for address in ("/sample?q=a%00b", "/sample?%00=1", "/sample/%00", "/sample?q=%1b"):
        assert visitor.get(address).status_code == 400


def test_one_chooses_only_among_one_s_own_places(somebody: FlaskClient):
    data = {"csrf_token": "a-token", "back": "/sample"}
    assert somebody.post("/switch/place", data={**data, "place": "230199100201"}).status_code == 303
    assert somebody.post("/switch/place", data={**data, "place": "230199001001"}).status_code == 403
