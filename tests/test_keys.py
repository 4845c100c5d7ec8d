"""Every write of the API, with its key: none given, the same twice, the same for something else.

The endpoints are those of /api/openapi.json; a new one without a case here fails the first test. A case says who
writes, what, and what else: the same key with other content has to be refused.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from pointsbank import clock
from redemption.demo.people import Village
from tests.demo_today import Api, bare_today  # noqa: F401
from tests.sheets_of_hours import workbook

# Questions that are put by POST because they are long. They write nothing, so they need no key.
QUESTIONS = {"/sales/preview", "/rules/{code}/value", "/ratings/rules/check"}
PASSWORD = "xiangyang2026"


@dataclass
class World:
    """The bare demo, and whoever works there."""

    app: Flask
    village: Village
    who: dict[str, Api] = field(default_factory=dict)

    def by(self, login: str) -> Api:
        return self.who.setdefault(login, Api(self.app, login))

    @property
    def place(self) -> str:
        return self.village.place_code

    @cached_property
    def today(self) -> Any:
        return clock.today()

    def day(self, back: int) -> str:
        return str(self.today - timedelta(days=back))

    def deed(self, code: str, rule: str = "V01", back: int = 2, **more: Any) -> dict[str, Any]:
        home = self.village.households[code]
        return {"household": code, "person": home.head_name, "rule": rule, "service_on": self.day(back),
                **({"minutes": 60} if rule == "V01" else {}), **more}

    def record(self, code: str, rule: str = "V01", **more: Any) -> str:
        return str(self.by("recorder").done("/records", self.deed(code, rule, **more))["id"])

    def approved(self, code: str, rule: str = "V01", **more: Any) -> str:
        record = self.record(code, rule, **more)
        login = "reviewer" if rule == "D01" else "committee"
        self.by(login).done(f"/records/{record}/decisions", {"decision": "approve"})
        return record

    def returned(self, code: str) -> str:
        record = self.record(code)
        self.by("committee").done(f"/records/{record}/decisions", {"decision": "return", "reason": "请补签到表"})
        return record

    def objection(self, code: str) -> str:
        record = self.approved(code, "D01")
        return str(self.by("supervisor").done(f"/records/{record}/objections", {"text": "请再核实"})["objection_id"])

    def sale(self, code: str) -> str:
        return str(self.by("clerk").done("/sales", self.basket(code, "P01"))["id"])

    def basket(self, code: str, sku: str) -> dict[str, Any]:
        return {"shop": self.place, "household": code, "items": [{"sku": sku, "quantity": 2}]}

    def cycle(self) -> str:
        return str(self.by("committee").done("/ratings/cycles", {"place": self.place, "year": self.today.year})["id"])

    def evaluated(self) -> str:
        cycle = self.cycle()
        self.by("committee").done(f"/ratings/cycles/{cycle}/evaluations", {})
        return cycle

    def veto(self, code: str) -> dict[str, Any]:
        return {"household_id": str(self.village.households[code].id), "veto": self.a_veto, "happened_on": self.day(5),
                "grounds": "有文书为证"}

    @cached_property
    def a_veto(self) -> str:
        from redemption.demo.people import data

        return str(data("ratings.json")["vetoes"][0]["code"])

    def upload(self, hours: int) -> dict[str, Any]:
        home = self.village.households["H002"]
        rows = [["H002", home.head_name, "V01", self.today - timedelta(days=1), "9:00", hours, "清扫", f"K-{hours}"]]
        return {"file": (io.BytesIO(workbook(rows)), "hours.xlsx")}

    def uploaded(self) -> str:
        return str(self.by("recorder").done("/imports", **self.upload(1))["id"])

    def checked(self) -> str:
        upload = self.uploaded()
        self.by("recorder").done(f"/imports/{upload}/check", {})
        return upload

    def second(self, login: str) -> dict[str, str]:
        return {"login": login, "password": PASSWORD}

    def batch(self, sku: str) -> str:
        stock = self.by("storekeeper").get(f"/shops/{self.place}/stock").json
        return str(next(good for good in stock if good["sku"] == sku)["batches"][0]["id"])


@dataclass(frozen=True)
class Write:
    """One endpoint: who, the real path and what is sent, and the same with other content."""

    login: str
    path: str
    body: Any = None
    other_path: str | None = None  # where the other content goes, when it is another address
    other: Any = None
    form: Callable[[], dict[str, Any]] | None = None
    other_form: Callable[[], dict[str, Any]] | None = None
    # Twice the same is one by nature (a state is reached, no more): another key or content changes nothing either.
    by_nature: bool = False


CASES: dict[str, Callable[[World], Write]] = {}


def case(path: str) -> Callable[[Callable[[World], Write]], Callable[[World], Write]]:
    def put(make: Callable[[World], Write]) -> Callable[[World], Write]:
        CASES[path] = make
        return make
    return put


RULE = {"category": "志愿服务", "item": "护河巡查", "kind": "earning", "unit": "hour", "points": "1",
        "per_time_max": "2", "chain": ["village_approval"]}


@case("/rules")
def _(w: World) -> Write:
    body = {"place": w.place, "code": "Z01", "body": RULE, "valid_from": str(w.today), "adopted_minutes": "大会通过"}
    return Write("admin", "/rules", body, other={**body, "body": {**RULE, "points": "1.5"}})


@case("/rules/{code}/end")
def _(w: World) -> Write:
    body = {"place": "230199000000", "last_day": str(w.today + timedelta(days=9)), "adopted_minutes": "村民大会通过"}
    return Write("admin", "/rules/V05/end", body, other={**body, "last_day": str(w.today + timedelta(days=12))})


@case("/records")
def _(w: World) -> Write:
    return Write("recorder", "/records", w.deed("H002"), other=w.deed("H002", minutes=90))


@case("/records/batch")
def _(w: World) -> Write:
    return Write("recorder", "/records/batch", {"rows": [w.deed("H002"), w.deed("H003")]},
                 other={"rows": [w.deed("H002")]})


@case("/records/decisions")
def _(w: World) -> Write:
    ids = [w.record("H002"), w.record("H005")]
    return Write("committee", "/records/decisions", {"record_ids": ids}, other={"record_ids": ids[:1]})


@case("/records/{record_id}/decisions")
def _(w: World) -> Write:
    path = f"/records/{w.record('H002')}/decisions"
    return Write("committee", path, {"decision": "approve"}, other={"decision": "reject", "reason": "没有到场"})


@case("/records/{record_id}/submissions")
def _(w: World) -> Write:
    path = f"/records/{w.returned('H002')}/submissions"
    return Write("recorder", path, w.deed("H002", minutes=90), other=w.deed("H002", minutes=30))


@case("/records/{record_id}/withdrawal")
def _(w: World) -> Write:
    first, second = w.record("H002"), w.record("H005")
    return Write("recorder", f"/records/{first}/withdrawal", other_path=f"/records/{second}/withdrawal")


@case("/records/{record_id}/void")
def _(w: World) -> Write:
    path = f"/records/{w.approved('H002')}/void"
    return Write("committee", path, {"reason": "本人不在场"}, other={"reason": "重复登记"})


@case("/records/{record_id}/objections")
def _(w: World) -> Write:
    path = f"/records/{w.approved('H005', 'D01')}/objections"
    return Write("supervisor", path, {"text": "请再核实"}, other={"text": "不是本人"})


@case("/records/objections/{objection_id}/answer")
def _(w: World) -> Write:
    path = f"/records/objections/{w.objection('H005')}/answer"
    return Write("committee", path, {"upheld": False, "reason": "已核实属实"},
                 other={"upheld": True, "reason": "核实不属实"})


@case("/ratings/cycles")
def _(w: World) -> Write:
    body = {"place": w.place, "year": w.today.year}
    return Write("committee", "/ratings/cycles", body, other={**body, "year": w.today.year - 1})


@case("/ratings/cycles/{cycle_id}/evaluations")
def _(w: World) -> Write:
    return Write("committee", f"/ratings/cycles/{w.cycle()}/evaluations", {}, other={"as_of": w.day(3)})


@case("/ratings/cycles/{cycle_id}/scores")
def _(w: World) -> Write:
    mark = {"household_id": str(w.village.households["H005"].id), "star": w_jury_star(w), "score": 800}
    path = f"/ratings/cycles/{w.evaluated()}/scores"
    return Write("reviewer", path, {"marks": [mark]}, other={"marks": [{**mark, "score": 600}]})


@case("/ratings/cycles/{cycle_id}/decisions")
def _(w: World) -> Write:
    body = {"household_id": str(w.village.households["H005"].id), "star": w_jury_star(w), "awarded": False,
            "reason": "村民代表会议意见"}
    path = f"/ratings/cycles/{w.evaluated()}/decisions"
    return Write("committee", path, body, other={**body, "awarded": True})


@case("/ratings/cycles/{cycle_id}/confirm")
def _(w: World) -> Write:
    return Write("committee", f"/ratings/cycles/{w.evaluated()}/confirm", by_nature=True)


@case("/ratings/vetoes")
def _(w: World) -> Write:
    return Write("committee", "/ratings/vetoes", w.veto("H005"), other=w.veto("H006"))


@case("/ratings/vetoes/{veto_id}/lift")
def _(w: World) -> Write:
    veto = w.by("committee").done("/ratings/vetoes", w.veto("H005"))["id"]
    return Write("committee", f"/ratings/vetoes/{veto}/lift", {"reason": "查无实据"}, by_nature=True)


@case("/imports")
def _(w: World) -> Write:
    return Write("recorder", "/imports", form=lambda: w.upload(1), other_form=lambda: w.upload(2))


@case("/imports/{import_id}/check")
def _(w: World) -> Write:
    return Write("recorder", f"/imports/{w.uploaded()}/check", {}, by_nature=True)


@case("/imports/{import_id}/confirm")
def _(w: World) -> Write:
    return Write("recorder", f"/imports/{w.checked()}/confirm", by_nature=True)


@case("/sales")
def _(w: World) -> Write:
    return Write("clerk", "/sales", w.basket("H001", "P01"), other=w.basket("H001", "P04"))


@case("/sales/{sale_id}/returns")
def _(w: World) -> Write:
    path, line = f"/sales/{w.sale('H001')}/returns", {"line_no": 1, "pieces": 1}
    return Write("clerk", path, {"lines": [line]}, other={"lines": [{**line, "pieces": 2}]})


@case("/shops/{code}/receipts")
def _(w: World) -> Write:
    body = {"source": "donation", "source_name": "安和粮油店", "lines": [{"sku": "P01", "pieces": 5}]}
    return Write("storekeeper", f"/shops/{w.place}/receipts", body,
                 other={**body, "lines": [{"sku": "P01", "pieces": 6}]})


@case("/shops/{code}/counts")
def _(w: World) -> Write:
    body = {"counted_at": clock.now().isoformat(), "lines": [{"sku": "P01", "counted": 118}],
            "second": w.second("committee")}
    return Write("storekeeper", f"/shops/{w.place}/counts", body,
                 other={**body, "lines": [{"sku": "P01", "counted": 117}]})


@case("/shops/{code}/write-offs")
def _(w: World) -> Write:
    body = {"reason": "damaged", "lines": [{"batch": w.batch("P01"), "pieces": 2}], "second": w.second("committee")}
    return Write("storekeeper", f"/shops/{w.place}/write-offs", body,
                 other={**body, "lines": [{"batch": w.batch("P01"), "pieces": 3}]})


@case("/shops/{code}/found")
def _(w: World) -> Write:
    body = {"sku": "P01", "pieces": 1, "second": w.second("committee")}
    return Write("clerk", f"/shops/{w.place}/found", body, other={**body, "pieces": 2})


@case("/goods/{sku}/prices")
def _(w: World) -> Write:
    body = {"points": 700, "market_fen": 650, "valid_from": str(w.today)}
    return Write("storekeeper", "/goods/P01/prices", body, other={**body, "points": 800})


def w_jury_star(w: World) -> str:
    """A star for which the demo's scheme asks a jury."""
    from redemption.demo.people import data

    return next(star["code"] for star in data("ratings.json")["stars"] if "jury" in str(star).lower())


@pytest.fixture
def world(app: Flask, bare_today: Village) -> World:  # noqa: F811
    return World(app, bare_today)


@cache
def tables() -> tuple[str, ...]:
    """What a write may leave traces in: everything but who was here."""
    from ledger.tables import metadata
    from pointsbank.database import db

    return tuple(sorted({*db.metadata.tables, *metadata.tables} - {"alembic_version", "api_token",
                                                                   "sign_in_session"}))


def state(s: Session) -> dict[str, int]:
    s.rollback()
    seen = {name: s.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables()}
    signed_in = s.execute(text("SELECT count(*) FROM audit_event WHERE action = 'signed_in'")).scalar_one()
    return seen | {"audit_event": seen["audit_event"] - signed_in}


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
