"""Every route × every role × {own, same place, sibling place, missing}, against the one table of powers.

The default run asks each role once for what it may not do, and for all four what it may; LONG=1 asks everything.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from pointsbank.access import POWERS, ROLES
from pointsbank.errors import NotAllowed
from tests.api_writes import CASES, Write
from tests.doors.entries import ENTRIES, PUBLIC, SIGNED_IN, Entry
from tests.doors.two_villages import NEIGHBOUR, NO_HOUSEHOLD, NOWHERE, OWN, Asker, Side, Two, two_villages  # noqa: F401

LONG = os.environ.get("LONG") == "1"
ASIDE = {"own_household", "relatives_household", "step_aside", "own_submission", "decided_before"}
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MORE = {"sales_api.preview_sale": {"items": [{"sku": "P01", "quantity": 1}]}}  # of a question put by POST


class Route(NamedTuple):
    endpoint: str
    method: str
    rule: str
    entry: Entry

    @property
    def api(self) -> bool:
        return self.rule.startswith("/api/")

    @property
    def case(self) -> str | None:
        """The path under which `tests/api_writes.py` has a write."""
        if not self.api or self.method == "GET":
            return None
        return re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", self.rule.removeprefix("/api/v1"))


def routes(app: Flask) -> Iterator[Route]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        if rule.endpoint.endswith("static"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(rule.endpoint, method, rule.rule, ENTRIES[rule.endpoint])


def test_every_route_has_an_entry_and_its_door_is_the_one_in_the_code(app):
    served = {rule.endpoint: rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")}
    assert served.keys() - ENTRIES.keys() == set(), "new routes: say in tests/doors/entries.py who may use them"
    assert ENTRIES.keys() - served.keys() == set(), "entries without a route"
    assert {name: door(app, rule) for name, rule in served.items()} == {
        name: entry.power if entry.power not in (PUBLIC, SIGNED_IN) else None for name, entry in ENTRIES.items()}


def door(app: Flask, rule: Rule) -> str | None:
    """The power of the view's @needs, whichever class or wrapper it hides in."""
    view = app.view_functions[rule.endpoint]
    found = {getattr(view, "needs_power", None)}
    shown = getattr(view, "view_class", None)
    if shown is not None:
        found = {getattr(getattr(shown, method.lower()), "needs_power", None) for method in shown.methods or ()}
    assert len(found) == 1, f"{rule.endpoint} has two doors: {found}"
    return found.pop()


def test_the_table_knows_no_power_that_nobody_has():
    asked = {power for entry in ENTRIES.values() for power in (entry.power, *entry.inside)} - {PUBLIC, SIGNED_IN}
    assert asked <= frozenset().union(*POWERS.values())


class Matrix:
    """The questions, and how an answer is judged."""

    def __init__(self, app: Flask, two: Two) -> None:
        self.app = app
        self.sides = {"same": Side(app, two.here), "sibling": Side(app, two.there, prefix="b-"),
                      "own": Side(app, two.here, only=OWN)}
        self.askers = {role: Asker(app, role) for role in ROLES}
        self.visitor = app.test_client()

    def ask(self, route: Route, role: str | None, column: str) -> TestResponse:
        if route.case is not None and (write := self.write(route.case, column)) is not None:
            return self.send(write, role)
        values = {name: self.thing(kind, column) for name, kind in route.entry.where.items()}
        path = re.sub(r"<(?:[^:>]*:)?([^>]*)>", lambda found: values[found[1]], route.rule.replace(", ", ","))
        query = {name: self.thing(kind, column) for name, kind in route.entry.query.items()}
        asker = self.askers[role] if role else None
        if route.api:
            headers = asker.api.headers if asker else {}
            body = {name: self.thing(kind, column) for name, kind in route.entry.form.items()}
            return self.visitor.open(path, method=route.method, headers=headers, query_string=query,
                                     **({"json": {**body, **MORE.get(route.endpoint, {})}} if route.method == "POST"
                                        else {}))
        client = asker.pages.client if asker else self.visitor
        form = {name: self.thing(kind, column) for name, kind in route.entry.form.items()}
        data = {"key": str(uuid.uuid4()), "csrf_token": asker.csrf if asker else "", **form}
        answer = client.open(path, method=route.method, query_string=query,
                             **({"data": data} if route.method == "POST" else {}))
        with client.session_transaction() as kept:  # what the next page would say
            answer.headers["X-Said"] = json.dumps(kept.pop("_flashes", []))
        return answer

    def thing(self, kind: str, column: str) -> str:
        if kind.startswith("="):
            return kind[1:]
        if column == "missing":
            return {"place": NOWHERE, "shop": NOWHERE, "household": NO_HOUSEHOLD, "star": self.sides["same"].thing(
                "star")}.get(kind) or str(uuid.uuid4())
        if kind == "record":
            self.sides[column].thing("objection") if "objection" in self.sides[column].made else None
        return self.sides[column].thing(kind)

    def write(self, case: str, column: str) -> Write | None:
        if case not in CASES:
            return None
        if column != "missing":
            return self.sides[column].write(case)
        there = self.sides["sibling"].write(case)
        fresh: dict[str, str] = {}

        def nowhere(text: str) -> str:
            text = UUID_TEXT.sub(lambda found: fresh.setdefault(found[0], str(uuid.uuid4())), text)
            return text.replace(NEIGHBOUR, NOWHERE)
        body = json.loads(nowhere(json.dumps(there.body))) if there.body is not None else None
        return replace(there, path=nowhere(there.path), body=body)

    def send(self, write: Write, role: str | None) -> TestResponse:
        headers = {**(self.askers[role].api.headers if role else {}), "Idempotency-Key": str(uuid.uuid4())}
        sent: dict[str, Any] = {"data": write.form()} if write.form else (
            {} if write.body is None else {"json": write.body})
        return self.visitor.post(f"/api/v1{write.path}", headers=headers, **sent)


def code_of(answer: TestResponse) -> str:
    found = answer.get_json(silent=True)
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def refused(answer: TestResponse) -> bool:
    """Not let in, or told that there is nothing (a till says so in its zones, as does a form)."""
    found = answer.get_json(silent=True)
    return (answer.status_code in (401, 403, 404) or code_of(answer) in ("bad_input", "not_found")
            or (isinstance(found, dict) and found.get("passed") == []))


def passed(answer: TestResponse) -> bool:
    """Let in, whatever the business said: a record already decided is no locked door."""
    return answer.status_code < 500 and answer.status_code not in (401, 404) and (
        answer.status_code != 403 or code_of(answer) in ASIDE | {"not_the_submitter", "not_your_step"}
        or ("<html" in answer.text and NotAllowed.zh not in answer.text))


def plain(answer: TestResponse) -> tuple[int, str]:
    """An answer without what differs from one to the next."""
    text = UUID_TEXT.sub("#", answer.text + answer.headers.get("X-Said", ""))
    for code in (NEIGHBOUR, NOWHERE, "H090", NO_HOUSEHOLD):
        text = text.replace(code, "~")
    return answer.status_code, re.sub(r'value="[A-Za-z0-9_-]{43}"', "", text)


def judge(matrix: Matrix, route: Route, role: str) -> list[str]:
    """What is wrong with the answers of a route to a role."""
    entry, wrong = route.entry, []
    holds = POWERS[role]
    knocks = entry.power in (PUBLIC, SIGNED_IN) or entry.power in holds
    acts = (entry.inside == (entry.power,) and knocks) or any(power in holds for power in entry.inside)

    def say(column: str, answer: TestResponse, wanted: str) -> None:
        wrong.append(f"{route.method} {route.rule} as {role}, {column}: {answer.status_code} {code_of(answer)}, "
                     f"wanted {wanted}")
    if not knocks:
        for column in ("own", "same", "sibling", "missing") if LONG and entry.about else ("same",):
            answer = matrix.ask(route, role, column)
            if answer.status_code != 403:
                say(column, answer, "403")
        return wrong
    columns = answers_to(matrix, route, role)
    for column, answer in columns.items():
        if answer.status_code >= 500:
            say(column, answer, "no error")
    if entry.owner == "county":
        acts = False
    if acts and entry.own != "only" and "same" in columns and not passed(columns["same"]):
        say("same", columns["same"], "let in")
    if not acts and "same" in columns and columns["same"].status_code < 300 and not refused(columns["same"]):
        say("same", columns["same"], "refused")
    opens = entry.own and "own" in columns and (entry.own_power is None or entry.own_power in holds)
    if opens and not passed(columns["own"]):
        say("own", columns["own"], "let in")
    if entry.aside and acts and code_of(columns["own"]) not in ASIDE and route.api:
        say("own", columns["own"], "to step aside")
    if "sibling" in columns:
        if plain(columns["sibling"]) != plain(columns["missing"]):
            say("sibling", columns["sibling"], f"as missing: {columns['missing'].status_code}")
        if not refused(columns["sibling"]) and not said_so(columns["sibling"]):
            say("sibling", columns["sibling"], "refused")
    return wrong


def said_so(answer: TestResponse) -> bool:
    """A page that goes on with a notice instead of an error: back to the list, nothing done."""
    return answer.status_code in (303, 422)


def answers_to(matrix: Matrix, route: Route, role: str) -> dict[str, TestResponse]:
    columns = ["same"]
    if route.entry.owner in ("moved", "mine"):
        return {column: matrix.ask(route, role, column) for column in ("sibling", "missing")}
    if route.entry.owner != "village":
        return {"same": matrix.ask(route, role, "same")}
    if route.entry.about or (route.case and matrix.write(route.case, "missing")):
        columns += ["sibling", "missing"]
    if route.entry.own or route.entry.aside:
        columns.append("own")
    return {column: matrix.ask(route, role, column) for column in columns}


def asked_of(entry: Entry, database_kind: str) -> tuple[str, ...]:
    """Every role; in the default run PostgreSQL is asked by the first role that may and the first that may not."""
    if LONG or database_kind == "sqlite":
        return ROLES
    may = [role for role in ROLES if entry.power == SIGNED_IN or entry.power in POWERS[role]]
    return tuple([*may[:1], *(role for role in ROLES if role not in may)][:2])


def test_every_route_opens_to_whom_the_table_says_and_nowhere_else(app, database_kind, two_villages):  # noqa: F811
    matrix = Matrix(app, two_villages)
    wrong: list[str] = []
    asked = 0
    for route in routes(app):
        entry = route.entry
        if entry.power != PUBLIC:
            answer = matrix.ask(route, None, "same")
            if answer.status_code != (401 if route.api else 303):
                wrong.append(f"{route.method} {route.rule} as a visitor: {answer.status_code}")
        elif (answer := matrix.ask(route, None, "same")).status_code in (401, 403) and route.method == "GET":
            wrong.append(f"{route.method} {route.rule} as a visitor: {answer.status_code}, wanted let in")
        if entry.power == PUBLIC or route.endpoint in ("access.change_password",):
            continue
        for role in asked_of(route.entry, database_kind):
            wrong += judge(matrix, route, role)
            asked += 1
    assert wrong == [], "\n".join(["", *wrong])
    assert asked > (1000 if LONG or database_kind == "sqlite" else 200)
