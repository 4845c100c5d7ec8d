"""What the API can write, as cases: who sends what where, and the same with other content.

    CASES["/records"](world)      -> Write("recorder", "/records", {...}, other={...})
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.tables import metadata as ledger_metadata
from pointsbank import clock
from pointsbank.database import db
from redemption.demo.people import Village, data
from tests.demo_today import Api
from tests.sheets_of_hours import workbook

PASSWORD = str(data("staff.json")["password"])


@cache
def tables() -> tuple[str, ...]:
    """What a write may leave traces in: everything but who was here (and that it waits for its seal)."""
    here = {"api_token", "sign_in_session", "audit_unsealed"}
    return tuple(sorted({*db.metadata.tables, *ledger_metadata.tables} - here))


def state(s: Session) -> dict[str, int]:
    """How many rows each table has: to see that a refusal changed nothing. Signing in and looking do not count."""
    s.rollback()
    seen = {name: s.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables()}
    signed_in = s.execute(text("SELECT count(*) FROM audit_event WHERE action IN ('signed_in', 'looked')")
                          ).scalar_one()
    return seen | {"audit_event": seen["audit_event"] - signed_in}


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
    def today(self) -> date:
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

    def settled(self) -> str:
        """A cycle in which the jury has scored every household: no juror scores the own one."""
        cycle, jury = self.evaluated(), [star["code"] for star in data("ratings.json")["stars"] if star.get("jury")]
        for login, codes in (("reviewer", self.village.households.keys() - {"H003"}), ("reviewer2", {"H003"})):
            marks = [{"household_id": str(self.village.households[code].id), "star": star, "score": 900}
                     for code in sorted(codes) for star in jury]
            self.by(login).done(f"/ratings/cycles/{cycle}/scores", {"marks": marks})
        self.by("committee").done(f"/ratings/cycles/{cycle}/evaluations", {})
        return cycle

    def veto(self, code: str) -> dict[str, Any]:
        return {"household_id": str(self.village.households[code].id), "veto": self.a_veto, "happened_on": self.day(5),
                "grounds": "有文书为证"}

    @cached_property
    def a_veto(self) -> str:
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

    def counted(self) -> str:
        """Opening stock as one person counted it."""
        body = {"lines": [{"sku": "P01", "pieces": 5}]}
        return str(self.by("storekeeper").done(f"/shops/{self.place}/opening-counts", body)["id"])

    def batch(self, sku: str) -> str:
        stock = self.by("storekeeper").get(f"/shops/{self.place}/stock").json
        return str(next(good for good in stock if good["sku"] == sku)["batches"][0]["id"])


def jury_star() -> str:
    """A star for which the demo's scheme asks a jury."""
    return next(star["code"] for star in data("ratings.json")["stars"] if "jury" in str(star).lower())


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
    mark = {"household_id": str(w.village.households["H005"].id), "star": jury_star(), "score": 800}
    path = f"/ratings/cycles/{w.evaluated()}/scores"
    return Write("reviewer", path, {"marks": [mark]}, other={"marks": [{**mark, "score": 600}]})


@case("/ratings/cycles/{cycle_id}/decisions")
def _(w: World) -> Write:
    body = {"household_id": str(w.village.households["H005"].id), "star": jury_star(), "awarded": False,
            "reason": "村民代表会议意见"}
    path = f"/ratings/cycles/{w.evaluated()}/decisions"
    return Write("committee", path, body, other={**body, "awarded": True})


@case("/ratings/cycles/{cycle_id}/confirm")
def _(w: World) -> Write:
    return Write("committee", f"/ratings/cycles/{w.settled()}/confirm", by_nature=True)


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


@case("/shops/{code}/opening-counts")
def _(w: World) -> Write:
    body = {"lines": [{"sku": "P01", "pieces": 5}]}
    other = {"lines": [{"sku": "P01", "pieces": 6}]}
    return Write("storekeeper", f"/shops/{w.place}/opening-counts", body, other=other)


@case("/shops/{code}/opening-counts/{sheet_id}/confirmation")
def _(w: World) -> Write:
    path = f"/shops/{w.place}/opening-counts/{w.counted()}/confirmation"
    return Write("committee", path, {"counted": [5]}, by_nature=True)


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


@case("/benefits")
def _(w: World) -> Write:
    body = {"place": w.place, "code": "B09", "kind": "quota", "title_zh": "额度上浮", "title_en": "More",
            "body": {"month_points": 1000}, "rule": "stars >= 9", "effective_on": str(w.today), "adopted_by": "纪要"}
    return Write("admin", "/benefits", body, other={**body, "body": {"month_points": 2000}})


def a_result(w: World, **more: Any) -> dict[str, Any]:
    return {"place": w.place, "kind": "family", "level": "county", "title": "县文明家庭", "decided_by": "县文明办",
            "decided_on": str(w.today), "document_no": "文〔2026〕3号", "household": "H005", **more}


@case("/reviews")
def _(w: World) -> Write:
    return Write("committee", "/reviews", a_result(w), other=a_result(w, document_no="文〔2026〕4号"))


@case("/reviews/{result_id}/withdrawal")
def _(w: World) -> Write:
    path = f"/reviews/{w.by('committee').done('/reviews', a_result(w))['id']}/withdrawal"
    body = {"withdrawn_on": str(w.today), "document_no": "文〔2026〕9号"}
    return Write("committee", path, body, other={**body, "document_no": "文〔2026〕10号"})


@case("/packs")
def _(w: World) -> Write:
    body = {"place": w.place, "kind": "unit", "start": str(w.today.replace(day=1)), "end": str(w.today)}
    return Write("committee", "/packs", body, other={**body, "kind": "village"})
