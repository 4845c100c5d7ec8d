"""The API's plumbing: keys, checks, the document and its viewer, all from this house."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from pointsbank.web import idempotency_key, register_api
from tests.pointsbank.web.sample import sample_app

rooms = Blueprint("rooms_api", __name__, url_prefix="/api/v1/rooms", description="Rooms")


class RoomSchema(Schema):
    name = fields.String(required=True)
    beds = fields.Integer()


@rooms.route("", methods=["POST"])
@rooms.arguments(RoomSchema)
@rooms.response(201, RoomSchema)
def add_room(room: dict[str, object]) -> dict[str, object]:
    return {**room, "name": f"{room['name']} {idempotency_key()}"}


@pytest.fixture
def app() -> Flask:
    made = sample_app(signed_in=False)
    register_api(made, rooms)
    return made


def test_a_write_carries_a_key(app: Flask):
    client = app.test_client()
    for headers in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "7"}):
        answer = client.post("/api/v1/rooms", json={"name": "a"}, headers=headers)
        assert answer.status_code == 400 and answer.json["code"] == "idempotency_key_missing"
    key = "0199f2f0-0000-7000-8000-000000000001"
    answer = client.post("/api/v1/rooms", json={"name": "a"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json["name"]) == (201, f"a {key}")


def test_wrong_input_is_named_by_field_in_words(app: Flask):
    answer = app.test_client().post("/api/v1/rooms", json={"beds": "many", "colour": "red"})
    assert answer.status_code == 422 and answer.content_type == "application/problem+json"
    assert {e["field"]: e["message"] for e in answer.json["errors"]} == {
        "name": "这一项必须填写。", "beds": "请填数字,例如 3。", "colour": "多出来的一项,系统不认识。"}


def test_a_body_that_is_no_json_is_refused_without_a_fuss(app: Flask):
    answer = app.test_client().post("/api/v1/rooms", data="{", content_type="application/json")
    assert answer.status_code in (400, 422) and answer.content_type == "application/problem+json"
    assert app.test_client().delete("/api/v1/rooms").status_code == 405


def test_the_document_lists_what_was_registered(app: Flask):
    document = app.test_client().get("/api/openapi.json").json
    assert document["openapi"].startswith("3.") and "/api/v1/rooms" in document["paths"]
    assert "Problem" in document["components"]["schemas"]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_viewer_needs_nothing_from_outside(app: Flask):
    client = app.test_client()
    page = client.get("/api/docs").text
    files = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(files) >= 4 and all(name.startswith("/") for name in files)
    assert {client.get(name).status_code for name in files} == {200}
    assert client.get("/api/docs/assets/..%2f__init__.py").status_code == 404
    assert client.get("/api/docs/assets/index.css").status_code == 404
