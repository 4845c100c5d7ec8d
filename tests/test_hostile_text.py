"""Hostile text in every field there is: each form of each page of each role, each query, each value the API takes.

Nothing may end in a server error, nothing typed may come back as markup, and the ledger is sound afterwards. The
pages are found by walking from the home page, so a new form is tried without being named here.
"""

from __future__ import annotations

import copy
import json
import os
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session

import ledger
from redemption.demo.people import Village
from tests.api_writes import CASES, World
from tests.demo_today import bare_today, lived_today  # noqa: F401
from tests.visitor import Form, Visitor, forms_of

HTML = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
HOSTILE = {
    "html": HTML, "sql": "'; DROP TABLE person; --", "nul": "a\x00b", "digits": "9" * 300,
    "negative": "-1", "far below": "-99999999999999999999", "full width": "１２３", "exponent": "1e400", "nan": "NaN",
    "formats": "{{ 7*7 }} ${7*7} %(n)s %s {0} {n}", "lines": "a\r\nSet-Cookie: a=b", "long": "长" * 5000,
    "blank": " \u3000\t ", "marks": "\u202e\ufeff\U00030ed7𬭎\u0301", "date": "0226-11-05", "path": "../../etc/passwd"}
STAYS = ("/login", "/logout", "/password", "/second", "/switch")  # would end or lock the sign-in; tried apart
TURNING = ("after", "before", "day", "from", "to", "on", "known_at", "page", "year", "run", "group", "evaluation")
ROLES = ("recorder", "reviewer", "committee2", "supervisor", "clerk", "storekeeper", "office", "auditor", "admin",
         "H011")
PAGES_MAX = 60
TRIED: set[Any] = set()  # forms and pages that an earlier role of this run has tried; a long run tries them with each
LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)"')
NUMBERS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[A-Z]{1,3}\d{2,}\b|\d+")


def shape(address: str) -> str:
    """Pages that differ only in whom they are about are one."""
    parts = urlsplit(address)
    return NUMBERS.sub("#", parts.path) + "?" + ",".join(sorted(re.findall(r"([\w-]+)=", parts.query)))


def walk(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """(address, page) of one page of every shape that can be reached by links from the home page."""
    waiting, seen = ["/", "/public/notices", "/verify", "/goods", "/schedule"], set()
    while waiting and len(seen) < PAGES_MAX:
        address = waiting.pop(0)
        if shape(address) in seen or address.startswith(("/assets", "/api", *STAYS)):
            continue
        seen.add(shape(address))
        answer = visitor.client.get(address, follow_redirects=True)
        assert answer.status_code < 500, f"{address}: {answer.status_code}"
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield address, answer.text
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]


def sound(what: str, answer: Any, sent: str) -> None:
    """No server error, no markup of a stranger's, no header of theirs."""
    assert answer.status_code < 500, f"{what} {sent[:40]!r}: {answer.status_code}"
    if answer.mimetype == "text/html":
        assert "<script>alert(1)" not in answer.text and "<img src=x" not in answer.text, f"{what}: not escaped"
    assert "a=b" not in answer.headers.get("Set-Cookie", "")


def tries(form: Form) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each hostile text in all typed fields at once, and markup in each field alone, hidden ones and choices too."""
    for text in HOSTILE.values():
        yield text, dict.fromkeys(form.typed, text)
    for name in form.kinds:
        if name != "csrf_token":
            yield HTML, {name: f"{HTML}\x00"}


def queries(address: str) -> Iterator[str]:
    """The address with each of its parameters spoilt, alone and together with those that pages are turned by."""
    path, _, query = address.partition("?")
    given = dict(parse_qsl(query))
    for text in (HTML, "-1", "9" * 30, "0001-01-01", "9999-12-31", "0001-01"):
        for name in given:
            yield f"{path}?{urlencode({**given, name: text})}"
        yield f"{path}?{urlencode({**given, **dict.fromkeys(TURNING, text)})}"


@pytest.mark.parametrize("login", ROLES)
def test_no_field_of_any_form_brings_a_page_down(app: Flask, s: Session, lived_today: Village, login: str):  # noqa: F811
    visitor, done, met = Visitor(app, login), set() if os.environ.get("LONG") == "1" else TRIED, 0
    for address, page in walk(visitor):
        for spoilt_address in queries(address) if shape(address) not in done else ():
            sound(f"{login} {spoilt_address}", visitor.client.get(spoilt_address), HTML)
        done.add(shape(address))
        for form in forms_of(page, address):
            met += 1
            kind = (form.method, shape(form.action), tuple(sorted(form.kinds)))
            if kind in done or form.action.startswith(STAYS) or not form.typed:
                continue
            done.add(kind)
            for text, changes in tries(form):
                sound(f"{login} {form.method} {form.action} {list(changes)}", visitor.send(form, **changes), text)
    assert met >= 1, f"{login} meets no form at all"
    for address, page in walk(visitor):  # what was stored comes back as text
        assert "<script>alert(1)" not in page and "<img src=x" not in page, address
    s.rollback()
    assert ledger.check(s.connection(), lived_today.book_id) == []


def test_hostile_text_in_an_address_finds_nothing_and_breaks_nothing(app: Flask, bare_today: Village):  # noqa: F811
    addresses = ("/schedule/{}", "/goods/{}", "/verify/{}", "/nowhere/{}", "/stock/goods/{}", "/till/proxies/{}",
                 "/audit/statements/{}", "/audit/statements/{}.pdf", "/audit/trial-balance/POINT/{}",
                 "/records?household={}", "/records?after={}", "/till?who={}&items={}&code=x", "/till?code={}",
                 "/till/sales?day={}&household={}&before={}", "/audit/search?q={}", "/login?next={}&kind={}",
                 "/audit/trial-balance?on={}&known_at={}", "/audit/statements/H011?start={}&end={}&known_at={}",
                 "/public/notices?place={}&page={}", "/committee/ratings?year={}", "/me?month={}", "/?place={}",
                 "/api/v1/rules/{}", "/api/v1/rules?on={}", "/api/v1/goods?code={}", "/api/v1/records?household={}",
                 "/api/v1/households/{}/till-card", "/assets/bundle/{}.css", "/assets/{}", "/api/problems/{}")
    people = [Visitor(app, login) for login in ("clerk", "auditor", "committee2", "storekeeper", "H011")]
    people.append(Visitor(app, None))
    for number, address in enumerate(addresses):
        for turn, text in enumerate(HOSTILE.values()):
            for visitor in (people[1], people[(number + turn) % len(people)]):  # the auditor sees most
                answer = visitor.client.get(address.replace("{}", quote(text[:200], safe="")))
                sound(address, answer, text)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"%", b"login=%ff%fe&password=%00", b"a=" * 3000, b"\x00" * 100,
                                 b"login=" + b"1" * 3_000_000])
def test_a_body_that_is_no_form_is_answered(app: Flask, bare_today: Village, raw: bytes):  # noqa: F811
    for login in (None, "clerk"):
        visitor = Visitor(app, login)
        for path in ("/login", "/till/sales", "/switch/view", "/imports", "/nowhere"):
            for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json",
                         "text/plain", "multipart/form-data"):
                answer = visitor.client.post(path, data=raw, content_type=kind)
                assert answer.status_code < 500, (path, kind, answer.status_code)


@pytest.mark.parametrize("login", list(HOSTILE.values()), ids=list(HOSTILE))
def test_a_hostile_sign_in_is_a_wrong_sign_in(app: Flask, bare_today: Village, login: str):  # noqa: F811
    client = Visitor(app, None).client
    for kind in ("staff", "household", login):
        for fields in ({"login": login, "password": "x" * 8}, {"login": "clerk", "password": login},
                       {"login": "H001", "password": "202611", "place": login, "next": login}):
            answer = client.post("/login", data={"kind": kind, **fields})
            sound(f"/login {kind}", answer, login)
            assert "pb_session=" not in answer.headers.get("Set-Cookie", "") or fields["login"] == "H001"


WRONG = [None, True, [{}], -1, 10 ** 30, 1.5, "", "a\x00b", HTML, "长" * 5000, "9" * 300, "\ud800"]


def spoilt(body: Any, wrong: Any) -> Iterator[Any]:
    """The body with one of its values (or one value of its lists and objects) replaced, each in turn."""
    if isinstance(body, dict):
        for name in body:
            for inner in (wrong, *spoilt(body[name], wrong)):
                other = copy.copy(body)
                other[name] = inner
                yield other
    elif isinstance(body, list):
        for index in range(min(len(body), 1)):
            for inner in (wrong, *spoilt(body[index], wrong)):
                yield [*body[:index], inner, *body[index + 1:]]


@pytest.mark.parametrize("path", sorted(CASES))
def test_no_value_brings_a_write_of_the_api_down(app: Flask, s: Session, bare_today: Village, path: str):  # noqa: F811
    world = World(app, bare_today)
    write = CASES[path](world)
    by = world.by(write.login)
    bodies: list[Any] = [None, [], "text", 1, [[]], {"surprise": 1}]
    for wrong in WRONG:
        bodies += spoilt(write.body, wrong)
    for body in bodies:
        sent = json.dumps(body)
        answer = by.client.post(f"/api/v1{write.path}", data=sent, content_type="application/json",
                                headers=by.headers | {"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status_code < 500, (sent[:300], answer.status_code)
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json" and answer.json["code"], (sent[:300], answer.text)
    for raw in (b"{", b"\xff\xfe", b"", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}'):
        answer = by.client.post(f"/api/v1{write.path}", data=raw, content_type="application/json",
                                headers=by.headers | {"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status_code < 500, (raw[:40], answer.status_code)
    s.rollback()
    assert ledger.check(s.connection(), bare_today.book_id) == []
