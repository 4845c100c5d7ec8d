"""Every write of the API, with its key: none given, the same twice, the same for something else.

The endpoints are those of /api/openapi.json; a new one without a case here fails the first test. A case says who
writes, what, and what else: the same key with other content has to be refused.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask

from redemption.demo.people import Village
from tests import api_writes_honours, api_writes_people  # noqa: F401 - they add their cases
from tests.api_writes import CASES, World, state
from tests.demo_today import bare_today  # noqa: F401

# Questions that are put by POST because they are long. They write nothing, so they need no key.
QUESTIONS = {"/sales/preview", "/rules/{code}/value", "/ratings/rules/check"}


@pytest.fixture
def world(app: Flask, bare_today: Village) -> World:  # noqa: F811
    return World(app, bare_today)


def test_every_write_of_the_api_has_a_case_here(app):
    document = app.test_client().get("/api/openapi.json").json
    writes = {path.removeprefix("/api/v1") for path, methods in document["paths"].items()
              if methods.keys() & {"post", "put", "patch", "delete"}}
    assert {method for methods in document["paths"].values() for method in methods} <= {"get", "post", "parameters"}
    assert writes == CASES.keys() | QUESTIONS


@pytest.mark.parametrize("path", sorted(CASES))
def test_a_write_wants_a_key_and_the_same_key_has_one_effect(world, s, path):
    write = CASES[path](world)
    by = world.by(write.login)

    def send(key: object, other: bool = False) -> Any:
        form = (write.other_form or write.form) if other else write.form
        body = write.other if other and write.other is not None else write.body
        return by.post(write.other_path if other and write.other_path else write.path, body, key=key,
                       **(form() if form else {}))

    before = state(s)
    for missing in (None, "not-a-uuid", ""):
        problem = send(missing)
        assert problem.status_code == 400 and problem.content_type == "application/problem+json", problem.text
        assert (problem.json["code"], problem.json["field"], problem.json["status"]) == (
            "idempotency_key_missing", "Idempotency-Key", 400)
        assert "Idempotency-Key" in problem.json["detail"] and problem.json["type"]
    assert state(s) == before, "a write without a key has no effect"

    key = uuid.uuid4()
    first = send(key)
    assert first.status_code in (200, 201, 204), first.text
    after = state(s)
    again = send(key)
    assert again.status_code == first.status_code, again.text
    assert without_replay(again) == without_replay(first)
    assert state(s) == after, "the same key again has no second effect"
    if not write.by_nature:
        conflict = send(key, other=True)
        assert (conflict.status_code, conflict.content_type) == (409, "application/problem+json"), conflict.text
        assert (conflict.json["code"], conflict.json["status"]) == ("key_reused", 409)
        assert conflict.json["detail"] and conflict.json["field"]
    assert state(s) == after


def without_replay(answer: Any) -> Any:
    """An answer but for the mark that says it was given before."""
    found = answer.get_json(silent=True)
    return {name: value for name, value in found.items() if name != "replay"} if isinstance(found, dict) else found


@pytest.mark.parametrize("login", ["recorder", "auditor"])
def test_a_question_put_by_post_needs_no_key_and_writes_nothing(world, s, login):
    before = state(s)
    asked = {"recorder": ("/rules/V01/value", {"minutes": 90}),
             "auditor": ("/ratings/rules/check", {"text": "minors >= 1"})}
    answer = world.by(login).post(*asked[login], key=None)
    assert answer.status_code in (200, 422), answer.text
    assert answer.status_code == 200 or answer.json["code"] != "idempotency_key_missing"
    assert state(s) == before


def test_two_users_may_use_the_same_key(world, s):
    key = uuid.uuid4()
    first = world.by("clerk").post("/sales", world.basket("H001", "P01"), key=key)
    other = world.by("clerk2").post("/sales", world.basket("H002", "P01"), key=key)
    assert (first.status_code, other.status_code) == (201, 201), other.text
    assert first.json["id"] != other.json["id"]


def test_a_refused_write_can_be_sent_again_with_its_key_once_it_is_possible(world, s):
    key, basket = uuid.uuid4(), {**world.basket("H001", "P01"), "items": [{"sku": "P01", "quantity": 100}]}
    clerk, before = world.by("clerk"), state(s)
    for _ in range(2):
        refused = clerk.post("/sales", basket, key=key)
        assert refused.status_code == 409 and refused.content_type == "application/problem+json", refused.text
        assert refused.json["code"] and refused.json["field"] is not None
        assert "未扣分" in refused.json["detail"]
    assert state(s) == before
    assert clerk.post("/sales", world.basket("H001", "P01"), key=key).status_code == 201


@pytest.mark.parametrize(("body", "field"), [
    ({}, "household"), ({"household": "H001", "shop": "230199100200", "items": []}, "items"),
    ({"household": "H001", "shop": "230199100200", "items": [{"sku": "P01", "quantity": -1}]}, "items.0.quantity"),
    ({"household": "H001", "shop": "230199100200", "items": [{"sku": "P01", "quantity": 1.5}]}, "items.0.quantity"),
    ({"household": "H001", "shop": "230199100200", "items": [{"sku": "P01", "quantity": 10 ** 30}]},
     "items.0.quantity"),
    ({"household": "H001", "shop": "230199100200", "items": [{"sku": "P01", "quantity": 1}], "surprise": 1},
     "surprise")])
def test_bad_form_is_a_problem_that_names_the_field(world, s, body, field):
    before = state(s)
    problem = world.by("clerk").post("/sales", body)
    assert (problem.status_code, problem.content_type) == (422, "application/problem+json"), problem.text
    assert problem.json["code"] == "bad_input" and field in {one["field"] for one in problem.json["errors"]}
    assert problem.json["type"] and problem.json["title"] and problem.json["detail"]
    assert state(s) == before


@pytest.mark.parametrize("token", ["nonsense", "230199.nonsense", "999999999999999999.x", "é"])
def test_a_wrong_token_is_a_401_problem(world, token):
    answer = world.app.test_client().get("/api/v1/rules", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer" and answer.json["code"] == "not_signed_in"


def test_a_token_without_the_power_is_a_403_problem_and_writes_nothing(world, s):
    before = state(s)
    answer = world.by("recorder").post("/sales", world.basket("H001", "P01"))
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")
    assert state(s) == before
